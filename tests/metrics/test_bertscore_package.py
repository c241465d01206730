"""BERTScore against the package bert_score 0.3.13, in an environment of its own.

`make bertscore` makes the environment and runs this. The package has transformers 4 and tokenizers
written in Python, ours transformers 5 and those written in Rust.
"""

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.metrics.bertscore.bertscore import BertScore
from harness.models.checkpoint.checkpoint import Checkpoint
from harness.models.encoder.token_encoder import CheckpointEncoder
from harness.models.model import Model
from harness.models.roster.roster import read_rosters
from tests import tiny, tiny_spans

PYTHON = Path(__file__).parent.parent.parent / ".venv-bertscore" / "bin" / "python"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason="bert_score is not here: run `make bertscore`"),
]

# The package's own scores of {model, settings, predictions, references}; settings are arguments of
# its BERTScorer, and the idf of texts.
SCRIPT = """
import json, sys
from bert_score import BERTScorer

asked = json.load(sys.stdin)
scores = []
for settings in asked["settings"]:
    scorer = BERTScorer(asked["model"], device="cpu", nthreads=0, lang="en", **settings)
    found = scorer.score(asked["predictions"], asked["references"], batch_size=asked["batch"])
    scores.append([values.tolist() for values in found])
json.dump(scores, sys.stdout)
"""

REFERENCES = [
    ["Ann Keller met Bob Ortiz in Rome on Tuesday.", "On Tuesday, the two ministers met."],
    ["Rain fell for a week, and the river Save rose by 3.5 metres.", "The river rose."],
    ["The two signed a pact on trade, rare earths and “green” steel."],
    ["Nobody was hurt, the mayor's office said; 1,200 people had left."],
    ["Köln's mayor, Zoë Müller, was re-elected with 51.2% of the vote."],
    ["The ferry sank."],
    ["Ann met Bob. " * 60],
    ["A pact.", "Rain, rain and more rain fell on Rome. " * 30],
    ["Ann met Bob."],
]
PREDICTIONS = [
    "Ann Keller and Bob Ortiz met on Tuesday, in Rome.",
    "  The river rose after a week of rain.\n",
    "They signed a pact.\nIt is about trade and steel.",
    "Nobody was hurt 🙂 said the mayor's office.",
    "ZOË MÜLLER won again: mayor of Köln; not by much (51%)!",
    "The ferry sank.",
    "Bob met Ann. " * 50,
    "Rain fell on Rome, and more rain. " * 40,
    "",
]
BASELINE = "LAYER,P,R,F\n0,0.2,0.2,0.2\n1,0.31,0.32,0.33\n2,0.41,0.42,0.43\n3,0.1,0.2,0.3\n" + (
    "4,0.1,0.2,0.3\n5,0.1,0.2,0.3\n6,0.12,0.34,0.23\n"
)


def _with_slow_tokenizer(folder: Path, tokenizer: str, **special: str) -> Path:
    """Write the files that a tokenizer in Python reads: a vocabulary, and merges if it has some."""
    model = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    vocabulary = sorted(model["vocab"], key=model["vocab"].get)
    if "merges" in model:
        (folder / "vocab.json").write_text(json.dumps(model["vocab"]), encoding="utf-8")
        merges = [" ".join(merge) for merge in model["merges"]]
        (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges), encoding="utf-8")
    else:
        (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    config = {"tokenizer_class": tokenizer, "model_max_length": 128, **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def _bert(folder: Path) -> Path:
    return _with_slow_tokenizer(tiny.bert(folder), "BertTokenizer", do_lower_case=True)  # type: ignore[arg-type]


def _roberta(folder: Path) -> Path:
    special = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>",
               "pad_token": "<pad>", "mask_token": "<mask>", "unk_token": "</s>"}  # fmt: skip
    return _with_slow_tokenizer(tiny_spans.roberta(folder), "RobertaTokenizer", **special)


def _package_scores(
    folder: Path,
    settings: Sequence[dict[str, Any]],
    predictions: list[str],
    references: list[list[str]],
    batch: int,
) -> list[list[list[float]]]:
    """Return precision, recall and F1 of all predictions, for each of several settings."""
    asked = {
        # By its name alone: the package takes a path with "t5" in it for that of a T5.
        "model": folder.name,
        "settings": settings,
        "predictions": predictions,
        "references": references,
        "batch": batch,
    }
    finished = subprocess.run(
        [PYTHON, "-W", "ignore", "-c", SCRIPT],
        input=json.dumps(asked), capture_output=True, text=True, check=False, cwd=folder.parent,
        timeout=600,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr[-2000:]
    scores: list[list[list[float]]] = json.loads(finished.stdout)
    return scores


def _agrees(model: Model, folder: Path, layers: Sequence[int], tmp_path: Path, batch: int) -> None:
    """Hold ours against the package: each layer plain, with idf, rescaled, and with both."""
    baseline = tmp_path / "baseline.tsv"
    baseline.write_text(BASELINE, encoding="utf-8")
    frequencies = [text for references in REFERENCES for text in references]
    encoder = CheckpointEncoder(model)
    settings, ours = [], []
    for layer in layers:
        for idf in (None, frequencies):
            for rescale in (None, baseline):
                settings.append(
                    {"num_layers": layer, "idf": idf is not None, "idf_sents": idf}
                    | {"rescale_with_baseline": rescale is not None}
                    | ({"baseline_path": str(rescale)} if rescale else {})
                )
                scorer = BertScore(encoder, layer, idf, rescale)
                ours.append([*scorer.score_many(PREDICTIONS, REFERENCES)])
    theirs = _package_scores(folder, settings, PREDICTIONS, REFERENCES, batch)
    for setting, scores, expected in zip(settings, ours, theirs, strict=True):
        for name, values in zip(scores[0], expected, strict=True):
            assert [item[name] for item in scores] == pytest.approx(values, abs=1e-5), (
                setting["num_layers"], setting["idf"], setting["rescale_with_baseline"], name,
            )  # fmt: skip


@pytest.mark.parametrize("make", [_bert, _roberta])
@pytest.mark.parametrize("batch", [1, 64])
def test_scores_are_the_packages(
    make_model: Callable[[str], Model], tmp_path: Path, make: Callable[[Path], Path], batch: int
) -> None:
    """Several references, empty and long texts, idf and baselines; alone and in batches."""
    folder = make(tmp_path / "encoder")
    model = make_model(f'kind = "embedding-lexrank"\nweights = {{ folder = "{folder}" }}')
    _agrees(model, folder, (1, 2), tmp_path, batch)


def test_scores_of_the_embedded_encoder_are_the_packages(tmp_path: Path) -> None:
    model = read_rosters()["minilm-lexrank"].model
    assert isinstance(model, Checkpoint)
    folder = model.weights.fetch().folder
    _agrees(model, folder, (6,), tmp_path, 64)
