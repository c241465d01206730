"""The leaderboard in formats to copy: Markdown, CSV, LaTeX. Safe where they are pasted.

Scores are means times 100 with one digit, as the tables print them; CSV has them in full, from 0
to 1.
"""

from collections.abc import Sequence

from harness.leaderboard.printing.tables import rank_text
from harness.report.content.group import BoardRow, Copies, Copy, Value
from harness.tables.cells import csv_line, markdown_cell

_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
        "_": r"\_", "%": r"\%", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
        "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
        "[": "{[}", "*": "{*}", "⟦": "{[}{[}", "⟧": "]]",  # a row's end takes [ and * as options
    }
)  # fmt: skip


def copy_formats(rows: Sequence[BoardRow]) -> Copies:
    """Return a group's leaderboard in all formats."""
    return Copies(markdown=_markdown(rows), csv=_csv(rows), latex=_latex(rows))


def latex_cell(text: str) -> str:
    r"""Return a text as LaTeX prints it.

    >>> latex_cell("a_b & 5 %")
    'a\\_b \\& 5 \\%'
    """
    return " ".join(text.split()).translate(_LATEX).replace("--", "-{}-")


def _markdown(rows: Sequence[BoardRow]) -> Copy:
    header = _header(rows)
    rule = ["---", *["---:"] * (len(header) - 1)]

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |\n"

    return Copy(
        head=line([markdown_cell(cell) for cell in header]) + line(rule),
        rows=tuple(line([markdown_cell(cell) for cell in _cells(row)]) for row in rows),
        foot="",
    )


def _latex(rows: Sequence[BoardRow]) -> Copy:
    header = _header(rows)

    def line(cells: Sequence[str]) -> str:
        return " & ".join(map(latex_cell, cells)) + r" \\" + "\n"

    begin = rf"\begin{{tabular}}{{l{'r' * (len(header) - 1)}}}" + "\n\\toprule\n"
    return Copy(
        head=f"{begin}{line(header)}\\midrule\n",
        rows=tuple(line(_cells(row)) for row in rows),
        foot="\\bottomrule\n\\end{tabular}\n",
    )


def _csv(rows: Sequence[BoardRow]) -> Copy:
    values = _values(rows[0]) if rows else []
    header = ["model", "role", "rank", "worst_rank"]
    for value in values:
        header += [value.metric, f"{value.metric}_low", f"{value.metric}_high", f"{value.metric}_n"]
    header += [
        "above_floor",
        "above_floor_low",
        "above_floor_high",
        "expected",
        "ok",
        "failed",
        "missing",
        "cut",
        "cut_share",
    ]
    header += ["unfinished", "seconds", "tokens_per_second", "weights_bytes", "licence"]
    header += [f"{value.metric}_signature" for value in values]
    return Copy(head=csv_line(header), rows=tuple(map(_csv_row, rows)), foot="")


def _csv_row(row: BoardRow) -> str:
    values = _values(row)
    cells: list[object] = [row.model, row.role, row.rank, row.worst_rank]
    for value in values:
        interval = value.interval
        cells += [value.mean, interval and interval.low, interval and interval.high, value.n]
    above = row.above_floor
    floor_interval = above.interval if above else None
    cells += [above and above.difference, floor_interval and floor_interval.low]
    cells += [floor_interval and floor_interval.high]
    cells += [row.expected, row.ok, row.failed, row.missing, row.cut]
    cells += [row.cut_share, row.unfinished, row.cost.seconds, row.cost.tokens_per_second]
    cells += [row.cost.weights_bytes, row.licence, *(value.signature for value in values)]
    return csv_line(["" if cell is None else str(cell) for cell in cells])


def _values(row: BoardRow) -> list[Value]:
    return [row.primary, *row.secondary]


def _header(rows: Sequence[BoardRow]) -> list[str]:
    metrics = [value.metric for value in _values(rows[0])] if rows else []
    header = ["model", "rank", *metrics[:1], "95 % interval", *metrics[1:]]
    header += ["above floor", "n", "failed"]
    return [*header, "cut", "unfinished", "seconds", "tokens/s", "MB of weights", "licence"]


def _cells(row: BoardRow) -> list[str]:
    cost, interval = row.cost, row.primary.interval
    return [
        row.model if row.role == "model" else f"{row.model} ({row.role})",
        "" if row.rank is None else rank_text(row.rank, row.worst_rank),
        _figure(row.primary, row.primary.mean),
        f"{_figure(row.primary, interval.low)} to {_figure(row.primary, interval.high)}"
        if interval
        else "",
        *(_figure(value, value.mean) for value in row.secondary),
        _figure(row.primary, row.above_floor.difference if row.above_floor else None),
        str(row.primary.n),
        str(row.failed),
        str(row.cut),
        str(row.unfinished),
        "" if cost.seconds is None else f"{cost.seconds:.1f}",
        "" if cost.tokens_per_second is None else f"{cost.tokens_per_second:.1f}",
        "" if cost.weights_bytes is None else f"{cost.weights_bytes / 1e6:.0f}",
        row.licence or "",
    ]


def _figure(value: Value, number: float | None) -> str:
    """Return a number of a metric: of a share times 100."""
    return "" if number is None else f"{100 * number if value.is_share else number:.1f}"
