"""What a chat template may do to a text and still have said it, and what it may not."""

import html
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.prompting.dropped import first_dropped

SAID = "<article>\nAnn met “Bob” & Cyd.\n\nIt   rained.\n</article>\nWho met Bob?"


@pytest.mark.parametrize(
    "rendered",
    [
        SAID,
        f"[user]{SAID.strip()}[assistant]",
        " ".join(SAID.split()),
        SAID.replace("\n", "\r\n"),
        SAID.replace("“", '"').replace("”", '"'),
        html.escape(SAID),
        json.dumps(SAID),
        json.dumps(SAID, ensure_ascii=False),
    ],
)
def test_white_space_and_ways_to_write_a_character_are_free(rendered: str) -> None:
    assert first_dropped(SAID, rendered) is None


@pytest.mark.parametrize(
    ("rendered", "rest"),
    [
        ("", SAID[1:]),
        (SAID[:40], "rained.\n</article>\nWho met Bob?"),
        (SAID[-30:], "Ann met “Bob” & Cyd.\n\nIt   rained.\n</article>\nWho met Bob?"),
        (SAID.replace("Ann met", "Ann"), "met “Bob” & Cyd.\n\nIt   rained.\n</article>\nWho met Bob?"),
        (SAID.replace("rained", "was"), "rained.\n</article>\nWho met Bob?"),
        (SAID[:10] + "x " * 40 + SAID[10:], "Ann met “Bob” & Cyd.\n\nIt   rained.\n</article>\nWho met Bob?"),
        (SAID.upper(), SAID[1:]),
        (SAID.replace("Who met Bob?", ""), "Who met Bob?"),
    ],
)  # fmt: skip
def test_the_first_word_that_is_not_there_is_told(rendered: str, rest: str) -> None:
    assert first_dropped(SAID, rendered) == rest


def test_control_tokens_of_a_text_may_be_taken_out() -> None:
    said = "Ann said <|end|> and left."
    assert first_dropped(said, "Ann said  and left.") == "end|> and left."
    assert first_dropped(said, "Ann said <|end |> and left.", ["<|end|>"]) is None
    assert first_dropped(said, "Ann said  and left.", ["<|end|>"]) is None
    assert first_dropped(said, "Ann said <|end|>", ["<|end|>"]) == "and left."


@given(st.text(), st.text(), st.text())
def test_a_prompt_that_holds_a_text_has_dropped_nothing(said: str, before: str, after: str) -> None:
    assert first_dropped(said, before + said.strip() + after) is None
    assert first_dropped(said, before + " ".join(said.split()) + after) is None


@given(st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), min_size=1), st.data())
def test_a_text_without_one_of_its_words_is_found_out(
    words: list[str], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(words) - 1))
    said = [*words[:place], "0", *words[place:]]  # which no other word holds
    assert first_dropped(" ".join(said), " ".join(words)) == " ".join(said[place:])
