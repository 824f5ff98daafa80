"""What each waiting node puts before the person: made from the state, so it can be told in either language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from agent import explaining, gates, interview, planning, run
from agent.events import Ask, Event, Say
from workspace.errors import UserError
from workspace.project import Project
from workspace.spec import Spec, questions
from workspace.words import Language, Words

if TYPE_CHECKING:
    from agent.graph import State

YES = (Words("Yes, go on", "好，继续"), explaining.CHANGE)
AGAIN = (Words("Try again", "再试一次"), explaining.CHANGE)
NOTHING = Words("Nothing, go back", "不改了")


NONE = Words("", "")


def draft_of(state: State) -> Spec:
    return Spec.model_validate(state.get("draft", {}))


def run_of(state: State, project: Project) -> run.Run:
    return run.Run(project, state.get("run") or "")


def listen(state: State, project: Project) -> list[Event]:
    question = interview.next_question(draft_of(state), tuple(state["asked"][:-1]), state["language"])
    return [question] if question else []


def confirm(state: State, project: Project) -> list[Event]:
    language = state["language"]
    question = _begun(state, project) or Words(
        "This is what I understood. Shall I start? Nothing has been made or spent so far.",
        "这是我的理解。可以开始吗？到目前为止还没有制作任何数据，也没有花费。",
    )
    draft = draft_of(state).filled()
    warned = [Say(text=planning.UNREAD.to(language))] if planning.unread(draft) else []
    choices = (planning.INSTEAD, *YES) if warned else YES
    return [
        Say(text=interview.one_page(draft, language)),
        *warned,
        Ask(field="confirm", text=question.to(language), choices=_in(language, choices)),
    ]


def _begun(state: State, project: Project) -> Words | None:
    """What is there from before, and what a yes would do beside it; None where nothing is."""
    current = run_of(state, project) if state.get("run") else None
    if current is None:
        return None
    rows, version = sum(1 for _ in current.rows()), current.version
    frozen = (
        Words(f", frozen as version {version.number}", f"，已冻结为版本 {version.number}") if version else Words("", "")
    )
    kept = Words(f"There are {rows} rows from before{frozen.en}.", f"之前已有 {rows} 条数据{frozen.zh}。")
    if current.id == draft_of(state).filled().hash[:10]:
        return Words(
            f"This is what I understood, and it has not changed. {kept.en} A yes goes on with them. Shall I?",
            f"这是我的理解，与之前相同。{kept.zh}回答“好”就接着做下去。可以吗？",
        )
    return Words(
        f"This is what I understood now. {kept.en} They stay as they are; a yes makes new rows for the changed "
        "specification. Shall I start?",
        f"这是我现在的理解。{kept.zh}这些保持不变；回答“好”会按修改后的规格制作新的数据。可以开始吗？",
    )


def which(state: State) -> list[Event]:
    """After "change something": one of these, or the step goes on as it was."""
    language, draft = state["language"], draft_of(state)
    offered = [asked.title for _, asked in questions() if asked.ask and asked.when(draft)]
    text = Words("Which one? A sentence will do, too.", "改哪一项？也可以直接用一句话说。")
    return [Ask(field="change", text=text.to(language), choices=_in(language, (*offered, NOTHING)))]


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
    """What is sure to be refused is not offered."""
    language, current = state["language"], run_of(state, project)
    unread = planning.unread(current.spec)
    choices = (planning.INSTEAD, YES[1]) if unread else YES
    warned = [Say(text=planning.UNREAD.to(language))] if unread else []
    return [*warned, *run.training_plan(current, _in(language, choices), language)]


def mend(state: State, project: Project) -> list[Event]:
    question = Words("Shall I try again, or do you want to change something?", "要再试一次，还是修改一下？")
    return [_approve(question, state["language"], AGAIN)]


def rest(state: State, project: Project) -> list[Event]:
    """Nothing waits, but people ask these."""
    language, current = state["language"], run_of(state, project) if state.get("run") else None
    tuned = bool(current and current.model)
    offered = (explaining.GOOD, explaining.TRY, explaining.USE, explaining.BETTER) if tuned else (explaining.USE,)
    text = Words("What would you like to do now?", "接下来想做什么？")
    return [Ask(field="rest", text=text.to(language), choices=_in(language, (*offered, explaining.CHANGE)))]


def again(events: Iterable[Event]) -> Iterator[Event]:
    """Without what was told before the question: it was read already, and an answer would scroll away behind it."""
    return (event for event in events if not isinstance(event, Say))


def _approve(question: Words, language: Language, choices: tuple[Words, ...]) -> Ask:
    return Ask(field="approve", text=question.to(language), choices=_in(language, choices))


def _in(language: Language, choices: tuple[Words, ...]) -> tuple[str, ...]:
    return tuple(words.to(language) for words in choices)


def _or_which(step: Callable[[State, Project], list[Event]]) -> Callable[[State, Project], list[Event]]:
    return lambda state, project: which(state) if state.get("choosing") else step(state, project)


ASKED: dict[str, Callable[[State, Project], list[Event]]] = {
    "listen": listen,
    "confirm": _or_which(confirm),
    "sample": _or_which(sample),
    "review": _or_which(review),
    "approve": _or_which(approve),
    "mend": _or_which(mend),
    "rest": _or_which(rest),
}
