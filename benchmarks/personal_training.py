"""Teaches the English model of names and addresses, from our own sentences and Faker's lists alone.

python benchmarks/personal_training.py          writes tools/personal/english.* and prints their SHA-256
"""

from __future__ import annotations

import ast
import gzip
import hashlib
import os
import random
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from pydoc_data import topics

import pycrfsuite
from faker import Faker
from faker.config import AVAILABLE_LOCALES
from personal_sentences import (
    BRANDS,
    COMPANY_ENDS,
    COMPANY_WORDS,
    TITLES,
    WITH_ADDRESSES,
    WITH_NAMES,
    WITHOUT,
    WORKS,
)

from tools.personal.english import LISTS, MODEL, Lists, features, folded, tokens

TEXTS = 16_000
UNSEEN = 0.4  # of names and places that are looked up nowhere, so that the words around them are learnt
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f'’. -]+")
SLOT = re.compile(r"\{(.)\}")
ONE = {("NAME", "NAME", " "), ("ADDRESS", "PLACE", ", "), ("ADDRESS", "PLACE", "\n"), ("ADDRESS", "PLACE", " in ")}
KIND = {"N": "NAME", "F": "NAME", "L": "NAME", "A": "ADDRESS", "S": "ADDRESS", "P": "PLACE", "O": "ORG"}


@dataclass(frozen=True)
class Filled:
    """A text and its spans: (kind, start, end)."""

    text: str
    spans: tuple[tuple[str, int, int], ...]


class Faked:
    """Draws names, addresses and companies of every locale of Faker that is written in Latin letters."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        Faker.seed(seed)
        fakers = [Faker(name) for name in sorted(AVAILABLE_LOCALES)]
        self.fakers = [f for f in fakers if all(LATIN.fullmatch(f.name()) for _ in range(8))]
        self.english = [f for f in self.fakers if f.factories[0].__module__ and f.locales[0].startswith("en")]

    def faker(self) -> Faker:
        """English ones a third of the time."""
        return self.draw.choice(self.english if self.draw.random() < 0.35 else self.fakers)

    def latin(self, make: Callable[[], str]) -> str:
        for _ in range(20):
            if LATIN.fullmatch(said := make()):
                return said
        return "Ann"

    def slot(self, kind: str) -> str:
        match kind:
            case "N":
                return self.name()
            case "F":
                return self.latin(lambda: str(self.faker().first_name()))
            case "L":
                return self.latin(lambda: str(self.faker().last_name()))
            case "A":
                return self.address()
            case "S":
                return str(self.faker().street_address()).replace("\n", " ")
            case "P":
                return self.place()
            case "O":
                return self.company()
            case "T":
                return self.draw.choice(TITLES)
            case "B":
                return self.draw.choice(BRANDS)
            case "W":
                return self.draw.choice(WORKS)
            case "D":
                return self.day()
            case "J":
                return str(self.english[0].job())
            case _:
                return str(self.draw.randrange(10 ** self.draw.randint(1, 9)))

    def name(self) -> str:
        first, last = self.slot("F"), self.slot("L")
        drawn = self.draw.random()
        if drawn < 0.1:
            return f"{first} {self.draw.choice('ABCDEFGHJKLMNPRSTW')}. {last}"
        if drawn < 0.16:
            return f"{first[0]}. {last}"
        if drawn < 0.22:
            return f"{first} {last}-{self.slot('L')}"
        return f"{first} {last}"

    def place(self) -> str:
        faker = self.faker()
        return self.latin(
            (lambda: str(faker.city()))
            if self.draw.random() < 0.5
            else lambda: str(self.draw.choice(self.english).country())
        )

    def company(self) -> str:
        drawn, two = self.draw.random(), self.draw.sample(COMPANY_WORDS, 2)
        if drawn < 0.45:
            return self.latin(lambda: str(self.faker().company()))
        if drawn < 0.7:
            return two[0] + two[1].lower()
        if drawn < 0.85:
            return f"{two[0]} {two[1]}"
        return f"{self.slot('L')} {self.draw.choice(COMPANY_ENDS)}"

    def address(self) -> str:
        faker, drawn = self.faker(), self.draw.random()
        if drawn < 0.5:
            said = str(faker.address())
        elif drawn < 0.75:
            unit = self.draw.choice(["Apt. {}", "Suite {}", "Unit {}", "Flat {}", "# {}"]).format(
                self.draw.randint(1, 999)
            )
            rest = [faker.street_address(), unit, self.place(), str(self.draw.randint(1000, 99999))]
            said = "\n".join(map(str, rest))
        else:
            said = f"{self.draw.randint(1, 300)} {faker.street_name()}, {faker.city()}, {self.place()}"
        if (drawn := self.draw.random()) < 0.5:
            said = said.replace("\n", ", ")
        elif drawn < 0.75:
            said = said.replace("\n", " ")
        return said.strip(" ,\n")

    def day(self) -> str:
        """Not Faker's own, which follow the clock."""
        drawn = date.fromordinal(self.draw.randint(date(1970, 1, 1).toordinal(), date(2026, 1, 1).toordinal()))
        return drawn.strftime(self.draw.choice(["%Y-%m-%d", "%m/%d/%Y", "%B %d, %Y", "%d %b %Y", "%A"]))


def filled(line: str, faked: Faked) -> Filled:
    text, spans, at = "", [], 0
    for slot in SLOT.finditer(line):
        text += line[at : slot.start()]
        said = faked.slot(slot[1])
        if slot[1] in KIND:
            spans.append((KIND[slot[1]], len(text), len(text) + len(said)))
        text, at = text + said, slot.end()
    return Filled(text + line[at:], tuple(_joined(text, spans)))


def _joined(text: str, spans: list[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    """First name and surname are one name, street and town one address."""
    held: tuple[str, int, int] | None = None
    for span in spans:
        between = text[held[2] : span[1]] if held else ""
        if held and (held[0], span[0], between) in ONE:
            held = held[0], held[1], span[2]
            continue
        if held:
            yield held
        held = span
    if held:
        yield held


def written(line: str, faked: Faked) -> Filled:
    """A filled line, now and then in small letters, or in capitals."""
    line = line.replace(" | ", "\n").replace("|", "\n")
    if faked.draw.random() < 0.03:  # as a program writes it
        line = line.replace('"', '\\"').replace("'", "\\'")
    one = filled(line, faked)
    drawn = faked.draw.random()
    if drawn < 0.1 and len(one.text.lower()) == len(one.text):
        return Filled(one.text.lower(), one.spans)
    if drawn < 0.14:
        parts, at = [], 0
        for kind, start, end in one.spans:
            said = one.text[start:end]
            parts += [
                one.text[at:start],
                said.upper() if kind in ("PLACE", "NAME") and len(said.upper()) == len(said) else said,
            ]
            at = end
        return Filled("".join([*parts, one.text[at:]]), one.spans)
    return one


def prose() -> list[str]:
    """Paragraphs of Python's own manual: English in which nobody is named."""
    paragraphs = (p for _, text in sorted(topics.topics.items()) for p in text.split("\n\n"))
    plain = (" ".join(p.split()) for p in paragraphs)
    return [p for p in plain if 40 < len(p) < 300 and not re.search(r"[`*:=<>_\[\]{}|]|https?", p)]


def texts(faked: Faked, count: int) -> Iterator[Filled]:
    pools = [block.strip().split("\n") for block in (WITH_NAMES, WITH_ADDRESSES, WITHOUT)]
    manual = prose()
    for _ in range(count):
        drawn = faked.draw.random()
        if drawn < 0.1:
            yield Filled(faked.draw.choice(manual), ())
            continue
        pool = pools[0] if drawn < 0.55 else pools[1] if drawn < 0.75 else pools[2]
        one = written(faked.draw.choice(pool), faked)
        while faked.draw.random() < 0.3:  # what stands around a sentence
            other = written(faked.draw.choice(faked.draw.choice(pools)), faked)
            shift = len(one.text) + 1
            spans = (*one.spans, *((k, s + shift, e + shift) for k, s, e in other.spans))
            one = Filled(one.text + faked.draw.choice(" \n ") + other.text, spans)
        yield one


def lists_of(faked: Faked) -> Lists:
    """Every list of names and places that the locales have; and words of English, of our sentences and the manual."""
    sets: dict[str, set[str]] = {"first": set(), "last": set(), "place": set()}
    for faker in faked.fakers:
        for provider in faker.factories[0].providers:
            for attribute in dir(provider):
                block = next((b for b, p in NAMES_OF.items() if re.fullmatch(p, attribute)), None)
                if block:
                    sets[block] |= _words(getattr(provider, attribute))
    ours = re.sub(r"\{.\}", " ", WITH_NAMES + WITH_ADDRESSES + WITHOUT) + " ".join(prose())
    ours += " ".join(ast.get_docstring(node) or "" for node in _documented())
    common = set(re.findall(r"\b[a-z]{2,}\b", ours))
    common |= {str(w).lower() for w in Faker("en_US").factories[0].provider("faker.providers.lorem").word_list}
    return Lists(*(frozenset(sets[name]) for name in ("first", "last", "place")), frozenset(common))


def _documented() -> Iterator[ast.Module | ast.ClassDef | ast.FunctionDef]:
    """Whatever can have a docstring in Python's standard library."""
    for path in sorted(Path(ast.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                yield node


NAMES_OF = {
    "first": r"first_names(?:_\w+)?",
    "last": r"last_names(?:_\w+)?|surnames?",
    "place": r"cit(?:y|ies)(?:_names?)?|countries|country_names|states|provinces|regions|towns|departments|counties|"
    r"municipalities",
}


def _words(values: object) -> set[str]:
    flat = " ".join(_flat(values))
    words = {w.lower() for w in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", flat) if len(w) > 1 and LATIN.fullmatch(w)}
    return words | {folded(w) for w in words}


def _flat(values: object) -> Iterator[str]:
    if isinstance(values, str):
        yield values
    elif isinstance(values, dict):
        yield from _flat(list(values))
    elif isinstance(values, list | tuple | set):
        for value in values:
            yield from _flat(value)


def labelled(one: Filled, lists: Lists, draw: random.Random) -> tuple[list[list[str]], list[str]]:
    found, tags, unseen = tokens(one.text), [], set()
    hidden = {span for span in one.spans if draw.random() < UNSEEN}
    for number, token in enumerate(found):
        span = next((s for s in one.spans if s[1] <= token.start < s[2]), None)
        first = span is not None and (number == 0 or found[number - 1].start < span[1])
        tags.append("O" if span is None else ("B-" if first else "I-") + span[0])
        if span in hidden:
            unseen.add(number)
    return features([t.text for t in found], lists, frozenset(unseen)), tags


def main(count: int = TEXTS) -> None:
    faked = Faked(7)
    lists = lists_of(faked)
    LISTS.write_bytes(gzip.compress("\n".join(" ".join(sorted(w)) for w in vars(lists).values()).encode(), mtime=0))
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": 0.3, "c2": 0.02, "max_iterations": 90, "feature.minfreq": 2})
    for one in texts(faked, count):
        trainer.append(*labelled(one, lists, faked.draw))
    trainer.train(str(MODEL))
    for path in (MODEL, LISTS):
        print(path.name, f"{path.stat().st_size:,} bytes", hashlib.sha256(path.read_bytes()).hexdigest())


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # Faker draws from sets, whose order follows it
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    main()
