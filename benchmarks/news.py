"""News-like summaries of a wanted length, from the shipped articles or from a text of one's own."""

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from harness.text import sentences

ROOT = Path(__file__).parent.parent

# Of the shipped articles' words this share is replaced by words made up from their halves: news
# goes on bringing names and forms that were not seen before.
NEW_WORDS = 0.04


class Pair(NamedTuple):
    """A reference and what two systems made of it, a sentence a line."""

    reference: str
    predictions: tuple[str, str]


def source(path: Path | None) -> list[str]:
    """Return the sentences of a text or SQuAD JSON file, or of the shipped articles."""
    if path is None:
        texts = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "seeds").glob("*.txt"))]
        texts += [
            line
            for p in sorted((ROOT / "goldens").glob("*.yaml"))
            for line in p.read_text(encoding="utf-8").splitlines()
        ]
    elif path.suffix == ".json":
        articles = json.loads(path.read_text(encoding="utf-8"))["data"]
        texts = [p["context"] for a in articles for p in a["paragraphs"]]
    else:
        texts = [path.read_text(encoding="utf-8")]
    lines = [span.text for text in texts for span in sentences(text)]
    return [line for line in lines if 8 <= len(line.split()) <= 50]


def pairs(lines: list[str], words: int, count: int, *, invent: bool, seed: int) -> Iterator[Pair]:
    """Yield pairs of about `words` words each; a prediction shares half its sentences."""
    rng = random.Random(seed)
    vocabulary = sorted({w for line in lines for w in re.findall("[A-Za-z]{4,}", line)})
    order: list[str] = []

    def take() -> list[str]:
        nonlocal order
        if not order:
            order = rng.sample(lines, len(lines))
        return _varied(order.pop().split(), vocabulary, rng, NEW_WORDS if invent else 0.0)

    for _ in range(count):
        reference = _fill([], words, take)
        predictions = []
        for _ in range(2):
            shared = [
                _varied([w for w in line if rng.random() > 0.15], vocabulary, rng, 0.0)
                for line in reference
                if rng.random() < 0.5
            ]
            prediction = _fill(shared, words, take)
            rng.shuffle(prediction)
            predictions.append("\n".join(" ".join(line) for line in prediction))
        first, second = predictions
        yield Pair("\n".join(" ".join(line) for line in reference), (first, second))


def _fill(start: list[list[str]], words: int, take: Callable[[], list[str]]) -> list[list[str]]:
    """Return some lines and others after them, up to a number of words."""
    filled: list[list[str]] = []
    total = 0
    for line in start:
        filled.append(line[: words - total])
        total += len(filled[-1])
    while total < words:
        filled.append(take()[: words - total])
        total += len(filled[-1])
    return [line for line in filled if line]


def _varied(line: list[str], vocabulary: list[str], rng: random.Random, share: float) -> list[str]:
    varied = []
    for word in line:
        draw = rng.random()
        if draw < share:
            first, second = rng.choices(vocabulary, k=2)
            varied.append(first[: (len(first) + 1) // 2] + second[len(second) // 2 :].lower())
        elif draw < share + 0.08:
            varied.append(rng.choice(vocabulary))
        else:
            varied.append(word)
    return varied
