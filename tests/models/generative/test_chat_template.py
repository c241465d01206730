"""Chat templates with and without a place for the system, and replies cut by the roster's rule."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.files import sha256
from harness.models.generative.causal import Causal
from harness.models.generative.chat_template import decode_reply, encode_messages
from harness.models.model import Model
from harness.prompting.postprocessing import final_text
from harness.prompting.prompts import Message
from harness.records import Query

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

TURN = "{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}[assistant]"
# As Gemma's does.
REFUSES = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}"
    "{% endif %}" + TURN
)
# As some older ones do.
FORGETS = (
    "{% for m in messages %}{% if m['role'] != 'system' %}[{{ m['role'] }}]{{ m['content'] }}"
    "{% endif %}{% endfor %}[assistant]"
)
# As Mistral's: roles must take turns, and the system's words go before the last question's.
MOVES = (
    "{% if messages[0]['role'] == 'system' %}{% set said = messages[0]['content'] %}"
    "{% set messages = messages[1:] %}{% endif %}"
    "{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must take turns') }}{% endif %}"
    "[{{ m['role'] }}]{% if loop.last and said %}{{ said }}|{% endif %}{{ m['content'] }}"
    "{% endfor %}[assistant]"
)

SYSTEM: list[Message] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Who?"},
]
SHOTS: list[Message] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Who?"},
    {"role": "assistant", "content": "Ann"},
    {"role": "user", "content": "Where?"},
]


@pytest.mark.parametrize(
    ("template", "messages", "text"),
    [
        (TURN, SYSTEM, "[system]Be brief.[user]Who?[assistant]"),
        (TURN, SYSTEM[1:], "[user]Who?[assistant]"),
        (REFUSES, SYSTEM, "[user]Be brief.\n\nWho?[assistant]"),
        (REFUSES, SYSTEM[1:], "[user]Who?[assistant]"),
        (REFUSES, SHOTS, "[user]Be brief.\n\nWho?[assistant]Ann[user]Where?[assistant]"),
        (FORGETS, SYSTEM, "[user]Be brief.\n\nWho?[assistant]"),
        (FORGETS, SHOTS, "[user]Be brief.\n\nWho?[assistant]Ann[user]Where?[assistant]"),
        (MOVES, SHOTS, "[user]Who?[assistant]Ann[user]Be brief.|Where?[assistant]"),
        (None, SHOTS, "Be brief.\n\nWho?\n\nAnn\n\nWhere?\n\n"),
    ],
)
def test_the_system_is_said_whatever_the_template(
    tiny_folder: Tiny, template: str | None, messages: list[Message], text: str
) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_folder("llama"))
    tokenizer.chat_template = template
    rendered, ids = encode_messages(tokenizer, messages)
    assert rendered == text
    assert tokenizer.decode(ids) == text


@pytest.mark.parametrize("control", [False, True])
def test_a_thought_can_be_told_from_the_reply(tiny_folder: Tiny, control: bool) -> None:
    """Some tokenizers have its marks as control tokens, which decoding leaves out."""
    from transformers import AddedToken, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_folder("llama"))
    marks = [AddedToken(mark, special=control) for mark in ("<think>", "</think>")]
    tokenizer.add_tokens(marks, special_tokens=control)
    ids = tokenizer("<think>Bob?</think>Ann<|im_end|>")["input_ids"]
    assert decode_reply(tokenizer, ids) == "<think>Bob?</think>Ann"
    assert final_text(decode_reply(tokenizer, ids)) == "Ann"


def test_a_prompt_is_not_ended_by_its_tokenizer(tiny_folder: Tiny) -> None:
    """Tokenizers saved with `add_eos_token`, as in training, end each text that they read."""
    from tokenizers import processors
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_folder("llama"))
    tokenizer.chat_template = None
    end = tokenizer.eos_token
    asked: list[Message] = [{"role": "user", "content": "Who?"}]
    plain = encode_messages(tokenizer, asked)
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {end}", special_tokens=[(end, tokenizer.eos_token_id)]
    )
    assert tokenizer("Who?")["input_ids"][-1] == tokenizer.eos_token_id
    assert encode_messages(tokenizer, asked) == plain


def _load(make_model: Make, folder: Path, more: str = "") -> Causal:
    model = make_model(f'kind = "causal"\nweights = {{ folder = "{folder}" }}\n{more}')
    assert isinstance(model, Causal)
    model.load()
    return model


def test_a_reply_ends_at_a_stop_string_and_the_record_has_it_all(
    make_model: Make, tiny_folder: Tiny
) -> None:
    folder = tiny_folder("llama", chat=False)
    query = Query("answer", "Ann met Bob.", "Who met Bob?")
    (whole,) = _load(make_model, folder).predict([query])
    letters = whole.raw.strip()
    mark = letters[len(letters) // 2 :][:2]
    model = _load(make_model, folder, f"stop = [{mark!r}, 'never said']")
    (made,) = model.predict([query])
    assert made.raw == whole.raw
    assert made.text == letters[: letters.index(mark)].strip()
    assert made.text != whole.text
    assert model.identity("answer")["stop"] == [mark, "never said"]


def test_worked_examples_of_the_prompt_file_are_read(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path
) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "shots.toml").write_text(
        'name = "shots"\nversion = 1\ntask = "answer"\nmax_new_tokens = 4\n'
        'user = "{article}\\n{question}"\n'
        '[[few_shot]]\narticle = "Cyd paid 9."\nquestion = "What?"\nreply = "9"\n',
        encoding="utf-8",
    )
    model = _load(make_model, tiny_folder("llama"), 'prompts = { answer = "shots" }')
    (made,) = model.predict([Query("answer", "Ann met Bob.", "Who?")])
    expected = "".join(
        f"<|im_start|>{role} on 01 January 2026\n{said}<|im_end|>\n"
        for role, said in [
            ("user", "<article>\nCyd paid 9.\n</article>\nWhat?"),
            ("assistant", "9"),
            ("user", "<article>\nAnn met Bob.\n</article>\nWho?"),
        ]
    )
    assert made.rendered_sha256 == sha256(expected + "<|im_start|>assistant\n")


def test_the_prompt_is_shown_without_the_weights(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path
) -> None:
    import shutil

    folder = shutil.copytree(tiny_folder("llama"), tmp_path / "weightless")
    query = Query("answer", "Ann met Bob.", "Who?")
    (made,) = _load(make_model, folder).predict([query])
    (folder / "model.safetensors").unlink()
    model = make_model(f'kind = "causal"\nweights = {{ folder = "{folder}" }}')
    text = model.rendered_prompt(query)
    assert text is not None
    assert sha256(text) == made.rendered_sha256
