"""A text's sentences and their words, as they are looked for in an article.

Words are those of ROUGE's unicode tokenizer in every language: letters of all scripts, without
case, and each letter a word in scripts without spaces. Stems are Porter's in English, Snowball's
where it has some for a language, else the words themselves. Tokenized English has "did n't" for
"didn't"; both are read alike.
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

from harness.metrics.languages import language_code
from harness.metrics.rouge.stems.stemming import SNOWBALL, stemmer_of
from harness.metrics.rouge.tokenization import MAX_FORMS, UNICODE_TOKENIZER, unicode_words
from harness.text import SENTENCE_SPLITTER, sentences

_PARTED_NOT = re.compile(r"(?<=\w) (?=n['’]t\b)", re.IGNORECASE)


@dataclass(frozen=True)
class SentenceWords:
    """A sentence with a word at least: `text[start:end]`, its words, and their stems."""

    start: int
    end: int
    words: tuple[str, ...]
    stems: tuple[str, ...]


@dataclass(frozen=True)
class TextWords:
    """A text's sentences; those without a word are left out."""

    sentences: tuple[SentenceWords, ...]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """All words in a row."""
        return tuple(chain.from_iterable(sentence.words for sentence in self.sentences))


class Reader:
    """Reads texts of a language, English where it is `None`; MetricError for what is no code."""

    def __init__(self, language: str | None = None) -> None:
        code = None if language is None else language_code(language)
        self.language = None if code == "en" else code
        """Its code; `None` for English."""
        has_stemmer = self.language is None or self.language in SNOWBALL
        self._stems, stem_form = stemmer_of(self.language, None) if has_stemmer else ("none", bytes)

        def stem(word: str) -> str:
            stemmed = stem_form(word.encode("utf-8", "surrogatepass"))
            return stemmed.decode("utf-8", "surrogatepass")

        self._stem = lru_cache(maxsize=MAX_FORMS)(stem)

    @property
    def words_signature(self) -> str:
        """What pins its words."""
        if self.language is None:
            return f"words:{UNICODE_TOKENIZER}+n't"
        return f"language:{self.language}|words:{UNICODE_TOKENIZER}"

    @property
    def sentences_signature(self) -> str:
        """What pins its sentences and stems."""
        return f"sentences:{SENTENCE_SPLITTER}|stemmer:{self._stems}|{self.words_signature}"

    def read(self, text: str) -> TextWords:
        """Return a text's sentences and words."""
        read = []
        for sentence in sentences(text):
            words = self._words(sentence.text)
            if words:
                stems = tuple(map(self._stem, words))
                read.append(SentenceWords(sentence.start, sentence.end, words, stems))
        return TextWords(tuple(read))

    def _words(self, sentence: str) -> tuple[str, ...]:
        if self.language is None and " n" in sentence:
            sentence = _PARTED_NOT.sub("", sentence)
        return tuple(unicode_words(sentence, self.language))
