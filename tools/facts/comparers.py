"""What code alone can say about a claim and the sentences of the documents; where it would guess it stays silent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tools.agreement import clash, other_unit, relation, stands
from tools.facts.claims import Reading, content_words, coverage, read
from tools.facts.comparison import OPEN, SAME_THING, Comparison, Ground, Outcome
from tools.facts.polarity import DENIED, NEGATION, NOT_NEGATION, neutral, opposed
from tools.facts.rewording import changed
from tools.figures.numerals import plain
from tools.figures.quantities import Quantity, without
from workspace.words import Words

__all__ = ["OPEN", "Comparison", "compare", "counterpart", "relation", "settle"]

# How much of a sentence must be said by another to be the same one, chosen on benchmarks/facts.py.
SAME_SENTENCE = 0.85
# A figure that no sentence gives is called wrong where one this like gives another; one that stands in a sentence
# less like by this much is of something else.
ABSENT = 0.5
# The same figure with another unit is wrong even where less is said of the claim.
SPOKEN_OF = 0.3
FURTHER = 0.25

LONG = 8  # letters of a clause that says something of its own
# A short answer is looked for where at least this much of its question is said.
NUMBER_ASKED = 0.7
NUMBERED = re.compile(r"\d|[一二三四五六七八九十]")

QUESTION_WORDS = re.compile(
    r"什么时候|什么|多少|哪[一个些里年位家种次]*|谁|何时|何地|第?几|怎么样?|如何|为何|是否|吗|呢|请问|who|what|when|where|"
    r"which|how (?:many|much|long|often)|how|why",
    re.I,
)


# The answer to these is computed, so that its figure need not stand anywhere.
DERIVED = re.compile(
    r"\b(?:change|difference|average|mean|total|sum|ratio|percentage|proportion|increase|decrease|growth|decline|"
    r"how (?:much|many) (?:more|less|fewer)|combined|altogether|in all|exceed|times)\b|"
    r"变化|变动|差|平均|合计|总共|一共|比例|占比|增长|增加|减少|下降|倍|共计|相比",
    re.I,
)
EQUATION = re.compile(r"[\d)]\s*[-+*/×÷x]\s*[$¥(]?\d.*=|=\s*[$¥]?\d")


def subject(claim: Reading, about: str) -> frozenset[str]:
    """What the claim speaks of; the question says it where the answer is short.

    Whether sales rose or fell is what is to be told; that both speak of sales is what is looked for here.
    """
    bag = claim.bag | read(QUESTION_WORDS.sub(" ", about)).bag if len(claim.bag) < 3 and about else claim.bag
    return neutral(bag) or bag


def compare(claim: Reading, sentence: Reading, about: str = "") -> Comparison:
    """The claim against one sentence. `about` is the question that a short answer leaves unsaid."""
    bag = subject(claim, about)
    likeness = coverage(bag, sentence.bag)
    if not bag or likeness < 0.5:
        return Comparison("undecided", likeness)
    pairs = [(q, counterpart(q, claim, sentence)) for q in claim.quantities]
    if wrong := next(((q, p) for q, p in pairs if p and relation(q, p) == "differs"), None):
        # What the question says itself is not what the document could deny: it speaks of another.
        asked = any(relation(wrong[0], q) == "same" for q in read(about).quantities)
        if likeness >= SAME_THING and not asked:
            return Comparison("contradicted", likeness, _differ(claim.text, sentence.text, *wrong), "figure")
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


def settle(
    claim: Reading, sentences: Sequence[Reading], about: str = "", in_tables: frozenset[float] = frozenset()
) -> tuple[Comparison, int] | None:
    """The claim against all sentences that might speak of it, and the number of the one that settles it.

    Support wins, and a figure that stands elsewhere in like company is not called wrong: a wrong alarm costs a good
    row, an open claim only a question. `in_tables` are figures that stand beside the sentences.
    """
    found = [compare(claim, sentence, about) for sentence in sentences]
    if borne_out := _best(found, "supported"):
        return borne_out
    denied = _best(found, "contradicted")
    if denied and denied[0].ground == "denied" and _likelier(claim, sentences, found, denied[0].likeness):
        denied = None
    if denied and claim.quantities and _stands_elsewhere(claim, sentences, found, denied[0].likeness):
        denied = None
    if denied and denied[0].likeness < SAME_SENTENCE and any(_telling(q) in in_tables for q in claim.quantities):
        denied = None
    return (
        denied
        or changed(claim, sentences, found, about)
        or _absent(claim, sentences, found, about, in_tables)
        or _misnumbered(claim, sentences, about)
    )


def _best(found: Sequence[Comparison], outcome: Outcome) -> tuple[Comparison, int] | None:
    settling = [(c, i) for i, c in enumerate(found) if c.outcome == outcome]
    return max(settling, key=lambda one: one[0].likeness, default=None)


def _likelier(claim: Reading, sentences: Sequence[Reading], found: Sequence[Comparison], likeness: float) -> bool:
    """Another sentence says as much of the claim and denies nothing of it: the same words in another order."""
    return any(
        c.outcome == "undecided" and c.likeness >= likeness and not opposed(claim.text, s.text)
        for c, s in zip(found, sentences, strict=True)
    )


def _telling(quantity: Quantity) -> float | None:
    """A figure that doesn't stand in a table by chance; None for a small or round one, and a year."""
    value = abs(quantity.written)
    return value if value % 1 or (value >= 100 and not 1900 <= value <= 2100) else None


def _stands_elsewhere(
    claim: Reading, sentences: Sequence[Reading], found: Sequence[Comparison], likeness: float
) -> bool:
    floor = max(SAME_THING, likeness - FURTHER)
    return any(c.likeness >= floor and _all_there(claim, s) for c, s in zip(found, sentences, strict=True))


def _all_there(claim: Reading, sentence: Reading) -> bool:
    return all(any(relation(q, other) == "same" for other in sentence.quantities) for q in claim.quantities)


def _absent(
    claim: Reading,
    sentences: Sequence[Reading],
    found: Sequence[Comparison],
    about: str,
    in_tables: frozenset[float],
) -> tuple[Comparison, int] | None:
    """A figure that stands in no sentence, while one that speaks of the same gives another of its kind."""
    if DERIVED.search(about) or EQUATION.search(claim.text):
        return None
    given = read(about).quantities
    for quantity in claim.quantities:
        if any(stands(quantity, q) for q in given):
            continue
        if swapped := _swapped(quantity, claim, sentences, found):
            return swapped
        if _in_table(quantity, in_tables):
            continue
        if any(stands(quantity, q) for s in sentences for q in s.quantities):
            continue
        rivals = [
            (comparison.likeness, -i, q)
            for i, (s, comparison) in enumerate(zip(sentences, found, strict=True))
            for q in s.quantities
            if comparison.likeness >= ABSENT and s.text not in about and not _mark(q, s) and _rival(quantity, q)
        ]
        if rivals:
            likeness, place, rival = max(rivals, key=lambda r: (r[0], clash(quantity, r[2]), r[1]))
            ground: Ground = "unit" if clash(quantity, rival) else "absent"
            reason = _differ(claim.text, sentences[-place].text, quantity, rival)
            return Comparison("contradicted", likeness, reason, ground), -place
    return None


def _swapped(
    quantity: Quantity, claim: Reading, sentences: Sequence[Reading], found: Sequence[Comparison]
) -> tuple[Comparison, int] | None:
    """Its figure stands with another unit where something of the claim is spoken of, and nowhere with its own."""
    if any(relation(quantity, q) == "same" and q.unit == quantity.unit for s in sentences for q in s.quantities):
        return None
    rivals = [
        (comparison.likeness, -i, q)
        for i, (s, comparison) in enumerate(zip(sentences, found, strict=True))
        for q in s.quantities
        if comparison.likeness >= SPOKEN_OF and other_unit(quantity, q)
    ]
    if not rivals:
        return None
    likeness, place, rival = max(rivals, key=lambda r: r[:2])
    reason = _differ(claim.text, sentences[-place].text, quantity, rival)
    return Comparison("contradicted", likeness, reason, "unit"), -place


def _in_table(quantity: Quantity, in_tables: frozenset[float]) -> bool:
    year = quantity.moment.year if quantity.moment else None
    return abs(quantity.written) in in_tables or year in in_tables


def _mark(quantity: Quantity, sentence: Reading) -> bool:
    """The number of a footnote, "(1)"."""
    return quantity.low < 20 and sentence.text[quantity.start - 1 : quantity.end + 1] == f"({quantity.low:g})"


def _rival(ours: Quantity, theirs: Quantity) -> bool:
    """Says the same kind of thing, and not the same."""
    if clash(ours, theirs):
        return True
    kinds = {ours.kind, theirs.kind}
    if "count" in kinds and not kinds & {"date", "clock"}:
        like = 1 / 30 <= abs(ours.written) / max(abs(theirs.written), 1e-9) <= 30
        unnamed = not (ours.unit and theirs.unit)
        if unnamed:
            return like and _year(ours) == _year(theirs)
    if kinds == {"date", "duration"}:  # 849年 may be either
        return max(ours.written, theirs.written) >= 100
    return relation(ours, theirs) == "differs"


def _year(quantity: Quantity) -> bool:
    return (
        quantity.kind == "count"
        and not quantity.unit
        and quantity.written % 1 == 0
        and (1900 <= quantity.written <= 2100)
    )


def _misnumbered(claim: Reading, sentences: Sequence[Reading], about: str) -> tuple[Comparison, int] | None:
    """A numbered thing ("chapter 3") that stands nowhere, where the sentence the question is about has another."""
    key = squeezed(claim.text)
    if not about or claim.quantities or not 2 <= len(key) <= (30 if key.isascii() else 12):
        return None
    asked = read(QUESTION_WORDS.sub(" ", about)).bag
    likeness = [coverage(asked, s.bag) for s in sentences]
    top = max(likeness, default=0.0)
    if top < NUMBER_ASKED or len(asked) < 3:
        return None
    best = likeness.index(top)
    if not NUMBERED.search(key) or any(key in squeezed(s.text) for s in sentences):
        return None
    any_figure = "(?:[0-9]+|[一二三四五六七八九十]+)"
    shape = re.compile(re.sub(r"\d+|[一二三四五六七八九十]+", lambda _: any_figure, re.escape(key)))
    if shape.search(squeezed(sentences[best].text)) is None:
        return None
    return Comparison("contradicted", top, _elsewhere(claim.text), "code"), best


def _elsewhere(answer: str) -> Words:
    return Words(
        f"The sentence that the question is about does not say {answer}.", f"与问题对应的那句话没有说{answer}。"
    )


def squeezed(text: str) -> str:
    """Letters and figures only."""
    return re.sub(r"\W+", "", plain(text)).lower()


def _polarity(claim: Reading, sentence: Reading, likeness: float, bag: frozenset[str]) -> Comparison:
    """With no number left to compare: the same words in the same order, with or without a "not"."""
    if likeness < SAME_SENTENCE:
        return Comparison("undecided", likeness)
    if _verbatim(claim.text, sentence.text):
        return Comparison("supported", likeness, Words("The document says so in these words.", "文档里有相同的说法。"))
    if likeness == 1.0 and in_order(_signed(claim), _signed(sentence)) and not opposed(claim.text, sentence.text):
        return Comparison("supported", likeness, Words("The document says so in these words.", "文档里有相同的说法。"))
    clause = closest_clause(claim, sentence)
    same = coverage(neutral(clause.bag), bag) >= SAME_THING and coverage(bag, clause.bag) >= SAME_SENTENCE
    if same and opposed(claim.text, clause.text):
        return Comparison("contradicted", likeness, DENIED, "denied")
    return Comparison("undecided", likeness)


def _verbatim(claim: str, sentence: str) -> bool:
    """Some clauses of the sentence as they stand; a part of a clause may be what it denies."""
    key, rest = squeezed(claim), squeezed(sentence)
    before = sentence[: max(0, sentence.find(claim.rstrip("。.!！")))].rstrip()
    return len(key) >= LONG and key in rest and (not before or before[-1] in ",，;；：:")


def counterpart(quantity: Quantity, claim: Reading, sentence: Reading) -> Quantity | None:
    """The quantity of the sentence that says the same kind of thing: an equal one, else the one in the likest company.

    None where there is none, or where two fit equally well: which is meant would be a guess.
    """
    same = [q for q in sentence.quantities if relation(quantity, q) == "same"]
    if same:
        return same[0]
    taken = [q for q in sentence.quantities if any(relation(c, q) == "same" for c in claim.quantities)]
    if any(stands(quantity, q) for q in sentence.quantities):
        return None
    rivals = [q for q in sentence.quantities if q not in taken and relation(quantity, q) == "differs"]
    rivals = [q for q in rivals if _year(q) == _year(quantity) or quantity.unit or q.unit]
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


def _signed(reading: Reading) -> tuple[str, ...]:
    """The content words with each "not" in its place: what is denied matters, not only how often."""
    text = NOT_NEGATION.sub(" ", without(reading.text, list(reading.quantities)))
    return tuple(content_words(NEGATION.sub(" xnotx ", text)))


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
