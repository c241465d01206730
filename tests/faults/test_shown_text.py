"""What would command a terminal, or call people from a pull request, is shown and does nothing."""

import re
from pathlib import Path

import pytest

from harness.cli import main
from harness.tables.cells import markdown_cell
from harness.visible import HIDDEN

# Clears a screen, sets a window's title, turns a line round, begins a new one.
HOSTILE = "\x1b[2J\x1b]0;title\x07\u202eevil\u2028"
NAME = f"m{HOSTILE}\nharness: all is well"
# What a reader cannot see, or what commands; a line feed ends our own lines.
COMMANDS = re.compile(rf"[{HIDDEN}]")


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite whose article and goldens hold such texts."""
    folder = tmp_path / "suite"
    (folder / "seeds").mkdir(parents=True)
    (folder / "goldens").mkdir()
    (folder / "seeds" / "a.txt").write_text(
        f"Ann met Bob {HOSTILE} in Rome.\n{HOSTILE}\nThey signed a pact.\n", encoding="utf-8"
    )
    (folder / "seeds" / "manifest.toml").write_text(
        '[[article]]\nid = "a"\nfile = "a.txt"\nheadline = "x\\u001b[2J"\n', encoding="utf-8"
    )
    (folder / "goldens" / "a.yaml").write_text(
        "article: a\nauthor: e\ndate: 2026-01-01\nversion: 1\n"
        'references: ["Ann met Bob \\u202e in Rome."]\n'
        "questions:\n"
        '  - {id: who, kind: who, text: "Who \\u202e met Bob?", answers: ["Ann \\u202e"]}\n',
        encoding="utf-8",
    )
    return folder


@pytest.mark.minutes
def test_no_verb_lets_a_text_command_the_terminal(
    tmp_path: Path, suite: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roster, run = tmp_path / "roster.toml", tmp_path / "run"
    escaped = "".join(f"\\u{ord(c):04x}" for c in NAME)
    roster.write_text(f'["{escaped}"]\nkind = "lead"\nsentences = 1\n', encoding="utf-8")
    roster_options = ["--roster", str(roster)]
    for expected, command in (
        ((0, 3), ["eval", "--suite", str(suite), *roster_options, "--out", str(run)]),
        ((0, 1), ["show", "a", str(run), "--model", NAME, *roster_options]),
        ((2,), ["show", "a", str(run), "--model", f"no{NAME}"]),
        ((0, 1), ["compare", str(run), str(run)]),
        ((0, 1), ["gate", str(run), "--baseline", str(run)]),
        ((0, 1), ["verify", str(run)]),
        ((0,), ["articles", "--suite", str(suite)]),
        ((0,), ["articles", "a", "--suite", str(suite)]),
        ((0, 1), ["check", "--suite", str(suite)]),
        ((0,), ["models", *roster_options]),
        ((2,), ["eval", "--suite", str(suite), *roster_options, "--models", f"x{NAME}"]),
    ):
        code = main(command)
        printed = capsys.readouterr()
        assert code in expected, (command, printed.err)
        for text in (printed.out, printed.err):
            assert not COMMANDS.search(text), (command, COMMANDS.search(text))
            assert "\nharness: all is well" not in text, command


def test_a_name_with_a_line_break_is_one_line_of_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roster = tmp_path / "roster.toml"
    roster.write_text('["a\\nharness: all is well"]\nkind = "lead"\nsentences = 0\n')
    assert main(["models", "--roster", str(roster)]) == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith("harness: ")
    assert "a harness: all is well.sentences: must be 1 or more, not 0" in told


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("@everyone", "@<!-- -->everyone"),
        ("see #12", "see #<!-- -->12"),
        ("a @b-c_d", r"a @<!-- -->b-c\_d"),
        ("![x](https://a.example/x.png)", r"!\[x\](https\://a.example/x.png)"),
        ("<img src=x>", r"\<img src=x>"),
        ("C# 5 @ 3", "C# 5 @ 3"),
    ],
)
def test_markdown_calls_nobody_and_loads_nothing(text: str, cell: str) -> None:
    """GitHub looks for names in the text that Markdown becomes: an escape is gone by then.

    https://github.com/gjtorikian/html-pipeline, MentionFilter: a name follows its sign.
    """
    assert markdown_cell(text) == cell


def test_rendered_markdown_shows_the_text_as_it_was() -> None:
    markdown_it = pytest.importorskip("markdown_it")
    html = markdown_it.MarkdownIt().render(markdown_cell("@everyone ![x](https://a.example/x.png)"))
    assert "<img" not in html
    assert "@everyone" not in html
    assert (
        re.sub(r"<!--.*?-->|</?p>", "", html).strip() == "@everyone ![x](https://a.example/x.png)"
    )
