"""Judges on tiny checkpoints, held against what the packages that they follow make of these.

Recorded once, on checkpoints of `tests/tiny_judges.py`, with transformers 4.57.1 and torch 2.13.0:
`summac` 0.0.4 (`SummaCZS`, a paragraph being a sentence; the argument `truncation_strategy`, which
transformers has no more, was dropped), `lettucedetect` 0.2.3 (`TransformerDetector.predict_prompt`)
and MiniCheck's `Inferencer.inference` (github.com/Liyan06/MiniCheck, minicheck/inference.py).
"""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from harness.errors import DataError, ModelError
from harness.judging.opinions.kinds import JUDGED_KINDS
from harness.models.judges.opinion import Opinion
from harness.models.judges.passages import passages
from harness.models.model import Model
from harness.records import Query

Make = Callable[[str], Model]
Folder = Callable[..., Path]

ARTICLE = (
    "Ann met Bob in Rome on Monday.\nThey signed a pact after it rained.\n"
    "Cyd objected and two people left."
)
SUMMARIES = [
    ["Ann met Bob in Oslo."],
    ["They signed a pact.", "Cyd was not closed for Bob."],
    ["The river rose and the bridge was closed.", "Three people left on Tuesday.", "It rained."],
]
# Of each summary its spans with their confidence, by lettucedetect.
LETTUCE = [
    [(0, 19, 0.759339)],
    [(0, 18, 0.760124), (24, 47, 0.760434)],
    [(0, 40, 0.760329), (42, 81, 0.745110)],
    [(0, 25, 0.760233), (27, 30, 0.653728), (35, 51, 0.719251)],
]
# Of each claim its probability by each of the article's three sentences, by MiniCheck.
MINICHECK_ROBERTA = [
    [0.639684, 0.631751, 0.554752],
    [0.585997, 0.585325, 0.536855],
    [0.539857, 0.539726, 0.536044],
    [0.517171, 0.516884, 0.549678],
    [0.639674, 0.631742, 0.552688],
    [0.639674, 0.631741, 0.552349],
]
CLAIMS = [claim for summary in SUMMARIES for claim in summary]


def _opinions(judge: Model, claims: list[str], article: str = ARTICLE) -> list[Opinion]:
    judge.prepare()
    predictions = judge.predict([Query("answer", article, claim) for claim in claims])
    assert [prediction.error for prediction in predictions] == [None] * len(claims)
    return [Opinion.read(prediction.text) for prediction in predictions]


def _nli(folder: Path, more: str = "") -> str:
    return f'kind = "nli"\nweights = {{ folder = "{folder}" }}\n{more}'


def test_nli_is_summac_zs(make_judge: Make, tiny_folder: Folder) -> None:
    """The package leaves out sentences of ten characters or fewer, such as "It rained."."""
    judge = make_judge(_nli(tiny_folder("classifier")))
    measures = JUDGED_KINDS["nli"].measures
    summaries = [[claim for claim in summary if len(claim) > 10] for summary in SUMMARIES]
    found = {
        name: [measure.value("", _opinions(judge, summary)) for summary in summaries]
        for name, measure in measures.items()
    }
    assert found["summac_zs"] == pytest.approx(
        [-0.445514, -0.499344, -0.387537], abs=2e-5
    )  # use_ent, use_con
    assert found["entailment"] == pytest.approx(
        [0.182204, 0.158933, 0.204568], abs=2e-5
    )  # use_ent alone


def test_the_passage_that_counted_is_told(make_judge: Make, tiny_folder: Folder) -> None:
    """The greatest entailment over the article's sentences, computed by transformers alone."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = tiny_folder("classifier")
    (opinion,) = _opinions(make_judge(_nli(folder)), CLAIMS[:1])
    tokenizer = AutoTokenizer.from_pretrained(folder)
    network = AutoModelForSequenceClassification.from_pretrained(folder)
    said = ARTICLE.split("\n")
    pairs = tokenizer(said, CLAIMS[:1] * 3, padding=True, return_tensors="pt")
    with torch.no_grad():
        entailment = network(**pairs).logits.softmax(-1)[:, 0]
    assert opinion.numbers["entailment"] == pytest.approx(entailment.max().item(), abs=1e-5)
    assert opinion.passage is not None
    assert ARTICLE[slice(*opinion.passage)] == said[int(entailment.argmax())]


def test_support_is_minichecks_of_the_best_chunk(make_judge: Make, tiny_folder: Folder) -> None:
    """Windows that hold a sentence each give MiniCheck's number of the best of three chunks."""
    roberta = tiny_folder("classifier", labels="0,1")
    toml = (
        f'kind = "supports"\nweights = {{ folder = "{roberta}" }}\nsupported = "1"\n'
        'between = "eos"\n'
    )
    for claim, chunks in zip(CLAIMS, MINICHECK_ROBERTA, strict=True):
        found = [
            _opinions(make_judge(toml), [claim], sentence)[0].numbers["support"]
            for sentence in ARTICLE.split("\n")
        ]
        assert found == pytest.approx(chunks, abs=2e-5)


def test_an_encoder_decoder_supports_by_its_first_word(
    make_judge: Make, tiny_folder: Folder
) -> None:
    """As MiniCheck asks its flan-t5, written out with transformers alone."""
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    folder = tiny_folder("writer")
    judge = make_judge(
        f'kind = "supports"\nweights = {{ folder = "{folder}" }}\n'
        'supported = "1"\nunsupported = "0"\nprefix = "predict: "\n'
    )
    tokenizer = AutoTokenizer.from_pretrained(folder)
    network = AutoModelForSeq2SeqLM.from_pretrained(folder)
    words = [tokenizer.convert_tokens_to_ids(word) for word in ("0", "1")]
    sentence = ARTICLE.split("\n", maxsplit=1)[0]
    expected = []
    for claim in CLAIMS:
        read = tokenizer(f"predict: {sentence}</s>{claim}", return_tensors="pt")
        with torch.no_grad():
            logits = network(
                input_ids=read["input_ids"],
                attention_mask=read["attention_mask"],
                decoder_input_ids=torch.zeros((1, 1), dtype=torch.long),
            ).logits[0, 0, words]
        expected.append(logits.softmax(-1)[1].item())
    found = [said.numbers["support"] for said in _opinions(judge, CLAIMS, sentence)]
    assert found == pytest.approx(expected, abs=2e-5)


def test_unsupported_spans_are_lettucedetects(make_judge: Make, tiny_folder: Folder) -> None:
    judge = make_judge(
        f'kind = "token-support"\nweights = {{ folder = "{tiny_folder("token_classifier")}" }}'
    )
    texts = [" ".join(summary) for summary in SUMMARIES]
    texts.append("Ann signed a pact in Rome, and Bob left on Tuesday.")
    for text, opinion, spans in zip(texts, _opinions(judge, texts), LETTUCE, strict=True):
        assert [(start, end) for start, end, _ in opinion.spans] == [
            (start, end) for start, end, _ in spans
        ], text
        assert [p for *_, p in opinion.spans] == pytest.approx([p for *_, p in spans], abs=2e-5)


def test_the_share_of_words_is_that_which_spans_touch() -> None:
    # By hand: of "Ann met Bob in Oslo." the last two of five words.
    share = JUDGED_KINDS["token-support"].measures["unsupported"].value
    assert share("Ann met Bob in Oslo.", [Opinion({}, spans=((12, 19, 0.9),))]) == 0.4
    assert share("Ann met Bob in Oslo.", [Opinion({})]) == 0.0


def test_an_article_longer_than_the_window_is_read_whole(
    make_judge: Make, tiny_folder: Folder
) -> None:
    """What stands last counts as what stands first: no word of an article is left out."""
    folder = tiny_folder("classifier", labels="supported,unsupported")
    filler = "It rained. " * 60
    judge = make_judge(f'kind = "supports"\nweights = {{ folder = "{folder}" }}')
    judge.prepare()
    (prediction,) = judge.predict([Query("answer", filler + ARTICLE, CLAIMS[0])])
    assert prediction.windows is not None
    assert prediction.windows > 3
    judge.prepare_estimates()
    estimate = judge.estimate(Query("answer", filler + ARTICLE, CLAIMS[0]))
    assert estimate.input_tokens == prediction.prompt_tokens
    assert estimate.cut is False


@pytest.mark.parametrize("granularity", ["sentence", "chunk"])
def test_passages_have_every_word(granularity: str) -> None:
    text = "Ann met Bob. " * 9 + "a " * 40 + "end."
    offsets = [(at, at + len(w)) for at, w in _placed(text)]
    found = passages(text, offsets, 10, granularity)  # type: ignore[arg-type]
    assert " ".join(text[slice(*place)] for place in found).split() == text.split()
    for start, end in found:
        assert sum(start <= at < end for at, _ in offsets) <= 10


def _placed(text: str) -> list[tuple[int, str]]:
    at, found = 0, []
    for word in text.split():
        at = text.index(word, at)
        found.append((at, word))
        at += len(word)
    return found


def test_a_claim_that_leaves_no_room_is_its_own_failure(
    make_judge: Make, tiny_folder: Folder
) -> None:
    judge = make_judge(_nli(tiny_folder("classifier")))
    judge.prepare()
    long, short = judge.predict(
        [Query("answer", ARTICLE, "ann met bob " * 20), Query("answer", ARTICLE, "Ann met Bob.")]
    )
    assert long.error is not None
    assert "the claim takes 63 tokens: of a window of 64" in long.error
    assert short.error is None
    (nothing,) = judge.predict([Query("answer", " ", "Ann met Bob.")])
    assert "the article has no word" in (nothing.error or "")


@pytest.mark.parametrize(
    ("kind", "labels", "more", "message"),
    [
        ("nli", "LABEL_0,LABEL_1,LABEL_2", "", r"which of its labels means entailment cannot"),
        ("nli", "entailment,neutral,other", "", "which of its labels means contradiction"),
        ("nli", "a,b,c", 'entailment = "d"', "has no label 'd' for `entailment`, but a, b, c"),
        ("supports", "0,1", "", r"which of its labels means supported .*\(0, 1\); say which"),
        ("supports", "entailment,neutral,contradiction", "", 'is of the kind "nli"'),
    ],
)
def test_unclear_labels_are_refused(
    make_judge: Make, tiny_folder: Folder, kind: str, labels: str, more: str, message: str
) -> None:
    folder = tiny_folder("classifier", labels=labels)
    judge = make_judge(f'kind = "{kind}"\nweights = {{ folder = "{folder}" }}\n{more}')
    with pytest.raises(ModelError, match=message):
        judge.prepare_estimates()
    with pytest.raises(ModelError, match=message):
        judge.prepare()


def test_numbers_that_are_none_are_a_failure(
    make_judge: Make, tiny_folder: Folder, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "broken"
    folder.mkdir()
    for file in tiny_folder("classifier").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    weights = load_file(folder / "model.safetensors")
    weights["classifier.weight"] = torch.full_like(weights["classifier.weight"], torch.nan)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    judge = make_judge(_nli(folder))
    judge.prepare()
    with pytest.raises(ModelError, match="logits are not all numbers"):
        judge.predict([Query("answer", ARTICLE, CLAIMS[0])])


@pytest.mark.parametrize(
    "text",
    ["", "4", "[]", '{"numbers": 4}', '{"numbers": {"a": "4"}}', '{"numbers": {"a": NaN}}',
     '{"numbers": {"a": true}}', '{"numbers": {}, "spans": [[1]]}', "\ud800"],
)  # fmt: skip
def test_a_text_that_is_no_opinion_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        Opinion.read(text)
