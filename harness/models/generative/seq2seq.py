"""Encoder-decoder models: BART, PEGASUS, T5, LED, mBART and their kin."""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import Field

from harness.errors import ModelError
from harness.files import sha256
from harness.models.checkpoint.checkpoint import load_config, load_model
from harness.models.decoding.row import Outcome, Reply
from harness.models.generative.encoder_decoder import EncoderDecoder, Source
from harness.models.generative.encoder_input import (
    EncoderInput,
    encoder_window,
    language_token_id,
    load_source_tokenizer,
    restore_line_breaks,
    stated_prefix,
)
from harness.models.generative.generation_config import default_output_limit
from harness.models.generative.generation_keys import settle_generation
from harness.models.generative.generative import Generative
from harness.models.generative.query_groups import in_parts, longest_first
from harness.models.generative.truncation import FittedPrompt, Render, estimate_of
from harness.models.model import Estimate
from harness.models.panic import panics_as_errors
from harness.models.streaming import failed
from harness.models.task_prompts import Prompts
from harness.progress import note
from harness.prompting.postprocessing import CUT_TO_NOTHING, is_silence
from harness.records import Prediction, Query, Task


class Seq2Seq(Generative):
    """An encoder-decoder model; beams and lengths are the checkpoint's unless given here.

    It reads the article after `prefix` ("summarize: " for T5), or a prompt where `prompts`
    names one for the task. With `beams` 1 it decodes greedily. What is done with an article that
    does not fit `max_source_tokens` (default: the checkpoint's window) says `long`: its end is
    "cut", or its "middle", or a summary is made of summaries, "map-reduce" (answers are "cut"
    then). mBART and NLLB need `source_language` and `target_language`, by their own codes
    ("en_XX", "eng_Latn").
    """

    can: ClassVar[tuple[Task, ...]] = ("summarize", "answer")
    revision: ClassVar[int] = 5

    prefix: str = ""
    """Comes before the article, or the prompt: "summarize: " for T5."""
    prompts: Prompts = Field(default={}, validate_default=True)
    """The prompt of each task that is asked with one, by its file's name."""
    beams: Annotated[int, Field(ge=1)] | None = None
    """How many beams; the checkpoint's number if not given, 1 is greedy."""
    max_new_tokens: Annotated[int, Field(ge=1)] | None = None
    """The most tokens of an output; the prompt's or the checkpoint's number if not given. A
    checkpoint that names none needs it."""
    min_new_tokens: Annotated[int, Field(ge=0)] | None = None
    """The fewest tokens of an output; the checkpoint's number if not given."""
    max_source_tokens: Annotated[int, Field(ge=8)] | None = None
    """The source is cut at so many tokens; the checkpoint's window if not given. Never more than
    its positions; above the tokenizer's number where those have no limit, as T5's."""
    source_language: str | None = None
    """The language that mBART or NLLB reads, by the checkpoint's own code: "en_XX", "eng_Latn"."""
    target_language: str | None = None
    """The language that it writes."""

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Summaries, and answers where there is a prompt to ask for them."""
        return tuple(task for task in self.can if task == "summarize" or task in self.prompts)

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the checkpoint's identity, the prompt and the decoding.

        The settings that the checkpoint comes with (see `generation`) are among the files that
        its weights' hash, or commit, pins.
        """
        prompt = self.prompts.get(task)
        return {
            **super().identity(task),
            **self._batching_identity(self.batch_tokens),
            "kind": "seq2seq",
            "prefix": self.prefix,
            "prompt": prompt.sha256 if prompt else None,
            "languages": [self.source_language, self.target_language],
            "decoding": {
                "sample": False,
                "beams": self.beams,
                "max_new_tokens": self.max_new_tokens,
                "min_new_tokens": self.min_new_tokens,
            },
            "max_source_tokens": self.max_source_tokens,
            "long": self._long_strategy(task),
        }

    def load(self) -> None:
        """Read the tokenizer and the model.

        Raises ModelError for a language that it has not, and a source longer than it can read.
        """
        _ = self._loaded, self._window
        if self.target_language is not None:
            language_token_id(self._tokenizer, self.target_language)

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from transformers import AutoModelForSeq2SeqLM

        # First, so that the tokenizer is that of a GGUF file's conversion.
        model = load_model(AutoModelForSeq2SeqLM, self)
        settle_generation(self.weights.label, model)
        self._tell_prefix()
        return self._tokenizer, model

    def _tell_prefix(self) -> None:
        """Say that articles lack the prefix that the checkpoint names, unless the roster does."""
        prefix = stated_prefix(self.weights.read_json("config.json") or {})
        if prefix and "prefix" not in self.model_fields_set and "summarize" not in self.prompts:
            note(
                f"{self.weights.label}: was trained to read {prefix!r} before an article, and the "
                f'roster gives no prefix; add prefix = {json.dumps(prefix)} (or "", for none)'
            )

    @cached_property
    def _tokenizer(self) -> Any:
        return load_source_tokenizer(self, self.source_language)

    @cached_property
    def _window(self) -> int:
        loaded = self.__dict__.get("_loaded")
        config = loaded[1].config if loaded else load_config(self)
        return encoder_window(self.max_source_tokens, config, self._tokenizer, self.weights.label)

    @cached_property
    def _decoder(self) -> EncoderDecoder:
        tokenizer, model = self._loaded
        return EncoderDecoder(model, tokenizer, self.batch_tokens, self._options())

    def rendered_prompt(self, query: Query) -> str:
        """Return the text that the model reads for a query."""
        return self._fit(query).text

    def estimate(self, query: Query) -> Estimate:
        """Return the tokens that the encoder reads, and the most that the decoder writes."""
        windows = [self._fit(window) for window in self._windows(query)]
        return estimate_of(windows, self._max_output_tokens(query.task))

    def _max_output_tokens(self, task: Task) -> int:
        """Return the most tokens of an output: the roster's, the prompt's or the checkpoint's.

        Raises ModelError if nothing names them.
        """
        prompt = self.prompts.get(task)
        limit = (
            self.max_new_tokens
            or (prompt.max_new_tokens if prompt else None)
            or default_output_limit(self.generation_settings())
        )
        if limit is None:
            raise ModelError(
                f"{self.weights.label}: the checkpoint names no length of its texts, which would "
                "end after 20 tokens then; add a line to its entry such as  max_new_tokens = 128"
            )
        return limit

    def _fit(self, query: Query) -> FittedPrompt:
        strategy = self._long_strategy(query.task)
        return self._encoder_input(query.task).fit(query, self._window, strategy)

    def _encoder_input(self, task: Task) -> EncoderInput:
        return EncoderInput(self._tokenizer, self.prefix, self.prompts.get(task))

    def _rendering(self, query: Query) -> tuple[Render, int]:
        return self._encoder_input(query.task).render, self._window

    def _is_unfinished(self, prediction: Prediction) -> bool:
        return prediction.finish == "length"

    def _decode(
        self,
        queries: Mapping[int, Query],
        prompts: dict[int, FittedPrompt],
        failures: list[tuple[int, Prediction]],
    ) -> Iterator[tuple[int, Outcome]]:
        for task in self.can:
            places = [place for place, query in queries.items() if query.task == task]
            try:
                limit = self._max_output_tokens(task)
            except ModelError as error:
                failures += [(place, failed(error)) for place in places]
                continue
            sources = self._sources({place: queries[place] for place in places}, prompts, failures)
            yield from self._decoder.stream(sources, limit)

    def _sources(
        self,
        queries: Mapping[int, Query],
        prompts: dict[int, FittedPrompt],
        failures: list[tuple[int, Prediction]],
    ) -> Iterator[Source]:
        """Yield what the encoder reads, and note the prompts, and what cannot be read.

        The longest come first: what does not fit is known early, and equals stand together.
        """
        for places in in_parts(longest_first(queries)):
            fitted: dict[int, FittedPrompt] = {}
            for place in places:
                try:
                    with panics_as_errors():
                        fitted[place] = self._fit(queries[place])
                except Exception as error:  # one query's failure
                    failures.append((place, failed(error)))
            prompts |= fitted
            for place in sorted(fitted, key=lambda place: -len(fitted[place].ids)):
                yield place, fitted[place].ids

    def _options(self) -> dict[str, int]:
        """Return what the roster says of decoding; all else is the checkpoint's."""
        target = self.target_language
        options = {
            "num_beams": self.beams,
            "min_new_tokens": self.min_new_tokens,
            "forced_bos_token_id": language_token_id(self._tokenizer, target) if target else None,
        }
        return {name: value for name, value in options.items() if value is not None}

    def _predicted(self, fitted: FittedPrompt, reply: Reply) -> Prediction:
        tokenizer, model = self._loaded
        raw = tokenizer.decode(reply.tokens, skip_special_tokens=True)
        text = restore_line_breaks(raw, model.config.model_type)
        prompt = self.prompts.get(fitted.query.task)
        return Prediction(
            text=prompt.postprocess(text) if prompt else text.strip(),
            raw=raw,
            error=CUT_TO_NOTHING if not reply.ended and is_silence(text) else None,
            rendered_sha256=sha256(fitted.text),
            source_tokens=fitted.source_tokens,
            kept_tokens=fitted.kept_tokens,
            # The first token of a row starts the decoder; it is not the model's.
            output_tokens=sum(token != tokenizer.pad_token_id for token in reply.tokens[1:]),
            finish=None if reply.ended else "length",
            dropped=fitted.dropped,
            batch=reply.batch_size,
        )
