"""Judges held against people: `harness agreement --judges`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from tests.agreement.made import write
from tests.servers import Request, answering

ARTICLES = ["Ann met Bob in Rome on Monday. They signed a pact.", "The river rose. It rained."]
SUMMARIES = ["Ann met Bob.", "They signed a pact. It rained.", "The bridge was closed."]


@pytest.fixture
def arguments(tmp_path: Path, tiny_folder: Callable[..., Path]) -> list[str]:
    data = write(
        tmp_path / "mine.jsonl",
        [
            {"article_id": f"a{a}", "article": article, "system": f"s{s}", "summary": summary,
             "scores": {"consistency": (a + s) % 3}}
            for a, article in enumerate(ARTICLES)
            for s, summary in enumerate(SUMMARIES)
        ],
    )  # fmt: skip
    roster = tmp_path / "judges.toml"
    roster.write_text(
        f'[judges.entails]\nkind = "nli"\nweights = {{ folder = "{tiny_folder("classifier")}" }}\n',
        encoding="utf-8",
    )
    return ["agreement", str(data), "--judges", "entails", "--roster", str(roster),
            "--out", str(tmp_path / "kept"), "--measures", "words", "--json"]  # fmt: skip


def test_a_judge_is_held_against_people_and_asked_once(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Four different sentences on each of two articles.
    assert main([*arguments, "--dry-run"]) == 0
    (cost,) = json.loads(capsys.readouterr().out)
    assert (cost["judge"], cost["texts"], cost["calls"], cost["stored"]) == ("entails", 6, 8, 0)
    assert cost["tokens"] > 0
    assert not (tmp_path / "kept").exists()

    assert main(arguments) == 0
    said = capsys.readouterr()
    assert "judging mine by entails: 8 calls, 0 of them stored before, 0 failed" in said.err
    (found,) = json.loads(said.out)["sets"]
    measures = {measure["measure"]: measure for measure in found["measures"]}
    assert [*measures] == ["words", "entails.entailment", "entails.summac_zs"]
    assert measures["entails.entailment"]["scored"] == 6
    assert measures["entails.entailment"]["direction"] == "higher"
    assert {figure["measure"] for figure in found["summaries"]} == {*measures}

    assert main(arguments) == 0
    again = capsys.readouterr()
    assert "8 calls, 8 of them stored before" in again.err
    assert again.out == said.out


def test_bad_judges_are_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    arguments[arguments.index("entails")] = "entail"
    assert main(arguments) == 2
    assert "the rosters have no judge 'entail'; did you mean entails?" in capsys.readouterr().err
    without = [one for one in arguments if one not in ("--judges", "entail")]
    assert main([*without, "--dry-run"]) == 2
    assert "--dry-run: says what judges would take" in capsys.readouterr().err


def test_a_judge_of_answers_is_held_against_people_who_said_which_are_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [("Ann", 1), ("Ann Lee", 1), ("the woman Ann", 1), ("Bob", 0), ("", 0), ("a cat", 0)]
    data = write(
        tmp_path / "qa.jsonl",
        [
            {"question": question, "system": f"s{s}", "answer": text, "golds": ["Ann"],
             "scores": {"right": right}}
            for question in ("Who ran?", "Who sat?")
            for s, (text, right) in enumerate(answers)
        ],
    )  # fmt: skip
    seen: list[str] = []

    def reply(request: Request) -> None:
        seen.append(request.asked)
        request.reply("yes" if "Ann" in request.asked.split("<answer>")[1] else "no")

    with answering(reply) as server:
        roster = tmp_path / "judges.toml"
        endpoint = f'endpoint = {{ url = "{server.url}", model = "x" }}'
        roster.write_text(
            f'[judges.same]\nkind = "chat"\naspects = ["means"]\n{endpoint}\n'
            f'[judges.which]\nkind = "chat"\naspects = ["pair"]\n{endpoint}\n',
            encoding="utf-8",
        )
        arguments = ["agreement", str(data), "--judges", "same,which", "--roster", str(roster)]
        arguments += ["--out", str(tmp_path / "kept"), "--measures", "exact_match", "--json"]
        assert main(arguments) == 0
        said = capsys.readouterr()
        # Of each question the exact answer and the empty one are known unasked.
        assert len(seen) == 2 * 4
        assert "qa: which is no judge of answers, and is not asked" in said.err
        assert main([*arguments, "--dry-run"]) == 0
        (cost,) = json.loads(capsys.readouterr().out)
        assert (cost["judge"], cost["calls"], cost["stored"]) == ("same", 8, 8)
        assert cost["seconds"] == 0
    (found,) = json.loads(said.out)["sets"]
    figures = {figure["measure"]: figure for figure in found["answers"]}
    assert figures["same.means"]["n"] == 12
    # By hand: the judge says of all twelve what people said, exact match of "Ann" alone.
    assert figures["same.means"]["accuracy"]["value"] == 1.0
    assert figures["exact_match"]["accuracy"]["value"] == pytest.approx(8 / 12)
