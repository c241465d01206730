"""A prompt's worked examples must not hold what a model is scored on."""

from pathlib import Path

import pytest

from harness.errors import DataError
from harness.eval.evaluate import evaluate
from harness.files import shipped_path
from harness.prompting.fewshot import refuse_contaminated_shots
from harness.prompting.prompts import Prompt, Shot, read_prompt
from harness.suite.suite import read_suite

SUITE = read_suite()
ARTICLE = SUITE.articles["ians-tokyo-visit"].text
SENTENCE = "Emphasising that the bilateral relationship between Japan and the United States"
OWN = "The ferry to Borkum was late on Friday because of fog, the port said."


def _prompt(shot: Shot) -> Prompt:
    return Prompt("mine", 1, "answer", "", "{article}", 9, few_shot=(Shot("Fog.", "Fog."), shot))


@pytest.mark.parametrize(
    "shot",
    [
        Shot(OWN, "A late ferry"),
        Shot(OWN, "Friday", "When was the ferry late?"),
        Shot("Ann met Bob.", "Tokyo", "Where?"),  # an answer may be one of the suite's too
    ],
)
def test_ones_own_examples_are_welcome(shot: Shot) -> None:
    refuse_contaminated_shots([_prompt(shot)], SUITE)


@pytest.mark.parametrize(
    ("shot", "message"),
    [
        (Shot(ARTICLE, "A visit"), "article: is in the suite, in the article ians-tokyo-visit"),
        (
            Shot(f"{OWN} {ARTICLE[ARTICLE.index(SENTENCE) :]}", "A visit"),
            "article: is in the suite, in the article ians-tokyo-visit",
        ),
        (Shot(ARTICLE.upper().replace(",", ""), "A visit"), "article: is in the suite, in the"),
        (
            Shot(OWN, SUITE.goldens["ians-tokyo-visit"].references[0]),
            "reply: is in the suite, in a reference of ians-tokyo-visit",
        ),
        (
            Shot(OWN, "Fog", SUITE.goldens["ians-tokyo-visit"].questions[0].text.upper()),
            "question: is in the suite, in the question ians-tokyo-visit/",
        ),
    ],
)
def test_the_suites_own_texts_are_refused(shot: Shot, message: str) -> None:
    with pytest.raises(DataError) as caught:
        refuse_contaminated_shots([_prompt(shot)], SUITE)
    assert f"the prompt 'mine': few_shot[1].{message}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_shipped_prompts_give_nothing_away() -> None:
    refuse_contaminated_shots(map(read_prompt, shipped_path("prompts").glob("*.toml")), SUITE)


def test_a_run_is_refused_before_any_model(suite_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "leak.toml").write_text(
        'name = "leak"\nversion = 1\ntask = "answer"\nmax_new_tokens = 9\n'
        'user = "{article} {question}"\n'
        '[[few_shot]]\narticle = "Fog."\nquestion = "Who met Bob?"\nreply = "Ann"\n',
        encoding="utf-8",
    )
    roster = tmp_path / "roster.toml"
    roster.write_text(
        '[m]\nkind = "causal"\nprompts = { answer = "leak" }\nweights = { folder = "gone" }\n',
        encoding="utf-8",
    )
    with pytest.raises(DataError, match=r"few_shot\[0\].question: is in the suite"):
        evaluate(suite_folder, [roster], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
