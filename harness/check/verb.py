"""`harness check`: its options, and what it prints."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from harness.options import add_suite_option

if TYPE_CHECKING:
    from harness.check.suite import CheckReport


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness check`."""
    add_suite_option(command)
    command.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Check the goldens, print what was found, and return the exit code."""
    import dataclasses
    import json

    report = _report(options.suite)
    if options.json:
        findings = [dataclasses.asdict(finding) for finding in report.findings]
        allowed = [
            {**dataclasses.asdict(finding), "reason": reason} for finding, reason in report.allowed
        ]
        print(
            json.dumps({"sound": report.sound, "findings": findings, "allowed": allowed}, indent=2)
        )
        return 0 if report.sound else 1
    for level in ("error", "warning", "note"):
        level_findings = [finding for finding in report.findings if finding.level == level]
        print(f"{len(level_findings)} {level}s" if len(level_findings) != 1 else f"1 {level}")
        for finding in level_findings:
            print(f"  {finding.where}: {finding.message} [{finding.name}]")
    print(f"{len(report.allowed)} warnings allowed, each with its reason in the golden")
    return 0 if report.sound else 1


def _report(name: str) -> "CheckReport":
    """Return the report on the suite of that name; paths are told as from here."""
    from harness.check.data_set import check_data_set
    from harness.check.suite import CheckReport, check_suite
    from harness.locations import DATA_SET, suite_folder
    from harness.suite.squad.suite import read_squad

    if name.startswith(DATA_SET):
        return CheckReport(list(check_data_set(read_squad(name))), [])
    root, working_folder = suite_folder(name).resolve(), Path.cwd()
    return check_suite(
        root.relative_to(working_folder) if root.is_relative_to(working_folder) else root
    )
