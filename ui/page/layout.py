"""The frame of the page: which parts there are, how it looks, and what the browser keeps and runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ui import words
from workspace.words import Language

BUSY, IDLE = 0.4, 2.0  # seconds between looks
MARK = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 3v7a4 4 0 0 0 8 0V3M12 14v7" fill="none" '
    'stroke="currentColor" stroke-width="2" stroke-linecap="round"/></svg>'
)


class Kept(BaseModel):
    """What the browser remembers between visits."""

    project: str = ""
    language: Language = "en"


@dataclass
class Face:
    """The components that change; the page's own words for them, so that only ui/chat.py knows Gradio."""

    brand: Any
    projects: Any
    language: Any
    person: Any
    view: Any
    talk: Any
    box: Any
    tabs: Any
    panel: Any
    timer: Any
    kept: Any

    def everything(self) -> list[Any]:
        head = [self.brand, self.projects, self.language, self.person, self.view]
        return [*head, self.talk, self.box, self.tabs, self.panel, self.timer, self.kept]


def script() -> str:
    """What the browser runs on the conversation, and what the buttons of the box are called in each language."""
    names = {
        ":is(.upload-button, .upload-container, input[type=file])": words.ATTACH,
        ".full-container": words.MESSAGE,
        ".submit-button": words.SEND,
        ".stop-button": words.STOP,
    }
    called = {button: {"en": name.en, "zh": name.zh} for button, name in names.items()}
    said = f"const names = {json.dumps(called, ensure_ascii=False)};\n"
    return said + (Path(__file__).parent / "talk.js").read_text(encoding="utf-8")


def style() -> str:
    """How the frame looks, and whatever stands outside of the panels."""
    return (Path(__file__).parent / "chat.css").read_text(encoding="utf-8")


def brand_html(language: Language) -> str:
    return f"<h1>{MARK}{words.TITLE.to(language)}</h1><p>{words.TAGLINE.to(language)}</p>"
