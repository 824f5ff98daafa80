"""Rules that only a model could read: shown with a row on each side, and checks only after the person's yes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from agent import quotes
from agent.events import Ask
from agent.wording import both_sides
from workspace.rules import Rule
from workspace.spec import Spec
from workspace.words import Language, Words

if TYPE_CHECKING:
    from tools.llm import Chat

MOST = 5  # rules of one message that the model is asked about
# "Yes, but only for refunds" is a yes to another rule.
RESERVED = re.compile(
    r"\b(?:but|except|unless|only|however|though|not|n't|instead|rather|change)\b|n't\b|但|不过|除|只|可是|然而|改|不",
    re.I,
)
AGREED = re.compile(
    r"(?:that(?:'?s| is) (?:right|correct|it|fine|ok)|(?:looks|sounds) (?:good|right)|agreed|y$|"
    r"没错|没问题|不错|同意|就这样|这样(?:就)?(?:对|行|可以|好))",
    re.I,
)
CHOICES = (Words("Yes", "是的"), Words("No", "不是"))


def side(draft: Spec) -> Literal["question", "answer"]:
    """What a rule speaks of where it names no side: of a row that answers with a bare label, the text it sorts."""
    return "question" if draft.task is not None and draft.task.value == "classification" else "answer"


def waiting(draft: Spec) -> tuple[Rule, ...]:
    """The rules whose reading the person has yet to see."""
    return tuple(rule for rule in draft.rules.value if rule.proposed) if draft.rules else ()


def sought(draft: Spec, before: Spec, chat: Chat) -> Spec:
    """The rules said just now that code could not read, each with what the model makes of it.

    Before the kind of task is known nobody can tell which side of the row a rule means.
    """
    from tools.rules.proposal import proposed

    if draft.rules is None or draft.task is None:
        return draft
    known = {rule.sentence for rule in before.rules.value} if before.rules and before.task else set()
    unread = [rule for rule in draft.rules.value if rule.condition is None and rule.sentence not in known][:MOST]
    found = {rule.sentence: proposed(rule.sentence, chat, side(draft)) for rule in unread}
    if not any(found.values()):
        return draft
    return _with_rules(
        draft,
        [rule.model_copy(update={"proposed": found.get(rule.sentence, rule.proposed)}) for rule in draft.rules.value],
    )


def settled(draft: Spec, yes: bool) -> Spec:
    """With a yes what the model read becomes what is checked; otherwise the rules stay words."""
    rules = draft.rules.value if draft.rules else ()
    return _with_rules(
        draft,
        [
            rule.model_copy(update={"condition": rule.proposed if yes else None, "proposed": None})
            if rule.proposed
            else rule
            for rule in rules
        ],
    )


def agreed(text: str) -> bool:
    """A yes without a reserve. Anything else leaves the rules unread: nobody said yes to something else."""
    said = quotes.narrow(quotes.without_talk(text)).strip(quotes.PUNCTUATION)
    rest = AGREED.sub("", said)
    yes = AGREED.match(said) is not None or quotes.yes_no(said) is True
    return yes and RESERVED.search(rest) is None


def confirming(draft: Spec, language: Language) -> Ask:
    """One question for all of them."""
    from tools.rules.reading import describe

    told = []
    for rule in waiting(draft):
        assert rule.proposed is not None
        read = describe(rule.proposed, language)
        told.append(Words(f"I read “{rule.sentence}” as:", f"“{rule.sentence}”，我的理解是：").to(language))
        told[-1] += both_sides(read, rule.proposed, language)
    ask = Words("Shall I check every row for that?", "每条数据都按这样检查，可以吗？").to(language)
    text = "".join([*told, ask]) if language == "zh" else " ".join([*told, ask])
    return Ask(field="rules", text=text, choices=tuple(words.to(language) for words in CHOICES))


def _with_rules(draft: Spec, rules: list[Rule]) -> Spec:
    if draft.rules is None:
        return draft
    return draft.model_copy(update={"rules": draft.rules.model_copy(update={"value": tuple(rules)})})
