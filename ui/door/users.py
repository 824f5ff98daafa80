"""Users of the chat on the command line: who there is, who comes and goes, and whose a project is."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from pathlib import Path

from agent import rights
from agent.events import Event, Say, Table
from ui.door.guard import is_loopback
from ui.render import put
from workspace.errors import UserError
from workspace.people import People
from workspace.words import Language, Words

USERS = Words("Users", "用户")
OWNS = Words("Projects", "项目数")
NOBODY = Words(
    "There are no users: the chat asks nobody to sign in, and opens on this machine only.",
    "还没有用户：对话界面无需登录，只能在本机打开。",
)
ADDED = Words("{name} may sign in now.", "{name} 现在可以登录。")
FIRST = Words(
    " From now on the chat asks everybody to sign in. Projects made before belong to this machine's account; "
    "`tunesmith users give {name} PROJECT` hands one over.",
    "从现在起，对话界面要求登录。之前的项目属于本机账户；可用 `tunesmith users give {name} 项目名` 转交。",
)
REMOVED = Words(
    "{name} is signed out everywhere and can't sign in any more; their projects are kept.",
    "{name} 已在所有设备上退出，不能再登录；其项目仍保留。",
)
GIVEN = Words("{project} belongs to {name} now.", "项目 {project} 现在属于 {name}。")
WHAT_NAME = Words("Name: ", "用户名：")
WHAT_PASSWORD = Words("Password: ", "密码：")
AGAIN = Words("Once more: ", "再输入一次：")
NOT_THE_SAME = UserError(
    Words("The two passwords are not the same.", "两次输入的密码不一致。"),
    Words("Run the same command again.", "请重新执行命令。"),
)
NO_PASSWORD = UserError(
    Words("No password was given.", "没有输入密码。"),
    Words("Type it when asked, or send it as one line on standard input.", "请在提示时输入，或从标准输入传入一行。"),
)
FIRST_ONE = Words(
    "The chat will be open to the network, so somebody must be able to sign in. Who?",
    "对话界面将对网络开放，需要先添加用户。",
)
NO_USERS = Words(
    "I won't open the chat to the network ({host}): there are no users yet.",
    "还没有用户，不能在网络地址（{host}）上开放对话界面。",
)
NO_USERS_FIX = Words(
    "Add one with `tunesmith users add NAME`, or leave --host out to stay on this machine.",
    "请先用 `tunesmith users add 用户名` 添加用户，或去掉 --host，只在本机使用。",
)


def listed(home: Path, language: Language) -> Iterator[Event]:
    names = People(home).names()
    if not names:
        yield Say(text=NOBODY.to(language))
        return
    rows = tuple((name, sum(one.role == "owner" for one in rights.projects_of(home, name))) for name in names)
    columns = (USERS.to(language), OWNS.to(language))
    yield Table(panel="status", title=USERS.to(language), columns=columns, rows=rows)


def added(home: Path, name: str, language: Language) -> Iterator[Event]:
    people = People(home)
    first = not people.names()
    known = people.add(name, _password(language))
    text = ADDED.to(language) + (FIRST.to(language) if first else "")
    yield Say(text=text.format(name=known))


def removed(home: Path, name: str, language: Language) -> Iterator[Event]:
    People(home).remove(name)
    yield Say(text=REMOVED.to(language).format(name=name))


def given(home: Path, name: str, project: str, language: Language) -> Iterator[Event]:
    known = rights.hand_over(home, project, name)
    yield Say(text=GIVEN.to(language).format(project=project, name=known))


def first_user(home: Path, host: str, language: Language) -> None:
    """Beyond this machine somebody must be able to sign in: asked for at a terminal, else refused with UserError."""
    if is_loopback(host) or People(home).names():
        return
    if not sys.stdin.isatty():
        raise UserError(Words(NO_USERS.en.format(host=host), NO_USERS.zh.format(host=host)), NO_USERS_FIX)
    put(sys.stdout, FIRST_ONE.to(language))
    try:
        name = input(WHAT_NAME.to(language))
    except EOFError:
        raise NO_PASSWORD from None
    put(sys.stdout, ADDED.to(language).format(name=People(home).add(name, _password(language))))


def _password(language: Language) -> str:
    """Never an argument: those are in the shell's history, and in everybody's list of processes."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        if not line.rstrip("\r\n"):
            raise NO_PASSWORD
        return line.rstrip("\r\n")
    try:
        given = getpass.getpass(WHAT_PASSWORD.to(language))
        again = getpass.getpass(AGAIN.to(language))
    except EOFError:
        raise NO_PASSWORD from None
    if again != given:
        raise NOT_THE_SAME
    return given
