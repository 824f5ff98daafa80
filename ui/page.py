"""The page: the conversation on the left, on the right what it is about; its parts, and what each sets off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from ui import words
from ui.panels import board
from workspace.words import Language

if TYPE_CHECKING:
    import gradio as gr

    from ui.desk import Desk

BUSY, IDLE = 0.4, 2.0  # seconds between looks
MARK = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 3v7a4 4 0 0 0 8 0V3M12 14v7" fill="none" '
    'stroke="currentColor" stroke-width="2" stroke-linecap="round"/></svg>'
)
# The address bar keeps the project, so that each tab comes back to its own.
KEEP_ADDRESS = """(kept) => {
  const address = new URL(window.location);
  address.searchParams.set('project', kept.project);
  window.history.replaceState(null, '', address);
  document.documentElement.lang = kept.language === 'zh' ? 'zh-CN' : 'en';
}"""


class Kept(BaseModel):
    """What the browser remembers between visits."""

    project: str = ""
    language: Language = "en"


@dataclass
class Face:
    """The components that change."""

    brand: gr.HTML
    language: gr.Radio
    fresh: gr.Button
    person: gr.HTML
    view: gr.Radio
    talk: gr.Chatbot
    choices: gr.Radio
    box: gr.MultimodalTextbox
    tabs: gr.Radio
    panel: gr.HTML
    timer: gr.Timer
    kept: gr.BrowserState

    def moving(self) -> list[Any]:
        return [self.talk, self.choices, self.tabs, self.panel, self.timer]

    def everything(self) -> list[Any]:
        return [*self.moving(), self.brand, self.language, self.fresh, self.person, self.view, self.box, self.kept]


def lay_out() -> Face:
    import gradio as gr

    bare = {"show_label": False, "container": False}
    with gr.Row(elem_id="tm-head"):
        brand = gr.HTML(elem_id="tm-brand", apply_default_css=False)
        view = gr.Radio(label="View 视图", elem_id="tm-view", elem_classes="tm-segments", interactive=True, **bare)
        choice = [("English", "en"), ("中文", "zh")]
        language = gr.Radio(choice, label="Language 语言", elem_id="tm-language", elem_classes="tm-segments", **bare)
        fresh = gr.Button(elem_id="tm-fresh", size="sm")
        person = gr.HTML(elem_id="tm-person", apply_default_css=False)
    with gr.Row(elem_id="tm-body"):
        with gr.Column(elem_id="tm-talk-side", min_width=0):
            talk = gr.Chatbot(
                elem_id="tm-talk", layout="panel", height="100%", buttons=[], feedback_options=None, **bare
            )
            choices = gr.Radio(label="Likely answers 常见回答", elem_id="tm-choices", visible=False, **bare)
            box = gr.MultimodalTextbox(
                label="Message 消息", elem_id="tm-box", file_count="multiple", max_plain_text_length=20_000, **bare
            )
        with gr.Column(elem_id="tm-work-side", min_width=0):
            tabs_ = gr.Radio(label="Panel 面板", elem_id="tm-tabs", elem_classes="tm-segments", **bare)
            panel = gr.HTML(elem_id="tm-panel", js_on_load=board.script(), apply_default_css=False)
    timer = gr.Timer(BUSY)
    kept = gr.BrowserState(Kept().model_dump(), storage_key="tunesmith", secret="tunesmith")
    return Face(brand, language, fresh, person, view, talk, choices, box, tabs_, panel, timer, kept)


def wire(blocks: gr.Blocks, face: Face, desk: Desk) -> None:
    """Nothing waits in a queue: handlers answer at once, the work goes on in the room, the timer looks at it."""
    now = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    every, moving = face.everything(), face.moving()
    _give_requests(desk)
    kept = face.kept
    blocks.load(desk.enter, [kept], every, **now).then(None, [kept], js=KEEP_ADDRESS, **now)
    blocks.unload(desk.leave)
    face.timer.tick(desk.look, [kept], moving, **now)
    face.box.submit(desk.send, [face.box, kept], [*moving, face.box], trigger_mode="multiple", **now)
    face.choices.input(desk.choose, [face.choices, kept], [*moving, face.box], **now)
    face.tabs.input(desk.turn_to, [face.tabs, kept], [face.panel], **now)
    face.panel.click(desk.act, [kept], moving, trigger_mode="multiple", **now)
    for event in (
        face.language.input(desk.speak, [face.language, kept], every, **now),
        face.fresh.click(desk.start_fresh, [kept], every, **now),
    ):
        event.then(None, [kept], js=KEEP_ADDRESS, **now)


def _give_requests(desk: Desk) -> None:
    """Gradio hands a request only to a parameter annotated with its type, here a mere word until gradio is imported."""
    import gradio as gr

    for handler in (
        desk.enter,
        desk.leave,
        desk.start_fresh,
        desk.look,
        desk.send,
        desk.choose,
        desk.turn_to,
        desk.act,
        desk.speak,
    ):
        handler.__annotations__["request"] = gr.Request
    desk.act.__annotations__["event"] = gr.EventData


def brand_html(language: Language) -> str:
    return f"<h1>{MARK}{words.TITLE.to(language)}</h1><p>{words.TAGLINE.to(language)}</p>"
