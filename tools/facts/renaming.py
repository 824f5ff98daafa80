"""When a changed word is a name: of a person, a place, an organisation, a work or a product."""

from __future__ import annotations

import re

from tools.facts.claims import STOP, stem
from tools.figures.dates import MONTHS

CAPITAL = re.compile(r"[A-Z][A-Za-z]*")
BETWEEN = frozenset("of the and de la van von der den du al for in".split())
WORDS = re.compile(r"[A-Za-z]+|\d+")
# What a Chinese name ends with; a changed run may end before it, where both names share the ending.
ENDING = re.compile(
    r"(?:公司|集团|大学|学院|中学|小学|医院|银行|部队|协会|委员会|研究所|电视台|出版社|球队|俱乐部|机场|车站|火车站|"
    r"[省市县区镇乡村国州府郡岛山河江湖海路街道桥寺庙塔宫殿城站线军党派族朝奖杯报社队])"
)
MARKED = re.compile(r"《[^《》]+》|“[^“”]+”|「[^「」]+」|[\u4e00-\u9fff]+·[\u4e00-\u9fff·]+")
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)


def another_name(ours: str, theirs: str, claim: str, sentence: str, our_start: int, their_start: int) -> bool:
    """Both runs are names, and not two ways to write one."""
    if _one_in_other(ours, theirs):
        return False
    if ours.isascii() and theirs.isascii():
        return _english(ours, claim, our_start) and _english(theirs, sentence, their_start)
    return _chinese(ours, claim, our_start) and _chinese(theirs, sentence, their_start)


def _one_in_other(one: str, other: str) -> bool:
    """Parts of each other, initials, or the same stem: "Obama" and "Barack Obama", "USA", "France" and "French"."""
    a, b = one.lower(), other.lower()
    if not a or not b or a in b or b in a:
        return True
    if not one.isascii() or not other.isascii():
        return len(set(a) & set(b)) >= min(len(a), len(b)) and len(a) != len(b)
    words_a, words_b = WORDS.findall(a), WORDS.findall(b)
    if set(words_a) & set(words_b) - STOP:
        return len(words_a) != len(words_b)
    if "".join(w[0] for w in words_a) == b or "".join(w[0] for w in words_b) == a:
        return True
    return any(stem(x)[:4] == stem(y)[:4] for x in words_a for y in words_b if x not in STOP)


def _english(run: str, text: str, start: int) -> bool:
    """A capital letter inside a sentence, and nothing but a name's small words beside it."""
    words = re.findall(r"[A-Za-z]+", run)
    capitals = [w for w in words if CAPITAL.fullmatch(w) and w.lower() not in STOP]
    if not capitals or any(w.lower() in MONTHS for w in capitals):
        return False
    if any(w.islower() and w not in BETWEEN for w in words) or re.search(r"\d", run):
        return False
    opens = not text[:start].strip(" \"'“‘(*-") or text[:start].rstrip().endswith((".", "!", "?", ":"))
    return not opens or len(capitals) > 1 or bool(re.search(rf"[a-z,] {re.escape(capitals[0])}\b", text))


def _chinese(run: str, text: str, start: int) -> bool:
    end = start + len(run)
    if re.search(r"[A-Za-z]{2,}", run) and not re.search(r"[\u4e00-\u9fff]{3,}", run):
        return True
    if any(m.start() <= start and end <= m.end() for m in MARKED.finditer(text)):
        return True
    if re.search(f"(?:{ENDING.pattern})$", run) or ENDING.match(text, end):
        return len(run) >= 2
    return 2 <= len(run) <= 3 and run[0] in SURNAMES
