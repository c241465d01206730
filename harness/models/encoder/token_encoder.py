"""Contextual embeddings of tokens, for BERTScore: as bert_score 0.3.13 makes them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from harness.environment import package_versions
from harness.errors import ModelError
from harness.metrics.bertscore.matching import Embeddings, EncodedText, Tokens
from harness.models.checkpoint.checkpoint import Checkpoint, load_model, load_tokenizer
from harness.models.checkpoint.device import resolve_device
from harness.models.checkpoint.row_count import check_row_count
from harness.models.encoder.layers import encoder_of, first_layers
from harness.models.extractive.length_batches import length_batches
from harness.models.extractive.windows import max_input_tokens
from harness.models.model import Model
from harness.models.pinned import pinned
from harness.text import replace_lone_surrogates

# The packages whose versions may change an embedding, or into which tokens a text is cut.
_BACKEND = ("torch", "transformers", "tokenizers")

# The most tokens of a batch, padding included.
_BATCH_TOKENS = 2048


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A network with its tokenizer, its window in tokens, and what stands before each text.

    `special` are the tokens that open and close a text; the window is `None` where there is none.
    """

    tokenizer: Any
    network: Any
    window: int | None
    special: Collection[int]
    leading: str


class CheckpointEncoder:
    """The encoder in a roster entry's checkpoint, whatever kind the entry is of.

    Texts are stripped of spaces at their ends; RoBERTa reads a space before the first word, as
    before any other. What is longer than the window loses its end, never its closing special token.
    No token that a text spells out, such as [SEP], is a special one: bert_score takes it for one.

    An entry's `dtype` and `device` are heeded, and float32 on the cpu is what others have. Texts of
    nearly one length are computed together, so that the last digits of an embedding may depend on
    what it is asked for with.
    """

    def __init__(self, model: Model) -> None:
        """Take over a roster entry's model; its checkpoint is loaded with the first texts.

        Raises ModelError for a model without a checkpoint, such as a floor.
        """
        if not isinstance(model, Checkpoint):
            raise ModelError("an encoder needs weights: name an entry of the roster that has some")
        self._checkpoint = model

    @cached_property
    def signature(self) -> str:
        """What pins the embeddings: a hash over weights, tokenizer and options, and versions.

        Raises ModelError for what is not installed, WeightsError for other weights than the
        roster's.
        """
        # That of the checkpoint alone: what its kind adds to it changes no embedding.
        identity = Checkpoint.identity(self._checkpoint, "summarize")
        return pinned("encoder", identity, package_versions(_BACKEND), ("revision", "backend"))

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        """Return the tokens of each text, special ones included."""
        return [self._tokens(text) for text in texts]

    def encode(self, texts: Sequence[str], layer: int) -> list[EncodedText]:
        """Return the tokens of each text, and the hidden states after `layer` layers.

        Raises ModelError for a layer that the network does not have, and for embeddings that are
        not all finite.
        """
        import torch

        tokens = self.tokenize(texts)
        states: dict[int, Embeddings] = {}
        label = self._checkpoint.weights.label
        with torch.inference_mode(), first_layers(self._loaded.network, layer, label):
            for rows in length_batches([len(text) for text in tokens], _BATCH_TOKENS):
                batch = self._hidden_states([tokens[row] for row in rows])
                states |= zip(rows, batch, strict=True)
        if not all(np.isfinite(vectors).all() for vectors in states.values()):
            raise ModelError(f"{label}: the embeddings are not all finite; try another dtype")
        return [EncodedText(text, states[row]) for row, text in enumerate(tokens)]

    def _hidden_states(self, batch: Sequence[Tokens]) -> list[Embeddings]:
        """Return an array of tokens x dimensions for each text, the padding left out."""
        import torch

        shape = (len(batch), max(map(len, batch)))
        ids = np.full(shape, self._loaded.tokenizer.pad_token_id or 0, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, text in enumerate(batch):
            ids[row, : len(text)], mask[row, : len(text)] = text.ids, 1
        device = resolve_device(self._checkpoint.device)
        states = self._loaded.network(
            input_ids=torch.from_numpy(ids).to(device),
            attention_mask=torch.from_numpy(mask).to(device),
        )[0]
        check_row_count(states, len(batch))
        vectors = states.float().cpu().numpy()
        # Copies: a view would keep the whole batch in memory.
        return [vectors[row, : len(text)].copy() for row, text in enumerate(batch)]

    @cached_property
    def _loaded(self) -> _Loaded:
        from transformers import AutoModel

        from harness.models.onednn.packed_network import pack_network

        checkpoint = self._checkpoint
        _ = self.signature  # the files are hashed before they are read
        with checkpoint.reading():
            tokenizer = load_tokenizer(checkpoint)
            # What a pooler makes of the hidden states is not used.
            network = load_model(AutoModel, checkpoint, unused=("pooler",))
        encoder = encoder_of(network)
        pack_network(encoder)
        # BART and others have RoBERTa's tokenizer here, but one of their own in bert_score.
        spaced = network.config.model_type == "roberta"
        spaced &= type(tokenizer).__name__.startswith("RobertaTokenizer")
        return _Loaded(
            tokenizer,
            encoder,
            max_input_tokens(tokenizer, network),
            {tokenizer.cls_token_id, tokenizer.sep_token_id},
            " " if spaced else "",
        )

    def _tokens(self, text: str) -> Tokens:
        """Return a text's tokens; one that is too long is cut as the tokenizer cuts it."""
        loaded, text = self._loaded, replace_lone_surrogates(text).strip()
        options: dict[str, Any] = {"split_special_tokens": True, "verbose": False}
        read = loaded.leading + text if text else ""
        ids = loaded.tokenizer(read, **options)["input_ids"]
        cut = loaded.window is not None and len(ids) > loaded.window
        if cut:
            options |= {"truncation": True, "max_length": loaded.window}
            ids = loaded.tokenizer(read, **options)["input_ids"]
        return Tokens(
            ids=tuple(ids),
            special=tuple(token in loaded.special for token in ids),
            unknown=ids.count(loaded.tokenizer.unk_token_id),
            cut=cut,
        )
