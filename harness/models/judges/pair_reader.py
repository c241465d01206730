"""Reads passages beside claims with a classifier: texts in, a probability for each label out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from harness.errors import ModelError
from harness.models.checkpoint.row_count import check_row_count
from harness.models.extractive.length_batches import length_batches
from harness.models.extractive.span_reader import input_names
from harness.models.judges.passages import Granularity, Range, passages

Probabilities = NDArray[np.float64]
# What stands between a passage and a claim: what the tokenizer puts between two texts, or its
# end-of-sequence token alone, in one text.
Between = Literal["pair", "eos"]

# How many tokens go through the network at once; see `harness.models.extractive.span_reader`.
_BATCH_TOKENS, _GPU_BATCH_TOKENS = 2048, 65_536
# A passage by itself may have some tokens more than within its article, and a claim leaves it at
# least so much room.
_MARGIN, _LEAST_ROOM = 8, 16


@dataclass(frozen=True, slots=True)
class Pair:
    """A passage, `context[start:end]`, and a claim, as the network reads them.

    `claim` are the places among `ids` of the claim's tokens, `claim_offsets` where these stand in
    the claim, in characters.
    """

    start: int
    end: int
    ids: Sequence[int]
    types: Sequence[int]
    claim: Sequence[int]
    claim_offsets: Sequence[Range]


@dataclass(frozen=True, slots=True)
class PairForm:
    """How an article is parted, what stands before and after a passage, and before the claim."""

    granularity: Granularity
    before: str = ""
    after: str = ""
    between: Between = "pair"


class PairEncoder:
    """Makes pairs of passages and a claim, each of at most `size` tokens.

    What a text says never becomes a special token.
    """

    def __init__(self, tokenizer: Any, size: int, form: PairForm) -> None:
        """Take over a fast tokenizer: it cuts and pads nothing any more."""
        self._backend = tokenizer.backend_tokenizer
        self._backend.no_padding()
        self._backend.no_truncation()
        self._backend.encode_special_tokens = True
        self._size, self._form = size, form
        self._eos: int | None = tokenizer.eos_token_id
        if self._eos is None:
            self._eos = tokenizer.sep_token_id
        self._last: tuple[str, list[Range]] | None = None

    def source_tokens(self, context: str) -> int:
        """Return how many tokens an article has."""
        return len(self._offsets(context))

    def pairs(self, context: str, claim: str) -> list[Pair]:
        """Return the pairs of an article's passages and a claim, in order.

        Raises ModelError for an article without a word, for a claim that leaves no room beside it,
        and for a tokenizer that puts nothing between the two.
        """
        offsets = self._offsets(context)
        if not offsets:
            raise ModelError("the article has no word to hold the claim against")
        overhead = len(self._pair("", claim, (0, 0)).ids)
        room = self._size - overhead - _MARGIN
        if room < _LEAST_ROOM:
            raise ModelError(
                f"the claim takes {overhead} tokens: of a window of {self._size} too little is "
                "left for the article; raise max_tokens, if the model can read more"
            )
        if self._form.granularity == "chunk" and len(offsets) + overhead <= self._size:
            whole = self._pair(context, claim, (0, len(context)))
            if len(whole.ids) <= self._size:
                return [whole]
        found = passages(context, offsets, room, self._form.granularity)
        made = [self._pair(context, claim, place) for place in found]
        for pair in made:
            if len(pair.ids) > self._size:
                raise ModelError(
                    f"a passage and the claim take {len(pair.ids)} tokens, more than the window of "
                    f"{self._size}; raise max_tokens, if the model can read more"
                )
        return made

    def _pair(self, context: str, claim: str, place: Range) -> Pair:
        passage = f"{self._form.before}{context[slice(*place)]}{self._form.after}"
        if self._form.between == "eos":
            return self._joined(passage, claim, place)
        encoding = self._backend.encode(passage, claim)
        sequences: list[int | None] = encoding.sequence_ids
        own = [at for at, sequence in enumerate(sequences) if sequence == 1]
        if own and own[0] and sequences[own[0] - 1] == 0:
            raise ModelError(
                "its tokenizer puts nothing between two texts, so that no model could tell the "
                "article from the claim; use a checkpoint whose tokenizer reads pairs"
            )
        offsets = [encoding.offsets[at] for at in own]
        return Pair(*place, encoding.ids, encoding.type_ids, own, offsets)

    def _joined(self, passage: str, claim: str, place: Range) -> Pair:
        """Return a pair as one text, with the token that ends texts before the claim."""
        if self._eos is None:
            raise ModelError('its tokenizer has no token that ends a text, for `between = "eos"`')
        encoding = self._backend.encode(passage)
        said = self._backend.encode(claim, add_special_tokens=False)
        last = max((at for at, own in enumerate(encoding.sequence_ids) if own == 0), default=0) + 1
        ids = [*encoding.ids[:last], self._eos, *said.ids, *encoding.ids[last:]]
        own = range(last + 1, last + 1 + len(said.ids))
        return Pair(*place, ids, [encoding.type_ids[0]] * len(ids), own, said.offsets)

    def _offsets(self, context: str) -> list[Range]:
        if self._last is None or self._last[0] != context:
            encoding = self._backend.encode(context, add_special_tokens=False)
            self._last = context, encoding.offsets
        return self._last[1]


class PairReader:
    """A network with a head that classifies: texts, or each of their tokens.

    `forward` makes logits of its inputs: texts x labels, or texts x tokens x labels.
    """

    def __init__(self, tokenizer: Any, network: Any, forward: Callable[..., Any]) -> None:
        """Take a loaded network and its fast tokenizer."""
        from harness.models.onednn.packed_network import pack_network

        pack_network(network)
        self.network = network
        self._forward = forward
        self._input_names = input_names(tokenizer, network)
        self._pad: int = tokenizer.pad_token_id or 0
        on_cpu = network.device.type == "cpu"
        self._budget = _BATCH_TOKENS if on_cpu else _GPU_BATCH_TOKENS

    def read(self, pairs: Sequence[Pair]) -> list[Probabilities]:
        """Return each pair's probabilities of the labels: (labels,), or (tokens, labels).

        Raises ModelError if a logit is no number.
        """
        found: dict[int, Probabilities] = {}
        for rows in length_batches([len(pair.ids) for pair in pairs], self._budget):
            logits = self._logits([pairs[row] for row in rows])
            for row, padded in zip(rows, logits, strict=True):
                own = padded[: len(pairs[row].ids)] if padded.ndim == 2 else padded
                if not np.isfinite(own).all():
                    raise ModelError("the model's logits are not all numbers; try another dtype")
                found[row] = _softmax(own)
        return [found[row] for row in range(len(pairs))]

    def _logits(self, batch: Sequence[Pair]) -> Probabilities:
        import torch

        shape = (len(batch), max(len(pair.ids) for pair in batch))
        ids = np.full(shape, self._pad, dtype=np.int64)
        types, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        for row, pair in enumerate(batch):
            size = len(pair.ids)
            ids[row, :size], types[row, :size], mask[row, :size] = pair.ids, pair.types, 1
        arrays = {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}
        with torch.inference_mode():
            logits = self._forward(
                self.network,
                **{
                    name: torch.from_numpy(arrays[name]).to(self.network.device)
                    for name in self._input_names
                },
            )
        check_row_count(logits, len(batch))
        values: Probabilities = logits.float().cpu().numpy().astype(np.float64)
        return values


def _softmax(logits: Probabilities) -> Probabilities:
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Probabilities = raised / raised.sum(axis=-1, keepdims=True)
    return shares
