import pytest

from harness.prompting.postprocessing import final_text


@pytest.mark.parametrize(
    ("raw", "stop", "text"),
    [
        ("  Ann. \n", (), "Ann."),
        ("<think>Bob?</think>Ann", (), "Ann"),
        ("\n<think>\nBob?\n\nOr Cyd?\n</think>\n\nAnn\n", (), "Ann"),
        ("<think></think>Ann", (), "Ann"),
        ("Bob? Or Cyd?</think>Ann", (), "Ann"),  # the template had opened the thought
        ("Bob?</think>Ann<think>Cyd?</think> and Dee", (), "Ann and Dee"),
        ("<think>a</think>Ann<think>b</think>!", (), "Ann!"),
        ("<think>Bob? Or Cyd", (), "<think>Bob? Or Cyd"),  # no end: no answer, and no refusal
        ("Ann<think>Bob?", (), "Ann<think>Bob?"),
        ("Ann\n\nQuestion: Who?", ("\n\n",), "Ann"),
        ("Ann\nQ: Who?\n\nA", ("\n\n", "\nQ:"), "Ann"),  # the first to come, not the first named
        ("\n\nAnn\n\nBob", ("\n\n",), "Ann"),  # blanks before a reply end nothing
        ("<think>a\n\nb</think>\n\nAnn\n\nBob", ("\n\n",), "Ann"),  # nor do those of a thought
        ("Ann", ("x",), "Ann"),
        ("", ("x",), ""),
    ],
)
def test_what_was_said(raw: str, stop: tuple[str, ...], text: str) -> None:
    assert final_text(raw, stop) == text


def test_many_openings_take_no_time() -> None:
    assert final_text("<think>" * 20_000) == "<think>" * 20_000
