"""Which models metrics ask: BERTScore its encoder, and equivalence its judge.

An encoder is an entry of a roster, a folder with weights, or on the Hub.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.command.settings import read_settings
from harness.errors import ModelError, UsageError, did_you_mean
from harness.metrics.options import Encoder, MetricOptions
from harness.models.encoder.token_encoder import CheckpointEncoder
from harness.models.judges.answer_judge import SupportsAnswers
from harness.models.roster.roster import (
    Entry,
    note_network,
    read_judges,
    read_rosters,
    unnamed_entry,
)

# The encoder that ships, and its last layer.
DEFAULT_ENCODER = "minilm-lexrank#6"
# The judge that says whether a reply means a golden answer; a roster may have another of its name.
ANSWER_JUDGE = "minilm-answers"

_ON_THE_HUB = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)@(?P<commit>[0-9a-f]{40})")


def with_encoder(
    options: MetricOptions, rosters: Sequence[str | Path] | None = None
) -> MetricOptions:
    """Return the options with the encoder that they name, or with the one that ships.

    The same where BERTScore is not asked for. A name is looked for in the rosters, by default the
    settings', and in the one that ships. Says so where weights are fetched from the Hub.
    Raises UsageError for a name without a layer, of nothing, or without BERTScore; ModelError for
    an entry without weights, and where a package is missing.
    """
    if "bertscore" not in (options.further or ()):
        if options.encoder:
            raise UsageError(
                f"--encoder {options.encoder}: embeds for bertscore, which is not asked for; add "
                "--with bertscore, or leave it out"
            )
        return options
    if options.loaded_encoder:
        return options
    named = options.encoder or DEFAULT_ENCODER
    name, _, layer = named.rpartition("#")
    if not name or not layer.isdecimal() or not int(layer):
        raise UsageError(
            f"the encoder {named}: must end with the number of the layer that counts, from 1 on, "
            f"such as {DEFAULT_ENCODER}"
        )
    entry = _entry(name, rosters or read_settings().roster.value)
    _refuse_missing(entry, f"BERTScore by {name}", "bertscore")
    try:
        tokens = CheckpointEncoder(entry.model)
    except ModelError as error:
        raise ModelError(f"the encoder {named}: {error}") from None
    note_network([entry])
    return replace(options, loaded_encoder=Encoder(named, int(layer), tokens))


def with_answer_judge(
    options: MetricOptions, rosters: Sequence[str | Path] | None = None
) -> MetricOptions:
    """Return the options with the judge of answers, where `equivalence` is asked for.

    It is `[judges.minilm-answers]` of the rosters, by default the settings', else the one that
    ships. Raises ModelError where a package is missing, and for a judge of another kind.
    """
    if "equivalence" not in (options.further or ()) or options.loaded_judge:
        return options
    entries = {**read_judges(), **read_judges(rosters or read_settings().roster.value)}
    entry = entries[ANSWER_JUDGE]
    _refuse_missing(entry, f"equivalence by {ANSWER_JUDGE}", "equivalence")
    try:
        judge = SupportsAnswers(entry.model)
    except ModelError as error:
        raise ModelError(f"the judge {ANSWER_JUDGE}: {error}") from None
    note_network([entry])
    return replace(options, loaded_judge=judge)


def _refuse_missing(entry: Entry, what: str, metric: str) -> None:
    missing = entry.model.missing
    if missing:
        raise ModelError(missing.message(what, instead=f"leave {metric} out of the metrics"))


def _entry(name: str, rosters: Sequence[str | Path]) -> Entry:
    entries = {**read_rosters(), **read_rosters(rosters)}
    if name in entries:
        return entries[name]
    if match := _ON_THE_HUB.fullmatch(name):
        return unnamed_entry(name, {"hub": match["name"], "revision": match["commit"]})
    if Path(name).expanduser().is_dir():
        return unnamed_entry(name, {"folder": str(Path(name).expanduser().resolve())})
    raise UsageError(
        f"the encoder {name}: is no entry of the roster, no folder and no OWNER/NAME@COMMIT"
        f"{did_you_mean(name, list(entries))}"
    )
