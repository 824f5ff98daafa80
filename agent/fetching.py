"""New rows of a source to the end of a file, once or on a schedule; a stopped fetch goes on where it was."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from agent.events import Event, Failed, File, Progress, Say
from workspace.errors import UserError, boundary
from workspace.project import Project
from workspace.settings import redacted
from workspace.spec import Spec
from workspace.words import Language, Words

if TYPE_CHECKING:
    from tools.appending import Appending, Taken
    from tools.base import Kit, Source
    from workspace.sample import Sample, Scalar

MOST_REASONS = 5
FETCHING = Words("fetching", "获取数据")


@dataclass(frozen=True)
class Stream:
    """A source that flows into a file. Its `id` follows from both, so the same command goes on with it."""

    source: Source
    out: Path
    id: str


def fetch(home: Path, given: Path, out: Path, every: float | None = None, language: Language = "en") -> Iterator[Event]:
    """`every`: seconds between two fetches, for ever; else a single one. Raises UserError where that one fails."""
    from tools.base import Kit

    stream = _stream(given, out)
    kit = Kit(spec=Spec(), project=Project(home, f"fetch-{stream.id}"))
    while True:
        try:
            with kit.project.working(), boundary(FETCHING):
                yield from _once(stream, kit, language)
        except UserError as error:
            if every is None:
                raise
            problem, fix = error.to(language)
            yield Failed(problem=redacted(problem), fix=redacted(fix))
        if every is None:
            return
        at = f"{datetime.now() + timedelta(seconds=every):%H:%M:%S}"
        yield Say(text=Words(f"The next time at {at}; Ctrl-C stops.", f"下次获取：{at}；按 Ctrl-C 停止。").to(language))
        time.sleep(every)


def _stream(given: Path, out: Path) -> Stream:
    from tools.mixing import source_of

    raw = _read(given)
    kind, options = str(raw.get("kind", "")), {name: value for name, value in raw.items() if name != "kind"}
    source = source_of(kind, {**_from_here(options, given.resolve().parent), "tables": True})
    said = f"{kind}\0{source.model_dump_json()}\0{out.resolve()}"
    return Stream(source, out.resolve(), hashlib.sha256(said.encode()).hexdigest()[:12])


def _read(given: Path) -> Mapping[str, object]:
    try:
        raw = yaml.safe_load(given.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _no_source(given, redacted(str(error).splitlines()[0])) from None
    if not isinstance(raw, dict):
        raise _no_source(given, "it is no list of options")
    return {str(name): value for name, value in raw.items()}


def _from_here(options: Mapping[str, object], folder: Path) -> dict[str, object]:
    """Files that it names stand beside it, not in a project."""
    found, paths, held = dict(options), options.get("paths"), options.get("connection")
    if isinstance(paths, list):
        found["paths"] = [str(folder / str(path)) for path in paths]
    if isinstance(held, str) and held.endswith((".db", ".sqlite", ".sqlite3")) and "://" not in held:
        found["connection"] = str(folder / held)
    return found


def _once(stream: Stream, kit: Kit, language: Language) -> Iterator[Event]:
    from tools.appending import Appending, Taken

    ordered = bool(getattr(stream.source, "ordered", False) and getattr(stream.source, "incremental", None))
    appending, taken = Appending(kit.project.journal, stream.id, stream.out, ordered=ordered), Taken()
    if appending.begun_again:
        again = Words("The file is shorter than it was: all is fetched again.", "文件比之前短：将重新获取全部数据。")
        yield Say(text=again.to(language))
    for taken in appending.take(_rows(stream.source, kit, appending.mark.since)):
        yield Progress(stage=Words("Fetching", "获取").to(language), done=taken.read, total=taken.read)
    yield from _told(taken, appending, language)
    if taken.broken:
        raise UserError(
            Words(f"The source broke off: {taken.broken}.", f"数据来源中断：{taken.broken}。"),
            Words(
                "What came before is kept; the same command goes on from there.",
                "已取得的数据都还在；再次执行同一条命令会继续。",
            ),
        )


def _rows(source: Source, kit: Kit, since: Scalar) -> Iterator[tuple[Sample, Scalar]]:
    from tools.sources.database import Database
    from tools.sources.http import Http

    if isinstance(source, Database | Http):
        return source.marked(kit, since)
    return ((row, None) for row in source.read(kit))


def _told(taken: Taken, appending: Appending, language: Language) -> Iterator[Event]:
    refused = taken.refused.total()
    counts = Words(
        f"{taken.read} rows read: {taken.new} new, {taken.known} there already, {refused} refused.",
        f"读取 {taken.read} 条：新增 {taken.new} 条，已有 {taken.known} 条，拒绝 {refused} 条。",
    ).to(language)
    reasons = [f"\n- {count} × {reason}" for reason, count in taken.refused.most_common(MOST_REASONS)]
    yield Say(text=counts + "".join(reasons))
    yield File(title=Words("Rows", "数据").to(language), path=str(appending.out))
    if refused:
        yield File(title=Words("Refused rows", "被拒绝的数据").to(language), path=str(appending.refused))


def _no_source(given: Path, why: str) -> UserError:
    return UserError(
        Words(f"{given.name} does not describe a source: {why}.", f"{given.name} 不是有效的数据来源说明：{why}。"),
        Words(
            "Write a YAML file with kind (database, http, hub or files) and its options.",
            "请写一个 YAML 文件，包含 kind（database、http、hub 或 files）及其选项。",
        ),
    )
