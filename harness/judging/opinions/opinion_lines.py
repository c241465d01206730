"""The lines of `judgments.jsonl` of judges: what each said of each claim of each text."""

from collections.abc import Iterable, Iterator

from harness.judging.judgment_lines import JudgedText, JudgmentLine
from harness.judging.opinions.measures import OpinionMeasures
from harness.judging.opinions.panel import Panel


def opinion_lines(
    panel: Panel, texts: Iterable[JudgedText], answers: Iterable[JudgedText] = ()
) -> Iterator[JudgmentLine]:
    """Yield a line for each claim that each judge was asked, judge after judge.

    First of the texts, then of the references that are made worse, each as it was and as it is, and
    then of pairs of the texts, and of `answers`. A judgment that is not there has no line.
    """
    judged, answered = list(texts), list(answers)
    canaries: list[JudgedText] = []
    for worse in panel.people.corrupted:
        name = f"reference:{worse.number}"
        reference = worse.example.references[worse.number - 1]
        canaries.append(("", worse.example, name, 1, reference))
        canaries.append(("", worse.example, f"{name}, {worse.title}", 1, worse.text))
    for judge in panel.judges:
        for text in (*judged, *canaries):
            yield from _lines(judge, text)
        if pairing := panel.pairings.get(judge.judge):
            yield from pairing.lines(judged)
        if meanings := panel.meanings.get(judge.judge):
            yield from meanings.lines(answered)


def _lines(judge: OpinionMeasures, judged: JudgedText) -> Iterator[JudgmentLine]:
    model, example, name, repeat, text = judged
    for claim in judge.asked(text, example.article.text):
        judgment = judge.judgment(claim)
        if judgment is not None:
            yield JudgmentLine(
                judge=judge.judge,
                model=model or None,
                example=example.id,
                text=name,
                repeat=repeat,
                claim=claim.name,
                key=judgment.key,
                answer=judgment.answer,
                error=judgment.error,
            )
