"""Before training: what will be learned, shown on real rows, and whether, how long and with what memory it will run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import TypeAdapter

from finetune.base import base_folder, cores, device_and_precision, load_tokenizer
from finetune.estimate import Machine, Outlook, Shape, outlook
from finetune.held_back import Parted, parted
from finetune.job import Held, Job
from finetune.lessons import Lessons, taught
from finetune.methods import possible
from finetune.orders import EXPECTED
from finetune.pupil import R
from finetune.recipe import Recipe
from finetune.rows import Tokens
from workspace.errors import UserError
from workspace.project import read_samples, write_text
from workspace.results import Forecast
from workspace.words import Words

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SHOWN = 6
LESSON = "lesson.json"
# Around the tokens that are trained; everything else the model only reads.
MARKS = ("⟦", "⟧")


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as the model sees it, `learned` being what it is to write; lengths in tokens."""

    read: str
    learned: str
    length: int
    trained: int


@dataclass(frozen=True, slots=True)
class Lesson:
    """Some rows as they are learned, and of how many; tokens of one pass over all; where it trains."""

    shown: tuple[Shown, ...]
    rows: int
    tokens: int
    trained: int
    device: str


LESSONS: TypeAdapter[Lesson] = TypeAdapter(Lesson)


@dataclass(frozen=True, slots=True)
class Prospect:
    """`tokens` and `trained` count one pass over all rows to train on."""

    shown: Sequence[Shown]
    train: int
    watch: int
    tokens: int
    trained: int
    longest: int
    cut: int
    note: Words | None
    outlook: Outlook
    machine: Machine


def prospect(data: Path, recipe: Recipe) -> Prospect:
    """Of a run that learns from this file; nothing is trained, and no weight is loaded.

    Raises UserError for what training would refuse: an unknown base, a method that does not go with it or this
    machine, rows that teach nothing, too little memory.
    """
    return of_rows(parted(data), recipe)


def of_rows(parts: Parted, recipe: Recipe) -> Prospect:
    base, here = base_folder(recipe.base), machine()
    possible(base, recipe, here.device, (name for name, _ in _weights(base)))
    lessons, shown = _sorting(parts, recipe, base) if recipe.method == "encoder" else _writing(parts, recipe, base)
    found = outlook(recipe, shape(base), lessons.train, lessons.validation, here)
    if found.least_gb > here.memory_gb:
        raise _no_room(found, here)
    return Prospect(
        shown=shown,
        train=len(lessons.train),
        watch=len(lessons.validation),
        tokens=sum(row.length for row in lessons.train),
        trained=sum(row.trained for row in lessons.train),
        longest=max(row.length for row in lessons.train),
        cut=lessons.cut,
        note=lessons.note,
        outlook=found,
        machine=here,
    )


def _writing(parts: Parted, recipe: Recipe, base: Path) -> tuple[Lessons[Any], list[Shown]]:
    tokenizer = load_tokenizer(base)
    held = Held(rows=len(parts.test), twins=parts.twins)
    lessons = taught(parts.learned, recipe, held, tokenizer, base)
    return lessons, [_shown(row, tokenizer) for row in _some(lessons.train, lambda row: row.answer)]


def _sorting(parts: Parted, recipe: Recipe, base: Path) -> tuple[Lessons[Any], list[Shown]]:
    from finetune.encoders import classifier, reading

    tokenizer = classifier.load_tokenizer(base, recipe.base)
    rows = [row for row in parts.learned if row.kept and row.split != "test"]
    held = Held(rows=len(parts.test), twins=parts.twins)
    kinds, lessons = reading.readings(rows, recipe, held, tokenizer, classifier.longest(base, tokenizer))
    some = _some(lessons.train, lambda row: (row.label,))
    told = [reading.shown(row, kinds, tokenizer) for row in some]
    return lessons, [
        Shown(read, learned.join(MARKS), row.length, row.trained)
        for row, (read, learned) in zip(some, told, strict=True)
    ]


def foresee(job: Job, folder: Path) -> None:
    """Write down what will be learned and what the formula says, once; and refuse what can't fit before anything is
    loaded."""
    if (folder / EXPECTED).exists():
        return
    found = of_rows(Parted(list(read_samples(job.data)), (), 0), job.recipe)
    lesson = Lesson(tuple(found.shown), found.train, found.tokens, found.trained, found.machine.device)
    write_text(folder / LESSON, LESSONS.dump_json(lesson).decode())
    forecast = Forecast(seconds=round(found.outlook.seconds, 1), memory_gb=round(found.outlook.memory_gb, 2))
    write_text(folder / EXPECTED, forecast.model_dump_json())


def lesson_in(folder: Path) -> Lesson | None:
    """What the run in this folder learns from, where it has begun."""
    path = folder / LESSON
    return LESSONS.validate_json(path.read_bytes()) if path.exists() else None


def _some(train: Sequence[R], answer: Callable[[R], tuple[int, ...]]) -> list[R]:
    """From the shortest to the longest, evenly, and each answer once while there are others."""
    rows = sorted(train, key=lambda row: row.length)
    apart = list({answer(row): row for row in rows}.values())
    rows = apart if len(apart) >= SHOWN else rows
    last = len(rows) - 1
    return [rows[i] for i in sorted({round(n * last / (SHOWN - 1)) for n in range(SHOWN)})]


def _shown(row: Tokens, tokenizer: PreTrainedTokenizerBase) -> Shown:
    learned = str(tokenizer.decode(row.answer)).join(MARKS)
    return Shown(str(tokenizer.decode(row.prompt)), learned, row.length, row.trained)


def shape(base: Path) -> Shape:
    """From config.json and the heads of the files of weights: no weight itself is read."""
    config = orjson.loads((base / "config.json").read_bytes())
    config = config.get("text_config", config)
    tables = ("embed_tokens", "lm_head", "wte", "embeddings")
    body = sum(count for name, count in _weights(base) if not any(table in name for table in tables))
    hidden = config.get("hidden_size") or config.get("n_embd") or 1024
    return Shape(
        body=float(body),
        hidden=hidden,
        inner=config.get("intermediate_size") or config.get("n_inner") or 4 * hidden,
        layers=config.get("num_hidden_layers") or config.get("n_layer") or 24,
        vocabulary=config.get("vocab_size") or 32000,
        stored=float(sum(path.stat().st_size for path in base.glob("*.safetensors"))),
    )


def _weights(base: Path) -> list[tuple[str, int]]:
    """(name, how many numbers) of each tensor."""
    from safetensors import safe_open

    found = []
    for path in sorted(base.glob("*.safetensors")):
        with safe_open(path, framework="np") as file:
            for name in file.keys():  # noqa: SIM118
                count = 1
                for side in file.get_slice(name).get_shape():
                    count *= side
                found.append((name, count))
    return found


def machine() -> Machine:
    # Waiting threads that spin would take the cores from whoever else works here.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    device, precision = device_and_precision()
    together = cores() if device == "cpu" else 1
    return Machine(device, precision, together * _multiply(device, precision), available_gb(device), together)


def available_gb(device: str) -> float:
    """Memory that is free for a new process: of the GPU, or of this machine or container."""
    import psutil
    import torch

    if device == "cuda":
        return torch.cuda.mem_get_info()[0] / 1e9
    free = psutil.virtual_memory().available
    limit, used = (Path("/sys/fs/cgroup", name) for name in ("memory.max", "memory.current"))
    if limit.is_file() and used.is_file() and (most := limit.read_text().strip()).isdigit():
        free = min(free, int(most) - int(used.read_text()))
    return free / 1e9


def _multiply(device: str, precision: str) -> float:
    """Multiplications and additions a second in a layer forwards and backwards; the best of a few tries.

    On a CPU a core's seconds, for others may be using the machine just now.
    """
    import torch

    rows, wide, high = (4096, 4096, 4096) if device == "cuda" else (512, 576, 1536)
    dtype = getattr(torch, precision)
    layer = torch.nn.Linear(wide, high, bias=False, dtype=dtype, device=device)
    given = torch.ones(rows, wide, dtype=dtype, device=device, requires_grad=True)

    clock = time.perf_counter if device == "cuda" else time.process_time

    def once() -> float:
        start = clock()
        layer(given).sum().backward()
        if device == "cuda":
            torch.cuda.synchronize()
        return clock() - start

    return 3 * 2 * rows * wide * high / min(once() for _ in range(8))


def _no_room(found: Outlook, here: Machine) -> UserError:
    return UserError(
        Words(
            f"Tuning this base needs at least {found.least_gb:.1f} GB of memory, and {here.memory_gb:.1f} GB are free.",
            f"微调该模型至少需要 {found.least_gb:.1f} GB 内存，而目前只有 {here.memory_gb:.1f} GB 可用。",
        ),
        Words(
            "Choose a smaller base, LoRA instead of full tuning, or shorter rows; or free some memory.",
            "请换更小的基础模型、用 LoRA 代替全量微调或缩短数据；也可以先释放一些内存。",
        ),
    )
