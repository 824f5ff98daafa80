"""The same rows in another format, none lost: what a format can't hold goes with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agent.checking import judged
from agent.events import Event, File, Say
from workspace.errors import boundary
from workspace.project import Project
from workspace.sample import Sample
from workspace.spec import Spec
from workspace.words import Language, Words

TALKING = ("alpaca", "sharegpt", "messages", "prompt-completion")


@dataclass
class Seen:
    """What there is to say of the rows that went by."""

    rows: int = 0
    refused: list[tuple[int, Sample]] = field(default_factory=list)
    silent: int = 0
    tools: int = 0

    def watch(self, rows: Iterable[Sample]) -> Iterator[Sample]:
        for row in rows:
            if row.kept:
                roles = {message.role for message in row.messages}
                self.silent += "assistant" not in roles and "chosen" not in row.fields
                self.tools += not roles.isdisjoint(("call", "tool"))
                yield row
            else:
                self.refused.append((self.rows, row))
            self.rows += 1

    def told(self, to: str) -> Iterator[Words]:
        written = self.rows - len(self.refused)
        yield Words(
            f"{self.rows} rows in, {written} written, {len(self.refused)} refused.",
            f"读入 {self.rows} 条，写出 {written} 条，拒绝 {len(self.refused)} 条。",
        )
        if self.silent and to in TALKING:
            yield Words(
                f"{self.silent} of them have no answer, so a trainer learns nothing from them or passes them over.",
                f"其中 {self.silent} 条没有回答，训练时会被跳过，或学不到内容。",
            )
        if self.tools and to == "alpaca":
            yield Words(
                f"{self.tools} of them use tools, for which alpaca has no place: calls stand there as answers, "
                "results as questions. Take sharegpt or messages to train on them.",
                f"其中 {self.tools} 条使用了工具，alpaca 格式没有对应位置：调用写成了回答，结果写成了提问。"
                "要用于训练，请选 sharegpt 或 messages。",
            )


def convert(
    home: Path, file: Path, to: str, out: Path, mapping: Mapping[str, str] | None = None, language: Language = "en"
) -> Iterator[Event]:
    """Rows that can't be read are counted and named. Raises UserError where nothing can be written."""
    from tools.base import Export, Kit, tool
    from tools.exports.lines import refuse_target
    from tools.sources.files import Files

    export, seen = tool(Export, to)(), Seen()  # type: ignore[type-abstract]
    refuse_target(out, file)
    with boundary(Words("converting the file", "转换文件")):
        source = Files(paths=(str(file.resolve()),), mapping=dict(mapping or {}), tables=True)
        rows = source.read(Kit(spec=Spec().filled(), project=Project(home, "checks")))
        export.write(seen.watch(rows), out)
    for number, row in seen.refused:
        yield judged(number, row)
    yield Say(text=" ".join(words.to(language) for words in seen.told(to)))
    yield File(title=to, path=str(out))
