"""Questions and their answers: whether they stand in the article and mean one thing."""

import re
from collections.abc import Iterator, Mapping, Sequence

from harness.check.finding import Finding, Level, at
from harness.check.words import content_words, nearest_sentence, nearest_span, shared
from harness.metrics.squad import normalize
from harness.records import Article, Question
from harness.suite.articles import Removed
from harness.suite.goldens import GoldenFile
from harness.text import sentences

LONGEST_ANSWER = 10  # words
SAME_QUESTION = 0.75  # Jaccard similarity of content words
NEARLY_ANSWERED = 0.8  # share of a question's content words in one sentence

# Answers that may stand in many places and mean something else in each.
_COMMON = re.compile(
    r"(?:(?:on|in|at|the|a|an|since|by) )*"
    r"(?:[\d.,$€£¥%]+(?: (?:million|billion|trillion|percent|per cent))?|"
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|first|second|third|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day(?: (?:morning|afternoon|evening|night))?|"
    r"january|february|march|april|may|june|july|august|september|october|november|december)"
    r"(?: \d+)?",
    re.IGNORECASE,
)
# What SQuAD's normalization drops and a number does not do without.
_CONFUSED = re.compile(r"\d[.,]\d|\d ?%|(?<!\w)[-−+]\d")


def check_questions(
    file: GoldenFile,
    articles: Mapping[str, Article],
    removed: Mapping[str, Sequence[Removed]],
) -> Iterator[Finding]:
    """Yield what is found about the questions of one golden, article by article."""
    questions = file.golden.questions
    for index, question in enumerate(questions):
        yield from _labels(file, index, question)
        if question.answers:
            texts = {e.article: articles[e.article].text for e in question.evidence}
            yield from _evidence(file, index, question, texts)
            yield from _answers(file, index, question, texts or _all_texts(file, articles))
            yield from _in_chrome(file, index, question, removed)
        else:
            yield from _nearly_answered(file, index, question, _all_texts(file, articles))
        for other in questions[:index]:
            if shared(content_words(question.text), content_words(other.text)) >= SAME_QUESTION:
                yield _found(
                    "warning",
                    "question-twice",
                    file,
                    index,
                    question,
                    f"asks nearly the same as {other.id!r}; drop or reword one",
                )


def _all_texts(file: GoldenFile, articles: Mapping[str, Article]) -> dict[str, str]:
    return {name: articles[name].text for name in file.articles}


def _labels(file: GoldenFile, index: int, question: Question) -> Iterator[Finding]:
    if question.answers and not question.evidence:
        yield _found(
            "error",
            "label",
            file,
            index,
            question,
            "has answers and no evidence; give the sentence that answers it",
        )
    if question.evidence and not question.answers:
        yield _found(
            "error",
            "label",
            file,
            index,
            question,
            "has no answers, so it is unanswerable, and has evidence; drop one or add the other",
        )


def _evidence(
    file: GoldenFile, index: int, question: Question, texts: Mapping[str, str]
) -> Iterator[Finding]:
    for evidence in question.evidence:
        text = texts[evidence.article]
        if evidence.text not in text:
            near = nearest_sentence(text, evidence.text)
            yield _found(
                "error",
                "evidence-missing",
                file,
                index,
                question,
                f"its evidence does not stand in {evidence.article}; the nearest: {near!r}",
                "evidence",
            )
        elif not any(answer in evidence.text for answer in question.answers):
            yield _found(
                "error",
                "evidence-without-answer",
                file,
                index,
                question,
                f"no answer stands in its evidence of {evidence.article}; take another sentence",
                "evidence",
            )


def _answers(
    file: GoldenFile, index: int, question: Question, texts: Mapping[str, str]
) -> Iterator[Finding]:
    for place, answer in enumerate(question.answers):
        field = ("answers", place)
        if not any(answer in text for text in texts.values()):
            near = nearest_span("\n".join(texts.values()), answer)
            yield _found(
                "error",
                "answer-missing",
                file,
                index,
                question,
                f"its answer {answer!r} does not stand in the article; the nearest that does: "
                f"{near!r}",
                *field,
            )
        if len(answer.split()) > LONGEST_ANSWER:
            yield _found(
                "warning",
                "answer-long",
                file,
                index,
                question,
                f"its answer {answer!r} has {len(answer.split())} words, more than "
                f"{LONGEST_ANSWER}; take the words that answer",
                *field,
            )
    confused = [answer for answer in question.answers if _CONFUSED.search(answer)]
    if confused:
        yield _found(
            "warning",
            "answer-confused",
            file,
            index,
            question,
            f"SQuAD's normalization reads its answer {confused[0]!r} as "
            f"{normalize(confused[0])!r}, so another number may count as right",
        )
    evidence = "\n".join(one.text for one in question.evidence)
    for answer in question.answers:
        if _COMMON.fullmatch(answer):
            others = _elsewhere(answer, evidence, texts)
            if others:
                shown = "; ".join(repr(other) for other in others[:3])
                yield _found(
                    "warning",
                    "answer-elsewhere",
                    file,
                    index,
                    question,
                    f"its answer {answer!r} also stands where it may mean something else: {shown}",
                )
                return


def _elsewhere(answer: str, evidence: str, texts: Mapping[str, str]) -> list[str]:
    whole = re.compile(rf"(?<!\w){re.escape(answer)}(?!\w)")
    return [
        sentence.text
        for text in texts.values()
        for sentence in sentences(text)
        if whole.search(sentence.text) and sentence.text not in evidence
    ]


def _in_chrome(
    file: GoldenFile, index: int, question: Question, removed: Mapping[str, Sequence[Removed]]
) -> Iterator[Finding]:
    asked = content_words(question.text)
    for name in {evidence.article for evidence in question.evidence}:
        for piece in removed.get(name, ()):
            if piece.rule == "repeated" or not asked:
                continue
            near = len(asked & content_words(piece.text)) / len(asked)
            if near >= 0.5 and any(answer in piece.text for answer in question.answers):
                yield _found(
                    "warning",
                    "answer-in-chrome",
                    file,
                    index,
                    question,
                    f"text that cleaning removes answers it too: {piece.text[:60]!r}",
                )


def _nearly_answered(
    file: GoldenFile, index: int, question: Question, texts: Mapping[str, str]
) -> Iterator[Finding]:
    asked = content_words(question.text)
    for text in texts.values():
        for sentence in sentences(text):
            near = len(asked & content_words(sentence.text)) / len(asked) if asked else 0.0
            if near >= NEARLY_ANSWERED:
                yield _found(
                    "warning",
                    "nearly-answered",
                    file,
                    index,
                    question,
                    f"is unanswerable, but a sentence has most of its words: {sentence.text!r}",
                )
                return


def _found(
    level: Level,
    rule: str,
    file: GoldenFile,
    index: int,
    question: Question,
    message: str,
    *field: int | str,
) -> Finding:
    location = ("questions", index, *field)
    name = f"{rule}/{question.id}"
    return at(level, name, file, location, f"{question.id}: {message}")
