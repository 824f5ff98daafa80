"""Pieces of a text that carry a name, such as a city or a date: read from a row's columns in the forms people have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workspace.exact import json_text, strict_json
from workspace.sample import Sample, Scalar
from workspace.words import Words

COLUMNS = ("slots", "entities", "spans", "tags", "bio", "ner_tags", "槽位", "实体", "标注")
# What the name of a piece is called: in spaCy and doccano, Label Studio, Presidio, and others.
NAMED = ("label", "labels", "entity_type", "entity", "type", "slot", "name", "标签", "类型")
QUOTED = ("text", "quote", "value", "surface")
TAG = re.compile(r"O|[BI][-_](.+)")
# Tidying spaces moves what stands behind them; a quote that is found no farther off is the same piece.
NEAR = 20


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """`text[start:end]` in characters."""

    start: int
    end: int
    label: str


class Misfit(Exception):
    """Why the pieces of a row can't be found in its text."""

    def __init__(self, why: Words) -> None:
        super().__init__(why.en)
        self.why = why


def spans_of(row: Sample) -> tuple[Span, ...] | None:
    """In order, none overlapping another; None where the row has no such column. Raises Misfit."""
    column = next((name for name in COLUMNS if _given(row.fields.get(name)) is not None), None)
    if column is None:
        return None
    found = _given(row.fields[column]) or []
    tags = [tag for tag in found if isinstance(tag, str)]
    pieces = [piece for piece in found if isinstance(piece, Mapping)]
    spans = sorted(_tagged(row, tags) if tags else (_span(piece, row.question) for piece in pieces))
    for one, other in pairwise(spans):
        if other.start < one.end:
            first, second = row.question[one.start : one.end], row.question[other.start : other.end]
            raise Misfit(Words(f"{first!r} and {second!r} overlap", f"{first!r} 与 {second!r} 重叠"))
    return tuple(spans)


def with_quotes(fields: Mapping[str, Scalar], text: str) -> dict[str, Scalar]:
    """The fields, with the words of each piece beside its place: what tidies the text moves its pieces."""
    if not any(name in fields for name in COLUMNS):
        return dict(fields)
    return {name: _quoting(value, text) if name in COLUMNS else value for name, value in fields.items()}


def _given(value: Scalar) -> list[object] | None:
    """A list of pieces or of tags, as JSON or as words between spaces; None for anything else."""
    if not isinstance(value, str):
        return None
    if not value.lstrip().startswith("["):
        tags = value.split()
        return list(tags) if tags and all(map(TAG.fullmatch, tags)) else None
    try:
        found = strict_json(value)
    except ValueError:
        return None
    if not isinstance(found, list):
        return None
    alike = all(isinstance(x, Mapping) for x in found) or all(isinstance(x, str) and TAG.fullmatch(x) for x in found)
    return found if alike else None


def _quoting(value: Scalar, text: str) -> Scalar:
    found = _given(value)
    if not found or not all(isinstance(piece, Mapping) for piece in found):
        return value
    pieces = []
    for piece in found:
        assert isinstance(piece, Mapping)
        start, end, label = _place(piece)
        if start is None or end is None or not label or not 0 <= start < end <= len(text):
            return value
        pieces.append({"start": start, "end": end, "label": label, "text": _quote(piece) or text[start:end]})
    return json_text(pieces)


def _place(piece: Mapping[str, object]) -> tuple[int | None, int | None, str]:
    """(start, end, label). Label Studio has all three one level down, the label in a list."""
    inner = piece.get("value")
    if isinstance(inner, Mapping):
        piece = inner
    label = next((piece[name] for name in NAMED if piece.get(name)), "")
    if isinstance(label, list):
        label = label[0] if len(label) == 1 else ""
    start, end = piece.get("start"), piece.get("end")
    return (
        start if isinstance(start, int) else None,
        end if isinstance(end, int) else None,
        label.strip() if isinstance(label, str) else "",
    )


def _quote(piece: Mapping[str, object]) -> str:
    inner = piece.get("value")
    if isinstance(inner, Mapping):
        piece = inner
    return next((value for name in QUOTED if isinstance(value := piece.get(name), str) and value), "")


def _span(piece: Mapping[str, object], text: str) -> Span:
    start, end, label = _place(piece)
    if start is None or end is None or not label:
        shown = json_text(piece)[:80]
        raise Misfit(Words(f"{shown} lacks a start, an end or a label", f"{shown} 缺少 start、end 或 label"))
    quote = _quote(piece)
    if 0 <= start < end <= len(text) and quote in ("", text[start:end]):
        return Span(start, end, label)
    places = [found.start() for found in re.finditer(re.escape(quote), text)] if quote else []
    near = min(places, key=lambda place: abs(place - start), default=None)
    if near is not None and abs(near - start) <= NEAR:
        return Span(near, near + len(quote), label)
    if quote:
        raise Misfit(Words(f"{quote!r} does not stand at {start} to {end}", f"{quote!r} 不在 {start} 到 {end} 处"))
    raise Misfit(
        Words(
            f"{label} from {start} to {end} lies outside a text of {len(text)} characters",
            f"{label} 的位置 {start} 到 {end} 超出文本（共 {len(text)} 个字符）",
        )
    )


def _tagged(row: Sample, tags: Sequence[str]) -> Iterator[Span]:
    """One tag a token: of the column `tokens`, else a word between spaces, else a character."""
    places = _places(row, len(tags))
    start, end, label = 0, 0, ""
    for tag, place in zip(tags, places, strict=True):
        found = TAG.fullmatch(tag)
        name = (found[1] or "") if found else ""
        if name and name == label and tag.startswith("I"):
            end = place.end
            continue
        if label:
            yield Span(start, end, label)
        start, end, label = place.start, place.end, name
    if label:
        yield Span(start, end, label)


def _places(row: Sample, count: int) -> list[Span]:
    """Where each token stands. Raises Misfit where there are not as many as tags, or one is not in the text."""
    text = row.question
    given = row.fields.get("tokens")
    tokens = _tokens(given) if isinstance(given, str) and given.strip() else text.split()
    if len(tokens) != count and not given:
        tokens = [c for c in text if not c.isspace()]
    if len(tokens) != count:
        raise Misfit(Words(f"{count} tags for {len(tokens)} tokens", f"有 {count} 个标记，却有 {len(tokens)} 个词或字"))
    places, at = [], 0
    for token in tokens:
        start = text.find(token, at)
        if start < 0:
            raise Misfit(Words(f"the token {token!r} is not in the text", f"文本中找不到 {token!r}"))
        at = start + len(token)
        places.append(Span(start, at, ""))
    return places


def _tokens(given: str) -> list[str]:
    if given.lstrip().startswith("["):
        try:
            found = strict_json(given)
        except ValueError:
            return given.split()
        if isinstance(found, list):
            return [str(token) for token in found]
    return given.split()
