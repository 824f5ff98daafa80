"""The tools that other assistants are offered, each told so that a model which never saw Tunesmith can use it."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, ParamSpec, TypeVar, cast

import anyio
from anyio.to_thread import run_sync
from mcp.server.mcpserver import Context, MCPServer
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from agent.assistant.assisting import Assistant, ToCheck
from agent.assistant.errands import Errand
from agent.assistant.handed_over import Inline
from agent.assistant.replies import Checked, Evaluation, Projects, Rows, Status, Told
from ui import words
from workspace.errors import UserError, boundary
from workspace.sample import Outcome
from workspace.settings import redacted
from workspace.stated import Metric
from workspace.words import Language

LOOK = 0.1  # seconds between looks at what goes on
P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
Answer = TypeVar("Answer", bound=BaseModel)

Project = Annotated[str, Field(description="The project's name: letters, digits, - and _; a new one starts a project")]
Files = Annotated[list[str], Field(description="Paths of files or folders, inside the folders that are allowed")]
Model = Annotated[str, Field(description="A run's id, the name or folder of a tuned model")]
Said = Annotated[
    Language | None, Field(description="en or zh: what Tunesmith speaks; left out, it follows the conversation")
]
Wait = Annotated[
    float,
    Field(ge=0, le=300, description="Seconds to wait for it to end; whatever takes longer goes on by itself"),
]
LOOKS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
WORKS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
DECIDES = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)

ABOUT = """\
Tunesmith makes a data set that can be trusted and a small model that is measurably better at the person's task.
It is a conversation: `interview` passes on what the person says and returns what Tunesmith asks next. When all is
known it shows one page and asks `confirm`; then it builds rows, checks each of them and shows which were rejected and
why; asks to freeze them as a version; asks to tune a model; and compares that model with the untuned one on rows that
were held back. Whatever starts, freezes, tunes or releases something is a question with `needs_approval` and a
`hash`: show it to the person and pass on their own decision with `approve`. Never decide for them, and pass their
words on as they are: answers are checked against them. Every reply says in `next` what to do now. Building, tuning
and judging go on in the background: `status` tells how far they are. `check`, `evaluate`, `rows` and `questions`
need no conversation."""


class Tools:
    def __init__(self, assistant: Assistant, language: Language) -> None:
        self.assistant, self.language = assistant, language

    async def interview(
        self,
        context: Context,
        project: Project,
        text: Annotated[str, Field(description="The person's own words; empty: only where the project stands")] = "",
        files: Files = [],  # noqa: B006
        language: Said = None,
        wait_seconds: Wait = 60,
    ) -> Told:
        """Start or continue a project: pass on what the person says, get back what Tunesmith says and asks next.

        The first call with a new project name greets and asks the first question. `files` are examples, documents or
        rules that belong to the project. Corrections ("change the rows to 300", "go back", "I don't know") and orders
        about rows ("restore row 12") work at any time. A plain yes to a question with `needs_approval` is refused
        here: use `approve`."""
        start = functools.partial(self.assistant.talk, project, text, files, language)
        return await self._told(await self._do(start), context, wait_seconds, language)

    async def approve(
        self,
        context: Context,
        project: Project,
        hash: Annotated[str, Field(min_length=1, description="Of the open question, as it was returned")],
        choice: Annotated[str, Field(description="What the person decided: one of the choices, or their own words")],
        language: Said = None,
        wait_seconds: Wait = 60,
    ) -> Told:
        """Pass on the person's decision on the open question. Only after they made it themselves.

        The hash says exactly what they decided on; if the question was answered, or what it is about has changed
        since, nothing happens and the call fails: look at `status` and ask the person again."""
        start = functools.partial(self.assistant.approve, project, hash, choice, language)
        return await self._told(await self._do(start), context, wait_seconds, language)

    async def status(
        self,
        name: Annotated[str, Field(description="A project, or the `name` of a check, evaluation or release")],
        language: Said = None,
    ) -> Status:
        """How it stands: what is under way and how long it will take, what was said since the last call, the open
        question with its hash, and the project's runs with their rows and the stages that are done and left."""
        return await self._do(functools.partial(self.assistant.status, name, language))

    async def questions(
        self,
        context: Context,
        project: Project,
        question: Annotated[str, Field(description="In the person's words, English or Chinese")],
        language: Said = None,
    ) -> Told:
        """Ask about a project's rows and costs, also while it works; answered from what is stored, changing nothing.

        For example: how many failed the logic check and why? Show me three about refunds. What did it cost? How long
        will it take? What if the threshold were 0.8?"""
        start = functools.partial(self.assistant.ask, project, question, language)
        return await self._told(await self._do(start), context, 60, language)

    async def rows(
        self,
        name: Annotated[str, Field(description="A project (its newest run), a run's id, or the `name` of a check")],
        outcome: Annotated[Literal["all"] | Outcome, Field(description="review: those that wait for a person")] = "all",
        why: Annotated[str, Field(description="Only rows that this check took out, for example facts or logic")] = "",
        about: Annotated[str, Field(description="Only rows with these words in them")] = "",
        offset: Annotated[int, Field(ge=0)] = 0,
        limit: Annotated[int, Field(ge=1, le=100)] = 20,
        language: Said = None,
    ) -> Rows:
        """Rows with all that was found about each: verdict, reason, and the evidence as it stands in the document."""
        return await self._do(functools.partial(self.assistant.rows, name, outcome, why, about, offset, limit))

    async def check(
        self,
        context: Context,
        file: Annotated[str | None, Field(description="A file of rows: JSONL, JSON, CSV, Parquet or Excel")] = None,
        rows: Annotated[list[Inline], Field(description="Instead of a file: the rows themselves")] = [],  # noqa: B006
        knowledge: Annotated[str | None, Field(description="A folder or file of documents to check facts by")] = None,
        documents: Annotated[
            dict[str, str], Field(description="Instead of a folder: documents by name, as plain text or Markdown")
        ] = {},  # noqa: B006
        rules: Annotated[str | None, Field(description="A file of rules: a sentence a line, or a rule file")] = None,
        only: Annotated[list[str], Field(description="Only these checks, such as facts, logic, form, copies")] = [],  # noqa: B006
        use_model: Annotated[bool, Field(description="False: by code alone, without a language model")] = True,
        limit: Annotated[int, Field(ge=0, le=100, description="How many rejected rows to show at once")] = 20,
        language: Said = None,
        wait_seconds: Wait = 60,
    ) -> Checked:
        """Check rows of training data: facts against documents, rules, form, duplicates, leaks and more.

        Nothing is changed. The reply counts what was kept and shows the first rejected rows with reason and evidence;
        `rows` with the reply's `name` shows the others."""
        given = ToCheck(file, tuple(rows), knowledge, documents, rules, tuple(only), not use_model)
        start = functools.partial(self.assistant.check, given, language or self.language)
        told = await self._told(await self._do(start), context, wait_seconds, language)
        return await self._do(functools.partial(self.assistant.checked, told, limit))

    async def evaluate(
        self,
        context: Context,
        model: Model,
        data: Annotated[str | None, Field(description="A file of test rows; else those that were held back")] = None,
        knowledge: Annotated[
            str | None, Field(description="Documents, to compare with the base that reads them")
        ] = None,
        metric: Annotated[Metric | None, Field(description="Left out: accuracy for labels, chrF for texts")] = None,
        quick: Annotated[bool, Field(description="Only the test rows, without robustness and the like")] = True,
        language: Said = None,
        wait_seconds: Wait = 60,
    ) -> Evaluation:
        """Judge a tuned model beside its base, with intervals of 95%, and whether each goal was met. Takes minutes:
        when the reply says `working`, `status` with its `name` tells the result later."""
        order = functools.partial(self.assistant.evaluate, model, data, knowledge, metric, quick)
        start = functools.partial(order, language or self.language)
        told = await self._told(await self._do(start), context, wait_seconds, language)
        return await self._do(functools.partial(self.assistant.evaluated, told))

    async def release(
        self,
        context: Context,
        model: Model,
        name: Annotated[str | None, Field(description="What it is called from now on; else as its project")] = None,
        confirm: Annotated[str | None, Field(description="The hash of the proposal that the person agreed to")] = None,
        language: Said = None,
        wait_seconds: Wait = 60,
    ) -> Told:
        """Release a tuned model under a version number. Without `confirm` it only shows what would be released, with a
        hash; with that hash, after the person's own yes, it is done. An earlier release's id takes that one back."""
        start = functools.partial(self.assistant.release, model, name, confirm, language or self.language)
        return await self._told(await self._do(start), context, wait_seconds, language)

    async def projects(self) -> Projects:
        """The projects there are, newest first."""
        return await self._do(self.assistant.projects)

    async def _told(self, errand: Errand, context: Context, wait: float, language: Language | None) -> Told:
        """After `wait` seconds at most: an order that takes longer goes on, and so does one whose asker left."""
        until, seen = time.monotonic() + wait, None
        while not errand.over.is_set() and time.monotonic() < until:
            now = errand.progress
            if now and now != seen:
                seen = now
                await context.report_progress(now.done, now.total or None, f"{now.stage} {now.note}".strip())
            await anyio.sleep(LOOK)
        return await self._do(functools.partial(self.assistant.told, errand, language or self.language))

    async def _do(self, work: Callable[[], T]) -> T:
        """In another thread: the protocol goes on."""

        def bounded() -> T:
            with boundary(words.ANSWERING):
                return work()

        return await run_sync(bounded)


def add_tools(server: MCPServer, tools: Tools) -> None:
    offered: list[tuple[Callable[..., Awaitable[BaseModel]], str, ToolAnnotations]] = [
        (tools.interview, "Talk with Tunesmith", WORKS),
        (tools.approve, "Pass on a decision", DECIDES),
        (tools.status, "How it stands", LOOKS),
        (tools.questions, "Ask about the rows", LOOKS),
        (tools.rows, "Look at rows", LOOKS),
        (tools.check, "Check rows", WORKS),
        (tools.evaluate, "Judge a model", WORKS),
        (tools.release, "Release a model", DECIDES),
        (tools.projects, "List projects", LOOKS),
    ]
    for tool, title, kind in offered:
        about = inspect.cleandoc(tool.__doc__ or "")
        server.add_tool(_told_kindly(tool, tools.language), title=title, description=about, annotations=kind)


def _told_kindly(tool: Callable[P, Awaitable[Answer]], usual: Language) -> Callable[P, Awaitable[Answer]]:
    """A refusal is told with its remedy, as a tool's error; no secret of the settings leaves with anything."""

    @functools.wraps(tool)
    async def kindly(*given: P.args, **named: P.kwargs) -> Answer:
        try:
            answer = await tool(*given, **named)
            return type(answer).model_validate(_without_secrets(answer.model_dump(mode="json")))
        except UserError as error:
            language = cast(Language, named.get("language") or usual)
            text = redacted("\n".join(error.to(language)))
            refused = CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)
            return cast(Answer, refused)

    return kindly


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_secrets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    return redacted(value) if isinstance(value, str) else value
