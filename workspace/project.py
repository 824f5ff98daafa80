"""A project on disk: its folders, writes that are whole or absent, and the lock of whoever works in it."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from workspace.errors import UserError, disk_full
from workspace.exact import json_bytes, strict_json
from workspace.journal import Journal
from workspace.sample import Sample
from workspace.words import Words

NAME = re.compile(r"[\w\u4e00-\u9fff][\w\u4e00-\u9fff.-]{0,63}")


class Project:
    """`home/projects/<name>/`: journal.sqlite, uploads/, runs/<run>/, versions/<hash>/, models/<name>/, knowledge/,
    texts/."""

    def __init__(self, home: Path, name: str) -> None:
        if not NAME.fullmatch(name) or name.startswith("."):
            raise UserError(
                Words(f"{name!r} can't be a project's name.", f"{name!r} 不能作项目名。"),
                Words("Use letters, digits, - and _, 64 at most.", "请用文字、数字、- 和 _，最多 64 个字符。"),
            )
        self.name = name
        self.folder = home / "projects" / name
        self.folder.mkdir(parents=True, exist_ok=True)

    @cached_property
    def journal(self) -> Journal:
        return Journal(self.folder / "journal.sqlite")

    @property
    def texts(self) -> Path:
        """Where the texts of documents are kept that had to be extracted; by the documents' hashes."""
        return self.folder / "texts"

    def place(self, *parts: str) -> Path:
        """A path below the project; the folder above it is made."""
        path = self.folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def receive(self, path: Path) -> str:
        """Copy an upload to uploads/<hash>/<name> and journal it; its path relative to the project."""
        digest = file_hash(path)
        target = self.place("uploads", digest[:16], path.name)
        if not target.exists():
            with writing(target) as out, path.open("rb") as source:
                shutil.copyfileobj(source, out)
        self.journal.receive(digest, path.name)
        return str(target.relative_to(self.folder))

    @contextmanager
    def working(self) -> Iterator[None]:
        """Only one process works in a project at a time (Chroma and runs need it); others may read."""
        lock = FileLock(self.place("lock"))
        try:
            with lock.acquire(timeout=0):
                yield
        except Timeout as error:
            raise UserError(
                Words(f"Somebody is already working in project {self.name}.", f"项目 {self.name} 正在运行。"),
                Words(
                    "Wait for it, or stop the other one; `tunesmith status` shows it.",
                    "请等待它结束，或先停止它；`tunesmith status` 可以查看。",
                ),
            ) from error


def projects(home: Path) -> list[str]:
    folder = home / "projects"
    return sorted(p.name for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []


def file_hash(path: Path) -> str:
    """SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def writing(path: Path, mode: int = 0o644) -> Iterator[BinaryIO]:
    """A binary file that appears under `path` whole or not at all: temporary name, fsync, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise disk_full(str(path)) from error
        raise
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def writing_path(path: Path) -> Iterator[Path]:
    """As `writing`, for a library that opens its file by name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        yield part
        _sync(part)
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise disk_full(str(path)) from error
        raise
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def writing_folder(path: Path) -> Iterator[Path]:
    """A folder that appears under `path` whole or not at all, as a file does; what stood there is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-"))
    try:
        yield part
        for file in (found for found in part.rglob("*") if found.is_file()):
            _sync(file)
        part.chmod(0o755)
        if path.exists():
            shutil.rmtree(path)
        part.rename(path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise disk_full(str(path)) from error
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def write_text(path: Path, text: str) -> None:
    with writing(path) as file:
        file.write(text.encode())


def write_samples(path: Path, rows: Iterable[Sample]) -> str:
    """JSONL, one sample a line, keys in the model's order; the SHA-256 of its bytes."""
    digest = hashlib.sha256()
    with writing(path) as file:
        for row in rows:
            line = sample_line(row)
            digest.update(line)
            file.write(line)
    return digest.hexdigest()


def sample_line(row: Sample) -> bytes:
    return json_bytes(row.model_dump(mode="json", exclude_defaults=True)) + b"\n"


def read_samples(path: Path) -> Iterator[Sample]:
    """Split on newline bytes only: str.splitlines would also cut at U+2028."""
    with path.open("rb") as file:
        for line in file:
            if line.strip():
                yield Sample.model_validate(strict_json(line))
