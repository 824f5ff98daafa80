"""An answer as propositions that stand alone: one thing said each, with what an "it" points to put in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tools.facts.claims import claims

AUXILIARY = (
    r"(?:is|are|was|were|has|have|had|can(?:not)?|could|will|would|may|might|must|should|shall|do(?:es)?|did|takes?|took|"
    r"costs?|comes?|came|goes|went|gets?|got|gives?|gave|includes?|covers?|appl(?:y|ies)|lasts?|needs?|requires?|ends?|"
    r"starts?|begins?|began|opens?|closes?|stays?|remains?|becomes?|became|runs?|ran|won|lost|made|makes?|wrote|"
    r"works?|uses?|offers?|receives?|pays?|sold|sells?|held|led|rose|fell|grew)"
)
VERB = rf"(?:{AUXILIARY}|[a-z]{{3,}}ed)"
# A second clause begins with words of its own before its verb; "and must be signed" shares the first one's subject.
SUBJECT = rf"(?!{AUXILIARY}\b|to\b|not\b|then\b|if\b)(?:[\w'’-]+\s+){{1,5}}?{VERB}\b"
JOINED = re.compile(
    rf"\s*[,;]\s*(?:and|but|while|whereas|yet)\s+(?={SUBJECT})"
    rf"|\s+(?:and|but|while|whereas)\s+(?=(?:an?|the|its|their|our|your|this|it|they|he|she)\s+(?:[\w'’-]+\s+){{0,3}}?{VERB}\b)"
    r"|[，,]\s*(?:而(?!且)|但是?|不过|同时)(?=.{4,})",
    re.I,
)
DEPENDS = re.compile(
    r"^(?:if|when|unless|although|though|because|since|after|before|once|as|either|both|between)\b", re.I
)
FIRST_VERB = re.compile(rf"\s+{VERB}\b", re.I)
POINTS = re.compile(r"^(?P<word>it|they|this|that|these|those|he|she|its|their|his|her)\s+(?P<rest>.+)$", re.I | re.S)
OWNED = frozenset({"its", "their", "his", "her"})
NOBODY = re.compile(r"^(?:i|you|we|it|they|he|she|this|that|these|those|there|here|who|which|what)\b", re.I)
POINTS_CHINESE = re.compile(
    r"^(?P<word>它们?|他们?|她们?|其|此)(?P<rest>(?!次|外|后|前|时|中|间|余|实|他|它).+)$", re.S
)
VERB_CHINESE = re.compile(
    r"(?:是|为|有|在|可以|可|能|需要|需|须|应|将|会|由|于|位于|成立|创办|建于|出生|包括|包含|提供|支持|属于|共|约|不|没|要)"
)
MOST_WORDS, MOST_CHARACTERS = 8, 12


@dataclass(frozen=True, slots=True)
class Proposition:
    """`text` as the answer has it; `alone` with what its "it" points to in its place, else the same."""

    text: str
    alone: str


def propositions(answer: str) -> list[Proposition]:
    """What the answer says that could be true or false, in order. Splits and resolves where it is plain, else leaves
    the words as they stand: a pronoun put in wrongly makes a true sentence false."""
    found: list[Proposition] = []
    for claim in claims(answer):
        for clause in clauses(claim):
            found.append(Proposition(clause, _standing_alone(clause, found[-1].alone if found else "")))
    return found


def clauses(claim: str) -> Iterator[str]:
    """The parts between conjunctions, where each has its own subject and verb."""
    if DEPENDS.match(claim):
        yield claim
        return
    start = 0
    for joint in JOINED.finditer(claim):
        before = claim[start : joint.start()]
        if FIRST_VERB.search(before) or VERB_CHINESE.search(before):
            yield before
            start = joint.end()
    yield claim[start:]


def _standing_alone(clause: str, before: str) -> str:
    pointing = POINTS.match(clause) or POINTS_CHINESE.match(clause)
    subject = _subject(before) if pointing else ""
    if not pointing or not subject:
        return clause
    word, rest = pointing["word"].lower(), pointing["rest"]
    if word in OWNED:
        return f"{subject}’s {rest}"
    if not word.isascii():
        return subject + ("的" + rest if word == "其" else rest)
    # "This bank opens": the word belongs to a noun and points nowhere.
    return f"{subject} {rest}" if re.match(rf"(?:also |then |only |always |never )?{VERB}\b", rest, re.I) else clause


def _subject(sentence: str) -> str:
    """The words before the verb, if they are few and name something."""
    if not sentence.isascii() and (verb := VERB_CHINESE.search(sentence, 1)):
        subject = re.sub(r"^.*[，,]", "", sentence[: verb.start()])
        return subject if 2 <= len(subject) <= MOST_CHARACTERS and not POINTS_CHINESE.match(subject) else ""
    verb = FIRST_VERB.search(sentence)
    subject = sentence[: verb.start()] if verb else ""
    few = 0 < len(subject.split()) <= MOST_WORDS and "," not in subject
    return subject if few and not NOBODY.match(subject) and not DEPENDS.match(subject) else ""
