from pathlib import Path

import pytest

from harness.articles import read_articles
from harness.errors import DataError
from harness.goldens import read_golden, read_goldens
from harness.metrics.squad import normalize
from harness.records import Golden
from harness.suite import shipped

ARTICLES = read_articles(shipped("seeds"))
GOLDENS = read_goldens(shipped("goldens"), ARTICLES)

GOOD = """\
article: first
author: editor
date: 2026-01-01
version: 1
references:
  - Ann met Bob.
questions:
  - id: who
    kind: who
    text: Who met Bob?
    answers: [Ann, "Ann Lee"]
    evidence: Ann met Bob.
  - id: why
    kind: why
    text: Why did they meet?
    answers: []
"""


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "first.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_golden_is_read(tmp_path: Path) -> None:
    golden = read_golden(_write(tmp_path, GOOD))
    assert golden.references == ("Ann met Bob.",)
    assert [(q.id, q.answers, q.evidence) for q in golden.questions] == [
        ("who", ("Ann", "Ann Lee"), "Ann met Bob."),
        ("why", (), None),
    ]


# The line is the one a person must look at: counted in GOOD above.
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("text: Who met Bob?", "txt: Who met Bob?", r"first\.yaml:8: questions\[0\]\.text: is miss"),
        ("kind: why", "kind: why\n    note: x", r":15: questions\[1\]\.note: unknown key"),
        ('[Ann, "Ann Lee"]', "[Ann, 17]", r":11: questions\[0\]\.answers\[1\]: input should be a"),
        ("answers: []", "answers: yes", r":16: questions\[1\]\.answers: input should be a valid l"),
        ("  - Ann met Bob.", "  - ' '", r":6: references\[0\]: string should have at least 1 char"),
        ("version: 1", "version: 0", r":4: version: input should be greater than or equal to 1"),
        ("date: 2026-01-01", "date: soon", r":3: date: "),
        ("id: why", "id: who", r":13: questions\[1\]\.id: 'who' is taken by the question at line 8"),
        ("author: editor", "article: second", r":2: article is given twice"),
        ("questions:", "questions", r"first\.yaml:\d+: not valid YAML"),
        ("kind: who", "kind: [who", r"first\.yaml:\d+: not valid YAML"),
        ("author: editor", "author: !!python/object:os.system x", r":2: not valid YAML"),
        (GOOD, "", r"first\.yaml: the file is empty"),
        (GOOD, "just text", r"first\.yaml:1: "),
        (GOOD, GOOD[: GOOD.index("references")], "needs references, questions, or both"),
    ],
)  # fmt: skip
def test_an_error_names_file_line_and_field(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in GOOD
    with pytest.raises(DataError, match=message) as caught:
        read_golden(_write(tmp_path, GOOD.replace(old, new, 1)))
    assert "\n" not in str(caught.value)


def test_a_golden_for_no_article_and_two_for_one_are_refused(suite_folder: Path) -> None:
    articles = read_articles(suite_folder / "seeds")
    goldens = suite_folder / "goldens"
    text = (goldens / "first.yaml").read_text(encoding="utf-8")
    (goldens / "third.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"third\.yaml: 'first' has its golden in .*first\.yaml"):
        read_goldens(goldens, articles)
    (goldens / "third.yaml").write_text(text.replace("first", "third"), encoding="utf-8")
    with pytest.raises(DataError, match=r"third\.yaml: article: the suite has no article 'third'"):
        read_goldens(goldens, articles)
    for path in goldens.glob("*"):
        path.unlink()
    with pytest.raises(DataError, match="there are no goldens here"):
        read_goldens(goldens, articles)


# What follows holds the shipped goldens to what a golden promises.


def test_every_article_has_its_golden() -> None:
    assert list(GOLDENS) == list(ARTICLES)


@pytest.mark.parametrize("golden", GOLDENS.values(), ids=GOLDENS)
class TestShipped:
    def test_references_are_several_and_of_50_to_70_words(self, golden: Golden) -> None:
        assert len(golden.references) >= 2
        assert [r for r in golden.references if not 50 <= len(r.split()) <= 70] == []

    def test_questions_are_many_and_some_unanswerable(self, golden: Golden) -> None:
        assert len(golden.questions) >= 10
        assert sum(not q.answers for q in golden.questions) >= 2
        assert len({q.text for q in golden.questions}) == len(golden.questions)
        assert [q.id for q in golden.questions if not q.text.endswith("?")] == []

    def test_answers_and_evidence_stand_in_the_article(self, golden: Golden) -> None:
        text = ARTICLES[golden.article].text
        for question in golden.questions:
            assert [a for a in question.answers if a not in text] == [], question.id
            assert (question.evidence is not None) == bool(question.answers), question.id
            if question.evidence is not None:
                assert question.evidence in text, question.id
                assert any(a in question.evidence for a in question.answers), question.id

    def test_no_answer_normalizes_to_nothing_or_to_another(self, golden: Golden) -> None:
        for question in golden.questions:
            normal = [normalize(answer) for answer in question.answers]
            assert all(normal), question.id
            assert len(set(normal)) == len(normal), question.id

    def test_no_question_gives_its_answer_away(self, golden: Golden) -> None:
        for question in golden.questions:
            asked = normalize(question.text)
            assert [a for a in question.answers if f" {normalize(a)} " in f" {asked} "] == []


def test_the_questions_that_the_event_calls_for_are_there() -> None:
    texts = [q.text.lower() for golden in GOLDENS.values() for q in golden.questions]
    for words in (["who", "signed"], ["where"], ["when"], ["how much"], ["what did china"]):
        assert [text for text in texts if all(word in text for word in words)], words
