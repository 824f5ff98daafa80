"""How relations are said, in both languages: verbs, nouns, and which side of them is whose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tools.facts.claims import stem
from tools.names import folded

Role = Literal["forward", "backward", "noun", "inverse"]
# Of the owner X and the value Y: "X is based in Y" is forward, "Y bought X" backward, "X's founder is Y" a noun, and
# "Y's subsidiary is X" an inverse one.


@dataclass(frozen=True, slots=True)
class Family:
    """Words for one relation. `one`: an owner has one value at a time; `other`: a value has one owner at a time.

    None: the person's own data tell. An `event` happens at its begin, and then stays so.
    """

    key: str
    forward: tuple[str, ...] = ()
    backward: tuple[str, ...] = ()
    noun: tuple[str, ...] = ()
    inverse: tuple[str, ...] = ()
    one: bool | None = None
    other: bool | None = False
    event: bool = False
    mutual: bool = False


def _family(key: str, one: bool | None = True, **words: str) -> Family:
    flags = words.pop("flags", "")
    roles = {role: tuple(said.split("|")) for role, said in words.items()}
    event, mutual, other = ("event" in flags), ("mutual" in flags), ("other" in flags)
    return Family(key, one=one, other=other or mutual, event=event, mutual=mutual, **roles)


FAMILIES = (
    _family(
        "acquirer",
        backward="acquire|buy|take over|purchase|buy out|acquisition|takeover|收购|并购|买下|买入|兼并|购入",
        noun="acquirer|buyer|收购方|买方|收购者",
        flags="event",
    ),
    _family(
        "founder",
        None,
        backward="found|co-found|cofound|establish|set up|创立|创办|创建|成立|建立|共同创立|联合创办",
        noun="founder|co-founder|cofounder|创始人|创办人|创立者|联合创始人|创建者",
        flags="event",
    ),
    _family(
        "founding date",
        forward="founded in|established in|founded on|established on|成立于|创立于|创建于|始建于|建于|创办于",
        noun="founding date|founding year|inception|成立时间|成立日期|创立时间|成立年份|建成时间",
        flags="event",
    ),
    _family("owner", None, backward="own|拥有|持有|控股", noun="owner|proprietor|所有者|拥有者|业主|所有人"),
    _family(
        "parent company",
        forward="part of|belong to|owned subsidiary of|隶属于|属于|归属于",
        noun="parent company|parent|parent organization|holding company|母公司|总公司|上级单位|控股公司",
        inverse="subsidiary|division|子公司|分公司|下属公司",
    ),
    _family("ceo", backward="lead|head|run", noun="ceo|chief executive officer|chief executive|首席执行官|行政总裁"),
    _family("chair", backward="chair", noun="chairman|chairwoman|chairperson|chair|董事长|董事会主席|主席"),
    _family("president", noun="president|总统|总裁|校长|会长|院长"),
    _family("general manager", noun="general manager|managing director|总经理"),
    _family("cfo", noun="cfo|chief financial officer|首席财务官|财务总监"),
    _family("cto", noun="cto|chief technology officer|首席技术官|技术总监"),
    _family("head coach", backward="coach", noun="head coach|coach|manager|主教练|教练"),
    _family("mayor", noun="mayor|市长"),
    _family("prime minister", noun="prime minister|premier|首相|总理"),
    _family(
        "headquarters",
        forward="headquartered in|headquartered at|headquartered|based in|总部位于|总部设在|总部设于|总部在|总部坐落于",
        noun="headquarters|headquarters location|head office|hq|总部|总部所在地|总部地点",
    ),
    _family(
        "location",
        forward="located in|located at|located|situated in|situated|lie in|stand in|位于|坐落于|坐落在|地处|坐落",
        noun="location|place|位置|所在地|所在城市|所在国家|地理位置|所在区",
    ),
    _family("address", forward="located at|位于|坐落于|坐落在|地处", noun="address|street address|地址|详细地址|住址"),
    _family("phone", noun="phone|phone number|telephone|telephone number|hotline|电话|电话号码|联系电话|联系方式|热线"),
    _family("rating", noun="rating|score|评分|得分|分数"),
    _family("ticket", noun="ticket|ticket price|admission|admission fee|entrance fee|门票|门票价格|票价|门票费用"),
    _family("price", forward="cost|sell for|售价为|卖", noun="price|list price|retail price|价格|售价|单价|标价|定价"),
    _family("hours", noun="opening hours|business hours|hours|营业时间|开放时间|开馆时间"),
    _family("warranty", noun="warranty|warranty period|guarantee|保修期|质保期|保修时间|保质期"),
    _family("capital", noun="capital|capital city|首都|省会|首府", flags="other"),
    _family(
        "birth date",
        forward="born on|born in|born|出生于|生于",
        noun="date of birth|birth date|birthday|birthdate|生日|出生日期",
    ),
    _family(
        "birthplace",
        forward="born in|born at|出生在|出生于|生于",
        noun="birthplace|place of birth|hometown|出生地|籍贯|家乡|出生地点",
    ),
    _family(
        "author",
        None,
        backward="write|author|pen|写|写作|撰写|创作|著",
        noun="author|writer|作者|著者|撰稿人",
        flags="event",
    ),
    _family("director", None, backward="direct|执导|导演了", noun="director|导演|主管|负责人"),
    _family(
        "maker",
        None,
        backward="make|manufacture|produce|build|生产|制造|出品",
        noun="manufacturer|maker|producer|brand|生产商|制造商|厂商|厂家|生产厂家|品牌|生产企业",
    ),
    _family("developer", None, backward="develop|开发|研发|研制", noun="developer|开发商|开发者|研发公司"),
    _family("inventor", None, backward="invent|discover|发明|发现", noun="inventor|discoverer|发明者|发明人|发现者"),
    _family("designer", None, backward="design|设计", noun="designer|architect|设计师|设计者|建筑师"),
    _family("supplier", None, backward="supply|供应|供货", noun="supplier|vendor|供应商|供货商"),
    _family("investor", False, backward="invest in|投资|注资", noun="investor|投资方|投资者|投资人"),
    _family(
        "spouse",
        forward="married|married to|marry|娶|嫁给|结婚",
        noun="spouse|wife|husband|妻子|丈夫|配偶|夫人",
        flags="mutual",
    ),
    _family("merger", None, forward="merge with|合并", flags="mutual event"),
    _family(
        "employer", None, forward="work for|work at|employed by|就职于|任职于|供职于", noun="employer|雇主|工作单位"
    ),
    _family("member", False, forward="member of|join|加入|是成员", noun="membership"),
    _family("currency", noun="currency|货币|法定货币"),
    _family("official language", None, noun="official language|language|官方语言"),
    _family("population", noun="population|人口|人口数量"),
    _family("nationality", None, noun="nationality|citizenship|国籍"),
    _family("school", False, forward="graduate from|study at|毕业于|就读于", noun="alma mater|母校|毕业院校"),
    _family("team", forward="play for|效力于", noun="team|球队|所属球队"),
    _family(
        "successor",
        None,
        backward="succeed|replace|接替|取代|接任",
        noun="successor|继任者|接班人",
        inverse="predecessor|前任",
    ),
    _family("metro", noun="nearest metro|subway station|metro station|地铁|地铁站|最近地铁站"),
    _family("colour", None, noun="colour|color|颜色"),
    _family("material", None, noun="material|材质|材料"),
    _family("weight", noun="weight|重量|净重"),
)
PAST = (
    "buy bought,take took taken,set set,lead led,run ran,make made,build built,write wrote written,sell sold,lie lay,"
    "stand stood,win won,become became,beat beaten,give gave given,hold held,bring brought,teach taught,draw drew drawn"
)
IRREGULAR = {first: rest for first, _, rest in (forms.partition(" ") for forms in PAST.split(","))}
LEADING = re.compile(r"^(?:(?:is|was|are|were|be|been|has|have|had|being|did|does|the|an?)\s+)+", re.I)
CJK = re.compile(r"[\u4e00-\u9fff]")
FLIPPED: dict[Role, Role] = {"forward": "backward", "backward": "forward", "noun": "inverse", "inverse": "noun"}


def spelled(relation: str) -> str:
    """ "acquiredBy", "is_the_CEO_of" and "CEO  of" as they would be said."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", relation.strip())
    words = re.sub(r"[\s_\-]+", " ", folded(words)).strip() if " " not in relation else folded(relation.strip())
    return LEADING.sub("", words) or words


@cache
def _said() -> dict[str, tuple[Family, Role]]:
    """Every form of every word of the families; the first family that has it wins."""
    found: dict[str, tuple[Family, Role]] = {}
    for family in FAMILIES:
        roles: tuple[Role, ...] = ("forward", "backward", "noun", "inverse")
        for role in roles:
            for word in getattr(family, role):
                for form in forms(word, role):
                    found.setdefault(form, (family, role))
    return found


def forms(word: str, role: Role) -> tuple[str, ...]:
    """The ways in which a phrase is inflected; Chinese is not."""
    if CJK.search(word):
        return (word,)
    first, _, rest = word.partition(" ")
    if role in ("noun", "inverse"):
        return (word, word + "s") if not word.endswith("s") else (word,)
    if first.endswith(("ed", "tion")) or first in ("takeover", "born", "part", "member"):
        return (word,)
    base = first[:-1] if first.endswith("e") else first
    soft = first[:-1] if re.search(r"[^aeiou]y$", first) else ""
    s, past = (soft + "ies", soft + "ied") if soft else (first + "s", base + "ed")
    s = first + "es" if first.endswith(("s", "sh", "ch", "x")) else s
    found = [first, s, *(IRREGULAR.get(first) or past).split(), base + "ing"]
    return tuple(f"{form} {rest}".strip() for form in dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a relation of the person's is: its family, and the role that its own name plays in it."""

    family: Family
    role: Role

    @property
    def turned(self) -> bool:
        """Its subject is the family's value."""
        return self.role in ("backward", "inverse")


def meaning(relation: str, dated: bool) -> Meaning:
    """`dated`: its objects are dates. One that no family knows is a family of its own."""
    said = spelled(relation)
    if dated and said in ("founded", "established", "创立", "成立", "创建", "建立"):
        return Meaning(_named("founding date"), "forward")
    if dated and said in ("born", "出生"):
        return Meaning(_named("birth date"), "forward")
    known = _said().get(said)
    if known:
        return Meaning(*known)
    for ending, roles in ((" of", ("noun", "inverse")), (" by", ("backward", "forward"))):
        known = _said().get(said.removesuffix(ending)) if said.endswith(ending) else None
        if known and known[1] in roles:
            return Meaning(known[0], FLIPPED[known[1]])
    known = _said().get(said[1:]) if said[:1] in ("被", "由") else None
    if known and known[1] == "backward":
        return Meaning(known[0], "forward")
    return _own(said)


def _named(key: str) -> Family:
    return next(family for family in FAMILIES if family.key == key)


def _own(said: str) -> Meaning:
    """A person's own relation: what reads like a verb is what the subject does, a noun is what it has."""
    first, last = said.split(" ")[0], said.split(" ")[-1]
    if not CJK.search(said):
        if last == "of" and len(said) > 3:
            return Meaning(Family(said, noun=(said.removesuffix(" of"),)), "inverse")
        if last == "by" and first.endswith(("ed", "en")):
            return Meaning(Family(said, backward=(said.removesuffix(" by"),)), "forward")
        verb = first.endswith("ed") or last in ("in", "to", "with", "from", "at", "on", "for")
        if verb or (first.endswith("s") and not first.endswith(("ss", "us", "is"))):
            return Meaning(Family(said, forward=_verbs(said)), "forward")
    return Meaning(Family(said, noun=(said,)), "noun")


def _verbs(said: str) -> tuple[str, ...]:
    """The forms of a verb of which one is given: "supplies" also as "supplied"."""
    first, _, rest = said.partition(" ")
    for guess in (first.removesuffix("ies") + "y", first.removesuffix("s"), first.removesuffix("ed"), stem(first)):
        for base in (guess, guess + "e"):
            if said in forms(f"{base} {rest}".strip(), "forward"):
                return forms(f"{base} {rest}".strip(), "forward")
    return (said,)


@dataclass(frozen=True, slots=True)
class Said:
    """A relation where a text names it."""

    start: int
    end: int
    family: str
    role: Role


class Phrases:
    """Finds the relations of a person's file, by the words of their families and by those that the person gave."""

    def __init__(self, used: Iterable[Meaning], more: Iterable[tuple[str, Meaning]]) -> None:
        means: dict[str, dict[tuple[str, Role], None]] = {}
        for phrase, given in more:
            verb = given.role in ("forward", "backward")
            for form in _verbs(spelled(phrase)) if verb else (spelled(phrase),):
                means.setdefault(form, {})[given.family.key, given.role] = None
        for family in dict.fromkeys(given.family for given in used):
            for form, role in _forms_of(family):
                means.setdefault(form, {})[family.key, role] = None
        self._means = {form: tuple(found) for form, found in means.items() if form}
        ordered = sorted(self._means, key=len, reverse=True)
        parts = [form if CJK.search(form) else rf"(?<![a-z0-9]){re.escape(form)}(?![a-z0-9])" for form in ordered]
        self._pattern = re.compile("|".join(parts)) if parts else None

    def find(self, text: str) -> list[Said]:
        if self._pattern is None:
            return []
        places = self._pattern.finditer(folded(text))
        return [Said(m.start(), m.end(), *means) for m in places for means in self._means[m.group()]]


def _forms_of(family: Family) -> Iterator[tuple[str, Role]]:
    roles: tuple[Role, ...] = ("forward", "backward", "noun", "inverse")
    for role in roles:
        for word in getattr(family, role):
            for form in forms(word, role):
                yield form, role
