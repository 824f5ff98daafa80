"""The four shapes a tool can have, what every tool is handed, and the registry that finds them."""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from workspace.errors import UserError
from workspace.project import Project
from workspace.sample import Finding, Sample
from workspace.spec import Spec
from workspace.words import Words

if TYPE_CHECKING:
    from tools.knowledge import Knowledge
    from tools.llm import Chat
    from tools.peers import Peers
    from tools.relations.triples import Relations
    from tools.terms import Terms


@dataclass(frozen=True)
class Kit:
    """What a tool may use. `rows` are the accepted rows of finished rounds; `held_back` the real test rows.

    `chat` is None when no model may be called (`--offline`), `knowledge` when there are no documents,
    `terms` and `relations` when none of them holds any. `peers`: what a row must not contradict; without them, `rows`.
    """

    spec: Spec
    project: Project
    chat: Chat | None = None
    knowledge: Knowledge | None = None
    rows: Sequence[Sample] = ()
    held_back: Sequence[Sample] = field(default=())
    terms: Terms | None = None
    relations: Relations | None = None
    peers: Peers | None = None


@dataclass(frozen=True)
class Working:
    """How far a stage is: `done` of `total` in the stage's own unit."""

    stage: Words
    done: int
    total: int


class Tool(BaseModel, ABC):
    """Options are pydantic fields, so they survive JSON; `name` is how the registry knows the tool."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: ClassVar[str]
    words: ClassVar[Words]


class Source(Tool):
    @abstractmethod
    def read(self, kit: Kit) -> Iterator[Sample]:
        """Rows found or generated. One that can't be used is yielded with a finding that drops it."""


class Check(Tool):
    """A judgement on one row. `passing` and `failing` are rows on which it must hold, as the contract tests try.

    What is `last` reads what the others found.
    """

    passing: ClassVar[Sample]
    failing: ClassVar[Sample]
    cost: ClassVar[Literal["cheap", "model", "last"]] = "cheap"

    @abstractmethod
    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        """What it found; nothing means that it has nothing to say about this row."""


class Edit(Tool):
    """Changes a stream of rows. `needs_all` where it must see every key before the first row comes out."""

    needs_all: ClassVar[bool] = False

    @abstractmethod
    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        """Rows out = rows in: one that should go is yielded with a finding that drops it."""


class Export(Tool):
    suffix: ClassVar[str]

    @abstractmethod
    def write(self, rows: Iterable[Sample], path: Path) -> None:
        """The kept rows in another format; a leaf, nothing reads it back."""

    @abstractmethod
    def line(self, row: Sample) -> dict[str, object]:
        """One row as it will stand in the file."""


Kind = TypeVar("Kind", bound=Tool)
FOLDERS: dict[type[Tool], str] = {Source: "sources", Edit: "edits", Check: "checks", Export: "exports"}


@cache
def registry(shape: type[Kind]) -> dict[str, type[Kind]]:
    """Every tool of one shape by name, ours and those that other packages offer as `tunesmith.tools` entry points."""
    folder = importlib.import_module(f"tools.{FOLDERS[shape]}")
    modules = [importlib.import_module(m.name) for m in pkgutil.iter_modules(folder.__path__, folder.__name__ + ".")]
    modules += [point.load() for point in entry_points(group="tunesmith.tools")]
    return {tool.name: tool for module in modules for tool in _tools(module, shape)}


def _tools(module: ModuleType, shape: type[Kind]) -> Iterator[type[Kind]]:
    for thing in vars(module).values():
        if isinstance(thing, type) and issubclass(thing, shape) and thing.__module__ == module.__name__:
            yield thing


def tool(shape: type[Kind], name: str) -> type[Kind]:
    """Raises UserError with the names there are."""
    found = registry(shape)
    if name not in found:
        known = ", ".join(sorted(found))
        raise UserError(
            Words(f"There is no {shape.__name__.lower()} called {name!r}.", f"没有名为 {name!r} 的工具。"),
            Words(f"Known are: {known}.", f"可用的有：{known}。"),
        )
    return found[name]
