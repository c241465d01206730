"""What becomes of each setting of generating that a checkpoint comes with: one table.

A checkpoint's file may ask for any of transformers' `GenerationConfig`. Some of it decides what
the model says, and is heeded; some would change how many texts there are or what their shape is,
and is set to what is needed here; some is another way of decoding, and is refused by name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from harness.errors import ModelError
from harness.progress import note


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a key: `value` is what it is set to, or what does nothing beside `None`.

    A checkpoint that asks for another value than an overridden key's is told of in a line on
    stderr that gives `reason`, if there is one.
    """

    what: Literal["honoured", "overridden", "refused"]
    value: Any = None
    reason: str | None = None


_HONOURED = Decision("honoured")
_UNSET = Decision("overridden")
_OFF = Decision("overridden", value=False)
_SEARCH = "texts are decoded by greedy or beam search"
_REFUSED = Decision("refused")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")

DECISIONS: Mapping[str, Decision] = {
    # How long a text is, and where it ends. A causal model's limit is its prompt's.
    **dict.fromkeys(
        (
            "max_length", "max_new_tokens", "min_length", "min_new_tokens", "early_stopping",
            "stop_strings",
        ),
        _HONOURED,
    ),
    # A limit in seconds gives another text on another machine.
    "max_time": Decision("overridden", reason="a text is the same on any machine"),
    # Nothing is sampled, so that two runs give one text. A causal model decodes without beams.
    "do_sample": _OFF,
    **dict.fromkeys(
        (
            "temperature", "top_k", "top_p", "min_p", "top_h", "typical_p", "epsilon_cutoff",
            "eta_cutoff",
        ),
        _UNSET,
    ),
    "num_beams": _HONOURED,
    # How it is computed, not what: with a cache, and by one model.
    "use_cache": Decision("overridden", value=True),
    "disable_compile": Decision("overridden", value=True),
    **dict.fromkeys(
        (
            "cache_implementation", "cache_config", "max_cache_len", "prefill_chunk_size",
            "compile_config", "continuous_batching_config", "low_memory", "use_mtp",
            "is_assistant", "num_assistant_tokens", "num_assistant_tokens_schedule",
            "assistant_confidence_threshold", "prompt_lookup_num_tokens",
            "max_matching_ngram_size", "assistant_early_exit", "assistant_lookbehind",
            "target_lookbehind", "assistant_ensemble_weight", "speculation_type",
        ),
        _UNSET,
    ),
    # What the scores of tokens become.
    **dict.fromkeys(
        (
            "repetition_penalty", "encoder_repetition_penalty", "length_penalty",
            "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids",
            "renormalize_logits", "forced_bos_token_id", "forced_eos_token_id",
            "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens",
            "sequence_bias",
        ),
        _HONOURED,
    ),
    # It would put other numbers where a model's are none: those are a failed prediction.
    "remove_invalid_values": _OFF,
    # One text for each article, and nothing beside it.
    "num_return_sequences": Decision(
        "overridden", value=1, reason="each article has one text"
    ),
    **dict.fromkeys(
        (
            "output_attentions", "output_hidden_states", "output_scores", "output_logits",
            "return_dict_in_generate",
        ),
        _OFF,
    ),
    **dict.fromkeys(
        ("pad_token_id", "bos_token_id", "eos_token_id", "decoder_start_token_id"), _HONOURED
    ),
    # Other ways of decoding, which transformers has dropped or left to code of the checkpoint's.
    # A penalty on likeness is for groups of beams.
    "num_beam_groups": Decision("overridden", value=1, reason=_SEARCH),
    "diversity_penalty": _UNSET,
    "penalty_alpha": Decision("overridden", value=0, reason=_SEARCH),
    "dola_layers": Decision("overridden", reason=_SEARCH),
    # What makes other texts of the same search, and is not done here.
    "guidance_scale": Decision("refused", value=1),
    **dict.fromkeys(("constraints", "force_words_ids", "watermarking_config"), _REFUSED),
    "token_healing": Decision("refused", value=False),
    # What the file says of itself.
    **dict.fromkeys(("_from_model_config", "transformers_version"), _HONOURED),
}  # fmt: skip


def settle_generation(label: str, model: Any) -> None:
    """Set a loaded model's generation settings as the table has it.

    Raises ModelError, with the key's name, for what is refused, and for a number in quotes. Keys
    that transformers does not know do nothing, and stay.
    """
    settings = model.generation_config
    for name, decision in DECISIONS.items():
        value = getattr(settings, name, None)
        if isinstance(value, str) and _NUMBER.fullmatch(value) and name != "transformers_version":
            raise ModelError(
                f"{label}: its generation settings have {name} = {value!r}, a text; write the "
                "number without quotes into the checkpoint's generation_config.json"
            )
        asked = value is not None and value != decision.value
        if decision.what == "refused" and asked:
            raise ModelError(
                f"{label}: its generation settings ask for {name} = {value!r}, which is not done "
                f"here; remove {name} from the checkpoint's generation_config.json (or, without "
                "that file, config.json)"
            )
        if decision.what == "overridden":
            if decision.reason and asked:
                note(
                    f"of the generation settings of {label}, {name} = {value!r} is not heeded: "
                    f"{decision.reason}"
                )
            setattr(settings, name, decision.value)


def tell_other_end(label: str, tokenizer: Any, settings: Any) -> None:
    """Say where a tokenizer's end token does not end a text, so that the model goes on behind it.

    It is what chat templates end turns with; transformers' `generate` heeds the settings alone.
    """
    end: int | None = tokenizer.eos_token_id
    known = settings.eos_token_id
    ends = known if isinstance(known, list) else [] if known is None else [known]
    if end is None or end in ends:
        return
    others = f"end at {', '.join(map(str, ends))} alone" if ends else "name no end"
    note(
        f"{label}: its tokenizer ends a text with {tokenizer.eos_token!r}, and its generation "
        f"settings {others}, so replies may go on behind it; add {end} to eos_token_id in the "
        "generation_config.json of a copy"
    )
