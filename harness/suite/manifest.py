"""`seeds/manifest.toml`: which files are a suite's articles, and where each begins and ends."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from harness.errors import DataError, Problem, Problems
from harness.files import field_path, read_toml_with_lines
from harness.records import Task
from harness.suite.metric_keys import Metrics
from harness.validation.validation import nearest_line, repeats, validate
from harness.validation.wording import Date, Sha256, Text, Words

FILE = "manifest.toml"

Identifier = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$"),
    Words("id", "must be an id: a-z, 0-9 and hyphens within, 63 at most, such as tokyo-visit"),
]

Language = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$"),
    Words("language", "must be a language's code, such as de, pt-BR or zh"),
]


class ManifestEntry(BaseModel):
    """One article: the file with its page's text, and what is known of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[Identifier, Field(examples=["tokyo-visit"])]
    """Short and stable: its golden, its questions and the leaderboard name it so."""
    file: Annotated[Text, Field(examples=["tokyo-visit.txt"])]
    """The page's text, by the name of its file in `seeds/`."""
    sha256: Sha256 | None = None
    """The hash of that file; with another content it is refused."""
    outlet: str | None = None
    """Who published it; it heads the article in an event."""
    headline: str | None = None
    """The headline, as printed."""
    date: Date | None = None
    """The day of publication."""
    date_source: str | None = None
    """Where the date is from: "printed", or how it was inferred."""
    language: Language | None = None
    """The language of the text, by its code; the suite's if not given."""
    rights: str | None = None
    """Who holds the rights, and what they allow."""
    begins: str | None = None
    """The first words of the article's first line; the lines before it are left out."""
    ends: str | None = None
    """The last words of the article's last line; the lines after it are left out."""


class SuiteKeys(BaseModel):
    """What a person may say of any suite: of articles and goldens, or of a data set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    suite: Identifier | None = None
    """The suite's name; that of its folder or data if not given."""
    language: Language | None = None
    """The language of the articles and goldens, by its code, such as de; the metrics follow it. If
    not given, the one that all articles have, or else en."""
    primary: dict[Task, str] = {}
    """The metric of each task that rows are sorted, ranked and compared by."""
    metrics: Metrics = []
    """Metrics beside the usual ones: a list of names, of summaries rouge_parts (ROUGE's precision
    and recall), chrf and bertscore; or a table `[metrics.NAME]` for each, such a name or one of
    your own."""
    encoder: Text | None = None
    """The encoder of BERTScore, as `--encoder` names it; the one that ships if not given."""
    reader: Annotated[str | None, Field(min_length=1)] = None
    """The model of the roster that is asked the golden questions about summaries, for `coverage`;
    if not given, there is none."""
    licence: Text | None = None
    """What may be done with the texts; the leaderboard says it."""
    citation: Text | None = None
    """What to cite; the leaderboard says it."""


class Manifest(SuiteKeys):
    """The articles of a suite, and if given its name and primary metrics."""

    article: Annotated[
        list[ManifestEntry],
        Field(min_length=1, examples=[[{"id": "tokyo-visit", "file": "tokyo-visit.txt"}]]),
    ]
    """The articles, a `[[article]]` table each."""


_MANIFEST = TypeAdapter(Manifest)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a seeds folder; raise DataError with all that is wrong in it."""
    path = folder / FILE
    if not path.is_file():
        message = "there is no such file; it must list the suite's articles"
        raise DataError(Problem(path, message))
    content, lines = read_toml_with_lines(path)
    problems = Problems()
    for name in ("id", "file"):
        for index, value, first in repeats(content.get("article"), name):
            location = ("article", index, name)
            message = f"{value!r} is given to two articles, first to article[{first}]; keep one"
            problems.append(
                Problem(path, message, field_path(location), nearest_line(location, lines))
            )
    with problems.collected():
        manifest = validate(_MANIFEST, content, path, lines)
    problems.raise_any()
    return manifest


def common_language(manifest: Manifest) -> str | None:
    """Return the suite's language: the manifest's, or the one that all articles have, if any."""
    languages = {entry.language or "en" for entry in manifest.article}
    return manifest.language or (languages.pop() if len(languages) == 1 else None)
