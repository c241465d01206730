"""A run with a judge that is asked what answers mean, and `harness verify` of it."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.cli import main
from harness.eval.evaluate import evaluate
from harness.leaderboard.leaderboard import Leaderboard
from harness.verify.verification import verify
from tests.servers import Request, answering

_GOLDEN = re.compile(r"<article>\nQuestion: (.*)\nRight answers:\n(.*)\n</article>", re.DOTALL)
_ANSWER = re.compile(r"<answer>\n(.*)\n</answer>", re.DOTALL)

# What a model says: exactly the golden answer, it in other words, another, and what nobody knows.
SAID = {
    "Who met Bob?": "The Ann.",
    "Where did they meet?": "In the city of Rome",
    "When was it?": "On a day in Oslo",
    "What did the pact cost?": "A day in Oslo",
}
FURTHER = """\
  - {id: where, kind: where, text: "Where did they meet?", answers: ["Rome", "Roma"]}
  - {id: when, kind: when, text: "When was it?", answers: ["Monday"]}
"""

Judge = Callable[[str, str, str], str]


@pytest.fixture
def suite(suite_folder: Path) -> Path:
    for golden in (suite_folder / "goldens").glob("*.yaml"):
        with golden.open("a", encoding="utf-8") as file:
            file.write(FURTHER)
    return suite_folder


@dataclass
class Seen:
    """What a judge was asked: question, golden answers and answer, and the messages."""

    asked: list[tuple[str, str, str]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


@contextmanager
def _serving(judge: Judge, folder: Path, aspects: str = '["means"]') -> Iterator[tuple[Seen, Path]]:
    """Serve a model that says what `SAID` has, and a judge of what answers mean."""
    seen = Seen()

    def answer(request: Request) -> None:
        golden, said = _GOLDEN.search(request.asked), _ANSWER.search(request.asked)
        if golden is None or said is None:  # a model is asked
            request.reply(next(said for text, said in SAID.items() if text in request.asked))
            return
        seen.asked.append((golden[1], golden[2], said[1]))
        seen.messages.append(str(request.body["messages"]))
        reply = judge(golden[1], golden[2], said[1])
        if reply:
            request.reply(reply)
        else:
            request.send(500, "{}")

    with answering(answer) as server:
        endpoint = f'url = "{server.url}", model = "x", retries = 0, concurrency = 1'
        roster = folder / "means.toml"
        roster.write_text(
            f'[says-both]\nkind = "endpoint"\nurl = "{server.url}"\nmodel = "x"\n'
            f'[judges.same]\nkind = "chat"\naspects = {aspects}\nendpoint = {{ {endpoint} }}\n',
            encoding="utf-8",
        )
        yield seen, roster


def _run(suite: Path, roster: Path, out: Path) -> Leaderboard:
    return evaluate(suite, [roster], tasks=["answer"], out=out, judges=["same"]).leaderboard


def _scores(out: Path, model: str) -> dict[str, dict[str, float]]:
    lines = map(json.loads, (out / "predictions.jsonl").read_text(encoding="utf-8").splitlines())
    return {line["example"]: line["scores"] for line in lines if line["model"] == model}


def test_an_answer_in_other_words_may_mean_a_golden_one(suite: Path, tmp_path: Path) -> None:
    def judge(question: str, golden: str, said: str) -> str:
        return "Yes, it names it." if golden.partition("\n")[0][2:] in said else "no: another."

    out = tmp_path / "run"
    with _serving(judge, tmp_path) as (seen, roster):
        board = _run(suite, roster, out)
        asked = list(seen.asked)
        again = _run(suite, roster, out)
        assert seen.asked == asked
    (line,) = board.judges
    assert (line.calls, line.failed, line.measures) == (len(asked), 0, ["same.means"])
    assert again.judges[0].cached == line.calls
    declared = board.metrics["same.means"].declaration
    assert (declared.role, declared.partial, declared.direction) == ("shown", True, "higher")
    assert "same.means" not in board.primary.values()
    # Nobody is told who gave an answer.
    assert not any("says-both" in message for message in seen.messages)

    # Both articles have the same questions with the same answers: each answer is judged once.
    assert {asked for asked in seen.asked if asked[2] in SAID.values()} == {
        ("Where did they meet?", "- Rome\n- Roma", "In the city of Rome"),
        ("When was it?", "- Monday", "On a day in Oslo"),
    }
    assert len(seen.asked) == len(set(seen.asked))
    scores = _scores(out, "says-both")
    means = {name: own["same.means"] for name, own in scores.items()}
    assert means == {
        f"{article}/{question}": value
        for article in ("first", "second")
        for question, value in (("who", 1), ("cost", 0), ("where", 1), ("when", 0))
    }
    assert scores["first/where"]["exact_match"] == 0
    # Silence is right where nothing is to be said, and means nothing where something is.
    silent = _scores(out, "no-answer")
    assert {(own["exact_match"], own["same.means"]) for own in silent.values()} <= {(0, 0), (1, 1)}
    rows = {row.model: row for row in board.rows}
    mean = sum(means.values()) / len(means)
    assert rows["says-both"].metrics["same.means"].mean == pytest.approx(mean)
    assert not verify(out).differences

    judgments = (out / "judgments.jsonl").read_text(encoding="utf-8")
    (out / "judgments.jsonl").write_text(judgments.replace('\\"means\\":1.0', '\\"means\\":0.0'))
    found = " ".join(str(difference) for difference in verify(out).differences)
    assert "same.means" in found


def test_what_matches_exactly_is_not_asked_about_and_what_fails_has_no_number(
    suite: Path, tmp_path: Path
) -> None:
    out, up = tmp_path / "run", False

    def judge(question: str, golden: str, said: str) -> str:
        return "Yes" if up else "Perhaps."

    with _serving(judge, tmp_path) as (seen, roster):
        board = _run(suite, roster, out)
        (line,) = board.judges
        assert line.failed == line.calls == len(seen.asked) > 0
        for article in ("first", "second"):
            values = {
                name.rpartition("/")[2]: own.get("same.means")
                for name, own in _scores(out, "says-both").items()
                if name.startswith(article)
            }
            assert values == {"who": 1, "cost": 0, "where": None, "when": None}
        up, before = True, len(seen.asked)
        (line,) = _run(suite, roster, out).judges
        assert (line.failed, line.calls) == (0, len(seen.asked) - before)
    scores = _scores(out, "says-both")
    assert [scores[f"first/{name}"]["same.means"] for name in ("who", "where", "when")] == [1, 1, 1]
    assert not verify(out).differences


def test_a_judge_of_what_is_not_made_is_one_line(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with _serving(lambda question, golden, said: "yes", tmp_path) as (seen, roster):
        arguments = ["eval", "--suite", str(suite), "--roster", str(roster), "--tasks"]
        judged = ["--judges", "same", "--out", str(tmp_path / "run")]
        assert main([*arguments, "summarize", "--models", "lead-3", *judged]) == 2
        said = capsys.readouterr().err
        assert "--judges same: it judges answers, and none are made" in said
        assert main([*arguments, "answer", *judged, "--dry-run"]) == 0
        told = " ".join(capsys.readouterr().out.split())
        assert re.search(
            r"the judge same is asked about at most \d+ answers, in about \d+ calls", told
        )
        assert not seen.asked
    assert not (tmp_path / "run").exists()
