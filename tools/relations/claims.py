"""What a sentence claims about things that triples know: which relation, whose, with whom or what, and when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tools.facts.polarity import negated
from tools.figures.dates import moments
from tools.figures.numerals import plain
from tools.names import Mention, folded
from tools.relations.triples import Relations, Span, span
from tools.relations.words import Said

CLAUSE = re.compile(r"[,，;；。！!]+(?!\d)|(?<=[^\d.])\.\s|\s[-–—]\s|[（）()]")
HEDGE = re.compile(
    r"\b(?:if|whether|unless|plan(?:s|ned|ning)?|intends?|intended|tried|tries|attempt\w*|rumou?r\w*|may|might|could|would|"
    r"will|considers?|considered|considering|propos\w+|wants?|wanted|seeks?|sought|likely|possibly|perhaps|reportedly|"
    r"allegedly|expected|hopes?|should|once|agreed|offer(?:s|ed)?|bid)\b"
    r"|计划|拟|打算|试图|尝试|可能|也许|或许|传闻|据传|据称|如果|假如|要是|是否|想要|考虑|有意|希望|预计|即将|将会|有望|提议",
    re.I,
)
# What may stand before a relation whose owner was named earlier.
CARRIED = re.compile(
    r"(?:\b(?:and|but|while|with|its|their|his|her|it|they|he|she|the|this|that|which|who|was|is|were|are|has|had|have|been|"
    r"later|also|current|currently|former|official|company|firm|headed|being|in|on|at|of|then|now|here|there|place)\b"
    r"|该[\u4e00-\u9fff]{0,3}|这[\u4e00-\u9fff]{0,3}|[其它他她的并且而于在被则也还是有为曾和与现任]|目前|此外|同时|另外|官方"
    r"|\d{4}年?(?:\d{1,2}月)?(?:\d{1,2}日)?|\W)*",
    re.I,
)
LINK = re.compile(
    r"(?:\s|[:：=“\"'(（为是在于叫有即达约至]|就是|分别|大约|位于|\b(?:is|was|are|were|be|been|at|on|in|to|the|as|currently|now|about"
    r"|stands|located|of|for|by|over)\b)*",
    re.I,
)
PASSIVE = re.compile(r"\b(?:is|was|were|been|being|be|are|got|gets)\b(?:\W+\w+){0,2}\W*$|被|遭", re.I)
BY = re.compile(r"\W*(?:[\w,]+\W+){0,4}?by\b", re.I)
OWNER_NEXT = re.compile(r"\s*(?:of|for|at|in|to|over|from)\b", re.I)
COORDINATED = re.compile(r"\s*(?:,?\s*\b(?:and|or)\b|[和与及、或])\s*(?:the\s+)?", re.I)
WH = re.compile(
    r"\b(?:who(?:m|se)?|what|which(?: \w+)?|when|where|how (?:much|many))\b"
    r"|谁|哪(?:里|儿|个|家|位|些)?(?:公司|人|年|天|城市|国家|地方)?|什么(?:时候|地方)?|多少|几",
    re.I,
)
Kind = Literal["at", "since", "until"]


@dataclass(frozen=True, slots=True)
class When:
    kind: Kind
    days: Span


@dataclass(frozen=True, slots=True)
class Claim:
    """`owner` and `value` are names that triples use; one that is none of theirs is None, and `slot` its text."""

    family: str
    owner: str | None
    value: str | None
    slot: str
    text: str
    denied: bool = False
    present: bool = False
    whens: tuple[When, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Something that may be an argument: a name of the triples, or any text."""

    start: int
    end: int
    name: str | None


@dataclass
class Topic:
    """What was spoken of before: the names of the question, then those of each sentence, the last one last."""

    names: list[str] = field(default_factory=list)

    def owner(self, family: str, relations: Relations) -> str | None:
        return next((name for name in reversed(self.names) if (family, name) in relations.of_owner), None)

    def hear(self, text: str, relations: Relations) -> None:
        self.names += [relations.same[m.name] for m in relations.names.find(text)]


def claims_in(text: str, relations: Relations, topic: Topic) -> Iterator[Claim]:
    """Each relation that the sentence states; none for what is only planned, supposed or asked."""
    mentions = relations.names.find(text)
    sayings = [
        s for s in relations.phrases.find(text) if not any(m.start <= s.start and s.end <= m.end for m in mentions)
    ]
    for said in sayings:
        start, end = _clause(text, said)
        if HEDGE.search(text[start:end]):
            continue
        known = [_place(m, relations) for m in mentions if m.end <= said.start or m.start >= said.end]
        known = [p for p in known if relations.fits(p.name or "", said.family)]
        pair = _pair(text, said, (start, end), known, topic.owner(said.family, relations))
        if pair is None:
            continue
        yield _claim(text, (start, end), said, pair, mentions, len({(s.start, s.end) for s in sayings}) == 1)


def _place(mention: Mention, relations: Relations) -> Place:
    return Place(mention.start, mention.end, relations.same[mention.name])


def _clause(text: str, said: Said) -> tuple[int, int]:
    start = max((m.end() for m in CLAUSE.finditer(text, 0, said.start)), default=0)
    end = next((m.start() for m in CLAUSE.finditer(text, said.end)), len(text))
    return start, end


def _pair(
    text: str, said: Said, clause: tuple[int, int], known: Sequence[Place], topic: str | None
) -> tuple[Place, Place] | None:
    """(owner, value)"""
    start, end = clause
    before = [p for p in known if start <= p.start < said.start]
    after = [p for p in known if said.end <= p.start < end]
    if len(before) >= 2 and (not after or re.search(r"[被由]", text[before[-2].end : before[-1].start])):
        return _after_both(text, said, before[-2], before[-1])
    if before and after:
        return _between(text, said, before[-1], after[0])
    if len(after) >= 2 and not before:
        return _before_both(text, said, after[0], after[1])
    earlier = [p for p in known if p.end <= start]
    if after and not before:
        if earlier and CARRIED.fullmatch(text, start, said.start):
            return _between(text, said, earlier[-1], after[0])
        left = _left(text, said, start, after[0])
        if said.role in ("noun", "inverse") and OWNER_NEXT.fullmatch(text[said.end : after[0].start].rstrip()):
            return _before_both(text, said, after[0], _rest(text, after[0].end, end)) or left
        return left
    rest = _rest(text, said.end, end)
    if before:
        return _between(text, said, before[-1], rest)
    if not CARRIED.fullmatch(text, start, said.start):
        return None
    owner = topic if not earlier else None
    carried = Place(said.start, said.start, owner) if owner else (earlier[-1] if earlier else None)
    if earlier and topic and topic in [p.name for p in earlier]:
        carried = Place(said.start, said.start, topic)
    return _between(text, said, carried, rest) if carried else None


def _left(text: str, said: Said, start: int, right: Place) -> tuple[Place, Place] | None:
    """Whoever stands before the relation is unknown to the triples."""
    words = re.sub(
        r"[\s,，]*(?:\b(?:is|was|are|were|has|had|also|the|a|an)\b|[是为的]|\s)*$",
        "",
        text[start : said.start],
        flags=re.I,
    )
    left = Place(start, start + len(words), None)
    return _between(text, said, left, right) if words.strip() else None


def _rest(text: str, start: int, end: int) -> Place:
    """What is left of the clause, without the verb that links it."""
    linked = LINK.match(text, start, end)
    return Place(linked.end() if linked else start, end, None)


def _between(text: str, said: Said, left: Place, right: Place) -> tuple[Place, Place] | None:
    gap = text[said.end : right.start]
    if said.role in ("noun", "inverse"):
        has = right.name is None and re.search(r"\b(?:has|have|had|with)\b", text[left.end : said.start], re.I)
        owner, value = (right, left) if OWNER_NEXT.match(gap) and not has else (left, right)
        return (owner, value) if said.role == "noun" else (value, owner)
    nobody = Place(said.end, said.end, None)
    if BY.match(gap):
        left, right = right, left
    elif PASSIVE.search(text[left.end : said.start]) and said.role == "backward":
        # Who did it is not said: only when.
        left, right = (nobody, left) if right.name is None else (right, left)
    return (left, right) if said.role == "forward" else (right, left)


def _after_both(text: str, said: Said, first: Place, second: Place) -> tuple[Place, Place] | None:
    between, gap, behind = text[first.end : second.start], text[second.end : said.start], text[said.end : said.end + 1]
    if COORDINATED.fullmatch(between):
        return None
    if said.role in ("noun", "inverse"):
        if re.search(r"\b(?:named|appointed|hired|made|elected)\b|任命|聘请|聘任|选举", between, re.I):
            owner, value = first, second
        elif re.match(r"['’]s?\b|的|\s*$", gap) and re.search(
            r"\b(?:is|was|are|were|as|became|,)\b|[是为任当,，]|成为", between
        ):
            owner, value = second, first
        else:
            return None
        return (owner, value) if said.role == "noun" else (value, owner)
    turned = re.search(r"[被由受遭]|为(?=.*所)|\b(?:which|that|whom)\b", between, re.I)
    if turned or ("是" in between and behind == "的"):
        subject, object = second, first
    elif re.search(r"[把将对向]", between):
        subject, object = first, second
    else:
        return None
    return (subject, object) if said.role == "forward" else (object, subject)


def _before_both(text: str, said: Said, first: Place, second: Place) -> tuple[Place, Place] | None:
    gap, between = text[said.end : first.start], text[first.end : second.start]
    if COORDINATED.fullmatch(between):
        return None
    if said.role in ("noun", "inverse"):
        if OWNER_NEXT.match(gap) and re.search(r"\b(?:is|was|are|were|became)\b|[是为:：,，]", between):
            owner, value = first, second
        elif OWNER_NEXT.match(between):
            owner, value = second, first
        else:
            return None
        return (owner, value) if said.role == "noun" else (value, owner)
    if re.search(r"\bby\b", between) or re.search(r"(?:的|者|方)[\u4e00-\u9fff]{0,3}是", between):
        return (second, first) if said.role == "forward" else (first, second)
    return None


# The rest of the claim


def _claim(
    text: str, clause: tuple[int, int], said: Said, pair: tuple[Place, Place], mentions: Sequence[Mention], alone: bool
) -> Claim:
    owner, value = pair
    unknown = owner if owner.name is None else value
    slot = text[unknown.start : unknown.end].strip(" 。.!！“”\"'") if unknown.name is None else ""
    bare = _blanked(text, mentions)
    words = bare[clause[0] : clause[1]]
    days = tuple(whens(text, *clause)) or (tuple(whens(text, 0, len(text))) if alone else ())
    return Claim(said.family, owner.name, value.name, slot, text, negated(words) % 2 == 1, _is_present(words), days)


def _blanked(text: str, mentions: Sequence[Mention]) -> str:
    for mention in mentions:
        text = text[: mention.start] + " " * (mention.end - mention.start) + text[mention.end :]
    return text


PAST = re.compile(
    r"\b(?:was|were|had|former|ex|previous|previously|formerly|then|until|used to|once|served|became|retired|late)\b"
    r"|曾|前任|前(?=总|CEO|董|首|任)|原(?=总|CEO|董|首|任)|当时|时任|历任|卸任|离任|过(?=[\u4e00-\u9fff]{0,2}的)|最后",
    re.I,
)
PRESENT = re.compile(r"\b(?:is|are|currently|now|current|today|remains)\b|[是为]|现任|目前|现在|如今|担任", re.I)


def _is_present(words: str) -> bool:
    return bool(PRESENT.search(words)) and not PAST.search(words)


def whens(text: str, start: int, end: int) -> Iterator[When]:
    """The dates with a year that are said there; "before" and "after" leave too much open to count."""
    # The comma after a year that opens a sentence must not make a large figure of it.
    for moment in moments(re.sub(r"(?<=\d{4}),(?= )", " ", plain(text))):
        days = span(*moment.parts) if moment.kind == "date" and start <= moment.start < end else None
        if days is None:
            continue
        left, right = text[max(0, moment.start - 16) : moment.start], text[moment.end : moment.end + 4]
        if re.search(r"\b(?:before|by|prior to|after|earlier than|later than)\s+(?:the\s+)?\W*$", left, re.I):
            continue
        if re.match(r"(?:之|以)?[前后]", right):
            continue
        if re.search(r"\b(?:since|from|starting(?: in)?)\s*$|[自从]\s*$", left, re.I) or re.match(
            r"起|以来|开始", right
        ):
            yield When("since", days)
        elif re.search(r"\b(?:until|till|through|to)\s*$|[至到]\s*$|截至\s*$|[-–—]\s*$", left, re.I):
            yield When("until", days)
        else:
            yield When("at", days)


def asked_in(question: str, relations: Relations) -> tuple[str, str | None, str | None] | None:
    """(family, owner, value) that a question is about, the one that it asks for None; None where that is not plain."""
    mentions = [_place(m, relations) for m in relations.names.find(question)]
    sayings = {s.family: s for s in relations.phrases.find(question)}
    if len(sayings) != 1 or len({p.name for p in mentions}) != 1:
        return None
    (family, said), name = next(iter(sayings.items())), mentions[0].name or ""
    owns, is_owned = (family, name) in relations.of_owner, (family, name) in relations.of_value
    if owns and is_owned:
        wh = WH.search(question)
        place = Place(wh.start(), wh.end(), None) if wh else None
        if place is None or not place.end <= said.start < said.end <= mentions[0].start:
            return None
        pair = _between(question, said, place, mentions[0])
        return (family, pair[0].name, pair[1].name) if pair else None
    if not owns and not is_owned:
        return None
    return (family, name, None) if owns else (family, None, name)


def squeezed(text: str) -> str:
    """Letters and figures alone."""
    return re.sub(r"[\W_]+", "", folded(text))
