"""The shipped conversation, played without a person: each question gets the answer written for its field."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from agent.events import Ask, Done
from agent.session import asked
from ui import words
from ui.render import Drawer
from ui.rooms import Talker
from workspace.errors import UserError
from workspace.words import Language, Words

EXAMPLE = Path(__file__).parent.parent / "examples" / "bank"
MOST_TURNS = 40


class Line(BaseModel):
    """What the person says; `files` stand beside the conversation."""

    model_config = ConfigDict(extra="forbid")
    text: str
    files: tuple[str, ...] = ()


class Conversation(BaseModel):
    """`answers` by the field that a question is about, `confirm` and `approve` among them; `otherwise` to any other."""

    model_config = ConfigDict(extra="forbid")
    opening: Line
    answers: dict[str, Line] = {}
    otherwise: Line

    def answer(self, question: Ask) -> Line:
        return self.answers.get(question.field, self.otherwise)


def conversation(folder: Path, language: Language) -> Conversation:
    path = folder / f"conversation.{language}.yaml"
    if not path.exists():
        raise UserError(
            Words(words.NO_DEMO.en.format(path=path), words.NO_DEMO.zh.format(path=path)), words.NO_DEMO_FIX
        )
    return Conversation.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def play(session: Talker, drawer: Drawer, language: Language, folder: Path = EXAMPLE) -> int:
    """0 once a report card is there, 1 if the conversation ends without one."""
    from agent.events import Say

    script = conversation(folder, language)
    question = asked(list(session.open()))
    line = script.opening if question is None or question.field == "goal" else script.answer(question)
    for _ in range(MOST_TURNS):
        drawer.show(Say(text=f"> {line.text}" + "".join(f"\n> `{name}`" for name in line.files)))
        events = []
        for event in session.send(line.text, [folder / name for name in line.files]):
            drawer.show(event)
            events.append(event)
        if any(isinstance(event, Done) and event.report for event in events):
            drawer.close()
            return 0
        question = asked(events)
        if question is None:
            break
        line = script.answer(question)
    drawer.close()
    raise UserError(words.DEMO_STUCK, words.DEMO_STUCK_FIX)
