"""The notebook of the pages runs, cell by cell, and each result can be shown."""

import ast
import json
import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

NOTEBOOK = ROOT / "docs" / "example.ipynb"


def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("vl_convert")
    monkeypatch.chdir(tmp_path)
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    namespace: dict[str, object] = {"__name__": "notebook"}
    shown: list[object] = []
    for number, cell in enumerate(cells):
        assert not cell.get("outputs"), "the notebook is kept without what it printed"
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"cell {number}", "exec"), namespace)  # noqa: S102
        if isinstance(last, ast.Expr):
            code = compile(ast.Expression(last.value), f"cell {number}", "eval")
            shown.append(eval(code, namespace))  # noqa: S307
    table = getattr(shown[1], "_repr_markdown_")()  # noqa: B009
    header, _, *rows = [line for line in table.splitlines() if line.startswith("| ")]
    assert "| first\\_sentence" in rows[0]
    assert "brevity" in header  # the measure of one's own stays where others have no room
    assert max(map(len, (header, *rows))) <= 130
    assert re.search(r"85\.4\N{NO-BREAK SPACE}\[58\.9,\N{NO-BREAK SPACE}100\.0\]", rows[0])
    assert getattr(shown[-1], "_repr_html_")().startswith("<iframe")  # noqa: B009
