"""Reference summaries: of the length asked for, on their own, and true to the article."""

from collections.abc import Iterator

from harness.check.finding import Finding, at
from harness.check.words import all_words, names, numbers, quotes, shared, shingles
from harness.suite.goldens import GoldenFile

SAME_REFERENCE = 0.5  # Jaccard similarity of runs of three words


def check_references(file: GoldenFile, text: str) -> Iterator[Finding]:
    """Yield what is found about the references of one golden; `text` is what they summarize."""
    least, most = file.golden.words
    references = file.golden.references
    known_words, known_numbers = all_words(text), numbers(text)
    for index, reference in enumerate(references):
        place = ("references", index)
        count = len(reference.split())
        if not least <= count <= most:
            yield at(
                "warning",
                f"reference-length/{index + 1}",
                file,
                place,
                f"reference {index + 1} has {count} words; the brief asks for {least} to {most}",
            )
        foreign = sorted(names(reference) - known_words)
        foreign += sorted(numbers(reference) - known_numbers)
        foreign += [f"“{quote}”" for quote in quotes(reference) if quote not in text]
        if foreign:
            yield at(
                "warning",
                f"reference-unsupported/{index + 1}",
                file,
                place,
                f"reference {index + 1} has what the text does not: {', '.join(foreign)}",
            )
        for other in range(index):
            if shared(shingles(reference, 3), shingles(references[other], 3)) >= SAME_REFERENCE:
                yield at(
                    "warning",
                    f"reference-twice/{index + 1}",
                    file,
                    place,
                    f"reference {index + 1} is nearly reference {other + 1}; write it anew",
                )
