"""Data sets that ship described: each is read from a file of invented text in its layout.

They lie in a cache of the Hub as its client lays it out, under the name and configuration that the
description has, so that what is run is what a user types.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.suite.data_set.known import known_sets
from harness.suite.data_set.suite import read_data_set
from tests import data_sets

pytest.importorskip("datasets")

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TEXT = "Ann opened the mill. It grinds oats. Nobody came."
_SUMMARY = {"summary": "Ann opened the mill."}
_SQUAD = {
    "id": "q1",
    "title": "Mills",
    "context": TEXT,
    "question": "Who opened the mill?",
    "answers": {"text": ["Ann"], "answer_start": [0]},
}
_UNTITLED = {key: value for key, value in _SQUAD.items() if key != "title"}
# A row of each layout, as the data set's page on the Hub lists its columns.
LAYOUTS: Mapping[str, Mapping[str, Any]] = {
    "cnn-dailymail": {"article": TEXT, "highlights": "Ann opened the mill.", "id": "f00d"},
    "xsum": {"document": TEXT, **_SUMMARY, "id": "35232142"},
    "samsum": {"id": "13862856", "dialogue": TEXT, **_SUMMARY},
    "dialogsum": {"id": "test_0_1", "dialogue": TEXT, **_SUMMARY, "topic": "mills"},
    "govreport": {"report": TEXT, **_SUMMARY},
    "billsum": {"text": TEXT, **_SUMMARY, "title": "A bill on mills."},
    "multi-news": {"document": f"{TEXT} ||||| Bo left.", **_SUMMARY},
    "pubmed": {"article": TEXT, "abstract": "Ann opened the mill."},
    "arxiv": {"article": TEXT, "abstract": "Ann opened the mill."},
    "wikilingua": {
        "url": "https://mills.test/open",
        "article": {
            "section_name": ["First", "Then"],
            "document": [TEXT, "Bo left."],
            "summary": ["Open the mill.", "Leave."],
        },
    },
    "mlsum": {
        "text": TEXT, **_SUMMARY, "topic": "mills", "url": "https://mills.test/1",
        "title": "A mill", "date": "01/02/2003",
    },
    "squad": _SQUAD,
    "squad-v2": {**_SQUAD, "answers": {"text": [], "answer_start": []}},
    "xquad": _UNTITLED,
    "mlqa": _UNTITLED,
    "tydiqa-goldp": {**_SQUAD, "id": "english-1"},
    "germanquad": {**_UNTITLED, "id": 51870},
    "korquad": _SQUAD,
    "mrqa": {
        "subset": "NewsQA", "context": TEXT, "qid": "q1", "question": "Who?", "answers": ["Ann"],
        "context_tokens": {"tokens": ["Ann"], "offsets": [0]},
        "detected_answers": {"text": ["Ann"], "char_spans": [{"start": [0], "end": [2]}]},
    },
    "newsqa": {
        "context": TEXT, "question": "Who?", "answers": ["Ann"], "key": "q1",
        "labels": [{"end": [2], "start": [0]}],
    },
    "adversarial-qa": {**_SQUAD, "metadata": {"split": "validation", "model_in_the_loop": "BiDAF"}},
    "squadshifts": _SQUAD,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.chdir(tmp_path)


def _put(folder: Path, name: str) -> None:
    """Put a commit with one row into the cache."""
    keys = known_sets()[name]
    split = keys.split or "train"
    at = folder / "hub" / f"datasets--{keys.hub.replace('/', '--')}" / "snapshots" / COMMIT
    (at / "data").mkdir(parents=True)
    (at / "data" / f"{split}-00000-of-00001.parquet").write_bytes(
        data_sets.parquet([LAYOUTS[name]])
    )
    page = {
        "configs": [
            {
                "config_name": keys.config or "default",
                "data_files": [{"split": split, "path": f"data/{split}-*"}],
            }
        ]
    }
    (at / "README.md").write_text(f"---\n{json.dumps(page)}\n---\n", encoding="utf-8")


def test_what_is_said_to_be_tried_is_tried_here() -> None:
    assert {name for name, keys in known_sets().items() if keys.tried} == set(LAYOUTS)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_known_set_is_read_in_its_layout(name: str, tmp_path: Path) -> None:
    _put(tmp_path, name)
    suite = read_data_set(f"known:{name}@{COMMIT}")
    assert suite.data is not None
    assert suite.data.described_by == f"known:{name}"
    examples = [*suite.examples("summarize"), *suite.examples("answer")]
    assert len(examples) == 1
    (example,) = examples
    expected = f"{TEXT}\n\nBo left." if name in ("multi-news", "wikilingua") else TEXT
    assert example.query.context == expected
    references = {"squad-v2": (), "wikilingua": ("Open the mill.\nLeave.",)}
    told = ("Ann",) if example.query.question else ("Ann opened the mill.",)
    assert example.references == references.get(name, told)


def test_a_known_set_runs_and_is_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _put(tmp_path, "cnn-dailymail")
    command = ["eval", "--suite", f"known:cnn-dailymail@{COMMIT}", "--models", "lead-3", "-q"]
    assert main([*command, "--out", "out"]) == 0
    assert main(["verify", "out", "-q"]) == 0
    table = " ".join(capsys.readouterr().out.split())
    assert f"Data: abisee/cnn_dailymail:3.0.0@{COMMIT}#test, as known:cnn-dailymail" in table
    assert "Cite: Hermann et al. 2015; See et al. 2017." in table


def test_another_configuration_and_split_may_be_named(tmp_path: Path) -> None:
    _put(tmp_path, "xquad")
    suite = read_data_set(f"known:xquad:xquad.de@{COMMIT}#validation")
    assert suite.id == "google/xquad:xquad.de#validation"
    assert "google/xquad" in suite.names
