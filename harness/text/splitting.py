"""Sentences of a text, by rules that need no download, no training and no language's name.

`SENTENCE_SPLITTER` names their version: it belongs in the signature of every number that depends on
where a sentence ends. The time is linear in the length of a line: what stands before and after a
mark is looked at over a bounded distance.

A line break ends a sentence. So do the marks of many scripts; a full stop does unless what stands
before it is a number of a list, an initial or an abbreviation, and what follows goes on. A line
without marks, as in Thai, is one sentence. The words of all languages stand in the same lists: a
text's language need not be known.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

SENTENCE_SPLITTER = "harness-2"

# How far back the word before a mark is looked for: no abbreviation is longer.
_LOOK_BACK = 24

# A mark, what closes after it (quotes, brackets, a French » after its blank, notes as in [17]), and
# the next word with its full stop. Latin marks count before white space only, so that 3.5, e-mail
# addresses and "...see" stay whole; spaced dots (. . .) are one mark. Marks of other scripts need
# no space. Quantifiers are possessive and a run is entered at its first mark only: else a line of
# dots would take the square of its length.
_MARK = re.compile(
    r"((?<![.!?…])[.!?…]++(?:[ \u00a0]\.(?![^\s\"'”’»)\]]))*+)"
    r"([\"'”’“‘»«)\]]*+(?:[ \u00a0\u202f]»(?!\w))?)(?:\s?\[\d{1,3}\])*+"
    r"(?=\s++[\"'“‘„”«»‹(\[¿¡—–-]*+\s?([^\W_][\w’'-]*+)?(\.?)|$)"
    r"|([。！？｡؟۔।॥։።፧။។៕]++[.!?…]*+"
    # The Greek question mark, which most write as a semicolon.
    r"|[;\u037e](?<=[\u0370-\u03ff\u1f00-\u1fff].)"
    r"(?=[»”\"')]*+(?:\s++[«“\"'(–—-]*+[\u0386-\u03ab]|\s*+$)))([\"'”’»)\]」』）】》〉]*+)"
)
# What a mark begins with: a search for one of some characters is many times as fast.
_MARK_BEGINS = re.compile("[.!?…。！？｡؟۔।॥։።፧။។៕;\u037e]")
_BLANKS = re.compile(r"\s*+")
_DASH = re.compile(r"\s*+[—–-]")
_BEFORE_WORD = re.compile(r"[\s(\[“‘„\"«»–—/-]")
_LETTERS_WITH_DOTS = re.compile(r"(?:[^\W\d_]{1,2}\.-?)*[^\W\d_]")
_CAMEL_CASE = re.compile(r"[a-z]{1,2}[A-Z]")
_APOSTROPHE = re.compile("['’]")
_ROMAN = re.compile(r"[IVXLC]{2,}")

# “Why now?” Mr. Xi asked. A verb in lower case needs no rule; these follow a name, or stand in a
# script without case.
_REPORTING = re.compile(
    r"\s*+(?:(?:[^\s.!?]{1,30}|[A-Z][a-z]{0,4}\.)\s+){0,4}?"
    r"(?:said|says|asked|asks|told|added|wrote|replied|shouted|[وف]?(?:قال|سأل|أضاف|أجاب)ت?|پوچھا|کہا"
    r"|पूछा|कहा)(?!\w)"
)
_REPORTING_WITHOUT_SPACES = re.compile(r"と|って|[^\s。！？，、]{1,6}?[说說问問]")

# "At 5 a.m. Mr. Smith left": a sentence that begins with the time goes on after it.
_TIME_AHEAD = re.compile(r"(?:At|By|Around|About|Before|After|Until|From)\s[\d:.]{1,5}\s?")

# A number or letter at the start of a line, or one that goes on from the last: 1. … 2. …
_ENUMERATOR = re.compile(r"(?<!\S)(\(?)(\d{1,3}|[A-Za-z])(\.\)|[.)])(?=\s)")
_FIRST_AFTER_COLON = re.compile(r":\s\(?[1a][.)]")
_BULLETS = "•⁃‣▪●◦"

# Titles and what else stands before a name never end a sentence, nor does what is always explained
# or compared by the words after it. Here and below capitals count: "Gen. Lee", but "a new gen."
_NEVER_END = frozenset(
    "Mr Mrs Ms Dr Prof Rev Fr Hon Sen Rep Reps Sens Gov Gen Col Lt Sgt Cpl Pvt Capt Cmdr Adm Maj "
    "Brig Pres Amb Adv Insp Supt Det Messrs Mt Ft Pte MR MRS MS DR SEN REP GOV GEN "
    "Hr Frl Hl Mme Mlle Mgr Sra Srta Dra Dña Sig Dott Dhr Mevr Им Ул Акад Проф डॉ श्री प्रो "
    "mr mrs ms dr prof sr sra srta dra им ул акад проф гр пр "
    "vs v approx ca cf e.g i.e viz incl Approx Cf E.g I.e "
    "bzw vgl ggf evtl sog inkl geb ex ej EE av bijv Vgl Ggf Evtl Ej".split()
)
# These end nothing if a number follows, and are words like others if not: "No. 5", "He said no."
_BEFORE_NUMBER = frozenset(
    "no nos n° nº nr núm fig figs vol vols pp pg ch chap sec secs § art arts para paras pt bk rte "
    "rt hwy apt rm ext pop rs est ft hr hrs min mins lb lbs oz yd abs bd str pág págs tel стр рис "
    "гл ст табл रु".split()
)
# These may end a sentence; then what follows must look like a beginning. Suffixes of names and
# firms, streets, states, months, days.
_MAY_END = frozenset(
    "Jr Sr Esq Inc Corp Co Ltd Bros Dept Univ Assn Inst Intl Mfg JR INC CORP CO LTD "
    "St Ave Blvd Rd Ln Ct Sq Pl Pkwy ST AVE Str Mio Mrd Jh "
    "Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Ky La Mass Md Mich Minn Miss Mo Mont Neb "
    "Nev Okla Ore Pa Tenn Tex Va Vt Wash Wis Wyo Ont Que "
    "Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun "
    "jan feb aug sept oct nov dec jr inc corp co ltd "
    "etc al plc llc st usw UU Ud Uds руб коп млн млрд тыс др гг".split()
)
_TIMES = frozenset(["a.m", "p.m", "A.M", "P.M"])
_AFTER_TIME = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May "
    "June July August September October November December Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct "
    "Nov Dec Mon Tue Tues Wed Thu Thurs Fri Sat Sun ET EST EDT CT CST CDT MST MDT PT PST PDT GMT "
    "UTC BST CET CEST JST IST KST Eastern Central Mountain Pacific".split()
)
# An ordinal in German: "der 45. Präsident", "am 3. Oktober".
_BEFORE_ORDINAL = re.compile(r"(?i)\b(?:der|des|dem|den|das|im|zum|zur|vom|beim)\s\d{1,2}$")
_AFTER_ORDINAL = frozenset(
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember "
    "Jahrhundert Jahrhunderts Weltkrieg Bundesliga".split()
)
# Function words, which begin a sentence far more often than they follow an abbreviation with a
# capital. None that is part of names: "J. La Russa", "M. Le Pen".
_STARTERS = frozenset(
    "a an the this that these those it its he his she her they their we our you your i in on at "
    "as by for from with to of but and or so yet if when while after before since although though "
    "because however meanwhile moreover also then there here what who where why how which whose "
    "both each some many most no not none nobody nothing someone somebody everyone everybody all "
    "any another several few such one two other others according during under over until unless "
    "among despite instead indeed thus therefore nevertheless later now today yesterday last once "
    "even only just still perhaps maybe yes let did do does is are was were can could would should "
    "has have had "
    "er sie es wir ich ihr das der die dies diese dieser ein eine im am und aber auch nach bei mit "
    "il elle ils elles nous vous je ce cette ces cela les une on mais et dans pour après "
    "él ella ellos ellas esto esta este pero una según "
    "в на но и а он она оно они это этот эта эти как по если когда после также однако при для мы "
    "вы я не что так затем потом теперь его её их".split()
)
# Their full stop is no initial's: "in the U.S. Mr. Xi left", but not "the U.S. Gen. Grant".
_COURTESY = frozenset(["mr", "mrs", "ms"])
# "with the U.S. China does not", but "the U.S. China policy", "the U.S. Army does not".
_NEXT_CLAUSE = re.compile(
    r"\s*+(?:China|Russia|India|Japan|Germany|France|Britain|Canada|Mexico|Brazil|Iran|Israel|Italy"
    r"|Ukraine|Turkey|Europe|Australia|Beijing|Moscow|Washington|London|Paris|Tokyo|Brussels)\s+"
    r"(?:does|do|did|is|was|has|had|will|would|can|could|may|might|must|should|says|said|wants)\b"
)


class Span(NamedTuple):
    """A piece of a text: `text[start:end]`, offsets in characters."""

    start: int
    end: int
    text: str


def sentences(text: str) -> list[Span]:
    """Split `text` into sentences, in order; offsets are characters of `text`.

    >>> [s.text for s in sentences("Mr. Xi met the U.S. envoy. It cost $3.5 billion.")]
    ['Mr. Xi met the U.S. envoy.', 'It cost $3.5 billion.']
    """
    return list(_spans(text))


@lru_cache(maxsize=8)  # of a summary one thing after another is looked at by its sentences
def _spans(text: str) -> tuple[Span, ...]:
    spans = []
    uncased = text.islower()
    offset = 0
    for line in text.split("\n"):
        start = 0
        for end in [*_boundaries(line, uncased=uncased), len(line)]:
            piece = line[start:end].lstrip()
            if piece:
                begin = offset + end - len(piece)
                piece = piece.rstrip()
                spans.append(Span(begin, begin + len(piece), piece))
            start = end
        offset += len(line) + 1
    return tuple(spans)


def _boundaries(line: str, *, uncased: bool) -> Iterator[int]:
    """Yield where sentences of a line end, in order; two may enclose blanks only.

    In a text without any capital, a small letter says nothing of what it begins.
    """
    first = start = _end_of_blanks(line, 0)
    items = _list_items(line, first)
    item = 0
    for mark in _marks(line):
        enumerates = False
        while item < len(items) and items[item][0] < mark.end():
            start, end = items[item]
            yield start
            enumerates = mark.start() < end
            item += 1
        if not enumerates and _ends_sentence(line, start, mark, uncased=uncased):
            yield mark.end()
            start = _end_of_blanks(line, mark.end())
    for start, _ in items[item:]:
        yield start


def _marks(line: str) -> Iterator[re.Match[str]]:
    """Yield what `_MARK.finditer` does."""
    end = 0
    for sign in _MARK_BEGINS.finditer(line):
        mark = _MARK.match(line, sign.start()) if sign.start() >= end else None
        if mark:
            yield mark
            end = mark.end()


def _list_items(line: str, first: int) -> list[tuple[int, int]]:
    """Return where the items of a list begin, and where their numbers or bullets end.

    A bullet that begins the line, at `first`, begins each item. A number or letter begins one at
    the start of the line, or one higher than the last of its kind, but not after a comma or an
    "and". The items of a list after a colon are two or more, and sentences.
    """
    if first < len(line) and line[first] in _BULLETS:
        bullet = re.compile(rf"(?<!\S){line[first]}\s*+(?:\d{{1,3}}[.)])?")
        return [found.span() for found in bullet.finditer(line)]
    items: list[tuple[int, int]] = []
    enumerates = _ENUMERATOR.match(line, first) or (":" in line and _FIRST_AFTER_COLON.search(line))
    if not enumerates:
        return items
    after_colon: tuple[int, int] | None = None
    wanted = None
    for found in _ENUMERATOR.finditer(line):
        opening, value, closing = found.groups()
        kind = (opening, closing, value.isdigit(), value.isupper())
        number = int(value) if value.isdigit() else ord(value)
        before = line[max(0, found.start() - 5) : found.start()].rstrip()
        if found.start() == first:
            items.append(found.span())
        elif wanted == (kind, number) and not (value.isupper() and closing == "."):
            if before.endswith((",", ";", " and", " or")) or (
                after_colon and before[-1:] not in tuple(".!?")
            ):
                continue
            items += [after_colon] if after_colon else []
            items.append(found.span())
            after_colon = None
        elif value in ("1", "a") and before.endswith(":"):
            after_colon = found.span()
        else:
            continue
        wanted = (kind, number + 1)
    return items


def _ends_sentence(line: str, start: int, mark: re.Match[str], *, uncased: bool) -> bool:
    """Return whether a mark ends the sentence that began at `start` of the line."""
    sign, closed, word, dot, other, other_closed = mark.groups(default="")
    end = mark.end()
    if other:
        says = _REPORTING_WITHOUT_SPACES.match(line, end) or _REPORTING.match(line, end)
        return not (other_closed and says)
    if word[:1].islower() and not uncased and not _CAMEL_CASE.match(word):
        return False
    if "!" in sign or "?" in sign:
        return not (closed and _REPORTING.match(line, end))
    before = line[max(start, mark.start() - _LOOK_BACK) : mark.start()]
    token = before[before.rfind(" ") + 1 :]
    if not token.isalnum():
        token = _BEFORE_WORD.split(token)[-1].lstrip("'’")
    opening = before[: len(before) - len(token)][-1:]
    if sign == ".":
        if opening == "(" and ")" in closed and start < mark.start() - len(token) - 1:
            return False  # Col. (ret.) Reed
        return _full_stop_ends(line, start, mark, before, token)
    # An ellipsis after a blank is mostly a pause; [...] stands for words left out.
    if token or sign.count(".") > 3:
        return True
    return opening not in tuple("[(") and word != "I" and _begins(word, dot)


def _full_stop_ends(line: str, start: int, mark: re.Match[str], before: str, token: str) -> bool:
    """Return whether one full stop after the word `token` ends the sentence."""
    word, dot = mark[3] or "", mark[4] or ""
    if token in _NEVER_END:
        return False
    if word[:1].isdigit() or _ROMAN.fullmatch(word):
        elided = _APOSTROPHE.split(token)[-1].lower()  # l'art. 5
        if elided in _BEFORE_NUMBER:
            return False
    if token.isdecimal():
        ordinal = word in _AFTER_ORDINAL or _BEFORE_ORDINAL.search(before)
        return len(token) > 2 or not ordinal
    if token.lstrip("0123456789:.") in _TIMES:
        ahead = _TIME_AHEAD.fullmatch(line, start, mark.start() - len(token))
        goes_on = word in _AFTER_TIME or ahead or _DASH.match(line, mark.end())
        return not goes_on and (word[:1].isupper() or _begins(word, dot))
    letters = (len(token) == 1 or "." in token) and _LETTERS_WITH_DOTS.fullmatch(token)
    if letters or token in _MAY_END:
        if start == mark.start() - 1 or _DASH.match(line, mark.end()):
            return False  # WASHINGTON, D.C. — The museum; Q. Why? A. Because.
        next_clause = letters and _NEXT_CLAUSE.match(line, mark.end())
        return bool(mark[2] or next_clause) or _begins(word, dot)
    return not "\u0e00" <= token[-1:] <= "\u0eff"  # Thai and Lao abbreviate with it


def _begins(word: str, dot: str) -> bool:
    """Return whether a word looks like the beginning of a sentence; an initial does not."""
    return re.split("[’']", word, maxsplit=1)[0].lower() in (_COURTESY if dot else _STARTERS)


def _end_of_blanks(line: str, start: int) -> int:
    found = _BLANKS.match(line, start)
    return found.end() if found else start
