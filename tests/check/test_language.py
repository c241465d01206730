"""What `harness check` says of a suite in another language than English."""

from pathlib import Path

from harness.check.suite import check_suite
from tests import hindi


def test_a_suite_that_a_run_would_refuse_is_wrong(tmp_path: Path) -> None:
    found = check_suite(hindi.suite(tmp_path / "none", "")).findings
    (error,) = [finding for finding in found if finding.name == "language"]
    assert error.level == "error"
    assert error.where.endswith("seeds/manifest.toml")
    assert "drops 100.0 % of the letters of references" in error.message
    named = check_suite(hindi.suite(tmp_path / "named", 'language = "hi"')).findings
    assert not [finding for finding in named if finding.name == "language"]
    assert [finding.name for finding in named if finding.name == "agreement"]
