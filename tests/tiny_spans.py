"""Tiny span models of the architectures that people train to answer questions.

As in `tests.tiny`: real classes, real tokenizers, random weights from a fixed seed. Their limits are
their own: RoBERTa and Longformer lose two positions, DeBERTa and ELECTRA name no sane limit.
"""

from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)
from transformers import PreTrainedTokenizerFast

from tests.tiny import _byte_level, _save, _word_pieces, train_unigram

SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
         "intermediate_size": 64, "initializer_range": 0.3}  # fmt: skip
# What transformers writes for a tokenizer without a limit.
NO_LIMIT = int(1e30)


def _pair(backend: Tokenizer, pair: str, single: str, names: list[str]) -> None:
    backend.post_processor = processors.TemplateProcessing(
        single=single,
        pair=pair,
        special_tokens=[(name, backend.token_to_id(name)) for name in names],
    )


def _wrapped(
    backend: Tokenizer, limit: int, types: bool, **special: str
) -> PreTrainedTokenizerFast:
    names = ["input_ids", *(["token_type_ids"] if types else []), "attention_mask"]
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, model_max_length=limit, model_input_names=names, **special
    )


def _bpe(limit: int) -> PreTrainedTokenizerFast:
    """RoBERTa's: bytes, no types, two separators in the middle."""
    backend = _byte_level(["<s>", "<pad>", "</s>", "<mask>"])
    _pair(backend, "<s> $A </s> </s> $B </s>", "<s> $A </s>", ["<s>", "</s>"])
    return _wrapped(
        backend, limit, False, cls_token="<s>", bos_token="<s>", sep_token="</s>",
        eos_token="</s>", pad_token="<pad>", mask_token="<mask>",
    )  # fmt: skip


def _unigram(limit: int, types: bool, **more: str) -> PreTrainedTokenizerFast:
    """SentencePiece's, as ALBERT and DeBERTa v2 have it: pieces that begin with the space."""
    backend = Tokenizer(models.Unigram())
    backend.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    backend.decoder = decoders.Metaspace()
    train_unigram(backend, ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"])
    _pair(backend, "[CLS] $A [SEP] $B:1 [SEP]:1", "[CLS] $A [SEP]", ["[CLS]", "[SEP]"])
    return _wrapped(
        backend, limit, types, cls_token="[CLS]", sep_token="[SEP]", pad_token="<pad>",
        unk_token="<unk>", mask_token="[MASK]", **more,
    )  # fmt: skip


def _pieces(limit: int, types: bool = True) -> PreTrainedTokenizerFast:
    """BERT's."""
    tokenizer = _word_pieces()
    return _wrapped(
        tokenizer.backend_tokenizer, limit, types, cls_token="[CLS]", sep_token="[SEP]",
        pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]",
    )  # fmt: skip


def _make(folder: Path, name: str, tokenizer: PreTrainedTokenizerFast, **config: Any) -> Path:
    torch.manual_seed(0)
    special = {
        f"{kind}_token_id": getattr(tokenizer, f"{kind}_token_id") for kind in ("pad", "sep")
    }
    made = getattr(transformers, f"{name}Config")(vocab_size=len(tokenizer), **special, **config)
    return _save(folder, tokenizer, getattr(transformers, f"{name}ForQuestionAnswering")(made))


def bert(folder: Path) -> Path:
    return _make(folder, "Bert", _pieces(128), max_position_embeddings=128, **SIZES)


def electra(folder: Path) -> Path:
    sizes = SIZES | {"embedding_size": 16}
    return _make(folder, "Electra", _pieces(NO_LIMIT), max_position_embeddings=128, **sizes)


def distilbert(folder: Path) -> Path:
    """Takes no types, but its tokenizer gives some, as BERT's does."""
    return _make(
        folder, "DistilBert", _pieces(NO_LIMIT), dim=32, n_layers=2, n_heads=4, hidden_dim=64,
        initializer_range=0.3, max_position_embeddings=128,
    )  # fmt: skip


def roberta(folder: Path) -> Path:
    return _make(
        folder, "Roberta", _bpe(NO_LIMIT), max_position_embeddings=130, type_vocab_size=1, **SIZES
    )


def longformer(folder: Path) -> Path:
    """Reads its window in chunks of 16, and the question from everywhere."""
    return _make(
        folder, "Longformer", _bpe(NO_LIMIT), max_position_embeddings=130, type_vocab_size=1,
        attention_window=16, **SIZES,
    )  # fmt: skip


def albert(folder: Path) -> Path:
    sizes = SIZES | {"embedding_size": 16}
    return _make(folder, "Albert", _unigram(128, True), max_position_embeddings=128, **sizes)


def deberta(folder: Path) -> Path:
    """DeBERTa v3's shape: relative positions only, in buckets, and no types."""
    return _make(
        folder, "DebertaV2", _unigram(NO_LIMIT, True), max_position_embeddings=128,
        type_vocab_size=0, relative_attention=True, position_buckets=32, max_relative_positions=-1,
        pos_att_type=["p2c", "c2p"], position_biased_input=False, share_att_key=True,
        norm_rel_ebd="layer_norm", **SIZES,
    )  # fmt: skip


def xlnet(folder: Path) -> Path:
    """Reads the article first and pads on the left."""
    torch.manual_seed(0)
    tokenizer = _unigram(NO_LIMIT, True, padding_side="left")
    config = transformers.XLNetConfig(
        vocab_size=len(tokenizer), d_model=32, n_layer=2, n_head=4, d_inner=64
    )
    return _save(folder, tokenizer, transformers.XLNetForQuestionAnsweringSimple(config))
