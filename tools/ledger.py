"""What each edit did to the rows that went through it, so that no row and no change goes uncounted."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tools.base import Edit, Kit
from workspace.errors import UserError
from workspace.results import Change
from workspace.sample import Sample
from workspace.words import Words

MOST_EXAMPLES = 3
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Before:
    """What is remembered of a row while an edit has it; the row itself only where an example is still wanted."""

    kept: bool
    content: int
    row: Sample | None


@dataclass
class Entry:
    """One edit's line: kept rows in, how many of them say something else now, how many it dropped and why."""

    name: str
    words: Words
    rows: int = 0
    changed: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    examples: list[Change] = field(default_factory=list)

    def count(self, before: Before, after: Sample) -> None:
        if not before.kept:
            return
        self.rows += 1
        dropped = after.dropped_by
        if dropped is not None:
            self.dropped[dropped.check] += 1
        elif _content(after) != before.content:
            self.changed += 1
            if before.row:
                self.examples.append(_change(before.row, after))


def counted(rows: Iterable[Sample], edits: Sequence[Edit], kit: Kit) -> tuple[Iterator[Sample], tuple[Entry, ...]]:
    """The rows after each edit in turn; the entries are complete when the last row has come out.

    Raises UserError where an edit hands back fewer rows, or more, than it was given.
    """
    entries = tuple(Entry(edit.name, edit.words) for edit in edits)
    for edit, entry in zip(edits, entries, strict=True):
        rows = _through(rows, edit, entry, kit)
    return iter(rows), entries


def _through(rows: Iterable[Sample], edit: Edit, entry: Entry, kit: Kit) -> Iterator[Sample]:
    waiting: deque[Before] = deque()

    def noted() -> Iterator[Sample]:
        for row in rows:
            # An edit that sees all rows first would have us keep all of them.
            shown = not edit.needs_all and len(entry.examples) < MOST_EXAMPLES
            waiting.append(Before(row.kept, _content(row), row if shown else None))
            yield row

    for after in edit.apply(noted(), kit):
        if not waiting:
            raise _uneven(edit, Words("more", "多"))
        entry.count(waiting.popleft(), after)
        yield after
    if waiting:
        raise _uneven(edit, Words("fewer", "少"))


def _content(row: Sample) -> int:
    return hash((row.messages, row.label, row.evidence, tuple(row.fields.items())))


def _change(before: Sample, after: Sample) -> Change:
    old, new = _texts(before), _texts(after)
    name = next((name for name, text in old.items() if new.get(name) != text), "")
    return Change(row=after.id, before=old.get(name, "")[:SHOWN], after=new.get(name, "")[:SHOWN])


def _texts(row: Sample) -> dict[str, str]:
    said = {f"{number}": message.content for number, message in enumerate(row.messages)}
    return {**said, **{name: str(value) for name, value in row.fields.items()}, "\0": row.evidence or ""}


def _uneven(edit: Edit, how: Words) -> UserError:
    return UserError(
        Words(
            f"The step {edit.name!r} gave back {how.en} rows than it was given.",
            f"步骤 {edit.name!r} 返回的数据比输入的{how.zh}。",
        ),
        Words("Leave this step out, and tell its author.", "请先去掉这一步，并告知其作者。"),
    )
