import json
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import UsageError
from harness.leaderboard.run_folder import read_run
from harness.stream import read_from
from harness.suite.opening import open_suite
from harness.suite.selection import Selection, drawn_order, refuse_unknown_examples
from tests import data_sets, small_runs, squads


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Articles a and b with questions q0, q1, q2: "What is number 0?" ..."""
    return small_runs.suite(tmp_path / "suite", articles=2, questions=3)


def test_what_is_chosen_is_read_from_any_place_on(tmp_path: Path) -> None:
    rows = [{"id": str(n), "article": f"Text {n}.", "summary": "A text."} for n in range(40)]
    (tmp_path / "a.jsonl").write_bytes(data_sets.json_lines(rows))
    opened = open_suite(f"data:{tmp_path / 'a.jsonl'}")
    chosen = Selection(sample=15).examples_of(opened, "summarize")
    names = [example.id for example in chosen]
    assert sorted(names, key=int) == names  # as they stand in the file
    assert len(set(names)) == 15
    for start in range(16):
        assert [example.id for example in read_from(chosen, start)] == names[start:]
    assert [chosen[place].id for place in (14, 3, 9)] == [names[14], names[3], names[9]]


@pytest.mark.parametrize(
    ("selection", "answers", "summaries"),
    [
        (Selection(), ["a/q0", "a/q1", "a/q2", "b/q0", "b/q1", "b/q2"], ["a", "b"]),
        (Selection(limit=2), ["a/q0", "a/q1"], ["a", "b"]),
        (Selection(("a",)), [], ["a"]),
        (Selection(("a/q1", "b")), ["a/q1"], ["b"]),
        (Selection(("*/q2",)), ["a/q2", "b/q2"], []),
        (Selection(("b*",)), ["b/q0", "b/q1", "b/q2"], ["b"]),
        (Selection(text="NUMBER 1"), ["a/q1", "b/q1"], []),
        (Selection(text="b"), ["a/q0", "a/q1", "a/q2", "b/q0", "b/q1", "b/q2"], ["b"]),
        (Selection(("a/*",), "number 2"), ["a/q2"], []),
        (Selection(("*/q?",), limit=1), ["a/q0"], []),
    ],
)
def test_what_is_chosen(
    suite: Path, selection: Selection, answers: list[str], summaries: list[str]
) -> None:
    opened = open_suite(suite)
    assert [e.id for e in selection.examples_of(opened, "answer")] == answers
    assert [e.id for e in selection.examples_of(opened, "summarize")] == summaries
    assert len(selection.examples_of(opened, "answer")) == len(answers)


def test_a_pattern_that_fits_nothing_is_refused(suite: Path) -> None:
    refuse_unknown_examples(Selection(("a", "*/q1")), open_suite(suite))
    with pytest.raises(UsageError, match="--examples: suite has no example 'a/q9'; did you mean"):
        refuse_unknown_examples(Selection(("a", "a/q9")), open_suite(suite))


def test_a_run_of_some_examples_says_which_and_verifies(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["eval", "--suite", str(suite), "--models", "no-answer", "--out", str(out)]
    assert main([*command, "--examples", "a/q0", "b/*", "-k", "number", "--limit", "3"]) == 0
    run = read_run(out)
    assert {line.example for line in run.lines} == {"a/q0", "b/q0", "b/q1"}
    assert run.board.suite.selection == Selection(("a/q0", "b/*"), "number", 3)
    assert main(["verify", str(out)]) == 0
    assert main(["report", str(out)]) == 0
    assert "--examples a/q0 &#39;b/*&#39; -k number --limit 3" in (out / "report.html").read_text()
    capsys.readouterr()
    assert main([*command, "-k", "no such text"]) == 2
    assert (
        "nothing to run: no chosen model can do a chosen task on a chosen"
        in capsys.readouterr().err
    )


def test_a_data_set_s_questions_are_chosen_alike(tmp_path: Path) -> None:
    opened = open_suite(f"squad:{squads.write(tmp_path / 'many.json', squads.many(9))}")
    everything = [example.id for example in opened.examples("answer")]
    wanted = everything[1]
    chosen = Selection((wanted,)).examples_of(opened, "answer")
    assert [example.id for example in chosen] == [wanted]
    assert [e.id for e in Selection(text="").examples_of(opened, "answer")] == everything


# `printf '0\na' | sha256sum` and so on: with seed 0 the hashes of a, b, c, d begin with 0d, 3e, ef,
# 0c; with seed 1 with 87, 2c, 6d, 12; with seed 3 with 51, e7, 2d, d9.
ORDERS = {0: "dabc", 1: "dbca", 3: "cadb"}


@pytest.mark.parametrize("seed", ORDERS)
@pytest.mark.parametrize("names", ["abcd", "cbda"])
def test_clusters_are_drawn_by_the_hash_of_seed_and_name(seed: int, names: str) -> None:
    assert "".join(drawn_order(names, seed)) == ORDERS[seed]
    assert "".join(drawn_order(names.replace("b", ""), seed)) == ORDERS[seed].replace("b", "")


@pytest.mark.parametrize(
    ("selection", "answers", "summaries"),
    [
        (Selection(sample=1), "ddd", "d"),
        (Selection(sample=3), "ddd", "abd"),
        (Selection(sample=4), "aaaddd", "abcd"),
        (Selection(sample=4, sample_seed=3), "aaaccc", "abcd"),
        (Selection(sample=2, sample_seed=3), "ccc", "ac"),
        (Selection(("*/q1",), sample=2, sample_seed=1), "bd", ""),
        (Selection(text="b/", sample=1), "bbb", ""),
        (Selection(sample=12), "aaabbbcccddd", "abcd"),
        (Selection(sample=99), "aaabbbcccddd", "abcd"),
    ],
)
def test_whole_articles_are_drawn_until_there_are_enough(
    tmp_path: Path, selection: Selection, answers: str, summaries: str
) -> None:
    """Four articles with three questions each; of an article come all examples that fit."""
    opened = open_suite(small_runs.suite(tmp_path / "suite", articles=4, questions=3))
    drawn = selection.examples_of(opened, "answer")
    assert "".join(example.cluster for example in drawn) == answers
    assert len(drawn) == len(answers)
    assert "".join(e.cluster for e in selection.examples_of(opened, "summarize")) == summaries


def test_titles_are_drawn_of_a_data_set(tmp_path: Path) -> None:
    """`printf '0\n%s' Oder | sha256sum` begins with 25, of Rhine%2FWaal with 02; with 1 2b and ba."""
    opened = open_suite(f"squad:{squads.write(tmp_path / 'rivers.json', squads.RIVERS)}")
    rhine, oder = ["q1", "q2", "q3", "q4"], ["q5", "q6"]
    for selection, ids in (
        (Selection(sample=1), rhine),
        (Selection(sample=4), rhine),
        (Selection(sample=5), rhine + oder),
        (Selection(sample=2, sample_seed=1), oder),
        (Selection(sample=3, sample_seed=1), rhine + oder),
    ):
        drawn = selection.examples_of(opened, "answer")
        assert [example.id.partition("/")[2] for example in drawn] == ids


@pytest.mark.parametrize(
    ("arguments", "told", "asked"),
    [
        (
            ["--limit", "2"],
            "Part of the suite: 2 of 9 examples, on 1 of 3 articles: --limit 2. The first ones are "
            "no sample; --sample draws whole articles.",
            # printf 'a/q0\na/q1\n' | sha256sum
            (2, 1, "b7921a15fa6ca89071d58607c8a535871eb7c592a3c30b9c375f3362a0f75d03"),
        ),
        (
            ["--sample", "2", "--sample-seed", "1"],
            "Part of the suite: 3 of 9 examples, on 1 of 3 articles: --sample 2 --sample-seed 1.",
            # printf 'b/q0\nb/q1\nb/q2\n' | sha256sum
            (3, 1, "2e9a3e717c7f058b4d11f0122be2ebb66b40c8773f1bf221c8c4951c7a46acd1"),
        ),
    ],
)
def test_a_part_of_the_suite_says_so_and_is_told_apart_by_its_hash(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    told: str,
    asked: tuple[int, int, str],
) -> None:
    folder, out = small_runs.suite(tmp_path / "suite", articles=3, questions=3), tmp_path / "out"
    command = ["eval", "--suite", str(folder), "--models", "no-answer", "--out", str(out)]
    assert main([*command, *arguments]) == 0
    assert told in " ".join(capsys.readouterr().out.split())
    assert main(["verify", str(out)]) == 0
    line = read_run(out).board.suite.asked_of("answer", "article")
    assert line is not None
    assert (line.examples, line.clusters, line.ids_sha256) == asked
    assert (line.suite_examples, line.suite_clusters, line.is_part) == (9, 3, True)
    assert main(["report", str(out)]) == 0
    assert " ".join(arguments) in (out / "report.html").read_text()
    capsys.readouterr()
    small_runs.edit_board(out, lambda board: board["suite"]["asked"][0].update(suite_examples=2))
    assert main(["verify", str(out)]) == 1
    assert "suite.asked" in capsys.readouterr().out


def test_a_whole_run_says_nothing_of_a_part_and_a_sample_of_all_says_that_it_is_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = small_runs.suite(tmp_path / "suite", articles=2, questions=2), tmp_path / "out"
    command = ["eval", "--suite", str(folder), "--models", "no-answer", "--out", str(out)]
    assert main(command) == 0
    whole = read_run(out).board.suite.asked_of("answer", "article")
    assert "Part of the suite" not in capsys.readouterr().out
    assert main([*command, "--sample", "9"]) == 0
    said = capsys.readouterr()
    assert "harness: --sample 9: there are fewer examples of answer (4); all are taken" in said.err
    assert "Part of the suite" not in said.out
    assert read_run(out).board.suite.asked_of("answer", "article") == whole


def test_a_comparison_tells_that_other_examples_were_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = small_runs.suite(tmp_path / "suite", articles=3, questions=2)
    drawn = ("one", "--sample", "1", "--sample-seed", "1")  # b
    for name, *arguments in (("all",), drawn, ("two", "--limit", "2")):
        command = ["eval", "--suite", str(folder), "--models", "no-answer", "-q", *arguments]
        assert main([*command, "--out", str(tmp_path / name)]) == 0
    capsys.readouterr()

    def changes(base: str, head: str) -> list[dict[str, str]]:
        assert main(["compare", str(tmp_path / base), str(tmp_path / head), "--json"]) == 0
        rows = json.loads(capsys.readouterr().out)["rows"]
        return next(row["changes"] for row in rows if row["name"]["model"] == "no-answer")

    assert changes("all", "all") == []
    (change,) = changes("one", "all")
    assert change == {"part": "data", "name": "examples", "base": "2 of 6", "head": "6 of 6"}
    # printf 'b/q0\nb/q1\n' | sha256sum, and of a/q0 and a/q1
    assert [change["base"][:8] for change in changes("one", "two")] == ["f685dc33"]
    assert [change["head"][:8] for change in changes("one", "two")] == ["b7921a15"]


@pytest.mark.parametrize("chosen", [{"sample": 0}, {"sample": 2, "limit": 2}])
def test_what_cannot_be_drawn_is_refused(chosen: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="--sample"):
        Selection(**chosen)  # type: ignore[arg-type]  # a tuple and a text are left out
