"""Sentences: our splitter against pysbd, punkt and sentencex, on hand-segmented text and for speed.

    PYTHONPATH=. python benchmarks/sentences.py --golden-rules test_english.py

The news is tests/text/news_sentences.txt. The golden rules are not ours to ship: they stand as 48
pairs of a text and its sentences in tests/lang/test_english.py of nipunsadvilkar/pySBD. A tool that
is not installed is left out; punkt is NLTK's, and needs its `punkt_tab` data where NLTK looks.
pysbd brings a package of the name `benchmarks`, so `python -m` would find that.

A treebank of Universal Dependencies (files .conllu) was cut into sentences too, by people who did
not know our rules.

The others are given a line at a time, as a line break ends a sentence in news. A sentence is right
if a tool gives exactly its characters; a rule is right if all its sentences are.
"""

import argparse
import ast
import importlib
import importlib.metadata
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from harness.metrics.ceiling import oracle_extractive
from harness.metrics.rouge.rouge import Rouge
from harness.models.floors.lead import Lead
from harness.records import Query
from harness.text import SENTENCE_SPLITTER, sentences
from tests.text.segmented import NEWS, Document, read_documents, right

ROUNDS = 3
LINE_CHARACTERS = 1_000_000
# What takes the square of a line's length gets less of it.
SLOW_CHARACTERS = {"pysbd": 160_000}

T = TypeVar("T")
Split = Callable[[str], Sequence[str]]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--golden-rules", type=Path, help="pySBD's tests/lang/test_english.py")
    parser.add_argument("--treebank", type=Path, nargs="*", default=[], help="files .conllu")
    parser.add_argument("--news", type=Path, default=NEWS, help="a file laid out as ours is")
    parser.add_argument("--wrong", action="store_true", help="print what each has wrong")
    options = parser.parse_args()
    news = read_documents(options.news)
    rules = golden_rules(options.golden_rules) if options.golden_rules else []
    treebank = [document for path in options.treebank for document in read_treebank(path)]
    line = one_line(news, LINE_CHARACTERS)
    print(
        f"{'':20}{'news':>8}{'rules':>8}{'trees':>8}{'MB/s':>8}   processor seconds for a line of"
    )
    texts = [document.text for document in news]
    for name, split in tools():
        sets = [[(d, split(d.text)) for d in documents] for documents in (news, rules, treebank)]
        hits = [[(right(d, made), len(d.sentences)) for d, made in found] for found in sets]
        whole = [(right(d, made) == len(d.sentences) == len(made), 1) for d, made in sets[1]]
        speed = sum(map(len, texts)) / 1e6 / seconds(lambda f: [*map(f, texts)], split)
        size = SLOW_CHARACTERS.get(name.split()[0], LINE_CHARACTERS)
        print(
            f"{name:20}{share(hits[0]):>8}{share(whole):>8}{share(hits[2]):>8}{speed:8.2f}"
            f"   {seconds(split, line[:size]):.2f} ({size:,} characters)"
        )
        if options.wrong:
            for document, made in [pair for found in sets for pair in found]:
                print_wrong(document, made)
    print(f"\nprocessor seconds for an article of {len(line):,} characters in one line")
    reference = " ".join(news[0].sentences[1:5])
    works: dict[str, Callable[[str], object]] = {
        "lead-3": lambda text: Lead().predict([Query("summarize", text)]),
        "oracle-extractive": lambda text: oracle_extractive(text, [reference]),
        "rougeLsum, as the prediction": lambda text: Rouge(("rougeLsum",)).score(text, [reference]),
        "rougeLsum, as the reference": lambda text: Rouge(("rougeLsum",)).score(reference, [text]),
    }
    for name, work in works.items():
        print(f"{name:30}{seconds(work, line):6.2f}")


def tools() -> Iterator[tuple[str, Split]]:
    """Yield a name with its version and a function from a text to its sentences, of each tool."""
    yield SENTENCE_SPLITTER, lambda text: [span.text for span in sentences(text)]
    loaders: dict[str, Callable[[Any], Split]] = {
        "pysbd": lambda pysbd: pysbd.Segmenter(language="en", clean=False).segment,
        "nltk": lambda nltk: nltk.tokenize.punkt.PunktTokenizer("english").tokenize,
        "sentencex": lambda sentencex: lambda line: sentencex.segment("en", line),
    }
    for name, load in loaders.items():
        try:
            split = load(importlib.import_module(name))
        except (ImportError, LookupError) as error:
            print(f"{name}: {str(error).strip().splitlines()[0]}", file=sys.stderr)
            continue
        yield f"{name} {importlib.metadata.version(name)}", by_line(split)


def by_line(split: Split) -> Split:
    """Return a function that splits each line of a text on its own."""
    return lambda text: [p for line in text.splitlines() for p in split(line) if p.strip()]


def golden_rules(path: Path) -> list[Document]:
    """Return the rules in pySBD's test: pairs of a text and a list, some in `pytest.param`."""
    documents = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
            for pair in node.value.elts:
                assert isinstance(pair, ast.Call | ast.Tuple), ast.dump(pair)
                text, found = pair.args[:2] if isinstance(pair, ast.Call) else pair.elts
                documents.append(Document(ast.literal_eval(text), ast.literal_eval(found)))
    return documents


def read_treebank(path: Path) -> list[Document]:
    """Return the documents of a file .conllu; a paragraph is a line."""
    documents: list[Document] = []
    glued = False
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        lines = block.splitlines()
        sentence = next(line[9:] for line in lines if line.startswith("# text = "))
        if not documents or any(line.startswith("# newdoc") for line in lines):
            documents.append(Document(sentence, [sentence]))
        else:
            paragraph = any(line.startswith("# newpar") for line in lines)
            text, found = documents[-1]
            between = "\n" if paragraph else "" if glued else " "
            documents[-1] = Document(text + between + sentence, [*found, sentence])
        glued = "SpaceAfter=No" in lines[-1]
    return documents


def one_line(news: Sequence[Document], characters: int) -> str:
    """Return so many characters of all documents, over and over, in one line."""
    line = " ".join(" ".join(document.text.split()) for document in news) + " "
    return (line * (characters // len(line) + 1))[:characters]


def share(counts: Sequence[tuple[int, int]]) -> str:
    """Return the share of what is right, in percent, of pairs of right and all."""
    total = sum(count for _, count in counts)
    return f"{sum(hits for hits, _ in counts) / total:.1%}" if total else ""


def print_wrong(document: Document, made: Sequence[str]) -> None:
    """Print the sentences that people made and a tool did not, and the other way round."""
    found = [piece.strip() for piece in made]
    for piece in [p for p in document.sentences if p not in found]:
        print(f"  - {piece}")
    for piece in [p for p in found if p not in document.sentences]:
        print(f"  + {piece}")


def seconds(work: Callable[[T], object], given: T) -> float:
    """Return the processor seconds that `work` takes with what it is given: a median of rounds."""
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work(given)
        taken.append(time.process_time() - start)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
