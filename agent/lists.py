"""Lists in a person's own words: the kinds to tell apart, situations with their shares, and rules."""

from __future__ import annotations

import re
from itertools import pairwise

from agent.cues import MUST
from agent.quotes import PUNCTUATION, Number, is_talk, narrow, numbers, sentences
from workspace.stated import Label, Share

FILLER = re.compile(
    r"^(?:(?:and|or|like|say|about|around|roughly|maybe|perhaps|with|then|plus|also|just|so|well|ok(?:ay)?|um+|uh+|hm+|"
    r"i (?:guess|think)|we have|are|is|of|for|would be|should be|be|in)\b|[，,:：\-–—*•…]|\d+[.)、]|"
    r"大概|大约|差不多|还有|另外|以及|嗯+|呃+|就是|就有|主要有|应该是)\s*",
    re.I,
)
TAIL = re.compile(r"\s*(?:\b(?:or so|i guess|i think|maybe|please|of them)\b|吧|呢|哈|[，,:：.。!！;；])$", re.I)
# Beside a number these are small words; inside a label's name they are not (约 in 公约).
BESIDE = re.compile(r"^(?:the rest|剩下的?|其余的?|剩余的?|占|是|的|为|约|和)\s*|\s*(?:are|is|占|是|约|的|为)$", re.I)
REST = re.compile(r"\bthe (?:rest|others?|remainder)\b|\bremaining\b|剩下|其余|剩余|其他的?都", re.I)


def trimmed(words: str, *more: re.Pattern[str]) -> str:
    """Without the small words around a name."""
    before = None
    while before != words:
        before = words
        for pattern in (FILLER, TAIL, *more):
            words = pattern.sub("", words.strip())
    return words.strip(" \"'“”‘’「」")


def mix(text: str) -> tuple[Share, ...]:
    """Named shares that add up to 1, "the rest" filled in; () if the text holds none."""
    shares = named_shares(text)
    return shares if abs(sum(s.share for s in shares) - 1) < 0.02 else ()


def named_shares(text: str) -> tuple[Share, ...]:
    """The same, whatever they add up to."""
    pieces = re.split(r"[,，、;；。\n]|\.(?=\s|$)|\band\b|(?<=[%成半])和|以及|\+", text)
    parts = [part for piece in pieces if piece.strip() for part in _unglued(piece)]
    named = [(_name_beside(part, n), n) for part in parts for n in [_only_number(part)]]
    given = [(name, n) for name, n in named if n is not None and name]
    plain = [n.value for _, n in given if not n.share]
    whole = 1.0
    if plain and len(plain) == len(given) and sum(plain) in (1, 10, 100):
        whole = sum(plain)
    else:
        given = [(name, n) for name, n in given if n.share]
    shares = [Share(name=name, share=round(n.value / whole, 4)) for name, n in given]
    rest = next((p for p, (_, n) in zip(parts, named, strict=True) if n is None and REST.search(p)), None)
    left = round(1 - sum(s.share for s in shares), 4)
    if rest and shares and left > 0 and (name := trimmed(REST.sub("", rest), BESIDE)):
        shares.append(Share(name=name, share=left))
    return tuple(shares) if len(shares) > 1 else ()


def _unglued(piece: str) -> list[str]:
    """日常七成投诉三成 as two: cut after each share where the piece ends with one, else before each."""
    shares = [n for n in numbers(piece) if n.share]
    if len(shares) < 2:
        return [piece]
    ends = not piece[shares[-1].end :].strip()
    cuts = [0, *(n.end for n in shares)] if ends else [*(n.start for n in shares), len(piece)]
    return [piece[a:b] for a, b in pairwise(cuts)]


def _only_number(part: str) -> Number | None:
    found_here = numbers(part)
    shares = [n for n in found_here if n.share]
    return shares[0] if len(shares) == 1 else found_here[0] if len(found_here) == 1 else None


def _name_beside(part: str, n: Number | None) -> str:
    return trimmed(re.sub(r"[()（）\[\]【】]", " ", f"{part[: n.start]} {part[n.end :]}"), BESIDE) if n else ""


# Said to us beside a list. "Don't know" and "pass" may be labels, "I don't know" and "you decide" are none.
TO_US = re.compile(
    r"(?:or )?whatever(?: you.*)?|(?:but |so )?(?:you|pls|please) (?:decide|choose|pick|tell me)(?: .*)?|"
    r"(?:it'?s |that'?s )?up to you|as you (?:like|think|wish)|(?:that'?s )?your (?:call|choice|pick)|"
    r"(?:but )?i(?:'m| am)? (?:really |honestly |just )*(?:suppose|guess|think|reckon|imagine|dunno|"
    r"(?:don'?t|do not) (?:really )?(?:know|mind|care)|not (?:so |too |really |quite )?sure|have no (?:idea|clue))"
    r"(?: (?:so|that|yet|really))?|no (?:idea|clue)(?: .*)?|"
    r"(?:就|都)?(?:随便|随意)(?:你|您)?(?:吧|了)?|(?:就)?(?:由)?(?:你|您)(?:来)?(?:定|决定|看着[办来弄]|说了算)(?:吧|就行|就好)?|"
    r"看着办吧?|听(?:你|您)的吧?|我(?:也|真|其实)*(?:不太?|没)(?:知道|懂|清楚|确定|想好)(?:了|啊|呢)?|我(?:猜|估计|想)吧?|"
    r"没(?:什么)?(?:想法|主意|概念)",
    re.I,
)


def names(text: str) -> tuple[str, ...]:
    """The items of a list in one line or several, as the person wrote them."""
    pieces = re.split(
        r"[,，、;；/\n|]|\.(?=\s|$)|。|\band\b|\bor\b|以及|(?<=[\u4e00-\u9fff])[和或](?=[\u4e00-\u9fff])", text
    )
    items = [trimmed(piece) for piece in pieces]
    return tuple(dict.fromkeys(item for item in items if item and not TO_US.fullmatch(narrow(item))))


DEFINED = re.compile(
    r"^\W*(?P<name>[^:：=(（\n]{1,40}?)\s*(?:[:：=]|\s[-–—]+\s|——|[(（])\s*(?P<definition>[^\n]+?)[)）]?\s*$"
)
INTO = re.compile(
    r"\b(?:in ?to|(?<!such )as(?! for\b)|kinds?|labels?|categor(?:y|ies)|class(?:es)?|types?|groups?|buckets?|topics?|"
    r"intents?)\b"
    r"(?: (?:are|is|would be|should be|these|the following|one of|\w+ (?:kinds|labels|categories|classes|groups)))*"
    r"\s*[:：]?|\bby \w+\s*[:：]|(?:分成|分为|分到|归为|归到|归类为|类别[是有为]?|标签[是有为]?|类型[是有为]?)[:：]?",
    re.I,
)
BULLET = re.compile(r"^\s*(?:[-–—*•]|\d+[.)、])\s*(.+)$", re.M)
COUNTED = re.compile(
    r"(?:这?[一二两三四五六七八九十\d]+[个大]?(?:类|种|个?类别|个?标签)|几类|等).*$|\b(?:etc|that'?s (?:all|it)).*$",
    re.I,
)


def labels(text: str, asked: bool) -> tuple[Label, ...]:
    """Labels with definitions where given. Unasked, only a list after words such as "into" or 分成 is one."""
    pieces = [p for p in re.split(r"[\n;；]|\.(?=\s|$)|。", text) if p.strip(PUNCTUATION)]
    defined = [m for m in map(DEFINED.match, pieces) if m and len(trimmed(m["name"]).split()) <= 4]
    if len(defined) > 1 and (asked or len(defined) == len(pieces)):
        return tuple(Label(name=trimmed(m["name"]), definition=m["definition"].strip(PUNCTUATION)) for m in defined)
    if len(bullets := BULLET.findall(text)) > 1 and len(found := _short("\n".join(bullets), True)) > 1:
        return found
    text = re.sub(r"^[^:：,，、;；\n]{0,40}[:：]\s*(?=[^:：]+$)", "", text) if asked else text
    for sentence in sentences(text):
        if (match := list(INTO.finditer(sentence))) and len(
            found_names := _short(_list_part(sentence[match[0].end() :]), asked)
        ) > 1:
            return found_names
    return _short(text, asked) if asked else ()


def _list_part(text: str) -> str:
    """Where 、 separates the items, ，ends the list; 分成四类： says how many, and is no part of the first."""
    text = re.sub(r"^[^:：、,，]{0,12}[:：]\s*(?=[^:：]+[、,，])", "", text)
    return re.split("[，,]", text)[0] if "、" in re.split("[，,]", text)[0] else text


def _short(text: str, asked: bool) -> tuple[Label, ...]:
    """Labels are short; a list of long pieces is prose."""
    items = [trimmed(COUNTED.sub("", item)) for item in names(text)]
    items = [item for item in items if item]
    fits = all(len(item.split()) <= 4 and len(item) <= 40 and not re.search(r"[?？]", item) for item in items)
    chinese = all(len(re.findall("[\u4e00-\u9fff]", item)) <= (10 if asked else 6) for item in items)
    return tuple(Label(name=item) for item in items) if len(items) > 1 and fits and chinese else ()


# rules


LEAD = re.compile(r"\s[-–—]\s|[:：]\s*|——")


def rule_sentences(text: str) -> list[str]:
    """The sentences that ask for something of a row; cut at a comma where each part does."""
    found = []
    for sentence in sentences(text):
        parts = [p.strip() for p in re.split(r"[，,](?!\d{3}\b)", sentence) if p.strip()]
        split = len(parts) > 1 and all(MUST.search(p) for p in parts)
        found += [_without_lead(p) for p in (parts if split else [sentence])]
    return [s for s in found if s and not is_talk(s)]


def _without_lead(sentence: str) -> str:
    """ "just one i think - a message must …" begins at "a message"; 另外，回答不能… at 回答."""
    rest = LEAD.split(sentence, maxsplit=1)[1] if _leads(sentence) else sentence
    return re.sub(
        r"^(?:and|also|oh|yes|yeah|well|so|plus|one more(?: thing| rule)?|有的?|还有|另外|对了|嗯)[,，:：\s]+",
        "",
        rest,
        flags=re.I,
    )


def _leads(sentence: str) -> bool:
    parts = LEAD.split(sentence, maxsplit=1)
    return len(parts) == 2 and not MUST.search(parts[0]) and bool(MUST.search(parts[1]))
