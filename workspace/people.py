"""Who may sign in here: names with hashed passwords, in one file of the home folder that nobody else may read."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from pathlib import Path

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, ValidationError

from workspace.errors import UserError
from workspace.project import writing
from workspace.words import Words

NAME = re.compile(r"\w[\w.@+-]{0,63}")  # no colon: that is what names from elsewhere have, as slack:TEAM:USER
SHORTEST, LONGEST = 8, 1000
# OWASP's password storage cheat sheet, 2025: 32 MiB and about a quarter of a second a try.
COST, BLOCK, TIMES, MEMORY = 2**15, 8, 3, 64 * 2**20


class Secret(BaseModel):
    """A password as it is kept; what it was made with stays beside it, so that the cost can be raised later."""

    model_config = ConfigDict(frozen=True)

    salt: str
    hash: str
    cost: int = COST
    block: int = BLOCK
    times: int = TIMES

    def fits(self, password: str) -> bool:
        made = _hashed(password, bytes.fromhex(self.salt), self.cost, self.block, self.times)
        return hmac.compare_digest(made, bytes.fromhex(self.hash))


class Kept(BaseModel):
    model_config = ConfigDict(frozen=True)

    people: dict[str, Secret] = {}


class People:
    """`home/people.json`. A name counts the same however its letters are written: Ann is ann."""

    def __init__(self, home: Path) -> None:
        self._path = home / "people.json"

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._read().people))

    def add(self, name: str, password: str) -> str:
        """The name as it is known from now on. Raises UserError for one that is taken, or can't be one."""
        known = _valid(name)
        _long_enough(password)
        with self._changing():
            there = self._read().people
            if known in there:
                raise UserError(
                    Words(f"There is a user {known} already.", f"用户 {known} 已存在。"),
                    Words(
                        f"To set another password: tunesmith users remove {known}, then add it again.",
                        f"如需更换密码，请先执行 tunesmith users remove {known}，再重新添加。",
                    ),
                )
            self._write({**there, known: _secret(password)})
        return known

    def remove(self, name: str) -> None:
        known = folded(name)
        with self._changing():
            there = self._read().people
            if known not in there:
                raise UserError(
                    Words(f"There is no user {known}.", f"没有用户 {known}。"),
                    Words("`tunesmith users` lists those that there are.", "`tunesmith users` 会列出现有用户。"),
                )
            self._write({other: secret for other, secret in there.items() if other != known})

    def check(self, name: str, password: str) -> bool:
        """A name that nobody has takes as long as a wrong password."""
        kept = self._read().people.get(folded(name))
        right = (kept or UNKNOWN).fits(password[: LONGEST + 1])
        return right and kept is not None

    def mark(self, name: str) -> str:
        """Another one after the name was removed, or got a new password; "" where there is no such name."""
        kept = self._read().people.get(name)
        return kept.salt if kept else ""

    def _read(self) -> Kept:
        try:
            return Kept.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return Kept()
        except ValidationError as error:
            raise UserError(
                Words(f"The list of users can't be read ({self._path}).", f"无法读取用户列表（{self._path}）。"),
                Words(
                    "Put back a copy of it, or remove it and add the users again; their projects stay theirs.",
                    "请恢复它的备份，或删除后重新添加用户；他们的项目不受影响。",
                ),
            ) from error

    def _write(self, people: dict[str, Secret]) -> None:
        private(self._path, Kept(people=people).model_dump_json(indent=1).encode())

    def _changing(self) -> FileLock:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(self._path.with_suffix(".lock"))


def private(path: Path, content: bytes) -> None:
    """A file that nobody but this account may read, whole or absent."""
    with writing(path, mode=0o600) as file:
        file.write(content)


def folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _valid(name: str) -> str:
    known = folded(name)
    if not NAME.fullmatch(known):
        raise UserError(
            Words(f"{name!r} can't be a user's name.", f"{name!r} 不能作用户名。"),
            Words("Use letters, digits and . @ + - _, 64 at most.", "请用文字、数字和 . @ + - _，最多 64 个字符。"),
        )
    return known


def _long_enough(password: str) -> None:
    if not SHORTEST <= len(password) <= LONGEST:
        raise UserError(
            Words(f"The password has {len(password)} characters.", f"密码有 {len(password)} 个字符。"),
            Words(f"Use {SHORTEST} to {LONGEST}.", f"请使用 {SHORTEST} 到 {LONGEST} 个字符。"),
        )


def _secret(password: str) -> Secret:
    salt = secrets.token_bytes(16)
    return Secret(salt=salt.hex(), hash=_hashed(password, salt, COST, BLOCK, TIMES).hex())


def _hashed(password: str, salt: bytes, cost: int, block: int, times: int) -> bytes:
    # The same word typed on two keyboards may come as different characters.
    given = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(given, salt=salt, n=cost, r=block, p=times, maxmem=MEMORY, dklen=32)


UNKNOWN = Secret(salt="00" * 16, hash="00" * 32)
