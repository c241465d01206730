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
        # Other models' marks: Magistral, Seed-OSS, gpt-oss (whole, and by servers that leave its
        # control tokens out), Command A, Kimi-VL, and what people ask for.
        ("[THINK]Bob?[/THINK]Ann", (), "Ann"),
        ("<seed:think>Bob?</seed:think>\nAnn", (), "Ann"),
        (
            "<|channel|>analysis<|message|>Bob?<|end|><|start|>assistant<|channel|>final<|message|>Ann",
            (),
            "Ann",
        ),
        ("analysisBob? Or Cyd?assistantfinalAnn", (), "Ann"),
        ("<|START_THINKING|>Bob?<|END_THINKING|><|START_RESPONSE|>Ann<|END_RESPONSE|>", (), "Ann"),
        ("◁think▷Bob?◁/think▷Ann", (), "Ann"),
        (" <Thinking>\nBob?\n</Thinking>\nAnn", (), "Ann"),
        ("<reasoning>Bob?</reasoning> Ann", (), "Ann"),
        ("<thinking>Bob? Or Cyd", (), "<thinking>Bob? Or Cyd"),
        ("The tag <thinking> ends by </thinking>.", (), "The tag <thinking> ends by </thinking>."),
        ("analysis of the final", (), "analysis of the final"),
        # What ends a turn, where a server shows it, and what it made of the turns after it.
        ("Ann<|im_end|>", (), "Ann"),
        ("Ann<|eot_id|><|start_header_id|>user", (), "Ann"),
        ("Ann<end_of_turn>\n<start_of_turn>user\nWho?", (), "Ann"),
        ("Ann</s>", (), "Ann"),
        ("<s>Ann</s> is struck through", (), "<s>Ann</s> is struck through"),
        ("<|im_end|>", (), ""),
        ("Ann", ("x",), "Ann"),
        ("", ("x",), ""),
    ],
)
def test_what_was_said(raw: str, stop: tuple[str, ...], text: str) -> None:
    assert final_text(raw, stop) == text


def test_many_openings_take_no_time() -> None:
    assert final_text("<think>" * 20_000) == "<think>" * 20_000
