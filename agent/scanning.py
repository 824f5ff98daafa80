"""Proves that a file holds no personal data in clear, or says where some is, and never what it is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from agent.checking import BETWEEN, read_rows
from agent.events import Event, Failed, Judged, Progress, Say
from workspace.errors import boundary
from workspace.project import Project
from workspace.sample import Finding, Sample
from workspace.words import Language, Words

if TYPE_CHECKING:
    from tools.personal.hiding import Hiding

BATCH = 256


def scan(
    home: Path, file: Path, mapping: Mapping[str, str] | None = None, names: bool = True, language: Language = "en"
) -> Iterator[Event]:
    """A line for each row in which something is left, then Say that nothing is, or Failed. What can't be read can't
    be vouched for, so a refused row counts as found. `names`: names and addresses, too."""
    from tools.personal.hiding import hiding

    project = Project(home, "scans")
    with project.working(), boundary(Words("looking for personal data", "查找个人信息")):
        rows, own = read_rows(project, file, mapping, tables=True), hiding(project, "mask")
        stage, heard = Words("Looking for personal data", "查找个人信息").to(language), time.monotonic()
        number, counts = 0, Counter[str]()
        while batch := list(islice(rows, BATCH)):
            for row, findings in _found(batch, own, names, language):
                if findings:
                    counts.update(one.check for one in findings)
                    where = f"{row.origin.file or file.name}:{row.origin.row or number + 1}"
                    yield Judged(row=number, id=where, kept=row.kept, findings=findings)
                number += 1
            if time.monotonic() - heard > BETWEEN:
                heard = time.monotonic()
                yield Progress(stage=stage, done=number, total=0)
        yield _verdict(number, counts, names, language)


def _found(
    batch: list[Sample], own: Hiding, names: bool, language: Language
) -> Iterator[tuple[Sample, tuple[Finding, ...]]]:
    from tools.edits.mask import found_in
    from tools.personal.places import places
    from tools.personal.shapes import WORDS

    standing = [[place for place in places(row) if place.text] for row in batch]
    each = iter(found_in([place for some in standing for place in some], names=names))
    for row, some in zip(batch, standing, strict=True):
        findings = [
            Finding(
                check="personal",
                verdict="fail",
                reason=f"{WORDS[one.kind].to(language)}, {place.words.to(language)}, {one.start}-{one.end}",
                claim=own.token(one),
                column=place.column or None,
            )
            for place, found in zip(some, [next(each) for _ in some], strict=True)
            for one in found
            if one.kind != "AGE"
        ]
        yield row, (*findings, *_unread(row, language))


def _unread(row: Sample, language: Language) -> Iterator[Finding]:
    if not row.kept:
        reason = Words("could not be read, so nothing is known of it", "无法读取，因此无从判断").to(language)
        yield Finding(check="unread", verdict="unknown", reason=reason)


def _verdict(rows: int, counts: Counter[str], names: bool, language: Language) -> Event:
    left, unread = counts["personal"], counts["unread"]
    if not counts:
        sought = (
            Words("forms and names", "格式与姓名地址") if names else Words("forms, not for names", "格式，不含姓名地址")
        )
        none = Words(
            f"None found in {rows} rows (looked for {sought.en}).", f"{rows} 条中未发现个人信息（检查了{sought.zh}）。"
        )
        return Say(text=none.to(language))
    problem = Words(
        f"Personal data is left in {left} places of {rows} rows; {unread} rows could not be read.",
        f"{rows} 条中有 {left} 处个人信息；{unread} 条无法读取。",
    )
    fix = Words(
        "`tunesmith clean FILE --out FILE --personal-data mask` hides what is found.",
        "`tunesmith clean FILE --out FILE --personal-data mask` 可以隐藏这些内容。",
    )
    return Failed(problem=problem.to(language), fix=fix.to(language))
