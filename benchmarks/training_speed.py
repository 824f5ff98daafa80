"""How fast our training loop is beside TRL's SFTTrainer: same rows, same batch, same rates, one after the other.

    .venv/bin/python benchmarks/training_speed.py --rival PYTHON [--rows 40] [--steps 16] [--trial 4]

PYTHON is an interpreter that has `trl` and `datasets` beside what we need. Needs ../shared/data/banking77.
First TRL's settings run for a few steps; its fastest in float32, its fastest of all and its defaults then run beside
ours. Real tokens only, never padding. Prints a table with date and machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
BASE, BATCH, RATE, SEED = "smollm2-135m", 16, 2e-3, 7
WARM = 2
# Their own names; checkpointing and bf16 are on by default. A pack is as many tokens as a batch of rows.
PLAIN: dict[str, Any] = {"gradient_checkpointing": False, "bf16": False}
PACKED: dict[str, Any] = {**PLAIN, "packing": True, "per_device_train_batch_size": 1}
RIVALS: dict[str, tuple[str, dict[str, Any]]] = {
    "trl defaults": ("float32", {}),
    "trl float32": ("float32", PLAIN),
    "trl float32 packed": ("float32", PACKED),
    "trl bf16": ("float32", PLAIN | {"bf16": True}),
    "trl bf16 packed": ("float32", PACKED | {"bf16": True}),
    "trl bf16 weights": ("bfloat16", PLAIN),
    "trl bf16 weights packed": ("bfloat16", PACKED),
}
IN_FLOAT32 = ("trl float32", "trl float32 packed")


class Run(NamedTuple):
    """`loss` on the validation rows after the last step, per token of the answers."""

    tokens_per_second: float
    memory_gb: float
    loss: float


def ours(precision: str, rows: int, steps: int, out: Path) -> Run:
    from tuning import real_rows

    from finetune.base import device_and_precision
    from finetune.checkpoint import State
    from finetune.job import Job
    from finetune.loop import Learner
    from finetune.recipe import Recipe
    from finetune.writer import Writer
    from workspace.project import write_samples

    data = out / "data.jsonl"
    version = write_samples(data, real_rows(rows))
    chosen = device_and_precision()[1] if precision == "best" else precision
    state = State.model_validate({"precision": chosen, "most_tokens": 4096})
    recipe = Recipe(base=BASE, seed=SEED, learning_rate=RATE, batch=BATCH, steps=steps, dropout=0.05, check_every=10**6)
    job = Job(data=data, data_hash=version, version=version, recipe=recipe)
    learner = Learner(job, out, Writer(job, state.precision, "cpu"), state, "cpu")
    tokens, found, seen = [], [], 0
    for step in learner.learn(lambda: ""):
        tokens.append(state.tokens - seen)
        seen, last = state.tokens, step
        found.append(step.tokens_per_second)
    seconds = sum(n / speed for n, speed in zip(tokens[WARM:], found[WARM:], strict=True))
    return Run(sum(tokens[WARM:]) / seconds, peak(), last.validation_loss or 0.0)


def theirs(name: str, rows: int, steps: int, out: Path) -> Run:
    import torch
    from transformers import TrainerCallback
    from tuning import real_rows

    from finetune.base import base_folder, cores, load_tokenizer
    from finetune.rows import tokenised
    from finetune.writer import answer_loss

    class Clock(TrainerCallback):
        seen: list[tuple[float, float]] = []

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.seen.append((time.monotonic(), state.num_input_tokens_seen))

    torch.set_num_threads(cores())
    tokenizer, real = load_tokenizer(base_folder(BASE)), list(real_rows(rows))
    lengths = [tokenised(row, tokenizer).length for row in real if row.split == "train"]
    options = settings(RIVALS[name][1], steps, sum(lengths) * BATCH // len(lengths), out)
    trainer = their_trainer(RIVALS[name][0], options, real, tokenizer, Clock())
    trainer.train()
    memory, (first, last) = peak(), (Clock.seen[WARM - 1], Clock.seen[-1])
    held = [tokenised(row, tokenizer) for row in real if row.split == "validation"]
    trainer.model.eval()
    with torch.no_grad():
        loss = answer_loss(trainer.model, held, tokenizer.pad_token_id).item() / sum(row.trained for row in held)
    return Run((last[1] - first[1]) / (last[0] - first[0]), memory, loss)


def their_trainer(precision: str, options: dict[str, Any], rows: Sequence[Any], tokenizer: Any, clock: Any) -> Any:
    """Prompt and completion: like ours, it learns the answers alone."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM
    from trl import SFTConfig, SFTTrainer

    from finetune.base import base_folder
    from finetune.recipe import LAYERS

    turns = [
        {
            "prompt": [{"role": "user", "content": row.question}],
            "completion": [{"role": "assistant", "content": row.answer}],
        }
        for row in rows
        if row.split == "train"
    ]
    return SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(base_folder(BASE), dtype=getattr(torch, precision)),
        args=SFTConfig(**options),
        train_dataset=Dataset.from_list(turns),
        processing_class=tokenizer,
        peft_config=LoraConfig(
            r=16, lora_alpha=32, lora_dropout=0.05, target_modules=list(LAYERS), task_type="CAUSAL_LM"
        ),
        callbacks=[clock],
    )


def settings(options: dict[str, Any], steps: int, pack: int, out: Path) -> dict[str, Any]:
    """What is ours, so that both learn the same; what is left out stays TRL's default."""
    packed = {"max_length": pack} if options.get("packing") else {}
    return {
        "output_dir": str(out),
        "max_steps": steps,
        "per_device_train_batch_size": BATCH,
        "seed": SEED,
        "learning_rate": RATE,
        "weight_decay": 0.01,
        "lr_scheduler_type": "cosine",
        "warmup_steps": 0.05,
        "report_to": [],
        "save_strategy": "no",
        "use_cpu": True,
        "disable_tqdm": True,
        "logging_steps": 10**6,
        "include_num_input_tokens_seen": "all" if packed else "non_padding",
        **options,
        **packed,
    }


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def run(name: str, python: str, rows: int, steps: int) -> Run | None:
    """In a process of its own; None where it failed."""
    words = [python, __file__, "--one", name, "--rows", str(rows), "--steps", str(steps)]
    path = os.pathsep.join((str(ROOT), str(ROOT / "benchmarks")))
    # Threads that spin while they wait would measure who else is on the machine.
    environment = {**os.environ, "PYTHONPATH": path, "OMP_WAIT_POLICY": "PASSIVE", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    if done.returncode:
        print(f"{name} failed: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return Run(*json.loads(done.stdout.strip().splitlines()[-1]))


def trials(python: str, rows: int, steps: int) -> Iterator[tuple[str, Run]]:
    for name in RIVALS:
        found = run(name, python, rows, steps)
        if found:
            print(f"trial of {steps} steps: {name:24} {found.tokens_per_second:6.0f} tokens/s", flush=True)
            yield name, found


def table(runs: dict[str, Run], fastest: str, same: str) -> None:
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, {BASE}, LoRA r16, batch {BATCH}")
    for name, found in runs.items():
        print(
            f"{name:24} {found.tokens_per_second:6.0f} real tokens/s  {found.memory_gb:5.2f} GB at its peak"
            f"  validation loss {found.loss:.3f}"
        )
    pairs = (("ours float32", same, 1.4), ("ours", fastest, 2.5), ("ours", "trl defaults", 5.0))
    for mine, other, goal in pairs:
        ratio = runs[mine].tokens_per_second / runs[other].tokens_per_second
        print(f"{mine} / {other}: {ratio:.2f} (goal {goal}){'' if ratio >= goal else ', missed'}")


def compare(python: str, rows: int, steps: int, trial: int) -> None:
    tried = {name: found.tokens_per_second for name, found in trials(python, rows, trial)}
    same, fastest = max(set(tried) & set(IN_FLOAT32), key=tried.__getitem__), max(tried, key=tried.__getitem__)
    runs: dict[str, Run] = {}
    for name in dict.fromkeys(("ours", fastest, "ours float32", same, "trl defaults")):
        found = run(name, sys.executable if name.startswith("ours") else python, rows, steps)
        if found:
            runs[name] = found
    table(runs, fastest, same)


def main(words: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rival", help="a Python that has trl and datasets")
    options.add_argument("--rows", type=int, default=40, help="real rows an intent")
    options.add_argument("--steps", type=int, default=16)
    options.add_argument("--trial", type=int, default=4, help="steps by which TRL's fastest settings are found")
    options.add_argument("--one", help=argparse.SUPPRESS)
    given = options.parse_args(words)
    if not given.one:
        compare(given.rival or sys.executable, given.rows, given.steps, given.trial)
        return
    with tempfile.TemporaryDirectory(prefix="training-speed-") as out:
        if given.one in RIVALS:
            found = theirs(given.one, given.rows, given.steps, Path(out))
        else:
            found = ours("float32" if given.one == "ours float32" else "best", given.rows, given.steps, Path(out))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
