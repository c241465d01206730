"""Reference summaries: of the length asked for, on their own, and true to the article."""

from collections.abc import Iterator

from harness.check.finding import Finding, finding_at
from harness.check.words import all_words, jaccard_similarity, names, numbers, quotes, shingles
from harness.suite.goldens import GoldenFile
from harness.text import word_places

SAME_REFERENCE = 0.5  # Jaccard similarity of runs of three words


def check_references(file: GoldenFile, text: str) -> Iterator[Finding]:
    """Yield what is found about the references of one golden; `text` is what they summarize."""
    references = file.golden.references
    known_words, known_numbers = all_words(text), numbers(text)
    for index, reference in enumerate(references):
        location = ("references", index)
        count = len(word_places(reference))
        if file.brief and not file.brief[0] <= count <= file.brief[1]:
            yield finding_at(
                "warning",
                f"reference-length/{index + 1}",
                file,
                location,
                f"reference {index + 1} has {count} words; the brief asks for {file.brief[0]} to "
                f"{file.brief[1]}",
            )
        unsupported = sorted(names(reference) - known_words)
        unsupported += sorted(numbers(reference) - known_numbers)
        unsupported += [f"“{quote}”" for quote in quotes(reference) if quote not in text]
        if unsupported:
            yield finding_at(
                "warning",
                f"reference-unsupported/{index + 1}",
                file,
                location,
                f"reference {index + 1} has what the text does not: {', '.join(unsupported)}",
            )
        for other in range(index):
            if (
                jaccard_similarity(shingles(reference, 3), shingles(references[other], 3))
                >= SAME_REFERENCE
            ):
                yield finding_at(
                    "warning",
                    f"reference-twice/{index + 1}",
                    file,
                    location,
                    f"reference {index + 1} is nearly reference {other + 1}; write it anew",
                )
