import pytest

from harness.errors import MetricError
from harness.metrics import metrics, short_signature
from harness.metrics.answer import Answer


def test_squad_s_numbers_and_those_of_numbers_side_by_side() -> None:
    """SQuAD drops the point and the sign, so 3.5% is 35; the other two compare "3.5", "%" with "35"."""
    assert Answer().score("3.5%", ["35"]) == {
        "exact_match": 1.0,
        "f1": 1.0,
        "number_exact_match": 0.0,
        "number_f1": 0.0,
    }
    assert list(Answer().signatures) == list(Answer().score("", []))


def test_the_version_of_squad_is_the_user_s() -> None:
    assert Answer("1.1").score("the", ["a"])["f1"] == 0.0
    with pytest.raises(MetricError, match="does not know"):
        metrics("answer", {"squad": "1.1"}).score("", [])


def test_the_short_signature_tells_what_the_full_one_tells() -> None:
    """The digits are those of `printf %s SIGNATURE | sha256sum`."""
    assert short_signature("f1|counts:multiset|harness-1") == "f1:5a7d8c6e"
    texts = [*Answer("1.1").signatures.values(), *Answer().signatures.values()]
    assert len({short_signature(text) for text in texts}) == len(set(texts)) == 6
