"""The chat model's one caller, against a scripted endpoint over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.scripted import Scripted
from tools.llm import Ask, Chat, Patience, open_chat
from workspace.journal import Journal

QUICK = Patience(first=0.01, longest=0.05)


class Fruit(BaseModel):
    name: str
    count: int


@pytest.fixture
def journal(home: Path) -> Iterator[Journal]:
    opened = Journal(home / "journal.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def chat(scripted: Scripted, journal: Journal) -> Iterator[Chat]:
    opened = open_chat(journal, patience=QUICK)
    yield opened
    opened.close()


def ask(number: int = 0) -> Ask[Fruit]:
    return Ask(f"Name fruit {number}.", Fruit, slot=str(number), seed=number)


def test_reply_is_read_into_its_schema(scripted: Scripted, chat: Chat) -> None:
    scripted.queue.append({"name": "pear", "count": 3})
    assert chat.ask(ask()).value == Fruit(name="pear", count=3)


def test_a_journaled_reply_costs_no_request(scripted: Scripted, chat: Chat) -> None:
    first = [answer.value for answer in chat.ask_all(ask(n) for n in range(5))]
    again = [answer.value for answer in chat.ask_all(ask(n) for n in range(5))]
    assert first == again
    assert len(scripted.calls) == 5
