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
from ui.page.layout import style
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

    from ui.page.desk import Desk
    from ui.page.layout import lay_out, wire

    os.environ["GRADIO_TEMP_DIR"] = str(files)
    shelf = Shelf(files)
    shelf.clear()
    with gr.Blocks(title="Tunesmith", analytics_enabled=False, fill_height=True, fill_width=True) as blocks:
        face = lay_out()
        home = files.parent
        let_in, listed = partial(rights.enter, home), partial(rights.projects_of, home)
        wire(blocks, face, Desk(face, Rooms(open_session, shelf.received), shelf, let_in, listed))
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
