"""BERTScore as bert_score 0.3.13 computes it (Zhang et al., "BERTScore", 2020)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import MetricError
from harness.files import canonical_json, sha256
from harness.metrics.bertscore.baseline import read_baseline, rescaled
from harness.metrics.bertscore.matching import (
    NOTHING,
    BertScores,
    EncodedText,
    InverseDocumentFrequencies,
    TokenEncoder,
    Tokens,
    Vector,
    equal_weights,
    greedy_matching,
)
from harness.metrics.declaration import Declaration, MetricRole
from harness.metrics.references import ReferenceRule, rule_of_references, scored_items
from harness.text import replace_lone_surrogates

if TYPE_CHECKING:
    from harness.metrics.blind_spot import BlindSpot

# What is at work here, and what its numbers are equal to, but for rounding.
IMPLEMENTATION = "harness-bertscore-1=bert-score-0.3.13"

# F1 may rank; precision alone pays for short texts, recall alone for long ones.
_ROLES: Mapping[str, MetricRole] = {
    "bertscore_precision": "shown",
    "bertscore_recall": "shown",
    "bertscore_f1": "ranked",
}

# A float32 network gives other digits behind these for the same text beside other texts.
_DECIMALS = 6

# Predictions scored at once, and the bytes of references' embeddings that are kept for the next
# system to be scored.
_CHUNK = 256
_MAX_CACHED_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True)
class EncodingCounts:
    """What was embedded so far: texts, those that were cut, tokens, those that are unknown.

    Special tokens are none. A text that was embedded once and is kept is not counted again.
    """

    texts: int = 0
    cut: int = 0
    tokens: int = 0
    unknown: int = 0

    def with_text(self, tokens: Tokens) -> "EncodingCounts":
        """Return the counts with one more text."""
        return EncodingCounts(
            self.texts + 1,
            self.cut + tokens.cut,
            self.tokens + len(tokens) - sum(tokens.special),
            self.unknown + tokens.unknown,
        )


class BertScore:
    """Precision, recall and F1 of a prediction's tokens against those of one reference or several.

    `encoder` embeds tokens, and `layer` says which layer's output is taken: 1 is the first's.
    `idf`: texts, usually all references, by which rare tokens weigh more; without them all weigh
    the same. `rescale`: a file of baselines of this very encoder, as bert_score has them
    (`harness.metrics.bertscore.baseline`).

    `references`: "best" takes the best of each of the three numbers, as bert_score does; "mean" the
    mean over the references; "jackknife" the mean over the references of the best of the others.

    An empty text scores 0 before rescaling. A text longer than the encoder's window loses its end,
    as in bert_score; `counts` says how many did.

    Raises MetricError for options that make no sense, DataError for a file of baselines that cannot
    be used, and what the encoder raises.
    """

    def __init__(
        self,
        encoder: TokenEncoder,
        layer: int,
        idf: Sequence[str] | None = None,
        rescale: Path | None = None,
        *,
        references: ReferenceRule = "best",
    ) -> None:
        if isinstance(layer, bool) or layer < 1:
            raise MetricError(f"layer={layer!r} is none; they count from 1")
        self._encoder, self._layer = encoder, layer
        self._aggregate = rule_of_references(references)
        self._baseline = read_baseline(rescale, layer) if rescale else NOTHING
        self._frequencies: InverseDocumentFrequencies | None = None
        self._counts = EncodingCounts()
        self._cache: dict[str, EncodedText] = {}
        self._cached_bytes = 0
        weights = "none"
        if idf is not None:
            if isinstance(idf, str) or len(set(idf)) < 2:
                raise MetricError("idf needs several texts to tell rare tokens by; give a list")
            self._frequencies = InverseDocumentFrequencies.of(encoder.tokenize(idf))
            texts = sorted(map(replace_lone_surrogates, idf))
            weights = f"{len(texts)}-texts-{sha256(canonical_json(texts))[:16]}"
        scale = ",".join(map(repr, self._baseline)) if rescale else "no"
        self._signature = (
            f"{encoder.signature}|layer:{layer}|idf:{weights}|rescaled:{scale}|"
            f"references:{references}|{IMPLEMENTATION}"
        )

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each metric."""
        return {name: f"{name}|{self._signature}" for name in _ROLES}

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """All go up to 1: from 0, or from what 0 becomes where scores are rescaled."""
        return {
            name: Declaration(low=rescaled(0.0, baseline), role=role)
            for (name, role), baseline in zip(_ROLES.items(), self._baseline, strict=True)
        }

    @property
    def blind_spot(self) -> "BlindSpot | None":
        """None by letters; `counts` has the tokens that the encoder does not know."""
        return None

    @property
    def counts(self) -> EncodingCounts:
        """What was embedded so far."""
        return self._counts

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return the three scores of a prediction; raise MetricError if there is no reference."""
        return next(self.score_many([prediction], [references]))

    def score_many(
        self, predictions: Iterable[str], references: Iterable[Sequence[str]]
    ) -> Iterator[dict[str, float]]:
        """Yield what `score` returns, for one prediction after the other.

        Some hundred are read ahead, and each text among them is embedded once; references are kept
        for later calls. Raises MetricError as `score` does, and where one stream ends before the
        other.
        """
        items = scored_items(predictions, references)
        while chunk := list(islice(items, _CHUNK)):
            encoded = self._encoded(chunk)
            for prediction, accepted in chunk:
                columns = zip(
                    *(self._match(encoded[prediction], encoded[text]) for text in accepted),
                    strict=True,
                )
                yield {
                    name: rescaled(round(self._aggregate(column), _DECIMALS), baseline)
                    for name, baseline, column in zip(_ROLES, self._baseline, columns, strict=True)
                }

    def _match(self, prediction: EncodedText, reference: EncodedText) -> BertScores:
        return greedy_matching(
            prediction.embeddings,
            reference.embeddings,
            self._weights(prediction.tokens),
            self._weights(reference.tokens),
        )

    def _weights(self, tokens: Tokens) -> Vector:
        return self._frequencies.weights(tokens) if self._frequencies else equal_weights(tokens)

    def _encoded(self, chunk: Sequence[tuple[str, Sequence[str]]]) -> Mapping[str, EncodedText]:
        """Return the tokens and embeddings of all texts of a chunk, and keep the references'.

        References are computed apart from predictions, so that no system's last digits depend on
        which other one was scored before it.
        """
        references = dict.fromkeys(text for _, accepted in chunk for text in accepted)
        new = self._encode([text for text in references if text not in self._cache])
        self._cache |= new
        self._cached_bytes += sum(text.embeddings.nbytes for text in new.values())
        encoded = {text: self._cache[text] for text in references}
        others = dict.fromkeys(text for text, _ in chunk if text not in references)
        encoded |= {text: self._cache[text] for text in others if text in self._cache}
        encoded |= self._encode([text for text in others if text not in self._cache])
        while self._cached_bytes > _MAX_CACHED_BYTES:
            oldest = self._cache.pop(next(iter(self._cache)))
            self._cached_bytes -= oldest.embeddings.nbytes
        return encoded

    def _encode(self, texts: Sequence[str]) -> dict[str, EncodedText]:
        encoded = dict(zip(texts, self._encoder.encode(texts, self._layer), strict=True))
        for text in encoded.values():
            self._counts = self._counts.with_text(text.tokens)
        return encoded
