"""Large files from a hub: gone on with where a connection broke, checked by their hash, whole or absent."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from tools.sources.web import Busy, Limits, answered, persistent
from workspace.errors import UserError
from workspace.words import Words

if TYPE_CHECKING:
    from hashlib import _Hash

    from httpx import URL, Client, Response

BLOCK = 2**20


@dataclass(frozen=True)
class Remote:
    """A file of a data set. `size` in bytes and `sha256` where the hub says them; `address` is where it is had."""

    path: str
    address: str
    size: int | None = None
    sha256: str | None = None


def download(client: Client, file: Remote, folder: Path, headers: dict[str, str], limits: Limits) -> Path:
    """The file below `folder`. Raises UserError where it is too large, or does not arrive whole after the tries."""
    import httpx

    target = place(folder, file.path)
    if target.exists() and _is(file, target):
        return target
    url, part = httpx.URL(file.address), target.with_name(f".{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.size is not None and file.size > limits.most_bytes:
        raise _too_large(file, limits)
    if not _same(file, part):
        part.unlink(missing_ok=True)
    persistent(lambda: _go_on(client, url, file, part, headers, limits), url, limits)
    os.replace(part, target)
    _told(part).unlink(missing_ok=True)
    return target


def place(folder: Path, path: str) -> Path:
    """Raises UserError where the name leads out of the folder."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or "\\" in path or "\0" in path or any(part == ".." for part in parts):
        raise UserError(
            Words(f"The data set has a file with the name {path!r}.", f"数据集里有名为 {path!r} 的文件。"),
            Words("Name the files that you want in files.", "请用 files 指明需要的文件。"),
        )
    return folder.joinpath(*parts)


def _go_on(client: Client, url: URL, file: Remote, part: Path, headers: dict[str, str], limits: Limits) -> None:
    """One try: the rest of the file where there is a beginning. Raises Busy where it is not the one that was meant."""
    start = part.stat().st_size if part.exists() else 0
    if file.size is None or start < file.size or start == 0:
        more = {"Range": f"bytes={start}-"} if start else {}
        asked = {**headers, "Accept-Encoding": "identity", **more}
        with answered(client, url, asked, limits, elsewhere=True) as response:
            _write(response, part, start, file, limits)
            expected = _md5(response)
        if expected and _digest(part, hashlib.md5(usedforsecurity=False)) != expected:
            part.unlink()
            raise Busy("the file did not arrive whole")
    if not _is(file, part):
        part.unlink()
        raise Busy("the file is not the one that the hub describes")


def _write(response: Response, part: Path, start: int, file: Remote, limits: Limits) -> None:
    """A server that can't resume sends all of it again."""
    resumed = response.status_code == 206 and response.headers.get("content-range", "").startswith(f"bytes {start}-")
    size = start if resumed else 0
    _told(part).write_text(f"{file.sha256 or ''} {file.size or ''}", encoding="utf-8")
    with part.open("ab" if resumed else "wb") as out:
        for chunk in response.iter_raw():
            size += len(chunk)
            if size > limits.most_bytes:
                raise _too_large(file, limits)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())


def _told(part: Path) -> Path:
    return part.with_name(part.name + ".of")


def _same(file: Remote, part: Path) -> bool:
    """The beginning that lies there is of this very file, as far as the hub lets us know."""
    known = f"{file.sha256 or ''} {file.size or ''}"
    return known.strip() != "" and _told(part).exists() and _told(part).read_text(encoding="utf-8") == known


def _is(file: Remote, path: Path) -> bool:
    if file.size is not None and path.stat().st_size != file.size:
        return False
    return file.sha256 is None or _digest(path, hashlib.sha256()).hex() == file.sha256.lower()


def _digest(path: Path, found: _Hash) -> bytes:
    for chunk in _blocks(path):
        found.update(chunk)
    return found.digest()


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(BLOCK):
            yield chunk


def _md5(response: Response) -> bytes | None:
    """Google's storage, where Kaggle keeps its files, sends it along: x-goog-hash: crc32c=…,md5=…"""
    for given in response.headers.get("x-goog-hash", "").split(","):
        name, _, value = given.strip().partition("=")
        if name == "md5":
            return base64.b64decode(value)
    return None


def _too_large(file: Remote, limits: Limits) -> UserError:
    most = f"{limits.most_bytes / 1e6:g} MB"
    return UserError(
        Words(f"{file.path} is larger than {most}.", f"{file.path} 超过 {most}。"),
        Words("Name smaller files in files, or raise most_bytes.", "请用 files 指定较小的文件，或提高 most_bytes。"),
    )
