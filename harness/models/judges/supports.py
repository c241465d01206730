"""Fact checkers: how probable it is that a sentence is borne out by a document."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from harness.errors import ModelError
from harness.models.judges.claim_judge import ClaimJudge
from harness.models.judges.labels import SUPPORTED, label_names, label_number
from harness.models.judges.opinion import Opinion
from harness.models.judges.pair_reader import Between, Pair, PairForm, Probabilities
from harness.records import Task


class Supports(ClaimJudge):
    """A classifier of two classes, or an encoder-decoder that answers with one of two words.

    Of each claim the best chunk of the article counts, as with the MiniCheck models (Tang et al.,
    "MiniCheck: Efficient Fact-Checking of LLMs on Grounding Documents", 2024). A classifier says
    which of its labels is which by their names, or `supported` does. An encoder-decoder is asked
    for its first token: `supported` and `unsupported` are the words it chooses between, and
    `prefix` stands before each chunk. (Its flan-t5 says "1" or "0" after "predict: ".)
    """

    supported: str | None = None
    """The label, or of an encoder-decoder the word, that means: borne out."""
    unsupported: str | None = None
    """Of an encoder-decoder: the word that means: not borne out."""
    prefix: str = ""
    """What stands before each chunk of the article."""
    between: Between = "pair"
    """What stands between chunk and claim: what the tokenizer puts between two texts, "pair", or
    its token that ends a text and nothing else, "eos", as MiniCheck's RoBERTa and DeBERTa have it.
    """

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the identity of its checkpoint and options."""
        return {
            **super().identity(task),
            "kind": "supports",
            "supported": self.supported,
            "unsupported": self.unsupported,
            "prefix": self.prefix,
            "between": self.between,
        }

    def _form(self) -> PairForm:
        return PairForm("chunk", before=self.prefix, between=self.between)

    def _auto_class(self) -> Any:
        from transformers import AutoModelForSeq2SeqLM

        return AutoModelForSeq2SeqLM if self._writes else super()._auto_class()

    @property
    def _writes(self) -> bool:
        """Whether it is an encoder-decoder that answers with a word."""
        architectures = self._config.architectures or [""]
        return bool(self._config.is_encoder_decoder) and "Classification" not in architectures[0]

    @cached_property
    def _labels(self) -> tuple[int, int]:
        """The number of the label of what is borne out, and of the other one."""
        label = self.weights.label
        if self._writes:
            return self._first_token("supported"), self._first_token("unsupported")
        names = label_names(self._config)
        if len(names) != 2:
            raise ModelError(
                f"{label}: has {len(names)} labels ({', '.join(names.values())}), and a fact "
                'checker has two; a model of entailment is of the kind "nli"'
            )
        supported = label_number(names, SUPPORTED, self.supported, "supported", label)
        return supported, next(number for number in names if number != supported)

    def _first_token(self, key: str) -> int:
        word = getattr(self, key)
        if word is None:
            raise ModelError(
                f"{self.weights.label}: is an encoder-decoder, which answers with a word; say "
                f'which means what in the roster, {key} = "WORD"'
            )
        ids = self._tokenizer(word, add_special_tokens=False)["input_ids"]
        if not ids:
            raise ModelError(f"{self.weights.label}: {key} = {word!r} is no token of its tokenizer")
        return int(ids[0])

    def _forward(self, network: Any, **inputs: Any) -> Any:
        if not self._writes:
            return super()._forward(network, **inputs)
        ids = inputs["input_ids"]
        start = ids.new_full((len(ids), 1), self._config.decoder_start_token_id)
        return network(**inputs, decoder_input_ids=start).logits[:, 0, list(self._labels)]

    def _opinion(self, pairs: Sequence[Pair], probabilities: Sequence[Probabilities]) -> Opinion:
        # Of an encoder-decoder the two words alone were looked at.
        place = 0 if self._writes else self._labels[0]
        support = [float(own[place]) for own in probabilities]
        best = support.index(max(support))
        return Opinion({"support": support[best]}, (pairs[best].start, pairs[best].end))
