"""Other assistants drive Tunesmith: the protocol's own client talks to the tools in memory."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import pytest
from mcp import Client
from mcp_types import CallToolResult

from tests.agent.test_session import ANSWERS, LABELS, TEXTS
from tests.scripted import Scripted
from ui.mcp import build
from workspace.settings import settings

TOOLS = {"interview", "approve", "status", "questions", "rows", "check", "evaluate", "release", "projects"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The one that files may be read from, with rows in it."""
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    lines = [f'"{text} {n}",{label}' for n in range(6) for label, text in zip(LABELS, TEXTS, strict=True)]
    (allowed / "messages.csv").write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "secret.csv").write_text("text,label\na,b\n", encoding="utf-8")
    monkeypatch.setenv("TUNESMITH_MCP_FILES", str(allowed))
    settings.cache_clear()
    yield allowed
    settings.cache_clear()


Play = Callable[[Client], Awaitable[None]]


def played(home: Path, play: Play) -> None:
    async def go() -> None:
        async with Client(build(home, "en")) as client:
            await play(client)

    anyio.run(go)


async def call(client: Client, tool: str, **given: Any) -> dict[str, Any]:
    answer = await client.call_tool(tool, given)
    assert not answer.is_error, answer.content
    assert isinstance(answer.structured_content, dict)
    return answer.structured_content


async def refused(client: Client, tool: str, **given: Any) -> str:
    answer = await client.call_tool(tool, given)
    assert answer.is_error
    return told(answer)


def told(answer: CallToolResult) -> str:
    return "\n".join(part.text for part in answer.content if part.type == "text")


async def interviewed(client: Client, until: str, project: str = "shop") -> dict[str, Any]:
    answer = await call(client, "interview", project=project)
    for _ in range(25):
        question = answer["question"]
        if question["about"] == until:
            return answer
        files = ["messages.csv"] if question["about"] == "examples" else []
        if question["needs_approval"]:
            answer = await call(client, "approve", project=project, hash=question["hash"], choice="yes")
        else:
            text = ANSWERS[question["about"]]
            answer = await call(client, "interview", project=project, text=text, files=files)
        while answer["state"] == "working":
            await anyio.sleep(0.2)
            answer = await call(client, "status", name=project)
    raise AssertionError(f"never asked for {until}")


def test_every_tool_says_what_it_is_for_and_what_it_takes(home: Path, folder: Path) -> None:
    async def play(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == TOOLS
        for tool in tools:
            assert len(tool.description or "") > 30
            jsonschema.Draft202012Validator.check_schema(tool.input_schema)
            jsonschema.Draft202012Validator.check_schema(tool.output_schema or {"type": 1})
            assert "context" not in tool.input_schema["properties"]
            assert all(
                told.get("description")
                for name, told in tool.input_schema["properties"].items()
                if name not in ("offset", "limit")
            )
        assert "approve" in (client.instructions or "")

    played(home, play)


def test_a_whole_conversation_ends_in_rows_and_a_version(home: Path, folder: Path, scripted: Scripted) -> None:
    async def play(client: Client) -> None:
        answer = await interviewed(client, "confirm")
        assert answer["question"]["needs_approval"]
        assert any("90%" in said for said in answer["said"])
        start = answer["question"]["hash"]
        built = await call(client, "approve", project="shop", hash=start, choice="yes", wait_seconds=120)
        assert built["question"]["about"] == "approve"
        assert any("Rejected" in table["title"] for table in built["tables"])
        page = await call(client, "rows", name="shop", limit=7)
        assert (len(page["rows"]), page["next_offset"], page["kept"] + page["rejected"]) == (7, 7, page["matching"])
        dropped = await call(client, "rows", name="shop", outcome="rejected", limit=100)
        assert dropped["matching"] == page["rejected"]
        assert all(row["findings"][-1]["drops"] for row in dropped["rows"])
        parcels = await call(client, "rows", name="shop", about="PARCEL", limit=100)
        assert 0 < parcels["matching"] < page["matching"]
        asked = await call(client, "questions", project="shop", question="how many were rejected and why?")
        assert f"{page['rejected']} rows were rejected" in "".join(asked["said"])
        frozen = await call(client, "approve", project="shop", hash=built["question"]["hash"], choice="Yes, go on")
        ended = await call(
            client, "approve", project="shop", hash=frozen["question"]["hash"], choice="no, only the data"
        )
        assert ended["version"]
        state = await call(client, "status", name="shop")
        assert state["runs"][0]["done"] == ["build", "release"]
        assert state["runs"][0]["kept"] == page["kept"]
        listed = await call(client, "projects")
        assert [one["name"] for one in listed["projects"]] == ["shop"]

    played(home, play)


def test_only_the_right_hash_approves(home: Path, folder: Path, scripted: Scripted) -> None:
    async def play(client: Client) -> None:
        answer = await interviewed(client, "confirm")
        first = answer["question"]["hash"]
        assert "`approve`" in await refused(client, "interview", project="shop", text="yes")
        assert "用户" in await refused(client, "interview", project="shop", text="开始", language="zh")
        assert "answered" in await refused(client, "approve", project="shop", hash="0" * 64, choice="yes")
        changed = await call(client, "interview", project="shop", text="change the rows to 24")
        assert changed["question"]["hash"] not in ("", first)
        assert "answered" in await refused(client, "approve", project="shop", hash=first, choice="yes")
        assert (await call(client, "status", name="shop"))["runs"] == []

    played(home, play)


def test_a_second_yes_on_the_way_does_nothing_and_questions_are_still_answered(
    home: Path, folder: Path, scripted: Scripted
) -> None:
    async def play(client: Client) -> None:
        hash = (await interviewed(client, "confirm"))["question"]["hash"]
        scripted.latency = 0.3
        heard: list[tuple[float, str | None]] = []

        async def progress(done: float, total: float | None, message: str | None) -> None:
            heard.append((done, message))

        given = {"project": "shop", "hash": hash, "choice": "yes", "wait_seconds": 0}
        first = (await client.call_tool("approve", given)).structured_content or {}
        assert first["state"] == "working"
        assert "`status`" in first["next"]
        assert "answered" in await refused(client, "approve", project="shop", hash=hash, choice="yes")
        left = await call(client, "questions", project="shop", question="how long will it take?")
        assert left["said"]
        slow = {"project": "shop", "text": "change the rows to 50"}
        busy = await client.call_tool("interview", slow, progress_callback=progress)
        assert "still at it" in told(busy)
        answer = first
        while answer["state"] == "working":
            await anyio.sleep(0.2)
            answer = await call(client, "status", name="shop")
        assert answer["question"]["about"] == "approve"
        assert len(answer["runs"]) == 1

    played(home, play)


def test_progress_is_told_to_who_asks_for_it(home: Path, folder: Path, scripted: Scripted) -> None:
    async def play(client: Client) -> None:
        hash = (await interviewed(client, "confirm"))["question"]["hash"]
        scripted.latency = 0.2
        heard: list[float] = []

        async def progress(done: float, total: float | None, message: str | None) -> None:
            heard.append(done)

        given = {"project": "shop", "hash": hash, "choice": "yes", "wait_seconds": 120}
        await client.call_tool("approve", given, progress_callback=progress)
        assert heard

    played(home, play)


@pytest.mark.parametrize(
    "path", ["../secret.csv", "/etc/passwd", "~/x.csv", "link.csv", "a\0b", "../allowed-too/x", "loop"]
)
def test_nothing_outside_the_allowed_folders_is_read(home: Path, folder: Path, path: str) -> None:
    (folder / "link.csv").symlink_to(folder.parent / "secret.csv")
    (folder / "loop").symlink_to(folder / "loop")

    async def play(client: Client) -> None:
        for tool, given in (
            ("interview", {"project": "shop", "files": [path]}),
            ("check", {"file": path}),
            ("check", {"file": "messages.csv", "knowledge": path, "use_model": False}),
            ("check", {"file": "messages.csv", "rules": path, "use_model": False}),
        ):
            answer = await refused(client, tool, **given)
            assert "outside the folders" in answer or "There is no" in answer
            assert "Traceback" not in answer
        assert "outside" in await refused(client, "evaluate", model=str(folder.parent))

    played(home, play)


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("rows", {"name": "nothing"}),
        ("rows", {"name": "check:../../x"}),
        ("status", {"name": "nothing"}),
        ("approve", {"project": "nothing", "hash": "x", "choice": "yes"}),
        ("interview", {"project": "../x"}),
        ("interview", {"project": "x", "text": "a" * 30_000}),
        ("evaluate", {"model": "nothing"}),
        ("release", {"model": "nothing"}),
        ("questions", {"project": "nothing", "question": "how many failed?"}),
        ("check", {}),
        ("check", {"file": "messages.csv", "only": ["nonsense"]}),
        ("rows", {"name": "nothing", "limit": 1000}),
    ],
)
def test_what_cannot_be_done_is_told_with_its_remedy(
    home: Path, folder: Path, scripted: Scripted, tool: str, given: dict[str, Any]
) -> None:
    async def play(client: Client) -> None:
        english = await refused(client, tool, **given)
        assert len(english.splitlines()) >= 2
        assert "Traceback" not in english
        assert not (home / "projects" / "nothing").exists()

    played(home, play)


def test_rows_are_checked_as_they_are(home: Path, folder: Path) -> None:
    rows = [
        {"question": "When do you open?", "answer": "We open at nine.", "evidence": "We open at 9:00 every day."},
        {"question": "When do you open?", "answer": "We open at nine.", "evidence": "We open at 9:00 every day."},
        {"question": "Hm?", "answer": ""},
    ]

    async def play(client: Client) -> None:
        found = await call(client, "check", rows=rows, use_model=False, only=["form", "copies"], wait_seconds=120)
        page = found["rows"]
        assert (page["kept"], page["rejected"]) == (1, 2)
        assert {row["findings"][-1]["check"] for row in page["rows"]} == {"read", "copies"}
        again = await call(client, "rows", name=found["name"], outcome="rejected", why="copies")
        assert [row["number"] for row in again["rows"]] == [1]
        whole = await call(client, "check", file="messages.csv", use_model=False, only=["form"], wait_seconds=120)
        assert whole["rows"]["kept"] == 18

    played(home, play)


def test_facts_are_checked_by_documents_that_came_along(home: Path, folder: Path, scripted: Scripted) -> None:
    async def play(client: Client) -> None:
        rows = [{"question": "How long is the warranty?", "answer": "The warranty lasts 24 months."}]
        texts = {"../../policy": "# Warranty\n\nThe warranty lasts 12 months from the day of purchase."}
        given = {"rows": rows, "documents": texts, "only": ["facts"], "use_model": False, "wait_seconds": 120}
        found = await call(client, "check", **given)
        page = await call(client, "rows", name=found["name"])
        evidence = page["rows"][0]["findings"][0]["evidence"]
        assert evidence["document"] == "policy.md"
        assert "12 months" in evidence["quote"]

    played(home, play)


def test_calls_at_once_keep_apart(home: Path, folder: Path, scripted: Scripted) -> None:
    async def play(client: Client) -> None:
        names = [f"shop-{n}" for n in range(8)]
        answers: dict[str, dict[str, Any]] = {}

        async def one(name: str) -> None:
            await call(client, "interview", project=name)
            answers[name] = await call(
                client, "interview", project=name, text=f"Sort letters about {name}-word into kinds."
            )

        async with anyio.create_task_group() as group:
            for name in names:
                group.start_soon(one, name)
        for name in names:
            text = json.dumps(answers[name])
            assert answers[name]["question"]["about"] != "goal"
            assert f"{name}-word" in text
            assert not any(f"{other}-word" in text for other in names if other != name)

    played(home, play)


def test_no_secret_leaves(home: Path, folder: Path, scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_API_KEY", "nobody-may-see-this")
    settings.cache_clear()

    async def play(client: Client) -> None:
        answer = await client.call_tool(
            "interview", {"project": "shop", "text": "my goal is nobody-may-see-this words"}
        )
        assert "nobody-may-see-this" not in answer.model_dump_json()
        assert "nobody-may-see-this" not in await refused(client, "status", name="nobody-may-see-this")

    played(home, play)
