"""Token classifiers: which words of a text its article does not bear out."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import AfterValidator

from harness.errors import ModelError
from harness.models.judges.claim_judge import ClaimJudge
from harness.models.judges.labels import UNSUPPORTED, label_names, label_number
from harness.models.judges.opinion import Opinion
from harness.models.judges.pair_reader import Pair, PairForm, Probabilities
from harness.records import Task

_ARTICLE = "{article}"


def _has_article(template: str) -> str:
    if template.count(_ARTICLE) != 1:
        raise ValueError(f"must have {_ARTICLE} once: where the article stands")
    return template


class TokenSupport(ClaimJudge):
    """A classifier of a text's tokens, each borne out by the article or not.

    The whole text is judged at once, as the LettuceDetect models do (Kovács & Recski,
    "LettuceDetect: A Hallucination Detection Framework for RAG Applications", 2025). Tokens in a
    row that are not borne out, with a probability of 0.5 or more, are a span. Of an article that is
    longer than the window a token is borne out if one of its chunks bears it out; the package
    `lettucedetect` asks it of all of them.
    """

    usual_tokens: ClassVar[int] = 4096

    unsupported: str | None = None
    """The label that means: not borne out, where its name does not say so."""
    template: Annotated[str, AfterValidator(_has_article)] = (
        "Summarize the following text:\n{article}\noutput:"
    )
    """What is read before the text that is judged; {article} is where the article stands. By
    default as LettuceDetect's models were trained."""

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the identity of its checkpoint and options."""
        return {
            **super().identity(task),
            "kind": "token-support",
            "unsupported": self.unsupported,
            "template": self.template,
        }

    def _form(self) -> PairForm:
        before, _, after = self.template.partition(_ARTICLE)
        return PairForm("chunk", before, after)

    def _auto_class(self) -> Any:
        from transformers import AutoModelForTokenClassification

        return AutoModelForTokenClassification

    @cached_property
    def _labels(self) -> int:
        """The number of the label of what is not borne out."""
        names, label = label_names(self._config), self.weights.label
        if len(names) != 2:
            raise ModelError(
                f"{label}: has {len(names)} labels ({', '.join(names.values())}), where a token is "
                "borne out or is not"
            )
        return label_number(names, UNSUPPORTED, self.unsupported, "unsupported", label)

    def _opinion(self, pairs: Sequence[Pair], probabilities: Sequence[Probabilities]) -> Opinion:
        by_chunk = [
            own[list(pair.claim), self._labels]
            for pair, own in zip(pairs, probabilities, strict=True)
        ]
        least = np.min(by_chunk, axis=0)
        spans: list[tuple[int, int, float]] = []
        goes_on = False
        for (start, end), probability in zip(pairs[0].claim_offsets, least.tolist(), strict=True):
            if start == end:
                continue
            if probability < 0.5:
                goes_on = False
            elif goes_on:
                spans[-1] = (spans[-1][0], end, max(spans[-1][2], probability))
            else:
                spans.append((start, end, probability))
                goes_on = True
        return Opinion({"tokens": float(len(least))}, spans=tuple(spans))
