"""What other thresholds would do to the rows of a run, at once and from what the checks said: no model is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent import drawing
from agent.browsing import Line, Standing, line_of
from workspace.sample import PERSON, REVIEW
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


def what_if(spec: Spec, lines: Sequence[Line], asked: Mapping[str, float], language: Language) -> WhatIf:
    """`asked` are thresholds by name, 0 to 1, for those that differ from the specification's."""
    from tools.routing import routed, thresholds_of

    current = {DEFAULT: 0.7, **thresholds_of(spec)}
    needed = {**current, **asked}
    open_ = [line for line in lines if _open(line)]
    now = Counter[Standing](line.standing for line in lines)
    changes, before, then = [], {}, Counter(now)
    for line in open_ if needed != current else ():
        row = routed(line.row, needed)
        if row.outcome != line.standing:
            other = line_of(line.number, row)
            changes.append(other)
            before[line.number] = line.standing
            then[line.standing] -= 1
            then[other.standing] += 1
    return WhatIf(_dials(current, needed, open_, language), now, then, tuple(changes), before)


def _open(line: Line) -> bool:
    """Nobody has decided about it, and something about it is less than certain."""
    if line.standing in ("writing", "failed") or any(finding.check == PERSON for finding in line.row.findings):
        return False
    return line.sure < 1 or line.standing == "review" or bool(line.row.fields)


def _dials(
    current: Mapping[str, float], needed: Mapping[str, float], lines: Sequence[Line], language: Language
) -> tuple[Dial, ...]:
    """The checks that were ever unsure, most often first; then what the specification names, then all else."""
    unsure = Counter(
        check
        for line in lines
        for check in {f.check for f in line.row.findings if f.confidence < 1 and f.check not in (PERSON, REVIEW)}
    )
    names = [name for name, _ in unsure.most_common()]
    names += [name for name in current if name not in names and name != DEFAULT]
    usual = current[DEFAULT]

    def dial(name: str, words: str, rows: int) -> Dial:
        now = current.get(name, usual)
        asked = needed.get(name, needed[DEFAULT])
        return Dial(name, words, round(100 * now), round(100 * asked), rows)

    dials = [dial(name, _words(name, language), unsure[name]) for name in names]
    return (*dials, dial(DEFAULT, ANYTHING.to(language), len(lines)))


def _words(name: str, language: Language) -> str:
    return FIELDS[name].to(language) if name in FIELDS else drawing.check_words(name, language)


def message(changed: WhatIf, language: Language) -> str:
    """What a person would say to have these thresholds."""
    needed = ", ".join(f"{dial.name}={dial.asked / 100:g}" for dial in changed.dials if _said(dial, changed))
    return Words(f"Set the confidence to {needed}", f"把置信度改成 {needed}").to(language)


def _said(dial: Dial, changed: WhatIf) -> bool:
    """One that is as all else need not be named, unless it would otherwise keep what it is."""
    usual = next(one.asked for one in changed.dials if one.name == DEFAULT)
    return dial.name == DEFAULT or dial.asked != usual or dial.now != dial.asked
