"""What an encoder reads: an article after a prefix, or a prompt with it, in its window."""

from dataclasses import dataclass, replace
from typing import Any

from harness.errors import ModelError
from harness.models.checkpoint.checkpoint import Checkpoint, load_tokenizer
from harness.models.generative.truncation import Fitted, Long, between, fit, kept_tokens
from harness.prompting.prompts import Prompt
from harness.records import Query


@dataclass(frozen=True)
class Source:
    """How one task's queries become the text and tokens of an encoder."""

    tokenizer: Any
    prefix: str
    prompt: Prompt | None

    def render(self, query: Query) -> tuple[str, list[int]]:
        """Return the text and the tokens for a whole query."""
        told = query.context
        if self.prompt is not None:
            told = "\n\n".join(message["content"] for message in self.prompt.render(query))
        text = self.prefix + told
        return text, self._encode(text)["input_ids"]

    def read(self, query: Query, room: int, long: Long) -> Fitted:
        """Return what the encoder reads of a query in `room` tokens.

        An article without a prompt that is cut loses the tokens that transformers' own
        `truncation=True` cuts, so that outputs are those of the checkpoint's usual use.
        """
        if self.prompt is not None or long == "middle":
            return fit(self.tokenizer, query, self.render, room, long)
        text = self.prefix + query.context
        whole = self._encode(text)
        kept = self._encode(text, truncation=True, max_length=room)
        offsets = [place for place in _places(whole) if place[1] > len(self.prefix)]
        if len(kept["input_ids"]) == len(whole["input_ids"]):
            return Fitted(query, text, whole["input_ids"], len(offsets), len(offsets))
        count = sum(end > len(self.prefix) for _, end in _places(kept))
        if not count:
            raise ModelError(f"the window of {room} tokens has no room for the article")
        gap, _ = between(offsets, count, len(offsets), len(text))
        dropped = ((gap - len(self.prefix), len(query.context)),)
        cut = replace(query, context=query.context[: dropped[0][0]])
        return Fitted(
            query=cut,
            text=text[:gap],
            ids=kept["input_ids"],
            source_tokens=len(offsets),
            kept_tokens=kept_tokens(offsets, [(gap, len(text))]),
            dropped=dropped,
        )

    def _encode(self, text: str, **options: Any) -> Any:
        return self.tokenizer(
            text,
            split_special_tokens=True,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            verbose=False,
            **options,
        )


def load_reader(checkpoint: Checkpoint, language: str | None) -> Any:
    """Return the checkpoint's tokenizer, set to read a language.

    Raises ModelError for a language that it does not have, or if it has no languages.
    """
    tokenizer = load_tokenizer(checkpoint)
    if language is not None:
        language_id(tokenizer, language)
        tokenizer.src_lang = language
    return tokenizer


def language_id(tokenizer: Any, code: str) -> int:
    """Return the token of a language's code; raise ModelError for what is none."""
    if not hasattr(tokenizer, "src_lang"):
        raise ModelError(
            f"the checkpoint's tokenizer has no languages; remove the language {code!r} from the "
            "roster"
        )
    found: int = tokenizer.convert_tokens_to_ids(code)
    if found == tokenizer.unk_token_id or found not in tokenizer.all_special_ids:
        raise ModelError(
            f"the checkpoint has no language {code!r}; its codes look like "
            f"{tokenizer.src_lang!r}: see its model card"
        )
    return found


def with_lines(raw: str, model_type: str) -> str:
    r"""Return an output with its line breaks, which PEGASUS writes as `<n>`.

    >>> with_lines("Ann met Bob .<n>It rained .", "pegasus")
    'Ann met Bob .\nIt rained .'
    """
    return raw.replace("<n>", "\n") if model_type.startswith("pegasus") else raw


def window(wanted: int | None, config: Any, tokenizer: Any, label: str) -> int:
    """Return how many tokens the encoder reads; raise ModelError if nothing says."""
    limits = (
        wanted,
        # T5 has relative positions: no limit of its own, but one it was trained with.
        getattr(config, "max_encoder_position_embeddings", None)
        or getattr(config, "max_position_embeddings", None)
        or getattr(config, "n_positions", None),
        tokenizer.model_max_length,
    )
    # Tokenizers without a limit carry a number with thirty digits.
    known = [limit for limit in limits if limit and limit < 10**7]
    if not known:
        raise ModelError(f"{label}: the checkpoint names no window; give max_source_tokens")
    return min(known)


def _places(encoded: Any) -> list[tuple[int, int]]:
    """Return where each token of the text stands in it; special tokens stand nowhere."""
    marks = zip(encoded["offset_mapping"], encoded["special_tokens_mask"], strict=True)
    return [place for place, special in marks if not special]
