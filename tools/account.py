"""What the model's replies cost and where they are kept: the journal, written together, and the budget."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from workspace.errors import UserError
from workspace.journal import Journal, Reply
from workspace.settings import settings


@dataclass(frozen=True)
class Budget:
    """When to stop asking: minutes of work from the opening, US dollars for every reply used, journaled ones too."""

    minutes: float | None = None
    money: float | None = None


class Account:
    """Safe from several threads, but for `keep` and `settle`, which belong to one event loop."""

    def __init__(self, journal: Journal, budget: Budget) -> None:
        self._journal, self._budget = journal, budget
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._counted: set[str] = set()
        self._tokens_in = self._tokens_out = 0
        self._to_keep: list[tuple[Reply, asyncio.Future[None]]] = []
        self._keeping: asyncio.Task[None] | None = None

    def known(self, keys: Sequence[str]) -> dict[str, Reply]:
        """Those that are journaled; they count as used."""
        found = self._journal.replies(keys)
        for reply in found.values():
            self.spend(reply.key, reply.tokens_in, reply.tokens_out)
        return found

    def spend(self, key: str, tokens_in: int, tokens_out: int) -> None:
        """Once for each key, or a second look at the journal would cost money."""
        with self._lock:
            if key not in self._counted:
                self._counted.add(key)
                self._tokens_in += tokens_in
                self._tokens_out += tokens_out

    def spent(self) -> float:
        """US dollars by the prices of the settings, for every reply used, whenever it was paid for."""
        given = settings()
        return (self._tokens_in * given.price_in + self._tokens_out * given.price_out) / 1e6

    def may_ask(self) -> bool:
        minutes, money = self._budget.minutes, self._budget.money
        if minutes is not None and time.monotonic() - self._started > minutes * 60:
            return False
        # A model without a price is free, and a budget of nothing still lets it work.
        given = settings()
        return money is None or not (given.price_in or given.price_out) or self.spent() < money

    async def keep(self, reply: Reply) -> None:
        """Returns once the reply is safe on disk; whatever arrives during one sync shares the next."""
        safe: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._to_keep.append((reply, safe))
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._drain())
        await safe

    async def settle(self) -> None:
        """Whatever was handed to `keep` is on disk, even if nobody waits for it any more."""
        if self._keeping is not None:
            await self._keeping

    async def _drain(self) -> None:
        while self._to_keep:
            batch, self._to_keep = self._to_keep, []
            failed: UserError | sqlite3.Error | None = None
            try:
                await asyncio.to_thread(self._journal.keep, [reply for reply, _ in batch])
            except (UserError, sqlite3.Error) as error:
                failed = error  # whoever waits for its reply must hear of it, or would wait for ever
            for safe in (safe for _, safe in batch if not safe.done()):
                if failed is None:
                    safe.set_result(None)
                else:
                    safe.set_exception(failed)
