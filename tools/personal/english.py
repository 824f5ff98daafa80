"""Finds names and addresses in English texts by a small conditional random field that ships with the package."""

from __future__ import annotations

import gzip
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from workspace.errors import UserError
from workspace.words import Words

if TYPE_CHECKING:
    import pycrfsuite

HERE = Path(__file__).parent
MODEL, LISTS = HERE / "english.crfsuite", HERE / "english.txt.gz"
# Written by `python benchmarks/personal_training.py`; a file that is not the one we made is not used.
SHA = {
    MODEL: "65e3358793fb4f654dad5e19e87aee52b0a20e390418b283f4f6e3ebdee50f12",
    LISTS: "3a452be497f7c97dc7a7be14bd142c3658dec8f375ad0db8153b961a3d410f8a",
}
TOKEN = re.compile(
    r"\d+|(?:(?i:mrs?|ms|dr|prof|st|ave|rd|apt|inc|ltd|co|corp|jr|sr|blvd|no|nr|str|u|ul|av|n|s|e|w|p\.o)|[A-Z])\.|"
    r"[^\W\d_]+(?:['’][^\W\d_]+)*|\n+|[^\w\s]|_"
)
SHORT = re.compile(r".*['’](?:t|re|ll|ve|m|d)")
STREET = re.compile(
    r"street|st\.?|road|rd\.?|avenue|ave\.?|lane|ln\.?|drive|dr\.?|boulevard|blvd\.?|court|ct\.?|square|sq\.?|way|place|pl\.?|"
    r"terrace|highway|hwy\.?|parkway|close|crescent|rue|via|calle|avenida|rua|plaza|platz|weg|straße|strasse|gade|vej|"
    r"gata|gatan|utca|ulica|ul\.?|ulice|piazza|corso|viale|chemin|allée|impasse|laan|straat|plein|tie|katu|väg|vägen|"
    r"veien|vegen|square|estate|hill|park|walk|mews|row|grove|gardens?|\w+(?:straße|strasse|straat|gade|vej|vegen|gatan|"
    r"gata|vägen|tie|katu|laan|weg|gasse|platz|utca|plein|veien|stræde|katu)"
)
STREETS = re.compile(r"street|road|avenue|lane|boulevard|drive|highway")  # no part of a name
UNIT = re.compile(
    r"apt\.?|apartment|suite|ste\.?|unit|flat|floor|box|p\.?o\.?|po|apo|fpo|dpo|ap|aa|ae|psc|usns|uss|usnv|block|house|room|building|bldg\.?"
)
ENDS = ("e3", "e2", "p2")
Label = Literal["NAME", "ADDRESS"]


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Lists:
    """Words in small letters: parts of names and places, company endings, and words of the language."""

    first: frozenset[str]
    last: frozenset[str]
    place: frozenset[str]
    common: frozenset[str]


def tokens(text: str) -> list[Token]:
    return [Token(m[0], m.start(), m.end()) for m in TOKEN.finditer(text)]


def features(words: Sequence[str], lists: Lists, unseen: frozenset[int] = frozenset()) -> list[list[str]]:
    """What each word is like, and its neighbours. `unseen` are words looked up in no list: so a model is taught
    to go by what stands around."""
    case = _case(words)
    own = [[f"s{case}={_shape(word)}", *_own(word, lists, number in unseen)] for number, word in enumerate(words)]
    low = [word.lower() for word in words]
    numbered = range(len(words))
    return [
        [
            "b",
            *own[n],
            *(
                f"{d}:{f}"
                for d in (-2, -1, 1, 2)
                if n + d in numbered
                for f in own[n + d]
                if d in (-1, 1) or f[:2] not in ENDS
            ),
            f"w0={low[n]}",
            f"w-1={low[n - 1] if n else '<'}",
            f"w+1={low[n + 1] if n + 1 < len(words) else '>'}",
            f"w-2-1={low[n - 2] if n > 1 else '<'} {low[n - 1] if n else '<'}",
            f"w+1+2={low[n + 1] if n + 1 < len(words) else '>'} {low[n + 2] if n + 2 < len(words) else '>'}",
        ]
        for n in numbered
    ]


def _own(word: str, lists: Lists, unseen: bool) -> list[str]:
    low = word.lower()
    found = []
    bare = low.removesuffix("'s").removesuffix("’s").rstrip(".")
    if not unseen:
        found += [name for name, words in (("F", lists.first), ("L", lists.last), ("P", lists.place)) if bare in words]
    if bare in lists.common or SHORT.fullmatch(low):
        found.append("C")
    if STREET.fullmatch(low):
        found.append("st")
    if UNIT.fullmatch(low):
        found.append("un")
    if not word.isascii():
        found.append("foreign")
    return [*found, f"e3={bare[-3:]}", f"e2={bare[-2:]}", f"p2={bare[:2]}"]


def _case(words: Sequence[str]) -> str:
    """In a text of small letters, or of capitals, a letter's case says nothing."""
    letters = [word for word in words if word[0].isalpha()]
    if not any(word[0].isupper() for word in letters):
        return "l"
    return "u" if len(letters) > 2 and all(word.isupper() for word in letters) else ""


def _shape(word: str) -> str:
    if word[0] == "\n":
        return "nl"
    if word.isdigit():
        return f"d{min(len(word), 6)}"
    if not word[0].isalpha():
        return word
    bare = word.rstrip(".")
    dot = "." if bare != word else ""
    if len(bare) == 1:
        return ("X" if bare.isupper() else "x") + dot
    kind = "XX" if bare.isupper() else "Xx" if bare[0].isupper() else "xx"
    return ("XxX" if kind == "Xx" and any(c.isupper() for c in bare[1:]) else kind) + dot


def english(text: str) -> Iterator[tuple[Label, int, int]]:
    """(kind, start, end) of each name and address, in the text's order."""
    found = tokens(text)
    if not found:
        return
    tags = _tagger().tag(features([t.text for t in found], _lists()))
    begun: tuple[str, int] | None = None
    for number, tag in enumerate([*tags, "O"]):
        if begun and tag != f"I-{begun[0]}":
            yield from _span(text, found, begun, number)
            begun = None
        if begun is None and tag != "O":
            begun = tag[2:], number


def _span(text: str, found: list[Token], begun: tuple[str, int], behind: int) -> Iterator[tuple[Label, int, int]]:
    kind, first = begun
    start, end = found[first].start, found[behind - 1].end
    said = re.sub(r"['’]s$", "", text[start:end]).rstrip(" \n,;:")
    words = [token.text for token in found[first:behind]]
    street = any(word.isdigit() or STREET.fullmatch(word.lower()) for word in words[1:] or words)
    if (kind == "ADDRESS" and street) or (kind == "NAME" and len(words) > 1 and STREETS.fullmatch(words[-1].lower())):
        yield "ADDRESS", start, start + len(said)
    elif kind == "NAME" and not _no_name(said, text, words):
        yield "NAME", start, start + len(said)


def _no_name(said: str, text: str, words: Sequence[str]) -> bool:
    """Where others are written with capitals, so are names; RR or ASAP among small letters is none. Where nothing
    else tells (small letters, or a text of one word), a part has to be known as a name, and as nothing else."""
    if (said.islower() and not text.islower()) or (len(said) <= 4 and said.isupper() and not text.isupper()):
        return True
    alone = len(text.split()) == 1
    if not said.islower() and not alone:
        return False
    lists = _lists()
    other = lists.common | lists.place if alone else lists.common
    return not any(w in lists.first | lists.last and w not in other for w in (word.lower() for word in words))


@cache
def _tagger() -> pycrfsuite.Tagger:
    import pycrfsuite

    tagger = pycrfsuite.Tagger()
    _ours(MODEL)
    tagger.open(str(MODEL))
    return tagger


@cache
def _lists() -> Lists:
    blocks = gzip.decompress(_ours(LISTS)).decode().split("\n")
    return Lists(*(frozenset(block.split(" ")) for block in blocks))


def _ours(path: Path) -> bytes:
    """Raises UserError where the file is another than the one that was tested."""
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != SHA[path]:
        raise UserError(
            Words(f"{path.name} is damaged.", f"{path.name} 已损坏。"),
            Words("Install Tunesmith again.", "请重新安装 Tunesmith。"),
        )
    return raw


def folded(word: str) -> str:
    """Without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
