"""Greedy encoder-decoders: rows that leave when they are done, against `generate` on a whole batch.

    python benchmarks/encoder_decoder.py --rows 8 --rounds 5

A BART of random weights (6 and 6 layers, 768 wide) reads random sources. Some tokens of its
vocabulary end a text, so that lengths differ. Both ways take turns in one process, on the same
sources; the line has the medians of the seconds, of the rounds' ratios, how long until the first
text was there, and whether all tokens are equal.
"""

import argparse
import os
import random
import statistics
import time
from types import SimpleNamespace
from typing import Any

PAD, END = 1, 2


def main() -> None:
    """Measure, and print a line."""
    parser = argparse.ArgumentParser(description="rows that leave, against whole batches")
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=256, help="of a source, at most")
    parser.add_argument("--limit", type=int, default=64, help="tokens of a text")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    from harness.models.generative.encoder_decoder import EncoderDecoder

    model = bart(args)
    decoder = EncoderDecoder(model, SimpleNamespace(pad_token_id=PAD), 10**6, {})
    sources = random_sources(args)
    leaving, whole, first = [], [], 0.0
    for _ in range(args.rounds):
        begin = time.perf_counter()
        outcomes = {}
        for place, reply in decoder.stream(iter(enumerate(sources)), args.limit):
            first = first if outcomes else time.perf_counter() - begin
            outcomes[place] = reply
        leaving.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        replies = decoder._generate(sources, args.limit)
        whole.append(time.perf_counter() - begin)
    lengths = [len(outcomes[place].tokens) - 1 for place in range(args.rows)]
    # A row of a whole batch is filled up to the longest.
    equal = sum(
        reply.tokens[: length + 1] == outcomes[place].tokens
        for place, (reply, length) in enumerate(zip(replies, lengths, strict=True))
    )
    ratio = statistics.median(theirs / ours for ours, theirs in zip(leaving, whole, strict=True))
    print(
        f"{args.rows} sources, {args.threads} thread(s), {decoder.method}, tokens written "
        f"{sorted(lengths)}: {statistics.median(leaving):.2f} s (the first text after "
        f"{first:.2f} s), whole batches {statistics.median(whole):.2f} s ({ratio:.2f}x), "
        f"{equal} of {args.rows} texts equal"
    )


def bart(args: argparse.Namespace) -> Any:
    """Return a model of random weights, each twentieth of whose tokens ends a text."""
    import torch
    from transformers import BartConfig, BartForConditionalGeneration

    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    config = BartConfig(
        vocab_size=32_000,
        d_model=768,
        encoder_layers=6,
        decoder_layers=6,
        encoder_attention_heads=12,
        decoder_attention_heads=12,
        encoder_ffn_dim=3072,
        decoder_ffn_dim=3072,
        init_std=0.1,
    )
    model = BartForConditionalGeneration(config).eval().to(args.device)
    model.generation_config.eos_token_id = list(range(END, config.vocab_size, 20))
    model.generation_config.forced_eos_token_id = None
    model.generation_config.no_repeat_ngram_size = 3
    model.generation_config.min_new_tokens = 4
    return model


def random_sources(args: argparse.Namespace) -> list[list[int]]:
    """Return sources between half as long as they may be and that, the longest first."""
    draw = random.Random(1)
    lengths = sorted(draw.randint(args.tokens // 2, args.tokens) for _ in range(args.rows))
    return [[draw.randrange(4, 32_000) for _ in range(length)] for length in reversed(lengths)]


if __name__ == "__main__":
    main()
