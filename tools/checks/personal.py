"""Looks whether personal data is left in a row that should hold none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from tools.base import Check, Kit
from tools.edits.mask import found_in, labels_of
from tools.personal.hiding import wanted
from tools.personal.places import places
from tools.personal.shapes import WORDS
from workspace.sample import Finding, Origin, Sample, sample
from workspace.words import Words

OURS = Origin(source="files", row=1)


class Personal(Check):
    """Where the specification wants personal data hidden, a row in which some is left is dropped; elsewhere it is
    only said, and only of what has a form of its own: names are looked for where they had to go."""

    name: ClassVar[str] = "personal"
    words: ClassVar[Words] = Words("personal data left", "遗留的个人信息")
    passing: ClassVar[Sample] = sample("The card that ends in [CARD ****1111] is lost", "lost_card", OURS)
    failing: ClassVar[Sample] = sample("Call me at 13812345678", "lost_card", OURS)

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        hidden = wanted(kit.spec) is not None
        standing = [place for place in places(row, labels_of(kit.spec)) if place.name != "findings"]
        found = zip(standing, found_in(standing, names=hidden), strict=True)
        counts = Counter((p.name, one.kind) for p, some in found for one in some if one.kind != "AGE")
        if not counts:
            return ()
        told = ", ".join(f"{WORDS[kind].en} in {place}" + f" ×{n}" * (n > 1) for (place, kind), n in counts.items())
        return (Finding(check=self.name, verdict="fail", reason=f"left in clear: {told}", drops=hidden),)
