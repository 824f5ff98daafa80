"""Has typing errors and grammar corrected by a model where that is asked; what stood there is kept beside it."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from typing import ClassVar

from pydantic import BaseModel, Field

from tools.base import Edit, Kit
from tools.corrections import refused
from tools.llm import Answer, Ask, prompt
from workspace.errors import UserError
from workspace.sample import Finding, Role, Sample
from workspace.words import Words, language_of

LONGEST = 6_000  # characters of a text that a model is asked to write again
SHOWN = 5


class Change(BaseModel):
    was: str
    now: str


class Correction(BaseModel):
    """What the model is asked for."""

    text: str
    changes: list[Change] = Field(max_length=200)
    contradiction: str = ""


class Repair(Edit):
    """A correction that would change a number, a name, a link, a denial or a third of the text is refused."""

    name: ClassVar[str] = "repair"
    words: ClassVar[Words] = Words("spelling and grammar corrected", "订正错别字和语病")
    roles: tuple[Role, ...] = Field(
        (), description="whose messages: user, assistant; none: nobody's, and no model is asked"
    )

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        """Raises UserError where it is asked for and no model may be called, or the endpoint is down."""
        if not self.roles:
            yield from rows
            return
        if kit.chat is None:
            raise _no_model()
        waiting: deque[tuple[Sample, list[int]]] = deque()
        answers: list[Answer[Correction]] = []
        for answer in kit.chat.ask_all(self._asks(rows, waiting)):
            answers.append(answer)
            while waiting and len(waiting[0][1]) <= len(answers):
                row, places = waiting.popleft()
                yield _corrected(row, places, answers[: len(places)])
                del answers[: len(places)]
        for row, places in waiting:
            yield _corrected(row, places, answers[: len(places)])
            del answers[: len(places)]

    def _asks(self, rows: Iterable[Sample], waiting: deque[tuple[Sample, list[int]]]) -> Iterator[Ask[Correction]]:
        for row in rows:
            places = self._places(row) if row.kept else []
            waiting.append((row, places))
            for place in places:
                yield _ask(row.messages[place].content)

    def _places(self, row: Sample) -> list[int]:
        """Messages that are asked about; a label is no text."""
        return [
            place
            for place, message in enumerate(row.messages)
            if message.role in self.roles
            and message.content != row.label
            and 0 < len(message.content) <= LONGEST
            and any(map(str.isalpha, message.content))
        ]


def _ask(text: str) -> Ask[Correction]:
    fence = "=" * 8 + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
    filled = prompt("repair", language_of(text), fence=fence, text=text)
    return Ask(prompt=filled, reply=Correction, slot="repair", max_tokens=400 + 3 * len(text))


def _corrected(row: Sample, places: list[int], answers: list[Answer[Correction]]) -> Sample:
    messages, findings = list(row.messages), []
    for place, answer in zip(places, answers, strict=True):
        before, found = row.messages[place].content, answer.value
        if found is None:
            continue
        role, language = row.messages[place].role, language_of(before)
        if found.contradiction.strip():
            findings.append(_unknown(found.contradiction.strip(), before, role))
        after = found.text.strip()
        if after == before:
            continue
        if why := refused(before, after):
            told = Words(f"a correction was refused: {why.en}", f"未采纳订正：{why.zh}")
            findings.append(_unknown(told.to(language), before, role))
            continue
        messages[place] = row.messages[place].model_copy(update={"content": after})
        findings.append(Finding(check="repair", verdict="pass", reason=_told(found), claim=before, column=role))
    if not findings:
        return row
    return row.model_copy(update={"messages": tuple(messages)}).judged(*findings)


def _unknown(reason: str, claim: str, role: Role) -> Finding:
    return Finding(check="repair", verdict="unknown", reason=reason, claim=claim, column=role, confidence=0.5)


def _told(found: Correction) -> str:
    shown = "; ".join(f"{change.was} → {change.now}" for change in found.changes[:SHOWN])
    return shown + (" …" if len(found.changes) > SHOWN else "") if shown else "→"


def _no_model() -> UserError:
    return UserError(
        Words("Texts can't be corrected without a model.", "没有模型，无法订正文字。"),
        Words("Leave --offline out, or name an endpoint.", "请去掉 --offline，或指定一个模型接口。"),
    )
