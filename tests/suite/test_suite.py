from pathlib import Path

import pytest

from harness.errors import DataError, Problem
from harness.suite.suite import read_suite


def test_the_shipped_suite() -> None:
    suite = read_suite()
    assert suite.id == "us-japan-rare-earths-2025"
    summaries, answers = suite.examples("summarize"), suite.examples("answer")
    events = [*suite.examples("summarize", "event"), *suite.examples("answer", "event")]
    assert [e.id for e in summaries] == list(suite.articles)[:5]
    assert [e.query.words for e in summaries] == [(50, 70)] * 5
    assert events[0].query.words == (100, 130)
    everything = [*summaries, *answers, *events]
    questions = sum(len(golden.questions) for golden in suite.goldens.values())
    assert len({e.id for e in everything}) == len(everything) == questions + 5 + 1
    assert all(e.query.context == e.article.text for e in everything)
    assert [e.id for e in suite.examples("answer", limit=3)] == [e.id for e in answers[:3]]


def test_a_folder_of_ones_own(suite_folder: Path) -> None:
    suite = read_suite(suite_folder)
    assert suite.id == "my-suite"
    assert [(e.id, e.references) for e in suite.examples("answer")] == [
        ("first/who", ("Ann",)), ("first/cost", ()),
        ("second/who", ("Ann",)), ("second/cost", ()),
    ]  # fmt: skip
    assert suite.examples("summarize")[0].query.context == (
        "Ann met Bob in Rome on Monday.\n\nThey signed a pact.\n\nIt rained. Cyd objected."
    )


def test_a_suite_has_its_manifests_name_or_its_folders(suite_folder: Path) -> None:
    manifest = suite_folder / "seeds" / "manifest.toml"
    articles = manifest.read_text(encoding="utf-8")
    assert read_suite(suite_folder).id == "my-suite"
    manifest.write_text(f'suite = "a-pact"\n{articles}', encoding="utf-8")
    assert read_suite(suite_folder).id == "a-pact"


def test_an_event_is_its_articles_each_headed_by_its_outlet() -> None:
    suite = read_suite()
    (event,) = [article for article in suite.articles.values() if article.scope == "event"]
    assert event.text.startswith("IANS:\n\nTokyo: Emphasising")
    assert "\n\nThe Local Report:\n\nWe chairman donald trump" in event.text
    for part in event.parts:
        assert event.text[part.start : part.end] == suite.articles[part.article].text
    assert [part.article for part in event.parts] == list(suite.articles)[:5]


@pytest.mark.parametrize(
    ("file", "old", "new", "changes"),
    [
        ("goldens/first.yaml", "Ann met Bob", "Ann saw Bob", True),
        ("goldens/first.yaml", '["Ann"]', '["Ann", "Ann L."]', True),
        ("goldens/first.yaml", "version: 1", "version: 2", True),
        ("goldens/first.yaml", "author: editor", "author:   editor", False),
        ("seeds/first.txt", "Rome", "Bonn", True),
        ("seeds/first.txt", "Ann met", "Ann  met", False),
    ],
)
def test_the_hash_changes_with_what_can_change_a_score(
    suite_folder: Path, file: str, old: str, new: str, changes: bool
) -> None:
    before = read_suite(suite_folder).hash
    path = suite_folder / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert (read_suite(suite_folder).hash != before) is changes


def test_what_is_no_suite_is_refused(tmp_path: Path, suite_folder: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: there is no such suite folder; check --suite"):
        read_suite(tmp_path / "nowhere")
    (tmp_path / "data.parquet").touch()
    with pytest.raises(DataError, match=r"a suite is a folder, and this is a file: --suite data:"):
        read_suite(tmp_path / "data.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty: not a suite; it needs the folders seeds/ and"):
        read_suite(tmp_path / "empty")
    (suite_folder / "seeds" / "manifest.toml").unlink()
    with pytest.raises(DataError, match=r"manifest\.toml: there is no such file; it must list"):
        read_suite(suite_folder)


def _problems(folder: Path) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_suite(folder)
    told = [problem for problem in caught.value.problems if isinstance(problem, Problem)]
    assert len(told) == len(caught.value.problems)
    return [f"{p.file.relative_to(folder)}:{p.line}: {p.text}" for p in told]


def test_all_mistakes_of_the_manifest_and_of_all_goldens_are_told_at_once(
    suite_folder: Path,
) -> None:
    """Lines are counted in `suite_folder` of conftest.py."""
    (suite_folder / "seeds" / "manifest.toml").write_text(
        'primry = { answer = "f1" }\n'
        '[[article]]\nid = "first"\nfile = "first.txt"\ndate = "soon"\n'
        '[[article]]\nid = "first"\n'
    )
    for name, old, new in (
        ("first", "author", "autor"),
        ("first", "version: 1", "version: 0"),
        ("second", 'answers: ["Ann"]', "answers: [7]"),
    ):
        path = suite_folder / "goldens" / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    assert _problems(suite_folder) == [
        "seeds/manifest.toml:1: primry: unknown key; did you mean primary?",
        'seeds/manifest.toml:5: article[0].date: must be a date such as 2026-01-31, not "soon"',
        'seeds/manifest.toml:6: article[1].file: is missing; add something like  file = "tokyo-visit.txt"',
        "seeds/manifest.toml:7: article[1].id: 'first' is given to two articles, first to article[0]; keep one",
        "goldens/first.yaml:2: autor: unknown key; did you mean author?",
        "goldens/first.yaml:4: version: must be 1 or more, not 0",
        "goldens/second.yaml:7: questions[0].answers[0]: must be a text in quotes, not 7",
    ]


def test_all_articles_that_cannot_be_cleaned_and_goldens_of_none_are_told_at_once(
    suite_folder: Path,
) -> None:
    manifest = suite_folder / "seeds" / "manifest.toml"
    manifest.write_text(
        manifest.read_text(encoding="utf-8")
        .replace('file = "first.txt"', 'file = "1.txt"')
        .replace('file = "second.txt"', 'file = "second.txt"\nbegins = "met Bob"\nends = "Cyd"')
    )
    golden = (suite_folder / "goldens" / "first.yaml").read_text(encoding="utf-8")
    (suite_folder / "goldens" / "third.yaml").write_text(
        golden.replace("article: first", "article: thirst"), encoding="utf-8"
    )
    assert _problems(suite_folder) == [
        "seeds/1.txt:None: named by the manifest for 'first', but there is no such file",
        "seeds/second.txt:1: `begins` is 'met Bob', which stands in the middle of this line; give the "
        "line's first words: 'Ann met Bob in'",
        "seeds/second.txt:3: `ends` is 'Cyd', which stands in the middle of this line; give the "
        "line's last words: 'It rained. Cyd objected.'",
        "goldens/third.yaml:1: article: the suite has no article 'thirst'; did you mean first?",
    ]
