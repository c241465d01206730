"""The kinds of model. Each is imported when a roster first names it.

To add a kind, write its class in a file of its own and add its line here. Installed packages may
offer others.
"""

import importlib
from typing import TYPE_CHECKING

from harness.own_code.installed import KIND_GROUP, installed

if TYPE_CHECKING:
    from harness.models.model import Model

KINDS: dict[str, str] = {
    "lead": "harness.models.floors.lead:Lead",
    "random": "harness.models.floors.random_sentences:RandomSentences",
    "lexrank": "harness.models.floors.lexrank:LexRank",
    "embedding-lexrank": "harness.models.extractive.embedding_lexrank:EmbeddingLexRank",
    "best-sentence": "harness.models.floors.best_sentence:BestSentence",
    "no-answer": "harness.models.floors.no_answer:NoAnswer",
    "causal": "harness.models.generative.causal:Causal",
    "seq2seq": "harness.models.generative.seq2seq:Seq2Seq",
    "endpoint": "harness.models.endpoint.endpoint:Endpoint",
    "extractive": "harness.models.extractive.extractive:Extractive",
    "python": "harness.models.own.python_file:PythonFile",
}

# Those of a roster's [judges.NAME], which are asked about texts and make none.
JUDGE_KINDS: dict[str, str] = {
    "nli": "harness.models.judges.nli:Nli",
    "supports": "harness.models.judges.supports:Supports",
    "token-support": "harness.models.judges.token_support:TokenSupport",
    "chat": "harness.models.judges.chat.chat:Chat",
}


def known_kinds() -> list[str]:
    """Return the names of the kinds, those of this package first."""
    return list(dict.fromkeys([*KINDS, *installed(KIND_GROUP)]))


def is_kind(name: object) -> bool:
    """Return whether there is a kind of that name; packages are looked through for others alone."""
    return isinstance(name, str) and (name in KINDS or name in installed(KIND_GROUP))


def model_class(name: str) -> "type[Model]":
    """Return the class of a kind, of models or of judges; raise KeyError for one that there is not.

    ModelError for one of an installed package that cannot be imported.
    """
    cls: type[Model]
    if here := (KINDS | JUDGE_KINDS).get(name):
        module, _, attribute = here.partition(":")
        cls = getattr(importlib.import_module(module), attribute)
    else:
        packaged = importlib.import_module("harness.models.own.packaged")
        cls = packaged.packaged_class(installed(KIND_GROUP)[name])
    return cls
