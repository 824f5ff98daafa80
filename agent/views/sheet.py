"""The specification as a form: each value with whose it is and how it is written, and what a person writes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal

from pydantic import ValidationError

from agent import answers, interview, proposals
from agent.wording import LANGUAGE_NAMES, OPEN, WHOSE, shown
from workspace.errors import UserError
from workspace.rules import Rule
from workspace.spec import Spec, question, questions
from workspace.stated import Label, Mixed, Share, Stated, StatedBy
from workspace.words import Language, Words

Kind = Literal["choice", "number", "text", "lines", "told"]
NUMBERS: dict[str, tuple[float, float]] = {  # what is sensible, from and to
    "threshold": (0.01, 1),
    "rows": (1, 1_000_000),
    "temperature": (0, 2),
    "top_k": (1, 1000),
    "budget_minutes": (0.1, 100_000),
    "budget_money": (0, 100_000),
    "seed": (0, 2**32 - 1),
}
WHOLE = ("rows", "top_k", "seed")
NAMED = ("scenarios", "difficulty", "confidence")  # shares by their names
FILES = ("examples", "knowledge")
MORE_CHOICES: dict[str, tuple[tuple[str, Words], ...]] = {
    "languages": (*LANGUAGE_NAMES.items(), ("en zh", Words("both", "中文和英文都有"))),
}  # fmt: skip
HINTS: dict[str, Words] = {
    "labels": Words("One a line, such as “refund: wants money back”.", "每行一类，例如“退款：想把钱要回来”。"),
    "rules": Words("One sentence a line.", "每行一条规则。"),
    "tones": Words("One a line.", "每行一个。"),
    "threshold": Words("How many of 100 should be right.", "100 条里至少对多少条。"),
    **dict.fromkeys(NAMED, Words("One a line, such as “everyday 70%”.", "每行一个，例如“日常 70%”。")),
    **dict.fromkeys(FILES, Words("Take a line out to leave a file out; to add one, attach it to the conversation.",
                                 "删除一行即不再使用该文件；要添加文件，请在对话里点回形针或拖进去。")),
}  # fmt: skip
NOTED = Words("Noted.", "记下了。")
SHARE = re.compile(r"(?P<name>.+?)[\s:：=]+(?P<share>\d+(?:[.．]\d+)?)\s*[%％]?\s*")


@dataclass(frozen=True)
class Line:
    """One value. `written` is how it stands in its input, `quote` the person's words for it.

    `asked` is whether the interview asks for it; what it doesn't is a detail with a default.
    """

    field: str
    title: str
    value: str
    whose: StatedBy | Literal["open"]
    whose_words: str
    quote: str
    kind: Kind
    written: str
    asked: bool
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""


def sheet(draft: Spec, language: Language) -> tuple[Line, ...]:
    """Every value that matters for this draft; of what nobody spoke of, what the default would be."""
    filled = draft.filled()
    return tuple(
        _line(name, getattr(draft, name) or (None if asked.ask else getattr(filled, name)), language)
        for name, asked in questions()
        if asked.when(draft) and (asked.ask or getattr(filled, name) is not None)
    )


def _line(name: str, stated: Stated[Any] | None, language: Language) -> Line:
    asked, kind = question(name), _kind(name)
    return Line(
        field=name,
        title=asked.title.to(language),
        value=shown(name, stated.value, language) if stated else "",
        whose=stated.source if stated else "open",
        whose_words=(WHOSE[stated.source] if stated else OPEN).to(language),
        quote=_quoted(name, stated) if stated and stated.source == "said" else "",
        kind=kind,
        written=_written(name, stated.value) if stated else "",
        asked=asked.ask is not None,
        choices=tuple((value, words.to(language)) for value, words in _choices(name)) if kind == "choice" else (),
        hint=HINTS[name].to(language) if name in HINTS else "",
    )


def _quoted(name: str, stated: Stated[Any]) -> str:
    """Words that somebody wrote; what they chose from a list or wrote in its field is the value itself."""
    quote = " ".join((stated.quote or "").split())
    chosen = {text for value, words in _choices(name) for text in (value, words.en, words.zh)}
    return "" if quote in chosen or quote == " ".join(_written(name, stated.value).split()) else quote


def _kind(name: str) -> Kind:
    if _choices(name):
        return "choice"
    if name in NUMBERS:
        return "number"
    if name in ("labels", "rules", "tones", *NAMED, *FILES):
        return "lines"
    return "told" if name in ("sources", "goals") else "text"


def _choices(name: str) -> tuple[tuple[str, Words], ...]:
    return MORE_CHOICES.get(name) or question(name).choices


def _written(name: str, value: object) -> str:
    match value:
        case float() if name == "threshold":
            return exact(100 * value)
        case tuple() if name == "languages":
            return " ".join(sorted(value))
        case tuple():
            return "\n".join(_item(name, item) for item in value)
        case dict():
            return "\n".join(f"{key} {exact(100 * share)}%" for key, share in value.items())
        case float():
            return exact(value)
    return str(value)


def exact(number: float) -> str:
    """All of it, for it is read back: six digits would make 12345.67 another number."""
    return f"{number:.12g}"


def _item(name: str, item: object) -> str:
    match item:
        case Label():
            return f"{item.name}: {item.definition}" if item.definition else item.name
        case Mixed() | Share():
            return f"{item.name} {exact(100 * item.share)}%"
        case Rule():
            return item.sentence
    return PurePath(str(item)).name if name in FILES else str(item)


# what a person writes back


def edited(draft: Spec, name: str, text: str, turn: int, language: Language) -> Spec:
    """The draft with a value as it was written, which is the person's own. Raises UserError where it does not fit."""
    text = text.strip()
    if name not in dict(questions()) or _kind(name) == "told":
        raise _unfit(name, Words("it is changed by telling me", "请在对话里说明要怎么改"))
    if not text and name not in ("rules", *FILES):
        raise _unfit(name, Words("it is empty", "内容为空"))
    value = _unchanged(draft, name, text) or _read(draft, name, text)
    told = dict(_choices(name)).get(text)
    quote = told.to(language) if told else text or shown(name, value, language)
    try:
        after = draft.with_value(name, Stated[Any](value=value, source="said", quote=quote, turn=turn))
    except ValidationError as error:
        raise _unfit(name, Words("it is not of the right kind", "类型不对")) from error
    if name == "task" and value != "classification":
        after = after.without("labels")
    return interview.aimed(after)


def spoken(name: str, text: str, language: Language) -> str:
    """The change as the person's own message."""
    title, told = question(name).title, dict(_choices(name)).get(text.strip())
    value = told.to(language) if told else "; ".join(text.strip().splitlines()) or shown(name, (), language)
    value = f"{value}%" if name == "threshold" and value.isdigit() else value
    return Words(f"{title.en}: {value}", f"{title.zh}：{value}").to(language)


def _unchanged(draft: Spec, name: str, text: str) -> object | None:
    """Saved as it was opened, a value is what it was, however it reads."""
    stated = getattr(draft, name) or getattr(draft.filled(), name)
    same = stated and text.splitlines() == _written(name, stated.value).strip().splitlines()
    return stated.value if same else None


def _read(draft: Spec, name: str, text: str) -> object:
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if name == "languages":
        return tuple(text.split())
    if name in NUMBERS:
        return _number(name, text)
    return READ[name](draft, name, lines) if name in READ else text


def _number(name: str, text: str) -> float:
    low, high = NUMBERS[name]
    try:
        value = float(text.rstrip("%％ ").replace(",", "").replace("，", ""))
    except ValueError as error:
        raise _unfit(name, Words("a number is needed", "需要一个数字")) from error
    if name == "threshold":
        value /= 100
    if not low <= value <= high:
        scale = 100 if name == "threshold" else 1
        span = f"{low * scale:g}", f"{high * scale:,.10g}"
        raise _unfit(name, Words(f"it lies between {span[0]} and {span[1]}", f"应在 {span[0]} 到 {span[1]} 之间"))
    if name in WHOLE and value != int(value):
        raise _unfit(name, Words("a whole number is needed", "需要整数"))
    return int(value) if name in WHOLE else value


def _labels(draft: Spec, name: str, lines: list[str]) -> object:
    """A name that is known may hold a colon; of another line what stands before the first is its name."""
    known = sorted((label.name for label in draft.labels.value), key=len, reverse=True) if draft.labels else []
    labels = tuple(_label(line, known) for line in lines)
    if len({label.name for label in labels}) < max(2, len(labels)):
        raise _unfit(name, Words("at least two are needed, and each only once", "至少要有两类，且不能重复"))
    return labels


def _label(line: str, known: list[str]) -> Label:
    name = next((one for one in known if re.match(rf"{re.escape(one)}\s*([:：]|$)", line)), None)
    if name is None:
        name = re.split(r"\s*[:：]", line, maxsplit=1)[0]
    return Label(name=name, definition=line[len(name) :].lstrip(" :："))


def _rules(draft: Spec, name: str, lines: list[str]) -> object:
    """A sentence that stood there before keeps what was agreed about it."""
    known = {rule.sentence: rule for rule in draft.rules.value} if draft.rules else {}
    side = proposals.side(draft)
    return tuple(known.get(line) or answers.rule(line, side) for line in dict.fromkeys(lines))


def _shares(draft: Spec, name: str, lines: list[str]) -> object:
    found = [SHARE.fullmatch(line) for line in lines]
    given = {match["name"]: float(match["share"].replace("．", ".")) / 100 for match in found if match}
    if len(given) < len(lines) or not sum(given.values()):
        raise _unfit(
            name, Words("each line is a name and a share, each name once", "每行一个名称和一个比例，名称不能重复")
        )
    if name == "confidence":
        return given
    whole = sum(given.values())
    return tuple(Share(name=key, share=round(share / whole, 4)) for key, share in given.items())


def _files(draft: Spec, name: str, lines: list[str]) -> object:
    """Those that are there already, and of them only those that were left."""
    stated = getattr(draft, name)
    there = {PurePath(path).name: path for path in (stated.value if stated else ())}
    if not set(lines) <= set(there):
        raise _unfit(name, Words("there is no such file here yet", "还没有这个文件"))
    return tuple(there[line] for line in dict.fromkeys(lines))


def _tones(draft: Spec, name: str, lines: list[str]) -> object:
    return tuple(dict.fromkeys(lines))


READ: dict[str, Callable[[Spec, str, list[str]], object]] = {
    "labels": _labels,
    "rules": _rules,
    "tones": _tones,
    **dict.fromkeys(NAMED, _shares),
    **dict.fromkeys(FILES, _files),
}


def _unfit(name: str, why: Words) -> UserError:
    title = question(name).title if name in dict(questions()) else Words(name, name)
    hint = HINTS.get(name, Words("Write it again, or leave it as it was.", "请重新填写，或保持原样。"))
    return UserError(Words(f"{title.en}: {why.en}.", f"{title.zh}：{why.zh}。"), hint)
