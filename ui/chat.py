"""The chat in a browser: the page put together, and served to whoever may come in."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agent import rights
from ui import words
from ui.door.guard import MOST_AT_ONCE, Served, guarded, is_loopback, page_head
from ui.door.programs import listen
from ui.door.shelf import Shelf
from ui.door.sign_in import SignIn, own_style
from ui.page.desk import Desk
from ui.page.layout import BUSY, Face, Kept, script, style
from ui.panels import board
from ui.render import put
from ui.rooms import Rooms, Talker
from workspace.errors import UserError
from workspace.words import Language

if TYPE_CHECKING:
    import gradio as gr
    import uvicorn

PORT, NEXT_PORTS = 7860, 100
SECONDS_TO_END = 2
SYSTEM_FONTS = [
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "sans-serif",
]


@dataclass
class Chat:
    """The page, whose files pass through it, and once it is open the server that answers for it."""

    blocks: gr.Blocks
    shelf: Shelf
    server: uvicorn.Server | None = None
    thread: threading.Thread | None = field(default=None, repr=False)

    def close(self) -> None:
        if self.server and self.thread:
            self.server.should_exit = True
            self.thread.join()


def serve(home: Path, host: str, port: int | None, language: Language, *, open_browser: bool) -> None:
    """Until it is stopped. Raises UserError where the port is in use."""
    from agent.session import Session

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as a container is stopped
    chat = build_app(lambda project: Session(home, project), home / "chat-files")
    url = launch(chat, host, port)
    put(sys.stdout, words.OPEN_AT.to(language).format(url=url))
    if open_browser:
        webbrowser.open(url)
    threading.Event().wait()


def build_app(open_session: Callable[[str], Talker], files: Path) -> Chat:
    """The page over any maker of sessions; `files`, in the home folder, is where uploads pass through."""
    import gradio as gr

    os.environ["GRADIO_TEMP_DIR"] = str(files)
    shelf = Shelf(files)
    shelf.clear()
    with gr.Blocks(title="Tunesmith", analytics_enabled=False, fill_height=True, fill_width=True) as blocks:
        face = _lay_out()
        home = files.parent
        let_in, listed = partial(rights.enter, home), partial(rights.projects_of, home)
        rooms = Rooms(open_session, shelf.received)
        _wire(blocks, face, Desk(face, rooms, shelf, let_in, listed, gr.update))
    return Chat(blocks, shelf)


def launch(chat: Chat, host: str, port: int | None) -> str:
    """The address; answered in a thread of its own until `chat.close()`."""
    import uvicorn

    listening = _listening(host, port)
    config = uvicorn.Config(
        app_of(chat, host),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_END,
        ws="none",
    )
    chat.server = uvicorn.Server(config)
    chat.thread = threading.Thread(target=chat.server.run, args=([listening],), daemon=True)
    chat.thread.start()
    while not chat.server.started:
        if not chat.thread.is_alive():
            raise RuntimeError("the server ended before it began: see the log")
        time.sleep(0.005)
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{listening.getsockname()[1]}/"


def app_of(chat: Chat, host: str) -> Served:
    """Our own routes and Gradio's behind the door."""
    import gradio as gr
    from fastapi import FastAPI
    from starlette.responses import JSONResponse
    from starlette.routing import BaseRoute, Route

    sign_in = SignIn(chat.shelf.home, always=not is_loopback(host))
    routes: list[BaseRoute] = [
        Route("/sign-in", sign_in.page),
        Route("/sign-in", sign_in.enter, methods=["POST"]),
        Route("/sign-out", sign_in.leave, methods=["POST"]),
        Route("/offered/{token}/{name}", chat.shelf.hand_out),
        Route("/health", lambda request: JSONResponse({"status": "ok"})),
    ]
    app = FastAPI(routes=routes, docs_url=None, redoc_url=None, openapi_url=None)
    gr.mount_gradio_app(
        app,
        chat.blocks,
        path="/",
        auth_dependency=lambda request: request.scope.get("person"),
        show_error=False,
        ssr_mode=False,
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        mcp_server=False,
        max_file_size=MOST_AT_ONCE,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        theme=gr.themes.Base(font=SYSTEM_FONTS, font_mono=["ui-monospace", "Consolas", "monospace"]),
        css=style() + own_style() + board.style(),
        head=page_head(),
    )
    return guarded(app, host, sign_in, chat.shelf)


def _listening(host: str, port: int | None) -> socket.socket:
    """The port that was named, else 7860 or the next that is free."""
    if port is not None:
        return listen(host, port)
    for candidate in range(PORT, PORT + NEXT_PORTS - 1):
        with suppress(UserError):
            return listen(host, candidate)
    return listen(host, PORT + NEXT_PORTS - 1)


def _lay_out() -> Face:
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


def _wire(blocks: gr.Blocks, face: Face, desk: Desk) -> None:
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
