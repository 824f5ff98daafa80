"""What an evaluation asks, of whom, and what was answered: rows, prompts, and answers kept so that a kill loses few."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from pydantic import BaseModel, ValidationError

from finetune.held_back import asked as normalised
from finetune.held_back import fingerprint
from finetune.job import JOB, Held, job_in
from workspace.errors import UserError
from workspace.project import file_hash, read_samples, writing
from workspace.results import System, TestRows
from workspace.sample import Message, Sample
from workspace.words import Words, language_of

MOST_EXAMPLES = 16
MOST_CHARACTERS = 2000
PROMPTS = Path(__file__).parents[1] / "prompts"


@dataclass(frozen=True, slots=True)
class Evaluated:
    """How far the testing of `what` is: a system by its name, or a further measurement in words."""

    what: System | Words
    done: int
    total: int


class Batch(BaseModel):
    """Rows answered together: how long it took, and how many tokens were written."""

    rows: int
    seconds: float
    tokens: int = 0


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

    @property
    def test_hash(self) -> str:
        """SHA-256 of the test rows."""
        return fingerprint(self.test)


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
    train = _trained_on(model_folder) or [row for row in rows if row.split == "train"]
    key = hashlib.sha256()
    for part in (data, model_folder / JOB, *sorted(model_folder.glob("*.safetensors"))):
        key.update(file_hash(part).encode())
    return Exam(test, train, labels_of([*test, *train]), key.hexdigest())


def of_frozen(exam: Exam, data: Path, model_folder: Path) -> TestRows:
    """Which rows these are, and whether they can be trusted to be new to the model."""
    job = job_in(model_folder)
    note = _note(exam, job.held)
    return TestRows(hash=exam.test_hash, data_hash=file_hash(data), version=job.version, note=note)


def _note(exam: Exam, held: Held) -> Words | None:
    learned = {normalised(row) for row in exam.train}
    seen, rows = sum(normalised(row) in learned for row in exam.test), len(exam.test)
    if seen:
        return Words(
            f"{seen} of the {rows} test rows stand among the rows that the model learned from: it may know them by "
            "heart.",
            f"{rows} 条测试数据中有 {seen} 条也在训练数据里：模型可能只是背下了答案。",
        )
    if held.rows and exam.test_hash != held.hash:
        return Words(
            "These are not the rows that were held back when the model was trained, so its own report card can't be "
            "compared row by row.",
            "这些不是训练该模型时留出的数据，不能与它原来的成绩单逐条比较。",
        )
    return None


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


def with_passages(turns: Sequence[Message], passages: Sequence[str]) -> tuple[Message, ...]:
    """The same question with what the documents say about it before it."""
    if not passages or not turns:
        return tuple(turns)
    last = turns[-1]
    head = (PROMPTS / f"passages.{language_of(last.content)}.md").read_text(encoding="utf-8").strip()
    content = "\n\n".join((head, *passages, last.content))
    return (*turns[:-1], last.model_copy(update={"content": content}))


class _Line(BaseModel):
    """One line of a sheet: its key, an answer, what a batch took, or how long single queries did."""

    key: str | None = None
    row: int | None = None
    answer: str = ""
    batch: Batch | None = None
    ms: list[float] | None = None
    memory_mb: float | None = None


class Sheet:
    """The answers of one system, appended as they come; those to another exam are dropped."""

    def __init__(self, folder: Path, system: System, key: str) -> None:
        self.path = folder / f"predictions-{system}.jsonl"
        self.answers: dict[int, str] = {}
        self.batches: list[Batch] = []
        self.ms: list[float] | None = None
        self.memory_mb: float | None = None
        lines = list(self._lines())
        if not lines or lines[0].key != key:
            lines = []
        for line in lines[1:]:
            self.ms, self.memory_mb = line.ms or self.ms, line.memory_mb or self.memory_mb
            self.batches += [line.batch] if line.batch else []
            if line.row is not None:
                self.answers[line.row] = line.answer
        self._rewrite(key)

    def add(self, answers: dict[int, str], batch: Batch) -> None:
        self.answers |= answers
        self.batches.append(batch)
        self._append([*(_Line(row=row, answer=answer) for row, answer in answers.items()), _Line(batch=batch)])

    def time(self, ms: list[float], memory_mb: float) -> None:
        self.ms, self.memory_mb = ms, memory_mb
        self._append([self._timed])

    @property
    def _timed(self) -> _Line:
        return _Line(ms=self.ms, memory_mb=self.memory_mb)

    def _lines(self) -> Iterator[_Line]:
        """Up to the first that a kill cut short."""
        for line in self.path.read_bytes().split(b"\n") if self.path.exists() else ():
            try:
                yield _Line.model_validate_json(line)
            except ValidationError:
                return

    def _rewrite(self, key: str) -> None:
        answers = (_Line(row=row, answer=answer) for row, answer in self.answers.items())
        batches = (_Line(batch=batch) for batch in self.batches)
        with writing(self.path) as file:
            file.write(_packed([_Line(key=key), *answers, *batches, *([self._timed] if self.ms else ())]))

    def _append(self, lines: Sequence[_Line]) -> None:
        with self.path.open("ab") as file:
            file.write(_packed(lines))


def _packed(lines: Sequence[_Line]) -> bytes:
    return b"".join(orjson.dumps(line.model_dump(exclude_defaults=True)) + b"\n" for line in lines)


def labels_of(rows: Sequence[Sample]) -> tuple[str, ...] | None:
    """Sorted; None where a row has none, for then texts are written."""
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
