"""Whether a written text stands nearer to the real examples of its own label than to those of another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from tools.base import Check, Kit
from workspace.sample import Finding, Origin, Sample, sample
from workspace.words import Words, language_of

if TYPE_CHECKING:
    import numpy as np

WRITTEN = Origin(source="generate", slot="r1/lost_card/0/0")


class LabelFits(Check):
    """Nearness is the cosine to the mean of each label's real examples; `margin` is how much farther it may be.

    English only, for the small model that knows what is near is. Why, and why this margin: docs/decisions/003.
    """

    name: ClassVar[str] = "label"
    words: ClassVar[Words] = Words("fits its label", "与类别相符")
    passing: ClassVar[Sample] = sample("I lost my card on the train", "lost_card", WRITTEN, label="lost_card")
    failing: ClassVar[Sample] = sample("Please open an account for me", "lost_card", WRITTEN, label="lost_card")
    margin: float = Field(0.1, ge=0, le=2)

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        """Nothing on real rows: what a person calls them stands."""
        if row.origin.source != "generate" or row.label is None or language_of(row.question) != "en":
            return ()
        real = tuple((r.question, r.label) for r in kit.rows if r.label and r.origin.source != "generate")
        labels, means = _means(real)
        if row.label not in labels or len(labels) < 2:
            return ()
        near = dict(zip(labels, (means @ _vectors((row.question,))[0]).tolist(), strict=True))
        own = near.pop(row.label)
        other = max(near, key=lambda label: near[label])
        if own >= near[other] - self.margin:
            return (Finding(check=self.name, verdict="pass", reason="nearest to the real examples of its own label"),)
        # A cosine means nothing to a person: "by much" is said where it is twice what would have been let through.
        much = "much " if near[other] - own > 2 * self.margin else ""
        reason = f"reads {much}more like the real examples of {other} than like those of {row.label}"
        return (Finding(check=self.name, verdict="fail", reason=reason, drops=True),)


@lru_cache(maxsize=4)
def _means(real: tuple[tuple[str, str], ...]) -> tuple[list[str], np.ndarray]:
    """The labels, and the direction of each one's English examples: an array of (labels, 384)."""
    import numpy as np

    english = [(text, label) for text, label in real if language_of(text) == "en"]
    labels = sorted({label for _, label in english})
    if not labels:
        return [], np.zeros((0, 0))
    vectors = _vectors(tuple(text for text, _ in english))
    means = np.stack([vectors[[own == label for _, own in english]].mean(0) for label in labels])
    return labels, means / np.linalg.norm(means, axis=1, keepdims=True)


def _vectors(texts: tuple[str, ...]) -> np.ndarray:
    import numpy as np

    from tools.embeddings import minilm

    return np.array(minilm()(texts))
