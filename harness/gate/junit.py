"""The gate's verdicts as JUnit XML, which build servers read: a test case a row and metric."""

import re
from xml.etree import ElementTree as ET

from harness.compare.number_text import loss_lines
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
    named = set()
    for verdict in gate.verdicts:
        name = verdict.name.model
        if verdict.name in named:  # by a further metric
            name = f"{name}, {verdict.metric}"
        named.add(verdict.name)
        _add_test_case(suite, verdict, name)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _add_test_case(suite: ET.Element, verdict: Verdict, case_name: str) -> None:
    name = verdict.name
    case = ET.SubElement(
        suite,
        "testcase",
        {"classname": f"{name.task}.{name.scope}", "name": _xml_safe(case_name), "time": "0"},
    )
    reason = _xml_safe(verdict.reason)
    if verdict.state == "failed":
        ET.SubElement(
            case, "failure", {"message": reason, "type": verdict.causes[0]}
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
            declaration = verdict.pair.declaration
            for loss in verdict.pair.scores.losses:
                lines += loss_lines(loss, declaration)
    return _xml_safe("\n".join(lines))


def _xml_safe(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
