"""What an evaluation asks, of whom, and what was answered: rows, prompts, and answers kept so that a kill loses few."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from pydantic import BaseModel, ValidationError

from finetune.job import JOB, job_in
from finetune.methods import ADAPTER
from workspace.errors import UserError
from workspace.project import file_hash, read_samples, writing
from workspace.results import System
from workspace.sample import Message, Sample
from workspace.words import Words, language_of

MOST_EXAMPLES = 16
MOST_CHARACTERS = 2000
PROMPTS = Path(__file__).parents[1] / "prompts"


@dataclass(frozen=True)
class Exam:
    """`labels` are the possible answers of a classification, None where texts are written."""

    test: Sequence[Sample]
    train: Sequence[Sample]
    labels: tuple[str, ...] | None
    key: str

    @property
    def wanted(self) -> list[str]:
        return [row.label if self.labels and row.label else row.answer for row in self.test]


def exam(data: Path, model_folder: Path) -> Exam:
    """The test rows of the file, or all of a file without splits. Raises UserError if there are none."""
    rows = [row for row in read_samples(data) if row.kept]
    test = [row for row in rows if row.split == "test"]
    if not any(row.split for row in rows):
        test = rows
    if not test:
        raise UserError(
            Words("There is no row to test on.", "没有可用于测试的数据。"),
            Words(
                "The file needs rows of the split `test`, or rows without any split.",
                "文件里需要有 test 数据，或未划分的数据。",
            ),
        )
    train = [row for row in rows if row.split == "train"] or _trained_on(model_folder)
    key = hashlib.sha256()
    for part in (data, model_folder / ADAPTER, model_folder / JOB):
        key.update(file_hash(part).encode())
    return Exam(test, train, _labels([*test, *train]), key.hexdigest())


def prompted(exam: Exam) -> tuple[Message, ...]:
    """What a careful person would put before the message: the task, the labels, and some training rows as turns."""
    language = language_of(" ".join(row.question for row in exam.test[:50]))
    text = (PROMPTS / f"{'sort' if exam.labels else 'write'}.{language}.md").read_text(encoding="utf-8").strip()
    turns = [Message(role="system", content=text.replace("{{labels}}", ", ".join(exam.labels or ())))]
    for row in _examples(exam):
        turns += [m for m in row.messages if m.role != "system"]
    return tuple(turns)


def asked(row: Sample, before: Sequence[Message] = ()) -> tuple[Message, ...]:
    """The row without its answer, after `before`; two system messages become one."""
    turns = row.messages[:-1] if row.messages[-1].role == "assistant" else row.messages
    if before and turns and turns[0].role == "system":
        joined = Message(role="system", content=f"{before[0].content}\n{turns[0].content}")
        return (joined, *before[1:], *turns[1:])
    return (*before, *turns)


class _Line(BaseModel):
    """One line of a sheet: its key, an answer, or how long single queries took."""

    key: str | None = None
    row: int | None = None
    answer: str = ""
    ms: list[float] | None = None


class Sheet:
    """The answers of one system, appended as they come; those to another exam are dropped."""

    def __init__(self, folder: Path, system: System, key: str) -> None:
        self.path = folder / f"predictions-{system}.jsonl"
        self.answers: dict[int, str] = {}
        self.ms: list[float] | None = None
        lines = list(self._lines())
        if not lines or lines[0].key != key:
            lines = []
        for line in lines[1:]:
            self.ms = line.ms or self.ms
            if line.row is not None:
                self.answers[line.row] = line.answer
        self._rewrite(key)

    def add(self, answers: dict[int, str]) -> None:
        self.answers |= answers
        self._append([_Line(row=row, answer=answer) for row, answer in answers.items()])

    def time(self, ms: list[float]) -> None:
        self.ms = ms
        self._append([_Line(ms=ms)])

    def _lines(self) -> Iterator[_Line]:
        """Up to the first that a kill cut short."""
        for line in self.path.read_bytes().split(b"\n") if self.path.exists() else ():
            try:
                yield _Line.model_validate_json(line)
            except ValidationError:
                return

    def _rewrite(self, key: str) -> None:
        answers = [_Line(row=row, answer=answer) for row, answer in self.answers.items()]
        with writing(self.path) as file:
            file.write(_packed([_Line(key=key), *answers, *([_Line(ms=self.ms)] if self.ms else ())]))

    def _append(self, lines: Sequence[_Line]) -> None:
        with self.path.open("ab") as file:
            file.write(_packed(lines))


def _packed(lines: Sequence[_Line]) -> bytes:
    return b"".join(orjson.dumps(line.model_dump(exclude_defaults=True)) + b"\n" for line in lines)


def _labels(rows: Sequence[Sample]) -> tuple[str, ...] | None:
    labels = {row.label for row in rows}
    return None if None in labels else tuple(sorted(label for label in labels if label))


def _trained_on(model_folder: Path) -> list[Sample]:
    """The rows that the model learned from, where they are still there unchanged."""
    job = job_in(model_folder)
    if not job.data.is_file() or file_hash(job.data) != job.data_hash:
        return []
    return [row for row in read_samples(job.data) if row.kept and row.split in ("train", None)]


def _examples(exam: Exam) -> list[Sample]:
    """A row a label while they are few and short, else some of all; the same ones each time."""
    rows = list(exam.train)
    random.Random(7).shuffle(rows)
    first = {row.label or str(i): row for i, row in reversed(list(enumerate(rows)))}
    most = MOST_EXAMPLES if exam.labels else 3
    found: list[Sample] = []
    for row in list(first.values())[:most]:
        if sum(len(r.question + r.answer) for r in (*found, row)) <= MOST_CHARACTERS:
            found.append(row)
    return found
