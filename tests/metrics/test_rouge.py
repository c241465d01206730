"""ROUGE against rouge-score 0.1.2, to the last bit, and what it does beyond that package."""

import importlib.util
import json
import math
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from harness.errors import DataError, MetricError
from harness.metrics.rouge import rouge
from harness.metrics.rouge.matching import count_matches
from harness.metrics.rouge.precision_recall import PrecisionRecallF1
from harness.metrics.rouge.rouge import TYPES, Rouge
from harness.metrics.rouge.tokenization import TokenizedText
from harness.records import SCOPES
from harness.suite.suite import read_suite
from harness.text import sentences
from harness.text.letters import ascii_letters

ALL = (*(f"rouge{n}" for n in range(1, 10)), "rougeL", "rougeLsum")
ROUGE = Rouge()
PACKAGE = {on: RougeScorer(list(ALL), use_stemmer=on) for on in (True, False)}
FROZEN = Path(__file__).parents[1] / "frozen" / "predictions.jsonl"
FAST = [
    False,
    pytest.param(
        True,
        marks=pytest.mark.skipif(
            importlib.util.find_spec("numba") is None, reason="the extra `fast` is not installed"
        ),
        id="fast",
    ),
]


def ours(fast: bool, stemmer: bool = True) -> Rouge:
    return Rouge(ALL, stemmer=stemmer, sentences="newline", fast=fast)


def package(
    prediction: str, references: Sequence[str], stemmer: bool = True
) -> dict[str, PrecisionRecallF1]:
    scores = PACKAGE[stemmer].score_multi(targets=references, prediction=prediction)
    return {name: PrecisionRecallF1(*scores[name]) for name in ALL}


LONG = "the cat sat on the mat and the dog ate the cat food while the cat ran on "
CASES = [
    ("police kill the gunman", "police killed the gunman"),
    ("the gunman kill police", "police killed the gunman"),
    ("", "Ann met Bob."),
    ("Ann met Bob.", ""),
    ("", ""),
    ("... !\n\n?", "-- \n"),
    ("a", "a"),
    ("the the the the", "the cat the"),
    ("the cat the", "the the the the"),
    ("a b\nb a", "b a\na b"),
    ("a b c d\nb c\n\n\na d", "a c\nd b\nc"),
    ("w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", "w1 w2 w3 w4 w5"),  # Lin (2004), section 3.2
    ("x a y b z c", "a b c\nx y z"),
    ("one\r\ntwo\vthree\u2028four", "one two\nthree four"),
    ("naïve café Zürich", "naive cafe Zurich"),
    ("\u0130stanbul \u212aelvin \u212bngstr\u00f6m", "i stanbul kelvin ngstr m"),
    ("ΑΣ ΟΔΟΣ Σ x", "x ας"),
    ("a\ud800b \udfff c", "a b c"),
    ("\x00a\x1fb\x85c\xa0d", "a b c d"),
    ("I'm 3.5% of U.S. x_y", "i m 3 5 of u s x y"),
    ("skies news dying innings proceed flies tied agreed", "sky new die inning proceeds fly tie"),
    ("generally radically hopefully geology yyyy syzygy", "general radical hopeful geolog yyy"),
    (LONG * 6, "\n".join([LONG] * 5)),
    ("\n".join([LONG * 2, "a dog", LONG, "the mat\nthe mat"] * 4), LONG * 9),
    ("\n".join(LONG.split()), LONG * 3),
    (LONG * 3, "\n".join(LONG.split())),
]


@pytest.mark.parametrize("fast", FAST)
@pytest.mark.parametrize("stemmer", [True, False])
@pytest.mark.parametrize(("prediction", "reference"), CASES)
def test_fixed_cases_equal_the_package(
    prediction: str, reference: str, stemmer: bool, fast: bool
) -> None:
    expected = package(prediction, [reference], stemmer)
    assert ours(fast, stemmer).precision_recall_f1(prediction, [reference]) == expected


WORDS = st.one_of(
    st.sampled_from(["a", "b"]),
    st.sampled_from(list("abcdefgh")),
    st.sampled_from("flies flying fly dies died dying national nationally ed ing sses".split()),
    st.sampled_from(
        ["\u0130b", "\u212ab", "é", "ß", "日本", "\ud800", "don't", "3.5%", "A_B", "Σ"]
    ),
    st.text(max_size=5),
)
GAPS = st.sampled_from([" ", " ", " ", "\n", "\n\n", ". ", "\t", "", "\u2028"])
TEXTS = st.lists(st.tuples(WORDS, GAPS), max_size=40).map(
    lambda parts: "".join(word + gap for word, gap in parts)
)
# The package knows no refusal, and the one here is tested apart.
SCORABLE = TEXTS.filter(lambda text: ascii_letters(text)[1] == 0 or ascii_letters(text)[0] > 0)


@pytest.mark.parametrize("fast", FAST)
def test_generated_texts_equal_the_package(fast: bool) -> None:
    both = {on: ours(fast, on) for on in (True, False)}

    @settings(max_examples=1500, deadline=None)
    @given(TEXTS, st.lists(SCORABLE, min_size=1, max_size=3), st.booleans())
    def check(prediction: str, references: list[str], stemmer: bool) -> None:
        expected = package(prediction, references, stemmer)
        assert both[stemmer].precision_recall_f1(prediction, references) == expected

    check()


@pytest.mark.parametrize("fast", FAST)
def test_long_generated_texts_equal_the_package(fast: bool) -> None:
    """Sentences and texts of more words than a machine word has bits."""
    scorer = ours(fast)
    lines = st.lists(st.sampled_from("abcdefghijkl"), max_size=150).map(" ".join)
    texts = st.lists(lines, min_size=1, max_size=6).map("\n".join)

    @settings(max_examples=60, deadline=None)
    @given(texts, texts)
    def check(prediction: str, reference: str) -> None:
        assert scorer.precision_recall_f1(prediction, [reference]) == package(
            prediction, [reference]
        )

    check()


@pytest.mark.parametrize("fast", FAST)
def test_every_recorded_prediction_equals_the_package(fast: bool) -> None:
    suite = read_suite()
    references = {
        e.id: e.references for scope in SCOPES for e in suite.examples("summarize", scope)
    }
    lines = [json.loads(line) for line in FROZEN.read_text(encoding="utf-8").splitlines()]
    texts = [(x["text"], references[x["example"]]) for x in lines if x["task"] == "summarize"]
    assert len(texts) > 10
    scorer = Rouge(ALL, fast=fast)
    found = scorer.precision_recall_f1_many(*zip(*texts, strict=True))
    for (text, several), triples in zip(texts, found, strict=True):
        split = ["\n".join(s.text for s in sentences(t)) for t in (text, *several)]
        assert triples == package(split[0], split[1:])


def test_many_are_scored_as_one_by_one_and_streams_stay_streams() -> None:
    taken = 0

    def endless() -> Any:
        nonlocal taken
        while True:
            taken += 1
            yield f"the cat {taken} sat", ["a cat sat", f"{taken} dogs"]

    inputs = endless()
    texts, several = zip(*(next(inputs) for _ in range(700)), strict=True)
    expected = [ROUGE.score(t, s) for t, s in zip(texts, several, strict=True)]
    assert list(ROUGE.score_many(texts, several)) == expected
    found = ROUGE.score_many((p for p, _ in endless()), (r for _, r in endless()))
    assert set(next(found)) == set(TYPES)
    assert taken < 3000


def test_a_full_vocabulary_is_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.metrics.rouge.tokenization.MAX_FORMS", 20)
    scorer = ours(fast=False)
    texts = [f"w{i} w{i + 1} the cat" for i in range(100)]
    for text, other in pairwise(texts):
        assert scorer.precision_recall_f1(text, [other, texts[0]]) == package(
            text, [other, texts[0]]
        )
        assert scorer._vocabulary.size < 40


def test_a_bound_on_the_references_kept_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rouge, "_MAX_CACHED_WORDS", 10)
    scorer = ours(fast=False)
    for i in range(50):
        pair = (f"the cat {i} sat down", [f"a cat {i % 7} sat up there", "dogs"])
        assert scorer.precision_recall_f1(*pair) == package(*pair)
        assert len(scorer._reference_cache) <= 5


def test_streams_of_unequal_length_are_refused() -> None:
    with pytest.raises(MetricError, match="more predictions than lists of references"):
        list(ROUGE.score_many(["a", "b"], [["a"]]))
    with pytest.raises(MetricError, match="more lists of references than predictions"):
        list(ROUGE.score_many(["a"], [["a"], ["b"]]))


def test_rouge_by_hand() -> None:
    """Lin (2004), section 3.2: S1 "police killed the gunman", S2 "police kill the gunman".

    With the stemmer "killed" is "kill": everything matches. Without the word, of four unigrams
    three match and of three bigrams one; the longest common subsequence has three words.
    """
    assert ROUGE.score("police kill the gunman", ["police killed the gunman"]) == dict.fromkeys(
        TYPES, 1.0
    )
    scores = ROUGE.score("police end the gunman", ["police killed the gunman"])
    assert scores["rouge1"] == 3 / 4
    assert scores["rouge2"] == pytest.approx(1 / 3)
    assert scores["rougeL"] == 3 / 4


def test_precision_is_of_the_prediction_and_recall_of_the_reference() -> None:
    assert ROUGE.precision_recall_f1("the cat", ["the cat sat down"])["rouge1"] == (1.0, 0.5, 2 / 3)


def test_the_reference_with_the_best_f1_counts_for_each_type() -> None:
    both = ["the deal was signed in tokyo", "beijing objects"]
    alone = [ROUGE.score("the deal was signed", [reference]) for reference in both]
    assert ROUGE.score("the deal was signed", both) == {
        name: max(one[name] for one in alone) for name in TYPES
    }


def test_of_references_with_equal_f1_the_first_counts() -> None:
    """Precision 1 and recall 1/2, or 1/2 and 1: the F1 is 2/3 either way."""
    long, short = "a b c d", "c"
    one = Rouge(["rouge1"])
    assert one.precision_recall_f1("a b", [long])["rouge1"] == (1.0, 1 / 2, 2 / 3)
    assert one.precision_recall_f1("a b", ["a"])["rouge1"] == (1 / 2, 1.0, 2 / 3)
    assert one.precision_recall_f1("a b", [short, "a", long])["rouge1"] == (1 / 2, 1.0, 2 / 3)
    assert one.precision_recall_f1("a b", [short, long, "a"])["rouge1"] == (1.0, 1 / 2, 2 / 3)


REFERENCES = ["a b c d", "a b x y", "a x y z"]  # ROUGE-1 F1 of "a b c d": 1, 1/2, 1/4


@pytest.mark.parametrize(
    ("rule", "references", "expected"),
    [
        ("best", REFERENCES, 1.0),
        ("mean", REFERENCES, (1 + 1 / 2 + 1 / 4) / 3),
        ("mean", REFERENCES[2:], 1 / 4),
        ("jackknife", REFERENCES, (1 / 2 + 1 + 1) / 3),  # Lin (2004), section 2.1
        ("jackknife", REFERENCES[1:], (1 / 4 + 1 / 2) / 2),
        ("jackknife", REFERENCES[:1], 1.0),
    ],
)
def test_several_references(
    rule: Literal["best", "mean", "jackknife"], references: list[str], expected: float
) -> None:
    scorer = Rouge(["rouge1"], references=rule)
    assert scorer.score("a b c d", references) == {"rouge1": expected}
    assert scorer.precision_recall_f1("a b c d", references)["rouge1"].recall == expected
    assert f"|references:{rule}|" in scorer.signatures["rouge1"]


def test_lsum_reads_sentences_and_l_does_not() -> None:
    """The two sentences change places: no word is lost, but L sees only one of them."""
    scores = ROUGE.score("They signed. Mr. Xi objected.", ["Mr. Xi objected. They signed."])
    assert scores["rougeLsum"] == 1.0
    assert scores["rougeL"] == pytest.approx(3 / 5)


def test_lsum_splits_at_line_breaks_only_where_that_is_chosen() -> None:
    texts = "They signed. Mr. Xi objected.", ["Mr. Xi objected. They signed."]
    newline = Rouge(sentences="newline")
    assert newline.score(*texts)["rougeLsum"] == newline.score(*texts)["rougeL"]
    split = "They signed.\nMr. Xi objected.", ["Mr. Xi objected.\nThey signed."]
    assert newline.score(*split)["rougeLsum"] == 1.0
    assert ROUGE.score(*split) == ROUGE.score(*texts)


def test_shipped_references_score_as_the_package_scores_lines() -> None:
    """Where every sentence stands on a line of its own, the package needs none of our splitting."""
    for example in read_suite().examples("summarize"):
        first, *others = example.references
        lines = [r.replace(". ", ".\n") for r in example.references]
        if ".\n" in "".join(lines) and not any("Mr" in r or "U.S" in r for r in lines):
            expected = package(lines[0], lines[1:])
            assert ROUGE.score(first, others) == {name: expected[name].f1 for name in TYPES}


def test_nothing_said_is_zero() -> None:
    assert ROUGE.score("", ["Ann met Bob."]) == dict.fromkeys(TYPES, 0.0)


@pytest.mark.parametrize(
    "text", ["日本とアメリカが署名した", "اليابان", "2024 में संयुक्त राज्य", "Ωμέγα 3"]
)
def test_a_script_that_the_tokenizer_drops_is_refused(text: str) -> None:
    with pytest.raises(MetricError, match="has no ASCII letter, and ROUGE's default") as e:
        ROUGE.score(text, [text])
    assert "`unicode`" in str(e.value)
    assert Rouge(["rouge1"], tokenizer="unicode").score(text, [text]) == {"rouge1": 1.0}


@pytest.mark.parametrize(
    ("prediction", "reference", "matches", "of"),
    [
        ("日本と", "日本が", 2, 3),  # a character is a token
        ("ไทยดี", "ไทย", 3, 4),  # grapheme clusters of UAX #29
        ("संयुक्त राज्य", "संयुक्त देश", 1, 2),  # marks belong to their word
        ("Ἀθῆναι Ωμέγα", "ωμέγα", 1, 2),
        ("The cats' naïvetés", "the cat naïvetés", 3, 3),  # only ASCII words are stemmed
        ("Ｔｏｋｙｏ １２", "tokyo 12", 2, 2),  # full width, by NFKC
        ("snake_case 3.5", "snake case 3 5", 4, 4),
        ("İstanbul", "i̇stanbul", 1, 1),
    ],
)
def test_the_unicode_tokenizer(prediction: str, reference: str, matches: int, of: int) -> None:
    triple = Rouge(["rouge1"], tokenizer="unicode").precision_recall_f1(prediction, [reference])[
        "rouge1"
    ]
    assert triple.precision == matches / of


def test_the_unicode_tokenizer_reads_english_as_the_default_one() -> None:
    for prediction, reference in CASES:
        if prediction.isascii() and reference.isascii():
            expected = package(prediction, [reference])
            found = Rouge(ALL, sentences="newline", tokenizer="unicode")
            assert found.precision_recall_f1(prediction, [reference]) == expected


def test_only_two_characters_have_an_ascii_letter_in_lower_case() -> None:
    """What the default tokenizer's table rests on."""
    others = [c for c in map(chr, range(128, 0x110000)) if any(map(str.isascii, c.lower()))]
    assert others == ["\u0130", "\u212a"]


def exception_lists(folder: Path, verbs: str = "ran run\nwent go went\n") -> Path:
    for name, text in [("adj", "better good\n"), ("adv", "\n"), ("noun", "geese goose\nmen man\n")]:
        (folder / f"{name}.exc").write_text(text)
    (folder / "verb.exc").write_text(verbs)
    return folder


def test_exceptions_go_before_the_stemmer(tmp_path: Path) -> None:
    """As ROUGE-1.5.5 does it with -m: "geese" is "goose", and its stem is asked no more.

    A word of three letters is left alone, in the lists or not.
    """
    plain, asked = Rouge(["rouge1"]), Rouge(["rouge1"], exceptions=exception_lists(tmp_path))
    for prediction, reference, without, within in [
        ("geese went", "goose go", 0.0, 0.5),  # "goose" is stemmed to "goos"
        ("better", "good", 0.0, 1.0),
        ("ran", "run", 0.0, 0.0),
        ("running", "runs", 1.0, 1.0),
    ]:
        assert plain.score(prediction, [reference]) == {"rouge1": without}
        assert asked.score(prediction, [reference]) == {"rouge1": within}
    signature = asked.signatures["rouge1"]
    assert signature.startswith("rouge1|f1|stemmer:wordnet-")
    assert "rouge-score" not in signature
    other = Rouge(["rouge1"], exceptions=exception_lists(tmp_path, "went go\n"))
    assert other.signatures["rouge1"] != signature


def test_exceptions_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has no adj\.exc, adv\.exc, noun\.exc, verb\.exc; the"):
        Rouge(exceptions=tmp_path)
    exception_lists(tmp_path, "went go\nran\n")
    with pytest.raises(DataError, match=r"verb\.exc:2: one word; a line holds an inflected form"):
        Rouge(exceptions=tmp_path)


def test_options_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    untyped: Any = Rouge
    cases: dict[str, Callable[[], object]] = {
        "there is no 'rouge0'; there are rouge1 to rouge9": partial(Rouge, ["rouge0"]),
        "there is no 'rouge10'": partial(Rouge, ["rouge10"]),
        "no type is named": partial(Rouge, []),
        "references='worst' is none of best, mean, jackknife": partial(untyped, references="worst"),
        "sentences='nltk' is none of harness, newline": partial(untyped, sentences="nltk"),
        "tokenizer='bert' is none of default, unicode": partial(untyped, tokenizer="bert"),
        "before the English stemmer: they need it": partial(
            Rouge, stemmer=False, exceptions=tmp_path
        ),
        "no reference to score 'a' against": partial(ROUGE.score, "a", []),
    }
    for problem, make in cases.items():
        with pytest.raises(MetricError, match=problem):
            make()


def test_hits_of_one_column_after_another() -> None:
    """A column without a match decides which subsequence is taken: the package's, not another."""
    prediction, reference = TokenizedText([9, 1, 9, 2, 9], [5]), TokenizedText([2, 1, 1, 2], [2, 4])
    assert count_matches(prediction, reference, [1, 0, -1]) == [2, 2, 2]


def test_means_are_those_of_the_values() -> None:
    scores = list(ROUGE.score_many(["a b", "c"], [["a c"], ["d"]]))
    assert math.fsum(s["rouge1"] for s in scores) / 2 == 0.25


def test_signatures_name_the_options_and_the_implementation() -> None:
    shared = "stemmer:porter|tokenizer:default|references:best|harness-rouge-1=rouge-score-0.1.2"
    assert ROUGE.signatures == {
        "rouge1": f"rouge1|f1|{shared}",
        "rouge2": f"rouge2|f1|{shared}",
        "rougeL": f"rougeL|f1|{shared}",
        "rougeLsum": f"rougeLsum|f1|sentences:harness-2|{shared}",
    }
    other = Rouge(["rougeLsum"], stemmer=False, sentences="newline", tokenizer="unicode")
    signature = other.signatures["rougeLsum"]
    assert signature.startswith(
        "rougeLsum|f1|sentences:newline|stemmer:none|tokenizer:unicode-2-ucd"
    )
    assert signature.endswith("|references:best|harness-rouge-1")


def test_one_text_is_no_list_of_references() -> None:
    with pytest.raises(MetricError, match="references are a list of texts, not one: 'the cat'"):
        ROUGE.score("the cat", "the cat")


def test_compiled_code_takes_over_where_there_are_many_pairs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("numba", reason="the extra `fast` is not installed")
    monkeypatch.setattr(rouge, "_WORDS_WORTH_COMPILING", 3_000)
    texts = [text for pair in CASES for text in pair if text] * 20
    several = [["the cat", "a b c"]] * len(texts)
    scorer, plain = Rouge(ALL), Rouge(ALL, fast=False)
    assert list(scorer.precision_recall_f1_many(texts, several)) == list(
        plain.precision_recall_f1_many(texts, several)
    )
    assert type(scorer._counter).__name__ == "CompiledCounter"
    assert type(plain._counter).__name__ == "PlainCounter"
    assert scorer.signatures == plain.signatures


def test_without_numba_plain_code_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "harness.metrics.rouge.compiled_batch", None)
    monkeypatch.setattr(rouge, "_WORDS_WORTH_COMPILING", 1)
    scorer = Rouge()
    assert len(list(scorer.score_many(["a"] * 600, [["a"]] * 600))) == 600
    with pytest.raises(MetricError, match=r"needed for fast=True: numba; run: .*pip install"):
        Rouge(fast=True)


def test_importing_and_scoring_a_pair_loads_neither_numba_nor_nltk() -> None:
    script = (
        "import sys; from harness.metrics.rouge.rouge import Rouge; Rouge().score('a', ['a'])\n"
        "print(*{'numba', 'nltk', 'rouge_score', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("fast", FAST)
def test_a_table_of_forms_without_room_changes_nothing(
    fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fast:
        monkeypatch.setattr("harness.metrics.rouge.compiled_batch.MAX_FORMS", 4)
    monkeypatch.setattr("harness.metrics.rouge.tokenization.MAX_FORMS", 64)
    scorer = ours(fast)
    for at in range(0, 200, 3):
        texts = f"running{at} w{at} the the w{at + 1}\n{LONG}", [f"w{at} w{at + 1} cats {at} the"]
        assert scorer.precision_recall_f1(*texts) == package(*texts)


@pytest.mark.parametrize("fast", FAST)
@pytest.mark.parametrize("tokenizer", ["default", "unicode"])
def test_plain_and_compiled_code_read_the_same(
    fast: bool, tokenizer: Literal["default", "unicode"]
) -> None:
    plain = Rouge(ALL, tokenizer=tokenizer, fast=False)
    for prediction, reference in CASES:
        both = prediction, [reference, "the cat"]
        assert Rouge(ALL, tokenizer=tokenizer, fast=fast).precision_recall_f1(
            *both
        ) == plain.precision_recall_f1(*both)
