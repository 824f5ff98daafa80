"""The robustness pack: test rows said otherwise, kind by kind, and under attack; the same rows for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from tools.llm import Chat
from tools.robustness.attacks import CANARY, HIDINGS, attack
from tools.robustness.frames import framed, reworded
from tools.robustness.mixing import mixed
from tools.robustness.noise import noisy, rewidth, slipped, widths
from workspace.results import Variation
from workspace.sample import Message, Origin, Sample, Scalar, row_id
from workspace.words import language_of

SOURCE = "robustness"
# Rows of each kind: at 60, a share of 0.9 is known to about ±0.08, and a small model on a CPU is done in two minutes.
MOST = 60


@dataclass(frozen=True, slots=True)
class Said:
    """`way`: how, within its kind. `wanted`: what an attacker wants to hear."""

    text: str
    way: str
    wanted: str = ""


def pack(rows: Sequence[Sample], seed: int, chat: Chat | None = None, most: int = MOST) -> Iterator[Sample]:
    """Varied rows; `origin.parent` is the row that each was made from, its `fields` say the kind and the way.

    Of each kind `most` at most; none where the text offers no place for it. With `chat` a model words the paraphrases.
    """
    chosen = sorted(random.Random(f"{seed}/{SOURCE}").sample(range(len(rows)), min(most, len(rows))))
    some = [rows[i] for i in chosen if _said(rows[i]).strip()]
    for kind, vary in WAYS.items():
        for row in some:
            yield from _varied(row, kind, vary(_said(row), random.Random(f"{seed}/{row.id}/{kind}")))
    yield from _paraphrases(some, seed, chat)
    yield from _attacks(some, seed)


def _typed(text: str, rng: random.Random) -> Said:
    return Said(slipped(text, rng), "typing")


def _switched(text: str, rng: random.Random) -> Said:
    return Said(mixed(text, rng), "words")


def _rewidthed(text: str, rng: random.Random) -> Said:
    ways = widths(text)
    way = rng.choice(ways) if ways else "capitals"
    return Said(rewidth(text, way), way)


def _noised(text: str, rng: random.Random) -> Said:
    return Said(noisy(text, rng), "signs")


WAYS: dict[Variation, Callable[[str, random.Random], Said]] = {
    "typing": _typed,
    "code_switch": _switched,
    "width_case": _rewidthed,
    "noise": _noised,
}


def _paraphrases(rows: Sequence[Sample], seed: int, chat: Chat | None) -> Iterator[Sample]:
    by_model = reworded(chat, [_said(row) for row in rows], seed) if chat else [None] * len(rows)
    for row, said in zip(rows, by_model, strict=True):
        rng, text = random.Random(f"{seed}/{row.id}/paraphrase"), _said(row)
        found = Said(said, "model") if said else Said(framed(text, rng, language_of(text)), "frame")
        yield from _varied(row, "paraphrase", found)


def _attacks(rows: Sequence[Sample], seed: int) -> Iterator[Sample]:
    """Each hiding place in turn, in the row's language and then in the other; for labels, one that is not the row's."""
    labels = sorted({row.label for row in rows if row.label})
    forms = islice(cycle((hiding, own) for own in (True, False) for hiding in HIDINGS), len(rows))
    for row, (hiding, own) in zip(rows, forms, strict=True):
        language = language_of(_said(row))
        if not own:
            language = "en" if language == "zh" else "zh"
        others = [label for label in labels if label != row.label]
        if row.label and not others:
            continue
        rng = random.Random(f"{seed}/{row.id}/injection")
        answer = rng.choice(others) if row.label else CANARY.to(language)
        found = attack(_said(row), answer, hiding, language)
        yield from _varied(row, "injection", Said(found.text, hiding, found.answer))


def _varied(row: Sample, kind: Variation, said: Said) -> Iterator[Sample]:
    """Nothing where nothing changed."""
    if said.text == _said(row):
        return
    spoken = max(n for n, message in enumerate(row.messages) if message.role == "user")
    messages = tuple(
        Message(role="user", content=said.text) if n == spoken else message for n, message in enumerate(row.messages)
    )
    origin = Origin(source=SOURCE, slot=f"{row.id}/{kind}", parent=row.id, licence=row.origin.licence)
    fields: dict[str, Scalar] = {"kind": kind, "way": said.way, **({"wanted": said.wanted} if said.wanted else {})}
    yield Sample(
        id=row_id(messages, origin), messages=messages, origin=origin, label=row.label, fields=fields, split="test"
    )


def _said(row: Sample) -> str:
    """The last that the person says."""
    return next((m.content for m in reversed(row.messages) if m.role == "user"), "")
