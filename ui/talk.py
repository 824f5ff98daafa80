"""A conversation line by line: a person at a terminal, or a program on a pipe."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.events import Event, Failed
from ui import words
from ui.render import Drawer, put
from ui.rooms import Talker
from workspace.errors import UserError
from workspace.words import Language, Words

DROPPED = re.compile(r'(?:^|(?<=\s))@(?:"([^"]+)"|(\S+))')


class Message(BaseModel):
    """A line of JSON on stdin."""

    model_config = ConfigDict(extra="forbid")
    text: str = ""
    files: tuple[Path, ...] = ()
    agreed: str = ""  # the hash of the question that is answered


def talk(session: Talker, drawer: Drawer, project: str, *, as_json: bool) -> int:
    """Until the input ends. A message that fails is told and the conversation goes on."""
    if not as_json:
        put(sys.stdout, words.HELLO.to(session.language) + "\n")
    _draw(session.open(), drawer, session)
    for line in sys.stdin if as_json else _typed():
        if not line.strip():
            continue
        try:
            message = from_json(line.strip()) if as_json else from_person(line.strip())
        except UserError as error:
            drawer.show(_failed(error, session.language))
            continue
        _draw(session.send(message.text, message.files, message.agreed), drawer, session)
    drawer.close()
    if not as_json:
        put(sys.stdout, "\n" + words.BYE.to(session.language) + project)
    return 0


def _draw(events: Iterator[Event], drawer: Drawer, session: Talker) -> None:
    try:
        for event in events:
            drawer.language = session.language
            drawer.show(event)
    except UserError as error:
        drawer.show(_failed(error, session.language))
    drawer.close()


def _failed(error: UserError, language: Language) -> Failed:
    problem, fix = error.to(language)
    return Failed(problem=problem, fix=fix)


def _typed() -> Iterator[str]:
    """Lines from the keyboard, with editing and history where the terminal has them."""
    with suppress(ImportError):
        import readline  # noqa: F401  (input() uses it once it is imported)
    while True:
        try:
            yield input("› " if sys.stdin.isatty() else "")
        except EOFError:
            return


def from_person(line: str) -> Message:
    """`@path` anywhere in a sentence, or `/file path` alone, drops a file; raises UserError if it isn't there."""
    if line.startswith("/file "):
        return Message(files=tuple(_file(part) for part in shlex.split(line[6:])))
    dropped = [quoted or plain for quoted, plain in DROPPED.findall(line)]
    meant = [name for name in dropped if Path(name).expanduser().exists() or re.search(r"[./\\]", name)]
    text = DROPPED.sub(lambda found: "" if (found[1] or found[2]) in meant else found[0], line)
    return Message(text=" ".join(text.split()), files=tuple(_file(name) for name in meant))


def from_json(line: str) -> Message:
    """JSON {"text", "files", "agreed"}, or anything else as plain text; raises UserError for JSON of another shape."""
    if not line.startswith("{"):
        return Message(text=line)
    try:
        message = Message.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        why = ": ".join([*map(str, first["loc"]), first["msg"]])
        raise UserError(
            Words(words.BAD_MESSAGE.en.format(why=why), words.BAD_MESSAGE.zh.format(why=why)), words.BAD_MESSAGE_FIX
        ) from error
    return message.model_copy(update={"files": tuple(_file(str(path)) for path in message.files)})


def _file(name: str) -> Path:
    path = Path(name).expanduser()
    if not path.is_file():
        raise UserError(
            Words(words.NO_FILE.en.format(path=name), words.NO_FILE.zh.format(path=name)), words.NO_FILE_FIX
        )
    return path
