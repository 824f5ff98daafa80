"""A sentence that a claim repeats but for one thing: a name, a "not", an opposite, or a word of the like."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.agreement import relation
from tools.facts.alignment import Aligned, Change, aligned, tokens
from tools.facts.claims import Reading, content_words, coverage, read
from tools.facts.comparison import SAME_THING, Comparison, Ground
from tools.facts.polarity import DENIED, NEGATION, negated, turned_round
from tools.facts.renaming import MARKED, another_name
from workspace.words import Words

CONDITION_LAST = re.compile(r"(.+?) if ([^,]+?)\.?", re.I)
LONGEST_TURN = 4  # words, or Chinese characters, in which one thing is denied; more say something else
# What carries a "not": "可以" and "不能" differ in it alone.
MODAL = re.compile(r"可以|能够|需要|必须|应当|应该|[能可会得须要有是曾被应]|\b(?:need|able|allowed)\b", re.I)
CONDITION = re.compile(
    r"\b(?:if|unless|when|once|until|except|only|otherwise|without|after)\b|如果|除非|若|时|后|除|仅|只", re.I
)
NUMBERED = re.compile(r"\d|[一二三四五六七八九十]")


def changed(
    claim: Reading, sentences: Sequence[Reading], found: Sequence[Comparison], about: str = ""
) -> tuple[Comparison, int] | None:
    """A sentence that the claim repeats but for a name, a "not", or an opposite word. `about` is its question."""
    # The name may be what was changed, so it doesn't tell which sentence is meant.
    bag = read(MARKED.sub(" ", claim.text)).bag or claim.bag
    likeness = [max(c.likeness, coverage(bag, s.bag)) for c, s in zip(found, sentences, strict=True)]
    near = sorted((i for i, one in enumerate(likeness) if one >= SAME_THING), key=lambda i: -likeness[i])[:3]
    for i in near:
        others = [s.text for n, s in enumerate(sentences) if n != i]
        for said in (claim, *_turned(claim)):
            if told := _one_change(said, sentences[i], likeness[i], others, read(about).bag):
                return told, i
    return None


def _turned(claim: Reading) -> list[Reading]:
    """ "If it rains, it is closed" for "It is closed if it rains"."""
    match = CONDITION_LAST.fullmatch(claim.text)
    return [read(f"If {match[2]}, {match[1]}.")] if match else []


def _one_change(
    claim: Reading, sentence: Reading, likeness: float, others: Sequence[str], asked: frozenset[str]
) -> Comparison | None:
    laid = aligned(claim.text, sentence.text)
    if laid.total < 4:
        return None
    turned = [c for c in laid.changes if _turns(c, claim.text, sentence.text)]
    named = [c for c in laid.changes if c not in turned and _renames(c, claim.text, sentence.text)]
    rest = [c for c in laid.changes if c not in turned and c not in named]
    if len(rest) == 1 and not turned and not named and (ground := _replaces(rest[0], laid, others, asked)):
        return Comparison("contradicted", likeness, _other_words(rest[0]), ground)
    if any(content_words(c.ours) for c in rest) or laid.kept < 0.6 * laid.total:
        return None
    if len(turned) % 2 == 1 and not any(CONDITION.search(c.theirs) for c in laid.changes if not c.ours):
        return Comparison("contradicted", likeness, DENIED, "denied")
    if len(named) == 1 and not turned:
        return Comparison("contradicted", likeness, _other_words(named[0]), "name")
    return None


def _replaces(change: Change, laid: Aligned, others: Sequence[str], asked: frozenset[str]) -> Ground | None:
    """The only change of a copied sentence: another number in a code, or a thing that other sentences name."""
    if not change.ours or not change.theirs or laid.kept < max(5, 0.7 * laid.total) or change.at_edge:
        return None
    if NUMBERED.search(change.ours) and NUMBERED.search(change.theirs):
        ours, theirs = read(change.ours).quantities, read(change.theirs).quantities
        return None if any(relation(a, b) == "same" for a in ours for b in theirs) else "code"
    ours_words, their_words = content_words(change.ours), content_words(change.theirs)
    if asked and asked.issuperset(ours_words):
        return None
    short = len(ours_words) <= 3 and len(their_words) <= 3 and laid.total >= (6 if change.ours.isascii() else 12)
    if not short or not ours_words or not their_words or set(ours_words) & set(their_words):
        return None
    written = len(change.ours) > 1 and any(change.ours.lower() in other.lower() for other in others)
    return "term" if written else None


def _other_words(change: Change) -> Words:
    return Words(
        f"It says {change.ours}, the document says {change.theirs}.",
        f"这里写的是{change.ours}，文档里是{change.theirs}。",
    )


def _turns(change: Change, claim: str, sentence: str) -> bool:
    """With two characters around it, for 不 alone may be part of 不同."""
    if max(len(tokens(change.ours)), len(tokens(change.theirs))) > LONGEST_TURN:
        return False
    edge = 2
    ours = claim[max(0, change.our_start - edge) : change.our_end + edge]
    theirs = sentence[max(0, change.their_start - edge) : change.their_end + edge]
    if claim.isascii():
        ours, theirs = change.ours, change.theirs
    if (negated(ours) - negated(theirs)) % 2:
        return _without_denial(change.ours) == _without_denial(change.theirs)
    if not change.ours or not change.theirs:
        return False
    return turned_round(ours, theirs) or turned_round(change.ours, change.theirs)


def _without_denial(run: str) -> list[str]:
    return content_words(MODAL.sub(" ", NEGATION.sub(" ", run)))


def _renames(change: Change, claim: str, sentence: str) -> bool:
    return another_name(change.ours, change.theirs, claim, sentence, change.our_start, change.their_start)
