"""The kinds of model. Each is imported when a roster first names it.

To add a kind, write its class in a file of its own and add its line here.
"""

import importlib
from typing import TYPE_CHECKING

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
}

# Those of a roster's [judges.NAME], which are asked about texts and make none.
JUDGE_KINDS: dict[str, str] = {
    "nli": "harness.models.judges.nli:Nli",
    "supports": "harness.models.judges.supports:Supports",
    "token-support": "harness.models.judges.token_support:TokenSupport",
    "chat": "harness.models.judges.chat:Chat",
}


def model_class(name: str) -> "type[Model]":
    """Return the class of a kind; raise KeyError for one that neither table has."""
    module, _, attribute = (KINDS | JUDGE_KINDS)[name].partition(":")
    cls: type[Model] = getattr(importlib.import_module(module), attribute)
    return cls
