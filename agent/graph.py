"""The conversation: its state and every edge. Read this to know what can follow what."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict

from agent import nodes
from workspace.words import Language

if TYPE_CHECKING:
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.graph.state import CompiledStateGraph


class State(TypedDict, total=False):
    """Small and JSON. Rows are never in it, only the id of the run that holds them."""

    language: Language
    turn: int
    draft: dict[str, object]  # the specification so far, as JSON
    before: list[dict[str, object]]  # earlier drafts, for "go back"
    asked: list[str]  # the fields asked about so far, in order
    asking: str | None  # the field the next reply answers
    run: str | None
    choosing: bool  # "change something" was said, and not yet what
    failed: str | None  # the node that could not do its work
    go: str  # where the last node wants to go


def build_graph(desk: nodes.Desk, saver: SqliteSaver) -> CompiledStateGraph[Any, Any, Any, Any]:
    from langgraph.graph import START, StateGraph

    graph = StateGraph(State)
    for name in EDGES:
        graph.add_node(name, partial(getattr(nodes, name), desk=desk))
    graph.add_edge(START, "ask")
    for name, targets in EDGES.items():
        graph.add_conditional_edges(name, lambda state: state["go"], list(targets))
    return graph.compile(checkpointer=saver)


# Who can follow whom. A node names its choice in `go`; one that waits for a person has one interrupt, first thing.
EDGES: dict[str, tuple[str, ...]] = {
    "ask": ("listen", "confirm"),  # which question is next, or none
    "listen": ("ask", "confirm"),  # waits: an answer, a correction, "start"
    "confirm": ("build", "confirm", "ask"),  # waits: the one page, yes or a change
    "build": ("sample", "review", "mend"),
    "sample": (
        "build",
        "mend",
        "sample",
        "confirm",
        "ask",
    ),  # waits, where it was asked for: which of these rows are wrong?
    "review": ("release", "review", "confirm", "ask"),  # waits: what was rejected and why; go on?
    "release": ("approve", "mend"),
    "approve": ("train", "approve", "confirm", "ask", "rest"),  # waits: train now?
    "train": ("judge", "mend"),
    "judge": ("rest", "mend"),
    "mend": ("build", "release", "train", "judge", "mend", "confirm", "ask"),  # waits: again, or change something?
    "rest": ("confirm", "ask", "rest"),  # waits: all is done; a change starts over
}
