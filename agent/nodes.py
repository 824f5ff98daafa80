"""One short function a node: a waiting one hears the person, a working one calls one operation and tells its events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

from langgraph.config import get_stream_writer
from langgraph.types import interrupt

from agent import advising, asking, gates, hearing, interview, reviewing, run, training
from agent.asking import draft_of, run_of
from agent.events import Event, Failed, Say, Table
from workspace.errors import UserError, boundary
from workspace.project import Project
from workspace.words import Language, Words

if TYPE_CHECKING:
    from agent.graph import State
    from tools.llm import Chat

WORKING: dict[str, tuple[Words, Callable[[run.Run, Language], Iterator[Event]], str]] = {
    "build": (Words("building the data set", "制作数据集"), run.build, "review"),
    "release": (Words("freezing the version", "冻结版本"), advising.released, "approve"),
    "train": (Words("training", "训练"), run.train, "judge"),
    "judge": (Words("evaluating", "评测"), run.judge, "rest"),
}


class Said(TypedDict):
    """What resumes a waiting node. `files` are paths inside the project.

    `edit` is a value of the specification that was changed in place, {"field", "text"}: `text` is "" then.
    """

    text: str
    files: list[str]
    language: Language
    edit: NotRequired[dict[str, str]]


@dataclass(frozen=True)
class Desk:
    """What the nodes work with that is not state."""

    project: Project

    @cached_property
    def chat(self) -> Chat:
        """What people paste into a conversation is shown without what has a form of its own: as yet nobody has said
        that it may be kept."""
        from tools.edits.mask import masked
        from tools.llm import open_chat

        return open_chat(self.project.journal, hide=masked)


def tell(event: Event) -> None:
    get_stream_writer()(event.model_dump(mode="json"))


def wait(*events: Event) -> Said:
    """The one interrupt of a node. What it shows must follow from the state, for the node runs again on resume."""
    said: Said = interrupt({"events": [event.model_dump(mode="json") for event in events]})
    return said


def ask(state: State, desk: Desk) -> dict[str, Any]:
    draft, asked = draft_of(state), state.get("asked", [])
    question = interview.next_question(draft, tuple(asked), state["language"])
    if question is None:
        return {"asking": None, "go": "confirm"}
    return {"asking": question.field, "asked": [*asked, question.field], "go": "listen"}


def listen(state: State, desk: Desk) -> dict[str, Any]:
    said = wait(*asking.ASKED["listen"](state, desk.project))
    return hearing.hear(state, said, desk, state.get("asking"))


def _reply(state: State, said: Said) -> Literal["yes", "no", "other"]:
    """Whoever was asked what to change has agreed to nothing by a yes."""
    return "other" if state.get("choosing") else hearing.verdict(said)


def confirm(state: State, desk: Desk) -> dict[str, Any]:
    draft = draft_of(state).filled()
    said = wait(*asking.ASKED["confirm"](state, desk.project))
    if _reply(state, said) == "yes" and draft.complete:
        started = run.accept(desk.project, draft)
        desk.project.journal.decide(f"start {started.id}", "confirm", said["text"])
        tell(interview.table(draft, said["language"]))
        return {"run": started.id, "draft": draft.model_dump(mode="json"), "language": said["language"], "go": "build"}
    return hearing.changed(state, said, desk, "confirm")


def review(state: State, desk: Desk) -> dict[str, Any]:
    said = wait(*asking.ASKED["review"](state, desk.project))
    return _go_on(state, said, desk, "review", "release")


def approve(state: State, desk: Desk) -> dict[str, Any]:
    said = wait(*asking.ASKED["approve"](state, desk.project))
    if _reply(state, said) == "no":
        tell(run_of(state, desk.project).done())
        return {"language": said["language"], "go": "rest"}
    return _go_on(state, said, desk, "approve", "train")


def _go_on(state: State, said: Said, desk: Desk, step: hearing.Step, stage: str) -> dict[str, Any]:
    if _reply(state, said) != "yes":
        return hearing.changed(state, said, desk, step)
    desk.project.journal.decide(f"{stage} {state['run']}", "approve", said["text"])
    return {"language": said["language"], "go": stage}


def sample(state: State, desk: Desk) -> dict[str, Any]:
    """Where all of it was decided elsewhere meanwhile, whatever is said goes on with the build."""
    current = run_of(state, desk.project)
    decided = _unless_failed(state, desk, {"failed": None, "go": "build"}, "sample")
    found = None if decided["go"] == "mend" else gates.waiting(current)
    if found is None:
        return decided
    shown = asking.ASKED["sample"](state, desk.project)
    said = wait(*shown)
    # None are shown while it is asked what to change.
    rows = next((len(event.rows) for event in shown if isinstance(event, Table)), 0)
    wrong = [] if _reply(state, said) == "yes" else gates.wrong_ones(said["text"], rows) if said["text"] else None
    if wrong is None:
        return hearing.changed(state, said, desk, "sample")
    reviewing.decide_sample(current, found.which, wrong, said["text"])
    tell(Say(text=gates.told(current, gates.state(current, found.which) or found, said["language"])))
    return _unless_failed(state, desk, {"language": said["language"], "failed": None, "go": "build"}, "build")


def _unless_failed(state: State, desk: Desk, done: dict[str, Any], waits: str) -> dict[str, Any]:
    """Where to go next: to `waits` while a person has to look at a sample, back to the person if too much was wrong."""
    try:
        return {**done, "go": waits if gates.waiting(run_of(state, desk.project)) else done["go"]}
    except UserError as error:
        problem, fix = error.to(state["language"])
        tell(Failed(problem=problem, fix=fix))
        return {**done, "failed": "build", "go": "mend"}


def mend(state: State, desk: Desk) -> dict[str, Any]:
    said = wait(*asking.ASKED["mend"](state, desk.project))
    if _reply(state, said) == "yes" or _kept(state, said, desk):
        return {"language": said["language"], "go": state["failed"]}
    return hearing.changed(state, said, desk, "mend")


def _kept(state: State, said: Said, desk: Desk) -> bool:
    """Whether a training that ended early is to be made a model of: it goes on for no more than that."""
    folder = training.under_way(run_of(state, desk.project)) if state["failed"] == "train" else None
    if folder is None or training.wish(said["text"]) != "keep":
        return False
    training.ask_to_stop(folder, "keep")
    return True


def rest(state: State, desk: Desk) -> dict[str, Any]:
    said = wait(*asking.ASKED["rest"](state, desk.project))
    if _reply(state, said) == "yes":
        return {"language": said["language"], "go": "confirm"}
    return hearing.changed(state, said, desk, "rest")


def _work(state: State, desk: Desk, name: str) -> dict[str, Any]:
    """A working node. What it can't do is told with its fix, and the person decides how to go on."""
    doing, operation, following = WORKING[name]
    language = state["language"]
    try:
        with boundary(doing):
            for event in operation(run_of(state, desk.project), language):
                tell(event)
    except UserError as error:
        problem, fix = error.to(language)
        tell(Failed(problem=problem, fix=fix))
        desk.project.journal.mark(state["run"] or "", "failed", problem)
        return {"failed": name, "go": "mend"}
    return {"failed": None, "go": following}


def build(state: State, desk: Desk) -> dict[str, Any]:
    """Twice where a person looks at a sample in between."""
    done = _work(state, desk, "build")
    return done if done["failed"] else _unless_failed(state, desk, done, "sample")


def release(state: State, desk: Desk) -> dict[str, Any]:
    return _work(state, desk, "release")


def train(state: State, desk: Desk) -> dict[str, Any]:
    return _work(state, desk, "train")


def judge(state: State, desk: Desk) -> dict[str, Any]:
    return _work(state, desk, "judge")
