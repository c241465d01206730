import shutil
from pathlib import Path

import pytest

from harness.errors import DataError
from harness.files import shipped_path
from harness.suite.articles import clean_article, read_articles
from harness.suite.manifest import read_manifest

SEEDS = shipped_path("seeds")

# Read off the pages by eye: what stands around the article, and what is its own.
GONE = {
    "ians-tokyo-visit": [
        "China on mind", "IANS", "Central Pay Commission", "North Korea prepared",
        "Russian FM", "narco-traffickers", "Istanbul talks", "cyclone", "Rashtriya Vigyan",
        "Palestinian Envoy", "cancels 72 trains", "electoral rolls", "Dhaka", "2020 Delhi riots",
        "Read Previous", "most polluted city", "WP2Social", "\u00a0",
    ],
    "localreport-strongest-ally": ["Trusted Source", "Add thelocalreport"],
    "shah-rare-earth-deal": [
        "sign rare earth deal vs China", "Table of Contents", "Tags :", "Share :", "About Author",
        "Syed Sadat Hussain Shah", "Talk to Us", "Latest Posts", "Categories", "Leave a Reply",
        "email address",
    ],
    "unnamed-golden-age": ["\n\n\n"],
    "menafn-minerals-agreement": [
        "2025-10-28 403", "Sorry", "doesn't exist", "ink rare-earth", "Legal Disclaimer", "as is",
        "Most popular", "Market Research", "Grok AI", "No comment",
    ],
}  # fmt: skip
KEPT = {
    "ians-tokyo-visit": [
        "Tokyo: Emphasising that",
        # The page breaks this sentence in two paragraphs.
        "critical minerals and rare earths crucial to the domestic industries",
        "Free and Open Indo-Pacific (FOIPC)",
        "first since June 2019",
        "aircraft carrier George Washington.",
    ],
    "localreport-strongest-ally": [
        "We chairman donald trump Japan’s first female leader",
        "Trump and Takachi sign an agreement",
        "since his last visit in 2009",
        "At a State Ministry briefing",
        "Guo Jiakun",
        "Chinese President Xi Jinping.",
    ],
    "shah-rare-earth-deal": [
        "United States President Donald Trump met", "2% of GDP", "stability and innovation.",
    ],
    "unnamed-golden-age": [
        "Japan’s new prime minister, Sanae Takaichi has pledged", "a group of 17 minerals", "continue to bring peace.”",
    ],
    "menafn-minerals-agreement": [
        "(MENAFN) The United States and Japan", "minerals agreement with Ukraine",
        "critical minerals market.",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", GONE)
def test_chrome_goes_and_the_article_stays(name: str) -> None:
    text = read_articles(SEEDS)[name].text
    assert [gone for gone in GONE[name] if gone in text] == []
    assert [kept for kept in KEPT[name] if kept not in text] == []
    assert text.startswith(KEPT[name][0])
    assert text.endswith(KEPT[name][-1])


# Paragraphs counted by eye on the pages; the fourth file has its body twice.
PARAGRAPHS = {
    "ians-tokyo-visit": 21, "localreport-strongest-ally": 26, "shah-rare-earth-deal": 9,
    "unnamed-golden-age": 10, "menafn-minerals-agreement": 7,
}  # fmt: skip


@pytest.mark.parametrize("name", PARAGRAPHS)
def test_paragraphs_stay_and_none_stands_twice(name: str) -> None:
    paragraphs = read_articles(SEEDS)[name].text.split("\n\n")
    assert len(paragraphs) == PARAGRAPHS[name]
    assert len(set(paragraphs)) == len(paragraphs)
    assert all(p == " ".join(p.split()) for p in paragraphs)


def test_every_line_of_a_page_is_kept_or_removed_with_a_rule() -> None:
    for entry in read_manifest(SEEDS).article:
        text, removed = clean_article(SEEDS, entry)
        page = (SEEDS / entry.file).read_text(encoding="utf-8")
        words = " ".join([*(one.text for one in removed), text]).split()
        assert sorted(words) == sorted(page.replace("\u200b", "").split())
    assert {one.rule for one in removed} == {"before the article", "repeated", "after the article"}


def _copy(tmp_path: Path) -> Path:
    return shutil.copytree(SEEDS, tmp_path / "seeds")


def test_a_changed_seed_is_refused_by_name(tmp_path: Path) -> None:
    seeds = _copy(tmp_path)
    seed = seeds / "003_57b3b169bd0b5406.txt"
    seed.write_text(seed.read_text(encoding="utf-8").replace("17", "18"), encoding="utf-8")
    with pytest.raises(DataError, match=r"003_57b3b169bd0b5406\.txt: the file has changed"):
        read_articles(seeds)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('id = "menafn-minerals-agreement"', 'id = "ians-tokyo-visit"'), "given to two articles"),
        (
            ('id = "menafn-minerals-agreement"', 'id = "Bad Id"'),
            r'toml:73: article\[4\]\.id: must be an id: .*, not "Bad Id"$',
        ),
        (
            ('outlet = "IANS"', 'publisher = "IANS"'),
            r"toml:26: article\[0\]\.publisher: unknown key; there are id, file",
        ),
        (('begins = "Tokyo: Emph', 'begins = "Kyoto: Emph'), "no line begins with 'Kyoto"),
        (
            ('ends = "aircraft', 'ends = "aeroplane'),
            "no line ends with 'aeroplane carrier George Washington.'; the nearest: "
            "'aircraft carrier George Washington.'; correct `ends`",
        ),
        (
            ('ends = "aircraft carrier George Washington."', 'ends = "China on mind"'),
            r"txt:\d+: `ends` is 'China on mind', which stands in the middle of this line; give",
        ),
        (("000_57de0678f583ce43.txt", "../manifest.toml"), "no such file"),
        (("[[article]]", "[[article"), "not valid TOML"),
    ],
)
def test_a_wrong_manifest_is_refused(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    seeds = _copy(tmp_path)
    manifest = seeds / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    assert change[0] in text
    manifest.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_articles(seeds)


def test_bytes_that_are_no_utf8_and_empty_files_are_refused(suite_folder: Path) -> None:
    seeds = suite_folder / "seeds"
    (seeds / "first.txt").write_bytes(b"caf\xe9")
    with pytest.raises(DataError, match=r"first\.txt: not UTF-8 text \(byte 3\)"):
        read_articles(seeds)
    (seeds / "first.txt").write_text("\n \n", encoding="utf-8")
    with pytest.raises(DataError, match=r"first\.txt: no text is left"):
        read_articles(seeds)


def test_an_end_before_the_beginning_is_refused(suite_folder: Path) -> None:
    manifest = suite_folder / "seeds" / "manifest.toml"
    manifest.write_text(
        '[[article]]\nid = "first"\nfile = "first.txt"\nbegins = "They"\nends = "on Monday."\n'
    )
    with pytest.raises(
        DataError,
        match=r"first\.txt:1: no line of the article ends with 'on Monday\.': this one st",
    ):
        read_articles(suite_folder / "seeds")
