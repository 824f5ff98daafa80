"""What a person's reply does to the conversation: the draft it changes and where it leads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from agent import answers, asking, explaining, glossary, interview, planning, proposals, quotes
from agent.commands import Command, change_in, command
from agent.events import Ask, Failed, Say
from agent.views import sheet
from agent.wording import echo
from workspace.errors import UserError
from workspace.spec import Spec, questions
from workspace.words import Language, Words

if TYPE_CHECKING:
    from agent.graph import State
    from agent.nodes import Desk, Said

AGAIN = ("again", "try again", "retry", "再试一次", "再试", "重试", "继续")
# "As you like" is a yes; "I don't know" is none.
DOUBT = re.compile(r"know|sure|idea|clue|dunno|idk|知道|懂|清楚|确定|想法|想好")
Step = Literal["confirm", "sample", "review", "approve", "mend", "rest"]
SOMETHING = (
    *("change something", "i want to change something", "i'd like to change something", "change it", "edit"),
    *("我要修改", "修改", "我想修改", "改一下", "我要改", "要修改", "我想改一下", "修改一下"),
)
# What is said of these in passing replaces no list that was agreed on, and no file.
ADDED = ("goal", "task", "labels", "examples", "knowledge", "rules")
UNANSWERED = Words("I can't answer that here; nothing was changed. ", "这个问题我在这里回答不了；没有做任何修改。")
NO_CHANGE = Words(
    "Tell me what to change, for example “change the rows to 300”, or say yes to go on.",
    "请告诉我要改什么，例如“把数据量改成 300”；或者回答“好”继续。",
)


def verdict(said: Said) -> Literal["yes", "no", "other"]:
    """Whether a reply to "shall I?" is a plain yes or no; a yes with a file or a change in it is neither."""
    text = said["text"].strip()
    asks = command(text)
    if said["files"] or said.get("edit") or (asks and asks.kind == "change"):
        return "other"
    if (asks and asks.kind in ("start", "enough")) or text.lower().strip(".!。！") in AGAIN:
        return "yes"
    if asks and asks.kind == "unsure":
        return "other" if DOUBT.search(text.lower()) else "yes"
    # "OK, but what does that do?" agrees to nothing.
    answer = None if explaining.is_question(text) else quotes.yes_no(text)
    return "other" if answer is None else "yes" if answer else "no"


def hear(state: State, said: Said, desk: Desk, asked: str | None) -> dict[str, Any]:
    """A reply in the interview: state for the graph, and what was understood told to the person."""
    from agent.nodes import tell

    language, turn = said["language"], state.get("turn", 0) + 1
    if "edit" in said:
        return _edited(state, said, turn)
    before = Spec.model_validate(state.get("draft", {}))
    draft, changed = _files(before, said, desk, turn, language)
    base: dict[str, Any] = {"language": language, "turn": turn, "go": "ask"}
    asks = command(said["text"])
    if asks and asks.kind in ("back", "show", "start", "enough") and not changed:
        return {**base, **_command(asks, state, before, language)}
    if said["text"].strip():
        heard = _heard(draft, said["text"], asked, turn, desk, language)
        draft = heard.draft
        for words in (heard.note, heard.echo):
            if words:
                tell(Say(text=words))
        if asked is None and draft != before and not heard.echo:
            tell(Say(text=sheet.NOTED.to(language)))
    if draft == before:
        return base
    if planning.unread(draft) and not planning.unread(before):
        tell(Say(text=planning.UNREAD.to(language)))
    tell(interview.table(draft, language))
    return {**base, "draft": _json(draft), "before": [*state.get("before", []), _json(before)][-20:]}


def _edited(state: State, said: Said, turn: int) -> dict[str, Any]:
    """A value changed in place. What was asked stays asked: nobody has answered it."""
    from agent.nodes import tell

    language, edit, asked = said["language"], said["edit"], state.get("asked", [])
    before = Spec.model_validate(state.get("draft", {}))
    draft = sheet.edited(before, edit["field"], edit["text"], turn, language)
    tell(Say(text=echo(draft, (edit["field"],), language, before) or sheet.NOTED.to(language)))
    tell(interview.table(draft, language))
    drafts = [*state.get("before", []), _json(before)][-20:]
    return {
        "language": language,
        "turn": turn,
        "go": "ask",
        "asked": asked[:-1] if state.get("asking") else asked,
        "draft": _json(draft),
        "before": drafts,
    }


def _heard(draft: Spec, text: str, asked: str | None, turn: int, desk: Desk, language: Language) -> interview.Heard:
    """With the model where it can be reached; else the problem is told, and code alone reads this message."""
    from agent.nodes import tell

    try:
        return interview.hear(draft, text, asked, turn, desk.chat, language)
    except UserError as error:
        problem, fix = error.to(language)
        tell(Failed(problem=problem, fix=fix))
        return interview.hear(draft, text, asked, turn, None, language)


def _files(draft: Spec, said: Said, desk: Desk, turn: int, language: Language) -> tuple[Spec, bool]:
    """Each file into the draft; one that can't be used is refused at once, with its fix, and the rest goes on."""
    from agent.nodes import tell
    from tools.sources.files import summary

    before = draft
    for name in said["files"]:
        try:
            found = summary(desk.project.folder / name, name, desk.project.texts)
        except UserError as error:
            problem, fix = error.to(language)
            tell(Failed(problem=problem, fix=fix))
            continue
        heard = interview.files_given(draft, (found,), turn, language)
        draft = heard.draft
        unread = found.warnings if found.kind == "document" else ()
        tell(Say(text=" ".join([heard.echo, *(warning.to(language) for warning in unread[:5])])))
        tell(interview.table(draft, language))
    return draft, draft != before


def _command(asks: Command, state: State, draft: Spec, language: Language) -> dict[str, Any]:
    from agent.nodes import tell

    asked = state.get("asked", [])
    match asks.kind:
        case "show":
            page = draft if state.get("asking") else draft.filled()
            tell(Say(text=interview.one_page(page, language)))
            return {"asked": asked[:-1]}
        case "back":
            drafts = state.get("before", [])
            earlier = drafts[-1] if drafts else _json(draft)
            tell(interview.table(Spec.model_validate(earlier), language))
            return {"draft": earlier, "before": drafts[:-1], "asked": asked[:-2]}
        case _:
            go = {"go": "confirm"} if draft.filled().complete else {}
            return {"draft": _json(proposals.settled(draft, False)), **go}


def changed(state: State, said: Said, desk: Desk, stay: Step) -> dict[str, Any]:
    """A reply where a yes was possible and did not come. Only a change that was read leads away from the step."""
    from agent.nodes import tell

    language, words = said["language"], said["text"].strip().lower().strip(".!。！")
    kept = {"language": language, "turn": state.get("turn", 0) + 1, "go": stay, "choosing": False}
    if words and not said["files"]:
        if words in SOMETHING or words in _either(asking.NOTHING):
            return {**kept, "choosing": words in SOMETHING}
        if state.get("choosing") and (field := _titled(words)):
            return {**kept, **_anew(state, field)}
        if answered := _answered(state, said, desk, stay):
            tell(Say(text=answered))
            return {**kept, "choosing": bool(state.get("choosing"))}
    update = (_sure(state, said) if stay == "confirm" else None) or hear(state, said, desk, None)
    asks = command(said["text"])
    if asks and asks.kind == "back" and not state.get("run") and not said["files"]:
        return {**kept, **update, "asked": state.get("asked", [])[:-1], "go": "ask"}  # the last question, not this page
    if "draft" not in update:
        if asks is None or asks.kind != "show":
            tell(Say(text=NO_CHANGE.to(language)))
        return kept
    draft = Spec.model_validate(update["draft"])
    if draft.filled().complete and proposals.waiting(draft):
        # Nothing else is left to ask: who said "start" gets back to the page with one reply.
        return {**update, "draft": _json(draft.filled()), "go": "ask", "choosing": False}
    return {**update, "go": "confirm" if draft.filled().complete else "ask", "choosing": False}


def _either(words: Words) -> tuple[str, str]:
    return words.en.lower(), words.zh


def _titled(words: str) -> str | None:
    """The field whose name was chosen."""
    return next((name for name, asked in questions() if asked.ask and words in _either(asked.title)), None)


def _anew(state: State, field: str) -> dict[str, Any]:
    """One field is open again, and no other is asked about."""
    before = Spec.model_validate(state.get("draft", {}))
    return {
        "go": "ask",
        "asked": [] if field == "labels" else ["labels"],
        "draft": _json(before.filled().without(field)),
        "before": [*state.get("before", []), _json(before)][-20:],
    }


def _answered(state: State, said: Said, desk: Desk, stay: Step) -> str:
    """To a question, from what is known without a model; empty where the message is none, or orders a change."""
    text, language = said["text"], said["language"]
    parts = explaining.asks(text)
    if not parts and (not explaining.is_question(text) or any(map(change_in, quotes.sentences(text)))):
        return ""
    parts = parts or tuple(f"term:{word}" for word in glossary.mentioned(text))
    current = asking.run_of(state, desk.project) if state.get("run") else None
    shown = asking.ASKED[stay](state, desk.project)
    open_now = next((event for event in shown if isinstance(event, Ask)), None)
    told = "\n\n".join(explaining.told(parts, current, open_now, language))
    return told or f"{UNANSWERED.to(language)}{glossary.KNOWN.to(language)}"


def _sure(state: State, said: Said) -> dict[str, Any] | None:
    """What code reads in a sentence on the one page holds, also where another value was said before."""
    from agent.nodes import tell

    language, turn = said["language"], state.get("turn", 0) + 1
    if said["files"] or "edit" in said or command(said["text"]) is not None:
        return None
    before = Spec.model_validate(state.get("draft", {}))
    listening = interview.Listening(before, said["text"], None, turn)
    for reading in answers.volunteered(said["text"], None):
        if reading.source == "said":
            listening.take(reading, over=reading.field not in ADDED)
    if not listening.changed:
        return None
    draft = interview.aimed(listening.draft)
    tell(Say(text=echo(draft, tuple(listening.changed), language, before) or sheet.NOTED.to(language)))
    tell(interview.table(draft, language))
    drafts = [*state.get("before", []), _json(before)][-20:]
    return {"language": language, "turn": turn, "draft": _json(draft), "before": drafts}


def _json(draft: Spec) -> dict[str, Any]:
    return draft.model_dump(mode="json", exclude_none=True)
