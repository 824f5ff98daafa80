"""The kinds of personal data, how one of them is told by its shape, and what around it says that it is none."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from tools.personal import numbers as numbers
from workspace.words import Words

Kind = Literal[
    "NAME", "ADDRESS", "PHONE", "EMAIL", "ID", "CARD", "PASSPORT", "PLATE", "ACCOUNT", "COMPANY_ID", "KEY", "IP",
    "MAC", "IBAN", "SSN", "LICENCE", "BIRTH", "AGE", "URL", "POSTCODE", "CVV", "EXPIRY", "CRYPTO",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
WORDS: dict[Kind, Words] = {
    "NAME": Words("name", "姓名"),
    "ADDRESS": Words("address", "地址"),
    "PHONE": Words("phone number", "电话号码"),
    "EMAIL": Words("e-mail", "邮箱"),
    "ID": Words("identity number", "身份证号"),
    "CARD": Words("card number", "银行卡号"),
    "PASSPORT": Words("passport", "护照号"),
    "PLATE": Words("number plate", "车牌号"),
    "ACCOUNT": Words("chat account", "微信或 QQ 号"),
    "COMPANY_ID": Words("social credit code", "统一社会信用代码"),
    "KEY": Words("key or password", "密钥或密码"),
    "IP": Words("IP address", "IP 地址"),
    "MAC": Words("device address", "设备地址"),
    "IBAN": Words("IBAN", "国际银行账号"),
    "SSN": Words("social security number", "社会保障号"),
    "LICENCE": Words("driving licence", "驾驶证号"),
    "BIRTH": Words("date of birth", "出生日期"),
    "AGE": Words("age", "年龄"),
    "URL": Words("personal page", "个人主页"),
    "POSTCODE": Words("postcode", "邮编"),
    "CVV": Words("card security code", "卡安全码"),
    "EXPIRY": Words("card expiry", "卡有效期"),
    "CRYPTO": Words("wallet address", "钱包地址"),
}

# Chinese surnames of two characters.
COMPOUND = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 "
    "宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 呼延 百里 "
    "东郭 南门 西门 拓跋 纳兰 轩辕 第五 "
).split()


@dataclass(frozen=True)
class Shape:
    """`body` is plain RE2, so that one set of all of them can say which are worth trying; its group 1, if it has one,
    is the value, and what stands before it the words that give it away. `before` and `after` fence it.

    `test` gets the value and the match.
    """

    kind: Kind
    body: str
    before: str = r"(?<![0-9A-Za-z])"
    after: str = r"(?![0-9A-Za-z])"
    test: Callable[[str, re.Match[str]], bool] = lambda value, found: True


def only(check: Callable[[str], bool]) -> Callable[[str, re.Match[str]], bool]:
    return lambda value, found: check(value)


# Right before a number these say that it is none of a person's.
OTHER = re.compile(
    r"(?:订单|单据|运单|物流|快递|流水|工单|批次|货|商品|产品|合同|发票|票据|案件|序列|设备|凭证|交易|编|单|型|版本|"
    r"order|invoice|ticket|tracking|shipment|parcel|waybill|serial|sku|item|product|model|version|batch|case|"
    r"reference|ref|transaction|isbn|issn|doi|build)\s?(?:号码|编号|编码|单号|号|代码|no|number|num|id|code|#)?"
    r"\s?(?:is|was|为|是|[.:#：=])?\s{0,2}[#\"'“]?$",
    re.I,
)
CUED = re.compile(
    r"(?:tel|phone|mobile|cell|mob|call|fax|whatsapp|text|ph|dial|ring|sms|reach|contact|answer(?:ing)?|电话|手机|座机|致电|号码|联系|传真|热线|拨打?)"
    r"[^0-9\n]{0,12}$",
    re.I,
)
CUED_BEHIND = re.compile(r"\s?[-(,]?\s?(?:office|fax|mobile|cell|home|work|tel)\b", re.I)
AMOUNT = re.compile(r"\s?(?:元|块|万|亿|次|个|件|人|美元|字节|公里|米|%|percent|dollars|usd|rmb|bytes|rows)", re.I)


def _named_otherwise(found: re.Match[str]) -> bool:
    start = found.start()
    return OTHER.search(found.string, max(0, start - 24), start) is not None


def is_cued(found: re.Match[str]) -> bool:
    return CUED.search(found.string, max(0, found.start() - 24), found.start()) is not None


def is_mobile(value: str, found: re.Match[str]) -> bool:
    if is_cued(found):
        return True
    start, end = found.span()
    money = found.string[max(0, start - 1) : start] in tuple("¥$€£￥") or AMOUNT.match(found.string, end)
    return not (
        money or (found.string[max(0, start - 1) : start].isalpha() and _letter(found)) or _named_otherwise(found)
    )


def _letter(found: re.Match[str]) -> bool:
    """A Latin letter right before: part of a number of goods, and no phone."""
    return found.string[found.start() - 1].isascii()


def is_international(value: str, found: re.Match[str]) -> bool:
    digits = sum(map(str.isdigit, value))
    return 8 <= digits <= 15 and not _named_otherwise(found)


def is_national(value: str, found: re.Match[str]) -> bool:
    """Groups of a number as it is written at home; without groups only after a word for phone."""
    digits = sum(map(str.isdigit, value.split("x")[0].split("转")[0]))
    if not 7 <= digits <= 14 or _named_otherwise(found):
        return False
    return is_cued(found) or (digits >= 9 and not numbers.card(value) and not DATED.search(value))


def is_local(value: str, found: re.Match[str]) -> bool:
    """Groups that only a word beside them makes a phone number."""
    digits = sum(map(str.isdigit, value))
    said = is_cued(found) or CUED_BEHIND.match(found.string, found.end()) is not None
    return 7 <= digits <= 14 and said and not DATED.search(value)


DATED = re.compile(r"^(?:19|20)\d\d[-. /]\d\d?[-. /]\d\d?(?!\d)")


def not_named_otherwise(value: str, found: re.Match[str]) -> bool:
    return not _named_otherwise(found)


def is_card(value: str, found: re.Match[str]) -> bool:
    return numbers.card(value) and not _named_otherwise(found)


def is_old_id(value: str, found: re.Match[str]) -> bool:
    return numbers.chinese_id(value) and not _named_otherwise(found)


def has_digits(value: str, found: re.Match[str]) -> bool:
    return sum(map(str.isdigit, value)) >= 4


def entropy(text: str) -> float:
    """Bits a character."""
    counts, total = Counter(text), len(text)
    return -sum(n / total * math.log2(n / total) for n in counts.values())


def is_secret(value: str, found: re.Match[str]) -> bool:
    """No word of a language: letters and digits mixed, or signs among them, and few of them twice."""
    kinds = sum(bool(re.search(p, value)) for p in (r"[a-z]", r"[A-Z]", r"\d", r"[^\w\s]"))
    return kinds >= 2 and any(c.isdigit() for c in value) and entropy(value) >= min(3.0, math.log2(len(value)) - 0.6)


def has_a_digit(value: str, found: re.Match[str]) -> bool:
    return any(c.isdigit() for c in value)


def is_ip(value: str, found: re.Match[str]) -> bool:
    before = found.string[max(0, found.start() - 10) : found.start()]
    return numbers.address(value) and not re.search(r"(?:v|ver|version|版本|release|build)[ :.：号]*$", before, re.I)


def is_common(word: str) -> bool:
    """A word that says something about a chat app, and no account."""
    return word.lower().startswith(("account", "group", "number", "public", "official", "message", "payment", "wallet"))
