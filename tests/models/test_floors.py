from collections import Counter
from collections.abc import Callable

import networkx
import numpy as np
import pytest

from harness.files import shipped_path
from harness.models.floors.lexrank import centrality, cosine, tfidf_cosine
from harness.models.model import Model
from harness.records import Query
from harness.suite.articles import read_articles
from harness.text import sentences, words

ARTICLES = [article.text for article in read_articles(shipped_path("seeds")).values()]
TEXT = "One fish. Two fish. Red fish. Blue cat."

Make = Callable[[str], Model]


def _summary(model: Model, text: str) -> str:
    (prediction,) = model.predict([Query("summarize", text)])
    return prediction.text


def _answer(model: Model, text: str, question: str) -> str:
    (prediction,) = model.predict([Query("answer", text, question)])
    return prediction.text


def test_lead_is_the_beginning(make_model: Make) -> None:
    assert _summary(make_model('kind = "lead"\nsentences = 2'), TEXT) == "One fish.\nTwo fish."
    assert _summary(make_model('kind = "lead"\nsentences = 9'), TEXT).count("\n") == 3


def test_random_keeps_order_and_depends_on_seed_and_text_alone(make_model: Make) -> None:
    drawn = set()
    for seed in range(20):
        model = make_model(f'kind = "random"\nsentences = 2\nseed = {seed}')
        text = _summary(model, TEXT)
        assert text == _summary(model, TEXT)
        assert model.predict([Query("summarize", t) for t in ("Other.", TEXT)])[1].text == text
        places = [TEXT.index(line) for line in text.split("\n")]
        assert places == sorted(places)
        assert len(places) == 2
        drawn.add(text)
    assert len(drawn) > 3  # of the six there are


def test_random_draws_every_sentence_equally_often(make_model: Make) -> None:
    """600 draws of 1 in 4: each count is binomial with mean 150 and deviation 10.6."""
    counts = Counter(
        _summary(make_model(f'kind = "random"\nsentences = 1\nseed = {seed}'), TEXT)
        for seed in range(600)
    )
    assert all(abs(counts[s.text] - 150) < 4 * 10.6 for s in sentences(TEXT))


def test_tfidf_cosine_by_hand() -> None:
    # idf: a = ln(3/2), b = ln(3/1), c = ln(3/2). Rows: (a, b, 0), (a, 0, c), (0, 0, 2c).
    a, b, c = np.log(1.5), np.log(3), np.log(1.5)
    expected_01 = a * a / (np.hypot(a, b) * np.hypot(a, c))
    expected_12 = c / np.hypot(a, c)
    found = tfidf_cosine([["a", "b"], ["a", "c"], ["c", "c"]])
    assert found[0, 1] == pytest.approx(expected_01)
    assert found[1, 2] == pytest.approx(expected_12)
    assert found[0, 2] == 0
    assert np.diag(found) == pytest.approx([1, 1, 1])


def test_a_zero_vector_resembles_nothing() -> None:
    assert cosine(np.array([[0.0, 0.0], [3.0, 4.0]])).tolist() == [[0, 0], [0, 1]]


@pytest.mark.parametrize("damping", [0.5, 0.85])
@pytest.mark.parametrize("text", ARTICLES)
def test_centrality_is_networkx_pagerank(text: str, damping: float) -> None:
    similarity = tfidf_cosine([words(s.text) for s in sentences(text)])
    similarity[similarity < 0.1] = 0
    similarity[2, :] = 0  # a dangling row, which pagerank spreads evenly too
    ranks = centrality(similarity, damping)
    graph = networkx.DiGraph(similarity)
    expected = networkx.pagerank(graph, alpha=damping, tol=1e-12, max_iter=1000)
    assert ranks.tolist() == pytest.approx([expected[i] for i in range(len(ranks))], abs=1e-9)
    assert ranks.sum() == pytest.approx(1)


def test_lexrank_takes_the_central_sentence(make_model: Make) -> None:
    """Gold links the first sentence to the second, silver the third; nothing links them else."""
    text = "Gold rose. Gold and silver fell. Silver sank."
    model = make_model('kind = "lexrank"\nsentences = 1\nthreshold = 0.0')
    assert _summary(model, text) == "Gold and silver fell."
    assert _summary(make_model('kind = "lexrank"'), text).split("\n") == [
        "Gold rose.",
        "Gold and silver fell.",
        "Silver sank.",
    ]


def test_best_sentence_has_the_rarest_shared_words(make_model: Make) -> None:
    model = make_model('kind = "best-sentence"')
    text = "The deal was long. The deal was signed in Tokyo. The deal was praised."
    assert _answer(model, text, "Where was the deal signed?") == "The deal was signed in Tokyo."
    assert _answer(model, text, "Who objected?") == "The deal was long."  # the first of equals
    # Alms and day: one letter, one mark apart.
    assert _answer(model, "दान दिया। दिन बीता।", "कौन सा दिन?") == "दिन बीता।"
    assert _answer(model, "他去了罗马。她去了米兰。", "谁去了米兰?") == "她去了米兰。"


@pytest.mark.parametrize("kind", ["lead", "random", "lexrank"])
def test_no_text_has_an_empty_summary(make_model: Make, kind: str) -> None:
    assert _summary(make_model(f'kind = "{kind}"'), " \n ") == ""


@pytest.mark.parametrize("kind", ["best-sentence", "no-answer"])
def test_no_text_has_an_empty_answer(make_model: Make, kind: str) -> None:
    assert _answer(make_model(f'kind = "{kind}"'), "", "Who?") == ""


def test_no_answer_never_answers(make_model: Make) -> None:
    assert _answer(make_model('kind = "no-answer"'), TEXT, "How many fish?") == ""
