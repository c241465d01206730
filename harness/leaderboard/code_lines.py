"""What a run records of the metrics of one's own, and those metrics again from what it records."""

import os
from collections.abc import Sequence
from pathlib import Path

from harness.errors import DataError, UsageError
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.numbers import CodeLine
from harness.metrics.own.metric import OwnMetric
from harness.own_code.code import Code, NamedCode
from harness.own_code.file import OwnCode
from harness.own_code.installed import METRIC_GROUP, InstalledCode, installed


def with_code_lines(board: Leaderboard, own: Sequence[OwnMetric], folder: Path) -> Leaderboard:
    """Return a board that says of each metric of one's own what computes it, as seen from a folder.

    A run says nothing of the machine that it was made on, and may move together with the files.
    """
    lines = {
        metric.name: board.metrics[metric.name].model_copy(
            update={"code": _line(metric.source, folder)}
        )
        for metric in own
        if metric.name in board.metrics
    }
    return board.model_copy(update={"metrics": {**board.metrics, **lines}}) if lines else board


def recorded_code(board: Leaderboard, folder: Path, *, allow_code: bool) -> list[NamedCode]:
    """Return what computes the metrics of one's own that a run has; nothing is run here.

    Raises UsageError unless `allow_code` where there is any, and DataError for a file or package
    that is not there, or is not what the run was scored with.
    """
    named: list[NamedCode] = []
    for name, line in board.metrics.items():
        if line.code is None:
            continue
        package = f" of {line.code.package}" if line.code.package else ""
        what = line.code.file or f"{line.code.class_name}{package}"
        if not allow_code:
            raise UsageError(
                f"{folder}: {name} was computed by the program {what}, which was not run; read it, "
                "and add --allow-code"
            )
        source = _source(line.code, folder)
        if source.fingerprint != line.code.sha256:
            raise DataError(
                f"{folder}: {name} was computed by another {what} (its SHA-256 differs); put that "
                "one back, or score the run anew with `harness eval`"
            )
        named.append((source, name))
    return named


def _line(source: Code, folder: Path) -> CodeLine:
    if isinstance(source, InstalledCode):
        return CodeLine(
            class_name=source.entry.name,
            options=dict(source.options),
            package=source.package,
            sha256=source.fingerprint,
        )
    if not isinstance(source, OwnCode):  # a function of a program
        return CodeLine(class_name=source.label, sha256=source.fingerprint)
    return CodeLine(
        file=_seen_from(folder, source.file),
        class_name=source.class_name,
        options=dict(source.options),
        files=[_seen_from(folder, path) for path in source.files],
        sha256=source.fingerprint,
    )


def _source(line: CodeLine, folder: Path) -> OwnCode | InstalledCode:
    if line.file is None:
        offered = installed(METRIC_GROUP)
        if line.package is None:
            raise UsageError(
                f"{folder}: {line.class_name} of a program computed a metric, which cannot be "
                "computed again here; write it as a class in a file, for --score-with"
            )
        if line.class_name not in offered:
            raise DataError(f"{folder}: {line.package} is not installed; install it")
        return InstalledCode(offered[line.class_name], line.options)
    files = [(folder / path).resolve() for path in line.files]
    return OwnCode((folder / line.file).resolve(), line.class_name, line.options, files)


def _seen_from(folder: Path, path: Path) -> str:
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
