"""Tunesmith as a server of the Model Context Protocol, so that any other assistant can drive it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.middleware import Middleware
from starlette.requests import Request as Heard

from agent.assistant.assisting import Assistant
from agent.assistant.handed_over import allowed_folders
from ui import words
from ui.door.guard import is_loopback, known_hosts
from ui.door.programs import Refused, guards, key_for, listen, refusal
from ui.mcp_tools import ABOUT, Tools, add_tools
from ui.render import put
from workspace.words import Language, Words

if TYPE_CHECKING:
    from pydantic import SecretStr
    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PORT = 8010
PATH = "/mcp"
SECONDS_TO_END = 3
MOST_BYTES = 16_000_000  # the documents that may come along, each character written as \\uXXXX
TOO_LARGE = Words("The request is larger than 16 MB.", "请求超过 16 MB。")


def build(home: Path, language: Language) -> MCPServer:
    """What is ordered is put down to the account of this machine: whoever starts the server answers for it."""
    server = MCPServer("tunesmith", title="Tunesmith", instructions=ABOUT, log_level="WARNING")
    add_tools(server, Tools(Assistant(home, allowed_folders(home)), language))
    return server


def serve(home: Path, language: Language) -> None:
    """Over stdin and stdout until the asker leaves. The library keeps what others print away from the protocol."""
    build(home, language).run("stdio")


def serve_http(home: Path, host: str, port: int | None, language: Language) -> None:
    """Raises UserError for a network address without a key, or a port in use."""
    import uvicorn

    key = key_for(host)
    listening = listen(host, PORT if port is None else port)
    app = build_app(build(home, language), host, key, language)
    shown = f"[{host}]" if ":" in host else host
    put(sys.stdout, words.MCP_AT.to(language).format(url=f"http://{shown}:{listening.getsockname()[1]}{PATH}"))
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=SECONDS_TO_END)
    uvicorn.Server(config).run(sockets=[listening])


def build_app(server: MCPServer, host: str, key: SecretStr | None, language: Language) -> Starlette:
    """The same door as a served model's, and on loopback no other origin either."""
    names = [f"{name}{port}" for name in known_hosts(host) for port in ("", ":*")]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=key is None and is_loopback(host),
        allowed_hosts=names,
        allowed_origins=[f"http://{name}" for name in names],
    )
    app = server.streamable_http_app(streamable_http_path=PATH, transport_security=security, host=host)
    app.user_middleware[:0] = [*guards(host, key, language), Middleware(Short, language=language)]
    return app


class Short:
    """Reads a request before anybody keeps it in memory for longer, and refuses what is too large."""

    def __init__(self, app: ASGIApp, language: Language) -> None:
        self.app, self.language = app, language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        heard: list[Message] = []
        size, more = 0, True
        while more:
            heard.append(await receive())
            size += len(heard[-1].get("body", b""))
            more = heard[-1].get("more_body", False)
            if size > MOST_BYTES:
                wrong = Refused(413, TOO_LARGE, "request_too_large")
                await refusal(Heard(scope), wrong, self.language)(scope, receive, send)
                return

        async def again() -> Message:
            return heard.pop(0) if heard else await receive()

        await self.app(scope, again, send)
