"""One small question that many tests ask of a chat model."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydantic import BaseModel

from tools.llm import Ask, Chat, Patience

QUICK = Patience(first=0.01, longest=0.05)
PEAR = {"name": "pear", "count": 3}
Opening = Callable[..., Chat]


class Fruit(BaseModel):
    name: str
    count: int


def ask(number: int = 0) -> Ask[Fruit]:
    return Ask(f"Name fruit {number}.", Fruit, slot=str(number), seed=number)


def asks(count: int) -> Iterator[Ask[Fruit]]:
    return (ask(number) for number in range(count))
