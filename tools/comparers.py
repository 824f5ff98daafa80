"""What code alone can say about a claim and a sentence: numbers, money, dates, durations, negation. No guessing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tools.claims import Reading, content_words, coverage, read
from tools.quantities import Quantity, without
from workspace.words import Words

Outcome = Literal["supported", "contradicted", "undecided"]

# How much of the claim a sentence must speak of. Chosen on benchmarks/facts.py: below these, false alarms rise.
SAME_THING = 0.6
SAME_SENTENCE = 0.85

# What forbids is a "no" with other letters.
NEGATION = re.compile(
    r"\b(?:not|no|never|cannot|without|neither|nor|none|nobody|nothing|unable|prohibited|forbidden|refus\w+|den(?:y|ied|ies)|"
    r"fail(?:s|ed)?|turn(?:s|ed) down)\b|n['’]t\b|不|没|無|无|未|非|禁止|勿|严禁|拒绝",
    re.I,
)
# Words that hold a negation and deny nothing; bounds such as "no more than" belong to the quantity.
NOT_NEGATION = re.compile(
    r"\bno (?:more|less|fewer|later|longer) than\b|\bnot (?:only|more than|less than)\b|\bno\.\s*\d|"
    r"不(?:得?超过|少于|低于|高于|多于|晚于|早于|仅|但|同|过|论|管|断|得不|足|到\d|久|锈|动产|可或缺)|"
    r"无(?:论|线|锡|人机|限)|非(?:常|洲|凡)|未(?:来|婚)|没(?:收|落)|对不起|北非|南非|差不多|是否|能否|必不可少|免不了",
    re.I,
)
OPPOSITES = (
    (
        "increas|rise|rose|grew|grow|higher|上升|增长|提高|增加|上涨|高于",
        "decreas|fall|fell|declin|drop|lower|下降|减少|降低|下跌|低于",
    ),
    ("before|earlier|之前|以前|早于", "after|later|之后|以后|晚于"),
    ("allowed|permitted|accepted|可以|允许", "forbidden|prohibited|banned|禁止|严禁"),
    ("maximum|at most|最多|至多", "minimum|at least|最少|至少"),
    ("always|总是|必须", "never|从不|不必"),
    ("buy|bought|purchas|买入|购买", "sell|sold|卖出|出售"),
    ("win|won|胜", "lose|lost|败"),
    ("first|最早|首", "last|最后"),
    ("largest|biggest|最大", "smallest|最小"),
    ("north|北", "south|南"),
    ("free|免费", "paid|收费"),
)
_OPPOSED = [tuple(re.compile(rf"\b(?:{e})" if e[0].isascii() else e, re.I) for e in sides) for sides in OPPOSITES]


OPEN = Words("The documents leave this open.", "文档没有说明这一点。")


OPPOSITE = re.compile("|".join(pattern.pattern for sides in _OPPOSED for pattern in sides), re.I)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`likeness` is how much of the claim the sentence speaks of, 0 to 1."""

    outcome: Outcome
    likeness: float
    reason: Words = field(default=OPEN)


def compare(claim: Reading, sentence: Reading, about: str = "") -> Comparison:
    """The claim against one sentence. `about` is the question that a short answer leaves unsaid."""
    bag = claim.bag | read(about).bag if len(claim.bag) < 3 and about else claim.bag
    # Whether sales rose or fell is what is to be told; that both speak of sales is what is looked for here.
    bag = _neutral(bag) or bag
    likeness = coverage(bag, sentence.bag)
    if not bag or likeness < 0.5:
        return Comparison("undecided", likeness)
    pairs = [(q, counterpart(q, claim, sentence)) for q in claim.quantities]
    if wrong := next(((q, p) for q, p in pairs if p and relation(q, p) == "differs"), None):
        if likeness >= SAME_THING:
            return Comparison("contradicted", likeness, _differ(claim.text, sentence.text, *wrong))
        return Comparison("undecided", likeness)
    settled = all(p and relation(q, p) == "same" for q, p in pairs) and _each_its_own(claim, sentence)
    return _polarity(claim, sentence, likeness, bag) if settled else Comparison("undecided", likeness)


def _each_its_own(claim: Reading, sentence: Reading) -> bool:
    """A figure that the claim gives twice is not borne out by one that stands once: "2:2" is not "3:2"."""
    left = list(sentence.quantities)
    for quantity in claim.quantities:
        partner = next((q for q in left if relation(quantity, q) == "same"), None)
        if partner is None:
            return False
        left.remove(partner)
    return True


def settle(claim: Reading, sentences: Sequence[Reading], about: str = "") -> tuple[Comparison, int] | None:
    """The claim against all sentences that might speak of it, and the number of the one that settles it.

    Support wins, and a figure that stands elsewhere in like company is not called wrong: a wrong alarm costs a good
    row, an open claim only a question.
    """
    found = [compare(claim, sentence, about) for sentence in sentences]
    for outcome in ("supported", "contradicted"):
        settling = [i for i, comparison in enumerate(found) if comparison.outcome == outcome]
        if settling:
            best = max(settling, key=lambda i: found[i].likeness)
            elsewhere = any(
                c.likeness >= SAME_THING and _all_there(claim, s) for c, s in zip(found, sentences, strict=True)
            )
            return None if outcome == "contradicted" and claim.quantities and elsewhere else (found[best], best)
    return None


def _all_there(claim: Reading, sentence: Reading) -> bool:
    return all(any(relation(q, other) == "same" for other in sentence.quantities) for q in claim.quantities)


def _polarity(claim: Reading, sentence: Reading, likeness: float, bag: frozenset[str]) -> Comparison:
    """With no number left to compare: the same words in the same order, with or without a "not"."""
    if likeness < SAME_SENTENCE:
        return Comparison("undecided", likeness)
    if likeness == 1.0 and in_order(_signed(claim), _signed(sentence)) and not opposed(claim.text, sentence.text):
        return Comparison("supported", likeness, Words("The document says so in these words.", "文档里有相同的说法。"))
    clause = closest_clause(claim, sentence)
    same = coverage(_neutral(clause.bag), bag) >= SAME_THING and coverage(bag, clause.bag) >= SAME_SENTENCE
    if same and opposed(claim.text, clause.text):
        reason = Words("One of the two says it, the other denies it.", "两处说法一肯定一否定。")
        return Comparison("contradicted", likeness, reason)
    return Comparison("undecided", likeness)


def counterpart(quantity: Quantity, claim: Reading, sentence: Reading) -> Quantity | None:
    """The quantity of the sentence that says the same kind of thing: an equal one, else the one in the likest company.

    None where there is none, or where two fit equally well: which is meant would be a guess.
    """
    same = [q for q in sentence.quantities if relation(quantity, q) == "same"]
    if same:
        return same[0]
    taken = [q for q in sentence.quantities if any(relation(c, q) == "same" for c in claim.quantities)]
    rivals = [q for q in sentence.quantities if q not in taken and relation(quantity, q) == "differs"]
    rivals = [q for q in rivals if not _said_elsewhere(quantity, q, claim, sentence)]
    if len(rivals) < 2:
        return rivals[0] if rivals else None
    company = _company(quantity, claim)
    ranked = sorted(rivals, key=lambda q: -coverage(company, _company(q, sentence)))
    best, second = (coverage(company, _company(q, sentence)) for q in ranked[:2])
    return ranked[0] if best > second and best >= 0.5 else None


def _said_elsewhere(ours: Quantity, theirs: Quantity, claim: Reading, sentence: Reading) -> bool:
    """Another part of the sentence is what the claim is about: "parcels take 3 days, heavy goods take longer"."""
    about = next(read(part).bag for part, holds in _parts(claim.text, ours) if holds)
    covered = {True: [0.0], False: [0.0]}
    for part, holds in _parts(sentence.text, theirs):
        covered[holds].append(coverage(about, read(part).bag))
    return max(covered[False]) >= SAME_SENTENCE and max(covered[True]) < 0.5


def _parts(text: str, quantity: Quantity) -> Iterator[tuple[str, bool]]:
    """The text between commas, and whether the quantity is in it."""
    start = 0
    for part in re.split(r"(?<=[,，;；])(?!\d)", text):
        yield part, start <= quantity.start < start + len(part)
        start += len(part)


def _company(quantity: Quantity, reading: Reading) -> frozenset[str]:
    """Content words next to the quantity, within its clause."""
    around = 40 if reading.text.isascii() else 12
    before = re.split(r"[,，;；、]", reading.text[max(0, quantity.start - around) : quantity.start])[-1]
    after = re.split(r"[,，;；、]", reading.text[quantity.end : quantity.end + around])[0]
    return read(before).bag | read(after).bag


def relation(a: Quantity, b: Quantity) -> Literal["same", "differs", "apart"]:
    """`apart`: they don't measure the same, or one leaves the other open, so neither denies the other."""
    if a.kind == "date" and b.kind == "date":
        return _dates(a, b)
    if a.kind == "clock" or b.kind == "clock":
        if a.kind != b.kind or a.moment is None or b.moment is None:
            return "apart"
        return "same" if a.moment.minutes == b.moment.minutes else "differs"
    if "date" in (a.kind, b.kind):
        return _year_and_number(a, b)
    if a.kind != b.kind or a.unit != b.unit:
        return "same" if "count" in (a.kind, b.kind) and _equal(a, b) and not (a.unit and b.unit) else "apart"
    return _amounts(a, b)


def _dates(a: Quantity, b: Quantity) -> Literal["same", "differs", "apart"]:
    if a.moment is None or b.moment is None:
        return "apart"
    both = [(x, y) for x, y in zip(a.moment.parts, b.moment.parts, strict=True) if x is not None and y is not None]
    if any(x != y for x, y in both):
        return "differs"
    more = any(x is not None and y is None for x, y in zip(a.moment.parts, b.moment.parts, strict=True))
    return "apart" if more or not both else "same"


def _year_and_number(a: Quantity, b: Quantity) -> Literal["same", "apart"]:
    date, other = (a, b) if a.kind == "date" else (b, a)
    same = date.moment is not None and date.moment.parts == (other.low, None, None) and other.kind == "count"
    return "same" if same else "apart"


def _amounts(a: Quantity, b: Quantity) -> Literal["same", "differs", "apart"]:
    if _equal(a, b):
        return "same" if a.bound == b.bound or "about" in (a.bound, b.bound) else "apart"
    ranges = a.low < a.high and b.low < b.high
    if ranges or (a.bound != "exact" and a.bound == b.bound):
        return "differs"
    if "about" in (a.bound, b.bound):
        return "same" if abs(a.low - b.low) <= 0.05 * max(abs(a.low), abs(b.low)) else "differs"
    low_a, high_a, low_b, high_b = *_interval(a), *_interval(b)
    if high_a < low_b or high_b < low_a:
        return "differs"
    return "same" if a.bound != "exact" and low_a <= low_b and high_b <= high_a else "apart"


def _equal(a: Quantity, b: Quantity) -> bool:
    return all(abs(x - y) <= 1e-6 * max(1.0, abs(x), abs(y)) for x, y in ((a.low, b.low), (a.high, b.high)))


def _interval(q: Quantity) -> tuple[float, float]:
    low = float("-inf") if q.bound == "at_most" else q.low
    return low, float("inf") if q.bound == "at_least" else q.high


def negated(text: str) -> int:
    """How many negations it holds; double ones cancel where only the parity is looked at."""
    return len(NEGATION.findall(NOT_NEGATION.sub(" ", text)))


def _signed(reading: Reading) -> tuple[str, ...]:
    """The content words with each "not" in its place: what is denied matters, not only how often."""
    text = NOT_NEGATION.sub(" ", without(reading.text, list(reading.quantities)))
    return tuple(content_words(NEGATION.sub(" xnotx ", text)))


def opposed(a: str, b: str) -> bool:
    """One denies what the other says: an odd number of negations and opposite words between them."""
    turns = negated(a) - negated(b)
    for one, other in _OPPOSED:
        says_a, says_b = (bool(one.search(t)) - bool(other.search(t)) for t in (a, b))
        turns += says_a * says_b == -1
    return turns % 2 == 1


def _neutral(bag: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in bag if not OPPOSITE.search(word))


def closest_clause(claim: Reading, sentence: Reading) -> Reading:
    """The part between commas that says most of the claim, where one part says all; else the whole sentence."""
    parts = [read(part) for part in re.split(r"[,，;；]", sentence.text) if part.strip()]
    best = max(parts, key=lambda part: coverage(claim.bag, part.bag), default=sentence)
    return best if coverage(claim.bag, best.bag) >= SAME_SENTENCE else sentence


def in_order(words: Sequence[str], within: Sequence[str]) -> bool:
    """Every word occurs, and in this order: "A bought B" is not "B bought A"."""
    rest = iter(within)
    return all(word in rest for word in words)


def _differ(claim: str, sentence: str, ours: Quantity, theirs: Quantity) -> Words:
    said, found = claim[ours.start : ours.end].strip(), sentence[theirs.start : theirs.end].strip()
    return Words(f"It says {said}, the document says {found}.", f"这里写的是{said}，文档里是{found}。")
