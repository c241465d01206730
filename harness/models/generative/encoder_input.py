"""What an encoder reads: an article after a prefix, or a prompt with it, in its window."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.errors import ModelError
from harness.models.checkpoint.checkpoint import Checkpoint, load_tokenizer
from harness.models.generative.truncation import (
    FittedPrompt,
    LongInputStrategy,
    character_range,
    count_kept_tokens,
    fit_to_window,
)
from harness.prompting.prompts import Prompt
from harness.records import Query


@dataclass(frozen=True)
class EncoderInput:
    """How one task's queries become the text and tokens of an encoder."""

    tokenizer: Any
    prefix: str
    prompt: Prompt | None

    def render(self, query: Query) -> tuple[str, list[int]]:
        """Return the text and the tokens for a whole query."""
        content = query.context
        if self.prompt is not None:
            content = "\n\n".join(message["content"] for message in self.prompt.render(query))
        text = self.prefix + content
        return text, self._encode(text)["input_ids"]

    def fit(self, query: Query, max_tokens: int, strategy: LongInputStrategy) -> FittedPrompt:
        """Return what the encoder reads of a query in `max_tokens` tokens.

        An article without a prompt that is cut loses the tokens that transformers' own
        `truncation=True` cuts, so that outputs are those of the checkpoint's usual use.
        """
        if self.prompt is not None or strategy == "middle":
            return fit_to_window(self.tokenizer, query, self.render, max_tokens, strategy)
        text = self.prefix + query.context
        encoding = self._encode(text)
        truncated_encoding = self._encode(text, truncation=True, max_length=max_tokens)
        offsets = [offset for offset in _text_offsets(encoding) if offset[1] > len(self.prefix)]
        if len(truncated_encoding["input_ids"]) == len(encoding["input_ids"]):
            return FittedPrompt(query, text, encoding["input_ids"], len(offsets), len(offsets))
        kept_count = sum(end > len(self.prefix) for _, end in _text_offsets(truncated_encoding))
        if not kept_count:
            raise ModelError(f"the window of {max_tokens} tokens has no room for the article")
        cut, _ = character_range(offsets, kept_count, len(offsets), len(text))
        dropped = ((cut - len(self.prefix), len(query.context)),)
        truncated = replace(query, context=query.context[: dropped[0][0]])
        return FittedPrompt(
            query=truncated,
            text=text[:cut],
            ids=truncated_encoding["input_ids"],
            source_tokens=len(offsets),
            kept_tokens=count_kept_tokens(offsets, [(cut, len(text))]),
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


def load_source_tokenizer(checkpoint: Checkpoint, language: str | None) -> Any:
    """Return the checkpoint's tokenizer, set to read a language.

    Raises ModelError for a language that it does not have, or if it has no languages.
    """
    tokenizer = load_tokenizer(checkpoint)
    # A source loses its end, whatever the checkpoint was saved with: what is dropped is recorded.
    tokenizer.truncation_side = "right"
    if language is not None:
        language_token_id(tokenizer, language)
        tokenizer.src_lang = language
    return tokenizer


def language_token_id(tokenizer: Any, code: str) -> int:
    """Return the token of a language's code; raise ModelError for what is none."""
    if not hasattr(tokenizer, "src_lang"):
        raise ModelError(
            f"the checkpoint's tokenizer has no languages; remove the language {code!r} from the "
            "roster"
        )
    token_id: int = tokenizer.convert_tokens_to_ids(code)
    if token_id == tokenizer.unk_token_id or token_id not in tokenizer.all_special_ids:
        raise ModelError(
            f"the checkpoint has no language {code!r}; its codes look like "
            f"{tokenizer.src_lang!r}: see its model card"
        )
    return token_id


def restore_line_breaks(raw: str, model_type: str) -> str:
    r"""Return an output with its line breaks, which PEGASUS writes as `<n>`.

    >>> restore_line_breaks("Ann met Bob .<n>It rained .", "pegasus")
    'Ann met Bob .\nIt rained .'
    """
    return raw.replace("<n>", "\n") if model_type.startswith("pegasus") else raw


def stated_prefix(config: Mapping[str, Any]) -> str | None:
    """Return what comes before an article to be summarized by a checkpoint's config.json.

    >>> stated_prefix({"task_specific_params": {"summarization": {"prefix": "summarize: "}}})
    'summarize: '
    """
    tasks = config.get("task_specific_params")
    settings = tasks.get("summarization") if isinstance(tasks, Mapping) else None
    prefix = settings.get("prefix") if isinstance(settings, Mapping) else None
    return prefix if isinstance(prefix, str) and prefix.strip() else None


def encoder_window(requested: int | None, config: Any, tokenizer: Any, label: str) -> int:
    """Return how many tokens the encoder reads: what is requested, else what it was trained with.

    Raises ModelError for more than it has positions for, or if nothing says.
    """
    positions = getattr(config, "max_encoder_position_embeddings", None) or getattr(
        config, "max_position_embeddings", None
    )
    if requested:
        if positions and requested > positions:
            raise ModelError(
                f"{label}: reads {positions} tokens at once, max_source_tokens is {requested}; "
                "lower it"
            )
        return requested
    # T5 has relative positions: no limit of its own, but one it was trained with.
    limits = (positions or getattr(config, "n_positions", None), tokenizer.model_max_length)
    # Tokenizers without a limit carry a number with thirty digits.
    known: list[int] = [limit for limit in limits if limit and limit < 10**7]
    if not known:
        raise ModelError(f"{label}: the checkpoint names no window; give max_source_tokens")
    return min(known)


def _text_offsets(encoded: Any) -> list[tuple[int, int]]:
    """Return where each token of the text stands in it; special tokens stand nowhere."""
    tokens = zip(encoded["offset_mapping"], encoded["special_tokens_mask"], strict=True)
    return [offset for offset, special in tokens if not special]
