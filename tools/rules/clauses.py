"""More of what people say as rules: conditions said last, kinds of content, counts, lists to choose from, equations."""

from __future__ import annotations

import re
from collections.abc import Callable

from tools.figures.numerals import numbers, plain
from tools.rules import patterns as patterns
from tools.rules import sentences as rule_sentences
from tools.rules.patterns import SUBJECTS, Subject
from tools.rules.sentences import named_column
from workspace.rules import (
    And,
    Arithmetic,
    Column,
    Compare,
    Condition,
    Constant,
    Count,
    Implies,
    In,
    Matches,
    Not,
    Value,
)
from workspace.words import Language, language_of

_SUBJECT = "|".join(sorted((*SUBJECTS, *patterns.WHOLE), key=len, reverse=True))
HOLDS = re.compile(
    rf"^(?:(?:the|every|each|all|any|an?)\s+)*(?P<subject>{_SUBJECT})\s+(?:(?:must|should|has to|"
    rf"needs? to|may|can)\s+)?(?:always\s+)?"
    r"(?P<no>(?:do(?:es)? )?not |never |cannot |can't )?(?:ever )?(?:mentions?|contains?|includes?|has|"
    r"have|gives?)\s+(?:an?|any|the)?\s*(?P<what>.+)$|"
    rf"^(?:每条|每个|所有)?(?P<subject_zh>{_SUBJECT})?(?:里面?|中)?(?:都|均)?(?P<no_zh>不(?:能|得|可以?|"
    rf"要|许|应该?)|禁止)?(?:必须|一定要|需要|应该|应当|应|要)?"
    r"(?:出现|提到|提及|包含|含有|包括|给出|有)(?P<what_zh>.+)$",
    re.I,
)
LIMIT = re.compile(
    r"^(?P<bound>at least|no fewer than|at most|no more than|up to|exactly|至少|最少|不少于|最多|不超过|至多)?\s*"
    r"(?P<number>\d+|[a-z]+|[一二两三四五六七八九十]+)\s*(?P<unit>[a-z ]+|[\u4e00-\u9fff]+)$",
    re.I,
)
REFLEXIVE = re.compile(r"(?:至少|最少|不少于|最多|不超过|至多)(?=包含|包括|有|含有|给出)")
CHOICE = (
    re.compile(r"^(?:the )?(?P<name>[a-z][\w ]*?) (?:must|should|has to|can only|may only) be (?:one of|"
    r"either|only)\s*:?\s*(?P<list>.+)$", re.I),
    re.compile(r"^(?P<name>[\u4e00-\u9fffA-Za-z_]+?)(?:必须|只能|应)(?:是|为)(?P<list>.+?)(?:之一|中的一[个种])$"),
)  # fmt: skip
EDGE = (
    re.compile(rf"^(?:(?:the|every|each|all)\s+)*(?P<subject>{_SUBJECT}) (?:must |should |has to |"
    rf"always )*(?P<edge>start|begin|end)s? with (?P<word>.+)$", re.I),
    re.compile(rf"^(?:每条|所有)?(?P<subject>{_SUBJECT})(?:都|均)?(?:必须|要|应|"
    rf"需)?以(?P<word>.+?)(?:为)?(?P<edge>开头|开始|结尾|结束)$"),
)  # fmt: skip
NAMED = re.compile(
    r"^(?P<head>.*?(?:mention|contain|include|use|say|出现|提到|提及|包含|"
    r"使用)s?)\s*[^:：]{0,30}[:：]\s*(?P<list>.+)$",
    re.I,
)
LAST = (
    re.compile(r"^(?P<then>.+?),?\s+(?P<word>when|whenever|if|unless|except when)\s+(?P<when>.+)$", re.I),
    re.compile(r"^(?P<word>除非)(?P<when>.+?)[，,](?:否则)?(?P<then>.+)$"),
    re.compile(r"^(?:如果|若|当)?(?P<when>.+?)(?P<word>时)[，,]?(?P<then>.+)$"),
)
IS = re.compile(
    r"^(?:the )?(?P<name>[a-z][\w ]{0,30}?) (?:is|=|equals) (?P<no>not )?[\"'“]?(?P<value>[\w][\w -]{0,30}?)[\"'”]?$|"
    r"^(?P<name_zh>[\u4e00-\u9fffA-Za-z_]{1,8}?)(?P<no_zh>不)?(?:是|为|=|"
    r"等于)[“\"']?(?P<value_zh>[\u4e00-\u9fff\w-]{1,12}?)[”\"']?$",
    re.I,
)
EQUATION = re.compile(
    r"^(?P<left>.+?)\s*(?:(?:must|should|always|必须|应该?|总是?)\s*)*(?:==?|\bequals?(?: to)?\b|"
    r"\bis(?: equal to)?(?= the sum)|等于|＝)\s*(?P<right>.+)$",
    re.I,
)
SLACK = re.compile(
    r",?\s*(?:within|give or take|±|with a tolerance of|误差(?:不超过|在)?|"
    r"允许误差)\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<percent>[%％])?(?:以内|之内)?$",
    re.I,
)
SAID = (
    (re.compile(r"(?:the )?sum of (?P<a>.+?) and (?P<b>.+)$", re.I), r"\g<a> + \g<b>"),
    (re.compile(r"(?P<a>[\u4e00-\u9fff]+?)[与和](?P<b>[\u4e00-\u9fff]+?)(?:之和|的和)$"), r"\g<a> + \g<b>"),
    (re.compile(r"(?P<a>[\u4e00-\u9fff]+?)[与和](?P<b>[\u4e00-\u9fff]+?)(?:之差|的差)$"), r"\g<a> - \g<b>"),
    (re.compile(r"\s+plus\s+|加上?"), " + "),
    (re.compile(r"\s+minus\s+|减去?"), " - "),
    (re.compile(r"\s+times\s+|乘以?|×"), " * "),
    (re.compile(r"\s+divided by\s+|除以|÷"), " / "),
)
TURNED = (
    (re.compile(rf"^no (?P<one>{_SUBJECT}) (?:may|can|should|must) ", re.I), r"the \g<one> must not "),
    (re.compile(r"\btakes? (?=at most|at least|no more|no less|up to|less than|more than)", re.I), "is "),
    (re.compile(r"\b(must|should|may|can) (not |never )?come (?=before|after)", re.I), r"\1 \2be "),
)
PIECE = re.compile(r"\s*(?:(?P<sign>[-+*/()（）])|(?P<name>[^-+*/()（）]+))")


def propose(sentence: str, language: Language, subject: Subject = "answer") -> Condition | None:
    """The condition that the sentence states, or None where that is not certain."""
    said = re.sub(r"^(?:please\s+|请)", "", plain(sentence).strip().rstrip(".。!！;；").strip(), flags=re.I)
    for turned, straight in TURNED:
        said = turned.sub(straight, said)
    for reading in READINGS:
        if condition := reading(said, subject):
            return condition
    return rule_sentences.propose(said, language, subject)


def _conditional(said: str, subject: Subject) -> Condition | None:
    """ "X when Y", "X unless Y": the condition said last."""
    if re.match(r"(?:if|when|如果|若|当)\b", said, re.I) and patterns.HEDGED.search(said) is None:
        match = re.match(
            r"^(?:if|when|如果|若|当)\s*(?P<when>[^,，]+?)(?:的话|时)?[,，]\s*(?:then\s+|那么|则|就)?(?P<then>.+)$",
            said,
            re.I,
        )
        found = (match["when"], match["then"], "if") if match else None
    else:
        match = next((m for pattern in LAST if (m := pattern.match(said))), None)
        found = (match["when"], match["then"], match["word"].lower()) if match else None
    if found is None:
        return None
    when = _state(found[0]) or propose(found[0], language_of(found[0]), subject)
    then = propose(found[1].strip(" ,，"), language_of(found[1]), subject)
    if when is None or then is None:
        return None
    return Implies(when=Not(of=when) if found[2] in ("unless", "except when", "除非") else when, then=then)


def _state(said: str) -> Condition | None:
    """ "the destination is overseas", which is a condition only where something follows from it."""
    match = IS.match(said.strip())
    if match is None:
        return None
    name, value = match["name"] or match["name_zh"], match["value"] or match["value_zh"]
    column = {"category": "label", "类别": "label", "标签": "label", "分类": "label"}.get(name.lower()) or named_column(
        name
    )
    no = match["no"] or match["no_zh"]
    if column is None or column in ("answer", "question"):
        return None
    return Compare(left=Column(name=column), operator="!=" if no else "==", right=Constant(value=value.strip()))


def _holding(said: str, subject: Subject) -> Condition | None:
    """ "contains a phone number", "至少包含两个步骤"."""
    moved = REFLEXIVE.search(said)
    straight = said[: moved.start()] + said[moved.end() :] if moved else said
    match = HOLDS.match(straight)
    if match is None:
        return None
    what = (match["what"] or match["what_zh"]).strip()
    column = Column(name=SUBJECTS.get((match["subject"] or match["subject_zh"] or "").lower(), subject))
    no = bool(match["no"] or match["no_zh"])
    for kind, pattern, _ in patterns.CONTENT:
        if re.fullmatch(rf"(?:{kind})", what, re.I):
            held = Matches(value=column, pattern=pattern)
            return Not(of=held) if no else held
    return None if no else _counted((moved.group() if moved else "") + what, column)


def _counted(what: str, column: Column) -> Condition | None:
    match = LIMIT.match(what.strip())
    if match is None or (match["bound"] is None and not re.match(r"at least|至少", what)):
        return None
    figures = numbers(match["number"] if match["number"].isascii() else match["number"] + "个")
    pattern = next(
        (p for kind, p, _ in patterns.COUNTED if re.fullmatch(rf"(?:{kind})", match["unit"].strip(), re.I)), None
    )
    if not figures or pattern is None:
        return None
    number, bound = int(figures[0].value), match["bound"].lower()
    least = re.match(r"at least|no fewer|至少|最少|不少于|exactly", bound) is not None
    most = re.match(r"at most|no more|up to|最多|不超过|至多|exactly", bound) is not None
    return Count(value=column, pattern=pattern, low=number if least else None, high=number if most else None)


def _bare_count(said: str, subject: Subject) -> Condition | None:
    return _counted(said, Column(name=subject))


def _chosen(said: str, subject: Subject) -> Condition | None:
    match = next((m for pattern in CHOICE if (m := pattern.match(said))), None)
    name = named_column(match["name"]) if match else None
    if match is None or name is None:
        return None
    words = tuple(w.strip(" \"'“”「」") for w in patterns.SPLIT.split(match["list"]) if w.strip())
    return In(value=Column(name=name), allowed=words) if len(words) >= 2 else None


def _edged(said: str, subject: Subject) -> Condition | None:
    match = next((m for pattern in EDGE if (m := pattern.match(said))), None)
    if match is None:
        return None
    word = re.escape(match["word"].strip(" \"'“”「」").removeprefix("the word "))
    at_end = match["edge"].lower() in ("end", "结尾", "结束")
    column = Column(name=SUBJECTS.get(match["subject"].lower(), subject))
    return Matches(value=column, pattern=rf"{word}\s*$" if at_end else rf"^\s*{word}")


def _listed(said: str, subject: Subject) -> Condition | None:
    """ "must never mention competitors' names: A, B" names the words after the colon."""
    match = NAMED.match(said)
    if match is None:
        return None
    between = " the words " if match["head"].isascii() else "词语"
    return rule_sentences.propose(f"{match['head']}{between}{match['list']}", language_of(said), subject)


def _equation(said: str, subject: Subject) -> Condition | None:
    slack = SLACK.search(said)
    match = EQUATION.match(said[: slack.start()] if slack else said)
    left, right = (_expression(match["left"]), _expression(match["right"])) if match else (None, None)
    if left is None or right is None or not any(isinstance(side, Arithmetic) for side in (left, right)):
        return None
    if slack is None or not slack["percent"]:
        return Compare(left=left, operator="==", right=right, tolerance=float(slack["number"]) if slack else 0.0)
    part = float(slack["number"]) / 100
    most, least = (Arithmetic(operator="*", left=right, right=Constant(value=1 + sign * part)) for sign in (1, -1))
    return And(all=(Compare(left=left, operator="<=", right=most), Compare(left=left, operator=">=", right=least)))


def _expression(said: str) -> Value | None:
    """Columns and figures joined by signs and brackets; None where a part is no name."""
    for spoken, sign in SAID:
        said = spoken.sub(sign, said.strip())
    pieces = [m["sign"] or m["name"].strip() for m in PIECE.finditer(said) if m.group().strip()]
    pieces = [{"（": "(", "）": ")"}.get(piece, piece) for piece in pieces]
    value = _sum(pieces)
    return None if pieces else value


def _sum(pieces: list[str]) -> Value | None:
    return _folded(pieces, ("+", "-"), _product)


def _product(pieces: list[str]) -> Value | None:
    return _folded(pieces, ("*", "/"), _atom)


def _folded(pieces: list[str], signs: tuple[str, ...], inner: Callable[[list[str]], Value | None]) -> Value | None:
    left = inner(pieces)
    while left is not None and pieces and pieces[0] in signs:
        sign = pieces.pop(0)
        right = inner(pieces)
        left = None if right is None else Arithmetic(operator=sign, left=left, right=right)
    return left


def _atom(pieces: list[str]) -> Value | None:
    if not pieces:
        return None
    piece = pieces.pop(0)
    if piece == "(":
        value = _sum(pieces)
        return value if pieces and pieces.pop(0) == ")" else None
    if re.fullmatch(r"\d+(?:\.\d+)?", piece):
        return Constant(value=float(piece))
    name = named_column(piece) or (
        piece if re.fullmatch(r"(?:this|last) (?:year|month|quarter)|今年|去年|上年|本月|上月", piece) else None
    )
    return Column(name=name) if name else None


Reading = Callable[[str, Subject], Condition | None]
READINGS: tuple[Reading, ...] = (_conditional, _holding, _bare_count, _chosen, _edged, _listed, _equation)
