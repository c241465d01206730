import json
from pathlib import Path

import pytest

from harness.cli import main
from harness.models import KINDS, model_class
from harness.models.roster.keys import roster_markdown, tables
from harness.models.roster.roster import read_rosters
from harness.validation.key_formats import keys_markdown
from tests.own import MODEL


@pytest.mark.parametrize("name", KINDS)
def test_every_key_of_a_kind_is_told_with_its_meaning(name: str) -> None:
    table, *inner = tables([name])
    fields = model_class(name).model_fields.items()
    assert [key.name for key in table.keys] == [field.alias or key for key, field in fields]
    assert table.description
    for key in [key for one in (table, *inner) for key in one.keys]:
        assert key.description.endswith("."), f"{name}.{key.name} needs a docstring"
        assert key.type


@pytest.mark.parametrize("name", KINDS)
def test_the_defaults_told_are_those_that_hold(tmp_path: Path, name: str) -> None:
    """A roster that spells out each default makes the very model that a bare one makes."""
    required = {"weights": '{ folder = "x" }', "url": '"http://x/v1"', "model": '"x"'}
    required |= {"file": '"my_model.py"', "class": '"FirstWords"'}
    (tmp_path / "my_model.py").write_text(MODEL, encoding="utf-8")
    (table, *_) = tables([name])
    bare = [f"{k.name} = {required[k.name]}" for k in table.keys if k.default is None]
    full = [f"{key.name} = {key.default}" for key in table.keys if key.default]
    roster = tmp_path / "mine.toml"
    roster.write_text(
        "\n".join(
            [f'[bare]\nkind = "{name}"', *bare, f'[full]\nkind = "{name}"', *bare, *full, ""]
        ),
        encoding="utf-8",
    )
    entries = read_rosters([roster])
    assert entries["bare"].model == entries["full"].model


def test_keys_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--keys", "lead"]) == 0
    assert capsys.readouterr().out == (
        "lead\n\nThe first `sentences` sentences, one a line.\n\n"
        "  sentences  whole number from 1, default 3\n             How many sentences to take.\n"
    )
    assert main(["models", "--keys", "lead", "--format", "markdown"]) == 0
    said = capsys.readouterr().out
    assert said == keys_markdown(tables(["lead"]))
    assert "| `sentences` | whole number from 1 | 3 " in said
    assert main(["models", "--keys", "lead", "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "table,key,type,required,default,meaning",
        "lead,sentences,whole number from 1,no,3,How many sentences to take.",
    ]
    assert main(["models", "--keys", "--format", "markdown"]) == 0
    assert capsys.readouterr().out == roster_markdown()
    assert main(["models", "--keys", "causal", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in listed][:1] == ["causal"]
    assert {"name": "window", "type": "whole number from 64", "default": ""}.items() <= next(
        key for key in listed[0]["keys"] if key["name"] == "window"
    ).items()
    assert main(["models", "--keys", "leed"]) == 2
    assert "there is no kind 'leed'; did you mean lead?" in capsys.readouterr().err
