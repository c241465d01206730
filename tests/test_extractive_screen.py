from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import DataError
from harness.models import Model, screen
from harness.models.extractive import Extractive
from harness.models.spans import Answer, Answers
from harness.records import Query
from harness.suite import read_suite

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

    def noted(asked: Any, *, rounded: bool = False) -> Any:
        seen.append((len(asked), rounded))
        return read(asked, rounded=rounded)

    monkeypatch.setattr(reader, "read", noted)
    return seen


@pytest.mark.parametrize("more", ["no_answer = false", "no_answer = true"])
def test_screened_answers_are_those_of_float32(
    make_model: Make, tiny_folder: Tiny, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    plain = _load(make_model, tiny_folder, f"screen = false\n{more}").predict(SHORT)
    screening = _load(make_model, tiny_folder, f"screen = true\n{more}\nscreen_margin = 0.4")
    seen = _counted(screening, monkeypatch)
    screened = screening.predict(SHORT)
    assert [(one.text, one.span) for one in screened] == [(one.text, one.span) for one in plain]
    (first, again) = seen
    assert first == (len(SHORT), True)
    assert not again[1]
    assert 0 < again[0] < len(SHORT)
    # What was read again has float32's probabilities, the rest has others.
    same = [
        one.confidence == pytest.approx(other.confidence, abs=1e-6)
        for one, other in zip(screened, plain, strict=True)
    ]
    assert again[0] <= sum(same) < len(SHORT)


def test_rounding_moves_every_score_a_little(make_model: Make, tiny_folder: Tiny) -> None:
    model = _load(make_model, tiny_folder, "screen = true")
    cutter, reader = model.__dict__["_loaded"]
    asked = [(q.context, cutter.cut(q.question or "", q.context)) for q in SHORT]
    pairs = zip(reader.read(asked, rounded=True), reader.read(asked), strict=True)
    assert all(0 < screen.moved(rounded, exact) < 0.4 for rounded, exact in pairs)


def test_a_model_that_rounds_coarsely_is_read_again_whole(
    make_model: Make, tiny_folder: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tiny margin leaves one question in doubt, and that one shows that it is too small."""
    plain = _load(make_model, tiny_folder, "screen = false").predict(SHORT)
    gaps = []
    for least in (0.4, 0.02, 0.01, 0.005, 0.002):
        model = _load(make_model, tiny_folder, f"screen = true\nscreen_margin = {least}")
        seen = _counted(model, monkeypatch)
        screened = model.predict(SHORT)
        if len(seen) == 3:
            assert seen[1][0] + seen[2][0] == len(SHORT)
            assert [one.confidence for one in screened] == pytest.approx(
                [one.confidence for one in plain], abs=1e-6
            )
            gaps.append(least)
    assert gaps
    assert 0.4 not in gaps


def test_the_head_and_the_norms_stay_float32(make_model: Make, tiny_folder: Tiny) -> None:
    import torch

    model = _load(make_model, tiny_folder, "screen = true")
    reader = model.__dict__["_loaded"][1]
    coarse = dict(reader.coarse.named_parameters())
    rounded = {name for name, p in coarse.items() if p.dtype == torch.bfloat16}
    assert all(p.dtype == torch.float32 for p in reader.network.parameters())
    assert {name.split(".")[-2] for name in rounded} == {"query", "key", "value", "dense"}
    # The rest is the very same memory.
    own = {name for name, p in reader.network.named_parameters() if p is not coarse[name]}
    assert own == rounded
    with torch.inference_mode(), screen.rounding():
        output = reader.coarse(input_ids=torch.ones((1, 4), dtype=torch.int64))
    assert output.start_logits.dtype == torch.float32


def _answers(*found: tuple[float, float, float], null: float = -9.0) -> Answers:
    """Answers of these (weight, probability, rival), with 2 as the best span's logits."""
    return Answers(tuple(Answer(0, 1, 0, p, w, r) for w, p, r in found), best=2.0, null=null)


@pytest.mark.parametrize(
    ("answers", "threshold", "expected"),
    [
        (_answers((0.6, 0.6, 0.0), (0.2, 0.2, 0.0)), None, 1.0986123),  # ln 3
        (_answers((0.6, 0.4, 0.2), (0.2, 0.2, 0.0)), None, 0.6931472),  # ln 2: which of one text
        (_answers((0.6, 0.6, 0.0), null=1.5), None, float("inf")),
        (_answers((0.6, 0.6, 0.0), null=1.5), 0.0, 0.5),
        (_answers((0.6, 0.6, 0.0), null=1.5), -1.5, 1.0),
        (Answers((), float("-inf"), 1.0), 0.0, float("inf")),
    ],
)
def test_the_margin_is_the_closest_of_the_decisions(
    answers: Answers, threshold: float | None, expected: float
) -> None:
    assert screen.margin(answers, threshold) == pytest.approx(expected)


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
    assert screen.multiplies_bfloat16(f"processor : 0\n{flags}\n") is expected


def test_screening_is_the_default_where_it_pays(make_model: Make, tmp_path: Path) -> None:
    start = f'kind = "extractive"\nweights = {{ folder = "{tmp_path}" }}\n'
    for more, expected in (
        ("", screen.has_units()),
        ("screen = true", True),
        ("screen = false", False),
        ('dtype = "bfloat16"', False),
        ('device = "auto"', False),
    ):
        model = make_model(start + more)
        assert isinstance(model, Extractive)
        assert model.screens is expected
    for more in ('screen = true\ndtype = "float16"', 'screen = true\ndevice = "cuda"'):
        with pytest.raises(DataError, match=r'screen: gives the answers of dtype = "float32"'):
            make_model(start + more)
