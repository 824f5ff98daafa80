"""Calculations written in running text, found and worked out again: "48/2 = 24", "half of 100 is 50"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from tools.figures.expression import NoCalculationError, Reader, Side
from tools.figures.quantities import UNITS
from tools.figures.tokens import ABOUT, WEAK, Token, narrow, tokens

# Without one of these no line holds a calculation.
TRIGGER = re.compile(
    r"[=＝≈≒]|\\approx|(?:\bplus\b|\bminus\b|\btimes\b|\bdivided by\b|[%％] of\b|\bpercent of\b|"
    r"\b(?:half|third|quarter)s? of\b|\btwice\b|\bdouble\b|[*×÷+/]\s*[\d(.$]).{0,99}"
    r"(?:\b(?:is|are|gives|makes|equals)\b|\bequal to\b)|"
    r"(?:[加减乘除×÷*+/][上去以]?\s*[\d(¥$一二三四五六七八九十]|\d\s*[%％]|分之|的一半).{0,40}(?:等于|得|是|为)\s*[\d¥$一二三四五六七八九十-]",
    re.I,
)
MARKED = re.compile(r"<<([^<>=]{1,300}=[^<>]{1,100})>>")
OTHER_BASE = re.compile(r"\b(?:mod|modulo|binary|hex|octal|base)\b|进制|取模|取余", re.I)
REST = re.compile(r"remain|余|\bR ?\d|…|\.\.\.|left over|leftover|round|四舍五入|取整", re.I)
FUNCTIONS = re.compile(
    r"(?:\b(?:roots?|log|ln|sin|cos|tan|sqrt|max|min|gcd|lcm|ratio|difference|product|quotient)|"
    r"根号|根|最大值?|最小值?)\s*(?:\b(?:of|between)\b)?\s*[(（]?\s*$",
    re.I,
)
AVERAGE = re.compile(r"(?:\b(?:average|mean)|平均数?)\s*(?:\bof\b)?\s*[(（]?\s*$", re.I)
CONVERSIONS = {Fraction(n) for n in (12, 24, 60, 100, 1000, 10_000, 3600, 7, 10**6, 10**8)}
SMALLEST = 50  # below it a whole number is no rounded sum


@dataclass(frozen=True, slots=True)
class Calculation:
    """`left` was computed, `said` given for it, `really` would be right; start and end are offsets into the whole."""

    text: str
    start: int
    end: int
    right: bool
    left: str
    said: str
    really: str


def calculations(text: str) -> list[Calculation]:
    """Each equality between a calculation and its result that can be read with certainty, in the order of the text."""
    if not TRIGGER.search(text) and not MARKED.search(text):
        return []
    flat = narrow(text)
    found = [_shifted(c, m.start(1)) for m in MARKED.finditer(flat) for c in _chains(m.group(1))]
    flat = MARKED.sub(lambda m: " " * len(m.group()), flat)
    flat = _joined(flat)
    return sorted((*found, *_chains(flat)), key=lambda c: c.start)


def _joined(text: str) -> str:
    """ "Total = 3 + 4" and, in the next line, "Total = 7" are one calculation: the second "Total" is blanked."""
    lines, last = text.split("\n"), ""
    for number, line in enumerate(lines):
        label, equals, rest = line.partition("=")
        if equals and label.strip() == last and len(last) > 2 and not re.search(r"\d", last):
            lines[number] = " " * len(label) + equals + rest
        last = label.strip() if equals else last if not line.strip() else ""
    return "\n".join(lines)


def answered(question: str, answer: str) -> Calculation | None:
    """A question that is nothing but a calculation, with an answer that is nothing but a number."""
    asked, said = ASKED.sub("", TOLD_AFTER.sub("", question.strip())), ANSWERED.sub("", answer.strip()).rstrip(" .。")
    if len(asked) > 300 or len(said) > 100 or not re.search(r"\d", asked) or re.search(r"[=＝]", asked + said):
        return None
    joined = f"{asked} = {said}"
    found = _chains(narrow(joined))
    whole = len(found) == 1 and found[0].start == 0 and not re.search(r"\d", joined[found[0].end :])
    return found[0] if whole else None


ASKED = re.compile(
    r"^(?:(?:please\s+)?(?:what(?:'s| is| are| does)|calculate|compute|evaluate|work out|solve|how much is|find)|"
    r"(?:请|请问|帮我)?(?:计算|算一下|求|算))\s*(?:the value of)?[:：]?\s*",
    re.I,
)
TOLD_AFTER = re.compile(r"\s*(?:equals?|[=＝]|等于|是|得)?\s*(?:what|多少|几)?\s*[?？.。]?$", re.I)
ANSWERED = re.compile(
    r"^(?:the (?:answer|result) is|(?:answer|result)\s*[:：]|(?:答案|结果)(?:是|为|[:：])|等于|[=＝]|####)\s*", re.I
)


def _shifted(found: Calculation, by: int) -> Calculation:
    return replace(found, start=found.start + by, end=found.end + by)


def _chains(text: str) -> list[Calculation]:
    found: list[Calculation] = []
    all_tokens = tokens(text)
    at = 0
    while at < len(all_tokens):
        if all_tokens[at].kind not in ("number", "open", "sign", "op", "fraction") or not _may_begin(
            all_tokens, at, text
        ):
            at += 1
            continue
        sides, signs, after = _chain(all_tokens, at)
        found += _compared(text, sides, signs)
        at = max(at + 1, after)
    return found


def _may_begin(all_tokens: Sequence[Token], at: int, text: str) -> bool:
    """Not in the middle of something that could not be read, as the 3 of "2x + 3" or of W-3."""
    token = all_tokens[at]
    if token.kind == "op" and not (token.text == "-" and at + 1 < len(all_tokens) and not all_tokens[at + 1].spaced):
        return False
    if at == 0:
        return True
    before = all_tokens[at - 1]
    if before.kind == "open" and at > 1 and all_tokens[at - 2].kind in ("op", "bad", "number"):
        return False  # of a bracket that never closes
    if before.kind in ("op", "bad", "number", "fraction", "sign") or (before.kind == "close" and not token.spaced):
        return False
    if before.kind == "word" and not token.spaced and before.text.isascii():
        return False
    return not (before.text in ",." and not token.spaced and at > 1 and all_tokens[at - 2].kind in ("number", "bad"))


def _chain(all_tokens: Sequence[Token], at: int) -> tuple[list[Side], list[Token], int]:
    """(sides, the equals signs between them, the token after)."""
    sides: list[Side] = []
    signs: list[Token] = []
    while True:
        reader = Reader(all_tokens, at)
        try:
            side = reader.read()
        except (NoCalculationError, IndexError):
            break
        if not _ends(all_tokens, reader.at):
            break
        sides.append(side)
        at = reader.at
        if at + 1 >= len(all_tokens) or all_tokens[at].kind != "equals":
            break
        signs.append(all_tokens[at])
        at += 1
        while at + 1 < len(all_tokens) and _hedges(all_tokens[at]):
            signs[-1] = signs[-1]._replace(text="≈")
            at += 1
    return sides, signs[: max(0, len(sides) - 1)], at


def _hedges(token: Token) -> bool:
    return token.text.lower() in ("~", "约", "大", "about", "approximately", "roughly", "around", "nearly")


def _ends(all_tokens: Sequence[Token], at: int) -> bool:
    """Nothing follows that would belong to the calculation and could not be read, as the x of "5 + x"."""
    if at >= len(all_tokens):
        return True
    token = all_tokens[at]
    if token.kind == "op":
        return token.text in "-/" or (token.text == "*" and at + 1 == len(all_tokens))
    return not (token.kind in ("bad", "open", "fraction") and not token.spaced)


def _compared(text: str, sides: Sequence[Side], signs: Sequence[Token]) -> Iterator[Calculation]:
    computed = False
    for number, (left, sign, right) in enumerate(zip(sides, signs, sides[1:], strict=False)):
        computed = computed or bool(left.signs)
        if not (computed or right.signs) or _not_claimed(text, left, sign, right, number):
            continue
        about = sign.text.lower() in ABOUT
        held = (
            _same(left, right, about)
            or (left.literal is not None and _same(right, left, about))
            or _goes_on(left, right, sides[number + 2 :])
        )
        if held or _certain(text, left, right, number):
            yield _written(text, left, right, held)


def _goes_on(left: Side, right: Side, rest: Sequence[Side]) -> bool:
    """10 - 2 = 8 - 3 = 5, as people work on in one line."""
    return bool(rest) and bool(right.signs) and right.figures[0] == left.value


def _not_claimed(text: str, left: Side, sign: Token, right: Side, number: int) -> bool:
    """What only looks like an equality of figures: "Day 1 = 5 + 6", "1 lb = 16 oz", "Rooms 3-5 are 2"."""
    if sign.text.lower() in WEAK and not (set(left.signs) & set("+*^") or left.spelled):
        return True
    if left.literal and right.literal:
        return bool(left.unit != right.unit)
    if left.literal and number == 0:  # a label, unless it begins the line
        return bool(left.units) or not re.search(r"(?:^|[\n(（:：;；,，。])\s*$", text[: left.start][-20:])
    return False


def _certain(text: str, left: Side, right: Side, number: int) -> bool:
    """Whether a difference can only be a mistake."""
    line = text[text.rfind("\n", 0, left.start) + 1 : left.start]
    if (
        left.doubtful
        or right.doubtful
        or OTHER_BASE.search(line)
        or OTHER_BASE.search(text[right.end : right.end + 24])
    ):
        return False
    if number == 0 and (FUNCTIONS.search(line[-40:]) or ("/" not in left.signs and AVERAGE.search(line[-40:]))):
        return False
    if len(left.scales) > 1 and set(left.signs) & set("+-"):  # 1.5 + 0.5 million
        return False
    if REST.search(text[right.end : right.end + 60].split("\n")[0]) and "/" in left.signs:
        return False
    if left.signs in (["/"], ["-"]) and _simple(text, left, right):
        return False
    return not _converted(left, right)


def _simple(text: str, left: Side, right: Side) -> bool:
    """1/2 (cup) = 4 oz, pages 3-5 = 2 h: an amount, not a calculation."""
    if left.signs == ["-"]:
        return not re.search(r"\s", text[left.start : left.end]) and left.value < 0 and right.value > 0
    units = left.unit != right.unit and left.unit not in "$¥€£"
    return abs(left.value) < 1 and (units or (right.value.denominator == 1 and right.value >= 1 and not right.percent))


def _converted(left: Side, right: Side) -> bool:
    """Both sides differ by what one unit is worth in another: 2 hours * 3 = 360 minutes, 50 cents * 4 = $2."""
    if not left.value or not right.value:
        return False
    units = [u for u in (*left.units, *right.units) if u]
    known = [UNITS[u] for u in dict.fromkeys(units) if u in UNITS] + [("money", "USD", 1.0)] * ("$" in units)
    families = [family for _, family, _ in known]
    mixed = len({(f, w) for _, f, w in known}) > len(set(families))
    if mixed and any(s in "+-" for s in left.signs):
        return True
    ratio = left.value / right.value
    scaled = right.literal is not None and bool(right.literal.scale)
    other = scaled or ((mixed or bool(known)) and left.unit != right.unit)
    return other and (ratio in CONVERSIONS or 1 / ratio in CONVERSIONS)


def _same(left: Side, right: Side, about: bool) -> bool:
    """The right side is the left one as far as its digits go."""
    values = {left.value, left.loose}
    if left.percent or right.percent:
        values |= {v * 100 for v in values} | {v / 100 for v in values}
    goal = right.value
    if goal in values:
        return True
    if right.literal is None:
        steps = [*left.steps, *right.steps]
        slack = abs(goal) / 10**6 if steps and min(steps) < 1 else Fraction(0)
        return any(abs(v - goal) <= slack for v in values)
    step = _step(right.literal, goal, about)
    return any(_rounded(v, goal, step, about or _may_round(left, v, step)) for v in values)


def _step(literal: Token, goal: Fraction, about: bool) -> Fraction:
    """One unit of the last digit given; of the last that is not 0 where it is said to be rounded."""
    step = literal.step or Fraction(1, 10**6)
    if about and goal:
        while goal % (step * 10) == 0 and step < abs(goal):
            step *= 10
    return step


def _may_round(left: Side, value: Fraction, step: Fraction) -> bool:
    """Sums of short figures come out exact; quotients, percentages and long figures are rounded."""
    return "/" in left.signs or left.percent or step < 1 or abs(value) >= SMALLEST


def _rounded(value: Fraction, goal: Fraction, step: Fraction, may: bool) -> bool:
    off = abs(value - goal)
    if not may:
        return off == 0
    cut = off < step and abs(goal) < abs(value) and (step < 1 or abs(goal) >= 1000)
    return off * 2 <= step or cut


def _written(text: str, left: Side, right: Side, held: bool) -> Calculation:
    return Calculation(
        text=" ".join(text[left.start : right.end].split()),
        start=left.start,
        end=right.end,
        right=held,
        left=" ".join(text[left.start : left.end].split()),
        said=" ".join(text[right.start : right.end].split()),
        really=_shown(left, right),
    )


def _shown(left: Side, right: Side) -> str:
    """The true value in the form of the figure that was given for it."""
    literal = right.literal
    value, factor, mark = left.loose, Fraction(1), ""
    if literal and literal.percent:
        factor, mark = Fraction(1, 100), "%"
        value = value / 100 if abs(value) > 1 and not left.percent and right.value * 10 < abs(value) else value
    elif literal and literal.scale and literal.step and literal.scale != "word":
        factor, mark = literal.step * 10 ** _decimals(literal.text), literal.scale
    shown = value / factor
    grouped = "," if literal and "," in literal.text else ""
    return f"{figure(shown, grouped)}{mark}"


def _decimals(text: str) -> int:
    match = re.search(r"\.(\d+)", text)
    return len(match.group(1)) if match else 0


def figure(value: Fraction, grouped: str = "") -> str:
    """Exact where it ends within six decimals, else with "≈"; long ones in powers of ten."""
    if abs(value) >= 10**21 or (value and abs(value) < Fraction(1, 10**6)):
        digits = value.numerator // value.denominator if abs(value) >= 1 else 0
        power = len(f"{abs(digits):x}") if digits else 0
        return f"{float(value):.6g}" if power < 200 else "≈ 10^" + str(int(digits.bit_length() * 0.30103))
    rounded = round(value, 6)
    text = f"{float(rounded):{grouped}.6f}" if value.denominator != 1 else f"{value.numerator:{grouped}}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if rounded == value else f"≈ {text}"
