"""Models that were trained on what they are to be scored on: refused, or marked."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import DataError
from harness.models.roster.contamination import contaminating_data_sets
from harness.models.roster.roster import read_rosters
from harness.suite.data_set.source import read_source
from harness.suite.suite import DataSet, Suite
from tests import data_sets, squads

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def _roster(folder: Path, value: str, kind: str = "no-answer") -> Path:
    path = folder / "models.toml"
    path.write_text(f'[learned]\nkind = "{kind}"\ntrained_on = {value}\n', encoding="utf-8")
    return path


def _suite(names: frozenset[str], ids: str | None = None) -> Suite:
    data = DataSet("x.json", 1, 0, 1, 1, "paragraph", "1.1", ids) if ids else None
    return Suite("x", "hash", {}, (), {}, names, data)


@pytest.mark.parametrize(
    ("given", "source", "found"),
    [
        ('["owner/name"]', f"squad:owner/name@{COMMIT}#test", ["owner/name"]),
        ('["Owner/Name"]', f"squad:owner/name:big@{COMMIT}#test", ["Owner/Name"]),
        ('["owner/name:big"]', f"squad:owner/name:big@{COMMIT}#test", ["owner/name:big"]),
        ('["owner/name:big"]', f"squad:owner/name:small@{COMMIT}#test", []),
        ('["owner/name#test"]', f"squad:owner/name@{COMMIT}#test", ["owner/name#test"]),
        ('["owner/name#train"]', f"squad:owner/name@{COMMIT}#test", []),
        ('["owner/other", "name"]', f"squad:owner/name@{COMMIT}#test", []),
        ("[]", f"squad:owner/name@{COMMIT}#test", []),
    ],
)
def test_names_on_the_hub(tmp_path: Path, given: str, source: str, found: list[str]) -> None:
    """Trained on the training split, a model may be scored on the test split."""
    entry = read_rosters([_roster(tmp_path, given)])["learned"]
    assert contaminating_data_sets(entry, _suite(read_source(source).names)) == found


def test_another_name_or_place_does_not_get_round_the_ids(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = squads.write(tmp_path / "first.json", squads.RIVERS)
    assert main(["articles", "--suite", f"squad:{first}"]) == 0
    told = capsys.readouterr().out.partition("trained on it: ")[2].strip()
    roster = _roster(tmp_path, f"[{told}]")
    other = shutil.copy(first, tmp_path / "innocent.json")
    out = tmp_path / "out"
    command = [
        "eval",
        "--suite",
        f"squad:{other}",
        "--roster",
        str(roster),
        "--out",
        str(out),
        "-q",
    ]
    assert main(command) == 2
    shown, error = capsys.readouterr()
    assert shown == ""
    assert error == (
        "harness: learned was trained on this data (first), so its scores would show what it "
        "remembers; leave it out of --models, or give --allow-trained-on to score it and mark its "
        "row\n"
    )
    assert not out.exists()
    assert main([*command, "--allow-trained-on"]) == 0
    table = capsys.readouterr().out
    assert "(learned) !" in table
    assert "! learned was trained on this data (first)" in table
    board = json.loads((out / "leaderboard.json").read_text(encoding="utf-8"))
    assert {row["model"]: row["trained_on"] for row in board["rows"]} == {
        "learned": ["first"], "best-sentence": [], "no-answer": [],
    }  # fmt: skip
    assert main(["verify", str(out), "--suite", f"squad:{other}"]) == 0


def test_a_folder_of_ones_own_has_its_name(
    suite_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roster = _roster(tmp_path, '["my-suite"]')
    command = ["eval", "--suite", str(suite_folder), "--roster", str(roster), "--out", str(tmp_path / "out")]  # fmt: skip
    assert main(command) == 2
    assert "learned was trained on this data (my-suite)" in capsys.readouterr().err
    # It is not asked to answer, so nothing is scored that it was trained on.
    roster.write_text(
        roster.read_text(encoding="utf-8") + '[other]\nkind = "lead"\n', encoding="utf-8"
    )
    assert main([*command, "--tasks", "summarize"]) == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ('"squad"', 'learned.trained_on: must be a list, in square brackets, not "squad"'),
        ("[3]", "learned.trained_on[0]: must be a table of keys and values, not 3"),
        ('[""]', "learned.trained_on[0].name: must not be empty"),
        ('[{ name = "a", ids_sha256 = "abc" }]', "trained_on[0].ids_sha256: must be the 64 digits"),
        ('[{ name = "a", hash = "abc" }]', "learned.trained_on[0].hash: unknown key; there are"),
        (
            '[{ ids_sha256 = "' + 64 * "a" + '" }]',
            "trained_on[0].name: is missing; add something like",
        ),
    ],
)
def test_what_is_no_list_of_data_sets_is_refused(tmp_path: Path, given: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        read_rosters([_roster(tmp_path, given)])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_where_a_set_has_no_ids_its_texts_tell_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also in another order, and with a row twice."""
    rows = data_sets.without(data_sets.SUMMARIES, "id")
    first, other = tmp_path / "first.jsonl", tmp_path / "other.csv"
    first.write_bytes(data_sets.json_lines(rows))
    other.write_bytes(data_sets.delimited([*reversed(rows), rows[0]]))
    assert main(["articles", "--suite", f"data:{first}"]) == 0
    told = capsys.readouterr().out.partition("trained on it: ")[2].strip()
    digests = sorted(hashlib.sha256(row["article"].encode()).hexdigest() for row in rows)
    expected = hashlib.sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()
    assert told == f'{{ name = "first", sources_sha256 = "{expected}" }}'
    roster = tmp_path / "roster.toml"
    roster.write_text(f'[mine]\nkind = "lead"\ntrained_on = [{told}]\n', encoding="utf-8")
    command = ["eval", "--suite", f"data:{other}", "--roster", str(roster), "--models", "mine"]
    assert main([*command, "--out", str(tmp_path / "out"), "-q"]) == 2
    assert "mine was trained on this data (first)" in capsys.readouterr().err
