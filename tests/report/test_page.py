"""The page as a file: what `harness report` writes, without a browser."""

import base64
import hashlib
import json
import re
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harness.cli import main
from harness.report.content.page import Page
from harness.report.rendering.headline import headline
from harness.report.write import write_report
from tests import small_runs

pytest.importorskip("vl_convert", reason="the extra `report` is not installed")

FROZEN = Path(__file__).parents[1] / "frozen"


class Parts(HTMLParser):
    """The attributes of every element, and the content of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.content: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] in ("script", "style") and data.strip():
            self.content.append((*self.elements[-1], data))


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("shipped") / "run"
    shutil.copytree(FROZEN, folder)
    assert main(["report", str(folder)]) == 0
    assert sorted(one.name for one in folder.iterdir()) == [
        "judgments.jsonl", "leaderboard.json", "predictions.jsonl", "report.html",
    ]  # fmt: skip
    return (folder / "report.html").read_text(encoding="utf-8")


def test_the_page_of_the_shipped_suite_is_small_and_whole(shipped: str) -> None:
    assert len(shipped.encode()) < 3_000_000
    parts = Parts(shipped)
    data = {attributes["id"]: text for tag, attributes, text in parts.content if "id" in attributes}
    page = Page.model_validate_json(data["page"])
    board = json.loads((FROZEN / "leaderboard.json").read_text(encoding="utf-8"))
    assert sum(len(group.rows) for group in page.groups) == len(board["rows"])
    assert page.chunk_files == ()
    chunks = [json.loads(text) for name, text in data.items() if str(name).startswith("chunk-")]
    assert sum(len(one["examples"]) for one in chunks) == 5 + 1 + 131 + 30


def test_the_policy_has_the_hash_of_every_script_and_style_and_nothing_else(shipped: str) -> None:
    """Content Security Policy Level 3, section 2.3.1: 'sha256-' and the Base64 of the content's hash."""
    parts = Parts(shipped)
    (policy,) = [
        one["content"] for tag, one in parts.elements if tag == "meta" and "http-equiv" in one
    ]
    assert policy
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        hashes = [
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
            for name, attributes, text in parts.content
            if name == tag and attributes.get("type") is None
        ]
        assert directives[directive].split() == hashes
    assert directives["default-src"] == "'none'"


def test_nothing_on_the_page_comes_from_or_leads_elsewhere(shipped: str) -> None:
    for tag, attributes in Parts(shipped).elements:
        for name in ("src", "href", "action", "xlink:href", "style"):
            assert attributes.get(name, "#").startswith("#"), (tag, attributes)  # type: ignore[union-attr]
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)


def test_the_same_run_gives_the_same_page(tmp_path: Path, shipped: str) -> None:
    shutil.copytree(FROZEN, tmp_path / "run")
    again = _drawn(write_report(tmp_path / "run").read_text(encoding="utf-8"))
    name = re.search(r"Run <code>(.*)</code>", shipped)
    assert name
    assert again == _drawn(shipped).replace(name[1], str(tmp_path / "run"))


def _drawn(page: str) -> str:
    """Return a page without its last line, which says what it is made from."""
    return page[: page.rindex("<!-- made from ")]


def test_two_runs_are_held_against_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = small_runs.suite(tmp_path / "suite", articles=3, questions=2)
    base = small_runs.run(suite, tmp_path / "base")
    wrong = small_runs.replacing_texts(
        suite, "best-sentence", "answer", lambda line: "nothing of it"
    )
    head = small_runs.changed_copy(base, tmp_path / "head", wrong)
    capsys.readouterr()
    out = tmp_path / "two.html"
    command = [
        "report",
        str(head),
        "--baseline",
        str(base),
        "--out",
        str(out),
    ]
    assert main(command) == 0
    assert capsys.readouterr().out == f"{out}\n"
    text = out.read_text(encoding="utf-8")
    losses = text[text.index("Largest losses") :]
    links = re.findall(r'href="#answer/([^"]+)"', losses)
    assert sorted(links) == sorted(f"{article}/q{one}" for article in "abc" for one in range(2))


def test_eval_writes_the_report_and_names_it(
    tmp_path: Path, suite_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results"
    assert (
        main(["eval", "--suite", str(suite_folder), "--models", "lead-3", "--out", str(out)]) == 0
    )
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"Report: {out / 'report.html'}"
    assert "lead-3" in (out / "report.html").read_text(encoding="utf-8")


def test_a_report_that_cannot_be_written_loses_no_run(
    tmp_path: Path, suite_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results"
    (out / "report.html").mkdir(parents=True)
    command = ["eval", "--suite", str(suite_folder), "--models", "lead-3", "--out", str(out)]
    assert main(command) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == f"Leaderboard: {out / 'leaderboard.json'}"
    assert said.err.splitlines()[-1].startswith("harness: no report was written: ")


def test_a_missing_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "harness.report.rendering.page_html", None)
    assert main(["report", str(FROZEN), "--out", str(tmp_path / "x.html")]) == 2
    assert "for the report: jinja2, vl-convert-python; run: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["report", "nowhere"], "nowhere: no run: leaderboard.json is missing"),
        (["report", "a", "--compare", "b"], "name the run that came before with --baseline BASE"),
        (["view", "nowhere"], "nowhere: no run: leaderboard.json is missing"),
        (["view", "--port", "0"], "must be a port from 1 to 65535, not '0'"),
    ],
)
def test_a_wrong_command_is_told(
    command: list[str], message: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(command) == 2
    assert message in capsys.readouterr().err


def test_a_glance_says_who_leads_and_whom_it_beats() -> None:
    """Two models and a floor in the recorded board, with `beats` as the statistics would fill it."""
    from harness.leaderboard.run_folder import read_run
    from harness.report.building.build import build_report
    from harness.suite.suite import read_suite

    group = build_report(read_run(FROZEN), read_suite(None)).page.groups[0]

    def beating(*places: int) -> str:
        rows = [
            one.model_copy(update={"beats": places if one.model == "lead-3" else ()})
            for one in group.rows
        ]
        return headline(group.model_copy(update={"rows": tuple(rows)}))

    lead = "lead-3 (a floor) scores highest, 44.1"
    models = (
        "Of the models, minilm-lexrank scores highest, 36.9, but this suite tells it apart from "
        "none of the others: smollm2-135m."
    )
    assert beating(3, 4, 6, 7) == f"{lead}, and beats all 4 others. {models}"
    assert beating(3, 4, 6) == (
        f"{lead}, and beats 3 of 4; not told apart: random-3 (a floor). {models}"
    )
    assert beating() == (
        f"{lead}, but this suite tells it apart from none of the others: lexrank (a floor), "
        f"minilm-lexrank, smollm2-135m and random-3 (a floor)."
    )
    answers = build_report(read_run(FROZEN), read_suite(None)).page.groups[2]
    assert headline(answers).startswith("minilm-qa scores highest, 77.9")
    assert "Of the models" not in headline(answers)
    told = group.model_copy(update={"disagreements": ("rougeLsum and support disagree.",)})
    assert headline(told).endswith("and random-3 (a floor). rougeLsum and support disagree.")
