"""Free text into the draft, and the next question: code reads what it can confirm, the model only points at words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal, Protocol

from pydantic import ValidationError

from agent import answers, pointing, proposals, quotes
from agent.answers import Reading
from agent.commands import Command, change_in, command, corrects, hedged, in_doubt, is_unsure, latest
from agent.cues import ASIDE
from agent.events import Ask
from agent.lists import named_shares
from agent.wording import echo, percent, shown
from agent.wording import one_page as one_page
from agent.wording import table as table
from workspace.rules import Rule
from workspace.spec import Spec, open_questions, question
from workspace.stated import PRIVACY, Stated
from workspace.words import Language, Words, language_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.llm import Chat

MOST_QUESTIONS = 10
MOST_TIMES = 2
REQUIRED = ("goal", "task", "labels", "languages")


@dataclass(frozen=True)
class Heard:
    """What a message did to the draft.

    `echo` repeats it in one sentence, to stand before the next question; `note` says what could not be understood.
    """

    draft: Spec
    changed: tuple[str, ...] = ()
    echo: str = ""
    command: Command | None = None
    note: str = ""


@dataclass
class Listening:
    """One turn while it is being read."""

    draft: Spec
    text: str
    asked: str | None
    turn: int
    changed: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)

    def take(self, reading: Reading, over: bool = False) -> bool:
        """False where the field is the person's own already, or the value does not fit it."""
        rules = reading.value if reading.field == "rules" and isinstance(reading.value, tuple) else ()
        self.read += [reading.quote, *(rule.sentence for rule in rules)] if reading.field != "goal" else []
        current = getattr(self.draft, reading.field)
        own = current is not None and current.source == "said"
        if reading.field == "rules" and own and reading.value and not over:
            reading = Reading("rules", _more_rules(current.value, reading.value), reading.quote)
        elif current is not None and not over and (own or reading.source != "said"):
            return False
        quote = quotes.found(reading.quote, self.text)
        if reading.source == "said" and quote is None:
            return False
        stated: Stated[object] = Stated(value=reading.value, source=reading.source, quote=quote, turn=self.turn)
        try:
            self.draft = self.draft.with_value(reading.field, stated)
        except ValidationError:
            return False
        if reading.field not in self.changed:
            self.changed.append(reading.field)
        return True


def _more_rules(old: object, new: object) -> tuple[Rule, ...]:
    assert isinstance(old, tuple)
    assert isinstance(new, tuple)
    known = {rule.sentence for rule in old}
    return (*old, *(rule for rule in new if rule.sentence not in known))


def hear(draft: Spec, text: str, asked: str | None, turn: int, chat: Chat | None, language: Language) -> Heard:
    """Read one message. Without a model the same by code alone: fewer facts volunteered, more questions."""
    said = command(text)
    if said and said.kind in ("start", "back", "show"):
        return Heard(draft, command=said)
    if said and said.kind == "enough":
        return Heard(
            draft.filled(), echo=Words("The rest takes defaults.", "其余的用默认值。").to(language), command=said
        )
    if said and said.kind == "change" and said.field and not said.text and question(said.field).ask:
        return Heard(draft.without(said.field), command=said)
    listening = Listening(draft, text, asked, turn)
    if asked == "rules" and proposals.waiting(draft):
        _settle(listening)
    if said and said.kind == "unsure":
        _leave_it(listening, asked, language)
    else:
        _read(listening)
        _suggest(listening)
        if chat is not None and (_unread(listening) or _vague(listening)):
            for reading in pointing.readings(chat, text, asked, turn, language):
                listening.take(reading)
        _drop_labels(listening)
        _leave_the_rest(listening, language)
    changed = tuple(listening.changed)
    answered = asked is None or getattr(draft, asked, None) is not None
    note = "" if changed or answered else _not_understood(text, asked or "", language)
    heard = aimed(listening.draft)
    if chat is not None:
        heard = proposals.sought(heard, draft, chat)
    return Heard(heard, changed, echo(heard, changed, language, draft), said, note)


def _settle(listening: Listening) -> None:
    """A proposed rule is asked about once; what more the reply says is read as said unasked."""
    yes = proposals.agreed(listening.text)
    listening.draft = proposals.settled(listening.draft, yes)
    listening.asked = None
    listening.read += [listening.text] if yes else []
    listening.changed.append("rules")


def aimed(draft: Spec) -> Spec:
    """Each rule read anew for the kind of task: it may be known only after the rule was said."""
    if draft.rules is None or draft.task is None:
        return draft
    fresh = (answers.rule(rule.sentence, proposals.side(draft)) for rule in draft.rules.value)
    # What code can't read keeps what the person said yes to.
    rules = tuple(new if new.condition else old for new, old in zip(fresh, draft.rules.value, strict=True))
    return draft.model_copy(update={"rules": draft.rules.model_copy(update={"value": rules})})


def _read(listening: Listening) -> None:
    text, asked = listening.text, listening.asked
    rest = text
    for sentence in quotes.sentences(text):
        if change := change_in(sentence):
            if change.field == "base":
                rest = rest.replace(change.text, " ")  # the 135 of a base's name counts no rows
            for reading in answers.changed(change.field or "", change.text):
                listening.take(reading, over=True)
    known = getattr(listening.draft, asked, None) if asked else None
    if asked and asked not in listening.changed and (known is None or known.source != "said"):
        for reading in answers.answered(asked, text):
            listening.take(reading, over=reading.source == "said")
    for reading in answers.volunteered(rest, asked):
        listening.take(reading, over=answers.insists(reading) and reading.field not in listening.changed)
    _bare_correction(listening)
    if listening.draft.goal is None and asked is None:
        for reading in answers.READERS["goal"](text, False):
            listening.take(reading)


def _unread(listening: Listening) -> bool:
    """Something was said that code made nothing of: some words beside talk, goal and what was read.

    Beside an answer that was read, or a file that was dropped, people say more that means nothing.
    """
    known = [*listening.read, listening.draft.goal.quote or "" if listening.draft.goal else ""]
    told = [c for c in quotes.clauses(listening.text) if not (quotes.is_talk(c) or is_unsure(c) or ASIDE.match(c))]
    left = [c for c in told if not any(words and (words in c or c in words) for words in known)]
    settled = listening.asked is not None and getattr(listening.draft, listening.asked, None) is not None
    return len(quotes.words(" ".join(left))) > (12 if settled else 3)


def _vague(listening: Listening) -> bool:
    """The goal was told just now, and code could tell neither what kind of task it is nor, for labels, which."""
    task = listening.draft.task
    unclear = task is None or (task.value == "classification" and listening.draft.labels is None)
    return "goal" in listening.changed and unclear


def _drop_labels(listening: Listening) -> None:
    """Names in a list are no labels where nothing is told apart, nor those that the person has just refused."""
    labels = listening.draft.labels
    if labels is None:
        return
    refused = listening.asked == "labels" and labels.source == "suggested" and quotes.yes_no(listening.text) is False
    task = listening.draft.task
    if refused or (task is not None and task.value != "classification"):
        listening.draft = listening.draft.without("labels")
        listening.changed = [name for name in listening.changed if name != "labels"]


def _bare_correction(listening: Listening) -> None:
    """ "no wait, make it 95%": the field is told by the kind of the number, if one of that kind was said before."""
    for sentence in quotes.sentences(listening.text):
        if not corrects(sentence) or listening.changed:
            continue
        words = latest(sentence)
        for name, value in (("threshold", quotes.fraction(words)), ("rows", quotes.count(words))):
            if value is not None and getattr(listening.draft, name) is not None:
                listening.take(Reading(name, value, sentence), over=True)
                break


def _leave_the_rest(listening: Listening, language: Language) -> None:
    """ "For the situations: you decide", and doubt beside words that answered nothing."""
    for sentence in quotes.sentences(listening.text):
        change = change_in(sentence)
        if change and change.field and is_unsure(change.text) and question(change.field).fallback:
            listening.draft = listening.draft.without(change.field)
            _leave_it(listening, change.field, language)
    if any(in_doubt(s) or hedged(s) for s in quotes.sentences(listening.text) if change_in(s) is None):
        _leave_it(listening, listening.asked, language)


def _leave_it(listening: Listening, name: str | None, language: Language) -> None:
    """ "I don't know": the question's own fallback, as a suggestion."""
    if name is None or getattr(listening.draft, name, None) is not None:
        return
    fallback = question(name).fallback
    if fallback is not None:
        listening.take(Reading(name, fallback(listening.draft), "", "suggested"))
    elif name == "languages":
        listening.take(Reading(name, (language,), "", "suggested"))
    elif name == "task":
        listening.take(Reading(name, "classification", "", "suggested"))


def _suggest(listening: Listening) -> None:
    """What follows from the goal need not be asked, but is not the person's own word."""
    goal = listening.draft.goal
    if goal is None or "goal" not in listening.changed:
        return
    named, hint = answers.task_of(goal.value)
    task = hint if not named else named[0] if len(named) == 1 else None
    if task and listening.draft.task is None:
        listening.take(Reading("task", task, "", "suggested"))
    if listening.draft.languages is None:
        listening.take(Reading("languages", (language_of(goal.value),), "", "suggested"))


HINTS: dict[str, Words] = {
    "examples": Words(
        "Please attach the file with the clip, or drop it here; else say no.",
        "请点回形针或把文件拖进来，没有就说没有。",
    ),
    "knowledge": Words(
        "Please attach the document with the clip, or drop it here; else say no.",
        "请点回形针或把文档拖进来，没有就说没有。",
    ),
    "labels": Words(
        "I need at least two kinds by name, for example: refund, delivery, other.",
        "请至少列出两类，例如：退款、物流、其他。",
    ),
    "threshold": Words("A number such as 90 out of 100 helps.", "给个数字就行，例如 100 条对 90 条。"),
    "rows": Words("A number such as 300 helps.", "给个数字就行，例如 300 条。"),
    "scenarios": Words(
        "Names with shares help, such as 70% everyday, 30% unusual.", "请写名称和占比，例如日常 70%、少见 30%。"
    ),
}


def _not_understood(text: str, asked: str, language: Language) -> str:
    if all(quotes.is_talk(s) for s in quotes.sentences(text)):
        return ""
    hint = HINTS[asked].to(language) if asked in HINTS else ""
    if asked == "scenarios" and (shares := named_shares(text)):
        whole = percent(sum(s.share for s in shares))
        return Words(
            f"Those shares add up to {whole}; they should make 100%.", f"这些占比加起来是 {whole}，应当是 100%。"
        ).to(language)
    if asked in ("examples", "knowledge"):
        return hint
    start = Words("I could not read an answer out of that.", "我没能从这句话里读出答案。").to(language)
    return f"{start} {hint}".strip() if language == "en" else start + hint


# the next question


def next_question(draft: Spec, asked_before: tuple[str, ...], language: Language) -> Ask | None:
    """What is asked next, or None once the rest may take defaults.

    After ten questions only what can't be guessed is asked; what was asked for twice in vain waits for the end.
    """
    limit = len(asked_before) >= MOST_QUESTIONS
    still = [name for name in open_questions(draft) if name in REQUIRED or not limit]
    fresh = [name for name in still if asked_before.count(name) < MOST_TIMES]
    if _unconfirmed(draft) and "labels" not in asked_before and not limit:
        return _confirming(draft, language)
    if proposals.waiting(draft):
        return proposals.confirming(draft, language)
    name = next(iter([*fresh, *(name for name in still if name in REQUIRED)]), None)
    words = question(name).ask if name else None
    if name is None or words is None:
        return None
    return Ask(field=name, text=words.to(language), choices=chips(draft, name, language))


def _unconfirmed(draft: Spec) -> bool:
    """Labels that a model made out in the text, which no file bears out."""
    files = draft.examples.value if draft.examples else ()
    known = draft.labels is not None and draft.labels.source == "suggested"
    return known and question("labels").when(draft) and not files


def _confirming(draft: Spec, language: Language) -> Ask:
    names = shown("labels", draft.labels.value, language) if draft.labels else ""
    text = Words(
        f"Are these the kinds to tell apart: {names}? If not, list them as they should be.",
        f"要区分的是这几类吗：{names}？如果不是，请重新列一下。",
    )
    return Ask(field="labels", text=text.to(language), choices=(Words("Yes", "是的").to(language),))


DECIDE = Words("You decide", "您来定")
NO = Words("No", "没有")
CHIPS: dict[str, tuple[Words, ...]] = {
    "goal": (
        Words(
            "Sort the messages our customers send into kinds, such as refunds, delivery and complaints",
            "把客户发来的消息分成几类，例如退款、物流、投诉",
        ),
        Words(
            "Answer our staff's questions from the handbook, and say so where it has no answer",
            "根据员工手册回答同事的问题，手册里没有的就说没有",
        ),
        Words(
            "Pick the date, the amount and the supplier out of the invoices we receive",
            "从收到的发票里提取日期、金额和供应商",
        ),
    ),
    "examples": (Words("No examples", "没有样例"),),
    "knowledge": (Words("No document", "没有文档"),),
    "rules": (Words("No rules", "没有规则"),),
    "threshold": (Words("90 out of 100", "100 条对 90 条"), Words("95 out of 100", "100 条对 95 条"), DECIDE),
    "scenarios": (Words("70% everyday, 30% unusual", "日常 70%、少见 30%"), DECIDE),
    "privacy": (
        *(Words("Mask it", "打码"), dict(PRIVACY)["hash"], dict(PRIVACY)["generalise"]),
        *(Words("There is none", "没有个人信息"), Words("Keep it", "保持原样")),
    ),
    "languages": (Words("English", "英文"), Words("Chinese", "中文"), Words("Both", "中文和英文都有")),
}


def chips(draft: Spec, name: str, language: Language) -> tuple[str, ...]:
    """Likely answers, each of which `hear` can read."""
    if name == "rows":
        fallback = question("rows").fallback
        guess = fallback(draft) if fallback else None
        return (*(str(n * guess) for n in (1, 2) if isinstance(guess, int)), DECIDE.to(language))
    offered = CHIPS.get(name) or tuple(words for _, words in question(name).choices)
    return tuple(words.to(language) for words in offered)


class Summary(Protocol):
    """What the interview needs to know about a file; `path` is relative to the project."""

    @property
    def path(self) -> str: ...
    @property
    def kind(self) -> Literal["examples", "document"]: ...
    @property
    def rows(self) -> int: ...
    @property
    def labels(self) -> Mapping[str, int]: ...
    @property
    def languages(self) -> tuple[Language, ...]: ...


def files_given(draft: Spec, summaries: Sequence[Summary], turn: int, language: Language = "en") -> Heard:
    """Files fill `examples` and `knowledge`; what stands in them is a suggestion."""
    names = " ".join(PurePath(s.path).name for s in summaries)
    listening = Listening(draft, names, None, turn)
    for name, kind in (("examples", "examples"), ("knowledge", "document")):
        given = [s for s in summaries if s.kind == kind]
        if given:
            stated = getattr(listening.draft, name)
            paths = (*(stated.value if stated else ()), *(s.path for s in given))
            listening.take(Reading(name, tuple(dict.fromkeys(paths)), PurePath(given[0].path).name), over=True)
    rows = [s for s in summaries if s.kind == "examples"]
    labels = tuple(dict.fromkeys(label for s in rows for label in s.labels))
    guesses = (
        ("labels", tuple({"name": label} for label in labels) if len(labels) > 1 else ()),
        ("task", "classification" if len(labels) > 1 else None),
        ("languages", tuple(dict.fromkeys(code for s in rows for code in s.languages))),
    )
    for name, value in guesses:
        stated = getattr(listening.draft, name)
        if value and (stated is None or stated.source != "said"):
            listening.take(Reading(name, value, "", "suggested"), over=True)
    changed = tuple(listening.changed)
    return Heard(listening.draft, changed, _counted(rows, language) + echo(listening.draft, changed, language))


def _counted(files: Iterable[Summary], language: Language) -> str:
    rows = sum(s.rows for s in files)
    return Words(f"I found {rows} rows. ", f"读到 {rows} 条。").to(language) if rows else ""
