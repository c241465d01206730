"""Tiny classifiers with a fixed vocabulary and weights by a formula: the same wherever they are made.

What other packages make of them is recorded in the tests of the judges.
"""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertForTokenClassification,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

WORDS = (
    "ann bob cyd met in rome oslo on monday tuesday they signed a pact it rained objected the river "
    "rose and bridge was closed not two three people left for after summarize following text output "
    "predict give this five 0 1 . , :"
).split()  # fmt: skip
NLI = "entailment,neutral,contradiction"


def _tokenizer(window: int, *, t5: bool = False, types: bool = True) -> PreTrainedTokenizerFast:
    special = ["<pad>", "</s>", "<unk>"] if t5 else ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    unknown = "<unk>" if t5 else "[UNK]"
    vocab = {word: number for number, word in enumerate([*special, *WORDS])}
    backend = Tokenizer(models.WordLevel(vocab, unk_token=unknown))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if t5:
        backend.post_processor = processors.TemplateProcessing(
            single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
        )
        return PreTrainedTokenizerFast(
            tokenizer_object=backend, eos_token="</s>", pad_token="<pad>", unk_token="<unk>",
            model_max_length=window,
        )  # fmt: skip
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]",
        sep_token="[SEP]", eos_token="[SEP]", model_max_length=window,
        model_input_names=["input_ids", *(["token_type_ids"] if types else []), "attention_mask"],
    )  # fmt: skip


def _by_formula(model: Any) -> Any:
    with torch.no_grad():
        for place, (name, parameter) in enumerate(model.named_parameters()):
            if "LayerNorm" in name or "layer_norm" in name:
                continue
            values = torch.arange(parameter.numel(), dtype=torch.float64)
            values = torch.sin(values * 12.9898 + place * 78.233) * 0.5
            parameter.copy_(values.reshape(parameter.shape).float())
    return model.eval()


def _bert(window: int, labels: str) -> BertConfig:
    names = labels.split(",")
    return BertConfig(
        vocab_size=len(WORDS) + 4,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=window,
        id2label=dict(enumerate(names)),
        label2id={name: number for number, name in enumerate(names)},
    )


def _save(folder: Path, tokenizer: PreTrainedTokenizerFast, model: Any) -> Path:
    _by_formula(model).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def classifier(folder: Path, labels: str = NLI, window: int = 64) -> Path:
    """A BERT that classifies pairs of texts; `labels` are its labels' names."""
    return _save(folder, _tokenizer(window), BertForSequenceClassification(_bert(window, labels)))


def token_classifier(
    folder: Path, labels: str = "supported,hallucinated", window: int = 64
) -> Path:
    """A BERT that classifies tokens, without types of tokens, as ModernBERT is."""
    tokenizer = _tokenizer(window, types=False)
    return _save(folder, tokenizer, BertForTokenClassification(_bert(window, labels)))


def writer(folder: Path, window: int = 64) -> Path:
    """A T5 that is asked for its first word."""
    config = T5Config(
        vocab_size=len(WORDS) + 3, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2,
        pad_token_id=0, eos_token_id=1, decoder_start_token_id=0,
    )  # fmt: skip
    return _save(folder, _tokenizer(window, t5=True), T5ForConditionalGeneration(config))
