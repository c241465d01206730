"""The gate's verdicts as JUnit XML, which build servers read: one test case a row."""

import re
from xml.etree import ElementTree as ET

from harness.compare.text import loss_lines
from harness.gate.verdicts import Gate, Verdict

# What XML 1.0 cannot hold, even escaped; a model may write it.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(gate: Gate) -> str:
    """Return the XML: a failed row is a failure, a refused one an error, a told one skipped."""
    counts = {
        "tests": str(len(gate.verdicts)),
        "failures": str(len(gate.with_state("failed"))),
        "errors": str(len(gate.with_state("refused"))),
        "skipped": str(len(gate.with_state("told"))),
        "time": "0",
    }
    # The root takes no `skipped` in the usual schema.
    root_counts = {name: value for name, value in counts.items() if name != "skipped"}
    root = ET.Element("testsuites", {"name": "harness gate", **root_counts})
    suite = ET.SubElement(root, "testsuite", {"name": "harness gate", **counts})
    for verdict in gate.verdicts:
        _add_test_case(suite, verdict)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _add_test_case(suite: ET.Element, verdict: Verdict) -> None:
    name = verdict.name
    case = ET.SubElement(
        suite,
        "testcase",
        {"classname": f"{name.task}.{name.scope}", "name": _xml_safe(name.model), "time": "0"},
    )
    reason = _xml_safe(verdict.reason)
    if verdict.state == "failed":
        ET.SubElement(
            case, "failure", {"message": reason, "type": "regression"}
        ).text = _failure_text(verdict)
    elif verdict.state == "refused":
        ET.SubElement(case, "error", {"message": reason, "type": "incomparable"}).text = reason
    elif verdict.state == "told":
        ET.SubElement(case, "skipped", {"message": reason})
    else:
        ET.SubElement(case, "system-out").text = reason


def _failure_text(verdict: Verdict) -> str:
    lines = [verdict.reason]
    if verdict.pair is not None:
        lines += [f"changed: {change}" for change in verdict.pair.changes]
        if verdict.pair.scores is not None:
            lines += [line for loss in verdict.pair.scores.losses for line in loss_lines(loss)]
    return _xml_safe("\n".join(lines))


def _xml_safe(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
