"""Finds an answer that may be true and still is none: asked for a price, it gives a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tools.base import Check, Kit
from tools.figures.quantities import Kind, quantities
from workspace.sample import Finding, Origin, Sample, Verdict, sample
from workspace.words import Language, Words, language_of

# A long text answers more than one thing, and in other words than figures.
LONGEST, SHORTEST = 600, 12
NUMBER: tuple[Kind, ...] = ("count", "percent", "measure", "duration", "money")
FREE = r"\bfree\b|免费|不收|无需|不用"
LIMITLESS = r"\b(?:un|no )limit|\bno (?:maximum|minimum)\b|不限|没有限制|无限"
AT_ONCE = (
    r"\b(?:any ?time|at once|immediately|instantly|straight away|same day|forever|indefinite(?:ly)?|until|"
    r"as (?:long|soon) as)\b"
    r"|随时|立即|马上|立刻|当天|即时|永久|一直|直到"
)
WHEN = (
    r"\b(?:after|before|when|while|during|since|if|every|daily|weekly|monthly|yearly|annual(?:ly)?|where|today|"
    r"tomorrow|now|later|(?:mon|tues|wednes|thurs|fri|satur|sun)day|day|night|morning|evening|week|month|year|century|season|summer|winter|"
    r"spring|autumn)s?\b|[时后前日天月年期间早晚春夏秋冬代朝末岁]"
)
NONE = (
    r"\b(?:no|not|nothing|none|never|nobody|depends?|var(?:y|ies)|don['’]?t know|one|once|twice|each|every|all|both)\b"
    r"|没有|从不|不|无|取决|视|未|每|全部|一"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for: the kinds of figure that could give it, and the words that do without one."""

    question: re.Pattern[str]
    kinds: frozenset[Kind]
    without: re.Pattern[str]
    words: Words


def _asked(question: str, kinds: tuple[Kind, ...], without: str, words: Words) -> Asked:
    return Asked(re.compile(question, re.I), frozenset(kinds), re.compile(f"{without}|{NONE}", re.I), words)


# The first that fits a question counts.
ASKED = (
    _asked(
        r"\bhow (?:long|soon|quickly|many (?:\w+ )?(?:days|hours|minutes|weeks|months|years|seconds))\b"
        r"|\bwhat is the (?:duration|time limit|waiting time|processing time)\b|\bmaximum (?:amount of )?time\b"
        r"|多久|多长时间|(?:几|多少)(?:个?工作日|天|个?小时|分钟|周|个月)",
        ("duration", "date", "clock"),
        AT_ONCE,
        Words("a length of time", "一段时间"),
    ),
    _asked(
        r"^(?:and |so |but )?when (?:do|does|did|is|are|was|were|can|will|should)\b|什么时候|何时",
        ("duration", "date", "clock"),
        f"{AT_ONCE}|{WHEN}",
        Words("a time", "时间"),
    ),
    _asked(
        r"\bhow often\b|多久一次|多长时间一次",
        ("duration", "percent"),
        rf"{AT_ONCE}|{WHEN}|\b(?:times|per|always)\b|次|总是",
        Words("how often", "频率"),
    ),
    _asked(
        r"\bhow much (?:does|do|is|are|will|would) .*\b(?:cost|charge|fee|price)"
        r"|\bwhat (?:is|are) the (?:\w+ ){0,2}(?:fees?|costs?|prices?|charges?)\b"
        r"|多少钱|(?:费用|价格|手续费)是?多少|收费多少",
        ("money", "percent"),
        FREE,
        Words("a price", "价格"),
    ),
    _asked(r"\b(?:maximum|minimum) (?:\w+ )?amount\b", ("money", "percent"), LIMITLESS, Words("an amount", "金额")),
    _asked(
        r"\bhow many\b|\b(?:maximum|minimum) number\b|(?:多少|(?<![第哪])几)(?:个|名|人|次|位|家|条|台|件)",
        NUMBER,
        LIMITLESS,
        Words("a number", "数量"),
    ),
)


class Relevance(Check):
    """Only where a question plainly asks for some figure and the answer has none of its kind, nor words for none."""

    name: ClassVar[str] = "relevance"
    words: ClassVar[Words] = Words("answers what was asked", "答其所问")
    passing: ClassVar[Sample] = sample(
        "How long does a refund take?", "It is shown within 5 working days.", Origin(source="example")
    )
    failing: ClassVar[Sample] = sample(
        "How long does a refund take?", "A refund goes to the card that was used to pay.", Origin(source="example")
    )

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        question = next((m.content for m in reversed(row.messages) if m.role == "user"), "")
        if (row.label is not None and row.answer.strip() == row.label) or len(row.answer) > LONGEST:
            return ()
        asked = next((asked for asked in ASKED if asked.question.search(question)), None)
        if asked is None or question.count("?") + question.count("？") > 1:
            return ()
        found = quantities(row.answer)
        # "nine", and a figure without a unit, can be of any kind.
        given = any(q.kind in asked.kinds or (q.kind == "count" and not q.unit) for q in found)
        answered = given or len(row.answer) < SHORTEST or asked.without.search(row.answer) is not None
        return (self._finding(asked.words, answered, language_of(question)),)

    def _finding(self, words: Words, answered: bool, language: Language) -> Finding:
        reason = Words(
            f"the question asks for {words.en}, and the answer gives " + ("one" if answered else "none"),
            f"问题问的是{words.zh}，回答里" + ("有" if answered else "没有"),
        )
        verdict: Verdict = "pass" if answered else "fail"
        return Finding(check=self.name, verdict=verdict, reason=reason.to(language), confidence=0.9, drops=not answered)
