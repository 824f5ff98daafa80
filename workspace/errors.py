"""The one error that a person sees, and the one place where an unexpected failure becomes it."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from workspace.words import Language, Words

log = logging.getLogger("tunesmith")


class UserError(Exception):
    """What happened and what to do next, in words of the person's own language."""

    def __init__(self, problem: Words, fix: Words) -> None:
        super().__init__(f"{problem.en} {fix.en}")
        self.problem = problem
        self.fix = fix

    def to(self, language: Language) -> tuple[str, str]:
        """(problem, fix)"""
        return self.problem.to(language), self.fix.to(language)


def disk_full(where: str) -> UserError:
    return UserError(
        Words(f"The disk is full: {where} could not be written.", f"磁盘已满：无法写入 {where}。"),
        Words(
            "Free some space and send the same thing again; what was finished is kept.",
            "请清出一些空间后再试一次；已完成的部分都还在。",
        ),
    )


@contextmanager
def boundary(doing: Words) -> Iterator[None]:
    """Turn whatever escapes from the block into a UserError; the traceback goes to the log.

    `doing` names the work, as in "reading the file".
    """
    try:
        yield
    except UserError:
        raise
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise disk_full(error.filename or doing.en) from error
        raise _unexpected(doing, error) from error
    except Exception as error:
        raise _unexpected(doing, error) from error


def _unexpected(doing: Words, error: Exception) -> UserError:
    log.exception("while %s", doing.en)
    kind = type(error).__name__
    return UserError(
        Words(f"Something went wrong while {doing.en} ({kind}: {error}).", f"{doing.zh}时出错了（{kind}：{error}）。"),
        Words(
            "Nothing that was finished is lost. Try again; if it happens again, send us the log.",
            "已完成的部分都还在。请再试一次；如果仍然出错，请把日志发给我们。",
        ),
    )
