"""A foreign format is parsed in a process of its own, so that a file that lies about itself costs only itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import IO

import orjson

from tools.sources.kinds import MB, Reader
from tools.sources.record import Record
from workspace.errors import UserError
from workspace.words import Words

LONGEST_FRAME = 32 * MB
LONGEST = 2_000_000
TICK = 0.02
# Nothing else of the environment goes in: keys and tokens are none of a parser's business.
PASSED_ON = ("LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
QUIET = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",
}
ELSEWHERE = {"socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"}


def read_apart(path: Path, limits: Reader) -> Iterator[Record]:
    """Its records as they come, and one more with a problem where the parser stopped short.

    Raises UserError where nothing came.
    """
    child = _start(path, limits)
    watch = _Watch(child, limits)
    last: Record | None = None
    try:
        end: dict[str, object] | None = None
        for frame in watch.frames():
            if isinstance(frame, dict):
                end = frame
                break
            last = _record(frame)
            yield last
    finally:
        watch.close()
    if end is not None and "peak" in end:
        return
    error = _refusal(end, watch.killed_for, child.returncode, path, limits)
    if last is None:
        raise error
    reason = f"what follows could not be read: {error.problem.en}"
    yield Record(last.line + 1, {}, reason, "", last.file, last.sheet, last.page)


# The parent's side


def _start(path: Path, limits: Reader) -> subprocess.Popen[bytes]:
    # Large files may take longer, small ones that go on and on may not.
    cpu = max(limits.seconds, limits.work) + path.stat().st_size // MB
    here = str(Path(__file__).parents[2])
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment |= QUIET | {"PYTHONPATH": os.pathsep.join(dict.fromkeys([here, *filter(None, sys.path)]))}
    # -S and our own path: the site's start-up files cost more than all the rest of the start.
    command = [sys.executable, "-S", "-s", "-P", "-B", "-m", "tools.sources.child"]
    return subprocess.Popen(
        [*command, limits.function, str(path.absolute()), str(limits.memory), str(cpu)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )


class _Watch(threading.Thread):
    """Kills the child when it holds too much memory, or when nothing has come from it for too long.

    Time counts only while somebody waits for the next record: one who is slow to take them is not the file's fault.
    """

    def __init__(self, child: subprocess.Popen[bytes], limits: Reader) -> None:
        super().__init__(daemon=True)
        self._child, self._limits = child, limits
        self._pipe: IO[bytes] = child.stdout  # type: ignore[assignment]
        self._since: float | None = None
        self._over = threading.Event()
        self.killed_for = ""
        self.start()

    def run(self) -> None:
        while not self._over.wait(TICK):
            since = self._since
            if _resident(self._child.pid) > self._limits.memory:
                self.killed_for = "memory"
            elif since is not None and time.monotonic() - since > self._limits.seconds:
                self.killed_for = "time"
            if self.killed_for:
                self._child.kill()
                return

    def frames(self) -> Iterator[list[object] | dict[str, object]]:
        while True:
            self._since = time.monotonic()
            line = self._pipe.readline(LONGEST_FRAME)
            self._since = None
            if not line.endswith(b"\n"):
                return
            # What orjson could not write (a lone surrogate, a very large number) it could not read either.
            yield json.loads(line[1:]) if line[:1] == b"!" else orjson.loads(line)

    def close(self) -> None:
        self._pipe.close()
        try:
            self._child.wait(1)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._over.set()
        self.join()


def _resident(process: int) -> int:
    """Bytes of memory; 0 where the system doesn't tell, or the process is gone."""
    try:
        with open(f"/proc/{process}/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _record(frame: list[object]) -> Record:
    line, values, problem, raw, file, sheet, page, confidence = frame
    return Record(line, values, problem, raw, file, sheet, page, confidence)  # type: ignore[arg-type]


def _refusal(end: dict[str, object] | None, killed_for: str, code: int | None, path: Path, limits: Reader) -> UserError:
    if end and "problem" in end:
        problem, fix = end["problem"], end["fix"]
        return UserError(Words(*problem), Words(*fix))  # type: ignore[misc]
    if killed_for == "memory" or (end and end["error"] == "MemoryError"):
        room = limits.memory // MB
        why = Words(f"it needs more than {room} MB of memory", f"所需内存超过 {room} MB")
    elif killed_for == "time" or code == -getattr(signal, "SIGXCPU", 0):
        why = Words(f"it takes longer than {limits.seconds} seconds", f"用时超过 {limits.seconds} 秒")
    elif end:
        why = Words(*([f"{end['error']}: {end['said']}".rstrip(": ")] * 2))
    else:
        room = limits.memory // MB
        why = Words(
            f"the parser broke down over it: it is damaged, or needs more than {room} MB of memory",
            f"解析程序在读取时崩溃：文件已损坏，或所需内存超过 {room} MB",
        )
    called = path.suffix.lower() in limits.suffixes
    what = limits.words if called else Words(f"{limits.words.en}, which it is", f"{limits.words.zh}（实际类型）")
    return UserError(
        Words(f"{path.name} can't be read as {what.en}: {why.en}.", f"{path.name} 无法作为{what.zh}读取：{why.zh}。"),
        Words(
            "It may be damaged or protected. Open it in its own program, save it again and send that.",
            "文件可能已损坏或受保护。请用原来的程序打开、重新保存后再发送。",
        ),
    )


# The child's side


def _main(function: str, path: str, memory: str, seconds: str) -> None:
    # What a parser prints must not stand between the records.
    out = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.excepthook = partial(_failed, out)
    _confine(int(memory), int(seconds))
    module, _, name = function.partition(":")
    sent = 0.0
    for record in getattr(import_module(module), name)(Path(path)):
        out.write(_frame(record))
        # A parser may hang over its next record: what it has read by now should be on its way.
        if (now := time.monotonic()) - sent > TICK:
            out.flush()
            sent = now
    out.write(orjson.dumps({"peak": _peak()}) + b"\n")
    out.close()


def _frame(record: Record) -> bytes:
    place = (record.file, record.sheet, record.page, record.confidence)
    # orjson takes eight times the room of a text to write it, and breaks down where it doesn't get it.
    if sum(len(value) for value in record.values.values() if isinstance(value, str)) > LONGEST:
        return _too_long(record)
    fields = (record.line, record.values, record.problem, record.raw, *place)
    try:
        line = orjson.dumps(fields, default=str) + b"\n"
    except (TypeError, ValueError):
        line = b"!" + json.dumps(fields, default=str).encode() + b"\n"
    return line if len(line) < LONGEST_FRAME else _too_long(record)


def _too_long(record: Record) -> bytes:
    place = (record.file, record.sheet, record.page, record.confidence)
    return orjson.dumps((record.line, {}, f"it is longer than {LONGEST} characters", "", *place)) + b"\n"


def _failed(out: IO[bytes], kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    said: dict[str, object] = {"error": "MemoryError" if issubclass(kind, MemoryError) else kind.__name__}
    said["said"] = str(error)[:300].encode("utf-8", "replace").decode()
    if isinstance(error, UserError):
        said = {"problem": [error.problem.en, error.problem.zh], "fix": [error.fix.en, error.fix.zh]}
    out.write(orjson.dumps(said) + b"\n")
    out.close()


def _confine(memory: int, seconds: int) -> None:
    """No more than this of memory and processor time, no file written, nobody called, no other program started."""
    if sys.platform != "win32":
        import resource

        for limit, value in ((resource.RLIMIT_DATA, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
            resource.setrlimit(limit, (value, value))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    if sys.platform == "linux":
        import ctypes

        unshare = ctypes.CDLL(None).unshare
        # Without network: root can do it at once; anybody else needs a user namespace, where the system allows one.
        if unshare(0x40000000):
            unshare(0x50000000)
    sys.addaudithook(_stay)


def _stay(event: str, _: tuple[object, ...]) -> None:
    if event in ELSEWHERE:
        raise PermissionError(f"a parser may not do this ({event})")


def _peak() -> int:
    """The most memory it ever held, in bytes; 0 where the system doesn't tell."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return next((int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM")), 0)
    except OSError:
        return 0


if __name__ == "__main__":
    _main(*sys.argv[1:])
