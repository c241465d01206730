"""Languages by their codes."""

import re

from harness.errors import MetricError

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{2,8})*")

# ISO 639-1: every language with a code of two letters.
_TWO_LETTERS = frozenset(
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da "
    "de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy "
    "hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg "
    "li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or "
    "os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta "
    "te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu".split()
)
# The codes of three letters of the languages that a rule here is for, and of Mandarin: those of
# ISO 639-3, those of a language's main form (arb is Standard Arabic) and the older of ISO 639-2/B.
_THREE_LETTERS = {
    "ara": "ar", "arb": "ar", "arm": "hy", "aze": "az", "azj": "az", "baq": "eu", "bod": "bo",
    "bur": "my", "cat": "ca", "ces": "cs", "chi": "zh", "cmn": "zh", "cze": "cs", "dan": "da",
    "deu": "de", "dut": "nl", "ekk": "et", "ell": "el", "eng": "en", "epo": "eo", "est": "et",
    "eus": "eu", "fas": "fa", "fin": "fi", "fra": "fr", "fre": "fr", "ger": "de", "gle": "ga",
    "gre": "el", "hin": "hi", "hun": "hu", "hye": "hy", "ind": "id", "ita": "it", "jpn": "ja",
    "khm": "km", "kor": "ko", "lao": "lo", "lit": "lt", "mya": "my", "nep": "ne", "nld": "nl",
    "nno": "nn", "nob": "nb", "nor": "no", "npi": "ne", "per": "fa", "pes": "fa", "pol": "pl",
    "por": "pt", "ron": "ro", "rum": "ro", "rus": "ru", "sot": "st", "spa": "es", "srp": "sr",
    "swe": "sv", "tam": "ta", "tha": "th", "tib": "bo", "tur": "tr", "vie": "vi", "ydd": "yi",
    "yid": "yi", "zho": "zh",
}  # fmt: skip


def language_code(tag: str) -> str:
    """Return the language of a tag such as `de`, `pt-BR` or `zh_Hans`, without what follows it.

    A code of three letters becomes that of two if a rule here is for the language. Raises
    MetricError for what is no tag (BCP 47), and two letters that are no language.

    >>> language_code("zh-Hans-CN"), language_code("arb_Arab")
    ('zh', 'ar')
    """
    match = _TAG.fullmatch(tag)
    code = match[1].lower() if match else ""
    code = _THREE_LETTERS.get(code, code)
    if not code or (len(code) == 2 and code not in _TWO_LETTERS):
        raise MetricError(f"the language {tag!r} is no code; give one such as de, pt-BR or zh")
    return code
