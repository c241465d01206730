"""The examples in a browser, with the recorded predictions as the authority."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.report.write import write_report
from harness.suite.suite import read_suite
from tests import small_runs

FILE = Path(__file__).parent.parent / "frozen" / "predictions.jsonl"
LINES = [json.loads(line) for line in FILE.read_text(encoding="utf-8").split("\n") if line]
Show = Callable[..., Any]
ARTICLE, QUESTION = "ians-tokyo-visit", "where-summit-held"
EXAMPLE = f"{ARTICLE}/{QUESTION}"
GOLDEN = read_suite(None).goldens[ARTICLE]


def scores(model: str) -> dict[str, float]:
    """Return F1 on the questions about articles, by example, in the order of the file."""
    found = {one["example"]: one["scores"]["f1"] for one in LINES
             if (one["model"], one["task"]) == (model, "answer")}  # fmt: skip
    return dict(list(found.items())[:131])


def test_a_link_opens_its_example(show: Show, shipped_report: Path) -> None:
    page = show(shipped_report, f"#answer/{EXAMPLE}")
    view = page.locator("#example")
    title = "In which city did the summit meeting take place?"
    assert view.get_by_role("heading", level=3).inner_text() == title
    assert page.evaluate("document.activeElement.id") == "example"
    said = {one["model"]: one for one in LINES if one["example"] == EXAMPLE}
    card = view.locator(".output", has_text="smollm2-135m")
    assert card.locator("p.text").inner_text() == said["smollm2-135m"]["text"]
    assert (
        card.locator(".score").inner_text() == f"{100 * said['smollm2-135m']['scores']['f1']:.1f}"
    )
    # What is only for screen readers, and the numbers of rows, are no part of the text.
    view.locator(".unseen, sup").evaluate_all("all => all.forEach((one) => one.remove())")
    evidence = "".join(view.locator(".source mark.evidence").all_text_contents())
    assert evidence == next(one.evidence[0].text for one in GOLDEN.questions if one.id == QUESTION)
    assert view.get_by_role("link", name="link to this example").get_attribute("href") == (
        f"#answer/{EXAMPLE}"
    )
    assert page.locator("#list a[aria-current]").get_attribute("href") == f"#answer/{EXAMPLE}"


def test_a_link_to_no_example_says_so(show: Show, shipped_report: Path) -> None:
    page = show(shipped_report, "#answer/nothing/here")
    assert page.locator("#example").inner_text() == "There is no such example on this page."
    page.goto(shipped_report.as_uri() + "#answer/%E0%A4%A")
    assert page.locator("#example").is_visible()


def test_the_worst_difference_comes_first_and_next_goes_on(
    show: Show, shipped_report: Path
) -> None:
    page = show(shipped_report)
    page.get_by_label("Of", exact=True).select_option("answer")
    page.get_by_label("Model", exact=True).select_option(label="smollm2-135m")
    page.get_by_label("against", exact=True).select_option(label="best-sentence")
    own, other = scores("smollm2-135m"), scores("best-sentence")
    places = {name: place for place, name in enumerate(own)}
    # The page lists by scores of 6 digits.
    worst = sorted(own, key=lambda one: (round(own[one] - other[one], 6), places[one]))
    links = page.locator("#list a")
    assert page.locator("#list-count").inner_text() == "131 examples"
    assert links.count() == 50
    differences = [text.split(" · ")[1].replace("−", "-") for text in
                   page.locator("#list .numbers").all_inner_texts()]  # fmt: skip
    expected = [f"{100 * (own[one] - other[one]):+.1f}" for one in worst[:50]]
    assert [float(one) for one in differences] == [float(one) for one in expected]
    assert links.first.get_attribute("href") == f"#answer/{worst[0]}"
    links.first.click()
    page.get_by_text("1 of 131", exact=True).wait_for()
    for step in (1, 2):
        page.get_by_role("link", name="Next").click()
        page.get_by_text(f"{step + 1} of 131", exact=True).wait_for()
        assert page.evaluate("location.hash") == f"#answer/{worst[step]}"
    page.get_by_role("link", name="Previous").click()
    page.get_by_text("2 of 131", exact=True).wait_for()
    page.go_back()
    page.get_by_text("3 of 131", exact=True).wait_for()


def test_examples_are_found_and_paged(show: Show, shipped_report: Path) -> None:
    page = show(shipped_report)
    page.get_by_label("Of", exact=True).select_option("answer")
    page.get_by_label("Show", exact=True).select_option("unanswerable")
    empty = sum(score == 1.0 for score in scores("no-answer").values())
    assert page.locator("#list-count").inner_text() == f"{empty} examples"
    page.get_by_label("Show", exact=True).select_option("all")
    page.get_by_role("button", name="Later").click()
    assert page.locator("#list-page").inner_text() == "51 to 100"
    page.get_by_role("button", name="Later").click()
    assert page.locator("#list-page").inner_text() == "101 to 131"
    assert page.get_by_role("button", name="Later").is_disabled()
    page.locator("#list-find").fill(EXAMPLE.upper())
    assert page.locator("#list a").get_attribute("href") == f"#answer/{EXAMPLE}"
    page.locator("#list-find").fill("no example has these words")
    assert page.locator("#list-count").inner_text() == "0 examples"


def test_beside_a_summary_stands_what_a_reader_answered_from_it(show: Show, tmp_path: Path) -> None:
    """tests/small_runs.py: the article says "Answer number 0 of a is aword0."; lead-3 copies it."""
    suite = small_runs.suite(tmp_path / "suite", articles=1, questions=3)
    run = small_runs.run(suite, tmp_path / "run")
    said = {"model": "lead-3", "example": "a", "text": "output"}
    small_runs.judge_by_hand(run, [
        said | {"question": "a/q0", "answer": "aword0", "scores": {"f1": 1.0}},
        said | {"question": "a/q1", "answer": "bword1", "scores": {"f1": 0.0}},
        said | {"question": "a/q2", "answer": "", "scores": {"f1": 0.0}},
    ])  # fmt: skip
    page = show(write_report(run, suite), "#summarize/a")
    view = page.locator("#example .output", has_text="lead-3").locator(".asked")
    assert view.locator("summary").inner_text() == (
        "Golden questions: 1 of 3 answered, 1 wrongly, 1 left out"
    )
    assert not view.locator("li").first.is_visible()
    view.locator("summary").click()
    assert view.locator("h5").all_inner_texts() == [
        "Answered (1)", "Answered wrongly (1)", "Left out (1)",
    ]  # fmt: skip
    assert [one.split("\n") for one in view.locator("li").all_inner_texts()][1] == [
        "What is number 1?", "Accepted: aword1 (stands in it)", "Reader: bword1 (F1 0.0)",
    ]  # fmt: skip
    for text in (page.locator("#example .output p.text"), page.locator("#example .source .text")):
        mark = text.locator("mark.asked", has_text="aword1")
        assert mark.locator("sup").first.get_attribute("title") == "answer to question 2"


def test_a_summary_shows_what_it_shares_with_the_best_reference(
    show: Show, shipped_report: Path
) -> None:
    page = show(shipped_report, "#summarize/unnamed-golden-age")
    card = page.locator("#example .output", has_text="oracle-extractive")
    (line,) = [one for one in LINES if one["model"] == "oracle-extractive"
               and one["example"] == "unnamed-golden-age"]  # fmt: skip
    # What is only for screen readers, and the numbers of questions, are no part of the text.
    card.locator(".unseen, sup").evaluate_all("all => all.forEach((one) => one.remove())")
    assert card.locator("p.text").inner_text() == line["text"]
    runs = card.locator("mark.shared-4").all_inner_texts()
    references = page.locator("#example .golden li:not(li li, details li)").all_inner_texts()
    marked = int(card.get_by_text("reference ").inner_text().removeprefix("reference ")) - 1
    assert runs
    # Each run of four or more words stands in that reference; case and endings aside.
    first = runs[0].lower().split()[:3]
    assert " ".join(first) in references[marked].lower()
    assert page.locator("#example .golden li:not(li li, details li)").count() == 3
