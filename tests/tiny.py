"""Tiny real checkpoints, made with fixed seeds and saved as transformers saves any other.

They know nothing, but they are the real classes with real tokenizers: what is tested on them is
loading, windows, batches and decoding, not quality.
"""

import json
import math
from pathlib import Path
from typing import Any

import torch
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    BertConfig,
    BertForQuestionAnswering,
    BertModel,
    LEDConfig,
    LEDForConditionalGeneration,
    LlamaConfig,
    LlamaForCausalLM,
    M2M100Config,
    M2M100ForConditionalGeneration,
    MBart50Tokenizer,
    MBartConfig,
    MBartForConditionalGeneration,
    NllbTokenizer,
    PegasusConfig,
    PegasusForConditionalGeneration,
    PegasusTokenizer,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

# The sizes of a small encoder-decoder, by the names of BART and its kin.
LIKE_BART = {
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
}

SEEDS = Path(__file__).parent.parent / "seeds"

CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }} on {{ strftime_now('%d %B %Y') }}"
    "\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
UNDATED = CHAT.replace(" on {{ strftime_now('%d %B %Y') }}", "")


def _corpus() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))]


def _byte_level(special: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_corpus(), trainer)
    return tokenizer


def _save(folder: Path, tokenizer: PreTrainedTokenizerFast, model: Any) -> Path:
    # Generation would otherwise stop at once or never: random models have strong opinions.
    model.eval()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def llama(folder: Path, window: int = 4096, chat: bool = True, dated: bool = True) -> Path:
    """A two-layer Llama with a chat template that asks for today's date, if it is `dated`."""
    torch.manual_seed(0)
    backend = _byte_level(["<|pad|>", "<|im_start|>", "<|im_end|>"])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="<|pad|>",
        eos_token="<|im_end|>",
        extra_special_tokens=["<|im_start|>"],
        model_max_length=window,
    )
    if chat:
        tokenizer.chat_template = CHAT if dated else UNDATED
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=window,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        initializer_range=0.3,
    )
    return _save(folder, tokenizer, LlamaForCausalLM(config))


def bart(folder: Path, window: int = 128) -> Path:
    """A BART with two layers a side and a window shorter than the articles."""
    torch.manual_seed(0)
    backend = _byte_level(["<s>", "<pad>", "</s>"])
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        special_tokens=[(token, backend.token_to_id(token)) for token in ("<s>", "</s>")],
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        model_max_length=window,
    )
    config = BartConfig(
        vocab_size=len(tokenizer),
        d_model=32,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        max_position_embeddings=window,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        decoder_start_token_id=tokenizer.eos_token_id,
        forced_eos_token_id=tokenizer.eos_token_id,
        init_std=0.3,
    )
    return _save(folder, tokenizer, BartForConditionalGeneration(config))


def t5(folder: Path) -> Path:
    """A T5, whose relative positions have no limit of their own."""
    torch.manual_seed(0)
    backend = _byte_level(["<pad>", "</s>"])
    backend.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", backend.token_to_id("</s>"))]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, eos_token="</s>", pad_token="<pad>", model_max_length=512
    )
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=32,
        d_kv=8,
        d_ff=64,
        num_layers=2,
        num_heads=4,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.pad_token_id,
    )
    return _save(folder, tokenizer, T5ForConditionalGeneration(config))


def _word_pieces() -> PreTrainedTokenizerFast:
    backend = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=900, special_tokens=special, show_progress=False)
    backend.train_from_iterator(_corpus(), trainer)
    # The trainer finds the same pieces each time, but numbers them as its hash maps have them.
    found = sorted(set(backend.get_vocab()) - set(special))
    vocab = {piece: number for number, piece in enumerate([*special, *found])}
    backend.model = models.WordPiece(vocab, unk_token="[UNK]")
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, backend.token_to_id(token)) for token in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=128,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def _bert_config(tokenizer: PreTrainedTokenizerFast) -> BertConfig:
    return BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=128,
        initializer_range=0.3,
    )


def bert_qa(folder: Path) -> Path:
    """A BERT with a span head."""
    torch.manual_seed(0)
    tokenizer = _word_pieces()
    return _save(folder, tokenizer, BertForQuestionAnswering(_bert_config(tokenizer)))


def bert(folder: Path) -> Path:
    """A BERT encoder without any head."""
    torch.manual_seed(0)
    tokenizer = _word_pieces()
    return _save(folder, tokenizer, BertModel(_bert_config(tokenizer)))


def _unigram(special: list[str]) -> list[tuple[str, float]]:
    """Return the pieces of a SentencePiece-like vocabulary with their scores, `special` first."""
    backend = Tokenizer(models.Unigram())
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    train_unigram(backend, special)
    found: list[tuple[str, float]] = json.loads(backend.to_str())["model"]["vocab"]
    return [(piece, score) for piece, score in found]


def train_unigram(backend: Tokenizer, special: list[str]) -> None:
    """Train a backend's Unigram model, the same one each time."""
    trainer = trainers.UnigramTrainer(
        vocab_size=600, special_tokens=special, unk_token="<unk>", show_progress=False
    )
    backend.train_from_iterator(_corpus(), trainer)
    # The trainer finds the same pieces each time, but its threads and hash maps add up their
    # scores in any order: the logs of how often they stand in the corpus take their place.
    text = "".join("\u2581" + word for word in " ".join(_corpus()).split())
    vocab = [(piece, 0.0) for piece in special]
    vocab += [
        (piece, math.log((1 + text.count(piece)) / len(text)))
        for piece in sorted(set(backend.get_vocab()) - set(special))
    ]
    backend.model = models.Unigram(vocab, special.index("<unk>"))


def _sizes(tokenizer: Any, window: int) -> dict[str, Any]:
    return {
        **LIKE_BART,
        "vocab_size": len(tokenizer),
        "max_position_embeddings": window,
        "pad_token_id": tokenizer.pad_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "init_std": 0.3,
    }


def pegasus(folder: Path, window: int = 128) -> Path:
    """A PEGASUS with its own tokenizer, in which line breaks are spaces."""
    torch.manual_seed(0)
    tokenizer = PegasusTokenizer(
        vocab=_unigram(["<pad>", "</s>", "<unk>", "<mask_2>"]), model_max_length=window
    )
    config = PegasusConfig(
        **_sizes(tokenizer, window),
        decoder_start_token_id=tokenizer.pad_token_id,
        forced_eos_token_id=tokenizer.eos_token_id,
    )
    model = PegasusForConditionalGeneration(config)
    model.generation_config.num_beams = 3
    model.generation_config.length_penalty = 0.8
    return _save(folder, tokenizer, model)


def mbart(folder: Path, window: int = 128) -> Path:
    """An mBART-50, which reads a language's code first and is told which one to write."""
    torch.manual_seed(0)
    tokenizer = MBart50Tokenizer(
        vocab=_unigram(["<unk>", "<s>", "</s>"]), src_lang="en_XX", model_max_length=window
    )
    config = MBartConfig(
        **_sizes(tokenizer, window),
        bos_token_id=tokenizer.bos_token_id,
        decoder_start_token_id=tokenizer.eos_token_id,
    )
    return _save(folder, tokenizer, MBartForConditionalGeneration(config))


def nllb(folder: Path, window: int = 128) -> Path:
    """An NLLB: M2M100 with its own tokenizer and codes such as eng_Latn."""
    torch.manual_seed(1)
    backend = Tokenizer(models.BPE(unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.BpeTrainer(vocab_size=600, special_tokens=special, show_progress=False)
    backend.train_from_iterator(_corpus(), trainer)
    made = json.loads(backend.to_str())["model"]
    tokenizer = NllbTokenizer(
        vocab=made["vocab"],
        merges=[tuple(pair) for pair in made["merges"]],
        src_lang="eng_Latn",
        model_max_length=window,
    )
    config = M2M100Config(
        **_sizes(tokenizer, window),
        bos_token_id=tokenizer.bos_token_id,
        decoder_start_token_id=tokenizer.eos_token_id,
    )
    return _save(folder, tokenizer, M2M100ForConditionalGeneration(config))


def led(folder: Path, window: int = 512) -> Path:
    """An LED, whose tokens see 16 neighbours a side, and all of them the first one."""
    torch.manual_seed(0)
    backend = _byte_level(["<s>", "<pad>", "</s>"])
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        special_tokens=[(token, backend.token_to_id(token)) for token in ("<s>", "</s>")],
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        model_max_length=window,
    )
    sizes = _sizes(tokenizer, window)
    del sizes["max_position_embeddings"]
    config = LEDConfig(
        **sizes,
        max_encoder_position_embeddings=window,
        max_decoder_position_embeddings=64,
        attention_window=[32, 32],
        bos_token_id=tokenizer.bos_token_id,
        decoder_start_token_id=tokenizer.eos_token_id,
    )
    return _save(folder, tokenizer, LEDForConditionalGeneration(config))


def wide(folder: Path, source: Path, vocabulary: int = 500_000) -> Path:
    """A checkpoint with so many words, whose scores take two megabytes a row; new ones score 0."""
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

    torch.manual_seed(0)
    config = AutoConfig.from_pretrained(source)
    auto = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    model = auto.from_pretrained(source)
    known = config.vocab_size
    model.resize_token_embeddings(vocabulary, mean_resizing=False)
    with torch.no_grad():
        model.get_input_embeddings().weight[known:] = 0
        model.get_output_embeddings().weight[known:] = 0
    return _save(folder, AutoTokenizer.from_pretrained(source), model)


def gguf(folder: Path, without: str | None = None, window: int = 4096) -> Path:
    """The two-layer Llama as a GGUF file, its large matrices quantized to Q8_0.

    The tensor `without` is left out of it.
    """
    import json

    from gguf import GGMLQuantizationType, GGUFWriter, quants
    from safetensors.numpy import load_file

    source = llama(folder / "source", window)
    settings = json.loads((source / "config.json").read_text(encoding="utf-8"))
    tokens = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = tokens["model"]["vocab"]
    path = folder / "tiny.gguf"
    writer = GGUFWriter(str(path), "llama")
    writer.add_context_length(settings["max_position_embeddings"])
    writer.add_embedding_length(settings["hidden_size"])
    writer.add_block_count(settings["num_hidden_layers"])
    writer.add_feed_forward_length(settings["intermediate_size"])
    writer.add_head_count(settings["num_attention_heads"])
    writer.add_head_count_kv(settings["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(settings["rms_norm_eps"])
    writer.add_vocab_size(settings["vocab_size"])
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(sorted(vocabulary, key=vocabulary.__getitem__))
    writer.add_token_types([3] * 3 + [1] * (len(vocabulary) - 3))  # control tokens come first
    writer.add_token_merges([" ".join(merge) for merge in tokens["model"]["merges"]])
    writer.add_pad_token_id(settings["pad_token_id"])
    writer.add_eos_token_id(settings["eos_token_id"])
    writer.add_chat_template(CHAT)
    names = {
        "model.embed_tokens": "token_embd",
        "model.norm": "output_norm",
        "lm_head": "output",
        "self_attn.q_proj": "attn_q",
        "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output",
        "mlp.gate_proj": "ffn_gate",
        "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
        "post_attention_layernorm": "ffn_norm",
        "input_layernorm": "attn_norm",
        "model.layers": "blk",
    }
    for name, tensor in load_file(source / "model.safetensors").items():
        short = name
        for theirs, ours in names.items():
            short = short.replace(theirs, ours)
        if short == without:
            continue
        if tensor.ndim == 2:
            kind = GGMLQuantizationType.Q8_0
            writer.add_tensor(short, quants.quantize(tensor, kind), raw_dtype=kind)
        else:
            writer.add_tensor(short, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
