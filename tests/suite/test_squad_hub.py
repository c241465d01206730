"""Data sets on the Hub: what is read is the commit that was named, or nothing is."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import DataError
from harness.suite.data_set.suite import read_data_set
from tests import hub, squads
from tests.squads import RIVERS, Titles

datasets = pytest.importorskip("datasets")

OLD, NEW, INVENTED = "0" * 40, "1" * 40, "f" * 40
LAKES: Titles = {
    "Lakes": [("Ann dug the lake.", [("Who dug the lake?", ["Ann"]), ("Who filled it?", [])])]
}

Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Put a commit into a cache of the Hub, as its client lays it out: links to blobs.

    https://huggingface.co/docs/huggingface_hub/guides/manage-cache has the layout. The client reads
    its variables once, when it is imported; these are the two that are meant here.
    """
    cache = tmp_path / ".cache" / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.chdir(tmp_path)

    def put_commit(commit: str, titles: Titles, page: str = "") -> Path:
        repository = cache / "datasets--owner--name"
        made = squads.write_tables(tmp_path / "made" / commit, titles)
        (made / "README.md").write_text(page, encoding="utf-8")
        for path in [path for path in made.rglob("*") if path.is_file()]:
            link = repository / "snapshots" / commit / path.relative_to(made)
            blob = repository / "blobs" / f"{commit}-{path.name}"
            for folder in (link.parent, blob.parent):
                folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, blob)
            link.symlink_to(os.path.relpath(blob, link.parent))
        (repository / "refs").mkdir(exist_ok=True)
        (repository / "refs" / "main").write_text(commit, encoding="utf-8")
        return repository / "snapshots" / commit

    return put_commit


def _hash(tmp_path: Path, titles: Titles) -> str:
    """Return the hash of the same questions out of a file."""
    return read_data_set(f"squad:{squads.write(tmp_path / 'one.json', titles)}").hash


def test_each_commit_in_the_cache_is_itself(put: Put, tmp_path: Path) -> None:
    put(OLD, RIVERS)
    put(NEW, LAKES)  # and what main is now
    old, new = (read_data_set(f"squad:owner/name@{commit}#validation") for commit in (OLD, NEW))
    assert old.hash == _hash(tmp_path, RIVERS)
    assert new.hash == _hash(tmp_path, LAKES)
    assert old.data is not None
    assert old.data.source == f"owner/name@{OLD}#validation"


def test_a_folder_of_that_name_is_not_read_for_it(put: Put, tmp_path: Path) -> None:
    put(OLD, RIVERS)
    squads.write_tables(Path("owner/name"), LAKES)
    name = f"squad:owner/name@{OLD}#validation"
    assert read_data_set(name).hash == _hash(tmp_path, RIVERS)
    assert read_data_set("squad:./owner/name#validation").hash == _hash(tmp_path, LAKES)
    with pytest.raises(DataError, match=f"owner/name at {INVENTED}: not on this disk, and HF_HUB_"):
        read_data_set(f"squad:owner/name@{INVENTED}#validation")
    with pytest.raises(
        DataError, match=r"may be a folder here or a data set on the Hub; write squ"
    ):
        read_data_set("squad:owner/name#validation")


def test_what_datasets_keeps_of_another_commit_is_not_read_for_it(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network, `datasets` itself gives what it loaded last, whatever is asked for."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "arrow"))
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    folder = squads.write_tables(tmp_path / "lakes" / "name", LAKES)
    loaded = datasets.load_dataset(str(folder))
    kept = tmp_path / "arrow" / "owner___name" / "default" / "0.0.0"
    first_file = loaded["validation"].cache_files[0]["filename"]
    shutil.copytree(Path(first_file).parent, kept / OLD)
    fallback = datasets.load_dataset("owner/name", revision=INVENTED, split="validation")
    assert len(fallback) == len(squads.items(LAKES))  # so much for its word
    with pytest.raises(DataError, match="not on this disk"):
        read_data_set(f"squad:owner/name@{INVENTED}#validation")


PAGE = """---
configs:
- config_name: big
  data_files: [{split: test, path: "data/validation*"}]
- config_name: one
  data_files: [{split: test, path: data/validation-00000-of-00002.parquet}]
- config_name: other
  data_files: [{split: test, path: "../OTHER/data/train*"}]
- config_name: counted
  data_files: [{split: test, path: "data/validation*"}]
dataset_info:
- config_name: big
  splits: [{name: test, num_examples: 6, num_bytes: 1}]
- config_name: counted
  splits: [{name: test, num_examples: 7, num_bytes: 1}]
---
""".replace("OTHER", NEW)


def test_a_configuration_is_read_whole_and_from_its_commit(put: Put, tmp_path: Path) -> None:
    put(OLD, RIVERS, PAGE)
    put(NEW, LAKES)
    for split in ("", "#test"):
        suite = read_data_set(f"squad:owner/name:big@{OLD}{split}")
        assert suite.hash == _hash(tmp_path, RIVERS)
    for config, message in (
        ("one", r"name:one@0+#test: validation-00001-of-00002\.parquet is missing; run `hf downl"),
        ("other", rf"its data would be read from .*{NEW}.*, which is not in it"),
        ("counted", "has 6 rows here, and 7 by its own page, so a part of it is missing"),
        ("none", "cannot be read as a data set: ValueError: BuilderConfig 'none' not found"),
    ):
        with pytest.raises(DataError, match=message):
            read_data_set(f"squad:owner/name:{config}@{OLD}#test")


def test_half_of_a_commit_is_not_taken_for_it(put: Put) -> None:
    folder = put(OLD, RIVERS)
    (folder / "data" / "validation-00001-of-00002.parquet").unlink()
    with pytest.raises(DataError, match=r"validation-00001-of-00002\.parquet is missing"):
        read_data_set(f"squad:owner/name@{OLD}#validation")


@pytest.mark.parametrize("name", ["json", "a[1]"])
def test_a_folder_is_itself_whatever_its_name_is_to_datasets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """`json` is a format to it, and brackets are a pattern that `a1` fits."""
    monkeypatch.chdir(tmp_path)
    squads.write_tables(Path("data/validation"), LAKES)
    squads.write_tables(Path("a1"), LAKES)
    squads.write_tables(Path(name), RIVERS)
    if name == "json":
        assert read_data_set(f"squad:{name}#validation").hash == _hash(tmp_path, RIVERS)
    else:
        with pytest.raises(
            DataError, match=r"a\[1\]#validation: its data would be read from .*a1/"
        ):
            read_data_set(f"squad:{name}#validation")
    for file, titles in (("b1.jsonl", LAKES), ("b[1].jsonl", RIVERS)):
        rows = "\n".join(map(json.dumps, squads.items(titles)))
        Path(file).write_text(rows, encoding="utf-8")
    assert read_data_set("squad:b[1].jsonl").hash == _hash(tmp_path, RIVERS)


def test_no_network_for_data_sets_is_none(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put(OLD, RIVERS)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    assert read_data_set(f"squad:owner/name@{OLD}#validation").database.questions == 6
    with pytest.raises(DataError, match="HF_DATASETS_OFFLINE forbids to ask the Hub"):
        read_data_set(f"squad:owner/name@{INVENTED}#validation")


def test_a_commit_is_fetched_once_and_an_invented_one_is_refused(tmp_path: Path) -> None:
    """In a folder that has one of that name, with other data."""
    here = tmp_path / "here"
    squads.write_tables(here / hub.REPOSITORY, LAKES)
    rivers = squads.write_tables(tmp_path / "served", RIVERS)
    code = (
        "import sys\n"
        "from harness.errors import DataError\n"
        "from harness.suite.data_set.reading.bad_rows import BadRows\n"
        "from harness.suite.data_set.reading.rows import read_rows\n"
        "from harness.suite.data_set.source import read_source\n"
        "try: print(sum(1 for _ in read_rows(read_source(sys.argv[1]), BadRows(), list)), 'rows')\n"
        "except DataError as error: print(error)"
    )

    def read(commit: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", code, f"squad:{hub.REPOSITORY}@{commit}#validation"],
            env={**server.environment, "PYTHONPATH": os.pathsep.join(sys.path)},
            cwd=here,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    with hub.serving(rivers, "datasets") as server:
        server.answers = False
        said = read(hub.COMMIT)
        assert f"{hub.COMMIT}: not on this disk, and http://127.0.0.1:" in said
        assert f"run `hf download --repo-type dataset {hub.REPOSITORY} --revision" in said
        assert len(server.asked) == said.count("\n") == 1
        server.answers = True
        said = read(INVENTED)
        assert "the data set has no such commit, branch or tag; correct what follows the @" in said
        assert len(server.asked) == 2
        assert read(hub.COMMIT) == "6 rows\n"
        server.asked.clear()
        assert read(hub.COMMIT) == "6 rows\n"
        assert server.asked == []
