"""Rows as a classifier reads them: tokens, the number of their label, and a tag for each token of a slot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.job import Held
from finetune.lessons import Lessons, about, divided, joined, kept_apart
from finetune.recipe import Recipe
from workspace.errors import UserError
from workspace.sample import Sample
from workspace.spans import Misfit, Span, spans_of
from workspace.words import Words, language_of

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# No target: the loss passes over it.
NONE = -100
MOST_TOKENS = 512
# A row of which the base knows less than this is a row that it can't read.
KNOWN_ENOUGH = 0.9


@dataclass(frozen=True, slots=True)
class Reading:
    """`tags`: 0 for outside, 1 + 2t where slot type t begins, 2 + 2t inside it; empty where slots are not marked."""

    ids: tuple[int, ...]
    label: int
    tags: tuple[int, ...] = ()

    @property
    def length(self) -> int:
        return len(self.ids)

    @property
    def trained(self) -> int:
        return 1


@dataclass(frozen=True)
class Kinds:
    """What can be answered."""

    labels: tuple[str, ...]
    slots: tuple[str, ...]


def readings(
    rows: Sequence[Sample], recipe: Recipe, held: Held, tokenizer: PreTrainedTokenizerBase, longest: int
) -> tuple[Kinds, Lessons[Reading]]:
    """Raises UserError for rows without a label, for one label only, and for slots that don't fit their texts."""
    _refuse_unlabelled(rows)
    train, validation = divided(rows, recipe.seed)
    spans = _spans([*train, *validation])
    kinds = _kinds(train, [spans[row.id] for row in train])
    validation = [row for row in validation if row.label in kinds.labels]
    seen = [_reading(row, spans[row.id], kinds, tokenizer, longest) for row in (*train, *validation)]
    strange, cut = _strange(train, tokenizer, recipe.base), sum(row.length >= longest for row in seen)
    note = joined([*about(train, validation), *kept_apart(held), *filter(None, (strange, _cut(cut, longest)))])
    return kinds, Lessons(seen[: len(train)], seen[len(train) :], note, cut)


def shown(row: Reading, kinds: Kinds, tokenizer: PreTrainedTokenizerBase) -> tuple[str, str]:
    """(what is read, what is learned of it) for people: the label, and each slot with its piece."""
    pieces: list[tuple[str, list[int]]] = []
    for token, tag in zip(row.ids, row.tags, strict=False):
        if tag > 0 and tag % 2:
            pieces.append((kinds.slots[(tag - 1) // 2], [token]))
        elif tag > 0 and pieces:
            pieces[-1][1].append(token)
    marked = [f"{name} = {tokenizer.decode(tokens)}" for name, tokens in pieces]
    return str(tokenizer.decode(row.ids, skip_special_tokens=True)), "; ".join([kinds.labels[row.label], *marked])


def tags_of(spans: Sequence[Span], offsets: Sequence[tuple[int, int]], slots: Sequence[str]) -> tuple[int, ...]:
    """A tag for each token by its place in the text; NONE for the marks that stand for no text."""
    found = []
    for start, end in offsets:
        inside = next((span for span in spans if start < span.end and span.start < end), None)
        if start == end:
            found.append(NONE)
        elif inside is None or inside.label not in slots:
            found.append(0)
        else:
            found.append(1 + 2 * slots.index(inside.label) + (start > inside.start))
    return tuple(found)


def spans_from(tags: Sequence[int], offsets: Sequence[tuple[int, int]], text: str, slots: Sequence[str]) -> list[Span]:
    """The other way round; a piece that goes on with nothing begun begins there. No white space at its ends."""
    found: list[Span] = []
    before = 0
    for tag, (start, end) in zip(tags, offsets, strict=True):
        if start == end:
            continue
        if tag > 0:
            label = slots[(tag - 1) // 2]
            if tag % 2 == 0 and before in (tag, tag - 1):
                found[-1] = Span(found[-1].start, end, label)
            else:
                found.append(Span(start, end, label))
        before = tag
    return [_trimmed(span, text) for span in found if text[span.start : span.end].strip()]


def _trimmed(span: Span, text: str) -> Span:
    said = text[span.start : span.end]
    return Span(span.start + len(said) - len(said.lstrip()), span.end - len(said) + len(said.rstrip()), span.label)


def _reading(
    row: Sample, spans: Sequence[Span] | None, kinds: Kinds, tokenizer: PreTrainedTokenizerBase, longest: int
) -> Reading:
    found = tokenizer(row.question, truncation=True, max_length=longest, return_offsets_mapping=True)
    tags = () if spans is None else tags_of(spans, found["offset_mapping"], kinds.slots)
    return Reading(tuple(found["input_ids"]), kinds.labels.index(row.label or ""), tags)


def _refuse_unlabelled(rows: Sequence[Sample]) -> None:
    bare = [row for row in rows if not row.label]
    if bare:
        raise UserError(
            Words(
                f"{len(bare)} of {len(rows)} rows have no label, row {bare[0].id} for one; a classifier learns labels.",
                f"{len(rows)} 条数据中有 {len(bare)} 条没有标签（例如 {bare[0].id}），分类器只能学标签。",
            ),
            Words(
                "Give every row a label, or tune with the method lora, which learns to write answers.",
                "请给每条数据加上标签，或改用会写回答的 lora 方式。",
            ),
        )


def _spans(rows: Sequence[Sample]) -> dict[str, tuple[Span, ...] | None]:
    """By the row's id."""
    found: dict[str, tuple[Span, ...] | None] = {}
    wrong: list[tuple[str, Words]] = []
    for row in rows:
        try:
            found[row.id] = spans_of(row)
        except Misfit as misfit:
            wrong.append((row.id, misfit.why))
    if wrong:
        name, why = wrong[0]
        raise UserError(
            Words(
                f"The marked pieces of {len(wrong)} rows don't fit their texts; row {name}: {why.en}.",
                f"有 {len(wrong)} 条数据的标注与文本不符；{name}：{why.zh}。",
            ),
            Words(
                "Places count characters from 0, the end not included, and tags stand one for each token.",
                "位置从 0 开始按字符计数，不含结尾；BIO 标记须与词或字一一对应。",
            ),
        )
    return found


def _kinds(train: Sequence[Sample], spans: Sequence[Sequence[Span] | None]) -> Kinds:
    labels = tuple(sorted({row.label for row in train if row.label}))
    if len(labels) < 2:
        raise UserError(
            Words(
                f"Every row to train on has the label {labels[0]!r}: there is nothing to tell apart.",
                f"所有训练数据都是 {labels[0]!r} 这一个类别，没有可区分的内容。",
            ),
            Words("Add rows of at least one other label.", "请补充至少另一个类别的数据。"),
        )
    return Kinds(labels, tuple(sorted({span.label for row in spans for span in row or ()})))


def _strange(rows: Sequence[Sample], tokenizer: PreTrainedTokenizerBase, base: str) -> Words | None:
    """A word about rows in a script or language that the base can't read. Raises UserError if that is most of them."""
    strange = sum(_unreadable(row.question, tokenizer, base) for row in rows)
    if strange * 2 > len(rows):
        raise UserError(
            Words(
                f"{Path(base).name} can't read {strange} of the {len(rows)} rows: it does not know their language.",
                f"{Path(base).name} 读不懂 {len(rows)} 条数据中的 {strange} 条：它不懂这种语言。",
            ),
            Words(
                "Give a multilingual encoder's folder as the base, or tune with the method lora.",
                "请用 --base 指定多语言编码器的文件夹，或改用 lora 方式。",
            ),
        )
    if strange:
        return Words(
            f"{Path(base).name} can't read {strange} of the {len(rows)} rows: expect mistakes on texts like them.",
            f"{Path(base).name} 读不懂 {len(rows)} 条数据中的 {strange} 条，这类文本会常常分错。",
        )
    return None


def _unreadable(text: str, tokenizer: PreTrainedTokenizerBase, base: str) -> bool:
    # MiniLM has tokens for some hundred Chinese characters, but it was trained on English alone.
    if base == "minilm" and language_of(text) == "zh":
        return True
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    return sum(token == tokenizer.unk_token_id for token in ids) > (1 - KNOWN_ENOUGH) * len(ids)


def _cut(cut: int, longest: int) -> Words | None:
    return (
        Words(
            f"{cut} very long rows are read up to {longest} tokens and no further.",
            f"有 {cut} 条过长的数据只读前 {longest} 个词元。",
        )
        if cut
        else None
    )
