import json
import shutil
from pathlib import Path

import pytest

from harness.check.suite import check_suite
from harness.check.words import names, nearest_sentence, nearest_span, numbers, quotes
from harness.cli import main
from harness.files import sha256_file, shipped_path


def _copy(tmp_path: Path) -> Path:
    for name in ("seeds", "goldens"):
        shutil.copytree(shipped_path(name), tmp_path / name)
    return tmp_path


def test_the_shipped_suite_is_sound() -> None:
    report = check_suite(shipped_path(""))
    assert [f for f in report.findings if f.level != "note"] == []
    assert report.sound(strict=True)
    assert all(reason.strip() for _, reason in report.allowed)


LOCAL = "goldens/localreport-strongest-ally.yaml"
MENAFN = "goldens/menafn-minerals-agreement.yaml"

# What is broken in a copy of the shipped suite, and what must be found: level, name, file, words.
BREAKAGES = {
    "schema": (
        LOCAL, "kind: who\n", "kid: who\n",
        "error", "unreadable", LOCAL, "questions[0].kid: unknown key; did you mean kind?",
    ),
    "no YAML": (LOCAL, "questions:", "questions", "error", "unreadable", LOCAL, "not valid YAML"),
    "answer not in the article": (
        LOCAL, '["$400 billion", "up to $400 billion"]', '["$410 billion"]',
        "error", "answer-missing/how-much-company-investment", LOCAL, "nearest that does: '$400 billion",
    ),
    "evidence not in the article": (
        LOCAL, "Trump and Takachi sign an agreement", "Trump and Takaichi sign an agreement",
        "error", "evidence-missing/who-signed-agreement", LOCAL, "the nearest: 'Trump and Takachi sign",
    ),
    "evidence without the answer": (
        LOCAL, '["two", "two agreements"]', '["Guo Jiakun"]',
        "error", "evidence-without-answer/how-many-agreements", LOCAL, "no answer stands in its evid",
    ),
    "two of one id": (
        LOCAL, "- id: where-talks-held", "- id: who-signed-agreement",
        "error", "unreadable", LOCAL, "is taken by the question at line",
    ),
    "a golden without an article": (
        LOCAL, "article: localreport-strongest-ally", "article: nobody",
        "error", "no-article", LOCAL, "the suite has no sound article 'nobody'",
    ),
    "an article without a golden": (
        LOCAL, "article: localreport-strongest-ally", "article: nobody",
        "warning", "no-golden", "goldens", "'localreport-strongest-ally' has no golden",
    ),
    "two goldens of one article": (
        LOCAL, "article: localreport-strongest-ally", "article: ians-tokyo-visit",
        "error", "golden-twice", LOCAL, "'ians-tokyo-visit' has its golden in ians-tokyo-visit.yaml",
    ),
    "answers without evidence": (
        MENAFN,
        'answers: ["Tokyo"]\n    evidence: >-\n      The accord was concluded during U.S. President '
        "Donald Trump’s visit to Tokyo, where he\n      held his first meeting with Japan’s "
        "recently appointed prime minister, Sanae Takaichi.\n",
        'answers: ["Tokyo"]\n',
        "error", "label/where-first-meeting", MENAFN, "has answers and no evidence",
    ),
    "unanswerable with evidence": (
        LOCAL, 'answers: ["two", "two agreements"]', "answers: []",
        "error", "label/how-many-agreements", LOCAL, "it is unanswerable, and has evidence",
    ),
    "a changed seed": (
        "seeds/003_57b3b169bd0b5406.txt", "17 minerals", "18 minerals",
        "error", "unreadable", "seeds/003_57b3b169bd0b5406.txt", "the file has changed",
    ),
    "a beginning in the middle of a line": (
        "seeds/manifest.toml", 'begins = "We chairman donald trump"', 'begins = "chairman donald trump"',
        "error", "unreadable", "seeds/001_6f278fec7f1aa445.txt", "stands in the middle of this line; give the line's first words: 'We chairman donald trump'",
    ),
    "a file that the manifest lacks": (
        "seeds/extra.txt", "", "A page.",
        "warning", "unread", "seeds/extra.txt", "the manifest does not name it",
    ),
    "a golden that is not read": (
        "goldens/more.json", "", "{}",
        "warning", "unread", "goldens/more.json", "only .yaml and .yml are read",
    ),
    "a page in place of its text": (
        "seeds/copy.txt", "", "<!DOCTYPE html>\n<html><head><title>x</title>\n<script>if (a < b) x()</script></head>\n<body><p>Ann met Bob.</p></body></html>",
        "warning", "html", "seeds/copy.txt", "6 tags of HTML (<!doctype>, <html>, <head>, <script>, <body>)",
    ),
    "text with tags": (
        "seeds/copy.txt", "", "<p>Ann met Bob.</p>\n<p>They signed a <b>pact</b>.</p>",
        "warning", "html", "seeds/copy.txt", "3 tags of HTML (<p>, <b>)",
    ),
    "a long reference": (
        LOCAL, "respect its neighbours’ security concerns.",
        "respect its neighbours’ security concerns, and that is what it said on that day in that place.",
        "warning", "reference-length/1", LOCAL, "the brief asks for 50 to 70",
    ),
    "a number that the article does not have": (
        LOCAL, "$400 billion in the United States", "$450 billion in the United States",
        "warning", "reference-unsupported/2", LOCAL, "450",
    ),
    "a name that the article does not have": (
        LOCAL, "at Akasaka Palace in Tokyo, US President", "at Elysee Palace in Tokyo, US President",
        "warning", "reference-unsupported/2", LOCAL, "elysee",
    ),
    "a quote that the article does not have": (
        LOCAL, "“at the strongest level”", "“at the very strongest level”",
        "warning", "reference-unsupported/3", LOCAL, "“at the very strongest level”",
    ),
    "two questions that ask the same": (
        LOCAL, "At which place in Tokyo did the two leaders sit down for their discussions?",
        "Who signed an agreement declaring a new golden age for the US-Japan alliance?",
        "warning", "question-twice/where-talks-held", LOCAL, "nearly the same as 'who-signed-agreement'",
    ),
    "an answer of many words": (
        LOCAL, '["two", "two agreements"]',
        '["two", "The two agreements signed by the countries were loosely defined, and there was"]',
        "warning", "answer-long/how-many-agreements", LOCAL, "has 13 words, more than 10",
    ),
    "an answer that normalization spoils": (
        "goldens/shah-rare-earth-deal.yaml",
        '  answer-confused/how-much-gdp-defence: "the article has no other 2"\n', "",
        "warning", "answer-confused/how-much-gdp-defence", "goldens/shah-rare-earth-deal.yaml",
        "reads its answer '2%' as '2'",
    ),
    "an answer that stands elsewhere": (
        LOCAL, "  answer-elsewhere/how-many-agreements:", "  answer-long/who-signed-agreement:",
        "warning", "answer-elsewhere/how-many-agreements", LOCAL, "'two' also stands where it may",
    ),
    "a reason that silences nothing": (
        LOCAL, "  answer-elsewhere/how-many-agreements:", "  answer-long/who-signed-agreement:",
        "warning", "allowed-unused", LOCAL, "nothing is found by the name 'answer-long/who-signed",
    ),
    "an unanswerable question that the article answers": (
        LOCAL, "For which prize did Takaichi say she would nominate Trump?",
        "Which reserves of rare earths does Japan have beneath the seabed?",
        "warning", "nearly-answered/which-prize-nomination", LOCAL, "'Japan, meanwhile, has signif",
    ),
    "the same article twice": (
        "seeds/manifest.toml", "[[article]]\nid = \"menafn-minerals-agreement\"",
        "[[article]]\nid = \"copy\"\nfile = \"copy.txt\"\n\n[[article]]\nid = \"menafn-minerals-agreement\"",
        "warning", "article-twice", "seeds/manifest.toml", "menafn-minerals-agreement is nearly copy",
    ),
    "two references that are one": (
        "goldens/event.yaml", None, None,
        "warning", "reference-twice/2", "goldens/event.yaml", "reference 2 is nearly reference 1",
    ),
    "an answer in what cleaning removes": (
        "seeds/manifest.toml", 'begins = "United States President Donald Trump met"',
        'begins = "Held at the Akasaka Palace"',
        "warning", "answer-in-chrome/", "goldens/shah-rare-earth-deal.yaml", "cleaning removes answers it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_a_breakage_is_found(tmp_path: Path, breakage: str) -> None:
    file, old, new, level, name, where, words = BREAKAGES[breakage]
    root = _copy(tmp_path)
    path = root / str(file)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if old is None or new is None:
        first = text.index("references:\n  - >-")
        second = text.index("  - >-", first + 20)
        third = text.index("  - >-", second + 5)
        text = text[:second] + text[first + len("references:\n") : second] + text[third:]
    else:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    if file == "seeds/copy.txt":
        manifest = root / "seeds" / "manifest.toml"
        entry = '\n[[article]]\nid = "copy"\nfile = "copy.txt"\n'
        manifest.write_text(manifest.read_text(encoding="utf-8") + entry, encoding="utf-8")
    if breakage == "the same article twice":
        shutil.copy(root / "seeds" / "004_aed41bd5910ca76e.txt", root / "seeds" / "copy.txt")
    report = check_suite(root)
    assert not report.sound(strict=True)
    matching = [
        finding
        for finding in report.findings
        if finding.level == level
        and finding.name.startswith(name)
        and finding.file == str(root / where)
        and words in finding.message
    ]
    assert matching, [f for f in report.findings if f.level != "note"]
    assert "\n" not in matching[0].message


def test_the_command_groups_findings_and_says_by_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("0 errors\n0 warnings\n24 notes\n")
    assert "3 references of 62, 64, 69 words; each against the others: rouge1 " in out
    root = _copy(tmp_path)
    path = root / LOCAL
    path.write_text(
        path.read_text(encoding="utf-8").replace('["two", "two agreements"]', '["three"]'),
        encoding="utf-8",
    )
    assert main(["check", "--suite", str(root)]) == 1
    out = capsys.readouterr().out
    lines = path.read_text(encoding="utf-8").splitlines()
    line = next(i for i, text in enumerate(lines, 1) if '["three"]' in text)
    assert f"{path}:{line}: how-many-agreements: its answer 'three' does not stand in" in out
    assert main(["check", "--suite", str(root), "--json"]) == 1
    content = json.loads(capsys.readouterr().out)
    assert content["sound"] is False
    assert content["findings"][0]["name"] == "evidence-without-answer/how-many-agreements"
    assert main(["check", "--suite", str(tmp_path / "nowhere")]) == 2
    assert "not a suite" in capsys.readouterr().err


def test_everything_is_looked_at_even_where_one_file_is_broken(tmp_path: Path) -> None:
    root = _copy(tmp_path)
    (root / MENAFN).write_text("article: [", encoding="utf-8")
    path = root / LOCAL
    path.write_text(
        path.read_text(encoding="utf-8").replace('["July", "in July"]', '["June"]'),
        encoding="utf-8",
    )
    found = {f.name for f in check_suite(root).findings if f.level == "error"}
    assert {"unreadable", "answer-missing/when-trade-agreement"} <= found


def test_words_numbers_names_and_quotes() -> None:
    text = 'The President met Ann Lee’s envoy in Rome. “We agreed,” he said of "the deal." $5.5 billion'
    assert names(text) == {"president", "ann", "lee", "rome"}
    assert names("He met Zoe\u0308 Lee.") == names("He met Zoë Lee.") == {"zoë", "lee"}
    assert quotes(text) == ["We agreed", "the deal"]
    assert numbers("In 2025, 1,000 of 5.5%.") == {"2025", "1,000", "5.5"}


def test_the_nearest_text_is_offered() -> None:
    text = "Ann met Bob. They signed a long pact in Rome. It rained."
    assert nearest_span(text, "singed a long pact") == "signed a long pact"
    assert nearest_span("港由霍尔特市长建。", "霍尔特长") == "霍尔特市长"
    assert (
        nearest_sentence(text, "They signed a pact in Rome.") == "They signed a long pact in Rome."
    )


def test_warnings_alone_are_an_exit_code_only_if_that_is_asked_for(
    suite_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = ["check", "--suite", str(suite_folder)]
    for name in ("first", "second"):
        path = suite_folder / "goldens" / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        # An answer without evidence is an error; these have none.
        path.write_text(text.replace('answers: ["Ann"]', "answers: []"), encoding="utf-8")
    assert main(suite) == 0
    out = capsys.readouterr().out
    assert out.startswith("0 errors\n")
    assert main([*suite, "--strict"]) == 1
    assert capsys.readouterr().out == out
    assert main([*suite, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sound"] is True
    assert main([*suite, "--json", "--strict"]) == 1
    assert json.loads(capsys.readouterr().out)["sound"] is False


def test_what_lies_in_any_folder_and_what_only_speaks_of_tags_is_no_finding(
    tmp_path: Path,
) -> None:
    root = _copy(tmp_path)
    for name in ("README.md", "LICENSE", ".gitignore"):
        (root / "seeds" / name).write_text("x", encoding="utf-8")
        (root / "goldens" / name).write_text("x", encoding="utf-8")
    seed = root / "seeds" / "004_aed41bd5910ca76e.txt"
    manifest = root / "seeds" / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    entry = f'sha256 = "{sha256_file(seed)}"'
    assert entry in text
    manifest.write_text(text.replace(entry, ""), encoding="utf-8")
    words = "The United States and Japan"
    said = seed.read_text(encoding="utf-8")
    seed.write_text(said.replace(words, f"{words} <p> 3 < 4 <Ann> <b>", 1), encoding="utf-8")
    assert not {"html", "unread"} & {finding.name for finding in check_suite(root).findings}


def test_html_that_an_article_needs_is_allowed_by_its_golden(suite_folder: Path) -> None:
    seed = suite_folder / "seeds" / "first.txt"
    seed.write_text(f"<p> <p> <p> {seed.read_text(encoding='utf-8')}", encoding="utf-8")
    report = check_suite(suite_folder)
    assert [f.file for f in report.findings if f.name == "html"] == [str(seed)]
    golden = suite_folder / "goldens" / "first.yaml"
    text = golden.read_text(encoding="utf-8")
    golden.write_text(f"{text}allowed: {{html: it is about HTML}}\n", encoding="utf-8")
    report = check_suite(suite_folder)
    assert [f for f in report.findings if f.name == "html"] == []
    assert [reason for finding, reason in report.allowed if finding.name == "html"] == [
        "it is about HTML"
    ]


def test_length_is_held_against_a_brief_that_was_given_only(suite_folder: Path) -> None:
    """The references have nine words."""

    def found() -> list[str]:
        findings = check_suite(suite_folder).findings
        return [f.message for f in findings if f.name.startswith("reference-length")]

    assert found() == []
    golden = suite_folder / "goldens" / "first.yaml"
    text = golden.read_text(encoding="utf-8")
    golden.write_text(f"{text}words: [9, 9]\n", encoding="utf-8")
    assert found() == []
    golden.write_text(f"{text}words: [3, 8]\n", encoding="utf-8")
    assert found() == ["reference 1 has 9 words; the brief asks for 3 to 8"]


def test_all_mistakes_of_a_file_are_findings_of_their_own(suite_folder: Path) -> None:
    golden = suite_folder / "goldens" / "first.yaml"
    text = golden.read_text(encoding="utf-8").replace("author", "autor").replace("kind", "kid")
    golden.write_text(text, encoding="utf-8")
    # Nor is it said that the article has no golden: it has one, which cannot be read.
    names = ("unreadable", "no-golden")
    findings = [f for f in check_suite(suite_folder).findings if f.name in names]
    assert [(f.file, f.line, f.message) for f in findings] == [
        (str(golden), 2, "autor: unknown key; did you mean author?"),
        (str(golden), 7, "questions[0].kid: unknown key; did you mean kind?"),
        (str(golden), 8, "questions[1].kid: unknown key; did you mean kind?"),
    ]
