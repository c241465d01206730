import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.models.extractive.embedding_lexrank import EmbeddingLexRank
from harness.models.model import Model
from harness.models.roster.roster import read_rosters
from harness.records import Query
from harness.suite.suite import read_suite
from harness.text import sentences

SUMMARIES = [example.query for example in read_suite().examples("summarize")]


@pytest.fixture(scope="module")
def minilm() -> EmbeddingLexRank:
    entry = read_rosters()["minilm-lexrank"]
    assert isinstance(entry.model, EmbeddingLexRank)
    entry.model.load()
    return entry.model


def _cosine(minilm: EmbeddingLexRank, one: str, other: str) -> float:
    vectors, _, _ = minilm._embed(sentences(f"{one}\n{other}"))
    a, b = vectors
    return float(a @ b / math.sqrt((a @ a) * (b @ b)))


def test_embeddings_are_those_of_the_model_card(minilm: EmbeddingLexRank) -> None:
    """The similarities that the sentence-transformers documentation prints for this model.

    Its quickstart encodes these three sentences with all-MiniLM-L6-v2 and shows 0.6660,
    0.1046 and 0.1411.
    """
    weather = "The weather is lovely today."
    sunny = "It's so sunny outside!"
    stadium = "He drove to the stadium."
    assert _cosine(minilm, weather, sunny) == pytest.approx(0.6660, abs=1e-4)
    assert _cosine(minilm, weather, stadium) == pytest.approx(0.1046, abs=1e-4)
    assert _cosine(minilm, sunny, stadium) == pytest.approx(0.1411, abs=1e-4)


def test_summaries_are_sentences_of_the_article_in_order(minilm: EmbeddingLexRank) -> None:
    for query, prediction in zip(SUMMARIES, minilm.predict(SUMMARIES), strict=True):
        lines = prediction.text.split("\n")
        places = [query.context.index(line) for line in lines]
        assert len(lines) == 3
        assert places == sorted(places)
        assert prediction.source_tokens == prediction.kept_tokens


def test_a_long_sentence_is_cut_and_that_is_recorded(
    make_model: Callable[[str], Model], tiny_folder: Callable[..., Path]
) -> None:
    folder = tiny_folder("bert")
    model = make_model(
        f'kind = "embedding-lexrank"\nweights = {{ folder = "{folder}" }}\nmax_tokens = 16'
    )
    model.load()
    (prediction,) = model.predict([Query("summarize", "Ann met Bob. " + "and so on " * 40)])
    assert prediction.truncated
    assert model.predict([Query("summarize", "")])[0].text == ""


@pytest.mark.parametrize(("mean", "told"), [(True, False), (False, True)])
def test_another_embedding_than_the_mean_is_told_of(
    make_model: Callable[[str], Model],
    tiny_folder: Callable[..., Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    mean: bool,
    told: bool,
) -> None:
    """As sentence-transformers keeps it: BGE and its kin take the first token's."""
    folder = tmp_path / "encoder"
    shutil.copytree(tiny_folder("bert"), folder)
    (folder / "1_Pooling").mkdir()
    stated = {"pooling_mode_cls_token": not mean, "pooling_mode_mean_tokens": mean}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(stated))
    make_model(f'kind = "embedding-lexrank"\nweights = {{ folder = "{folder}" }}').load()
    assert ("asks for another embedding than the mean" in capsys.readouterr().err) == told
