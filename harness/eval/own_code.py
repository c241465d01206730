"""The files of Python that a run's roster, suite and command line name."""

from harness.eval.jobs import Jobs
from harness.metrics.options import MetricOptions
from harness.models.roster.roster import import_code as import_entries
from harness.own_code.file import OwnCode
from harness.progress import note


def import_code(jobs: Jobs, options: MetricOptions) -> MetricOptions:
    """Run the files of Python that roster, suite and options name, and say which in a line.

    Returns the options with the metrics of one's own. Raises ModelError and MetricError for what
    cannot be used.
    """
    own = [source.file for source, _ in jobs.suite.own_metrics if isinstance(source, OwnCode)]
    files = [path for entry in jobs.entries for path in entry.model.own_files]
    files += [*own, *options.own_files]
    if files:
        note(f"runs the programs {', '.join(dict.fromkeys(str(path) for path in files))}")
    import_entries(jobs.entries)
    return options.with_own(jobs.suite.own_metrics)
