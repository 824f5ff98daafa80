"""What a frozen version is: where it comes from, for people and for the programs of others; how it differs from one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from agent.events import Event, File, Say, Table
from workspace.project import write_text
from workspace.words import Language, Words

Kind = Literal["markdown", "card", "croissant"]
PASSPORT = Words("Passport", "数据护照")


def compare(home: Path, a: str, b: str, language: Language = "en") -> Iterator[Event]:
    """Whether it was the code or the data, in one sentence; then what moved."""
    from tools.versions import compare as difference
    from tools.versions import find

    (first, one), (second, other) = find(home, a), find(home, b)
    found = difference(first, one, second, other)
    yield Say(text=found.to(language))
    moved = {**found.figures, **{name: (str(x), str(y)) for name, (x, y) in found.labels.items() if x != y}}
    if moved:
        yield Table(
            panel="status",
            title=Words("What moved", "变化").to(language),
            columns=("", one.number, other.number),
            rows=tuple((name, before, after) for name, (before, after) in moved.items()),
        )


def passport(
    home: Path, name: str, kind: Kind = "markdown", out: Path | None = None, language: Language = "en"
) -> Iterator[Event]:
    """Beside a dataset card stand the rows of each split, so that its folder is a data set of its own."""
    from tools.dataset_card import card, write_splits
    from tools.exports.lines import refuse_target
    from tools.versions import find
    from tools.versions import passport as passport_of

    project, version = find(home, name)
    if out:
        refuse_target(out)
    if kind == "card":
        text = card(project, version, language)
    elif kind == "croissant":
        from tools.croissant import croissant

        text = croissant(project, version, language)
    else:
        text = passport_of(project, version, language)
    if out is None:
        yield Say(text=text)
        yield File(title=PASSPORT.to(language), path=str(project.folder / version.folder / "passport.md"))
        return
    write_text(out, text)
    yield File(title=PASSPORT.to(language), path=str(out))
    for path in write_splits(project, version, out.parent) if kind == "card" else ():
        yield File(title=path.stem, path=str(path))
