"""What a checkpoint says itself about generating: beams, lengths, penalties, forced tokens."""

from collections.abc import Mapping

from harness.models.checkpoint.weights import Weights

# Of what generation_config.json says of itself, not of generating.
_NOT_GENERATING = ("_from_model_config", "transformers_version")
# Where checkpoints kept it before that file was; transformers reads these keys still.
_LEGACY = (
    "decoder_start_token_id", "diversity_penalty", "do_sample", "early_stopping",
    "encoder_no_repeat_ngram_size", "forced_bos_token_id", "forced_eos_token_id",
    "length_penalty", "max_length", "min_length", "no_repeat_ngram_size", "num_beam_groups",
    "num_beams", "repetition_penalty",
)  # fmt: skip


def default_output_limit(settings: Mapping[str, object]) -> int | None:
    """Return the most tokens that an encoder-decoder with these settings writes.

    `max_length` counts the token that starts the decoder too. `None` for settings that name no
    length: transformers would end every text after 20 tokens, in the middle of a sentence.

    >>> default_output_limit({"max_length": 142}), default_output_limit({})
    (141, None)
    """
    new_tokens, length = settings.get("max_new_tokens"), settings.get("max_length")
    if isinstance(new_tokens, int):
        return new_tokens
    return length - 1 if isinstance(length, int) else None


def generation_defaults(weights: Weights) -> Mapping[str, object]:
    """Return the generation settings that a checkpoint comes with, by transformers' names.

    Imports neither torch nor transformers. Empty for a Hub model that was not downloaded. Raises
    WeightsError for files that cannot be read.
    """
    stated = weights.read_json("generation_config.json")
    if stated is not None:
        settings = {name: stated[name] for name in stated if name not in _NOT_GENERATING}
    else:
        config = weights.read_json("config.json") or {}
        settings = {name: config[name] for name in _LEGACY if name in config}
    return {name: value for name, value in sorted(settings.items()) if value is not None}
