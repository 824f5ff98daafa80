"""What other thresholds would do to the rows of a run, at once and from what the checks said: no model is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from agent import drawing
from agent.views.browsing import Line, Rows, Standing, line_of
from workspace.project import sample_line
from workspace.sample import PERSON, REVIEW, Sample
from workspace.words import Language, Words

if TYPE_CHECKING:
    from workspace.spec import Spec

DEFAULT = "default"
FIELDS = {
    "amount": Words("amounts", "金额"),
    "date": Words("dates", "日期"),
    "attachment number": Words("attachment numbers", "附件编号"),
}
ANYTHING = Words("Anything else", "其他")


@dataclass(frozen=True)
class Dial:
    """How sure must be what `name` stands for, in percent: now, and in the question. `rows` it has a say in."""

    name: str
    words: str
    now: int
    asked: int
    rows: int


@dataclass(frozen=True)
class WhatIf:
    """`changes` are the rows as they would then stand, `before` how they stand now."""

    dials: tuple[Dial, ...]
    now: Mapping[Standing, int]
    then: Mapping[Standing, int]
    changes: tuple[Line, ...]
    before: Mapping[int, Standing]

    @property
    def moved(self) -> bool:
        """Whether anything else is asked than what holds."""
        return any(dial.now != dial.asked for dial in self.dials)


def what_if(spec: Spec, lines: tuple[Line, ...], asked: Mapping[str, float], language: Language) -> WhatIf:
    """`asked` are thresholds by name, 0 to 1, for those that differ from the specification's."""
    from tools.routing import routed, thresholds_of

    current = {DEFAULT: 0.7, **thresholds_of(spec)}
    needed = {**current, **asked}
    open_ = _open(Rows(lines))
    now = Counter[Standing](line.standing for line in lines)
    changes, before, then = [], {}, Counter(now)
    for line, given in open_ if needed != current else ():
        row = routed(given, needed)
        if row.outcome != line.standing:
            other = line_of(line.number, sample_line(row))
            changes.append(other)
            before[line.number] = line.standing
            then[line.standing] -= 1
            then[other.standing] += 1
    return WhatIf(_dials(current, needed, [row for _, row in open_], language), now, then, tuple(changes), before)


@lru_cache(maxsize=4)
def _open(rows: Rows) -> tuple[tuple[Line, Sample], ...]:
    """Those that nobody has decided about, and of which something is less than certain."""
    unsure = (
        (line, line.row)
        for line in rows.lines
        if line.standing not in ("writing", "failed")
        and (line.sure < 1 or line.standing == "review" or line.has_fields)
    )
    return tuple(pair for pair in unsure if not any(finding.check == PERSON for finding in pair[1].findings))


def _dials(
    current: Mapping[str, float], needed: Mapping[str, float], rows: Sequence[Sample], language: Language
) -> tuple[Dial, ...]:
    """The checks that were ever unsure, most often first; then what the specification names, then all else."""
    unsure = Counter(
        check
        for row in rows
        for check in {f.check for f in row.findings if f.confidence < 1 and f.check not in (PERSON, REVIEW)}
    )
    names = [name for name, _ in unsure.most_common()]
    names += [name for name in current if name not in names and name != DEFAULT]
    usual = current[DEFAULT]

    def dial(name: str, words: str, rows: int) -> Dial:
        now = current.get(name, usual)
        asked = needed.get(name, needed[DEFAULT])
        return Dial(name, words, round(100 * now), round(100 * asked), rows)

    dials = [dial(name, _words(name, language), unsure[name]) for name in names]
    return (*dials, dial(DEFAULT, ANYTHING.to(language), len(rows)))


def _words(name: str, language: Language) -> str:
    return FIELDS[name].to(language) if name in FIELDS else drawing.check_words(name, language)


def message(changed: WhatIf, language: Language) -> str:
    """What a person would say to have these thresholds."""
    dials = sorted(changed.dials, key=lambda dial: dial.name != DEFAULT)
    needed = ", ".join(_told(dial) for dial in dials if _said(dial, changed))
    return Words(f"Set the confidence to {needed}", f"把置信度改成 {needed}").to(language)


def _told(dial: Dial) -> str:
    """A number by itself is for everything that is not named."""
    return f"{dial.asked / 100:g}" if dial.name == DEFAULT else f"{dial.name}={dial.asked / 100:g}"


def _said(dial: Dial, changed: WhatIf) -> bool:
    """One that is as all else need not be named, unless it would otherwise keep what it is."""
    usual = next(one.asked for one in changed.dials if one.name == DEFAULT)
    return dial.name == DEFAULT or dial.asked != usual or dial.now != dial.asked
