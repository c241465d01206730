"""The figures of agreement at metrics' columns: whose they are, and that they are what is found."""

import os
from pathlib import Path

import pytest

from harness.agreement.agreement import Request, SetAgreement, agreement
from harness.agreement.judgments.reading import read_sets
from harness.files import read_toml
from harness.metrics.agreement.figures import (
    FILE,
    NOT_ESTABLISHED,
    AgreementFigure,
    agreement_figures,
    agreement_text,
)
from harness.metrics.options import USUAL, MetricOptions, task_metrics
from harness.records import TASKS

DOCS = Path(__file__).parents[2] / "docs" / "agreement.md"
RECORDED = [
    (task, name, AgreementFigure(**figure))
    for task in TASKS
    for name, metric in read_toml(FILE)[task].items()
    for figure in metric["figures"]
]


@pytest.mark.parametrize("name", ["rougeLsum", "support", "words"])
def test_a_figure_is_of_english_texts_and_these_options_alone(name: str) -> None:
    signature = task_metrics("summarize", USUAL).signatures[name]
    assert agreement_figures("summarize", signature)
    assert agreement_figures("summarize", signature, "en-GB")
    assert not agreement_figures("summarize", signature, "de")
    assert not agreement_figures("answer", signature)
    assert not agreement_figures("summarize", f"{signature}|more")


def test_other_options_have_no_figure() -> None:
    signatures = task_metrics("summarize", MetricOptions(stemmer=False)).signatures
    assert not agreement_figures("summarize", signatures["rouge1"])
    assert agreement_figures("summarize", signatures["unsupported"])  # no stems are in it


def test_versions_of_packages_move_no_figure() -> None:
    signature: str = read_toml(FILE)["summarize"]["chrf"]["signature"]
    assert "|version:" in signature
    parts = ["version:9" if p.startswith("version:") else p for p in signature.split("|")]
    assert agreement_figures("summarize", "|".join(parts))
    assert not agreement_figures("summarize", signature.replace("nc:6", "nc:5"))


FIGURES = [
    AgreementFigure(
        aspect="consistency", set="summeval", half="even", level="article",
        statistic="spearman", value=0.4649, low=0.39, high=0.535, n=47,
    ),
    AgreementFigure(
        aspect="consistency", set="frank", source="xsum", level="article",
        statistic="spearman", value=-0.08, low=None, high=None, n=60,
    ),
    AgreementFigure(
        aspect="correct", set="qa_evouna_nq", level="answers", statistic="accuracy",
        value=0.39, low=0.38, high=0.4, n=15098, always=0.73,
    ),
    AgreementFigure(
        aspect="correct", set="qa_evouna_nq", level="systems", statistic="spearman",
        value=-0.87, low=None, high=None, n=5,
    ),
]  # fmt: skip


def test_figures_in_words() -> None:
    assert agreement_text(FIGURES) == (
        "consistency .46 [.39, .54] on summeval (even), -.08 on frank (xsum); correct "
        ".39 [.38, .40] on qa_evouna_nq (.73 by saying the same of all), order of 5 systems -.87 on "
        "qa_evouna_nq"
    )
    assert (
        agreement_text(FIGURES[:2], short=True) == "consistency .46 [.39, .54] on summeval (even)"
    )
    assert agreement_text([]) == NOT_ESTABLISHED == agreement_text(FIGURES[1:2], short=True)


@pytest.mark.parametrize("short", [True, False])
def test_what_is_told_of_a_metric_has_bad_figures_beside_good_ones(short: bool) -> None:
    signature = task_metrics("summarize", USUAL).signatures["support"]
    text = agreement_text(agreement_figures("summarize", signature), short)
    assert "consistency .46 [.39, .54] on summeval (even)" in text  # as docs/metrics.md has it
    assert "[.06, .31] on qags_xsum (pooled)" in text
    assert "relevance .10 " in text


def test_the_page_has_every_figure() -> None:
    """As a cell of the table of its set and aspect, below the metric's name."""
    cells: dict[tuple[str, str, str], str] = {}
    headers: list[str] = []
    section = DOCS.read_text(encoding="utf-8").partition("### At the columns")[2]
    for line in section.partition("\n### ")[0].splitlines():
        parts = [part.strip() for part in line.strip("|").split("|")]
        if line.startswith("| set "):
            headers = parts
        elif line.startswith("| "):
            cells |= {
                (parts[0], parts[1], header): part
                for header, part in zip(headers, parts, strict=True)
            }
    for _, name, figure in RECORDED:
        of_what = figure.aspect + (", order of systems" if figure.level == "systems" else "")
        assert cells[figure.place, of_what, name] in figure.text()
        if figure.always is not None:
            assert cells[figure.place, of_what, "the same of all"] in figure.text()


def _agreement(figure: AgreementFigure, name: str) -> SetAgreement:
    folder = os.environ.get("JUDGMENTS_FOLDER")
    if not folder:
        pytest.skip("JUDGMENTS_FOLDER names no folder with public judgments")
    (judged,) = read_sets([Path(folder) / f"{figure.set}.jsonl.gz"])
    request = Request([name], [figure.aspect], half=figure.half, draws=20)
    found = agreement(judged, request)
    assert found is not None
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "set_name"),
    [
        ("support", "qags_xsum"), ("support", "summeval"), ("rougeLsum", "summeval"),
        ("unsupported", "qags_cnndm"),
    ],
)  # fmt: skip
def test_figures_of_summaries_are_what_is_found(name: str, set_name: str) -> None:
    recorded = [f for _, n, f in RECORDED if (n, f.set) == (name, set_name)]
    assert recorded
    for figure in recorded:
        found = _agreement(figure, name)
        (own,) = [f for f in found.summaries if f.source == figure.source]
        assert own.quoted.spearman.value == pytest.approx(figure.value, abs=1e-4)
        assert (own.level, own.quoted.n) == (figure.level, figure.n)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "set_name"), [("exact_match", "qa_nq301"), ("f1", "qa_nq301")])
def test_figures_of_answers_are_what_is_found(name: str, set_name: str) -> None:
    recorded = [f for _, n, f in RECORDED if (n, f.set) == (name, set_name)]
    (own,) = _agreement(recorded[0], name).answers
    values = {f.level: f.value for f in recorded}
    assert own.accuracy is not None
    assert own.accuracy.value == pytest.approx(values["answers"], abs=1e-4)
    assert own.system.spearman.value == pytest.approx(values["systems"], abs=1e-4)
