"""For a rule, a row that obeys it and one that breaks it, found by trying; and the rules that can't have both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from tools.figures.quantities import everything
from tools.rules.evaluation import Row, columns, compiled, evaluate, plain_name, walk
from tools.rules.patterns import edge_of
from tools.rules.words import DATED
from workspace.rules import (
    And,
    Arithmetic,
    Between,
    Column,
    Compare,
    Condition,
    Constant,
    Contains,
    Count,
    Exists,
    In,
    Length,
    Matches,
    Or,
    Rule,
)
from workspace.sample import Scalar
from workspace.words import Language, Words, language_of

MOST_TRIED = 20_000
LONGEST = 2_000
FILLER: dict[Language, str] = {"en": "please see the note below for more", "zh": "请看下面的说明了解更多内容"}
SAMPLES = (
    "",
    "abc",
    "123",
    "A1",
    "A-123",
    "2024-01-31",
    "a@b.com",
    "13800138000",
    "一二三",
    "100%",
    "Hello, world.",
    "https://example.com",
    "Is it?",
    "首先",
)
DATES = ("2024-01-01", "2024-01-02", "2024-01-03")


LISTS = ((Contains, "words"), (In, "allowed"), (And, "all"), (Or, "any"))


@dataclass(frozen=True)
class Examples:
    """Values by column; None where none was found."""

    passing: Row | None
    failing: Row | None


def examples_of(condition: Condition, language: Language = "en") -> Examples:
    """A row that obeys and a row that breaks, as far as trying values around the rule's own finds them.

    `language` is that of the words around the rule's own.
    """
    passing: Row | None = None
    failing: Row | None = None
    for row in islice(_rows(condition, language), MOST_TRIED):
        held = evaluate(condition, {plain_name(name): value for name, value in row.items()})
        if held is True and passing is None:
            passing = row
        if held is False and failing is None:
            failing = row
        if passing is not None and failing is not None:
            break
    return Examples(passing, failing)


def refusal(condition: Condition) -> Words | None:
    """Why the rule can't be kept: a pattern RE2 refuses, nothing to check, or nothing that could pass or fail."""
    for node in walk(condition):
        if problem := _senseless(node):
            return problem
    found = examples_of(condition)
    if not _decidable(condition):
        return None
    if found.passing is None:
        return Words("Nothing can ever obey this rule.", "没有任何内容能符合这条规则。")
    if found.failing is None:
        return Words("Nothing can ever break this rule, so it checks nothing.", "没有内容会违反这条规则，它不起作用。")
    return None


def contradiction(rules: Sequence[Rule]) -> tuple[Rule, Rule] | None:
    """Two rules about the same values that no row can obey at once."""
    checked = [(rule, rule.condition) for rule in rules if rule.condition is not None]
    for number, (first, one) in enumerate(checked):
        for second, other in checked[:number]:
            both = And(all=(other, one))
            if set(columns(one)) & set(columns(other)) and _decidable(both) and examples_of(both).passing is None:
                return second, first
    return None


def _senseless(node: object) -> Words | None:
    import re2

    if isinstance(node, Matches | Count):
        try:
            compiled(node.pattern)
        except re2.error as error:
            why = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
            return Words(f"The pattern {node.pattern} can't be used: {why}.", f"无法使用模式 {node.pattern}：{why}。")
    if isinstance(node, Between | Length | Count):
        if node.low is None and node.high is None:
            return Words("It names no limit.", "没有给出上限或下限。")
        if node.low is not None and node.high is not None and node.low > node.high:
            low, high = f"{node.low:g}", f"{node.high:g}"
            return Words(f"{low} is more than {high}: nothing lies between.", f"{low} 大于 {high}，中间没有值。")
    if any(isinstance(node, kind) and not getattr(node, names) for kind, names in LISTS) or (
        isinstance(node, Contains) and not all(word.strip() for word in node.words)
    ):
        return Words("It lists nothing to look for.", "没有列出要检查的内容。")
    return None


def _decidable(condition: Condition) -> bool:
    """The values tried stand for all values: no arithmetic, no pattern but plain words, and few enough to try all."""
    for node in walk(condition):
        if isinstance(node, Arithmetic) or (isinstance(node, Matches | Count) and not _literal(node.pattern)):
            return False
        if isinstance(node, Length) and max(node.low or 0, node.high or 0) > LONGEST:
            return False
    sizes = 1
    for name in columns(condition):
        sizes *= len(_candidates(condition, name))
    return sizes <= MOST_TRIED


def _literal(pattern: str) -> str | None:
    return pattern if pattern and not re.search(r"[\\^$.|?*+()\[\]{}]", pattern) else None


def _rows(condition: Condition, language: Language) -> Iterator[Row]:
    names = columns(condition)
    for values in product(*(_candidates(condition, name, language) for name in names)):
        yield {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _candidates(condition: Condition, name: str, language: Language = "en") -> list[Scalar]:
    """Values around those that the rule names for this column; each once."""
    found: list[Scalar] = []
    for node in walk(condition):
        if isinstance(node, Compare) and name in columns(node):
            found += _compared(node, name)
        elif isinstance(node, Between) and name in columns(node):
            found += [v for b in (node.low, node.high) if b is not None for v in (b, b + 1, b - 1)]
        elif isinstance(node, In) and name in columns(node):
            found += [*node.allowed, "-"]
    found += _texts(condition, name, language)
    if any(isinstance(node, Exists) and name in columns(node) for node in walk(condition)):
        found += ["-", None]
    return list(dict.fromkeys(found))


def _compared(node: Compare, name: str) -> list[Scalar]:
    other = next((side for side in (node.left, node.right) if isinstance(side, Constant)), None)
    if other is None or any(isinstance(side, Arithmetic) for side in (node.left, node.right)):
        dated = all(DATED.search(column) for column in columns(node))
        return list(DATES) if dated else [3.0, 1.0, 2.0, 4.0, 0.0, 6.0, -1.0]
    if isinstance(other.value, str):
        return _like(other.value)
    step = node.tolerance + 1
    return [other.value, other.value + step, other.value - step, other.value + node.tolerance / 2]


def _like(text: str) -> list[Scalar]:
    """The constant itself, and the same with another figure: 100% beside 101% and 99%."""
    quantity = everything(text)
    if quantity is None:
        return [text, "-"]
    if quantity.moment:
        return [text, "1999-01-01", "2099-01-01"]
    figure = re.search(r"\d+(?:\.\d+)?", text)
    if figure is None:
        return [text, "0", str(quantity.low * 2 + 1)]
    others = [f"{float(figure.group()) + step:g}" for step in (1, -1)]
    return [text, *(text[: figure.start()] + other + text[figure.end() :] for other in others)]


def _texts(condition: Condition, name: str, language: Language) -> list[Scalar]:
    """Texts with none, one or all of the words named, at every length that the rule draws a line at."""
    column = Column(name=name)
    of_text = (n for n in walk(condition) if isinstance(n, Contains | Matches | Count | Length))
    nodes = [n for n in of_text if n.value == column]
    if not nodes:
        return []
    words = [w for n in nodes if isinstance(n, Contains) for w in n.words]
    words += [w for n in nodes if isinstance(n, Matches | Count) for w in _samples(n.pattern)]
    filler = FILLER[language_of("".join(words))] if words else FILLER[language]
    texts = [filler, *(f"{filler} {word}" for word in words), *words, " ".join([filler, *words]), " ".join(words)]
    for count in (n for n in nodes if isinstance(n, Count)):
        for times in _edges(count):
            texts += [" ".join([word] * times) for word in _samples(count.pattern) if word]
    lengths = [(n.unit, edge) for n in nodes if isinstance(n, Length) for edge in _edges(n)]
    return [*(_padded(text, unit, edge, filler) for unit, edge in lengths for text in texts), *texts]


def _samples(pattern: str) -> list[str]:
    edge = edge_of(pattern)
    literal = edge[1] if edge else _literal(pattern)
    return [literal] if literal else list(SAMPLES)


def _edges(node: Length | Count) -> list[int]:
    edges = [e for b in (node.low, node.high) if b is not None for e in (b, b - 1, b + 1)]
    return [e for e in dict.fromkeys(edges) if 0 <= e <= LONGEST]


def _padded(text: str, unit: str, length: int, filler: str) -> str:
    """Of just this length, if the words in it leave room; they are kept whole."""
    if unit == "characters":
        return text[:length] if text.startswith(filler) and len(text) > length else text + "." * (length - len(text))
    word = "字" if filler == FILLER["zh"] else "word"
    kept = text.removeprefix(filler).split()
    return " ".join([*kept, *[word] * (length - sum(len(k) if k > "\u4e00" else 1 for k in kept))])
