"""Whether a text is an advertisement: it says how to be reached, and it sells; or it says what only spam says."""

from __future__ import annotations

from functools import cache
from typing import Any

PRESSES = 2  # what a pressing word weighs against one that sells
LEAST = 4  # weight of the different words, beside a way to be reached
LONG = 200  # characters, for each of which one more is wanted
CONTACT = (
    r"(?:加|\+|➕)\s*(?:我|微|薇|威|徽|v|wx|vx|qq|扣扣|群|好友)"
    r"|(?:微信|威信|薇信|\bvx?x|\bwx|v信|qq|扣扣|q群)(?:号|群)?\s*[:：]?\s*[a-z0-9_-]{5,}|扫码|扫一扫|二维码|私信我"
    r"|私聊|联系我|咨询热线|订购热线|抢购热线|点击(?:下方|下面|上方|此处|这里)?链接|戳链接|进群|电报群|https?://"
    r"|\bwww\.|\bt\.me/|\bbit\.ly/|\b(?:telegram|whats\s?app|wechat|viber)\b\s*(?:me|us|at|:|\+|@)"
    r"|\bcall (?:us )?(?:now|today)|\btext (?:us|me|now)|\bdm (?:me|us|now)\b"
    r"|\bclick (?:here|below|the link|this link|now)|\bvisit (?:us|our (?:site|website|store|page|shop))"
    r"|\blink in (?:the )?bio|\b1?[- ]?8(?:00|88|77|66)[- ]\d{3}[- ]\d{4}"
)
# What honest shops seldom say to somebody who asks them something.
PRESSING = (
    r"限时|秒杀|清仓|全网最低|最低价|厂家直销|一手货源|货到付款|假一赔十|正品保证|买一送一|免费领|领取(?:红包|礼包|福利)"
    r"|日赚|月入|稳赚|躺赚|轻松赚|高薪|日结|诚招|招商加盟|代理加盟|包过|包治|祖传|秘方|无抵押|秒批|提额|套现|名额有限"
    r"|先到先得|仅剩|最后\d+天|欲购从速|开户送|充值送|恭喜.{0,6}中奖|内部资料|内幕|零风险|保证收益|不看征信|只需.{0,3}邮费"
    r"|\b(?:limited[- ]time|exclusive) (?:offer|deal|discount)s?|\bact now|\bbuy (?:now|today)|\border (?:now|today)"
    r"|\blowest prices?|\bmoney[- ]back|\brisk[- ]free|\bno credit check|\bdouble your"
    r"|\bwhile (?:supplies|stocks?) last|\bguaranteed (?:results|income|approval)|\bearn (?:up to )?\$?\d[\d,]*"
    r"|\b(?:make|made) (?:money|\$\d[\d,]*)|\bextra (?:cash|income)|\bwork from home|\bcasino\b|\bjackpot\b|\bhurry\b"
    r"|\blose weight fast|\b(?:simple|weird) trick"
    r"|\byou(?:'ve| have) (?:won|been selected)\b|\bclaim your\b|\bto claim\b"
    r"|\bfree (?:trial|gift|quote|consultation|samples?)"
)
SELLING = (
    r"特价|包邮|低价|批发价|优惠券|红包|返利|返现|兼职|加盟|放款|低息|贷款|抢购|下单|订购|热卖|爆款|折扣|赠品"
    r"|\b\d{1,2}% off\b|\bspecial (?:offer|deal|discount)s?|\bbest (?:price|deal)s?\b|\bfree shipping"
    r"|\bclearance\b|\bcoupon|\bpromo(?:tion)? code|\bdiscount|\bsubscribe (?:now|today)|\bsign up (?:now|today)"
    r"|\bweight loss\b|\bsale\b"
)
# Nobody says these but to sell; one of them with a way to be reached is enough.
SPAM = (
    r"代开.{0,6}发票|刷单|包小姐|同城约|裸聊|六合彩|时时彩|私彩|博彩平台|棋牌.{0,4}(?:上分|充值)|办假证"
    r"|黑户.{0,4}贷|信用卡套现|刷信誉|外挂.{0,4}(?:出售|低价)|出售.{0,6}(?:账号|数据|个人信息)|\bviagra\b"
    r"|\bcialis\b|\bpenis enlarg|\bescorts?\b.{0,30}\b(?:call|available)|\bonline casino\b|\bpayday loans?\b"
    r"|\breplica (?:watches|bags)|\bcrypto(?:currency)? (?:giveaway|doubling)|\bsend \d+ (?:btc|eth)\b"
    r"|\bhot singles\b|\bbuy (?:followers|likes|backlinks)"
)


def selling(text: str) -> tuple[str, ...] | None:
    """What sells in it where it is an advertisement, else None."""
    if _compiled(CONTACT).search(text) is None:
        return None
    if spam := _compiled(SPAM).search(text):
        return (str(spam.group()),)
    pressing, weak = _said(PRESSING, text), _said(SELLING, text)
    weight = PRESSES * len(pressing) + len(weak)
    return (*pressing, *weak) if pressing and weight >= max(LEAST, len(text) / LONG) else None


def _said(pattern: str, text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match.group().casefold() for match in _compiled(pattern).finditer(text)))


@cache
def _compiled(pattern: str) -> Any:
    """RE2, for which a hundred words are no slower than one."""
    import re2

    return re2.compile(f"(?i){pattern}")
