"""Whether two answers to one question, or two statements of one answer, can't both be true. In doubt they can."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from tools.agreement import relation
from tools.copies.likeness import folded
from tools.facts.claims import Sentence, claims, content_words, coverage, read, sentences
from tools.facts.comparers import compare, settle
from tools.facts.polarity import NEGATION, NOT_NEGATION, negated, opposed
from tools.figures.quantities import UNITS, Quantity, quantities, without
from workspace.words import language_of

SHORT = {"en": 60, "zh": 20}  # characters of an answer that only names what was asked for
MOST_CLAIMS = 12
ALIKE = 0.85
YES = re.compile(
    r"\s*(?:(yes|yeah|yep|sure|of course|certainly|correct|true|是的?|对的?|可以的?|能的?|会的?|有的?|需要的?|支持的?|"
    r"当然|没错|正确)|"
    r"(no|nope|not at all|false|incorrect|不是|不对|不可以|不能|不行|不会|没有|不需要|不用|"
    r"不支持|否|错误|不))(?=$|[\s,.;!，。；！、])",
    re.I,
)
FINAL = re.compile(
    r"(?:####|\\boxed\{|\b(?:final |correct )?answer(?: is|:)|"
    r"\b(?:so|therefore|thus|hence),? (?:it|the (?:total|result)) is|"
    r"答案(?:是|为|：|:)|(?:所以|因此|故)(?:一共|总共|共)?(?:是|为)?)\s*([^\n]+)",
    re.I,
)
# What asks for one of many has as many answers.
OPEN = re.compile(
    r"\b(?:write|generate|create|compose|draft|suggest|recommend|brainstorm|imagine|invent|make up|come up|design|"
    r"rewrite|rephrase|paraphrase|translate|summari[sz]e|describe|tell me (?:a|an|some|something|about)|"
    r"(?:give|name|list|pick|choose|say)(?: me| us)? (?:a|an|any|some|one|two|three|four|five|six|ten|\d+)|example|"
    r"random|story|poem|joke)\b|写|生成|创作|编(?:一|个)|列举|举例|例子|推荐|建议|翻译|改写|润色|总结|概括|描述|随机|故事|诗|笑话|说说|谈谈",
    re.I,
)
# Two times or cases may differ without a contradiction.
OTHER_CASE = re.compile(
    r"\b(?:if|unless|when|while|then|now|later|previous\w*|former\w*|before|after|instead|but|however|although|though|"
    r"otherwise|except|first|second|third|next|last|another|other|each|per|every|some|or|either|example|suppose|assum\w*|"
    r"originally|initially|today|yesterday|tomorrow|step|day|case|also|more|additional\w*|again|only|still|already|than)\b"
    r"|如果|若|当|除非|但|不过|然而|否则|之前|之后|以前|后来|现在|然后|再|另|其他|其余|每|各|或|第|例如|比如|假设|原来|起初|今天|昨天|明天|"
    r"步|而|还|也|又|则|仅|只|已|比|其中|分别",
    re.I,
)
YES_OR_NO = re.compile(
    r"^\W*(?:is|are|was|were|do|does|did|can|could|may|will|would|should|has|have|must)\b|吗|能否|是否|可否|"
    r"(.)[不没]\1|可不可以",
    re.I,
)
PIECE = re.compile(r"\d+(?:[,.]\d+)*|[A-Za-z]+(?:['’][a-z]+)?|[^\W_]|[%$€£¥]")
FIGURE = re.compile(r"\d+(?:[,.]\d+)*")
MONTH = re.compile(r"(?:jan|febr)uary|march|april|may|june|july|august|(?:septem|octo|novem|decem)ber", re.I)
CHINESE_FIGURES = frozenset("一二两三四五六七八九十")
MOST_PIECES = 600
MOST_CHANGED = 0.34  # of the pieces, as far as an answer counts as the other one with something changed in it
MOST_CHANGES = 6
LETTERS = re.compile(r"[A-Z]")
PRONOUNS = frozenset(("he", "she", "they", "i", "you", "we"))


@dataclass(frozen=True, slots=True)
class Conflict:
    """What the one says, and where the other says otherwise: `theirs` is a place of the other text."""

    ours: str
    theirs: Sentence


def between(ours: str, theirs: str, question: str) -> Conflict | None:
    """Two answers to one question, against each other. Another wording is no conflict."""
    if folded(ours) == folded(theirs) or OPEN.search(question):
        return None
    if conflict := _one_place(ours, theirs):
        return conflict
    if conclusions := _conclusions(ours, theirs):
        return _short(*conclusions, question)
    return (
        _yes_and_no(ours, theirs, question)
        or _short(_all(ours), _all(theirs), question)
        or _claims(ours, theirs, question)
    )


def within(answer: str) -> Conflict | None:
    """Two statements of one answer with the same words around another figure, or one that denies the other."""
    said = [s for s in _statements(answer) if not OTHER_CASE.search(s.text)]
    for i, later in enumerate(said[1 : MOST_CLAIMS + 1], 1):
        for earlier in said[:i]:
            if _same_subject(later.text, earlier.text):
                return Conflict(later.text, earlier)
    return None


def denied(question: str, answer: str) -> Conflict | None:
    """What the question states as given, denied or dated otherwise by the answer; other figures may be its result."""
    given = [s for s in _statements(question) if not OTHER_CASE.search(s.text)]
    for said in claims(answer)[:MOST_CLAIMS]:
        for fact in given[:MOST_CLAIMS]:
            if not OTHER_CASE.search(said) and _about_the_same(said, fact.text, least=3):
                dated = _differing(said, fact.text, only_dates=True)
                if dated or (not read(said).quantities and opposed(said, fact.text)):
                    return Conflict(said, fact)
    return None


def _statements(text: str) -> list[Sentence]:
    said = set(claims(text))
    return [s for s in sentences(text) if s.text in said]


def _all(text: str) -> Sentence:
    stripped = text.strip()
    start = text.find(stripped)
    return Sentence(stripped, start, start + len(stripped))


def _conclusions(ours: str, theirs: str) -> tuple[Sentence, Sentence] | None:
    """What both name as their result: the way there may differ."""
    found = [list(FINAL.finditer(text)) for text in (ours, theirs)]
    if not all(found):
        return None
    one, other = (Sentence(f[-1][1].strip(" .。}"), *f[-1].span(1)) for f in found)
    end = other.start + len(other.text)
    return one, Sentence(other.text, other.start, end)


def _one_place(ours: str, theirs: str) -> Conflict | None:
    """The same words with another figure, unit or name in one place, or with a "not"."""
    mine, yours = list(PIECE.finditer(ours)), list(PIECE.finditer(theirs))
    if max(len(mine), len(yours)) > MOST_PIECES:
        return None
    low = [[m.group().lower() for m in side] for side in (mine, yours)]
    changes = [op for op in Levenshtein.opcodes(*low) if op.tag != "equal"]
    changed = sum(max(op.src_end - op.src_start, op.dest_end - op.dest_start) for op in changes)
    if not 0 < changed <= MOST_CHANGED * min(len(mine), len(yours)) or len(changes) > MOST_CHANGES:
        return None
    for op in changes:
        gone, come = (
            [m.group() for m in side] for side in (mine[op.src_start : op.src_end], yours[op.dest_start : op.dest_end])
        )
        if _tells(gone, come):
            at = yours[min(op.dest_start, len(yours) - 1)].start()
            return Conflict(_around(ours, mine[min(op.src_start, len(mine) - 1)].start()).text, _around(theirs, at))
    return None


def _tells(gone: list[str], come: list[str]) -> bool:
    one, other = "".join(gone), "".join(come)
    if any(map(str.isdigit, one)) and any(map(str.isdigit, other)):
        return [_value(f) for f in FIGURE.findall(one)] != [_value(f) for f in FIGURE.findall(other)]
    if bool(NEGATION.fullmatch(one)) != bool(NEGATION.fullmatch(other)):
        return True
    if not one or not other:
        return False
    unlike = not _akin(folded(one), folded(other))
    measured = all(side.lower() in UNITS or MONTH.fullmatch(side) for side in (one, other))
    counted = all(side in CHINESE_FIGURES for side in (one, other))
    return counted or (unlike and (measured or opposed(one, other)))


def _around(text: str, place: int) -> Sentence:
    return next((s for s in sentences(text) if s.start <= place < s.end), _first(text))


def _yes_and_no(ours: str, theirs: str, question: str) -> Conflict | None:
    one, other = _sign(ours, question), _sign(theirs, question)
    return Conflict(_first(ours).text, _first(theirs)) if one * other == -1 else None


def _sign(answer: str, question: str) -> int:
    """1 for yes, -1 for no, 0 where the answer does not begin with either in any wording."""
    if match := YES.match(answer):
        return 1 if match[1] else -1
    first = _first(answer).text
    if not YES_OR_NO.search(question) or coverage(read(question).bag, read(first).bag) < 0.5:
        return 0
    return -1 if negated(first) % 2 else 1


def _first(text: str) -> Sentence:
    return next(iter(sentences(text)), _all(text))


def _short(ours: Sentence, theirs: Sentence, question: str) -> Conflict | None:
    """Answers that only name a thing: two figures that differ, or two names of which neither holds the other."""
    one, other = ours.text, theirs.text
    if len(sentences(one)) > 1 or len(sentences(other)) > 1:
        return None
    if _figures(one, other) or _only_denies(one, other):
        return Conflict(one, theirs)
    if max(len(one), len(other)) > SHORT[language_of(one)] or quantities(one) or quantities(other):
        return None
    return Conflict(one, theirs) if _other_name(one, other, question) else None


def _figures(one: str, other: str) -> bool:
    """Apart from one figure they say the same, or nothing."""
    ours, theirs = quantities(one), quantities(other)
    left = [q for q in ours if not any(relation(q, p) == "same" for p in theirs)]
    there = [p for p in theirs if not any(relation(q, p) == "same" for q in ours)]
    if len(left) != 1 or len(there) != 1 or relation(left[0], there[0]) != "differs":
        return _bare_numbers(one, other, ours, theirs)
    a, b = (frozenset(content_words(without(t, q))) for t, q in ((one, ours), (other, theirs)))
    return (
        min(len(a), len(b)) < 2
        or min(coverage(a, b), coverage(b, a)) >= 0.5
        or max(coverage(a, b), coverage(b, a)) == 1
    )


def _bare_numbers(one: str, other: str, ours: Sequence[Quantity], theirs: Sequence[Quantity]) -> bool:
    """ "42" and "43 eggs": a lone figure takes the other's unit."""
    if len(ours) != 1 or len(theirs) != 1 or {ours[0].kind, theirs[0].kind} & {"date", "clock"}:
        return False
    same_kind = "" in (ours[0].unit, theirs[0].unit) or ours[0].kind == theirs[0].kind == "count"
    lone = [not without(text, list(q)).strip(" .。约$¥") for text, q in ((one, ours), (other, theirs))]
    figures = [[_value(f) for f in FIGURE.findall(text)] for text in (one, other)]
    return any(lone) and same_kind and len(figures[0]) == len(figures[1]) == 1 and figures[0] != figures[1]


def _value(figure: str) -> float:
    try:
        return float(figure.replace(",", ""))
    except ValueError:
        return float("nan")


def _only_denies(one: str, other: str) -> bool:
    """The same letters but for a "not"."""
    if bool(NEGATION.search(NOT_NEGATION.sub(" ", one))) == bool(NEGATION.search(NOT_NEGATION.sub(" ", other))):
        return False
    return _undenied(one) == _undenied(other) != ""


def _undenied(text: str) -> str:
    plain = re.sub(r"\b(?:ca)?n['’]t\b|n['’]t\b|\bcannot\b", " can ", NOT_NEGATION.sub(" ", text))
    return re.sub(r"(?:can|do|does|did|yes|可以|能|是)", "", folded(NEGATION.sub(" ", plain)))


def _other_name(one: str, other: str, question: str) -> bool:
    a, b = (frozenset(content_words(text)) - read(question).bag for text in (one, other))
    if not a or not b or a & b:
        return False
    x, y = folded(one), folded(other)
    return x not in y and y not in x and not _initials(one, other) and not _initials(other, one) and not _akin(x, y)


def _initials(short: str, long: str) -> bool:
    letters = "".join(LETTERS.findall(short))
    return len(letters) > 1 and letters == "".join(LETTERS.findall(long))[: len(letters)]


def _akin(x: str, y: str) -> bool:
    """Two spellings of a name, or a Chinese short form of it."""
    from rapidfuzz import fuzz

    shared = len(set(x) & set(y)) / max(1, min(len(set(x)), len(set(y))))
    return (shared > 0.5 if language_of(x) == "zh" else False) or fuzz.ratio(x, y) >= 75


def _claims(ours: str, theirs: str, question: str) -> Conflict | None:
    """Sentence against sentence, from either side."""
    mine, yours = (
        claims(ours)[:MOST_CLAIMS],
        [s for s in sentences(theirs) if s.text in set(claims(theirs))][:MOST_CLAIMS],
    )
    readings = [read(s.text) for s in yours]
    for claim in mine:
        settled = settle(read(claim), readings)
        if settled and settled[0].outcome == "contradicted" and _mutual(claim, yours[settled[1]].text):
            return Conflict(claim, yours[settled[1]])
    if len(mine) == len(yours) == 1 and _figures(mine[0], yours[0].text):
        return Conflict(mine[0], yours[0])
    return None


def _mutual(claim: str, other: str) -> bool:
    """Each speaks of what the other does: "3 days by post" leaves "5 days by ship" alone."""
    a, b = read(claim).bag, read(other).bag
    return min(coverage(a, b), coverage(b, a)) >= 0.5


def _same_subject(later: str, earlier: str) -> bool:
    if not _about_the_same(later, earlier, least=1):
        return False
    return _differing(later, earlier) or (not read(later).quantities and opposed(later, earlier))


def _about_the_same(a: str, b: str, least: int) -> bool:
    # Names are in no bag of stems alone: "He" and "She", "plan A" and "plan B" are others.
    if _names(a) != _names(b):
        return False
    one, other = _bag(a), _bag(b)
    return len(one) >= least <= len(other) and min(coverage(one, other), coverage(other, one)) >= ALIKE


@lru_cache(maxsize=1024)  # each sentence of an answer is held against each other
def _bag(text: str) -> frozenset[str]:
    # In Chinese a "not" would part the characters that make a pair.
    return read(NEGATION.sub("", NOT_NEGATION.sub("", text))).bag


@lru_cache(maxsize=1024)
def _names(text: str) -> frozenset[str]:
    found = re.finditer(r"\b(?:he|she|they|i|you|we|[A-Z]\w*)\b", text)
    return frozenset(name for match in found if (name := match.group().lower()) in PRONOUNS or match.start() > 0)


def _differing(a: str, b: str, only_dates: bool = False) -> bool:
    """One figure each, of the same thing, and not the same."""
    ours, theirs = read(a).quantities, read(b).quantities
    if len(ours) != 1 or len(theirs) != 1 or (only_dates and ours[0].kind != "date"):
        return False
    if ours[0].bound != theirs[0].bound:
        return False
    return relation(ours[0], theirs[0]) == "differs" and compare(read(a), read(b)).outcome == "contradicted"
