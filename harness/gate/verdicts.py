"""A verdict on each row and metric of a run: passed, failed, only told, or refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from harness.compare.changes import Change, rescoring_hint
from harness.compare.explanation import selection_text
from harness.compare.pairs import RowName, RowPair, RunPair, compare
from harness.gate.decision import Decision, decide
from harness.gate.reasons import decision_reason, unequal_reasons, unscored_reason
from harness.gate.standards import Standard, StandardName, Standards, refuse_unfit
from harness.leaderboard.run_folder import Run
from harness.stats import POWER
from harness.stats.one_sided import LEVEL

State = Literal["passed", "failed", "told", "refused"]
STATES: tuple[State, ...] = ("failed", "refused", "told", "passed")

# Why a row failed: by its standard, or because what is asked for is not there.
Cause = StandardName | Literal["missing", "failures"]

SELECTION_HINT = "make one of the runs again with the other's choice of examples"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of one metric of a row, by which standard, and why.

    `causes` are why it failed, else none. `decision` is `None` where nothing was compared, `pair`,
    `metric` and `standard` for a row that one run lacks. `hint` is what to do about a refusal.
    """

    name: RowName
    metric: str | None
    standard: Standard | None
    state: State
    causes: tuple[Cause, ...]
    reason: str
    hint: str | None
    decision: Decision | None
    pair: RowPair | None

    def __str__(self) -> str:
        return f"{self.name}, {self.metric}" if self.metric else str(self.name)


@dataclass(frozen=True)
class Gate:
    """The verdicts on all rows, and what they were made with.

    `level` is that of each one-sided test by itself, and `power` that with which a verdict's
    `detectable_loss` would be shown. `tolerances` and `margins` are those given, by metric.
    """

    base: str
    head: str
    level: float
    power: float
    tolerances: Mapping[str, float]
    margins: Mapping[str, float]
    verdicts: tuple[Verdict, ...]

    def with_state(self, state: State) -> list[Verdict]:
        """Return the verdicts of one kind."""
        return [verdict for verdict in self.verdicts if verdict.state == state]

    def of_standard(self, name: StandardName) -> list[Verdict]:
        """Return the verdicts by one standard."""
        return [
            verdict
            for verdict in self.verdicts
            if verdict.standard is not None and verdict.standard.name == name
        ]

    @property
    def exit_code(self) -> int:
        """2 if a row was refused, else 1 if one failed, else 0."""
        return 2 if self.with_state("refused") else 1 if self.with_state("failed") else 0


def gate_runs(base: Run, head: Run, standards: Standards) -> Gate:
    """Return the gate's verdicts on a run, held against another.

    By each row's primary metric, and by those that `standards` name. Raises UsageError for a
    metric that cannot be judged, DataError as `compare` does.
    """
    refuse_unfit(standards, base, head)
    return judge(compare(base, head, standards.metrics), standards)


def judge(run_pair: RunPair, standards: Standards | None = None) -> Gate:
    """Return the gate's verdicts on models, floors and the oracle alike; people predict nothing.

    A row fails as `decide` says, and by either standard if an example is missing or failures grew.
    Floors and the oracle are held to the same rule: nothing but their code or the goldens can move
    them. Runs on other examples of the suite are refused: what one did not run would count as
    missing, or be passed over.
    """
    given = standards or Standards()
    other = _selection_change(run_pair)
    verdicts = [_verdict(row, given.of(row.metric, row.name.scope), other) for row in run_pair.rows]
    verdicts += [
        _verdict_without_pair(
            name, "failed", "the head lacks this row, so all its examples are missing"
        )
        for name in run_pair.only_base
    ]
    verdicts += [
        _verdict_without_pair(name, "told", "new: the baseline has no such row")
        for name in run_pair.only_head
    ]
    return Gate(
        run_pair.base,
        run_pair.head,
        LEVEL,
        POWER,
        given.tolerances,
        given.margins,
        tuple(verdicts),
    )


def _selection_change(run_pair: RunPair) -> Change | None:
    if not run_pair.on_other_examples:
        return None
    base, head = map(selection_text, (run_pair.base_selection, run_pair.head_selection))
    return Change("data", "selection", base, head)


def _verdict(row: RowPair, standard: Standard, other_selection: Change | None) -> Verdict:
    refused = [*([other_selection] if other_selection else []), *row.refused]
    if refused:
        hint = SELECTION_HINT if other_selection else rescoring_hint(row.refused)
        reason = "; ".join(map(str, refused))
        return Verdict(row.name, row.metric, standard, "refused", (), reason, hint, None, row)
    causes: list[Cause] = ["missing"] if row.missing else []
    causes += ["failures"] if len(row.failed) > len(row.recovered) else []
    reasons = unequal_reasons(row)
    if row.scores is None:
        decision = None
        state: State = "failed" if causes or standard.name == "non-inferiority" else "told"
        if not causes:
            reasons = ["no example was scored in both runs"]
            causes = ["non-inferiority"] if state == "failed" else []
    else:
        decision = decide(row.scores, standard, row.declaration)
        own_reason = decision_reason(row, standard, decision)
        if decision.outcome == "failed":
            causes.insert(0, standard.name)
        if decision.outcome == "failed" or not reasons:
            reasons.insert(0, own_reason)
        if unscored := unscored_reason(row):
            reasons.append(unscored)
        fewer = len(row.unscored) > len(row.newly_scored)
        if fewer and standard.name == "non-inferiority" and standard.name not in causes:
            causes.append(standard.name)  # of them nothing is shown
        state = "failed" if causes else decision.outcome
    reason = "; ".join(reasons)
    return Verdict(
        row.name, row.metric, standard, state, tuple(causes), reason, None, decision, row
    )


def _verdict_without_pair(name: RowName, state: State, reason: str) -> Verdict:
    causes: tuple[Cause, ...] = ("missing",) if state == "failed" else ()
    return Verdict(name, None, None, state, causes, reason, None, None, None)
