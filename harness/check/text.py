"""What was found in a suite as a person reads it, and as machines do."""

import dataclasses
import json

from harness.check.finding import Finding, Level
from harness.check.suite import CheckReport
from harness.tables.cells import csv_text
from harness.tables.markdown import markdown_text
from harness.tables.table import Column, Lines, Note, Notes, Part, Table, TableRow

LEVELS: tuple[Level, ...] = ("error", "warning", "note")


def check_parts(report: CheckReport) -> list[Part]:
    """Return the findings by level, each as compilers write it: the place first."""
    lines: list[str] = []
    for level in LEVELS:
        findings = _of_level(report, level)
        lines.append(_count(level, len(findings)))
        lines += [f"  {finding.where}: {finding.message} [{finding.name}]" for finding in findings]
    return [Lines((*lines, _allowed(report)))]


def check_markdown(report: CheckReport) -> str:
    """Return a table of the findings, and how many there are."""
    columns = tuple(Column(header, align="left") for header in ("level", "where", "what", "name"))
    rows = tuple(
        TableRow((finding.level, finding.where, finding.message, finding.name))
        for level in LEVELS
        for finding in _of_level(report, level)
    )
    counts = ", ".join(_count(level, len(_of_level(report, level))) for level in LEVELS)
    summary = Notes((Note(f"{counts}."), Note(f"{_allowed(report)}.")))
    return markdown_text([*([Table(columns, rows)] if rows else []), summary])


def check_csv(report: CheckReport) -> str:
    """Return a line for each finding; one that its golden allows has the reason."""
    findings = [(finding, "") for level in LEVELS for finding in _of_level(report, level)]
    return csv_text(
        ["level", "name", "file", "line", "message", "allowed"],
        ([*dataclasses.astuple(finding), reason] for finding, reason in
         [*findings, *report.allowed]),
    )  # fmt: skip


def check_json(report: CheckReport, *, sound: bool) -> str:
    """Return all as JSON text, with whether the suite is as it should be."""
    findings = [dataclasses.asdict(finding) for finding in report.findings]
    allowed = [
        {**dataclasses.asdict(finding), "reason": reason} for finding, reason in report.allowed
    ]
    content = {"sound": sound, "findings": findings, "allowed": allowed}
    return json.dumps(content, indent=2)


def _of_level(report: CheckReport, level: Level) -> list[Finding]:
    return [finding for finding in report.findings if finding.level == level]


def _count(level: Level, count: int) -> str:
    return f"{count} {level}" if count == 1 else f"{count} {level}s"


def _allowed(report: CheckReport) -> str:
    return f"{len(report.allowed)} warnings allowed, each with its reason in the golden"
