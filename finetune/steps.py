"""Every step of a training, a line each on disk: whoever comes late, or after a kill, sees the whole curve."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from finetune.job import Job, TrainStep

STEPS = "steps.jsonl"
LINE: TypeAdapter[TrainStep] = TypeAdapter(TrainStep)


class Lines:
    """Written for who looks from another process, so nothing waits for the disk."""

    name = STEPS

    def __init__(self, job: Job, folder: Path) -> None:
        self.file = (folder / STEPS).open("ab")
        if self.file.tell():
            self.file.write(b"\n")  # a killed process may have left half a line

    def tell(self, step: TrainStep) -> None:
        self.file.write(LINE.dump_json(step) + b"\n")
        self.file.flush()

    def close(self) -> None:
        self.file.close()


def steps_in(folder: Path) -> tuple[TrainStep, ...]:
    """As they were taken; those that a kill had done again stand there once, as they were the second time."""
    path = folder / STEPS
    if not path.exists():
        return ()
    now = path.stat()
    return _read(path, now.st_mtime_ns, now.st_size)


@lru_cache(maxsize=16)
def _read(path: Path, changed: int, size: int) -> tuple[TrainStep, ...]:
    found: list[TrainStep] = []
    for line in path.read_bytes().split(b"\n"):
        try:
            step = LINE.validate_json(line) if line else None
        except ValidationError:
            continue  # half of it was written
        while step and found and found[-1].step >= step.step:
            found.pop()
        found += [step] if step else []
    return tuple(found)
