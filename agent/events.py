"""Everything a conversation or an operation can put before a person; faces only draw these."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workspace.sample import Finding, Frozen, Scalar
from workspace.words import Language

Panel = Literal["specification", "rows", "rejected", "coverage", "review", "learned", "loss", "report", "try", "status"]


class Say(Frozen):
    """Markdown."""

    type: Literal["say"] = "say"
    text: str


class Ask(Frozen):
    """`field` is the specification's, or `confirm` (start?) or `approve` (go on?); `choices` are likely answers.

    `hash` names exactly what is asked about; a reply that carries it counts only while that is still so.
    """

    type: Literal["ask"] = "ask"
    field: str
    text: str
    choices: tuple[str, ...] = ()
    hash: str = ""


class Progress(Frozen):
    """`seconds_left` is an estimate, None while there is none.

    `words` are (stage, note) by language, for whoever changes theirs while it runs.
    """

    type: Literal["progress"] = "progress"
    stage: str
    done: int
    total: int
    seconds_left: float | None = None
    note: str = ""
    words: dict[Language, tuple[str, str]] = {}


class Table(Frozen):
    """Replaces what its panel shows."""

    type: Literal["table"] = "table"
    panel: Panel
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]


class Plot(Frozen):
    """Lines by name, each as (x, y) points. Replaces what its panel shows."""

    type: Literal["plot"] = "plot"
    panel: Panel
    title: str
    x: str
    y: str
    lines: dict[str, tuple[tuple[float, float], ...]]


class File(Frozen):
    """Something to download or open."""

    type: Literal["file"] = "file"
    title: str
    path: str


class Failed(Frozen):
    type: Literal["failed"] = "failed"
    problem: str
    fix: str


class Done(Frozen):
    """The end of a run, or of an operation; paths are absolute."""

    type: Literal["done"] = "done"
    run: str | None = None
    version: str | None = None
    model: str | None = None
    report: str | None = None


class Judged(Frozen):
    """One row and what was found, in the input's order; `text` is what it says, for people."""

    type: Literal["judged"] = "judged"
    row: int
    id: str
    kept: bool
    findings: tuple[Finding, ...] = ()
    text: str = ""


Event = Annotated[Say | Ask | Progress | Table | Plot | File | Failed | Done | Judged, Field(discriminator="type")]
