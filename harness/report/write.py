"""A run to its page on the disk."""

from pathlib import Path

from harness.command.locations import located_from, recorded_location
from harness.errors import UsageError
from harness.files import make_folder, refuse_foreign_file
from harness.leaderboard.run_folder import LEADERBOARD, REPORT, read_run
from harness.models.checkpoint.memory import trim_memory
from harness.report.building.build import build_report
from harness.report.rendering.chunks import place_chunks, remove_stale_chunks
from harness.report.rendering.freshness import page_inputs, write_page
from harness.requirements import import_failed, missing_packages

# How each page begins: what does not is never replaced by one.
_BEGINNING = r"<!doctype html>.*<meta name=\"generator\" content=\"golden-harness\">"


def write_report(
    run: Path, suite: str | Path | None = None, base: Path | None = None, out: Path | None = None
) -> Path:
    """Write the page of a run, or of what changed from `base` to it, and return its path.

    `suite` is what `harness eval --suite` was given, of nothing what the run records. The page
    stands in the run's folder unless `out` names another file. Large runs have their examples in
    files beside it. Raises UsageError where the page's packages are missing or the suite is not
    the run's or `out` is another file already, DataError for what is no run, StoreError for what
    cannot be written.
    """
    try:
        from harness.report.rendering.page_html import page_html
    except ModuleNotFoundError:
        raise UsageError(import_failed("the report", "jinja2", "vl-convert-python")) from None
    if missing := missing_packages("vl-convert-python"):  # its process imports it
        raise UsageError(missing.message("the report"))
    head_run = read_run(run)
    if out:
        refuse_foreign_file(out, _BEGINNING, "page of a run", "--out")
        another = (out.parent / LEADERBOARD).is_file() and not out.parent.samefile(head_run.folder)
        if out.is_file() and another:
            raise UsageError(f"--out {out}: is the page of the run there; choose another name")
    name = REPORT if base is None else f"compared-{REPORT}"
    path = out or head_run.folder / name
    if not out:
        refuse_foreign_file(path, _BEGINNING, "page of a run", "the run's page")
    base_run = read_run(base) if base else None
    trim_memory()  # what the run itself took, where it was made in this process
    suite_name = head_run.suite_name
    if suite is not None:
        suite_name = located_from(recorded_location(suite, head_run.folder), head_run.folder)
    report_data = build_report(head_run, head_run.suite(suite), base_run, suite_name)
    make_folder(path.parent)
    trim_memory()  # what numbers of all examples took
    placed = place_chunks(report_data, path)
    del report_data  # what examples are made from is given back before the page is put together
    trim_memory()
    is_own = base is None and suite_name == head_run.suite_name
    inputs = page_inputs(head_run.folder / LEADERBOARD) if is_own else None
    write_page(path, page_html(placed.page, placed.inline), inputs)
    remove_stale_chunks(placed)
    return path
