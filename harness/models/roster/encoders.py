"""Which encoder BERTScore has: an entry of a roster, a folder with weights, or one on the Hub."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.command.settings import read_settings
from harness.errors import ModelError, UsageError, did_you_mean
from harness.metrics.options import Encoder, MetricOptions
from harness.models.encoder.token_encoder import CheckpointEncoder
from harness.models.roster.roster import Entry, note_network, read_rosters, unnamed_entry

# The encoder that ships, and its last layer.
DEFAULT_ENCODER = "minilm-lexrank#6"

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
    if entry.model.missing:
        raise ModelError(
            entry.model.missing.message(
                f"BERTScore by {name}", instead="leave bertscore out of the metrics"
            )
        )
    try:
        tokens = CheckpointEncoder(entry.model)
    except ModelError as error:
        raise ModelError(f"the encoder {named}: {error}") from None
    note_network([entry])
    return replace(options, loaded_encoder=Encoder(named, int(layer), tokens))


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
