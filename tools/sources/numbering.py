"""What Word writes before a paragraph by itself: which level of heading it is, and the number or mark of its list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

HEADING = re.compile(r"(?:heading|标题)\s*(\d)")
DEEPEST = 6
CHINESE = "零一二三四五六七八九"
ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)


def kind(part: Element) -> str:
    """An element's name without its namespace, of which Word has two; "" for a comment."""
    return part.tag.rpartition("}")[2] if isinstance(part.tag, str) else ""


def child(part: Element | None, name: str) -> Element | None:
    return None if part is None else next((inner for inner in part.iterchildren() if kind(inner) == name), None)


def value(part: Element | None, name: str) -> str:
    """An attribute in Word's own namespace; "" where it is not there."""
    if part is None:
        return ""
    return next((said for key, said in part.items() if key.rpartition("}")[2] == name), "")


class Styles:
    """Named styles, of which a paragraph may have one that is based on others."""

    def __init__(self, part: Element) -> None:
        self._styles = {value(style, "styleId"): style for style in part.iterchildren() if kind(style) == "style"}

    def heading(self, paragraph: Element) -> int:
        """1 to 6, 0 for one that is no heading."""
        own = child(paragraph, "pPr")
        for style in (*([own] if own is not None else []), *self._chain(own)):
            name = value(child(style, "name"), "val").lower()
            if found := HEADING.fullmatch(name):
                return min(int(found[1]), DEEPEST)
            if name in ("title", "标题"):
                return 1
            level = child(style if style is own else child(style, "pPr"), "outlineLvl")
            if (said := value(level, "val")).isdigit():
                return min(int(said) + 1, DEEPEST) if int(said) < 9 else 0
        return 0

    def numbered(self, paragraph: Element) -> tuple[str, int]:
        """(list, level from 0); the list is "" for a paragraph that is in none."""
        own = child(paragraph, "pPr")
        found, level = "", ""
        for properties in (own, *(child(style, "pPr") for style in self._chain(own))):
            numbers = child(properties, "numPr")
            level = level or value(child(numbers, "ilvl"), "val")
            found = found or value(child(numbers, "numId"), "val")
        return ("" if found == "0" else found), int(level) if level.isdigit() else 0

    def _chain(self, properties: Element | None) -> list[Element]:
        chain: list[Element] = []
        name = value(child(properties, "pStyle"), "val")
        while (style := self._styles.get(name)) is not None and style not in chain:
            chain.append(style)
            name = value(child(style, "basedOn"), "val")
        return chain


@dataclass(frozen=True, slots=True)
class Level:
    """`text` has %1 where the number of the first level goes."""

    form: str
    text: str
    start: int


class Numbers:
    """Counts the paragraphs of each list as Word does."""

    def __init__(self, part: Element) -> None:
        models = {value(one, "abstractNumId"): one for one in part.iterchildren() if kind(one) == "abstractNum"}
        self._model: dict[str, str] = {}
        self._levels: dict[str, dict[int, Level]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        for number in part.iterchildren():
            if kind(number) == "num":
                model = value(child(number, "abstractNumId"), "val")
                restarts = any(kind(inner) == "lvlOverride" for inner in number)
                key = value(number, "numId")
                # A list that says where it starts counts for itself; others of the same model go on counting.
                self._model[key] = f"{model}/{key}" if restarts else model
                self._levels[self._model[key]] = _levels(models.get(model), number)

    def mark(self, number: str, level: int) -> str:
        """ "3.2 " or "- "; "" for a paragraph in no list."""
        if not number:
            return ""
        model = self._model.get(number, "")
        levels = self._levels.get(model, {})
        if level not in levels or levels[level].form == "bullet":
            return "  " * min(level, DEEPEST) + "- "
        counts = self._counts.setdefault(model, {})
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [deep for deep in counts if deep > level]:
            del counts[deeper]
        text = re.sub(r"%(\d)", lambda place: self._written(levels, counts, int(place[1]) - 1), levels[level].text)
        return f"{text} " if text.strip() else ""

    @staticmethod
    def _written(levels: dict[int, Level], counts: dict[int, int], level: int) -> str:
        if level not in levels:
            return ""
        return written(counts.get(level, levels[level].start), levels[level].form)


def _levels(model: Element | None, number: Element) -> dict[int, Level]:
    found: dict[int, Level] = {}
    parts = [
        inner for inner in (*(model if model is not None else ()), *number) if kind(inner) in ("lvl", "lvlOverride")
    ]
    for part in parts:
        place = value(part, "ilvl")
        if not place.isdigit():
            continue
        lvl = part if kind(part) == "lvl" else child(part, "lvl")
        if lvl is not None:
            start = value(child(lvl, "start"), "val")
            form, text = value(child(lvl, "numFmt"), "val"), value(child(lvl, "lvlText"), "val")
            found[int(place)] = Level(form or "decimal", text, int(start) if start.isdigit() else 0)
        elif int(place) in found and (start := value(child(part, "startOverride"), "val")).isdigit():
            found[int(place)] = Level(found[int(place)].form, found[int(place)].text, int(start))
    return found


def written(count: int, form: str) -> str:
    """A number as a list has it: 4, iv, d, 四."""
    if form in ("lowerLetter", "upperLetter"):
        letters = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 % 20 + 1)
        return letters.upper() if form == "upperLetter" else letters
    if form in ("lowerRoman", "upperRoman"):
        return _roman(count) if form == "lowerRoman" else _roman(count).upper()
    if "hinese" in form or "ideograph" in form or "japanese" in form.lower() or form == "taiwaneseCounting":
        return _chinese(count)
    if form == "none":
        return ""
    return f"{count:02}" if form == "decimalZero" else str(count)


def _roman(count: int) -> str:
    found = ""
    for size, sign in ROMAN:
        found += sign * (count // size)
        count %= size
    return found


def _chinese(count: int) -> str:
    """Up to 999, which is further than lists go."""
    if not 0 < count < 1000:
        return str(count)
    hundreds, tens, ones = count // 100, count // 10 % 10, count % 10
    found = f"{CHINESE[hundreds]}百" if hundreds else ""
    if tens:
        found += "十" if tens == 1 and not hundreds else f"{CHINESE[tens]}十"
    elif hundreds and ones:
        found += "零"
    return found + (CHINESE[ones] if ones else "")
