"""The page of a history: what it draws and says is what the runs' leaderboards say."""

import json
import os
import re
from html import unescape
from pathlib import Path

import pytest

from harness.cli import main
from harness.eval.evaluate import evaluate
from harness.metrics.options import MetricOptions
from tests import own, small_runs

pytest.importorskip("jinja2")
pytest.importorskip("vl_convert")
LENGTHS = (3, 5, 9, 9)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four runs of a model whose option changes, of which the last is scored by another rule."""
    folder = tmp_path_factory.mktemp("history")
    made = []
    for day, words in enumerate(LENGTHS, start=1):
        run = folder / f"run <{day}>"
        roster = own.roster(folder, more=f"options = {{ words = {words} }}\n")
        options = MetricOptions(stemmer=False) if day == 4 else MetricOptions()
        evaluate("demo", [roster], tasks=("summarize",), out=run, options=options)
        os.utime(run / "leaderboard.json", (1_700_000_000 + 86400 * day,) * 2)
        made.append(run)
    return made


def _layers(figure: str, name: str) -> list[str]:
    """Return the marks of a layer of a plot, by Vega's class for it."""
    groups = re.findall(rf'<g class="[^"]*\b{name}_marks\b[^"]*"[^>]*>(.*?)</g>', figure, re.DOTALL)
    return re.findall(r"<(?:path|line)\b[^>]*>", "".join(groups))


def test_the_page_draws_each_row_and_says_what_changed(
    runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "new" / "history.html"
    capsys.readouterr()
    assert main(["history", *map(str, reversed(runs)), "--page", str(page)]) == 0
    assert f"Page: {page}" in capsys.readouterr().out
    html = page.read_text(encoding="utf-8")
    figures = re.findall(r"<figure>.*?</figure>", html, re.DOTALL)
    names = [re.sub(r"\s*<.*", "", f.split("<figcaption>")[1].split("\n")[0]) for f in figures]
    assert names[0] == "mine"  # models stand before floors
    assert set(names) >= {"mine", "lead-3"}
    plot = figures[0]
    assert len(_layers(plot, "model")) == len(runs)
    assert len(_layers(plot, "changed")) == 2  # 3 words, then 5, then 9
    assert len(_layers(plot, "apart")) == 1  # without the stemmer
    assert len(_layers(plot, "course")) == 2  # three runs that are joined, and the last
    rows = re.findall(r"<tr>.*?</tr>", html.split("<tbody>")[1], re.DOTALL)
    for run, row in zip(runs, rows, strict=False):
        board = json.loads((run / "leaderboard.json").read_text("utf-8"))
        number = small_runs.row(board, "mine", "summarize")["metrics"]["rougeLsum"]
        ends = f"{100 * number['interval']['low']:.1f}, {100 * number['interval']['high']:.1f}"
        assert f"{100 * number['mean']:.1f} [{ends}]" in row
    assert "options.words 3 -&gt; 5" in rows[1]
    assert "Not comparable" in rows[3]
    assert "signature of rougeLsum" in rows[3]
    assert "signature of rouge1" not in html
    assert "run &lt;1&gt;" in html


def test_the_page_needs_nobody(runs: list[Path], tmp_path: Path) -> None:
    """No script, and nothing from elsewhere: its policy allows its own styles alone."""
    page = tmp_path / "history.html"
    assert main(["history", str(runs[0]), "--page", str(page), "-q"]) == 0
    html = page.read_text(encoding="utf-8")
    assert "default-src 'none'" in unescape(html)
    assert "<script" not in html
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', html) == []


def test_another_file_is_not_replaced(
    runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    foreign = tmp_path / "mine.html"
    foreign.write_text("<!doctype html><p>mine", encoding="utf-8")
    assert main(["history", str(runs[0]), "--page", str(foreign)]) == 2
    assert "is there already and is no page of a history" in capsys.readouterr().err
    assert foreign.read_text(encoding="utf-8") == "<!doctype html><p>mine"
    report = tmp_path / "report.html"
    assert main(["report", str(runs[0]), "--out", str(report), "-q"]) == 0
    assert main(["history", str(runs[0]), "--page", str(report)]) == 2
    again = tmp_path / "history.html"
    for _ in range(2):
        assert main(["history", str(runs[0]), "--page", str(again), "-q"]) == 0
