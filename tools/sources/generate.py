"""Has the model write the rows that the quota grid still lacks, several in a call, each call under its own slot."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from tools.base import Kit, Source
from tools.forms import Rows, form_of, messages, sized
from tools.grid import Want, at_most, lacking
from tools.llm import Answer, Ask, prompt
from workspace.sample import Cell, Finding, Origin, Sample, row_id
from workspace.spec import Spec
from workspace.stated import Label
from workspace.words import Language, Words, language_of

SHOTS = 4
CONTRASTS = 3
PASSAGE = 1500
LOST = {
    "missing": "the model wrote fewer rows than it was asked for",
    "unfinished": "the model's reply was cut off",
    "malformed": "the model's reply did not have the form that was asked for",
    "budget": "the budget was reached",
    "endpoint": "the model did not answer",
}
NOTHING: dict[Language, str] = {"en": "(none)", "zh": "（无）"}


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its slot, its place among the requests for this label, and the cell of each of its rows."""

    slot: str
    number: int
    label: str | None
    cells: tuple[Cell, ...]


class Generate(Source):
    """One round, of `most` rows. What it asks follows from the specification and `kit.rows`, never from its replies."""

    name: ClassVar[str] = "generate"
    words: ClassVar[Words] = Words("rows written by the model", "由模型撰写的数据")
    round: int = 1
    most: int | None = None

    def read(self, kit: Kit) -> Iterator[Sample]:
        """As many rows as were asked for, in slot order; one that did not come has no messages and says why."""
        if kit.chat is None:
            return
        wants = lacking(kit.spec, kit.rows)
        wants = wants if self.most is None else at_most(wants, self.most)
        calls = plan(wants, self.round, form_of(kit.spec).per_call)
        asks = [_ask(kit, call) for call in calls]
        for call, answer in zip(calls, kit.chat.ask_all(asks), strict=True):
            yield from _rows(call, answer)


def plan(wants: Iterable[Want], round: int, per_call: int) -> list[Call]:
    """Rows of one label and one language share calls, neighbours in the grid together."""
    groups: dict[tuple[str | None, str | None], list[Cell]] = {}
    for want in wants:
        groups.setdefault((want.label, want.cell.language), []).extend([want.cell] * want.count)
    calls: list[Call] = []
    for (label, language), cells in groups.items():
        for number, part in enumerate(_even(cells, per_call)):
            slot = "/".join(name for name in (f"r{round}", label, language, str(number)) if name)
            calls.append(Call(slot, number + 5 * (round - 1), label, tuple(part)))
    return calls


def _even(cells: Sequence[Cell], most: int) -> Iterator[Sequence[Cell]]:
    """Parts of nearly the same size, so that no call is left with a single row."""
    parts = -(-len(cells) // most)
    for i in range(parts):
        yield cells[i * len(cells) // parts : (i + 1) * len(cells) // parts]


def _ask(kit: Kit, call: Call) -> Ask[Rows]:
    spec, form = kit.spec, form_of(kit.spec)
    return Ask(
        prompt=_brief(kit, call),
        reply=sized(form.reply, len(call.cells)),
        slot=call.slot,
        temperature=spec.temperature.value if spec.temperature else 0.7,
        top_k=spec.top_k.value if spec.top_k else None,
        max_tokens=form.tokens * len(call.cells) + 64,
        seed=_number(call.slot, spec.seed.value if spec.seed else 0),
    )


def _number(slot: str, seed: int) -> int:
    return int(hashlib.sha256(f"{seed}/{slot}".encode()).hexdigest()[:7], 16)


def _brief(kit: Kit, call: Call) -> str:
    spec = kit.spec
    task = spec.task.value if spec.task else "writing"
    goal = spec.goal.value if spec.goal else ""
    language = call.cells[0].language
    words: Language = "zh" if language == "zh" or (language is None and language_of(goal) == "zh") else "en"
    slots = {
        "goal": goal,
        "label": _label(spec, call.label),
        "others": "; ".join(_label(spec, other.name) for other in _others(spec, call.label)),
        "examples": "\n".join(_shots(kit, call, words)),
        "contrast": "\n".join(_contrast(kit, call)),
        "rules": "\n".join(f"- {rule.sentence}" for rule in (spec.rules.value if spec.rules else ())),
        "passage": _passage(kit, call.number),
        "cells": "\n".join(_wanted(call, words)),
        "mix": _mix(call),
        "count": str(len(call.cells)),
    }
    # An empty line parts one angle from the next, so what people wrote must not hold one.
    slots = {name: re.sub(r"\n\s*\n", "\n", text) or NOTHING[words] for name, text in slots.items()}
    angles = prompt("generate-angles", words, **slots).split("\n\n")
    # Asked in one way alone, a small model repeats itself: each call takes another angle, and each round begins anew.
    angle = angles[(call.number + call.number // len(angles)) % len(angles)]
    return prompt(f"generate-{task}", words, angle=angle, **slots)


def _label(spec: Spec, name: str | None) -> str:
    """Its name as words, and its definition where there is one."""
    found = next((label for label in (spec.labels.value if spec.labels else ()) if label.name == name), None)
    if found is None:
        return ""
    spoken = found.name.replace("_", " ")
    return f"{spoken} ({found.definition})" if found.definition else spoken


def _others(spec: Spec, name: str | None) -> list[Label]:
    return [label for label in (spec.labels.value if spec.labels else ()) if label.name != name]


def _shots(kit: Kit, call: Call, language: Language) -> list[str]:
    """Real rows of the label, in its language where there are any, others in each call; never one held back."""
    real = [r for r in kit.rows if r.origin.source != "generate" and r.split != "test" and r.label == call.label]
    real = [r for r in real if language_of(r.question) == language] or real
    start = call.number * SHOTS
    chosen = [real[(start + i) % len(real)] for i in range(min(SHOTS, len(real)))]
    return [f"- {r.question}" if call.label else f"- {r.question}\n  → {r.answer}" for r in chosen]


def _contrast(kit: Kit, call: Call) -> Iterator[str]:
    """Real rows of some other labels, of others in each call."""
    others = [label.name for label in _others(kit.spec, call.label)]
    for i in range(min(CONTRASTS, len(others))):
        other = others[(call.number * CONTRASTS + i) % len(others)]
        real = [r for r in kit.rows if r.origin.source != "generate" and r.split != "test" and r.label == other]
        if real:
            yield f"- {real[call.number % len(real)].question} ({_label(kit.spec, other)})"


def _passage(kit: Kit, number: int) -> str:
    """A piece of the person's documents, another one in each call; cut between paragraphs."""
    if kit.knowledge is None:
        return ""
    pieces = [piece for name in kit.knowledge.documents() for piece in _pieces(kit.knowledge.text(name))]
    return pieces[number % len(pieces)] if pieces else ""


def _pieces(text: str) -> Iterator[str]:
    piece = ""
    for paragraph in text.split("\n\n"):
        if piece and len(piece) + len(paragraph) > PASSAGE:
            yield piece
            piece = ""
        piece = f"{piece}\n\n{paragraph}".strip()
    if piece:
        yield piece


def _wanted(call: Call, language: Language) -> Iterator[str]:
    """A numbered line for each row: its cell, and a way of saying it, for a small model left alone repeats itself."""
    ways = prompt("generate-ways", language).splitlines()
    for i, cell in enumerate(call.cells):
        parts = ", ".join(part for part in (cell.scenario, cell.difficulty, cell.tone) if part)
        way = ways[(call.number * len(call.cells) + i) % len(ways)]
        yield f"{i + 1}. {parts}: {way}" if parts else f"{i + 1}. {way}"


def _mix(call: Call) -> str:
    """How many rows of which cell, in words."""
    parts = Counter(", ".join(p for p in (cell.scenario, cell.difficulty, cell.tone) if p) for cell in call.cells)
    return "; ".join(f"{count} {words}" for words, count in parts.items() if words)


def _rows(call: Call, answer: Answer[Rows]) -> Iterator[Sample]:
    turns = answer.value.turns() if answer.value else ()
    for i, cell in enumerate(call.cells):
        words = messages(turns[i], call.label) if i < len(turns) else ()
        origin = Origin(source="generate", slot=f"{call.slot}/{i}")
        row = Sample(id=row_id(words, origin), messages=words, origin=origin, label=call.label, cell=cell)
        if not words:
            yield row.judged(_dropping(answer.failure or "missing", LOST[answer.failure or "missing"]))
        elif call.label and words[0].content.casefold() in answer.ask.prompt.casefold():
            yield row.judged(_dropping("echo", "it repeats words of the request"))
        else:
            yield row


def _dropping(check: str, reason: str) -> Finding:
    return Finding(check=check, verdict="fail", reason=reason, drops=True)
