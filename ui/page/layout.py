"""The page: the conversation on the left, on the right what it is about; its parts, and what each sets off."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from ui import words
from ui.panels import board
from workspace.words import Language

if TYPE_CHECKING:
    import gradio as gr

    from ui.page.desk import Desk

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
    """The components that change."""

    brand: gr.HTML
    projects: gr.HTML
    language: gr.Radio
    person: gr.HTML
    view: gr.Radio
    talk: gr.HTML
    box: gr.MultimodalTextbox
    tabs: gr.Radio
    panel: gr.HTML
    timer: gr.Timer
    kept: gr.BrowserState

    def everything(self) -> list[Any]:
        head = [self.brand, self.projects, self.language, self.person, self.view]
        return [*head, self.talk, self.box, self.tabs, self.panel, self.timer, self.kept]


def lay_out() -> Face:
    import gradio as gr

    bare = {"show_label": False, "container": False}
    drawn = {"apply_default_css": False}
    acts = board.script()
    with gr.Row(elem_id="tm-head"):
        brand = gr.HTML(elem_id="tm-brand", **drawn)
        projects = gr.HTML(elem_id="tm-projects", js_on_load=acts, **drawn)
        view = gr.Radio(label=words.VIEW.en, elem_id="tm-view", elem_classes="tm-segments", interactive=True, **bare)
        choice = [("English", "en"), ("中文", "zh")]
        language = gr.Radio(choice, label=words.LANGUAGE.en, elem_id="tm-language", elem_classes="tm-segments", **bare)
        person = gr.HTML(elem_id="tm-person", **drawn)
    with gr.Row(elem_id="tm-body"):
        with gr.Column(elem_id="tm-talk-side", min_width=0):
            talk = gr.HTML(elem_id="tm-talk", js_on_load=acts + script(), **drawn)
            box = gr.MultimodalTextbox(
                label=words.MESSAGE.en, elem_id="tm-box", file_count="multiple", max_plain_text_length=20_000, **bare
            )
        with gr.Column(elem_id="tm-work-side", min_width=0):
            tabs_ = gr.Radio(label=words.PANEL.en, elem_id="tm-tabs", elem_classes="tm-segments", **bare)
            panel = gr.HTML(elem_id="tm-panel", js_on_load=acts, **drawn)
    timer = gr.Timer(BUSY)
    kept = gr.BrowserState(Kept().model_dump(), storage_key="tunesmith", secret="tunesmith")
    return Face(brand, projects, language, person, view, talk, box, tabs_, panel, timer, kept)


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


def wire(blocks: gr.Blocks, face: Face, desk: Desk) -> None:
    """Nothing waits in a queue: handlers answer at once, the work goes on in the room, the timer looks at it."""
    now = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    often = {**now, "trigger_mode": "multiple"}
    every, kept = face.everything(), face.kept
    _give_requests(desk)
    blocks.load(desk.enter, [kept], every, **now)
    blocks.unload(desk.leave)
    face.timer.tick(desk.look, [kept], every, **now)
    face.box.submit(desk.send, [face.box, kept], every, **often)
    face.talk.click(desk.talked, [kept], every, **often)
    face.projects.click(desk.move, [kept], every, **often)
    # Which tabs there are changes while a page is open: what is none is for the handler to refuse.
    face.tabs.input(desk.turn_to, [face.tabs, kept], [face.panel], preprocess=False, **now)
    face.panel.click(desk.act, [kept], every, **often)
    face.language.input(desk.speak, [face.language, kept], every, **now)


def _give_requests(desk: Desk) -> None:
    """Gradio hands a request only to a parameter annotated with its type, here a mere word until gradio is imported."""
    import gradio as gr

    for handler in (desk.enter, desk.leave, desk.look, desk.send, desk.turn_to, desk.speak):
        handler.__annotations__["request"] = gr.Request
    for pressed in (desk.act, desk.talked, desk.move):
        pressed.__annotations__.update(request=gr.Request, event=gr.EventData)


def brand_html(language: Language) -> str:
    return f"<h1>{MARK}{words.TITLE.to(language)}</h1><p>{words.TAGLINE.to(language)}</p>"
