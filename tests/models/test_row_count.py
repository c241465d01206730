"""A network that gives more or fewer rows than it got: which is whose cannot be told."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ModelError
from harness.models.model import Model
from harness.models.streaming import Streaming
from harness.records import Query

ARTICLE = "Ann met Bob in Rome on Monday. It rained. They signed a treaty."
BEAMS = " with beams"  # those are left to `generate`
QUERIES = {
    "bert_qa": ("extractive", Query("answer", ARTICLE, "Who met Bob?")),
    "bert": ("embedding-lexrank", Query("summarize", ARTICLE)),
    "llama": ("causal", Query("answer", ARTICLE, "Who met Bob?")),
    "bart": ("seq2seq", Query("summarize", ARTICLE)),
    f"bart{BEAMS}": ("seq2seq", Query("summarize", ARTICLE)),
}


@pytest.mark.parametrize("name", QUERIES)
def test_rows_too_many_are_refused(
    make_model: Callable[[str], Model], tiny_folder: Callable[..., Path], name: str
) -> None:
    import torch

    kind, query = QUERIES[name]
    more = "\nmax_new_tokens = 4" if kind == "seq2seq" else ""
    more += "\nbeams = 2" if name.endswith(BEAMS) else ""
    folder = tiny_folder(name.removesuffix(BEAMS))
    model = make_model(f'kind = "{kind}"\nweights = {{ folder = "{folder}" }}{more}')
    model.load()
    _, network = model._loaded  # type: ignore[attr-defined]
    if kind == "extractive":  # where the processor has bfloat16, a copy in it reads first
        network = network.bfloat16_network or network.network

    def twice(_network: object, _inputs: object, output: Any) -> Any:
        for field in ("last_hidden_state", "start_logits", "end_logits", "logits"):
            if getattr(output, field, None) is not None:
                output[field] = torch.cat([output[field], output[field]])
        return output

    if name == f"bart{BEAMS}":
        generate = network.generate
        network.generate = lambda **options: generate(**options).repeat(2, 1)
    else:
        network.register_forward_hook(twice)
    refusal = r"the model gave \d+ rows for \d+: which is whose"
    if isinstance(model, Streaming):
        (prediction,) = model.predict([query])
        assert re.search(refusal, prediction.error or "")
        return
    with pytest.raises(ModelError, match=refusal):
        model.predict([query])
