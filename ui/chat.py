"""The chat in a browser: the page put together and served."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agent import rights
from ui import words
from ui.door import Shelf, bypass_proxy, middleware, sign_in
from ui.panels import board
from ui.render import put
from ui.rooms import Rooms, Talker
from workspace.errors import UserError
from workspace.words import Language, Words

if TYPE_CHECKING:
    import gradio as gr

LARGEST_UPLOAD = "100mb"
SYSTEM_FONTS = [
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "sans-serif",
]


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
            css=(Path(__file__).parent / "chat.css").read_text(encoding="utf-8") + board.style(),
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

    from ui.desk import Desk
    from ui.page import lay_out, wire

    os.environ["GRADIO_TEMP_DIR"] = str(files)
    with gr.Blocks(title="Tunesmith", analytics_enabled=False, fill_height=True, fill_width=True) as blocks:
        face = lay_out()
        wire(blocks, face, Desk(face, Rooms(open_session), Shelf(files), partial(rights.enter, files.parent)))
    return blocks
