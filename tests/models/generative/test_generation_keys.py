"""What a checkpoint's own generation settings do. The authority is transformers itself."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ModelError
from harness.models.generative.generation_keys import DECISIONS
from harness.models.model import Model
from harness.records import Query, Task
from harness.suite.suite import read_suite

Make = Callable[[str], Model]
Load = Callable[..., Model]
Tiny = Callable[..., Path]

KINDS: dict[str, tuple[str, Task]] = {
    "causal": ("llama", "answer"),
    "seq2seq": ("bart", "summarize"),
}


@pytest.fixture
def load(make_model: Make, tiny_folder: Tiny, tmp_path: Path) -> Load:
    """Load a tiny model of a kind with some generation settings beside its own."""

    def make(kind: str, number: int = 0, **settings: Any) -> Model:
        folder = tmp_path / f"{kind}-{number}"
        shutil.copytree(tiny_folder(KINDS[kind][0]), folder)
        path = folder / "generation_config.json"
        stated = json.loads(path.read_text()) | {"max_length": 30} | settings
        path.write_text(json.dumps(stated))
        model = make_model(f'kind = "{kind}"\nweights = {{ folder = "{folder}" }}')
        model.load()
        return model

    return make


def _queries(kind: str) -> list[Query]:
    return [example.query for example in read_suite().examples(KINDS[kind][1])[:3]]


def test_every_key_of_the_installed_transformers_has_a_decision() -> None:
    from transformers import GenerationConfig

    assert set(DECISIONS) == set(vars(GenerationConfig()))


OVERRIDDEN = [
    {"use_cache": False},
    {"return_dict_in_generate": True, "output_scores": True, "output_logits": True},
    {"output_attentions": True, "output_hidden_states": True, "return_dict_in_generate": True},
    {"cache_implementation": "static"},
    {"prompt_lookup_num_tokens": 3},
    {"max_time": 1e-9},
    {"do_sample": True, "temperature": 9.0, "top_k": 2, "top_p": 0.5, "min_p": 0.1},
    {"diversity_penalty": 0.0, "num_beam_groups": 1},
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("settings", OVERRIDDEN, ids=lambda settings: next(iter(settings)))
def test_a_setting_that_is_overridden_changes_no_text(
    load: Load, kind: str, settings: dict[str, Any]
) -> None:
    queries = _queries(kind)
    plain = load(kind).predict(queries)
    assert len({prediction.raw for prediction in plain}) > 1
    assert load(kind, 1, **settings).predict(queries) == plain
    assert {prediction.error for prediction in plain} == {None}


@pytest.mark.parametrize("kind", KINDS)
def test_each_article_has_the_best_of_its_own_beams(
    load: Load, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = _queries(kind)
    plain = load(kind, num_beams=4).predict(queries)
    assert not capsys.readouterr().err
    assert load(kind, 1, num_beams=4, num_return_sequences=3).predict(queries) == plain
    assert "num_return_sequences = 3 is not heeded: each article" in capsys.readouterr().err


OTHER_DECODING = [
    {"num_beam_groups": 2, "num_beams": 4, "diversity_penalty": 0.5},
    {"penalty_alpha": 0.6, "num_beams": 1, "top_k": 4},
    {"dola_layers": "low", "num_beams": 1},
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("settings", OTHER_DECODING, ids=lambda settings: next(iter(settings)))
def test_another_way_of_decoding_is_greedy_or_beam_search_and_said(
    load: Load, kind: str, settings: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    queries = _queries(kind)
    plain = load(kind, num_beams=settings["num_beams"]).predict(queries)
    capsys.readouterr()
    assert load(kind, 1, **settings).predict(queries) == plain
    (key, value), *_ = settings.items()
    assert f"{key} = {value!r} is not heeded: texts are decoded by" in capsys.readouterr().err


REFUSED = [
    {"guidance_scale": 1.5},
    {"force_words_ids": [[5]], "num_beams": 4},
    {"token_healing": True},
    {"watermarking_config": {"bias": 2.5}},
    {"constraints": ["Ann"]},
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("settings", REFUSED, ids=lambda settings: next(iter(settings)))
def test_what_makes_other_texts_is_refused_by_name(
    load: Load, kind: str, settings: dict[str, Any]
) -> None:
    key = next(iter(settings))
    with pytest.raises(ModelError, match=rf"ask for {key} = .+; remove {key} from the checkpoint"):
        load(kind, **settings)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stop_string_ends_a_text_as_transformers_ends_it(load: Load, kind: str) -> None:
    """One text ends at the first of its stop strings, and those that share its batch go on."""
    queries = _queries(kind)
    plain = [prediction.raw for prediction in load(kind).predict(queries)]
    stop = plain[0][len(plain[0]) // 2]
    said = [prediction.raw for prediction in load(kind, 1, stop_strings=[stop]).predict(queries)]
    for without, with_it in zip(plain, said, strict=True):
        assert without.startswith(with_it)
        if stop in without:
            assert stop in with_it
            assert len(with_it) < len(without)
        else:
            assert with_it == without


@pytest.mark.parametrize("ends", [0, [0, 1], None])
def test_an_end_of_the_tokenizer_that_ends_nothing_is_told_of(
    load: Load, capsys: pytest.CaptureFixture[str], ends: Any
) -> None:
    """The tiny tokenizer ends a text with its token 2, as the chat template ends a turn."""
    load("causal", eos_token_id=[0, 2])
    assert "replies may go on" not in capsys.readouterr().err
    load("causal", 1, eos_token_id=ends)
    assert "replies may go on behind it; add 2 to eos_token_id" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "told"),
    [("", True), ('prefix = "summarize: "', False), ('prefix = ""', False)],
)
def test_a_prefix_that_the_checkpoint_names_is_told_of_where_the_roster_names_none(
    make_model: Make,
    tiny_folder: Tiny,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    key: str,
    told: bool,
) -> None:
    """As the config.json of t5-small has it, which transformers' old pipeline read."""
    folder = tmp_path / "t5"
    shutil.copytree(tiny_folder("t5"), folder)
    path = folder / "config.json"
    more = {"task_specific_params": {"summarization": {"prefix": "summarize: ", "num_beams": 4}}}
    path.write_text(json.dumps(json.loads(path.read_text()) | more))
    make_model(f'kind = "seq2seq"\nweights = {{ folder = "{folder}" }}\n{key}').load()
    assert ('add prefix = "summarize: " (' in capsys.readouterr().err) == told


@pytest.mark.parametrize(
    ("content", "message"),
    [("[]", "cannot be loaded: "), ('{"num_beams": "4"}', "have num_beams = '4', a text; write")],
)
def test_settings_of_another_type_are_told_in_a_line(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path, content: str, message: str
) -> None:
    folder = tmp_path / "bart"
    shutil.copytree(tiny_folder("bart"), folder)
    (folder / "generation_config.json").write_text(content)
    model = make_model(f'kind = "seq2seq"\nweights = {{ folder = "{folder}" }}')
    with pytest.raises(ModelError, match=f"bart: .*{message}"):
        model.load()
