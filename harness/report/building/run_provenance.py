"""How a run was made: hashes, signatures, environments, prompts, and commands to make it again."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.command.locations import REFERENCES, default_suite, is_data_set, suite_folder
from harness.errors import DataError
from harness.files import flat_fields, shipped_path
from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.leaderboard.printing.tables import ONLY_IN_JSON
from harness.leaderboard.run_folder import Run
from harness.leaderboard.suite_line import ReferencesLine
from harness.metrics import short_signature
from harness.metrics.agreement.figures import agreement_text
from harness.prompting.prompts import Prompt, read_prompt, template_pieces
from harness.report.content.provenance import (
    Canaries,
    CanaryRow,
    Environment,
    How,
    Message,
    Piece,
    PromptText,
    Signature,
)
from harness.suite.suite import Suite
from harness.visible import visible_text

Facts = tuple[tuple[str, str], ...]

# How what stands on the page was made, for people. Each is the rule that the code follows.
RULES = (
    (
        "evidence and answers",
        "The golden sentences in which people found the answer, and acceptable answers in them. "
        "Where a data set names no evidence, acceptable answers are marked wherever they stand.",
    ),
    (
        "a model's answer",
        "Where the model said that it stands; else where its words stand: as they are, or without "
        "regard to case, white space and the kind of quotation mark. Of several places, the first "
        "in the evidence counts, or the first of all.",
    ),
    (
        "shared words",
        "Words as ROUGE reads them (lower case, stemmed), by the longest run of words, up to 4, "
        "that the best reference has too. The best reference is the one with the highest F1 of "
        "single words. A run that the reference has once may be marked twice.",
    ),
    (
        "numbers not in the article",
        "Numbers in digits whose value the article has neither in digits nor, up to twelve, as a "
        "word. 1,000, 1000 and 1 thousand are one number; larger number words are not looked at.",
    ),
    (
        "names not in the article",
        "Capitalized words within a sentence that are nowhere in the article, in any case. The "
        "first word of a sentence or quotation is not looked at.",
    ),
    (
        "quotes not in the article",
        "Text in double quotation marks whose words do not stand in the article in a row.",
    ),
    (
        "where the article bears it out",
        "Each sentence of a summary is held against each two neighbouring sentences of the "
        "article. What counts is the share of its words, rare ones more, that stand there in the "
        "same order; the best place is shown. It sees words, and not whether they mean the same.",
    ),
    (
        "golden questions of a summary",
        "A reader has the summary in the place of the article, and does not see who wrote it. An "
        "answer is right where SQuAD's F1 is 1, in part where it is above 0, wrong where it is 0. "
        "A right answer that the reader did not find counts as left out. Marked is the first place "
        "in the summary, and all in the golden evidence, where an acceptable answer stands word "
        "for word.",
    ),
    (
        "slices",
        "Means of the primary metric over parts of the examples, with Student's t over articles. "
        "They describe: nothing is adjusted for looking at many parts.",
    ),
    (
        "frontier",
        "Rows that no other row makes needless: none is at least as good and at least as cheap, "
        "and better or cheaper.",
    ),
    (
        "hidden characters",
        "Characters that cannot be seen, or change how others are read, are shown by their number, "
        "such as ⟦U+202E⟧. Words of more than 1,000 letters and texts of more than 500,000 are "
        "cut, and say so.",
    ),
)


def run_provenance(
    run: Run, suite: Suite, suite_name: Path | str | None, base: Run | None, power: Sequence[str]
) -> How:
    """Return how a run was made.

    `suite_name` is what the suite was named by, `base` the run that it is compared with, and
    `power` are sentences on what the suite can show.
    """
    board = run.board
    signatures = {
        number.signature: name for row in board.rows for name, number in row.metrics.items()
    }
    return How(
        suite=visible_text(board.suite.id),
        suite_hash=board.suite.hash,
        limit=board.suite.limit,
        articles=sum(article.scope == "article" for article in suite.articles.values()),
        events=sum(article.scope == "event" for article in suite.articles.values()),
        predictions_sha256=board.predictions_sha256,
        signatures=tuple(
            Signature(metric=name, signature=visible_text(text), short=short_signature(text))
            for text, name in signatures.items()
        ),
        scored=Environment(models=(), facts=flat_facts(board.environment)),
        predicted=_prediction_environments(board.rows),
        identities={
            visible_text(f"{row.model} {row.task}"): flat_facts(row.identity)
            for row in board.rows
            if row.role in ("model", "floor")
        },
        prompts=_prompts(board.rows, suite_name),
        commands=tuple(map(visible_text, _commands(run, suite_name, base))),
        agreement={
            name: (agreement_text(line.agreement, short=True), agreement_text(line.agreement))
            for name, line in board.metrics.items()
        },
        canaries=_canaries(board),
        rules=RULES,
        power=tuple(power),
        clipped=(),
    )


def _canaries(board: Leaderboard) -> Canaries | None:
    """Return how often the measures see that references were made worse."""
    if not board.canaries:
        return None
    measures = dict.fromkeys(
        name for lines in board.canaries.values() for name in lines if name not in ONLY_IN_JSON
    )
    return Canaries(
        measures=tuple(map(visible_text, measures)),
        rows=tuple(
            CanaryRow(
                corruption=visible_text(corruption),
                n=max(line.n for line in lines.values()),
                shares=tuple(
                    (line.lower, line.higher, line.none) if (line := lines.get(name)) else None
                    for name in measures
                ),
            )
            for corruption, lines in board.canaries.items()
        ),
    )


def flat_facts(value: Mapping[str, object]) -> Facts:
    """Return nested names and values as one flat list.

    >>> flat_facts({"threads": 2, "packages": {"numpy": "2.4"}})
    (('threads', '2'), ('packages.numpy', '2.4'))
    """
    return tuple((visible_text(name), visible_text(text)) for name, text in flat_fields(value))


def _prediction_environments(rows: Sequence[Row]) -> tuple[Environment, ...]:
    """Return each environment once, with the models that predicted there."""
    models_by_environment: dict[Facts, dict[str, None]] = {}
    for row in rows:
        if row.role in ("model", "floor"):
            for environment in row.environments:
                models_by_environment.setdefault(flat_facts(environment), {})[
                    visible_text(row.model)
                ] = None
    return tuple(
        Environment(models=tuple(models), facts=facts)
        for facts, models in models_by_environment.items()
    )


def _prompts(rows: Sequence[Row], suite_name: Path | str | None) -> dict[str, PromptText]:
    """Return the prompts whose files are at hand and still say what was asked."""
    prompt_hashes = {row.prompt.sha256 for row in rows if row.prompt}
    folders = [shipped_path("prompts"), Path("prompts")]
    is_folder = suite_name is not None and not is_data_set(suite_name)
    if suite_name is not None and is_folder and not str(suite_name).startswith(REFERENCES):
        folders.append(suite_folder(suite_name) / "prompts")
    prompts = {}
    for path in dict.fromkeys(path for folder in folders for path in sorted(folder.glob("*.toml"))):
        try:
            prompt = read_prompt(path)
        except DataError:
            continue  # a file that is not of this run: `harness eval` says what is wrong with it
        if prompt.sha256 in prompt_hashes:
            prompts[prompt.sha256] = _prompt_text(prompt)
    return prompts


def _prompt_text(prompt: Prompt) -> PromptText:
    texts = (("system", prompt.system), ("user", prompt.user))
    return PromptText(
        name=visible_text(prompt.name),
        version=prompt.version,
        messages=tuple(
            Message(
                role=role,
                pieces=tuple(
                    Piece(text=visible_text(text), field=field)
                    for text, field in template_pieces(template)
                ),
            )
            for role, template in texts
            if template
        ),
        max_new_tokens=prompt.max_new_tokens,
    )


def _commands(run: Run, suite_name: Path | str | None, base: Run | None) -> Iterator[str]:
    """Yield commands; the roster is not recorded, so it is only named where it need not be."""
    board = run.board
    if board.suite.references is not None:
        yield from _score_commands(run, board.suite.references, suite_name)
        return
    commit = board.environment.get("git_commit")
    if isinstance(commit, str):
        yield f"git checkout {commit}"
    suite_option = ["--suite", str(suite_name)] if suite_name not in (None, default_suite()) else []
    location = [] if board.suite.location else suite_option
    models = dict.fromkeys(row.model for row in board.rows if row.role in ("model", "floor"))
    command = ["harness", "eval", *suite_option, "--models", ",".join(models)]
    if len(board.primary) == 1:
        command += ["--tasks", *board.primary]
    command += _primary_options(board)
    command += board.suite.selection.options
    command += board.suite.data.choice.options if board.suite.data else []
    times = max((row.repeats.count for row in board.rows if row.repeats), default=1)
    command += ["--repeats", str(times)] if times > 1 else []
    yield shlex.join([*command, "--out", str(run.folder)])
    yield shlex.join(["harness", "verify", str(run.folder), *location])
    baseline = ["--baseline", str(base.folder)] if base else []
    yield shlex.join(["harness", "report", str(run.folder), *baseline, *location])


def _primary_options(board: Leaderboard) -> list[str]:
    chosen = (board.suite.primary or {}).items()
    return [part for task, metric in chosen for part in ("--primary", f"{task}={metric}")]


def _score_commands(run: Run, line: ReferencesLine, suite_name: Path | str | None) -> Iterator[str]:
    """Yield commands of outputs made elsewhere, whose files are known by their names alone."""
    board = run.board
    references = str(suite_name or "").removeprefix(REFERENCES)
    command = ["harness", "score", "--references", references, "--predictions"]
    command += [f"{row.model}={row.identity.get('file')}" for row in board.rows]
    command += ["--task", *board.primary, "--references-format", line.format]
    command += _primary_options(board)
    fields = {"id": line.id_field, "reference": line.reference_field, "cluster": line.cluster_field}
    for name, field in fields.items():
        command += [f"--{name}-field", field] if field else []
    yield shlex.join([*command, "--out", str(run.folder)])
    yield shlex.join(["harness", "verify", str(run.folder)])
    yield shlex.join(["harness", "report", str(run.folder)])
