"""A prompt is what transformers renders, on one date, and holds all that is asked; or it fails."""

import datetime
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import ModelError
from harness.models.generative.causal import Causal
from harness.models.generative.chat_template import encode_messages
from harness.models.model import Model
from harness.prompting.prompts import Message, Prompt
from harness.records import Query

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

TURN = "{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}[assistant]"
OTHER = "{{ raise_exception('tools') }}"
QUERY = Query("answer", "Ann met Bob in Rome.", "Who met Bob?")
ASKED: list[Message] = [{"role": "user", "content": "Who?"}]
ANSWER = Prompt("a", 1, "answer", "Be brief.", "{article}\n\nQuestion: {question}\nReply:", 8)


def _tokenizer(folder: Path, template: str) -> Any:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = template
    return tokenizer


@pytest.fixture(scope="module")
def tokenizer(tiny_folder: Tiny) -> Any:
    return _tokenizer(tiny_folder("llama"), TURN)


def _with_templates(folder: Path, listed: dict[str, str], files: dict[str, str]) -> Path:
    """Give a checkpoint chat templates, in its configuration and as files."""
    (folder / "chat_template.jinja").unlink()
    if listed:
        path = folder / "tokenizer_config.json"
        config = json.loads(path.read_text(encoding="utf-8"))
        named = [{"name": name, "template": template} for name, template in listed.items()]
        path.write_text(json.dumps(config | {"chat_template": named}), encoding="utf-8")
    for name, template in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(template, encoding="utf-8")
    return folder


def _causal(make_model: Make, folder: Path) -> Causal:
    model = make_model(f'kind = "causal"\nweights = {{ folder = "{folder}" }}')
    assert isinstance(model, Causal)
    return model


@pytest.mark.parametrize(
    ("listed", "files"),
    [
        ({"default": TURN}, {}),
        ({"tool_use": OTHER, "default": TURN}, {}),
        ({}, {"chat_template.jinja": TURN, "additional_chat_templates/rag.jinja": OTHER}),
        ({"default": OTHER, "rag": OTHER}, {"chat_template.jinja": TURN}),
        ({}, {"additional_chat_templates/default.jinja": TURN}),
    ],
)
def test_of_several_templates_the_default_is_taken(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path,
    listed: dict[str, str], files: dict[str, str],
) -> None:  # fmt: skip
    """As transformers' own `apply_chat_template` does."""
    from transformers import AutoTokenizer

    folder = shutil.copytree(tiny_folder("llama"), tmp_path / "llama")
    model = _causal(make_model, _with_templates(folder, listed, files))
    theirs = AutoTokenizer.from_pretrained(folder).apply_chat_template(
        model.prompts["answer"].render(QUERY), tokenize=False, add_generation_prompt=True
    )
    assert model.rendered_prompt(QUERY) == theirs
    assert "[user]<article>\nAnn met" in theirs


def test_several_templates_without_a_default_are_refused(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path
) -> None:
    folder = shutil.copytree(tiny_folder("llama"), tmp_path / "two")
    model = _causal(make_model, _with_templates(folder, {"tool_use": OTHER, "rag": TURN}, {}))
    with pytest.raises(ModelError, match=r"^two: has the chat templates rag, tool_use, and none"):
        model.prepare()


@pytest.mark.parametrize(
    "formats",
    [
        ["%d %B %Y"],
        ["%-d"],
        ["%e"],
        ["%B %d, %Y", "%B %-d, %Y"],
        ["%Y-%m-%dT%H:%M:%S", "%I:%M %p"],
        ["%a %b %d %j %U %u %G-W%V", "%x %X %c"],
        ["100%% of %%d"],
        ["the date in the format %Y"],
        [""],
    ],
)
def test_dates_are_written_as_python_writes_them(tokenizer: Any, formats: list[str]) -> None:
    """Those of templates are of `datetime.strftime` (transformers, `strftime_now`)."""
    day = datetime.datetime(2026, 1, 1)
    tokenizer.chat_template = "".join(f"{{{{ strftime_now('{one}') }}}}|" for one in formats) + TURN
    text, ids = encode_messages(tokenizer, ASKED)
    assert text == "".join(f"{day.strftime(one)}|" for one in formats) + "[user]Who?[assistant]"
    assert tokenizer.decode(ids) == text


@pytest.mark.parametrize(
    ("template", "date"),
    [
        ("{% set code = 'd' %}{{ strftime_now(format='%' ~ code) }}", "01"),
        ("{% if strftime_now is defined %}{{ strftime_now('%Y')[2:] | int + 1 }}{% endif %}", "27"),
        ("{% macro today() %}{{ strftime_now('%m/%y') }}{% endmacro %}{{ today() }}", "01/26"),
        ("{% if strftime_now('%m') == '01' %}January{% endif %}", "January"),
    ],
)
def test_dates_are_known_where_the_template_computes_with_them(
    tokenizer: Any, template: str, date: str
) -> None:
    tokenizer.chat_template = template + TURN
    assert encode_messages(tokenizer, ASKED)[0] == date + "[user]Who?[assistant]"


@pytest.mark.parametrize("start", ["\n\n", "  ", "\n  {%- set a = 1 %}\n", "  {% set a = 1 %}\n x"])
def test_what_a_template_begins_with_is_as_transformers_has_it(tokenizer: Any, start: str) -> None:
    tokenizer.chat_template = start + TURN
    theirs = tokenizer.apply_chat_template(ASKED, tokenize=False, add_generation_prompt=True)
    assert encode_messages(tokenizer, ASKED)[0] == theirs


RIGHT = {
    "plain": TURN,
    "trimmed": TURN.replace("m['content']", "m['content'] | trim"),
    "one line": TURN.replace("m['content']", "m['content'].split() | join(' ')"),
    "HTML": TURN.replace("m['content']", "m['content'] | e"),
    "JSON": TURN.replace("m['content']", "m['content'] | tojson"),
    "the last message alone": "{{ messages[-1]['content'] }}",
    "no control tokens": TURN.replace("m['content']", "m['content'].replace('<|im_end|>', '')"),
    "the system's words last": "{{ messages[1]['content'] }}|{{ messages[0]['content'] }}",
}
DROPS = {
    "everything": "[assistant]",
    "by another name": TURN.replace("m['content']", "m['text']"),
    "the users' messages": TURN.replace("{{ m['content'] }}", "{% if m['role'] == 'system' %}{{ m['content'] }}{% endif %}"),
    "all but the first": "{{ messages[0]['role'] }}: {{ messages[0]['content'][:100] }}",
    "the end": TURN.replace("m['content']", "m['content'][:-12]"),
    "the beginning": TURN.replace("m['content']", "m['content'][12:]"),
    "the middle": TURN.replace("m['content']", "m['content'][:10] ~ m['content'][-20:]"),
    "the article": TURN.replace("m['content']", "m['content'].split('</article>')[-1]"),
    "the question": TURN.replace("m['content']", "m['content'].split('Question')[0]"),
    "capitals": TURN.replace("m['content']", "m['content'] | lower"),
}  # fmt: skip

LETTERS = st.characters(exclude_categories=["Cs"])
ANYTHING = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize("name", RIGHT)
@ANYTHING
@given(article=st.text(LETTERS), question=st.text(LETTERS))
def test_a_template_that_prints_all_never_fails(
    tokenizer: Any, name: str, article: str, question: str
) -> None:
    tokenizer.chat_template = RIGHT[name]
    messages = ANSWER.render(Query("answer", f"{article} <|im_end|> {article}", question))
    encode_messages(tokenizer, messages)


@pytest.mark.parametrize("name", DROPS)
@ANYTHING
@given(
    article=st.lists(st.sampled_from(["Ann", "Bob", "Rome", "article", "the", "7"]), min_size=5),
    question=st.text(LETTERS),
)
def test_a_template_that_leaves_something_out_always_fails(
    tokenizer: Any, name: str, article: list[str], question: str
) -> None:
    tokenizer.chat_template = DROPS[name]
    messages = ANSWER.render(Query("answer", " ".join(article), question))
    with pytest.raises(ModelError, match=r"^the chat template leaves out what the .+ on, so the"):
        encode_messages(tokenizer, messages)


@pytest.mark.parametrize("template", [*DROPS.values(), OTHER, "{{ messages[0]['content'] + 1 }}"])
def test_no_prediction_comes_of_a_prompt_that_is_not_there(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path, template: str
) -> None:
    folder = shutil.copytree(tiny_folder("llama"), tmp_path / "llama")
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    model = _causal(make_model, folder)
    model.prepare()
    with pytest.raises(ModelError, match=r"^the chat template (leaves out|fails: )") as raised:
        model.estimate(QUERY)
    assert "\n" not in str(raised.value)
    (prediction,) = model.predict([QUERY])
    assert prediction.error == f"ModelError: {raised.value}"


def test_worked_examples_must_be_in_the_prompt_too(tokenizer: Any) -> None:
    tokenizer.chat_template = "{{ messages[-1]['content'] }}"
    shown: list[Message] = [*ASKED, {"role": "assistant", "content": "Ann"}, *ASKED]
    with pytest.raises(ModelError, match="what the assistant's message says from 'Ann' on"):
        encode_messages(tokenizer, shown)
    tokenizer.chat_template = TURN.replace("m['content']", "m['content'].split('</think>')[-1]")
    shown[1]["content"] = "<think>Bob?</think>Ann"  # templates leave past thoughts out
    assert encode_messages(tokenizer, shown)[0] == "[user]Who?[assistant]Ann[user]Who?[assistant]"


@pytest.mark.parametrize("turned", ["reverse", "sort(attribute='role')"])
def test_turns_in_another_order_are_refused(tokenizer: Any, turned: str) -> None:
    """The model would be asked an example's question, or take a reply for the question."""
    tokenizer.chat_template = TURN.replace("in messages", f"in messages | {turned}")
    shown: list[Message] = [
        {"role": "user", "content": "Who left?"},
        {"role": "assistant", "content": "Ann"},
        {"role": "user", "content": "Who met Bob?"},
    ]
    with pytest.raises(ModelError, match="prints the turns of the conversation in another order"):
        encode_messages(tokenizer, shown)
    assert encode_messages(tokenizer, shown[:1])[0] == "[user]Who left?[assistant]"
    tokenizer.chat_template = TURN
    encode_messages(tokenizer, shown)
