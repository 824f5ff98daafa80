"""One process serves a home folder: it alone holds the journals' sessions and Chroma, which knows no second one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from workspace.errors import UserError
from workspace.words import Words


@contextmanager
def serving(home: Path) -> Iterator[None]:
    """For as long as the block runs, and no longer than the process lives. Raises UserError where another does."""
    home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home / "serving.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UserError(
            Words(f"Another Tunesmith serves {home} already.", f"另一个 Tunesmith 已在使用 {home}。"),
            Words(
                "Stop that one first, or serve another folder with --home. Commands that only read, as `tunesmith "
                "status`, work beside it.",
                "请先停止它，或用 --home 指定另一个文件夹。只读命令（如 `tunesmith status`）可以同时使用。",
            ),
        ) from error
    try:
        yield
    finally:
        lock.release()
