"""Questions and their answers: whether they stand in the article and mean one thing."""

import re
from collections.abc import Iterator, Mapping, Sequence

from harness.check.finding import Finding, Level, finding_at
from harness.check.words import content_words, jaccard_similarity, nearest_sentence, nearest_span
from harness.metrics.answers.normalization import rule_of
from harness.metrics.languages import language_code
from harness.records import Article, Question
from harness.suite.articles import RemovedParagraph
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
# What normalizations drop and a number does not do without.
_CONFUSED = re.compile(r"\d[.,]\d|\d ?%|(?<!\w)[-−+]\d")


def check_questions(
    file: GoldenFile,
    articles: Mapping[str, Article],
    removed: Mapping[str, Sequence[RemovedParagraph]],
) -> Iterator[Finding]:
    """Yield what is found about the questions of one golden, article by article."""
    questions = file.golden.questions
    language = language_code(articles[file.articles[0]].language)
    for index, question in enumerate(questions):
        yield from _check_label(file, index, question)
        if question.answers:
            texts = {
                evidence.article: articles[evidence.article].text for evidence in question.evidence
            }
            yield from _check_evidence(file, index, question, texts)
            texts = texts or _all_texts(file, articles)
            yield from _check_answers(file, index, question, texts, language)
            yield from _check_removed_text(file, index, question, removed)
        else:
            yield from _check_nearly_answered(file, index, question, _all_texts(file, articles))
        for other in questions[:index]:
            if (
                jaccard_similarity(content_words(question.text), content_words(other.text))
                >= SAME_QUESTION
            ):
                yield _question_finding(
                    "warning",
                    "question-twice",
                    file,
                    index,
                    question,
                    f"asks nearly the same as {other.id!r}; drop or reword one",
                )


def _all_texts(file: GoldenFile, articles: Mapping[str, Article]) -> dict[str, str]:
    return {name: articles[name].text for name in file.articles}


def _check_label(file: GoldenFile, index: int, question: Question) -> Iterator[Finding]:
    if question.answers and not question.evidence:
        yield _question_finding(
            "error",
            "label",
            file,
            index,
            question,
            "has answers and no evidence; give the sentence that answers it",
        )
    if question.evidence and not question.answers:
        yield _question_finding(
            "error",
            "label",
            file,
            index,
            question,
            "has no answers, so it is unanswerable, and has evidence; drop one or add the other",
        )


def _check_evidence(
    file: GoldenFile, index: int, question: Question, texts: Mapping[str, str]
) -> Iterator[Finding]:
    for evidence in question.evidence:
        text = texts[evidence.article]
        if evidence.text not in text:
            nearest = nearest_sentence(text, evidence.text)
            yield _question_finding(
                "error",
                "evidence-missing",
                file,
                index,
                question,
                f"its evidence does not stand in {evidence.article}; the nearest: {nearest!r}",
                "evidence",
            )
        elif not any(answer in evidence.text for answer in question.answers):
            yield _question_finding(
                "error",
                "evidence-without-answer",
                file,
                index,
                question,
                f"no answer stands in its evidence of {evidence.article}; take another sentence",
                "evidence",
            )


def _check_answers(
    file: GoldenFile, index: int, question: Question, texts: Mapping[str, str], language: str
) -> Iterator[Finding]:
    for number, answer in enumerate(question.answers):
        field = ("answers", number)
        if not any(answer in text for text in texts.values()):
            nearest = nearest_span("\n".join(texts.values()), answer)
            yield _question_finding(
                "error",
                "answer-missing",
                file,
                index,
                question,
                f"its answer {answer!r} does not stand in the article; the nearest that does: "
                f"{nearest!r}",
                *field,
            )
        if len(answer.split()) > LONGEST_ANSWER:
            yield _question_finding(
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
        rule = rule_of(None, language)
        whose = "SQuAD's" if rule.name == "squad" else f"the {rule.name.split('-')[0]}"
        yield _question_finding(
            "warning",
            "answer-confused",
            file,
            index,
            question,
            f"{whose} normalization reads its answer {confused[0]!r} as "
            f"{rule.normalize(confused[0])!r}, so another number may count as right",
        )
    evidence_text = "\n".join(evidence.text for evidence in question.evidence)
    for answer in question.answers:
        if _COMMON.fullmatch(answer):
            others = _other_sentences_with(answer, evidence_text, texts)
            if others:
                quoted = "; ".join(repr(other) for other in others[:3])
                yield _question_finding(
                    "warning",
                    "answer-elsewhere",
                    file,
                    index,
                    question,
                    f"its answer {answer!r} also stands where it may mean something else: {quoted}",
                )
                return


def _other_sentences_with(answer: str, evidence: str, texts: Mapping[str, str]) -> list[str]:
    whole_answer = re.compile(rf"(?<!\w){re.escape(answer)}(?!\w)")
    return [
        sentence.text
        for text in texts.values()
        for sentence in sentences(text)
        if whole_answer.search(sentence.text) and sentence.text not in evidence
    ]


def _check_removed_text(
    file: GoldenFile,
    index: int,
    question: Question,
    removed: Mapping[str, Sequence[RemovedParagraph]],
) -> Iterator[Finding]:
    question_words = content_words(question.text)
    for name in {evidence.article for evidence in question.evidence}:
        for paragraph in removed.get(name, ()):
            if paragraph.rule == "repeated" or not question_words:
                continue
            overlap = len(question_words & content_words(paragraph.text)) / len(question_words)
            if overlap >= 0.5 and any(answer in paragraph.text for answer in question.answers):
                yield _question_finding(
                    "warning",
                    "answer-in-chrome",
                    file,
                    index,
                    question,
                    f"text that cleaning removes answers it too: {paragraph.text[:60]!r}",
                )


def _check_nearly_answered(
    file: GoldenFile, index: int, question: Question, texts: Mapping[str, str]
) -> Iterator[Finding]:
    question_words = content_words(question.text)
    for text in texts.values():
        for sentence in sentences(text):
            overlap = (
                len(question_words & content_words(sentence.text)) / len(question_words)
                if question_words
                else 0.0
            )
            if overlap >= NEARLY_ANSWERED:
                yield _question_finding(
                    "warning",
                    "nearly-answered",
                    file,
                    index,
                    question,
                    f"is unanswerable, but a sentence has most of its words: {sentence.text!r}",
                )
                return


def _question_finding(
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
    return finding_at(level, name, file, location, f"{question.id}: {message}")
