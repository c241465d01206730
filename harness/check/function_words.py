"""Which language a text is in, by its most frequent words."""

from collections.abc import Mapping

from harness.text import words

# Of each language words that no text does without, and that hardly any other of these has.
FUNCTION_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(listed.split())
    for language, listed in {
        "en": "the and of to that it was with which from this have had were been would they",
        "de": "der die das und ist nicht mit dem den ein eine auf für sich auch wurde werden",
        "fr": "le les des et est une dans qui que pour pas sur avec ce cette sont été aux",
        "es": "el los las y que en una por con para del su como más fue pero este ha",
        "it": "il che di è una per non con del della sono gli nel dei ha alla anche più",
        "pt": "o os que não uma com para do da em mais foi ao dos das são pelo também",
        "nl": "het een van en dat niet met zijn voor op te ook werd aan wordt deze bij",
        "sv": "och att det som en är av för inte med till den på har ett var om",
        "pl": "i w nie na się że do jest z jak to po ale przez został oraz",
        "tr": "ve bir bu için ile da de olarak daha çok olan gibi kadar sonra ancak",
        "ru": "и в не на что с он как это по но из за от было для его",
        "uk": "і в не на що з він як це та але із за від було для його є",
    }.items()
}
_LEAST = 8  # of these words, below which nothing is said
_SURE = 2  # times as many as of the stated language


def another_language(text: str, stated: str) -> str | None:
    """Return the language that a text is in, where that is surely another than the one stated.

    `None` where it is the stated one, where nothing is known of that, and of few words.

    >>> another_language("Der Mann und die Frau, das Kind und der Hund: alle sind da.", "en")
    'de'
    >>> another_language("The man and the woman, the child and the dog: all were there.", "en")
    """
    if stated not in FUNCTION_WORDS:
        return None
    tokens = words(text)
    counts = {
        language: sum(token in listed for token in tokens)
        for language, listed in FUNCTION_WORDS.items()
    }
    best = max(counts, key=counts.__getitem__)
    if counts[best] < min(_LEAST, len(tokens) / 4) or counts[best] < _SURE * counts[stated]:
        return None
    return best if best != stated and counts[best] else None
