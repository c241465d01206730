"""The kinds of model. Each is imported when a roster first names it.

To add a kind, write its class in a file of its own and add its line here.
"""

import importlib

from harness.models.model import Model

KINDS: dict[str, str] = {
    "lead": "harness.models.lead:Lead",
    "random": "harness.models.random_sentences:RandomSentences",
    "lexrank": "harness.models.lexrank:LexRank",
    "embedding-lexrank": "harness.models.embedding_lexrank:EmbeddingLexRank",
    "best-sentence": "harness.models.best_sentence:BestSentence",
    "no-answer": "harness.models.no_answer:NoAnswer",
    "causal": "harness.models.causal:Causal",
    "seq2seq": "harness.models.seq2seq:Seq2Seq",
    "endpoint": "harness.models.endpoint:Endpoint",
    "extractive": "harness.models.extractive:Extractive",
}


def kind(name: str) -> type[Model]:
    """Return the class of a kind; raise KeyError for one that is not in `KINDS`."""
    module, _, attribute = KINDS[name].partition(":")
    found: type[Model] = getattr(importlib.import_module(module), attribute)
    return found


__all__ = ["KINDS", "Model", "kind"]
