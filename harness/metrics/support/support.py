"""What an article bears out of its summary, as numbers: `Support`, and what each is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from statistics import fmean

from harness.errors import MetricError
from harness.metrics.blind_spot import DROPPED, BlindSpot
from harness.metrics.length import COUNTING, WORDS
from harness.metrics.rouge.rouge import Rouge
from harness.metrics.rouge.tokenization import Tokenizer
from harness.metrics.support.fragments import (
    IndexedWords,
    extractive_coverage,
    extractive_density,
    fragment_lengths,
)
from harness.metrics.support.localized import SENTENCES, LocalizedArticle, SentenceSupport
from harness.metrics.support.measures import MEASURES
from harness.metrics.support.novelty import SIZES, NGram, ngrams, novel_share
from harness.metrics.support.reading import Reader, TextWords
from harness.metrics.unsupported import ArticleFacts, checked_spans
from harness.text import SENTENCE_SPLITTER, words

IMPLEMENTATION = "harness-support-1"

# Articles that are kept as they were read, for the next summary.
_KEPT_ARTICLES = 16

# Summaries that are held against their articles at once where there are many.
_CHUNK = 256


_KINDS = {"number": "numbers", "name": "names", "quote": "quotes"}


class _ReadArticle:
    """An article, and what is looked up in it: made when it is first wanted, and kept."""

    def __init__(self, text: str, read: TextWords) -> None:
        self.read = read
        self.facts = ArticleFacts(text)
        self.localized = LocalizedArticle(read.sentences)

    @cached_property
    def indexed(self) -> IndexedWords:
        return IndexedWords(self.read.words)

    @cached_property
    def ngrams(self) -> Mapping[int, frozenset[NGram]]:
        return {n: frozenset(ngrams(self.read.words, n)) for n in SIZES}


class Support:
    """How far an article bears out its summary, by words; see `MEASURES` and each one's file.

    `support` is the mean over the summary's sentences, `support_least` the least of them
    (`localized`). `source_rouge2_precision` is ROUGE-2's precision with the article as the
    reference. `unsupported` counts numbers, names and quotes that the article does not have, as
    the report marks them; `unsupported_share` is their share of all that the summary has. These
    are by rules for English, and there are none of other languages. `words` is the summary's
    length, by `harness.text.words`.

    A summary without a word has `words` alone: what it does not say is neither true nor false, and
    a number would look like one or the other. Likewise a summary of one word has no 2-grams, and
    one without numbers, names and quotes no share of them: the measure is left out, to be counted.

    `language` is the texts' own, English where it is `None`. `tokenizer` and `stemmer` are those of
    `Rouge`, for `source_rouge2_precision` alone. Raises MetricError as `Rouge` does.
    """

    def __init__(
        self,
        language: str | None = None,
        *,
        tokenizer: Tokenizer | None = None,
        stemmer: bool | None = None,
    ) -> None:
        self._reader = Reader(language)
        self._rouge = Rouge(("rouge2",), language=language, tokenizer=tokenizer, stemmer=stemmer)
        self._english = self._reader.language is None
        self._articles: dict[str, _ReadArticle] = {}

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each measure."""
        reader, end = self._reader, IMPLEMENTATION
        localized = (
            f"heaviest common subsequence|place:{SENTENCES} sentences|"
            f"weights:ln((n+1)/d) of sentences|{reader.sentences_signature}|{end}"
        )
        facts = f"spans of the report|sentences:{SENTENCE_SPLITTER}|{COUNTING}|{end}"
        counted = {name: f"{name}|count|{facts}" for name in MEASURES if name[:11] == "unsupported"}
        counted["unsupported_share"] = f"unsupported_share|of all numbers, names, quotes|{facts}"
        rouge = self._rouge.signatures["rouge2"].partition("|f1|")[2]
        surface = f"{reader.words_signature}|{end}"
        signatures = {
            "support": f"support|mean of sentences|{localized}",
            "support_least": f"support_least|least of sentences|{localized}",
            "source_rouge2_precision": f"source_rouge2_precision|reference:article|{rouge}",
            **(counted if self._english else {}),
            **{f"novel_{n}grams": f"novel_{n}grams|share of tokens|{surface}" for n in SIZES},
            "extractive_coverage": f"extractive_coverage|grusky-2018|{surface}",
            "extractive_density": f"extractive_density|grusky-2018|{surface}",
            WORDS: f"{WORDS}|count|{COUNTING}|{end}",
        }
        return {name: signatures[name] for name in MEASURES if name in signatures}

    @property
    def blind_spot(self) -> BlindSpot | None:
        """What the default tokenizer drops, of `source_rouge2_precision`; all others see all."""
        return replace(DROPPED, about="source_rouge2") if self._rouge.blind_spot else None

    def score_with_article(self, prediction: str, article: str) -> dict[str, float]:
        """Return each measure of a summary that there is; see the class for what is left out.

        Raises MetricError for an article without a word, or of which ROUGE's tokenizer drops every
        letter.
        """
        return next(self.score_many_with_articles([prediction], [article]))

    def score_many_with_articles(
        self, predictions: Iterable[str], articles: Iterable[str]
    ) -> Iterator[dict[str, float]]:
        """Yield what `score_with_article` returns, one after the other.

        Some hundred are read ahead. Raises ValueError where there are more or fewer articles.
        """
        pairs = zip(predictions, articles, strict=True)
        while chunk := list(islice(pairs, _CHUNK)):
            scored = [self._without_overlap(prediction, article) for prediction, article in chunk]
            together = [pair for pair, (_, count) in zip(chunk, scored, strict=True) if count > 1]
            overlaps = self._rouge.precision_recall_f1_many(
                (prediction for prediction, _ in together), ([article] for _, article in together)
            )
            for scores, count in scored:
                if count > 1:
                    scores["source_rouge2_precision"] = next(overlaps)["rouge2"].precision
                yield {name: value for name in MEASURES if (value := scores.get(name)) is not None}

    def _without_overlap(
        self, prediction: str, article: str
    ) -> tuple[dict[str, float | None], int]:
        """Return each measure but the overlap of 2-grams, and how many words there are."""
        known = self._read_article(article)
        scores: dict[str, float | None] = {WORDS: len(words(prediction))}
        read = self._reader.read(prediction)
        if read.words:
            by_sentence = [part.support for part in known.localized.support(read.sentences)]
            scores["support"], scores["support_least"] = fmean(by_sentence), min(by_sentence)
            lengths = fragment_lengths(read.words, known.indexed)
            scores["extractive_coverage"] = extractive_coverage(lengths, len(read.words))
            scores["extractive_density"] = extractive_density(lengths, len(read.words))
            for n in SIZES:
                scores[f"novel_{n}grams"] = novel_share(ngrams(read.words, n), known.ngrams[n])
            if self._english:
                scores |= _unsupported(prediction, known.facts)
        return scores, len(read.words)

    def sentences(self, prediction: str, article: str) -> list[SentenceSupport]:
        """Return how far each sentence of a summary is borne out, and where, in order.

        Sentences without a word are left out. Raises MetricError for an article without one.
        """
        known = self._read_article(article)
        return known.localized.support(self._reader.read(prediction).sentences)

    def _read_article(self, text: str) -> _ReadArticle:
        known = self._articles.get(text)
        if known is None:
            read = self._reader.read(text)
            if not read.words:
                raise MetricError(
                    f"the article {text.strip()[:40]!r} has no word; nothing can be borne out by "
                    "it: give the article's text"
                )
            if len(self._articles) >= _KEPT_ARTICLES:
                del self._articles[next(iter(self._articles))]
            known = self._articles[text] = _ReadArticle(text, read)
        return known


def _unsupported(summary: str, facts: ArticleFacts) -> dict[str, float | None]:
    spans = checked_spans(summary, facts)
    missing: Sequence[str] = [span.kind for span in spans if not span.supported]
    counts: dict[str, float | None] = {
        f"unsupported_{plural}": missing.count(kind) for kind, plural in _KINDS.items()
    }
    share = len(missing) / len(spans) if spans else None
    return {"unsupported": len(missing), **counts, "unsupported_share": share}
