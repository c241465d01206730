"""ROUGE F1 through the rouge-score package (Lin, "ROUGE", 2004)."""

import importlib.metadata
from collections.abc import Mapping, Sequence

from rouge_score import rouge_scorer

from harness.errors import MetricError
from harness.text import SENTENCES, sentences

TYPES = ("rouge1", "rouge2", "rougeL", "rougeLsum")


class Rouge:
    """ROUGE-1, -2, -L and -Lsum F1 with Porter's stemmer.

    With several references each type takes the reference with the best F1, as rouge-score's
    `score_multi` does. For Lsum, prediction and references are split into sentences by
    `harness.text`: rouge-score's own splitter needs a download.
    """

    def __init__(self, types: Sequence[str] = TYPES, *, references: str = "best") -> None:
        self._types = tuple(types)
        self._references = references
        self._scorer = rouge_scorer.RougeScorer(list(types), use_stemmer=True)

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each metric."""
        version = importlib.metadata.version("rouge-score")
        shared = (
            f"stemmer:porter|tokenizer:default|references:{self._references}|rouge-score-{version}"
        )
        return {
            name: f"{name}|f1|"
            + (f"sentences:{SENTENCES}|" if name == "rougeLsum" else "")
            + shared
            for name in self._types
        }

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return the four F1 scores.

        Raises MetricError for a reference of which the tokenizer, which knows ASCII letters and
        digits only, leaves nothing: everything would score 0.
        """
        targets = [_one_sentence_a_line(reference) for reference in references]
        for target in targets:
            if not any(character.isascii() and character.isalnum() for character in target):
                raise MetricError(
                    f"the reference {target[:40]!r} has no ASCII letter or digit, and ROUGE's "
                    "default tokenizer drops all others; it cannot be scored"
                )
        sets = [targets]
        if self._references == "jackknife" and len(targets) > 1:
            sets = [targets[:i] + targets[i + 1 :] for i in range(len(targets))]
        found = [
            self._scorer.score_multi(targets=t, prediction=_one_sentence_a_line(prediction))
            for t in sets
        ]
        return {
            name: sum(float(one[name].fmeasure) for one in found) / len(found)
            for name in self._types
        }


def _one_sentence_a_line(text: str) -> str:
    return "\n".join(sentence.text for sentence in sentences(text))
