"""What blind votes say, in plain words: how many, and how sure they make it that one model is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workspace.words import Language, Words

# A split that chance alone would bring less often than this counts as told apart.
RARE = 0.05
NONE = Words("No vote has told them apart yet.", "目前还没有分出高下的投票。")


@dataclass(frozen=True, slots=True)
class Standing:
    """Votes for each, ties among them, and one or two sentences on what they are worth."""

    tuned: int
    base: int
    same: int
    told: str


def standing(votes: Sequence[str], language: Language) -> Standing:
    """Ties are counted and put aside, as in a sign test (Conover 1999, 3.4): they speak for neither."""
    tuned, base, same = (votes.count(name) for name in ("tuned", "base", "same"))
    return Standing(tuned, base, same, _told(tuned, base, language))


def _told(tuned: int, base: int, language: Language) -> str:
    from finetune.judging.scores import mcnemar, wilson

    rows = tuned + base
    if not rows:
        return NONE.to(language)
    share, chance = wilson(tuned, rows), mcnemar(tuned, base)
    between = f"{share.low:.0%}", f"{share.high:.0%}"
    first = Words(
        f"Where a difference was seen, the tuned model was better {tuned} of {rows} times; in the long run that may be "
        f"anything from {between[0]} to {between[1]} of them (95%).",
        f"在看出差别的 {rows} 次里，微调后的更好 {tuned} 次；"
        f"长期来看，这个比例可能在 {between[0]} 到 {between[1]} 之间（95%）。",
    )
    told = f"{chance:.0%}" if chance >= 0.01 else Words("less than 1%", "不到 1%").to(language)
    lean = Words(
        f"Were both equally good, chance alone would lean so far in {told} of such series: ",
        f"如果两者一样好，纯属巧合也出现这样悬殊结果的可能性为 {told}：",
    )
    last = _verdict(tuned, base, chance)
    return " ".join((first.en, lean.en + last.en)) if language == "en" else first.zh + lean.zh + last.zh


def _verdict(tuned: int, base: int, chance: float) -> Words:
    if chance >= RARE:
        return Words("too few votes to say which is better.", "票数还太少，无法判断哪个更好。")
    if tuned > base:
        return Words("the tuned model is very likely better.", "微调后的模型很可能更好。")
    return Words("the base model is very likely better.", "基础模型很可能更好。")
