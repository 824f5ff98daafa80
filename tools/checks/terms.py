"""Codes and terms in a row against the person's own list: codes that exist, and names that go with their codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from rapidfuzz.distance import OSA

from tools.base import Check, Kit
from tools.facts.claims import sentences
from tools.names import folded
from tools.terms import LONG_WORD, Shape, Term, Terms
from workspace.sample import Evidence, Finding, Origin, Sample, sample
from workspace.words import Words, language_of

# What makes the next word a code even where it looks like a year or a word.
CUE = r"(?:codes?|icd(?:-?10)?(?:-cm)?|skus?|item|article|product|part|no\.?|编码|代码|编号|货号|型号|条码|诊断码)"
ASKS_CODE = re.compile(CUE, re.I)
# What may stand between a code and the term it is said to be.
GLUE = re.compile(
    r"[\s:：()（）\[\]\-–—,，、=“”\"'‘’|/]*"
    r"(?:(?:is|are|means|stands for|refers to|denotes|describes|for|as|an?|the|which|its|has|with|under|(?:the )?codes?"
    r"|icd(?:-?10)?(?:-cm)?|sku|item|product|diagnosis|coded|listed|named|called"
    r"|是|为|即|指|表示|代表|对应|的|编码|代码|编号|货号|型号|诊断|疾病|商品|产品|名称|所对应|就是|应编码|应|叫|叫做)"
    r"[\s:：()（）\[\]\-–—,，、=“”\"'‘’|/]*){0,5}",
    re.I,
)
LONGEST_GLUE = 40
SURE, NEAR_MISS = 0.97, 0.7


@dataclass(frozen=True, slots=True)
class Named:
    """A code or a term where it stands in a text."""

    start: int
    end: int
    text: str
    terms: tuple[Term, ...]
    coded: bool


class TermsFit(Check):
    """Drops unknown codes, codes with another's term, foreign values in a column of the list; a slip drops nothing."""

    name: ClassVar[str] = "terms"
    words: ClassVar[Words] = Words("codes and terms of your list", "代码和术语与词表一致")
    passing: ClassVar[Sample] = sample("What is code TS-1001?", "TS-1001 is the desk lamp.", Origin(source="example"))
    failing: ClassVar[Sample] = sample("TS-1001 是什么？", "TS-1001 是电热水壶。", Origin(source="example"))

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        if kit.terms is None:
            return ()
        found = [*self._columns(row, kit.terms), *self._texts(row, kit.terms)]
        return list({(f.verdict, f.claim, f.reason): f for f in found}.values())

    def _columns(self, row: Sample, terms: Terms) -> Iterator[Finding]:
        for name, value in row.fields.items():
            text = str(value or "").strip()
            if name in terms.columns and text and not terms.holds(text):
                near = terms.nearest(text) or terms.nearest_name(text)
                yield self._fault(text, _not_in_list(name, text, near), near)
        codes = [t for v in row.fields.values() if (t := terms.by_code.get(folded(str(v or "").strip())))]
        named = [
            (str(v), found) for v in row.fields.values() if (found := terms.by_name.get(folded(str(v or "").strip())))
        ]
        if len(codes) == 1 and len(named) == 1 and codes[0] not in named[0][1]:
            yield self._mismatch(f"{codes[0].code} {named[0][0]}", codes[0], named[0][0])

    def _texts(self, row: Sample, terms: Terms) -> Iterator[Finding]:
        right: list[Term] = []
        sayings = [s.text for s in sentences(row.answer)] or [row.answer]
        for text in sayings:
            mentions = list(_mentions(text, terms))
            for mention in mentions:
                if mention.coded and not mention.terms:
                    yield self._unknown(text, mention, terms)
            for code, others in _pairs(text, mentions):
                if any(code.terms[0] in other.terms for other in others):
                    right.append(code.terms[0])
                elif not any(_akin(code.terms[0], other) for other in others):
                    yield self._mismatch(text, code.terms[0], others[0].text)
            yield from self._slips(text, terms)
        if len(sayings) == 1:
            yield from self._asked(row, terms)
        if right:
            yield self._fine(row.answer, right)

    def _unknown(self, text: str, mention: Named, terms: Terms) -> Finding:
        near = terms.nearest(mention.text)
        parent = any(code.startswith((folded(mention.text) + ".", folded(mention.text) + "-")) for code in terms.codes)
        if parent:
            reason = Words(
                f"{mention.text} is a group of codes of the list.", f"{mention.text} 是词表中一组代码的上级。"
            )
            return Finding(check=self.name, verdict="unknown", reason=reason.to(language_of(text)), claim=text)
        return self._fault(text, _no_such(mention.text, near), near)

    def _asked(self, row: Sample, terms: Terms) -> Iterator[Finding]:
        """A short answer that gives the code, or the term, for the one of the question."""
        asked, said = (list(_mentions(text, terms)) for text in (_last(row), row.answer))
        if len(asked) != 1 or len(said) != 1 or asked[0].coded == said[0].coded or not asked[0].terms:
            return
        code, term = (asked[0], said[0]) if asked[0].coded else (said[0], asked[0])
        meant = asked[0].coded or ASKS_CODE.search(_last(row))
        if meant and code.terms and not _akin(code.terms[0], term):
            yield self._mismatch(row.answer, code.terms[0], term.text)

    def _slips(self, text: str, terms: Terms) -> Iterator[Finding]:
        low = folded(text)
        for match in LONG_WORD.finditer(low):
            meant = terms.meant(match.group())
            for name in terms.with_word.get(meant, ()) if meant else ():
                start = match.start() - name.index(meant or "")
                written = text[max(0, start) : start + len(name) + len(match.group()) - len(meant or "")]
                if start >= 0 and OSA.distance(folded(written), name, score_cutoff=2) <= 2:
                    yield self._slip(text, written, terms.by_name[name][0], name)
                    break

    def _slip(self, text: str, written: str, term: Term, name: str) -> Finding:
        proper = next((n for n in term.names if folded(n) == name), name)
        reason = Words(f"“{written}” is written “{proper}” in the list.", f"“{written}”在词表中写作“{proper}”。")
        return Finding(
            check=self.name,
            verdict="fail",
            reason=reason.to(language_of(text)),
            claim=text,
            evidence=term.place,
            confidence=NEAR_MISS,
        )

    def _mismatch(self, claim: str, code: Term, said: str) -> Finding:
        own = {language_of(name): name for name in reversed(code.names)}
        en, zh = own.get("en", code.names[0]), own.get("zh", code.names[0])
        reason = Words(
            f"{code.code} is “{en}” in the list, not “{said}”.", f"词表中 {code.code} 是“{zh}”，不是“{said}”。"
        )
        return self._fault(claim, reason, code)

    def _fault(self, claim: str, reason: Words, near: Term | None) -> Finding:
        evidence: Evidence | None = near.place if near else None
        text = reason.to(language_of(claim))
        return Finding(
            check=self.name, verdict="fail", reason=text, claim=claim, evidence=evidence, confidence=SURE, drops=True
        )

    def _fine(self, answer: str, right: Sequence[Term]) -> Finding:
        reason = Words(f"{len(right)} codes stand with their own terms.", f"{len(right)} 个代码与术语对应正确。")
        return Finding(
            check=self.name,
            verdict="pass",
            reason=reason.to(language_of(answer)),
            evidence=right[0].place,
            confidence=SURE,
        )


def _last(row: Sample) -> str:
    return next((m.content for m in reversed(row.messages) if m.role == "user"), "")


def _no_such(code: str, near: Term | None) -> Words:
    if near is None:
        return Words(f"There is no code {code} in the list.", f"词表中没有代码 {code}。")
    return Words(
        f"There is no code {code} in the list. The nearest is {near.code}, “{near.names[0]}”.",
        f"词表中没有代码 {code}，最接近的是 {near.code}（{near.names[0]}）。",
    )


def _not_in_list(column: str, value: str, near: Term | None) -> Words:
    best = (near.code or near.names[0]) if near else None
    return Words(
        f"Column {column} comes from the list, and “{value}” is not in it."
        + (f" The nearest is “{best}”." if best else ""),
        f"“{column}”这一列取自词表，而“{value}”不在其中。" + (f"最接近的是“{best}”。" if best else ""),
    )


def _mentions(text: str, terms: Terms) -> Iterator[Named]:
    """Codes and terms in their order; a term that holds what looks like a code is a term."""
    found = [Named(m.start, m.end, text[m.start : m.end], terms.by_name[m.name], False) for m in terms.names.find(text)]
    taken = [(n.start, n.end) for n in found]
    for match in _finder(terms.shapes).finditer(text.translate(NARROW)) if terms.shapes else ():
        group = match.lastgroup or "code"
        start, end = match.span(group)
        if not any(s < end and start < e for s, e in taken):
            known = terms.by_code.get(folded(text[start:end]))
            found.append(Named(start, end, text[start:end], (known,) if known else (), True))
    return iter(sorted(found, key=lambda n: n.start))


NARROW = {0xFF01 + i: 0x21 + i for i in range(94)}


@lru_cache(maxsize=8)
def _finder(shapes: tuple[Shape, ...]) -> re.Pattern[str]:
    """Strong shapes stand for themselves; weak ones only after a word that announces a code."""
    edge, end = r"(?<![A-Za-z0-9])(?<![A-Za-z0-9][-./])", r"(?![A-Za-z0-9])(?![-./][A-Za-z0-9])"
    strong = "|".join(s.pattern for s in shapes if not s.weak)
    weak = "|".join(s.pattern for s in shapes if s.weak)
    parts = [rf"{edge}(?P<code>{strong}){end}"] * bool(strong)
    parts += [rf"(?i:{CUE})\s*(?i:is|are|=|为|是|应为)?\s*[:：#“\"'(（]?\s*(?P<cued>{weak}){end}"] * bool(weak)
    return re.compile("|".join(parts))


def _pairs(text: str, mentions: Sequence[Named]) -> Iterator[tuple[Named, list[Named]]]:
    """Each known code with the terms that it is said to be: those next to it with nothing but glue between."""
    for i, code in enumerate(mentions):
        if not code.coded or not code.terms:
            continue
        after, before = mentions[i + 1 : i + 2], mentions[max(0, i - 1) : i]
        glued = [m for m in after if not m.coded and _is_glue(text[code.end : m.start])]
        glued += [m for m in before if not m.coded and _is_glue(between := text[m.end : code.start]) and _tied(between)]
        if glued:
            yield code, glued


def _is_glue(between: str) -> bool:
    return len(between) <= LONGEST_GLUE and GLUE.fullmatch(between) is not None


def _tied(between: str) -> bool:
    """A comma alone may as well divide what came before from what the code is about."""
    return between.strip() not in (",", "，", "、")


def _akin(code: Term, named: Named) -> bool:
    """The same, a wider or a narrower one: by what they are called or how they are coded."""
    said = folded(named.text)
    if any(said in folded(name) or folded(name) in said for name in code.names):
        return True
    return any(
        folded(term.code).startswith(folded(code.code)) or folded(code.code).startswith(folded(term.code))
        for term in named.terms
        if term.code
    )
