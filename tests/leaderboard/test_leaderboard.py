import json
import math
from pathlib import Path
from statistics import fmean

import jsonschema
import pytest
from rouge_score.rouge_scorer import RougeScorer

from harness.errors import DataError
from harness.eval.evaluate import evaluate
from harness.leaderboard.leaderboard import SCHEMA_FILE, Leaderboard, schema
from harness.leaderboard.printing.tables import tables
from harness.metrics import PRIMARY
from harness.suite.opening import open_suite
from harness.suite.selection import Selection
from harness.tables.terminal import Display, terminal_text
from harness.text import sentences

FLOORS = ["lead-3", "random-3", "lexrank", "best-sentence", "no-answer"]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Leaderboard:
    return evaluate(models=FLOORS, reader="none", out=tmp_path_factory.mktemp("out")).leaderboard


def _without_costs(board: Leaderboard) -> dict[str, object]:
    content: dict[str, object] = json.loads(board.to_json())
    del content["content_sha256"]  # costs are hashed with all else
    rows = content["rows"]
    assert isinstance(rows, list)
    for row in rows:
        for cost in ("seconds", "tokens_per_second", "peak_memory_bytes"):
            del row[cost]
    return content


def test_the_shipped_schema_is_the_code_s_and_is_sound() -> None:
    shipped = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    assert shipped == schema(), "write it anew with `make schema`"
    jsonschema.Draft202012Validator.check_schema(shipped)


def test_the_file_is_what_the_schema_says(tmp_path: Path) -> None:
    written = evaluate(
        models=FLOORS, reader="none", selection=Selection(limit=2), out=tmp_path
    ).path
    content = json.loads(written.read_text(encoding="utf-8"), parse_constant=pytest.fail)
    jsonschema.validate(content, schema(), cls=jsonschema.Draft202012Validator)
    assert content["suite"]["limit"] == 2
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content | {"rows": [{"model": "x"}]}, schema())


def test_every_example_is_counted(done: Leaderboard) -> None:
    expected = {
        ("summarize", "article"): 5, ("summarize", "event"): 1,
        ("answer", "article"): 131, ("answer", "event"): 30,
    }  # fmt: skip
    for row in done.rows:
        assert row.counts.expected == row.counts.ok + row.counts.error
        assert row.counts.expected == expected[row.task, row.scope]
        assert all(number.n == row.counts.ok for number in row.metrics.values())


def test_rows_are_sorted_by_task_scope_and_primary_metric(done: Leaderboard) -> None:
    groups = [(row.task, row.scope) for row in done.rows]
    assert groups == sorted(groups, key=lambda g: (g[0] != "summarize", g[1] != "article"))
    for group in dict.fromkeys(groups):
        means = [
            row.metrics[PRIMARY[row.task]].mean
            for row in done.rows
            if (row.task, row.scope) == group
        ]
        assert all(mean is not None for mean in means)
        assert means == sorted(means, key=lambda mean: -(mean or 0))


def test_rows_that_are_no_models_are_marked(done: Leaderboard) -> None:
    roles = {(row.model, row.role) for row in done.rows}
    assert roles == {
        ("lead-3", "floor"), ("random-3", "floor"), ("lexrank", "floor"),
        ("best-sentence", "floor"), ("no-answer", "floor"),
        ("oracle-extractive", "oracle"), ("people", "people"),
    }  # fmt: skip
    text = terminal_text(tables(done), Display())
    assert all(f"({name})" in text for name, _ in roles)


def test_floors_are_there_whatever_is_chosen(tmp_path: Path) -> None:
    board = evaluate(
        models=["minilm-lexrank"], tasks=["summarize"], selection=Selection(limit=1), out=tmp_path,
        reader="none",
    ).leaderboard  # fmt: skip
    assert {row.model for row in board.rows if row.role == "floor"} == {
        "lead-3", "random-3", "lexrank",
    }  # fmt: skip
    assert [row.model for row in board.rows if row.role == "model"] == ["minilm-lexrank"] * 2


def test_rows_stand_above_the_best_floor_by_the_difference_of_means(done: Leaderboard) -> None:
    for row in done.rows:
        metric = PRIMARY[row.task]
        beside = [r for r in done.rows if (r.task, r.scope) == (row.task, row.scope)]
        floor = max(r.metrics[metric].mean or 0.0 for r in beside if r.role == "floor")
        if row.role == "floor":
            assert row.above_floor is None
        else:
            assert row.above_floor is not None
            mean = row.metrics[metric].mean
            assert mean is not None
            assert row.above_floor.difference == pytest.approx(mean - floor)


def test_means_by_each_reference_are_rouge_score_s(done: Leaderboard) -> None:
    """Of lead-3, by the package itself: sentences a line, one reference at a time."""

    def lines(text: str) -> str:
        return "\n".join(sentence.text for sentence in sentences(text))

    scorer = RougeScorer(["rougeLsum"], use_stemmer=True)
    examples = list(open_suite(None).examples("summarize"))
    (row,) = [row for row in done.rows if (row.model, row.scope) == ("lead-3", "article")]
    leads = [
        "\n".join(sentence.text for sentence in sentences(example.query.context)[:3])
        for example in examples
    ]
    expected = [
        fmean(
            scorer.score(lines(example.references[place]), lines(lead))["rougeLsum"].fmeasure
            for example, lead in zip(examples, leads, strict=True)
        )
        for place in range(3)
    ]
    assert row.by_reference == pytest.approx(expected)
    (people,) = [row for row in done.rows if (row.model, row.scope) == ("people", "article")]
    of_others = [
        fmean(
            fmean(
                scorer.score(lines(refs[place]), lines(other))["rougeLsum"].fmeasure
                for other in (*refs[:place], *refs[place + 1 :])
            )
            for refs in (example.references for example in examples)
        )
        for place in range(3)
    ]
    assert people.by_reference == pytest.approx(of_others)
    assert all(not row.by_reference for row in done.rows if row.task == "answer")


def test_a_refusal_is_right_on_the_unanswerable_share(done: Leaderboard) -> None:
    """30 of the 131 shipped questions have no answer: counted in the goldens by hand."""
    (row,) = [row for row in done.rows if (row.model, row.scope) == ("no-answer", "article")]
    assert row.metrics["exact_match"].mean == row.metrics["f1"].mean == 30 / 131


def test_every_mean_over_articles_has_an_interval(done: Leaderboard) -> None:
    for row in done.rows:
        for name, number in row.metrics.items():
            if row.scope == "event":
                assert (number.clusters, number.interval, number.bootstrap) == (1, None, None)
            else:
                assert number.clusters == 5
                if row.model == "no-answer":  # it says the same everywhere
                    assert (number.interval, number.caution) == (None, None)
                    continue
                if name == "unsupported":  # what is copied has nothing else, wherever it is
                    assert (number.mean, number.interval) == (0, None)
                    continue
                assert number.interval is not None
                assert number.mean is not None
                high = math.inf if name in ("words", "extractive_density") else 1
                assert 0 <= number.interval.low <= number.mean <= number.interval.high <= high
            assert number.caution is not None


def test_five_articles_tell_no_floors_apart(done: Leaderboard) -> None:
    assert {(row.rank, *row.beats) for row in done.rows if row.role == "floor"} == {(1,)}
    assert {row.rank for row in done.rows if row.role in ("oracle", "people")} == {None}
    pairs = [(one.task, one.scope) for one in done.comparisons]
    assert {kind: pairs.count(kind) for kind in pairs} == {
        ("summarize", "article"): 3, ("summarize", "event"): 3,
        ("answer", "article"): 1, ("answer", "event"): 1,
    }  # fmt: skip
    assert all(one.p >= 0.0625 for one in done.comparisons)
    said = {(one.task, one.scope): one.sentence for one in done.power}
    assert said["answer", "article"].startswith("Five articles cannot show any difference")
    assert said["answer", "event"].startswith("One event cannot show any difference")


def test_two_runs_differ_only_in_costs(done: Leaderboard, tmp_path: Path) -> None:
    again = evaluate(models=FLOORS, reader="none", out=tmp_path).leaderboard
    assert _without_costs(again) == _without_costs(done)


def test_means_are_those_of_the_predictions(tmp_path: Path) -> None:
    board = evaluate(models=FLOORS, reader="none", out=tmp_path).leaderboard
    written = (tmp_path / "predictions.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in written.splitlines()]
    assert len(lines) == 4 * (5 + 1) + 2 * (131 + 30)
    event = "us-japan-rare-earths-2025"
    for row in board.rows:
        for name, number in row.metrics.items():
            scores = [
                x["scores"][name]
                for x in lines
                if x["model"] == row.model
                and x["task"] == row.task
                and x["example"].startswith(event) == (row.scope == "event")
            ]
            if row.role != "people":
                assert number.mean == math.fsum(scores) / len(scores)


def test_the_tables_say_what_the_rows_say(done: Leaderboard) -> None:
    text = terminal_text(tables(done), Display())
    lead = next(line for line in text.splitlines() if line.startswith("(lead-3)"))
    row = next(row for row in done.rows if row.model == "lead-3")
    for name, number in row.metrics.items():
        assert number.mean is not None
        scale = 1 if name in ("unsupported", "words", "extractive_density") else 100
        assert f"{scale * number.mean:.1f}" in lead.split() or name in (
            "novel_1grams",
            "novel_3grams",
        )
    assert "rougeLsum *" in text
    assert "f1 *" in text


def test_failures_are_counted_not_scored(suite_folder: Path, tmp_path: Path) -> None:
    """A folder that holds no model: each prediction has failed, and the run still ends."""
    roster = tmp_path / "models.toml"
    roster.write_text('[gone]\nkind = "causal"\nweights = { folder = "x" }\n', encoding="utf-8")
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "config.json").write_text("{}", encoding="utf-8")
    done = evaluate(suite_folder, rosters=[roster], tasks=["answer"], out=tmp_path / "out")
    (row,) = [row for row in done.leaderboard.rows if row.role == "model"]
    assert (row.counts.expected, row.counts.ok, row.counts.error) == (4, 0, 4)
    assert {number.mean for number in row.metrics.values()} == {None}
    assert done.failures[0].startswith("gone answer: 4 of 4 predictions failed and are in no mean")
    jsonschema.validate(json.loads(done.leaderboard.to_json()), schema())


def test_answers_are_split_as_the_official_script_splits_them(done: Leaderboard) -> None:
    """A refusal is right on each of the 30 of 131 questions without an answer, and on no other."""
    (row,) = [row for row in done.rows if (row.model, row.scope) == ("no-answer", "article")]
    assert row.squad == {
        "exact": 100.0 * 30 / 131, "f1": 100.0 * 30 / 131, "total": 131,
        "HasAns_exact": 0.0, "HasAns_f1": 0.0, "HasAns_total": 101,
        "NoAns_exact": 100.0, "NoAns_f1": 100.0, "NoAns_total": 30,
    }  # fmt: skip
    assert all(row.squad is None for row in done.rows if row.task == "summarize")


def test_a_suite_names_its_primary_metrics(suite_folder: Path, tmp_path: Path) -> None:
    manifest = suite_folder / "seeds" / "manifest.toml"
    articles = manifest.read_text(encoding="utf-8")
    manifest.write_text(f'primary = {{ summarize = "rouge2" }}\n{articles}', encoding="utf-8")
    board = evaluate(suite_folder, models=FLOORS, out=tmp_path / "out").leaderboard
    assert board.primary == {"summarize": "rouge2", "answer": "f1"}
    means = [row.metrics["rouge2"].mean or 0.0 for row in board.rows if row.task == "summarize"]
    assert means == sorted(means, reverse=True)
    assert {one.metric for one in board.comparisons if one.task == "summarize"} == {"rouge2"}
    manifest.write_text(f'primary = {{ summarize = "rouge22" }}\n{articles}', encoding="utf-8")
    with pytest.raises(
        DataError, match=r"primary\.summarize: there is no metric 'rouge22' that ranks; did you"
    ):
        evaluate(suite_folder, models=FLOORS, out=tmp_path / "more")
    assert not (tmp_path / "more").exists()
