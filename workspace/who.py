"""Who is speaking just now: every face says so once, and whatever is decided meanwhile is put down to them."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_speaking: ContextVar[str] = ContextVar("speaking", default="")


@contextmanager
def acting_as(person: str) -> Iterator[None]:
    """In this thread, for the block; "" is whoever is logged in to this machine.

    Not around a generator's `yield`: what is set there would hold in whoever reads it.
    """
    before = _speaking.set(person)
    try:
        yield
    finally:
        _speaking.reset(before)


def who() -> str:
    """The person's name; without one, the login name of this machine."""
    return _speaking.get() or login_name()


def login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name and no entry for the number of this account
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "unknown"
