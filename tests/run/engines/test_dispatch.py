"""Who is given what, and what becomes of batches whose workers end."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from harness.errors import WorkersError
from harness.records import Prediction
from harness.run.engines.engine import Job, Needs
from harness.run.engines.ray.dispatch import Dispatch
from harness.run.predict import Turn
from harness.run.store import Store
from tests.run.engines.here import Here
from tests.run.engines.models import Fragile, examples


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "s.sqlite") as store:
        yield store


def _job(
    store: Store,
    questions: Sequence[str],
    model: Fragile | None = None,
    size: int = 0,
    cpus: int = 1,
) -> Job:
    turn = Turn(model or Fragile(), examples(questions), store, {"node": "driver"}, lambda *_: None)
    return Job(f"fragile-{size}", turn, Needs(cpus), size)


def _run(fleet: Here, *jobs: Job, wait: float = 0.0, most: int | None = None) -> None:
    Dispatch(fleet, jobs, wait=wait, most=most).run()


def _made(job: Job) -> list[Prediction]:
    return [one.stored.prediction for one in job.turn.predictions]


WORDS = [f"word {number}" for number in range(40)]


def test_each_is_made_once_by_workers_that_have_two_batches_at_most(store: Store) -> None:
    job, fleet = _job(store, WORDS), Here({"one": 2, "two": 1})
    _run(fleet, job)
    assert [one.text for one in _made(job)] == [word.upper() for word in WORDS]
    assert sorted(word for _, words in fleet.asked for word in words) == sorted(WORDS)
    assert fleet.most_under_way == 2
    assert fleet.loads == {"one": 2, "two": 1}
    assert {one.stored.environment["node"] for one in job.turn.predictions} == {"one", "two"}


def test_as_many_workers_as_are_asked_for_on_different_nodes(store: Store) -> None:
    fleet = Here({"one": 2, "two": 2})
    _run(fleet, _job(store, WORDS), most=2)
    assert fleet.loads == {"one": 1, "two": 1}


@pytest.mark.parametrize("how", ["exit 3", "signal 9"])
@pytest.mark.parametrize("nodes", [{"one": 1}, {"one": 1, "two": 1}])
def test_what_ends_its_worker_is_found_and_the_rest_is_made(
    store: Store, nodes: dict[str, int], how: str
) -> None:
    words = [*WORDS[:4], how, *WORDS[4:11]]
    job, fleet = _job(store, words), Here(nodes)
    _run(fleet, job)
    told = {"exit 3": "exit code 3", "signal 9": "signal 9"}[how]
    error = f"killed its worker twice: {told}"
    assert [one.error for one in _made(job)] == [None] * 4 + [error] + [None] * 7
    assert [one.text for one in _made(job)] == [
        "" if word == how else word.upper() for word in words
    ]
    # Of eight: as a whole twice, then the half, the quarter and the one that it stands in.
    deadly = [len(asked) for _, asked in fleet.asked if how in asked]
    assert deadly == [8, 8, 4, 2, 1]


def test_a_batch_whose_worker_ended_goes_to_another(store: Store) -> None:
    fleet = Here({"one": 1, "two": 1})
    _run(fleet, _job(store, ["signal 9"]))
    assert [node for node, _ in fleet.asked] in (["one", "two"], ["two", "one"])


def test_a_node_that_ends_costs_no_example_its_prediction(store: Store) -> None:
    """Each batch of one that it was given would be blamed at the second node, if nodes were."""
    job = _job(store, WORDS, Fragile(size=1))
    fleet = Here({"one": 2, "two": 2, "three": 1}, ends={"one": 3, "two": 3})
    _run(fleet, job)
    assert [one.error for one in _made(job)] == [None] * len(WORDS)


def test_with_no_worker_left_what_was_made_stays_and_the_same_again_goes_on(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet = Here({"one": 1}, ends={"one": 3})
    with pytest.raises(WorkersError, match=r"^no worker is left that can do what is to be done; "):
        _run(fleet, _job(store, WORDS), wait=0.2)
    assert "harness: one is gone; what its worker had is made elsewhere" in capsys.readouterr().err
    job, again = _job(store, WORDS), Here({"one": 1})
    assert job.turn.kept_before == 16  # the third batch of eight was lost
    _run(again, job)
    assert sum(len(words) for _, words in again.asked) == 24
    assert [one.cached for one in job.turn.predictions].count(True) == 16


@pytest.mark.parametrize(
    ("others", "older", "told"),
    [
        ("two", "", "two: its workers are turned away from fragile-0: it has another model"),
        ("", "two", "two: its workers are turned away: its harness is another"),
    ],
)
def test_a_worker_that_is_not_alike_is_turned_away_by_name_and_the_others_go_on(
    store: Store, capsys: pytest.CaptureFixture[str], others: str, older: str, told: str
) -> None:
    job, fleet = _job(store, WORDS), Here({"one": 1, "two": 3}, others=[others], older=[older])
    _run(fleet, job)
    assert {node for node, _ in fleet.asked} == {"one"}
    assert not any(one.error for one in _made(job))
    assert capsys.readouterr().err.count(told) == 1


def test_a_model_that_loads_nowhere_fails_every_query_with_the_reason(store: Store) -> None:
    job = _job(store, WORDS, Fragile(loads="fail"))
    _run(Here({"one": 1, "two": 1}), job)
    assert {one.error for one in _made(job)} == {"ModelError: no weights in here"}


def test_long_models_come_first_and_each_is_loaded_once_a_worker(store: Store) -> None:
    fleet = Here({"one": 1})
    small = _job(store, ["smaller", "small"], size=10)
    large = _job(store, ["larger", "large"], size=20)
    _run(fleet, small, large)
    assert [words[0] for _, words in fleet.asked] == ["larger", "smaller"]
    assert fleet.loads == {"one": 2}


def test_workers_make_room_for_a_model_that_needs_more(store: Store) -> None:
    fleet = Here({"one": 2})
    jobs = _job(store, WORDS, size=2), _job(store, ["wide"], size=1, cpus=2)
    _run(fleet, *jobs)
    assert [_made(job)[0].text for job in jobs] == ["WORD 0", "WIDE"]


def test_the_same_query_twice_is_asked_once(store: Store) -> None:
    twice = examples(["why"]) * 2
    turn = Turn(Fragile(), twice, store, {}, lambda *_: None)
    fleet = Here({"one": 1})
    _run(fleet, Job("fragile", turn))
    assert fleet.asked == [("one", ("why",))]
    assert [one.stored.prediction.text for one in turn.predictions] == ["WHY"] * 2
    assert turn.left == 0
