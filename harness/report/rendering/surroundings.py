"""What every page's templates and styles are read with."""

from collections.abc import Iterable
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.report.rendering import number_format


def template_environment(package: str) -> Environment:
    """Return what renders the templates of a package: all is escaped, and nothing may be missing.

    It has the filters that write numbers.
    """
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "points": number_format.points,
        "figure": number_format.figure,
        "interval_figure": number_format.interval_figure,
        "signed": number_format.signed,
        "percent": number_format.percent,
        "seconds": number_format.seconds,
        "rate": number_format.rate,
        "megabytes": number_format.megabytes,
        "probability": number_format.probability,
    }
    return environment


def package_texts(package: str, folder: str, names: Iterable[str], suffix: str) -> list[str]:
    """Return the texts of files in a folder of a package, such as its styles."""
    directory = resources.files(package) / folder
    return [(directory / f"{name}.{suffix}").read_text(encoding="utf-8") for name in names]
