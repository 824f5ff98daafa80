"""Rare spellings of frequent values, and values that are not built as the others of their column are."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA, Levenshtein

from tools.writing.widths import narrowed
from tools.wrong_cells.columns import Column, shape
from workspace.words import CHINESE

OFTEN = 5  # rows of a value, before another may be a slip of it
SAME_SLIP = 3  # rows of a short slip with two wrong letters; what stands more often is a word
TIMES = 10  # as often, at least, must what is meant stand there
MOST_VALUES = 20_000  # of one column, for all of them to be compared
DIGITS = re.compile("[0-9零一二三四五六七八九十百千万两甲乙丙丁上下东南西北左右]")
ADDRESS = re.compile(r"://|@|www\.")  # one letter of it makes another
LONGEST = 60  # characters of a value, on average; more is prose
WORD = re.compile(r"[^\W\d_\u2e80-\u9fff]{4,}")
FEW_SHAPES, MOSTLY, SELDOM = 5, 0.95, 0.02
FREQUENT_SHAPE = 0.02


@dataclass(frozen=True, slots=True)
class Slip:
    """`value` is written in place of `meant`; `sure` from 0 to 1."""

    value: str
    meant: str
    sure: float


def slips(column: Column) -> dict[str, Slip]:
    """By value: other capitals, widths or spaces than the same value usually has, or a letter or two that are wrong."""
    present = list(column.present())
    found = {slip.value: slip for slip in _variants(present)}
    often = [(value, rows) for value, rows in present if rows >= OFTEN]
    if len(present) > MOST_VALUES or sum(rows for _, rows in often) * 2 < column.filled:
        return found | {slip.value: slip for slip in _words(present) if slip.value not in found}
    for value, rows in present:
        if value not in found and rows * TIMES <= often[0][1] and (slip := _slip(value, rows, often)):
            found[value] = slip
    return found | {slip.value: slip for slip in _words(present) if slip.value not in found}


def _variants(present: list[tuple[str, int]]) -> Iterator[Slip]:
    same: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for value, rows in present:
        same[re.sub(r"\s+", " ", narrowed(value).casefold())].append((value, rows))
    for (first, most), *others in same.values():
        for value, rows in others:
            if most >= OFTEN and rows * TIMES <= most:
                yield Slip(value, first, 0.9)


def _slip(value: str, rows: int, often: list[tuple[str, int]]) -> Slip | None:
    allowed = 0 if ADDRESS.search(value) else _allowed(value)
    near = [(meant, most) for meant, most in often if most >= rows * TIMES and abs(len(meant) - len(value)) <= allowed]
    if not allowed or not near:
        return None
    choices = [meant for meant, _ in near]
    best = process.extract(value, choices, scorer=OSA.distance, score_cutoff=allowed, limit=2)
    telling = [(meant, distance) for meant, distance, _ in best if distance and not _counts(value, meant)]
    if not telling or (len(telling) > 1 and telling[0][1] == telling[1][1]):
        return None
    most = dict(near)[telling[0][0]]
    if len(value) < 4 and (most < 20 * rows or rows > SAME_SLIP):
        return None
    if len(value) < 12 and rows > SAME_SLIP and telling[0][1] > 1:
        return None
    return Slip(value, telling[0][0], min(0.95, 0.6 + 0.1 * len(value) ** 0.5 + 0.0005 * min(most // rows, 200)))


def _allowed(value: str) -> int:
    """Wrong signs at most. Two Chinese characters that differ in one are two words."""
    if CHINESE.search(value):
        return 0 if len(value) < 4 else 1 if len(value) < 10 else 2
    length = len(value)
    return 0 if length < 2 else 1 if length < 8 else 2 if length < 12 else 3 + length // 12


def _counts(value: str, meant: str) -> bool:
    """They differ in a figure, or in what tells two of a row apart: 2008 is no slip of 2009."""
    for edit in Levenshtein.editops(value, meant):
        there = value[edit.src_pos : edit.src_pos + 1] if edit.tag != "insert" else ""
        here = meant[edit.dest_pos : edit.dest_pos + 1] if edit.tag != "delete" else ""
        if (DIGITS.match(there) or not there) and (DIGITS.match(here) or not here):
            return True
    return False


def _words(present: list[tuple[str, int]]) -> Iterator[Slip]:
    """A word that stands once or twice in the column, and a letter or two from one that stands in most of its rows."""
    words = Counter[str]()
    if sum(len(value) for value, _ in present) > LONGEST * len(present):
        return
    for value, rows in present:
        words.update(dict.fromkeys(WORD.findall(value), rows))
    total = sum(rows for _, rows in present)
    often = [(word, rows) for word, rows in words.most_common(50) if rows * 4 >= total and rows >= 4 * OFTEN]
    if not often:
        return
    wrong = {
        word: slip for word, rows in words.items() if rows * 50 <= often[0][1] and (slip := _slip(word, rows, often))
    }
    for value, _ in present:
        named = [word for word in WORD.findall(value) if word in wrong]
        if named:
            meant = value
            for word in named:
                meant = meant.replace(word, wrong[word].meant)
            yield Slip(value, meant, wrong[named[0]].sure)


def misshapen(column: Column) -> dict[str, str]:
    """By value, how the others are built: where nearly all of a column are figures with fixed signs around them."""
    shapes = Counter[str]()
    for value, rows in column.present():
        shapes[shape(value)] += rows
    total = shapes.total()
    usual = [sign for sign, rows in shapes.most_common(FEW_SHAPES) if rows >= FREQUENT_SHAPE * total and rows >= OFTEN]
    figures = sum(rows for sign, rows in shapes.items() if "9" in sign)
    if total < 20 or not usual or figures < 0.9 * total or sum(shapes[sign] for sign in usual) < MOSTLY * total:
        return {}
    return {
        value: usual[0]
        for value, rows in column.present()
        if (sign := shape(value)) not in usual and shapes[sign] <= max(2, SELDOM * total) and _strange(sign, usual)
    }


def _strange(sign: str, usual: list[str]) -> bool:
    """Other letters or signs than the usual ones have; more or fewer parts of the same are no matter."""
    return not any(set(sign) <= set(one) and sign.count("a") <= one.count("a") for one in usual)
