"""Whether one text denies what another says: a "not" more or less, or the opposite word."""

from __future__ import annotations

import re

from workspace.words import Words

DENIED = Words("One of the two says it, the other denies it.", "两处说法一肯定一否定。")

# What forbids is a "no" with other letters.
NEGATION = re.compile(
    r"\b(?:not|no|never|cannot|without|neither|nor|none|nobody|nothing|unable|prohibited|forbidden|refus\w+|den(?:y|ied|ies)|"
    r"fail(?:s|ed)?|turn(?:s|ed) down)\b|n['’]t\b|不|没|無|无|未|非|禁止|勿|严禁|拒绝",
    re.I,
)
# Words that hold a negation and deny nothing; bounds such as "no more than" belong to the quantity.
NOT_NEGATION = re.compile(
    r"\bno (?:more|less|fewer|later|longer) than\b|\bnot (?:only|more than|less than)\b|\bno\.\s*\d|\bwhether or not\b|"
    r"不(?:得?超过|少于|低于|高于|多于|晚于|早于|仅|但|同|过|论|管|断|得不|足|到\d|久|锈|动产|可或缺|惜|禁|料|幸|满|良)|"
    r"无(?:论|线|锡|人机|限)|非(?:常|洲|凡)|未(?:来|婚)|没(?:收|落)|对不起|北非|南非|差不多|是否|能否|必不可少|免不了",
    re.I,
)
# Each line: two lists of words, one of which says the opposite of the other.
OPPOSITES = (
    ("increas rise rose rising grew grow higher gain 上升 增长 提高 增加 上涨 高于 升至",
     "decreas fall fell falling declin drop lower loss 下降 减少 降低 下跌 低于 降至"),
    ("before earlier prior_to until 之前 以前 早于", "after later following since 之后 以后 晚于"),
    ("allowed permitted accepted 可以 允许", "forbidden prohibited banned 禁止 严禁 不得"),
    ("maximum at_most up_to no_more_than 最多 至多 不超过", "minimum at_least no_less_than 最少 至少 不少于"),
    ("more_than over exceed above longer_than 超过 以上 多于 大于",
     "less_than fewer_than under below 不到 以下 少于 小于"),
    ("within 以内 之内", "after outside_of beyond 之后 以后 以外"),
    ("always 总是 必须", "never 从不 不必"),
    ("must required need_to has_to have_to 必须 应当", "may optional need_not 无需 不必 不需要"),
    ("buy bought purchas 买入 购买", "sell sold 卖出 出售"),
    ("win won 战胜 胜 获胜", "lose lost 败 战败 输给"),
    ("first earliest 最早 首次 首个 首位 第一", "last latest 最后 最晚 末位 最近"),
    ("largest biggest most highest greatest maximum 最大 最高 最多 最长",
     "smallest least lowest minimum 最小 最低 最少 最短"),
    ("larger bigger greater more longer 较大 较多 更大 更多 更高 更长",
     "smaller less fewer shorter 较小 较少 更小 更少 更低 更短"),
    ("north 北部 北方 以北", "south 南部 南方 以南"),
    ("east 东部 东方 以东", "west 西部 西方 以西"),
    ("free 免费", "paid charged 收费"),
    ("include including 包括 包含", "exclude excluding except 不包括 除外"),
    ("only solely 仅 只能", "also 也可"),
    ("all every each 全部 所有", "none no_one 没有一个"),
    ("open opens start starts began begin 开始 开放", "close closes end ends ended 结束 关闭"),
    ("with 有", "without 没有 无"),
    ("same 相同", "different 不同"),
    ("success succeed 成功", "fail 失败"),
    ("approv accept 同意 批准", "reject refus den 拒绝 驳回"),
)  # fmt: skip
# Opposites of one character, where that character alone was changed.
FACING = frozenset(map(frozenset, "前后 内外 大小 高低 多少 增减 升降 早晚 买卖 进出 男女 东西 南北 左右 上下".split()))


def _any(words: str) -> re.Pattern[str]:
    """Beginnings of English words; Chinese ones anywhere, for they have no edges."""
    return re.compile("|".join(rf"\b{w.replace('_', ' ')}" if w.isascii() else w for w in words.split()), re.I)


_OPPOSED = [(_any(one), _any(other)) for one, other in OPPOSITES]
OPPOSITE = re.compile("|".join(side.pattern for sides in _OPPOSED for side in sides), re.I)


def negated(text: str) -> int:
    """How many negations it holds; double ones cancel where only the parity is looked at."""
    return len(NEGATION.findall(NOT_NEGATION.sub(" ", text)))


def opposed(a: str, b: str) -> bool:
    """One denies what the other says: an odd number of negations and opposite words between them."""
    turns = negated(a) - negated(b)
    for one, other in _OPPOSED:
        says_a, says_b = (bool(one.search(t)) - bool(other.search(t)) for t in (a, b))
        turns += says_a * says_b == -1
    return turns % 2 == 1


def turned_round(ours: str, theirs: str) -> bool:
    """Some pair of opposites stands one in each, and neither text has the other's word."""
    for one, other in _OPPOSED:
        first = one.search(ours), other.search(ours)
        second = one.search(theirs), other.search(theirs)
        if (first[0] and second[1] and not second[0]) or (first[1] and second[0] and not second[1]):
            return True
    return frozenset((ours, theirs)) in FACING


def neutral(bag: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in bag if not OPPOSITE.search(word))
