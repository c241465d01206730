"""A model that the rosters in use do not have: where it is, or what to paste."""

import json
import tomllib
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.files import shipped_path
from harness.models.roster.roster import choose, read_rosters


@pytest.mark.parametrize(
    ("roster", "name", "message"),
    [
        (
            "models.toml",
            "facebook/bart-large-cnn",
            "the roster has no model 'facebook/bart-large-cnn'; the roster shipped:hub has it: "
            "--roster shipped:hub --models bart-large-cnn",
        ),
        (
            "models.toml",
            "bart-large-cnn",
            "the roster has no model 'bart-large-cnn'; the roster shipped:hub has it: "
            "--roster shipped:hub --models bart-large-cnn",
        ),
        (
            "models.toml",
            "google/flan-t5-base",
            "--roster shipped:hub --models flan-t5-base,flan-t5-base-prompted",
        ),
        ("models-hub.toml", "lead-3", "--roster shipped --models lead-3"),
        (
            "models-hub.toml",
            "facebook/bart-large-cnn",
            "the roster calls it bart-large-cnn: --models bart-large-cnn",
        ),
        ("models.toml", "lead3", "the roster has no model 'lead3'; did you mean lead-3"),
    ],
)
def test_it_says_where_a_model_is(roster: str, name: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        choose(read_rosters([shipped_path(roster)]), [name])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("repository", "name"), [("ann/tiny-bart", "tiny-bart"), ("ann/tiny-2.5", "tiny-2.5")]
)
def test_a_repository_that_no_roster_has_gets_four_lines_to_paste(
    repository: str, name: str
) -> None:
    with pytest.raises(UsageError) as caught:
        choose(read_rosters(), [repository])
    message, _, pasted = str(caught.value).partition("\n\n")
    assert message.endswith(
        f"pin it with `harness models --roster FILE --pin`, and give --roster FILE --models {name}:"
    )
    assert len(pasted.splitlines()) == 4
    assert tomllib.loads(pasted)[name]["weights"] == {"hub": repository, "revision": "main"}


@pytest.mark.parametrize(
    ("architecture", "kind"),
    [
        ("T5ForConditionalGeneration", "seq2seq"),
        ("LlamaForCausalLM", "causal"),
        ("BertForQuestionAnswering", "extractive"),
        ("SomethingElse", "seq2seq"),
    ],
)
def test_a_folder_gets_lines_to_paste_with_the_kind_that_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, architecture: str, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path("my models") / "epoch 3.1"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"architectures": [architecture]}), "utf-8")
    with pytest.raises(UsageError) as caught:
        choose(read_rosters(), [str(folder)])
    message, _, pasted = str(caught.value).partition("\n\n")
    assert message.endswith("put this into models.toml here, and give --models 'epoch 3.1':")
    entry = {"kind": kind, "weights": {"folder": "my models/epoch 3.1"}}
    assert tomllib.loads(pasted) == {"epoch 3.1": entry}


def test_a_folder_that_is_no_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is a folder, and no model: config\.json is missing"):
        choose(read_rosters(), [str(tmp_path)])
