"""What to say of a model that the rosters in use do not have, and that is known all the same."""

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from harness.files import parse_json, read_toml

_HUB_NAME = re.compile(r"[\w.-]+/(?P<model>[\w.-]+)")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")

# The kind of a model by how the class ends that its config.json names.
_KINDS_BY_ENDING = {
    "ForConditionalGeneration": "seq2seq",
    "ForCausalLM": "causal",
    "ForQuestionAnswering": "extractive",
}


def hint(name: str, in_use: Mapping[str, str], shipped: Mapping[str, Path]) -> str | None:
    """Return the end of a message on a name that no model in use has; `None` if it says nothing.

    `in_use` has the repository on the Hub of each model that has one, `shipped` the file of each
    roster that ships, by its name. A repository that is in none of them gets a roster to paste.
    """
    if models := [model for model, repository in in_use.items() if repository == name]:
        return f"; the roster calls it {models[0]}: --models {','.join(models)}"
    for roster, path in shipped.items():
        entries = read_toml(path)
        entries.pop("judges", None)
        if models := [model for model in entries if name in (model, _repository(entries[model]))]:
            return f"; the roster {roster} has it: --roster {roster} --models {','.join(models)}"
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _folder_to_paste(folder)
    match = _HUB_NAME.fullmatch(name)
    return _entry_to_paste(name, match["model"]) if match else None


def _repository(entry: Mapping[str, Mapping[str, object]]) -> object:
    """Return the repository on the Hub of a roster's table, `None` for a model that has none."""
    return entry.get("weights", {}).get("hub")


def _folder_to_paste(folder: Path) -> str:
    """Return what to write of a model's folder; of its kind what its config.json says."""
    try:
        config = parse_json((folder / "config.json").read_bytes())
    except (OSError, ValueError):
        return "; it is a folder, and no model: config.json is missing in it, or cannot be read"
    architectures = config.get("architectures") if isinstance(config, dict) else None
    kinds = [
        kind
        for ending, kind in _KINDS_BY_ENDING.items()
        if any(str(name).endswith(ending) for name in architectures or ())
    ]
    kind = f'"{kinds[0]}"' if kinds else '"seq2seq"  # or "causal", "extractive"'
    name = folder.resolve().name
    return f"""; put this into models.toml here, and give --models {shlex.quote(name)}:

[{_key(name)}]
kind = {kind}
weights = {{ folder = {json.dumps(str(folder), ensure_ascii=False)} }}"""


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _entry_to_paste(repository: str, model: str) -> str:
    return f""", nor has one that ships; put this into a file, pin it with \
`harness models --roster FILE --pin`, and give --roster FILE --models {model}:

[{_key(model)}]
kind = "causal"  # or "seq2seq", "extractive"
weights = {{ hub = "{repository}", revision = "main" }}
licence = "as the model's page says\""""
