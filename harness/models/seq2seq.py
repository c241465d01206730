"""Encoder-decoder models: BART, PEGASUS, T5 and their kin."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import Field

from harness.errors import ModelError
from harness.files import sha256
from harness.models.checkpoint import BATCH_TOKENS, Checkpoint, load_model, load_tokenizer
from harness.models.encoder_decoder import EncoderDecoder, Output
from harness.models.fitting import Fitted, fit
from harness.models.prompted import Prompts
from harness.records import Prediction, Query, Task


class Seq2Seq(Checkpoint):
    """An encoder-decoder model; beams and lengths are the checkpoint's unless given here.

    It reads the article after `prefix` ("summarize: " for T5), or a prompt where `prompts`
    names one for the task. What does not fit `max_source_tokens` (default: the checkpoint's
    window) is cut from the end.
    """

    can: ClassVar[tuple[Task, ...]] = ("summarize", "answer")

    prefix: str = ""
    prompts: Prompts = Field(default={}, validate_default=True)
    beams: Annotated[int, Field(ge=1)] | None = None
    max_new_tokens: Annotated[int, Field(ge=1)] | None = None
    min_new_tokens: Annotated[int, Field(ge=0)] | None = None
    max_source_tokens: Annotated[int, Field(ge=8)] | None = None
    batch_tokens: Annotated[int, Field(ge=1)] = BATCH_TOKENS

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Summaries, and answers where there is a prompt to ask for them."""
        return tuple(task for task in self.can if task == "summarize" or task in self.prompts)

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the checkpoint's identity, the prompt and the decoding."""
        prompt = self.prompts.get(task)
        return {
            **super().identity(task),
            **self._batching(self.batch_tokens),
            "kind": "seq2seq",
            "prefix": self.prefix,
            "prompt": prompt.sha256 if prompt else None,
            "decoding": {
                "sample": False,
                "beams": self.beams,
                "max_new_tokens": self.max_new_tokens,
                "min_new_tokens": self.min_new_tokens,
            },
            "max_source_tokens": self.max_source_tokens,
            "truncation": "keep the article's start",
        }

    def batch_size(self, query: Query) -> int:
        """Return how many to give at once; how many are decoded together is `batch_tokens`'."""
        return 16

    def load(self) -> None:
        """Read the tokenizer and the model."""
        _ = self._loaded

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from transformers import AutoModelForSeq2SeqLM

        return load_tokenizer(self), load_model(AutoModelForSeq2SeqLM, self)

    @cached_property
    def _decoder(self) -> EncoderDecoder:
        tokenizer, model = self._loaded
        return EncoderDecoder(model, tokenizer.pad_token_id, self.batch_tokens)

    def unload(self) -> None:
        """Forget the weights."""
        self.__dict__.pop("_decoder", None)
        super().unload()

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return the model's texts, by greedy or beam search."""
        sources = [self._source(query) for query in queries]
        limits = {self.prompts[q.task].max_new_tokens for q in queries if q.task in self.prompts}
        options = {
            "num_beams": self.beams,
            "max_new_tokens": self.max_new_tokens or max(limits, default=None),
            "min_new_tokens": self.min_new_tokens,
        }
        known = {name: value for name, value in options.items() if value is not None}
        outputs = self._decoder.outputs([one.ids for one in sources], known)
        return [
            self._prediction(query, source, output)
            for query, source, output in zip(queries, sources, outputs, strict=True)
        ]

    def _prediction(self, query: Query, source: Fitted, output: Output) -> Prediction:
        tokenizer, _ = self._loaded
        raw = tokenizer.decode(output.tokens, skip_special_tokens=True)
        prompt = self.prompts.get(query.task)
        return Prediction(
            text=prompt.answer(raw) if prompt else raw.strip(),
            raw=raw,
            rendered_sha256=sha256(source.text),
            source_tokens=source.source_tokens,
            kept_tokens=source.kept_tokens,
            # The first token of a row starts the decoder; it is not the model's.
            output_tokens=sum(token != tokenizer.pad_token_id for token in output.tokens[1:]),
            batch=output.together,
            kept_chars=source.kept_chars,
        )

    def _source(self, query: Query) -> Fitted:
        """Return what the encoder reads: the prompt that fits, or the article's tokens, cut.

        Without a prompt the tokens are cut as transformers' `truncation=True` cuts them, so that
        outputs are those of the checkpoint's usual use.
        """
        tokenizer, model = self._loaded
        window = self._window(tokenizer, model)
        prompt = self.prompts.get(query.task)

        def encode(text: str) -> Any:
            return tokenizer(
                text, split_special_tokens=True, return_offsets_mapping=True, verbose=False
            )

        if prompt is not None:

            def render(asked: Query) -> tuple[str, list[int]]:
                text = self.prefix + "\n\n".join(m["content"] for m in prompt.render(asked))
                return text, encode(text)["input_ids"]

            return fit(tokenizer, query, render, window)
        text = self.prefix + query.context
        encoded = encode(text)
        ids = encoded["input_ids"]
        if len(ids) <= window:
            return Fitted(query, text, ids, len(ids), len(ids))
        # The end of the text goes, the closing special token stays.
        kept = encoded["offset_mapping"][window - 2][1] - len(self.prefix)
        cut = replace(query, context=query.context[: max(0, kept)])
        return Fitted(cut, text, [*ids[: window - 1], ids[-1]], len(ids), window)

    def _window(self, tokenizer: Any, model: Any) -> int:
        """Return how many tokens the encoder reads."""
        config = model.config
        limits = (
            self.max_source_tokens,
            # T5 has relative positions: no limit of its own, but one it was trained with.
            getattr(config, "max_encoder_position_embeddings", None)
            or getattr(config, "max_position_embeddings", None)
            or getattr(config, "n_positions", None),
            tokenizer.model_max_length,
        )
        # Tokenizers without a limit carry a number with thirty digits.
        known = [limit for limit in limits if limit and limit < 10**7]
        if not known:
            raise ModelError(
                f"{self.weights.label}: the checkpoint names no window; give max_source_tokens"
            )
        return min(known)
