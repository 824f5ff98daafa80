"""What each waiting node puts before the person: made from the state, so it can be told in either language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agent import gates, interview, run
from agent.events import Ask, Event, Say
from workspace.errors import UserError
from workspace.project import Project
from workspace.spec import Spec
from workspace.words import Language, Words

if TYPE_CHECKING:
    from agent.graph import State

YES = (Words("Yes, go on", "好，继续"), Words("Change something", "我要修改"))
AGAIN = (Words("Try again", "再试一次"), Words("Change something", "我要修改"))


def draft_of(state: State) -> Spec:
    return Spec.model_validate(state.get("draft", {}))


def run_of(state: State, project: Project) -> run.Run:
    return run.Run(project, state.get("run") or "")


def listen(state: State, project: Project) -> list[Event]:
    question = interview.next_question(draft_of(state), tuple(state["asked"][:-1]), state["language"])
    return [question] if question else []


def confirm(state: State, project: Project) -> list[Event]:
    language = state["language"]
    question = Words(
        "This is what I understood. Shall I start? Nothing has been made or spent so far.",
        "这是我的理解。可以开始吗？到目前为止还没有制作任何数据，也没有花费。",
    )
    return [
        Say(text=interview.one_page(draft_of(state).filled(), language)),
        Ask(field="confirm", text=question.to(language), choices=_in(language, YES)),
    ]


def sample(state: State, project: Project) -> list[Event]:
    """The rows and what to say of them; decided elsewhere meanwhile, only how to go on is left to be said."""
    language, current = state["language"], run_of(state, project)
    decided = Words("All of these rows are decided. Shall I go on?", "这些数据都已决定。要继续吗？")
    try:
        found = gates.waiting(current)
    except UserError as error:
        return [*_looked_at(current, language), _approve(_said(error), language, AGAIN)]
    if found is None:
        return [*_looked_at(current, language), _approve(decided, language, YES[:1])]
    question = Ask(field="approve", text=gates.question(found, language), choices=gates.CHOICES[language])
    return [gates.table(current, found.which, language), question]


def _looked_at(current: run.Run, language: Language) -> list[Event]:
    """The sample that was drawn last."""
    drawn = [which for which in gates.WHICH if gates.state(current, which)]
    return [gates.table(current, drawn[-1], language)] if drawn else []


def _said(error: UserError) -> Words:
    return Words(*(" ".join(error.to(language)) for language in ("en", "zh")))


def review(state: State, project: Project) -> list[Event]:
    question = Words(
        "The rows are there to look at, the rejected ones with their reasons. Shall I freeze this version?",
        "数据可以查看了，被拒绝的附有原因。可以冻结这个版本吗？",
    )
    return [_approve(question, state["language"], YES)]


def approve(state: State, project: Project) -> list[Event]:
    language = state["language"]
    return run.training_plan(run_of(state, project), _in(language, YES), language)


def mend(state: State, project: Project) -> list[Event]:
    question = Words("Shall I try again, or do you want to change something?", "要再试一次，还是修改一下？")
    return [_approve(question, state["language"], AGAIN)]


def rest(state: State, project: Project) -> list[Event]:
    return []


def _approve(question: Words, language: Language, choices: tuple[Words, ...]) -> Ask:
    return Ask(field="approve", text=question.to(language), choices=_in(language, choices))


def _in(language: Language, choices: tuple[Words, ...]) -> tuple[str, ...]:
    return tuple(words.to(language) for words in choices)


ASKED: dict[str, Callable[[State, Project], list[Event]]] = {
    "listen": listen,
    "confirm": confirm,
    "sample": sample,
    "review": review,
    "approve": approve,
    "mend": mend,
    "rest": rest,
}
