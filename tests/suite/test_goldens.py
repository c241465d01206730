from pathlib import Path

import pytest

from harness.errors import DataError
from harness.files import shipped_path
from harness.metrics.answers.normalization import normalize_squad
from harness.records import Evidence
from harness.suite.articles import read_articles
from harness.suite.goldens import GoldenFile, read_golden, read_goldens

ARTICLES = read_articles(shipped_path("seeds"))
FILES = read_goldens(shipped_path("goldens"), ARTICLES)

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
    golden = read_golden(_write(tmp_path, GOOD)).golden
    assert golden.words == (50, 70)
    assert golden.references == ("Ann met Bob.",)
    assert [(q.id, q.answers, q.evidence) for q in golden.questions] == [
        ("who", ("Ann", "Ann Lee"), (Evidence("first", "Ann met Bob."),)),
        ("why", (), ()),
    ]


# The line is the one a person must look at: counted in GOOD above.
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("text: Who met Bob?", "txt: Who met Bob?", r":10: questions\[0\]\.txt: unknown key; did you mean text\?$"),
        ("kind: why", "kind: why\n    note: x", r":15: questions\[1\]\.note: unknown key; there are id, "),
        ('[Ann, "Ann Lee"]', "[Ann, 17]", r":11: questions\[0\]\.answers\[1\]: must be a text in quotes, not 17$"),
        ("answers: []", "answers: yes", r":16: questions\[1\]\.answers: must be a list, in square "),
        ("  - Ann met Bob.", "  - ' '", r":6: references\[0\]: must not be empty$"),
        ("version: 1", "version: 0", r":4: version: must be 1 or more, not 0$"),
        ("date: 2026-01-01", "date: soon", r':3: date: must be a date such as 2026-01-31, not "soon"$'),
        # YAML 1.2.2, 6.6: what follows " #" is a comment, unless it stands in quotes.
        ("text: Who met Bob?", "text: Who met Bob on pier #3?", r":10: questions\[0\]\.text: is cut off at '#3\?', a comment; quote"),
        ("author: editor", "author: editor  # on Monday", r":2: author: is cut off at '# on Monday', a comment"),
        # YAML 1.1 reads yes as true and 20260131 as a number.
        ("version: 1", "version: yes", r":4: version: must be a whole number, not true$"),
        ("version: 1", "version: 1.5", r":4: version: must be a whole number, not 1\.5$"),
        ("version: 1", "version: 1.0", r":4: version: must be a whole number, not 1\.0$"),
        ("version: 1", "version: '1'", r':4: version: must be a whole number, not "1"$'),
        ("version: 1", "version: 1\nwords: [yes, 20]", r":5: words: must be the least and the most words"),
        ("date: 2026-01-01", "date: 20260131", r":3: date: must be a date such as 2026-01-31, not 20260131$"),
        ("date: 2026-01-01", "date: '20260131'", r":3: date: must be a date such as 2026-01-31"),
        ("date: 2026-01-01", "date: true", r":3: date: must be a date such as 2026-01-31, not true$"),
        ("version: 1", "version: 1\nwords: [70, 50]", r":5: words: must be the least and the most words, such as \[50, 70\], not \[70, 50\]$"),
        ("version: 1", "version: 1\nwords: [70]", r":5: words: must be the least and the most words, such as"),
        ("version: 1", 'version: 1\nallowed: {a b: "no"}', r":5: allowed\.a b: must be a finding as `harness check` "),
        ("id: why", "id: who", r":13: questions\[1\]\.id: 'who' is taken by the question at line 8"),
        ("author: editor", "author: editor\narticle: first", r":3: article: is given twice, first at line 1; keep one$"),
        ("questions:", "questions", r"first\.yaml:\d+: not valid YAML"),
        ("kind: who", "kind: [who", r"first\.yaml:\d+: not valid YAML"),
        ("author: editor", "author: !!python/object:os.system x", r":2: not valid YAML"),
        (GOOD, "", r"first\.yaml: the file is empty"),
        (GOOD, "just text", r"first\.yaml:1: must be a table of keys and values, not "),
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


def test_what_yaml_hides_is_told_with_all_else_that_is_wrong(tmp_path: Path) -> None:
    """Counted in GOOD: the kind is on line 9, the text of the first question on line 10."""
    text = GOOD.replace("met Bob?", "met Bob #3?", 1).replace("kind: who", "kid: who", 1)
    with pytest.raises(DataError) as caught:
        read_golden(_write(tmp_path, text))
    first, *told = str(caught.value).splitlines()
    assert first.endswith(": 2 problems")
    assert [line.split("first.yaml:")[1].split(";")[0] for line in told] == [
        "9: questions[0].kid: unknown key",
        "10: questions[0].text: is cut off at '#3?', a comment",
    ]


def test_a_golden_for_no_article_and_two_for_one_are_refused(suite_folder: Path) -> None:
    articles = read_articles(suite_folder / "seeds")
    goldens = suite_folder / "goldens"
    text = (goldens / "first.yaml").read_text(encoding="utf-8")
    (goldens / "third.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"third\.yaml: 'first' has its golden in .*first\.yaml"):
        read_goldens(goldens, articles)
    (goldens / "third.yaml").write_text(text.replace("first", "third"), encoding="utf-8")
    with pytest.raises(
        DataError, match=r"third\.yaml:1: article: the suite has no article 'third'"
    ):
        read_goldens(goldens, articles)
    for path in goldens.glob("*"):
        path.unlink()
    with pytest.raises(DataError, match="there are no goldens here"):
        read_goldens(goldens, articles)


EVENT = """\
event: both
articles: [first, second]
author: editor
date: 2026-01-01
version: 1
references: [Ann met Bob twice.]
questions:
  - id: cities
    kind: where
    text: Where did they meet?
    answers: [Rome, Oslo]
    articles: [first, second]
    evidence: {first: Ann met Bob in Rome on Monday., second: Ann met Bob in Oslo on Monday.}
  - id: cost
    kind: how-much
    text: What did it cost?
    answers: []
    articles: []
"""


def test_a_golden_of_an_event_says_which_articles_answer(tmp_path: Path) -> None:
    file = read_golden(_write(tmp_path, EVENT))
    assert file.is_event
    assert file.articles == ("first", "second")
    assert file.golden.article == "both"
    assert file.golden.words == (100, 130)
    assert [(e.article, e.text) for e in file.golden.questions[0].evidence] == [
        ("first", "Ann met Bob in Rome on Monday."),
        ("second", "Ann met Bob in Oslo on Monday."),
    ]
    assert file.golden.questions[1].evidence == ()


@pytest.mark.parametrize(
    "text",
    [
        '"Who opened pier #3?"  # the third',
        "'Who opened pier #3?'",
        "Who opened pier#3?",
        ">-  # folded\n      Who opened pier #3?",
    ],
)
def test_a_comment_that_cuts_nothing_is_none_of_the_text(tmp_path: Path, text: str) -> None:
    content = GOOD.replace("text: Who met Bob?", f"text: {text}").replace(
        "date: 2026-01-01\nversion: 1", "date: '2026-01-01'  # quoted\nversion: 1  # first"
    )
    golden = read_golden(_write(tmp_path, content)).golden
    assert golden.questions[0].text.replace(" ", "") == "Whoopenedpier#3?"
    assert (golden.version, str(golden.date)) == (1, "2026-01-01")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    articles: [first, second]\n    evid", "    articles: [first]\n    evid",
         r":13: questions\[0\]\.evidence: must have one sentence for each of `articles`"),
        ("articles: [first, second]\nauthor", "articles: [first]\nauthor",
         r":2: articles: must have 2 items or more"),
        ("articles: [first, second]\nauthor", "articles: [first, first]\nauthor",
         r":2: articles: names 'first' twice; keep one"),
        ("    articles: [first, second]\n    evid", "    articles: [first, second, first]\n    evid",
         r":12: questions\[0\]\.articles: names 'first' twice; keep one$"),
        ("    articles: [first, second]\n    evidence: {first", "    articles: [first, third]\n    evidence: {first",
         r":12: questions\[0\]\.articles: names 'third', which is not among the event's `articles`"),
        ("event: both", "evnt: both", r":1: evnt: unknown key; did you mean event\?$"),
        ("    articles: []", "", r":14: questions\[1\]\.articles: is missing"),
    ],
)  # fmt: skip
def test_a_wrong_event_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in EVENT
    with pytest.raises(DataError, match=message):
        read_golden(_write(tmp_path, EVENT.replace(old, new, 1)))


def test_an_event_of_unknown_articles_or_of_an_articles_name_is_refused(
    suite_folder: Path,
) -> None:
    articles = read_articles(suite_folder / "seeds")
    path = suite_folder / "goldens" / "event.yaml"
    path.write_text(EVENT.replace("second", "third"), encoding="utf-8")
    with pytest.raises(
        DataError,
        match=r"event\.yaml:2: articles\[1\]: the suite has no article 'third'; there are first, second$",
    ):
        read_goldens(suite_folder / "goldens", articles)
    path.write_text(EVENT.replace("event: both", "event: first"), encoding="utf-8")
    with pytest.raises(DataError, match=r"event\.yaml:1: event: 'first' is an article; rename it"):
        read_goldens(suite_folder / "goldens", articles)


# What follows holds the shipped goldens to what a golden promises; `harness check`, which
# `make check` runs, looks at the rest.

KINDS = {"who", "what", "where", "when", "how-much", "how-many", "why", "which", "quote"}


def test_every_article_has_its_golden_and_all_five_are_one_event() -> None:
    assert [f.golden.article for f in FILES if not f.is_event] == list(ARTICLES)
    (event,) = [f for f in FILES if f.is_event]
    assert event.articles == tuple(ARTICLES)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.golden.article)
class TestShipped:
    def test_three_references_of_the_length_of_the_brief(self, file: GoldenFile) -> None:
        assert file.golden.words == ((100, 130) if file.is_event else (50, 70))
        assert len(file.golden.references) == 3
        least, most = file.golden.words
        assert [r for r in file.golden.references if not least <= len(r.split()) <= most] == []

    def test_questions_are_many_of_many_kinds_and_some_unanswerable(self, file: GoldenFile) -> None:
        questions = file.golden.questions
        assert len(questions) >= (25 if file.is_event else 24)
        assert sum(not q.answers for q in questions) >= 5
        assert len({q.text for q in questions}) == len(questions)
        assert {q.kind for q in questions} <= KINDS
        assert len({q.kind for q in questions}) >= 8
        assert [q.id for q in questions if not q.text.endswith("?")] == []
        yes_or_no = (
            "is ",
            "are ",
            "was ",
            "were ",
            "did ",
            "does ",
            "do ",
            "has ",
            "have ",
            "will ",
        )
        assert [q.id for q in questions if q.text.lower().startswith(yes_or_no)] == []

    def test_each_answer_has_its_evidence_and_each_evidence_an_answer(
        self, file: GoldenFile
    ) -> None:
        for question in file.golden.questions:
            texts = [ARTICLES[name].text for name in file.articles]
            assert all(any(a in text for text in texts) for a in question.answers), question.id
            assert bool(question.evidence) == bool(question.answers), question.id
            for evidence in question.evidence:
                assert evidence.text in ARTICLES[evidence.article].text, question.id
                assert any(a in evidence.text for a in question.answers), question.id

    def test_no_answer_normalizes_to_nothing_or_to_another(self, file: GoldenFile) -> None:
        for question in file.golden.questions:
            normal = [normalize_squad(answer) for answer in question.answers]
            assert all(normal), question.id
            assert len(set(normal)) == len(normal), question.id

    def test_no_question_gives_its_answer_away(self, file: GoldenFile) -> None:
        for question in file.golden.questions:
            asked = normalize_squad(question.text)
            assert [a for a in question.answers if f" {normalize_squad(a)} " in f" {asked} "] == []


def test_most_answers_have_two_accepted_forms() -> None:
    forms = [len(q.answers) for f in FILES for q in f.golden.questions if q.answers]
    assert sum(count >= 2 for count in forms) / len(forms) > 0.75


def test_the_event_asks_for_what_one_outlet_has_and_where_outlets_differ() -> None:
    (event,) = [f.golden for f in FILES if f.is_event]
    by_id = {q.id: q for q in event.questions}
    assert sum(len(q.evidence) == 1 for q in event.questions) >= 5
    assert by_id["ians-summit-day"].answers[0] == "Monday"
    assert by_id["shah-summit-day"].answers[0] == "Tuesday"
    assert by_id["local-report-last-visit"].answers[0] == "2009"
    assert by_id["ians-last-visit"].answers[0] == "June 2019"
    assert by_id["china-respect"].evidence[0].article == "localreport-strongest-ally"


def test_the_questions_that_the_event_calls_for_are_there() -> None:
    texts = [q.text.lower() for f in FILES for q in f.golden.questions]
    for words in (["who", "signed"], ["where"], ["when"], ["how much"], ["what did china"]):
        assert [text for text in texts if all(word in text for word in words)], words


def test_the_brief_is_what_the_golden_says_and_nothing_else(tmp_path: Path) -> None:
    assert read_golden(_write(tmp_path, GOOD)).brief is None
    file = read_golden(_write(tmp_path, GOOD.replace("version: 1", "version: 1\nwords: [5, 9]")))
    assert file.brief == file.golden.words == (5, 9)
