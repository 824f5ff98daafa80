"""Tables inside a text, in Markdown, with pipes, tabs or commas: each figure with the heads of its row and column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tools.facts.claims import content_words, stem
from tools.figures.numerals import plain
from tools.figures.quantities import SIGNS

FIGURE = re.compile(
    r"^[\s$¥€£*~≈]*(\()?\s*(?:us\$|hk\$|[$¥€£])?\s*([-–—−+])?\s*(?:[$¥€£]\s*)?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*(%|％)?\s*(\))?"
    r"\s*(%)?\s*(?:\(\d\)|\[\d\]|[*†])?\s*([^\d\s]{0,12})\s*$",
    re.I,
)
CURRENCY = re.compile(r"us\$|hk\$|[$¥€£]", re.I)
YEAR = re.compile(r"(?:FY\s*)?((?:19|20)\d\d)年?(?:度)?", re.I)
RULE = re.compile(r"[\s|:+-]*-{2,}[\s|:+-]*")
CSV_CELL = re.compile(r'\s*("(?:[^"]|"")*"|[^,]*)(?:,|$)')
WORDS_AND_FIGURES = re.compile(r"\d+(?:[.,]\d+)*|\bQ[1-4]\b", re.I)
SMALL_WORDS = frozenset(
    "a an the of in and or for to on at by as is are was were be with from s what how which".split()
)
SCALES = {
    "thousand": 1e3, "千元": 1e3, "million": 1e6, "mln": 1e6, "百万": 1e6, "billion": 1e9, "亿元": 1e8, "亿": 1e8,
    "万元": 1e4, "万人": 1e4, "’000": 1e3, "'000": 1e3, "000s": 1e3,
}  # fmt: skip
SCALE = re.compile(
    r"(?:\bin|\(|单位[：:]|\$|£|€|us\$|expressed in|amounts in)\s*(?:[a-z.$€£]{0,6}\s*)?(?:人民币)?"
    rf"({'|'.join(SCALES)})",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure with the words of the heads it stands under; [start:end] is its line in the text."""

    value: float
    percent: bool
    written: str
    row: frozenset[str]
    column: frozenset[str]
    line: int
    place: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Table:
    """text[start:end]; `scale` is what the figures count by where its heads or the text say so.

    `currencies` are all that the text speaks of; `rows` and `columns` the heads, folded.
    """

    cells: tuple[Cell, ...]
    start: int
    end: int
    scale: float | None
    currencies: frozenset[str]
    rows: frozenset[str]
    columns: frozenset[str]


@lru_cache(maxsize=2000)
def tables(text: str) -> tuple[Table, ...]:
    return tuple(table for block in _blocks(text) if (table := _table(text, block)).cells)


Line = tuple[int, int, list[str]]


def _blocks(text: str) -> Iterator[list[Line]]:
    """Lines in a row that are cut into cells by the same sign."""
    block: list[Line] = []
    sign = ""
    start = 0
    for raw in text.split("\n"):
        line = raw.rstrip("\r")
        found = _sign(line)
        if found != sign or (found == "," and block and len(_cells(line, ",")) != len(block[0][2])):
            if len(block) > 1:
                yield block
            block = []
        sign = found
        if sign and not RULE.fullmatch(line):
            block.append((start, start + len(line), _cells(line, sign)))
        start += len(raw) + 1
    if len(block) > 1:
        yield block


def _sign(line: str) -> str:
    if line.count("|") >= 2 or (" | " in line):
        return "|"
    if "\t" in line.strip():
        return "\t"
    unquoted = re.sub(r'"[^"]*"', '""', line)
    return "," if unquoted.count(",") and not re.search(r"[.。;；]\s*$|, [a-z]", unquoted) else ""


def _cells(line: str, sign: str) -> list[str]:
    if sign == "|":
        inner = line.strip()
        inner = inner[1:] if inner.startswith("|") else inner
        return [c.strip() for c in (inner[:-1] if inner.endswith("|") else inner).split("|")]
    if sign == "\t":
        return [c.strip() for c in line.split("\t")]
    found, at = [], 0
    while at <= len(line) and (match := CSV_CELL.match(line, at)):
        found.append(match[1].strip().strip('"').strip())
        if match.end() == len(line):
            if line.endswith(",") and match.end() > at:
                found.append("")
            break
        at = match.end()
    return found


def head_words(text: str) -> frozenset[str]:
    """Words, years and quarters of a head or a question. "Other" and "total" tell heads apart, unlike in a sentence."""
    text = plain(text)
    chinese = content_words(re.sub(r"[A-Za-z]+", " ", text))
    english = (stem(w) for w in re.findall(r"[a-z]+", text.lower()) if w not in SMALL_WORDS)
    years = (match[1] for match in YEAR.finditer(text))
    return frozenset((*chinese, *english, *years, *(w.lower() for w in WORDS_AND_FIGURES.findall(text))))


def _table(text: str, block: Sequence[Line]) -> Table:
    heads = next((i for i, (_, _, cells) in enumerate(block) if any(map(_counts, cells[1:]))), len(block))
    width = max(len(cells) for _, _, cells in block)
    columns = [frozenset[str]()] * width
    for _, _, cells in block[:heads]:
        columns = [
            columns[i] | (head_words(cells[i]) if i < len(cells) and cells[i] else frozenset()) for i in range(width)
        ]
    found: list[Cell] = []
    for line, (start, end, cells) in enumerate(block[heads:], heads):
        row = head_words(cells[0]) if cells else frozenset()
        for place, raw in enumerate(cells[1:], 1):
            if (figure := figure_of(raw)) is not None:
                found.append(Cell(figure[0], figure[1], raw, row, columns[place], line, place, start, end))
    scale = scale_of(_heading(text, block, heads)) or scale_of(text)
    currencies = frozenset(SIGNS[sign.lower()] for sign in CURRENCY.findall(plain(text)))
    rows = frozenset(folded(cells[0]) for _, _, cells in block if cells)
    above = frozenset(folded(cell) for _, _, cells in block[:heads] for cell in cells)
    return Table(tuple(found), block[0][0], block[-1][1], scale, currencies, rows, above)


def folded(text: str) -> str:
    """Letters and figures only, without what stands in brackets."""
    return re.sub(r"\W+", "", re.sub(r"[(（][^()（）]*[)）]", "", plain(text))).lower()


def _heading(text: str, block: Sequence[Line], heads: int) -> str:
    """The head rows and the words before the table."""
    start = block[0][0]
    return text[max(0, start - 300) : start] + " ".join(" ".join(cells) for _, _, cells in block[: max(heads, 1)])


def scale_of(text: str) -> float | None:
    """1e6 of "(in millions)", None where none or several are said."""
    said = {SCALES[match[1].lower()] for match in SCALE.finditer(text)}
    return said.pop() if len(said) == 1 else None


def _counts(raw: str) -> bool:
    """A figure that is no year: with it the heads are over."""
    return figure_of(raw) is not None and not YEAR.fullmatch(raw.strip())


def figure_of(raw: str) -> tuple[float, bool] | None:
    """The one figure that a cell is, "(1,234)" as -1234, and whether it is a percentage."""
    match = FIGURE.match(plain(raw))
    if match is None:
        return None
    value = float(match[3].replace(",", "") + (match[4] or ""))
    return (-value if match[1] or (match[2] and match[2] != "+") else value), bool(match[5] or match[7])
