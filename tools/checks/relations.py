"""Who does what with whom, and since when, against the triples of a person: did A really buy B?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from rapidfuzz import fuzz

from tools.base import Check, Kit
from tools.facts.claims import PLEASANTRY, QUESTION, sentences, statements
from tools.figures.dates import moments
from tools.figures.numerals import numbers, plain
from tools.names import folded
from tools.relations.claims import Claim, Topic, When, asked_in, claims_in, squeezed
from tools.relations.triples import Relations, Span, Triple, span, span_of
from workspace.sample import Finding, Origin, Sample, sample
from workspace.words import Words, language_of

RelationVerdict = Literal["supported", "contradicted", "unknown"]
SURE, LIKELY = 0.97, 0.85
NEARLY = 60.0  # of 100: two texts so alike are one value, of which one is changed
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
    "金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
NAME = re.compile(r"(?:[A-Z][\w.'’&-]*)(?:\s+(?:(?:of|de|van|von|and|&)\s+)?[A-Z][\w.'’&-]*){0,4}")
PHONE = re.compile(r"\+?\d[\d\s()（）\-–—]{5,}\d")
SAYS_SO = Words("The list of relations says so.", "关系表里就是这样写的。")
OPEN = Words("The list of relations leaves this open.", "关系表没有说明这一点。")
NO_DATE = Words("The relation is in the list; the date is not.", "关系表里有这条关系，但没有写时间。")


@dataclass(frozen=True, slots=True)
class Ruling:
    verdict: RelationVerdict
    reason: Words
    triple: Triple | None = None
    confidence: float = SURE


UNKNOWN = Ruling("unknown", OPEN, None, 0.5)


class RelationsHold(Check):
    """What drops: another object where there is one at a time, sides swapped, a date outside, a denial."""

    name: ClassVar[str] = "relations"
    words: ClassVar[Words] = Words("agrees with your list of relations", "与关系表一致")
    passing: ClassVar[Sample] = sample("Who bought Beta Works?", "Acme bought Beta Works.", Origin(source="example"))
    failing: ClassVar[Sample] = sample("谁收购了谁？", "Acme 被 Beta Works 收购。", Origin(source="example"))

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        if kit.relations is None:
            return ()
        bare = row.label is not None and row.answer.strip() == row.label
        asked = "" if bare else next((m.content for m in reversed(row.messages) if m.role == "user"), "")
        said = statements(row.question) if bare else stated(row.answer)
        found = list(self._all(said, asked, kit.relations))
        return list({(f.claim, f.verdict, f.reason): f for f in found}.values())

    def _all(self, said: Sequence[str], asked: str, relations: Relations) -> Iterator[Finding]:
        topic, claimed = Topic(), False
        topic.hear(asked, relations)
        for text in said:
            for claim in claims_in(text, relations, topic):
                claimed = True
                yield self._finding(claim, judged(claim, relations))
            topic.hear(text, relations)
        short = next((text for text in said if not PLEASANTRY.search(text)), None)
        if short and not claimed and (about := asked_in(asked, relations)):
            yield from self._short(short, about, relations)

    def _short(self, text: str, about: tuple[str, str | None, str | None], relations: Relations) -> Iterator[Finding]:
        """A short answer says nothing of the relation that was asked for: it only names the other side."""
        family, owner, value = about
        names = [relations.same[m.name] for m in relations.names.find(text)]
        others = [n for n in dict.fromkeys(names) if n not in (owner, value)]
        fitting = [n for n in others if relations.fits(n, family)]
        if len(fitting) > 1:
            return
        other = fitting[0] if fitting else None
        slot = "" if other else re.sub(r"^(?:in|at|on|it is|it's|在|是|于)\s*", "", text.strip(" 。.!！"), flags=re.I)
        claim = Claim(family, owner or other, value if owner is None else other, slot, text)
        ruling = judged(claim, relations)
        if ruling.verdict != "unknown":
            yield self._finding(claim, ruling)

    def _finding(self, claim: Claim, ruling: Ruling) -> Finding:
        return Finding(
            check=self.name,
            verdict=ruling.verdict,
            reason=ruling.reason.to(language_of(claim.text)),
            claim=claim.text,
            evidence=ruling.triple.place if ruling.triple else None,
            confidence=ruling.confidence,
            drops=ruling.verdict == "contradicted",
        )


def stated(answer: str) -> list[str]:
    """Sentences that are no questions; a greeting may open one that says something."""
    return [s.text for s in sentences(answer) if not QUESTION.search(s.text)]


def judged(claim: Claim, relations: Relations) -> Ruling:
    ruling = _plainly(claim, relations)
    if not claim.denied:
        return ruling
    if ruling.verdict == "supported":
        return Ruling(
            "contradicted", Words("The list of relations says that it is so.", "关系表里的说法正相反。"), ruling.triple
        )
    return Ruling("unknown", OPEN, ruling.triple, 0.5)


def _plainly(claim: Claim, relations: Relations) -> Ruling:
    """As if nothing were denied."""
    if claim.owner is None:
        return UNKNOWN
    held = relations.of_owner.get((claim.family, claim.owner), ())
    if claim.value is None:
        return _literal(claim, held, relations)
    same = [t for t in held if t.value == claim.value]
    if same:
        return _in_time(claim, same, held, relations)
    turned = relations.of_owner.get((claim.family, claim.value), ())
    swapped = next((t for t in turned if t.value == claim.owner), None)
    if swapped:
        if relations.families[claim.family].mutual:
            return _in_time(claim, [swapped], turned, relations)
        return Ruling("contradicted", Words("It is the other way round.", "方向说反了。"), swapped)
    return _another(claim, held, relations) or UNKNOWN


def _another(claim: Claim, held: Sequence[Triple], relations: Relations) -> Ruling | None:
    """One at a time, and it is another one."""
    rivals = (
        [t for t in held if claim.value and not _part_of(claim.value, t.value)] if relations.one(claim.family) else []
    )
    if relations.other(claim.family) and not rivals and claim.value:
        rivals = [t for t in relations.of_value.get((claim.family, claim.value), ()) if t.owner != claim.owner]
    if claim.whens and not relations.families[claim.family].event:
        rivals = [t for t in rivals if any(t.valid.meets(when.days) for when in claim.whens)]
    if not rivals or (len(held) > len(rivals) and relations.one(claim.family) and not claim.whens):
        return None
    latest = max(rivals, key=lambda t: t.valid.since or date.min)
    return Ruling("contradicted", _other_than(latest), latest)


def _other_than(triple: Triple) -> Words:
    return Words(
        f"The list of relations has another one: {triple.place.quote}", f"关系表里是另一个：{triple.place.quote}"
    )


def _part_of(one: str, other: str) -> bool:
    """ "France" leaves "Paris, France" open."""
    return squeezed(one) in squeezed(other) or squeezed(other) in squeezed(one)


def _in_time(claim: Claim, same: Sequence[Triple], held: Sequence[Triple], relations: Relations) -> Ruling:
    """The relation is there; the dates of the claim, or its present tense, decide."""
    event = relations.families[claim.family].event
    fits = [[_time(t, when, event) for when in claim.whens] for t in same]
    for triple, results in zip(same, fits, strict=True):
        if "outside" not in results:
            if "open" in results:
                return Ruling("unknown", NO_DATE, triple, 0.5)
            if claim.whens or event or not claim.present or not _over(triple):
                return Ruling("supported", SAYS_SO, triple)
    triple = same[-1]
    if claim.whens:
        reason = Words(
            f"The list of relations has other dates: {triple.place.quote}", f"关系表里的时间不同：{triple.place.quote}"
        )
        return Ruling("contradicted", reason, triple)
    over = Words(
        f"By the list of relations, this has ended: {triple.place.quote}", f"按关系表，这已经结束：{triple.place.quote}"
    )
    return Ruling("contradicted", over, triple, LIKELY)


def _over(triple: Triple) -> bool:
    """What a person wrote an end for is over once the day has passed: the one judgement that depends on today."""
    return triple.valid.until is not None and triple.valid.until < date.today()


def _time(triple: Triple, when: When, event: bool) -> Literal["fits", "outside", "open"]:
    known: Span | None
    if when.kind == "until":
        known = Span(triple.valid.until, triple.valid.until) if triple.valid.until else None
    elif when.kind == "since" or event:
        known = triple.begun
    else:
        known = triple.valid if triple.valid.since or triple.valid.until else None
    if known is None:
        return "open"
    return "fits" if known.meets(when.days) else "outside"


# What is no name of the triples: figures, dates, addresses, names that are new to them


def _literal(claim: Claim, held: Sequence[Triple], relations: Relations) -> Ruling:
    if not held:
        return UNKNOWN
    if not claim.slot:
        dated = claim.whens and relations.families[claim.family].event and len(held) == 1
        return _in_time(claim, held, held, relations) if dated else UNKNOWN
    said = [(t, compared(t.value, claim.slot, claim.text)) for t in held]
    same = [t for t, result in said if result == "same"]
    if same:
        dates = span_of(same[0].value) is not None
        return Ruling("supported", SAYS_SO, same[0]) if dates else _in_time(claim, same, held, relations)
    if claim.whens and not relations.families[claim.family].event:
        said = [(t, r) for t, r in said if span_of(t.value) or any(t.valid.meets(w.days) for w in claim.whens)]
    if said and relations.one(claim.family) and all(result == "differs" for _, result in said):
        latest = max((t for t, _ in said), key=lambda t: t.valid.since or date.min)
        return Ruling("contradicted", _other_than(latest), latest, LIKELY)
    return UNKNOWN


def compared(value: str, slot: str, text: str) -> Literal["same", "differs", "open"]:
    """A value of the triples with what a claim has in its place; `text` is the whole sentence."""
    if days := span_of(value):
        dates = [span(*m.parts) for m in moments(plain(slot)) if m.kind == "date"]
        dates = dates or [span_of(year) for year in re.findall(r"(?<!\d)(?:1\d|20)\d\d(?!\d)", slot)]
        return _any_of([days.meets(found) for found in dates if found])
    lines = [part.strip() for part in re.split(r"[;,，；、/]", value) if part.strip()]
    if all(PHONE.fullmatch(line) and len(re.sub(r"\D", "", line)) >= 7 for line in lines):
        known = [re.sub(r"\D", "", line) for line in lines]
        said = [re.sub(r"\D", "", m.group()) for m in PHONE.finditer(plain(slot))]
        return _any_of([any(s.endswith(k) or (len(s) >= 7 and k.endswith(s)) for k in known) for s in said])
    amounts = numbers(plain(value))
    if amounts and not re.sub(r"[\d.,%$¥€£\s元分人星]|yuan|usd|rmb", "", plain(value)):
        found = numbers(plain(slot))
        return _any_of([any(abs(n.value - a.value) < 1e-9 for a in amounts) for n in found[:2]])
    return _worded(value, slot, text)


def _any_of(same: Sequence[bool]) -> Literal["same", "differs", "open"]:
    return "open" if not same else "same" if any(same) else "differs"


def _worded(value: str, slot: str, text: str) -> Literal["same", "differs", "open"]:
    edges = rf"(?<![a-z0-9]){re.escape(value)}(?![a-z0-9])" if value.isascii() else re.escape(value)
    known, said = squeezed(value), squeezed(slot)
    if re.search(edges, folded(text)) or (not value.isascii() and known in squeezed(text)):
        return "same"
    if not said or said in known or known in said:
        return "open"
    if fuzz.ratio(known, said) >= NEARLY:
        return "differs"
    return "differs" if _is_name(slot) and _may_be_name(value) else "open"


def _is_name(slot: str) -> bool:
    chinese = re.fullmatch(r"[\u4e00-\u9fff]{2,4}", slot) and slot[0] in SURNAMES
    return bool(NAME.fullmatch(slot) or chinese or re.fullmatch(r"[\u4e00-\u9fff]+(?:·[\u4e00-\u9fff]+)+", slot))


def _may_be_name(value: str) -> bool:
    return not re.search(r"\d", value) and (len(value.split()) <= 5 if value.isascii() else len(value) <= 12)
