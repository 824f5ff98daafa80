"""A journal, and a chat over it that asks the scripted endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripted import Scripted
from tests.tools.asking import QUICK, Opening
from tools.llm import Budget, Chat, Patience, open_chat
from workspace.journal import Journal
from workspace.settings import settings


@pytest.fixture
def journal(home: Path) -> Iterator[Journal]:
    opened = Journal(home / "journal.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def opening(scripted: Scripted, journal: Journal) -> Iterator[Opening]:
    """Opens a chat with the settings as they are by then."""
    opened: list[Chat] = []

    def open_one(budget: Budget | None = None, patience: Patience = QUICK) -> Chat:
        settings.cache_clear()
        opened.append(open_chat(journal, budget, patience))
        return opened[-1]

    yield open_one
    for chat in opened:
        chat.close()


@pytest.fixture
def chat(opening: Opening) -> Chat:
    return opening()
