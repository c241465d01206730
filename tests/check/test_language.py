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


def test_answers_are_read_by_the_rule_of_their_language(suite_folder: Path) -> None:
    """MLQA's script, as SQuAD's, drops punctuation: of 3,5 the comma."""
    golden = suite_folder / "goldens" / "first.yaml"
    text = golden.read_text(encoding="utf-8")
    golden.write_text(text.replace('"Ann"', '"3,5"'), encoding="utf-8")
    manifest = suite_folder / "seeds" / "manifest.toml"
    articles = manifest.read_text(encoding="utf-8")
    for language, rule in (("en", "SQuAD's"), ("de-AT", "the mlqa")):
        manifest.write_text(f'language = "{language}"\n{articles}', encoding="utf-8")
        found = check_suite(suite_folder).findings
        (finding,) = [one for one in found if one.name.startswith("answer-confused/")]
        assert f"{rule} normalization reads its answer '3,5' as '35'" in finding.message


def test_a_manifest_that_cannot_be_read_is_all_that_is_told(suite_folder: Path) -> None:
    manifest = suite_folder / "seeds" / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(f'language = "deutsch"\n{text}', encoding="utf-8")
    (finding,) = check_suite(suite_folder).findings
    assert (finding.name, finding.line) == ("unreadable", 1)
