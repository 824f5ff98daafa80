"""The command line: the contract that people and programs drive Tunesmith by."""

from __future__ import annotations

import argparse
import gc
import io
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ui.parser import build_parser
from workspace.errors import UserError, boundary
from workspace.settings import quiet_libraries, redacted, settings
from workspace.words import Language


def main(arguments: Sequence[str] | None = None) -> int:
    quiet_libraries()
    gc.set_threshold(100_000, 50, 50)  # rows are many and hold no circles: looking for some took a seventh of the time
    given = build_parser().parse_args(arguments)
    from ui import words

    language: Language = getattr(given, "language", None) or words.terminal_language()
    try:
        with boundary(words.WORKING):
            _prepare(given)
            return int(given.work(given, language))
    except UserError as error:
        return _told(error, language)
    except KeyboardInterrupt:
        print("\n" + words.STOPPED.to(language), file=sys.stderr)
        return 130


def _prepare(given: argparse.Namespace) -> None:
    if "home" in given:
        os.environ["TUNESMITH_HOME"] = str(given.home.expanduser().absolute())
    settings.cache_clear()
    given.home, given.json = settings().home, getattr(given, "json", False)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    _log_to(given.home / "log" / "tunesmith.log")


def _told(error: UserError, language: Language) -> int:
    from ui import words

    problem, fix = error.to(language)
    lines = f"{words.PROBLEM.to(language)}: {problem}\n{words.FIX.to(language)}: {fix}"
    print(redacted(lines), file=sys.stderr)
    return 1


class Redacted(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def _log_to(path: Path) -> None:
    """Where tracebacks go instead of to people. A home that can't be written to is reported by whoever needs it."""
    from logging.handlers import RotatingFileHandler

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(path, maxBytes=2_000_000, backupCount=3, encoding="utf-8")
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(Redacted("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for chatty in ("httpx", "httpx2"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
