"""What the name of a column says about its cells: under 姓名 or phone every cell is one, whatever it looks like."""

from __future__ import annotations

import re
from functools import cache

from tools.personal.shapes import Kind
from workspace.words import CHINESE

# In this order; a name of a column is compared in small letters, with its parts set apart by a space.
COLUMNS: tuple[tuple[Kind, str], ...] = (
    ("EMAIL", r"\be ?mail|邮箱|邮件地址|电邮"),
    ("IP", r"\bip(?: addr(?:ess)?)?\b|ip ?地址"),
    ("MAC", r"\bmac(?: addr(?:ess)?)?\b|mac ?地址"),
    ("CVV", r"\bcvv2?\b|\bcvc\b|security code|安全码"),
    ("SSN", r"\bssn\b|social security|社保号|社会保障号"),
    ("IBAN", r"\biban\b"),
    ("PASSPORT", r"passport|护照"),
    ("LICENCE", r"driv(?:er|ing)s? licen[cs]e|驾驶证|驾照"),
    ("PLATE", r"(?:licen[cs]e|number) plate|\bplate (?:no|number)|车牌"),
    ("ID", r"身份证|证件号|identity (?:card|number)|\bnational id\b|\bid card\b|\bid ?no\b"),
    ("COMPANY_ID", r"信用代码"),
    ("CARD", r"(?:card|account) ?(?:no|num(?:ber)?)\b|\b(?:credit|debit|bank) card\b|卡号|银行卡|银行账[号户]"),
    ("ACCOUNT", r"\bwe ?chat\b|\bqq\b|微信|扣扣|whatsapp"),
    ("BIRTH", r"\bdob\b|birth ?(?:day|date)|date of birth|出生日期|生日|出生年月"),
    ("AGE", r"^age$|年龄"),
    ("PHONE", r"\b(?:tele)?phone\b|\bmobile\b|\bcell\b|\btel\b|\bfax\b|电话|手机|联系方式|座机|传真"),
    ("POSTCODE", r"\bzip\b|zip ?code|post(?:al)? ?code|邮编|邮政编码"),
    ("KEY", r"password|passwd|\bpwd\b|api ?key|secret|密码|密钥"),
    ("ADDRESS", r"\baddress\s?(?:line)?\s?\d?$|\bstreet$|(?<!网)地址|住址|住所"),
    (
        "NAME",
        r"姓名|^名字$|联系人|收[件货]人|发件人|寄件人|持卡人|患者名?$|紧急联系|户主|法人代表|法定代表人|"
        r"\b(?:first|last|given|family|middle|full|sur|maiden|customer|client|patient|employee|person|contact|user|"
        r"recipient|sender|student|teacher|owner|holder|guest|member|applicant|author) ?name\b|^surname$|"
        r"^(?:contact|recipient|cardholder)(?: person)?$",
    ),
)  # fmt: skip
# What an empty cell is filled with.
NOTHING = re.compile(r"(?i:n/?a|none|null|nil|unknown|tbd|empty|anonymous)|无|未知|不详|暂无|空|匿名|待定|[\W_]*")
DIGITS: dict[Kind, int] = {
    "PHONE": 5,
    "CARD": 8,
    "ID": 6,
    "SSN": 7,
    "CVV": 3,
    "POSTCODE": 3,
    "BIRTH": 3,
    "PASSPORT": 4,
    "LICENCE": 4,
    "IP": 4,
    "IBAN": 6,
    "MAC": 1,
    "PLATE": 1,
    "AGE": 1,
    "COMPANY_ID": 8,
}
LONGEST = 120  # characters; what is longer is a text about it


# Columns of texts, or of what may be a person: a short cell of another column, a town or a ward, is no place to look
# for names, for nothing around it tells them from others.
TELLING = re.compile(
    r"text|comment|note|messag|question|answer|instruction|input|output|prompt|completion|response|content|body|"
    r"description|remark|subject|title|summary|query|utterance|name|person|user|author|owner|people|agent|contact|patient|student|member|assignee|"
    r"内容|备注|留言|评论|文本|问题|回答|描述|说明|正文|标题|摘要|人|名|客户|用户|经办|对话|反馈"
)
# Columns of what has a name and is nobody.
THINGS = re.compile(
    r"(?:hospital|product|county|city|state|country|company|measure|file|brand|item|event|school|store|shop|model|"
    r"category|project|course|book|movie|song|table|site|domain|host|device|app|service|place|street|region|job|task|"
    r"class|label|type|bank|team|branch|department|provider|facility|organi[sz]ation)s? ?_?-?names?$|名称|"
    r"(?:产品|商品|公司|医院|城市|项目|品牌|书|店|学校|课程|文件|部门|银行|地区|国家|省份)名$",
    re.I,
)
SHORT = 4  # words, a Chinese character counting half of one


def telling(column: str, cell: str) -> bool:
    """Whether names are to be looked for in a cell; in what is no cell they always are."""
    if THINGS.search(column):
        return False
    if not column or cell[:1] in ("{", "[") or TELLING.search(column.lower()):
        return True
    return len(cell.split()) > SHORT or len(CHINESE.findall(cell)) > 2 * SHORT


@cache
def kind_of(column: str) -> Kind | None:
    """`customerName`, `customer_name` and `Customer name` are one."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-./]+", " ", column).lower().strip()
    return next((kind for kind, pattern in COLUMNS if re.search(pattern, words)), None)


def whole(column: str, cell: str) -> Kind | None:
    """The kind, if the column says so and the cell could be one."""
    kind = kind_of(column) if column and cell and len(cell) <= LONGEST else None
    if kind is None or NOTHING.fullmatch(cell.strip()):
        return None
    digits = sum(map(str.isdigit, cell))
    if digits < DIGITS.get(kind, 0) or (kind == "EMAIL" and "@" not in cell):
        return None
    if kind == "NAME" and (digits or len(cell) > 60):
        return None
    if kind == "AGE" and not re.fullmatch(r"\s*\d{1,3}\s*", cell):
        return None
    return kind
