import pytest

from harness.tables.fit import fitted, shortened, table_width
from harness.tables.table import Column, Table, TableRow


def _table(title: str = "model", name: str = "bart-large") -> Table:
    """Columns of 10, 4, 5, 2 and 7 cells with two between each: 36."""
    columns = (
        Column(title, align="left", names=True), Column("rank", keep=2), Column("score"),
        Column("MB", keep=0), Column("seconds", keep=1),
    )  # fmt: skip
    return Table(columns, (TableRow((name, "1", "54.6", "75", "0.1")),))


@pytest.mark.parametrize(
    ("width", "gone"),
    [
        (36, ()),
        (35, ("MB",)),  # 32 are left
        (32, ("MB",)),
        (31, ("MB", "seconds")),  # 23
        (22, ("rank", "MB", "seconds")),  # 17; told in the order of the table
        (17, ("rank", "MB", "seconds")),
    ],
)
def test_columns_go_one_by_one_and_no_more_than_must(width: int, gone: tuple[str, ...]) -> None:
    made = fitted([_table()], width)
    assert (made.gone, made.shortened) == (gone, False)
    assert table_width(made.tables[0]) <= width
    headers = [column.header for column in made.tables[0].columns]
    assert headers == [c.header for c in _table().columns if c.header not in gone]
    assert len(made.tables[0].rows[0].cells) == len(headers)


def test_a_column_goes_from_all_tables() -> None:
    made = fitted([_table(), _table(name="facebook/bart-large-cnn")], 36)
    assert made.gone == ("MB", "seconds")
    assert [len(table.columns) for table in made.tables] == [3, 3]


def test_of_equal_columns_the_last_goes_first() -> None:
    columns = (Column("model"), Column("one", keep=1), Column("two", keep=1))
    made = fitted([Table(columns, ())], 12)
    assert made.gone == ("two",)


def test_names_are_shortened_only_when_nothing_else_may_go() -> None:
    made = fitted([_table(name="facebook/bart-large-cnn")], 22)
    assert made.gone == ("rank", "MB", "seconds")
    assert made.shortened
    assert made.tables[0].rows[0].cells == ("faceboo…rge-cnn", "54.6")  # 15, 2 and 5 cells


@pytest.mark.parametrize(
    ("names", "width", "expected"),
    [
        (["short", "facebook/bart-large-cnn"], 12, ["short", "facebo…e-cnn"]),
        # Two letters of 2 cells and three of 1 would be 7; the last may not be half there.
        (["模型模型模型"], 6, ["模…型"]),
        (["模型模型模型"], 7, ["模…型"]),
        (["模型模型模型"], 9, ["模型…模型"]),
        (["e\u0301" * 12], 7, ["e\u0301" * 3 + "…" + "e\u0301" * 3]),  # each mark with its letter
        (["same-name-here"] * 2, 9, ["same…here"] * 2),
        # The names differ in their middle alone, so this is as short as they can be.
        (["prefix-1-suffix", "prefix-2-suffix"], 8, ["prefix-1-suffix", "prefix-2-suffix"]),
        (["aaaa-1-bb", "aaaa-2-bb"], 4, ["aaaa-1-bb", "aaaa-2-bb"]),
        ([], 8, []),
    ],
)
def test_what_tells_names_apart_stays(names: list[str], width: int, expected: list[str]) -> None:
    assert shortened(names, width) == expected


def test_a_table_that_cannot_fit_is_left_with_what_must_stay() -> None:
    made = fitted([_table(name="facebook/bart-large-cnn")], 5)
    (table,) = made.tables
    assert [column.header for column in table.columns] == ["model", "score"]
    assert table.rows[0].cells[1] == "54.6"


def test_tables_of_one_group_lose_the_same_columns_and_others_keep_theirs() -> None:
    """A table of 8 + 2 + 6 + 2 + 5 = 23 cells loses `other` (5) first: 16 are left."""
    columns = (
        Column("name", align="left", names=True), Column("number", 2), Column("other", 1),
    )  # fmt: skip
    long = Table(columns, (TableRow(("a" * 8, "1", "2")),), group="one")
    short = Table(columns, (TableRow(("a", "1", "2")),), group="one")
    apart = Table(columns, (TableRow(("a", "1", "2")),), group="two")
    fit = fitted([long, apart, short], 20)
    headers = [[column.header for column in table.columns] for table in fit.tables]
    assert headers == [["name", "number"], ["name", "number", "other"], ["name", "number"]]
    assert fit.gone == ("other",)
