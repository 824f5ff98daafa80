"""One side of an equals sign read and computed exactly, in fractions; what is not certainly a calculation is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from tools.figures.tokens import Token

DEEPEST = 20  # brackets in brackets
LONGEST = 200  # tokens on one side
MOST_BITS = 20_000  # of a power: 2^99999999 is not worked out
UNIT_WORDS = 9
SIGNS = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}


@dataclass
class Side:
    """`value` is None where it can't be computed. `loose` is the value where "100 + 20%" means 20% of the 100.

    `units` are the words after its figures; `doubtful` where it may mean something else as well.
    """

    start: int = 0
    end: int = 0
    value: Fraction = Fraction(0)
    loose: Fraction = Fraction(0)
    literal: Token | None = None
    signs: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    percent: bool = False
    doubtful: bool = False
    spelled: bool = False
    figures: list[Fraction] = field(default_factory=list)
    scales: set[str] = field(default_factory=set)
    steps: list[Fraction] = field(default_factory=list)

    @property
    def unit(self) -> str:
        return self.units[-1] if self.units else ""


class NoCalculationError(ValueError):
    """What stands there is no calculation, or none that is worth its time."""


Pair = tuple[Fraction, Fraction]


class Reader:
    """Reads one side from a place in the tokens; `at` is then the token after it."""

    def __init__(self, tokens: Sequence[Token], at: int) -> None:
        self.tokens, self.at, self.depth, self.limit = tokens, at, 0, at + LONGEST
        self.side = Side(start=tokens[at].start)

    def read(self) -> Side:
        """Raises NoCalculationError."""
        first = self.at
        self.side.value, self.side.loose = self._joined(0)
        if self.at - first == 1 or (not self.side.signs and self.tokens[first].kind in ("number", "sign")):
            numbers = [t for t in self.tokens[first : self.at] if t.kind == "number"]
            self.side.literal = numbers[0] if len(numbers) == 1 else None
        return self.side

    # a sign binds what follows it as tightly as its rank says

    def _joined(self, rank: int) -> Pair:
        begun = self.at
        left = self._operand()
        while sign := self._sign(rank):
            signs = len(self.side.signs)
            if self.tokens[self.at].kind == "open" and self.tokens[begun - 1].text == "/":
                self.side.doubtful = True  # 48 / 2(9 + 3) has two readings
            right = self._joined(SIGNS[sign] + (0 if sign == "^" else 1))
            self.side.signs.insert(signs, sign)
            left = (self._applied(sign, left[0], right[0]), self._loosely(sign, left[1], right))
        return left

    def _sign(self, rank: int) -> str:
        """The sign that joins, moved past, or "" where none of this rank does."""
        token = self._token()
        if token is None or self.at >= self.limit:
            return ""
        if token.kind == "op" and token.text in SIGNS and SIGNS[token.text] >= rank and self._operand_at(self.at + 1):
            self.at += 1
            return token.text
        if token.kind == "of" and rank <= 3 and self._share(self.at):
            self.at += 1
            self.side.spelled = True
            return "*"
        last = self.tokens[self.at - 1]
        if (
            rank <= 3
            and token.kind == "open"
            and token.text == "("
            and not token.spaced
            and last.kind in ("close", "number")
        ):
            return "*"
        if last.kind == "number" and last.scale == "twice" and token.kind in ("number", "sign") and rank <= 3:
            self.side.spelled = True
            return "*"
        return ""

    def _share(self, at: int) -> bool:
        """ "20% of 300", "half of 100", "300的20%"; but not "5 of 20"."""
        last = self.tokens[at - 1]
        after = next((t for t in self.tokens[at + 1 : at + 3] if t.kind == "number"), None)
        if after is None or not self._operand_at(at + 1):
            return False
        share = after if self.tokens[at].text == "的" else last
        fraction = len(self.side.signs) == 0 and at >= 3 and self.tokens[at - 2].text == "/"
        return share.percent or share.scale == "part" or (fraction and share is last)

    def _operand_at(self, at: int) -> bool:
        token = self.tokens[at] if at < len(self.tokens) else None
        if token is None:
            return False
        if token.kind == "sign" or (token.kind == "op" and token.text == "-" and at + 1 < len(self.tokens)):
            following = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
            return (
                following is not None
                and following.kind in ("number", "open", "sign")
                and not (token.kind == "op" and following.spaced)
            )
        return token.kind in ("number", "open", "fraction")

    def _token(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    # figures

    def _operand(self) -> Pair:
        token = self._token()
        if token is None or self.depth > DEEPEST or self.at >= self.limit:
            raise NoCalculationError
        if token.kind == "op" and token.text in "+-":
            self.at += 1
            value, loose = self._joined(3)
            return (-value, -loose) if token.text == "-" else (value, loose)
        if token.kind == "sign":
            self.side.units.append(token.text.lstrip("\\"))
            self.at += 1
            return self._operand()
        if token.kind == "number":
            return self._figure(token)
        if token.kind == "open":
            return self._bracket()
        if token.kind == "fraction":
            self.at += 1
            (above, _), (below, _) = self._bracket(), self._bracket()
            self.side.signs.append("/")
            value = self._applied("/", above, below)
            return value, value
        raise NoCalculationError

    def _figure(self, token: Token) -> Pair:
        self.at += 1
        self.side.end = token.end
        self.side.percent |= token.percent
        self.side.doubtful |= token.doubtful
        self.side.figures.append(token.value)
        self.side.scales.add(token.scale.strip() if token.scale not in ("part", "twice", "%") else "")
        if token.step:
            self.side.steps.append(token.step)
        if token.scale not in ("part", "twice"):
            self._unit()
        return token.value, token.value

    def _bracket(self) -> Pair:
        token = self._token()
        if token is None or token.kind != "open":
            raise NoCalculationError
        self.at += 1
        self.depth += 1
        value = self._joined(0)
        closing = self._token()
        if closing is None or closing.kind != "close":
            raise NoCalculationError
        self.at += 1
        self.depth -= 1
        self.side.end = closing.end
        self._unit()
        return value

    def _unit(self) -> None:
        """Words after a figure, up to a sign, an equals sign or the end; "/box" and "(in all)" belong to them."""
        at, said = self.at, list[str]()
        while at < len(self.tokens) and len(said) <= UNIT_WORDS:
            token = self.tokens[at]
            if token.kind == "word" or (token.kind == "of" and not self._share(at)):
                said.append(token.text)
                at += 1
            elif token.text == "/" and at + 1 < len(self.tokens) and self.tokens[at + 1].kind == "word":
                at += 1
            elif token.kind == "open" and (closed := self._aside(at)):
                at = closed
            else:
                break
        joined = at < len(self.tokens) and self.tokens[at].kind in ("op", "equals", "close", "of")
        if joined and said and self.tokens[at].text == "^":  # 4 W^2: W is an unknown
            raise NoCalculationError
        if joined and len(said) <= UNIT_WORDS:
            self.at = at
            self.side.end = max(self.side.end, self.tokens[at - 1].end)
        if said:
            self.side.units.append(said[0].lower())

    def _aside(self, at: int) -> int:
        """After brackets that hold words alone, or 0."""
        for number, token in enumerate(self.tokens[at + 1 : at + 8], at + 1):
            if token.kind == "close":
                return number + 1 if number > at + 1 else 0
            if token.kind not in ("word", "of"):
                return 0
        return 0

    # computing

    def _applied(self, sign: str, a: Fraction, b: Fraction) -> Fraction:
        if sign == "+":
            return a + b
        if sign == "-":
            return a - b
        if sign == "*":
            return a * b
        if sign == "/":
            if b == 0:
                raise NoCalculationError
            return a / b
        return _power(a, b)

    def _loosely(self, sign: str, a: Fraction, b: Pair) -> Fraction:
        last = self.tokens[self.at - 1]
        if sign in "+-" and last.percent and last.value == abs(b[0]):
            return a * (1 + b[0] if sign == "+" else 1 - b[0])
        return self._applied(sign, a, b[1])


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    """Raises NoCalculationError for roots and for what would take long."""
    size = max(base.numerator.bit_length(), base.denominator.bit_length())
    if exponent.denominator != 1 or abs(exponent) * size > MOST_BITS or (base == 0 and exponent < 0):
        raise NoCalculationError
    return base ** int(exponent)
