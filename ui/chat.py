"""The chat in a browser: the conversation on the left, on the right what it is about."""

from __future__ import annotations

import os
import secrets
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from agent.events import Panel
from agent.trying import Choice
from ui import words
from ui.bubbles import answer_html, said_html
from ui.door import Shelf, bypass_proxy, middleware, sign_in
from ui.panels import panel_html, tabs
from ui.render import put
from ui.rooms import Room, Rooms, Talker
from ui.trials import votes, waits
from workspace.errors import UserError
from workspace.words import Language, Words

if TYPE_CHECKING:
    import gradio as gr

LARGEST_UPLOAD = "100mb"
BUSY, IDLE = 0.4, 2.0  # seconds between looks
SYSTEM_FONTS = [
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "sans-serif",
]
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
class Here:
    """What one browser tab looks at, and what it has been sent already."""

    project: str
    language: Language
    panel: Panel = "specification"
    turned: int = 0
    talk: int = -1
    drawn: tuple[Panel, int] | None = None


@dataclass
class Face:
    """The components that change."""

    brand: gr.HTML
    language: gr.Radio
    fresh: gr.Button
    view: gr.Radio
    talk: gr.Chatbot
    choices: gr.Radio
    box: gr.MultimodalTextbox
    tabs: gr.Radio
    ask: gr.Textbox
    votes: gr.Radio
    panel: gr.HTML
    timer: gr.Timer
    kept: gr.BrowserState

    def moving(self) -> list[Any]:
        return [self.talk, self.choices, self.tabs, *self.work(), self.timer]

    def work(self) -> list[Any]:
        """What a panel is made of."""
        return [self.ask, self.votes, self.panel]

    def everything(self) -> list[Any]:
        return [*self.moving(), self.brand, self.language, self.fresh, self.view, self.box, self.kept]


def serve(home: Path, host: str, port: int | None, language: Language, *, open_browser: bool) -> None:
    """Until it is stopped. Raises UserError for a network address without a password, or a port in use."""
    from agent.session import Session

    blocks = build_app(lambda project: Session(home, project), home / "chat-files")
    url = launch(blocks, host, port, open_browser=open_browser)
    put(sys.stdout, words.OPEN_AT.to(language).format(url=url))
    threading.Event().wait()


def launch(blocks: gr.Blocks, host: str, port: int | None, *, open_browser: bool = False) -> str:
    """The address. Beyond this machine only with a password."""
    import gradio as gr

    check = sign_in(host)
    bypass_proxy()
    try:
        _, url, _ = blocks.launch(
            server_name=host,
            server_port=port,
            inbrowser=open_browser,
            auth=check,
            auth_message=f"{words.SIGN_IN.en} {words.SIGN_IN.zh}",
            share=False,
            quiet=True,
            prevent_thread_lock=True,
            ssr_mode=False,
            footer_links=[],
            run_history=False,
            enable_monitoring=False,
            max_file_size=LARGEST_UPLOAD,
            app_kwargs={"middleware": middleware(host), "docs_url": None, "redoc_url": None},
            theme=gr.themes.Base(font=SYSTEM_FONTS, font_mono=["ui-monospace", "Consolas", "monospace"]),
            css=(Path(__file__).parent / "chat.css").read_text(encoding="utf-8"),
        )
    except OSError as error:
        given = str(port or "")
        raise UserError(
            Words(words.PORT_TAKEN.en.format(port=given), words.PORT_TAKEN.zh.format(port=given)), words.PORT_TAKEN_FIX
        ) from error
    return str(url)


def build_app(open_session: Callable[[str], Talker], files: Path) -> gr.Blocks:
    """The page over any maker of sessions; `files` is where uploads and downloads pass through."""
    import gradio as gr

    os.environ["GRADIO_TEMP_DIR"] = str(files)
    with gr.Blocks(title="Tunesmith", analytics_enabled=False, fill_height=True, fill_width=True) as blocks:
        face = _lay_out()
        _wire(blocks, face, Desk(face, Rooms(open_session), Shelf(files)))
    return blocks


def _lay_out() -> Face:
    import gradio as gr

    bare = {"show_label": False, "container": False}
    with gr.Row(elem_id="tm-head"):
        brand = gr.HTML(elem_id="tm-brand", apply_default_css=False)
        view = gr.Radio(label="View 视图", elem_id="tm-view", elem_classes="tm-segments", interactive=True, **bare)
        choice = [("English", "en"), ("中文", "zh")]
        language = gr.Radio(choice, label="Language 语言", elem_id="tm-language", elem_classes="tm-segments", **bare)
        fresh = gr.Button(elem_id="tm-fresh", size="sm")
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
            ask = gr.Textbox(
                label="Try it 试一试", elem_id="tm-ask", max_lines=6, submit_btn=True, visible=False, **bare
            )
            votes_ = gr.Radio(label="Better 哪个更好", elem_id="tm-votes", visible=False, **bare)
            panel = gr.HTML(elem_id="tm-panel", apply_default_css=False)
    timer = gr.Timer(BUSY)
    kept = gr.BrowserState(Kept().model_dump(), storage_key="tunesmith", secret="tunesmith")
    return Face(brand, language, fresh, view, talk, choices, box, tabs_, ask, votes_, panel, timer, kept)


def _wire(blocks: gr.Blocks, face: Face, desk: Desk) -> None:
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
    face.tabs.input(desk.turn_to, [face.tabs, kept], face.work(), **now)
    face.ask.submit(desk.try_out, [face.ask, kept], [*moving], **now)
    face.votes.input(desk.vote, [face.votes, kept], moving, **now)
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
        desk.try_out,
        desk.vote,
        desk.speak,
    ):
        handler.__annotations__["request"] = gr.Request


class Desk:
    """What happens when somebody does something on the page; each handler hands back what changed."""

    def __init__(self, face: Face, rooms: Rooms, shelf: Shelf) -> None:
        self.face, self.rooms, self.shelf = face, rooms, shelf
        self.tabs: dict[str, Here] = {}

    def enter(self, kept: dict[str, Any], request: gr.Request) -> dict[Any, Any]:
        before = Kept.model_validate(kept)
        asked = dict(request.query_params)
        project = asked.get("project") or before.project or new_project()
        spoken: Language = "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
        here = Here(project, before.language if before.project else spoken)
        return self._arrive(here, request)

    def leave(self, request: gr.Request) -> None:
        self.tabs.pop(str(request.session_hash), None)

    def start_fresh(self, kept: dict[str, Any], request: gr.Request) -> dict[Any, Any]:
        return self._arrive(Here(new_project(), self._here(kept, request).language), request)

    def _arrive(self, here: Here, request: gr.Request) -> dict[Any, Any]:
        self.tabs[str(request.session_hash)] = here
        self._room(here).enter()
        return {**self._worded(here), **self._moved(here, everything=True)}

    def look(self, kept: dict[str, Any], request: gr.Request) -> dict[Any, Any]:
        return self._moved(self._here(kept, request))

    def send(self, given: dict[str, Any], kept: dict[str, Any], request: gr.Request) -> dict[Any, Any]:
        import gradio as gr

        text, files = str(given.get("text") or "").strip(), [Path(file) for file in given.get("files") or []]
        if not text and not files:
            return {self.face.timer: gr.skip()}
        return self._say(text, files, self._here(kept, request))

    def choose(self, text: str, kept: dict[str, Any], request: gr.Request) -> dict[Any, Any]:
        return self._say(text, [], self._here(kept, request))

    def _say(self, text: str, files: list[Path], here: Here) -> dict[Any, Any]:
        import gradio as gr

        self._room(here).say(text, files)
        return {**self._moved(here), self.face.box: gr.MultimodalTextbox(value=None)}

    def turn_to(self, panel: Panel, kept: dict[str, Any], request: gr.Request) -> dict[Any, Any]:
        here = self._here(kept, request)
        here.panel = panel
        return self._work(here)

    def try_out(self, text: str, kept: dict[str, Any], request: gr.Request) -> dict[Any, Any]:
        import gradio as gr

        here = self._here(kept, request)
        if not text.strip():
            return {self.face.timer: gr.skip()}
        self._room(here).try_out(text.strip())
        return {**self._moved(here), self.face.ask: gr.Textbox(value="")}

    def vote(self, side: Choice, kept: dict[str, Any], request: gr.Request) -> dict[Any, Any]:
        here = self._here(kept, request)
        self._room(here).choose(side)
        return self._moved(here)

    def speak(self, language: Language, kept: dict[str, Any], request: gr.Request) -> dict[Any, Any]:
        here = self._here(kept, request)
        here.language = language
        self._room(here).speak(language)
        return {**self._worded(here), **self._moved(here, everything=True)}

    def _here(self, kept: dict[str, Any], request: gr.Request) -> Here:
        """What the browser keeps is enough to go on, should the server have been restarted under an open page."""
        tab = str(request.session_hash)
        if tab not in self.tabs:
            before = Kept.model_validate(kept)
            self.tabs[tab] = Here(before.project or new_project(), before.language)
            self._room(self.tabs[tab]).enter()
        return self.tabs[tab]

    def _room(self, here: Here) -> Room:
        return self.rooms.room(here.project, here.language)

    def _worded(self, here: Here) -> dict[Any, Any]:
        import gradio as gr

        said, face = here.language, self.face
        views = [(words.TALK_VIEW.to(said), "talk"), (words.WORK_VIEW.to(said), "work")]
        return {
            face.brand: brand_html(said),
            face.language: gr.Radio(value=said),
            face.fresh: gr.Button(words.FRESH.to(said)),
            face.view: gr.Radio(views, value="talk"),
            face.box: gr.MultimodalTextbox(placeholder=words.PLACEHOLDER.to(said)),
            face.kept: Kept(project=here.project, language=said).model_dump(),
        }

    def _moved(self, here: Here, everything: bool = False) -> dict[Any, Any]:
        """What the tab has not seen yet; nothing at all while nothing happens."""
        import gradio as gr

        room, face = self._room(here), self.face
        if room.revision == here.talk and not everything:
            return {face.timer: gr.skip()}
        with room.still:
            here.talk, busy = room.revision, room.busy
            changed = {face.talk: self._messages(room, here.language), face.timer: gr.Timer(BUSY if busy else IDLE)}
            changed[face.choices] = gr.Radio(list(room.choices), value=None, visible=bool(room.choices))
            if room.turned != here.turned:
                here.turned, here.panel = room.turned, room.focus
            changed[face.tabs] = gr.Radio(tabs(list(room.panels), here.language), value=here.panel)
            seen = (here.panel, room.drawn.get(here.panel, 0))
            if seen != here.drawn or everything:
                here.drawn = seen
                changed |= self._work(here)
        return changed

    def _work(self, here: Here) -> dict[Any, Any]:
        """The panel that is looked at; where a model is tried out, what there is to say and to choose."""
        import gradio as gr

        shown, face, trying = self._room(here).panels.get(here.panel), self.face, here.panel == "try"
        return {
            face.ask: gr.Textbox(visible=trying, placeholder=words.TRY_HERE.to(here.language)),
            face.votes: gr.Radio(votes(here.language), value=None, visible=trying and waits(shown)),
            face.panel: panel_html(shown, here.language),
        }

    def _messages(self, room: Room, language: Language) -> list[dict[str, Any]]:
        import gradio as gr

        messages = []
        for turn in room.turns:
            for role, html in (("user", said_html(turn)), ("assistant", answer_html(turn, language, self.shelf.link))):
                if html:
                    messages.append({"role": role, "content": gr.HTML(html, apply_default_css=False)})
        return messages


def new_project() -> str:
    return "chat-" + secrets.token_hex(6)


def brand_html(language: Language) -> str:
    return f"<h1>{MARK}{words.TITLE.to(language)}</h1><p>{words.TAGLINE.to(language)}</p>"
