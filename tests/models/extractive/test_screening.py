from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import DataError
from harness.models.extractive import screening
from harness.models.extractive.extractive import Extractive
from harness.models.extractive.spans import Answer, Answers
from harness.models.model import Model
from harness.records import Query
from harness.suite.suite import read_suite

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

ANSWERS = [example.query for example in read_suite().examples("answer")]
SHORT = [Query("answer", query.context[:900], query.question) for query in ANSWERS[::3]]


def _load(make_model: Make, tiny_folder: Tiny, more: str) -> Extractive:
    model = make_model(
        f'kind = "extractive"\nweights = {{ folder = "{tiny_folder("bert_qa")}" }}\n{more}'
    )
    assert isinstance(model, Extractive)
    model.load()
    return model


def _counted(model: Extractive, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bool]]:
    """Return where each reading is noted: how many questions, and whether in bfloat16."""
    reader = model.__dict__["_loaded"][1]
    read, seen = reader.read, []

    def noted(asked: Any, *, in_bfloat16: bool = False) -> Any:
        seen.append((len(asked), in_bfloat16))
        return read(asked, in_bfloat16=in_bfloat16)

    monkeypatch.setattr(reader, "read", noted)
    return seen


@pytest.mark.parametrize("more", ["no_answer = false", "no_answer = true"])
def test_screened_answers_are_those_of_float32(
    make_model: Make, tiny_folder: Tiny, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    plain = _load(make_model, tiny_folder, f"screen = false\n{more}").predict(SHORT)
    screening = _load(make_model, tiny_folder, f"screen = true\n{more}\nscreen_margin = 0.2")
    seen = _counted(screening, monkeypatch)
    screened = screening.predict(SHORT)
    assert [(one.text, one.span) for one in screened] == [(one.text, one.span) for one in plain]
    (first, again) = seen
    assert first == (len(SHORT), True)
    assert not again[1]
    assert 0 < again[0] < len(SHORT)
    # What was read again has float32's probabilities, the rest has others, by up to a hundredth.
    same = [
        one.confidence == pytest.approx(other.confidence, abs=1e-5)
        for one, other in zip(screened, plain, strict=True)
    ]
    assert again[0] <= sum(same) < len(SHORT)


def test_rounding_moves_every_score_a_little(make_model: Make, tiny_folder: Tiny) -> None:
    model = _load(make_model, tiny_folder, "screen = true")
    cutter, reader = model.__dict__["_loaded"]
    asked = [(q.context, cutter.split(q.question or "", q.context)) for q in SHORT]
    pairs = zip(reader.read(asked, in_bfloat16=True), reader.read(asked), strict=True)
    assert all(0 < screening.logit_shift(rounded, exact) < 0.2 for rounded, exact in pairs)


def test_a_model_that_rounds_coarsely_is_read_again_whole(
    make_model: Make, tiny_folder: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tie is in doubt at any margin, and shows where rounding moved more than the margin says.

    Without positions the two words of the article are equal, and which of them is the answer's
    place is a tie: its margin is 0 however a CPU rounds.
    """
    tie = Query("answer", "Tokyo Tokyo", "Where did they meet?")

    def load(more: str) -> Extractive:
        model = _load(make_model, tiny_folder, f"no_answer = false\n{more}")
        network = model.__dict__["_loaded"][1].network
        network.bert.embeddings.position_embeddings.weight.data.zero_()
        return model

    plain = load("screen = false").predict([tie, *SHORT])
    cutter, reader = load("screen = true").__dict__["_loaded"]
    asked = [(tie.context, cutter.split(tie.question or "", tie.context))]
    [rounded], [exact] = reader.read(asked, in_bfloat16=True), reader.read(asked)
    distance = screening.logit_shift(rounded, exact)
    assert screening.decision_margin(rounded, None) < distance / 4 < 0.1
    for least, whole in ((distance / 4, True), (0.2, False)):
        model = load(f"screen = true\nscreen_margin = {least}")
        seen = _counted(model, monkeypatch)
        screened = model.predict([tie, *SHORT])
        assert (sum(count for count, rounded in seen if not rounded) == 1 + len(SHORT)) is whole
        # What was read again has float32's probabilities, the rest has others.
        same = [one.confidence for one in screened] == pytest.approx(
            [one.confidence for one in plain], abs=1e-5
        )
        assert same is whole


def test_the_head_and_the_norms_stay_float32(make_model: Make, tiny_folder: Tiny) -> None:
    import torch

    from harness.models.onednn.packed_linear import PackedLinear

    model = _load(make_model, tiny_folder, "screen = true")
    reader = model.__dict__["_loaded"][1]
    given = {}
    for name, module in reader.bfloat16_network.named_modules():
        if isinstance(module, torch.nn.Linear | PackedLinear | torch.nn.LayerNorm):
            module.register_forward_hook(
                lambda _module, _args, output, name=name: given.update({name: output.dtype})
            )
    with torch.inference_mode(), screening.bfloat16_autocast():
        reader.bfloat16_network(input_ids=torch.ones((1, 4), dtype=torch.int64))
    assert {name.split(".")[-1] for name, dtype in given.items() if dtype == torch.bfloat16} == {
        "query", "key", "value", "dense",
    }  # fmt: skip
    assert {name.split(".")[-1] for name, dtype in given.items() if dtype == torch.float32} == {
        "LayerNorm", "qa_outputs",
    }  # fmt: skip
    # The copy holds no second set of float32 weights, but for those of the small head.
    own = dict(reader.network.named_parameters())
    whole = [
        (name, parameter)
        for name, parameter in reader.bfloat16_network.named_parameters()
        if parameter.dtype == torch.float32 and not name.startswith("qa_outputs")
    ]
    assert all(own[name] is parameter for name, parameter in whole)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("units", [True, False])
def test_a_rounded_layer_has_the_products_of_rounded_numbers(
    monkeypatch: pytest.MonkeyPatch, bias: bool, units: bool
) -> None:
    """Each number rounded to bfloat16, multiplied and added in float64, then rounded once."""
    import torch

    if not units:
        monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    torch.manual_seed(0)
    layer, head = torch.nn.Linear(24, 40, bias=bias), torch.nn.Linear(40, 2)
    model = screening.bfloat16_copy(torch.nn.Sequential(layer, torch.nn.LayerNorm(40), head))
    states = torch.randn(3, 7, 24)
    made = model[0](states)
    terms = [states, layer.weight, layer.bias if bias else torch.zeros(40)]
    x, weight, added = (one.detach().bfloat16().double() for one in terms)
    assert made.dtype == torch.bfloat16
    # Of float32's sum and of rounding it: half a unit in the last of 8 bits, and a little.
    torch.testing.assert_close(made.double(), x @ weight.T + added, rtol=2**-8, atol=1e-5)


def _answers(*found: tuple[int, int, int, float, float, float], null: float = -9.0) -> Answers:
    """Answers of these (start, end, window, probability, weight, rival), 2 the best span's sum."""
    return Answers(tuple(Answer(*one) for one in found), best_score=2.0, null_score=null)


FIRST = (0, 9, 0, 0.6, 0.6, 0.0)


@pytest.mark.parametrize(
    ("answers", "threshold", "expected"),
    [
        # ln 3 of two ends in one window, and half of it where both logits are others
        (_answers(FIRST, (0, 5, 0, 0.2, 0.2, 0.0)), None, 1.0986123),
        (_answers(FIRST, (3, 9, 0, 0.2, 0.2, 0.0)), None, 1.0986123),
        (_answers(FIRST, (3, 5, 0, 0.2, 0.2, 0.0)), None, 0.5493061),
        (_answers(FIRST, (0, 5, 1, 0.2, 0.2, 0.0)), None, 0.5493061),
        # the third is closer than the second: ln 4 / 2 against ln 3
        (_answers(FIRST, (0, 5, 0, 0.2, 0.2, 0.0), (3, 5, 0, 0.15, 0.15, 0.0)), None, 0.6931472),
        # which place of one text: ln 2 / 2
        (_answers((0, 9, 0, 0.4, 0.6, 0.2), (0, 5, 0, 0.2, 0.2, 0.0)), None, 0.3465736),
        (_answers(FIRST, null=1.5), None, float("inf")),
        (_answers(FIRST, null=1.5), 0.0, 0.25),
        (_answers(FIRST, null=1.5), -1.5, 0.5),
        (Answers((), float("-inf"), 1.0), 0.0, float("inf")),
    ],
)
def test_the_margin_is_the_closest_of_the_decisions(
    answers: Answers, threshold: float | None, expected: float
) -> None:
    assert screening.decision_margin(answers, threshold) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("flags : fpu avx512f amx_bf16 amx_tile", True),
        ("flags : fpu avx512_bf16", True),
        ("flags : fpu avx512f avx512_vnni amx_int8", False),
        ("Features : fp asimd bf16", False),
        ("", False),
    ],
)
def test_units_are_what_the_kernel_says(flags: str, expected: bool) -> None:
    assert screening.multiplies_bfloat16(f"processor : 0\n{flags}\n") is expected


def test_screening_is_the_default_where_it_pays(make_model: Make, tmp_path: Path) -> None:
    start = f'kind = "extractive"\nweights = {{ folder = "{tmp_path}" }}\n'
    for more, expected in (
        ("", screening.has_bfloat16_units()),
        ("screen = true", True),
        ("screen = false", False),
        ('dtype = "bfloat16"', False),
        ('device = "auto"', False),
        ('quantization = "int8"', False),
    ):
        model = make_model(start + more)
        assert isinstance(model, Extractive)
        assert model.screens is expected
    for more in ('dtype = "float16"', 'device = "cuda"', 'quantization = "int8"'):
        with pytest.raises(DataError, match=r'screen: gives the answers of dtype = "float32"'):
            make_model(f"{start}screen = true\n{more}")
