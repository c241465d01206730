"""`harness agreement`: what it prints, and what it says of bad input."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from harness.cli import main
from harness.metrics.agreement.correlation_text import number, with_interval
from harness.metrics.summary import FROM_THE_ARTICLE
from harness.stats import Interval
from tests.agreement.made import write

REFERENCE = ["Ann and Bob met in Rome and signed a pact."]


def _line(a: int, s: int, score: float | None, **more: object) -> dict[str, object]:
    words = "Ann and Bob met in Rome and signed a pact".split()
    return {
        "article_id": f"a{a}",
        "system": f"s{s}",
        "summary": " ".join(words[: 2 * s + a]),
        "references": REFERENCE,
        "scores": {"good": score},
        **more,
    }


LINES = [_line(a, s, s + (a * s) % 3) for a in range(3) for s in range(4)]


def _printed(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main(["agreement", *map(str, arguments), "-q"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_json_has_all_facts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write(tmp_path / "mine.jsonl", LINES)
    content = json.loads(_printed(capsys, data, "--json", "--measures", "rouge1,words"))
    assert [*content] == ["draws", "seed", "sets", "short", "short_both"]
    (found,) = content["sets"]
    assert (found["texts"], found["articles"], len(found["systems"])) == (12, 3, 4)
    assert [measure["measure"] for measure in found["measures"]] == ["rouge1", "words"]
    rouge1, words = found["summaries"]
    assert words["article"]["groups"] == 3
    assert words["level"] == "article"
    assert {*words["pooled"]["spearman"]} == {"value", "articles", "both"}
    assert found["comparisons"][0]["a"] == "rouge1"
    value = words["article"]["level"]["spearman"]["value"]
    assert content["short"]["words"]["good"].startswith(f"{number(value)} [")
    assert content["short"]["words"]["good"].endswith("] on mine")
    assert rouge1["aspect"] == "good"
    both = rouge1["article"]["level"]["spearman"]["both"]
    ends = f"[{number(both[0])}, {number(both[1])}] on mine"
    assert content["short_both"]["rouge1"]["good"].endswith(ends)


def test_the_same_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write(tmp_path / "mine.jsonl", LINES)
    assert _printed(capsys, data, "--json") == _printed(capsys, data, "--json")


def test_csv_has_a_line_a_figure_of_either_task(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    summaries = write(tmp_path / "mine.jsonl", LINES)
    answer = {"question_id": "q", "references": ["Ann"], "system": "s"}
    answers = write(
        tmp_path / "said.jsonl",
        [answer | {"answer": text, "scores": {"right": right}} for text, right in (("Ann", 1), ("Bob", 0))],
    )  # fmt: skip
    text = _printed(capsys, summaries, answers, "--format", "csv", "--measures", "f1,words")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert [(line["set"], line["task"], line["measure"]) for line in lines] == [
        ("mine", "summarize", "words"), ("said", "answer", "f1"),
    ]  # fmt: skip
    assert (lines[1]["accuracy"], lines[1]["auc"], lines[1]["always"]) == ("1.0", "1.0", "0.5")
    assert lines[0]["accuracy"] == ""


def test_what_is_in_no_figure_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        _line(a, s, s, scores={"good": s, "flat": 3, "none": None}, system=None if s == 3 else f"s{s}")
        for a in range(3)
        for s in range(4)
    ]  # fmt: skip
    lines += [_line(0, 9, 1, summary=REFERENCE[0], system="gold")]
    text = " ".join(_printed(capsys, write(tmp_path / "mine.jsonl", lines)).split())
    assert "mine: all 12 scores of flat are the same; no measure can agree with them" in text
    assert "mine: no summaries have a score of none" in text
    assert "mine: of 3 of 13 summaries the system is not known" in text
    assert "mine: gold: the texts are references themselves" in text
    by_article = ", ".join(("source_precision", *FROM_THE_ARTICLE))
    assert f"no figure of {by_article}: needs articles, and there are none" in text
    assert "mine: 3 articles are few: the bootstrap's intervals are too short" in text
    assert "mine, flat" not in text


def test_each_source_has_a_table_and_is_not_pooled_with_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line | {"source": "x" if line["article_id"] == "a0" else "y"} for line in LINES]
    data = write(tmp_path / "mine.jsonl", lines)
    text = _printed(capsys, data, "--measures", "words", "--format", "markdown")
    together, of_x, of_y = text.split("mine, good, ")[1:]
    assert together.startswith("all sources together: 12 summaries")
    assert of_x.startswith("x: 4 summaries")
    assert of_y.startswith("y: 8 summaries")
    pooled = []
    for part in (together, of_x, of_y):
        header, _, row = (
            [cell.strip() for cell in line.split("|")] for line in part.splitlines() if "|" in line
        )
        pooled.append(row[header.index("pooled")])
    assert pooled[0] == "-"
    assert "-" not in pooled[1:]


def test_the_page_has_the_fields_of_the_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "agreement.md").read_text(encoding="utf-8")
    table = page[page.index("| field | of | is |") : page.index("## Public judgments")]
    answer = {"question_id": "q", "references": ["Ann"], "system": "s"}
    answers = [
        answer | {"answer": text, "scores": {"right": text == "Ann"}} for text in ("Ann", "Bob")
    ]
    data = write(tmp_path / "mine.jsonl", LINES), write(tmp_path / "said.jsonl", answers)
    content = json.loads(_printed(capsys, *data, "--json", "--measures", "rouge1,words,f1"))
    summaries, said = content["sets"]
    places = {
        "": content, "a set": summaries | {"answers": said["answers"]},
        "a figure": summaries["summaries"][0],
    }  # fmt: skip
    named: dict[str, set[str]] = {place: set() for place in places}
    for fields, of in re.findall(r"^\| (`[^|]+) \| ([^|]*)\|", table, re.MULTILINE):
        for name in re.findall("`([^`]+)`", fields):
            named[of.strip()].add(name.partition(".")[0])
            inner = places[of.strip()]
            for part in name.split("."):
                inner = (inner if part in inner else places["a figure"]["article"])[part]
    assert named[""] == {*content}
    assert {*places["a figure"]} - {"measure", "aspect", "source", "n"} <= named["a figure"]


def test_a_half_is_every_second_article(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write(tmp_path / "mine.jsonl", LINES)
    texts = [
        json.loads(_printed(capsys, data, "--json", "--measures", "words", "--half", half))["sets"][0]["texts"]
        for half in ("odd", "even")
    ]  # fmt: skip
    assert texts == [8, 4]  # of three articles the first and the third, and the second


def test_less_is_better_where_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write(tmp_path / "mine.jsonl", LINES)
    as_it_is, turned = (
        json.loads(_printed(capsys, data, "--json", "--measures", "words", *more))["sets"][0]
        for more in ([], ["--lower-is-better", "good"])
    )
    values = [s["summaries"][0]["article"]["level"]["kendall"]["value"] for s in (as_it_is, turned)]
    assert values[0] == -values[1] != 0
    assert turned["aspects"][0]["direction"] == "lower"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.jsonl"], "none.jsonl: there is no such file; name JSON lines of judgments"),
        (["mine.jsonl", "--measures", "rogue1"], "--measures: there is no measure 'rogue1'; did you mean rouge1"),
        (["mine.jsonl", "--measures", "exact_match"], "--measures: none of them is for what was judged here"),
        (["mine.jsonl", "--aspects", "god"], "--aspects: no data have 'god'; did you mean good?"),
        (["bare.jsonl"], "bare.jsonl: no line has a score; name one with --column scores=NAME"),
        (["mine.jsonl", "--task", "answer"], "mine.jsonl: no column for answer; question_id or question; there are article_id"),
        (["mine.jsonl", "--column", "summary=text"], "no column for summary"),
        (["mine.jsonl", "--threshold", "high"], "argument --threshold: must be a number, not 'high'"),
        (["mine.jsonl", "--threshold", "nan"], "argument --threshold: must be a number, not 'nan'"),
        (["mine.jsonl", "--language", "klingon"], "the language 'klingon' is no code"),
        (["mine.jsonl", "--measure", "f1"], "unknown '--measure'; did you mean --measures?"),
        ([], "the following arguments are required: DATA"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "mine.jsonl", LINES)
    write(tmp_path / "bare.jsonl", [LINES[0] | {"scores": {}}])
    assert main(["agreement", *arguments, "-q"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1


def test_short_forms_name_set_and_source_and_say_what_is_pooled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two sets: one of two sources, one whose articles have one summary each."""
    lines = [line | {"source": "x" if line["article_id"] == "a0" else "y"} for line in LINES]
    mixed = write(tmp_path / "mixed.jsonl", lines)
    alone = [line | {"article_id": f"a{place}"} for place, line in enumerate(LINES)]
    single = write(tmp_path / "single.jsonl", alone)
    content = json.loads(_printed(capsys, mixed, single, "--json", "--measures", "words"))
    parts = content["short"]["words"]["good"].split("; ")
    assert [part.split("on ")[1] for part in parts] == ["mixed (x)", "mixed (y)", "single (pooled)"]


def test_a_figure_in_a_few_words() -> None:
    assert with_interval(0.417, Interval(0.384, 0.46, "percentile")) == ".42 [.38, .46]"
    assert with_interval(-0.004, Interval(-1.0, 0.05, "percentile")) == ".00 [-1.00, .05]"
    assert with_interval(0.417, None) == ".42"
    assert with_interval(None, None) == "-"
