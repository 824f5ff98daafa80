"""LoRA on a GPU: tokens a second, the share of what the card can multiply, peak memory; beside TRL, in the same run.

    .venv/bin/python benchmarks/gpu.py [--shapes qwen2.5-1.5b,qwen3-8b] [--rival PYTHON] [--steps 12] [--trial 4]
    .venv/bin/python benchmarks/gpu.py --tiny --cpu        to see that it runs, in seconds; the numbers mean nothing

Weights are random and of the shape that is named, so no hub is needed; rows are 2,048 tokens each, half of them an
answer. PYTHON is an interpreter that has `trl` and `datasets` beside what we need. Where SmolLM2's weights are here,
the loss that this device computes is held against the CPU's in float32, and it learns a few rows. Floating point
operations of a token of length L, for N weights in the layers (each: once to multiply, once to add):

    forward 2 N, back to the activations 2 N; onto the weights 2 N, which LoRA skips; of its own A weights 6 A
    attention, causal: 2 L d a layer forward and 4 L d back, d being heads times their size
    the head: 4 times hidden times vocabulary, of the tokens of answers alone; what is computed twice counts once
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [path for path in (str(ROOT),) if path not in sys.path]

from finetune.base import base_folder, is_here, load_model, load_tokenizer  # noqa: E402
from finetune.checkpoint import State  # noqa: E402
from finetune.estimate import MOST_TOKENS, peak_memory  # noqa: E402
from finetune.job import Job  # noqa: E402
from finetune.loop import Learner  # noqa: E402
from finetune.recipe import LAYERS, Recipe  # noqa: E402
from finetune.rows import tokenised  # noqa: E402
from finetune.writer import Writer, answer_loss  # noqa: E402
from tests.finetune.tiny import LABELS, colours, tiny_base  # noqa: E402
from workspace.project import write_samples  # noqa: E402
from workspace.sample import Origin, Sample, sample  # noqa: E402
from workspace.settings import quiet_libraries  # noqa: E402

BATCH, RATE, SEED, RANK, WARM, LENGTH = 16, 2e-4, 7, 16, 3, 2048
GOAL = 0.45


@dataclass(frozen=True)
class Shape:
    """As in the config of the model of that name."""

    kind: str
    hidden: int
    inner: int
    layers: int
    heads: int
    keys: int
    size: int
    vocabulary: int
    tied: bool

    @property
    def body(self) -> float:
        """Weights that every token is multiplied with."""
        attention = self.hidden * self.size * (2 * self.heads + 2 * self.keys)
        return self.layers * (attention + 3.0 * self.hidden * self.inner)

    @property
    def adapters(self) -> float:
        sides = [self.hidden + self.heads * self.size] * 2 + [self.hidden + self.keys * self.size] * 2
        return self.layers * RANK * (sum(sides) + 3.0 * (self.hidden + self.inner))

    def operations(self, length: int, trained: int) -> float:
        """Of a row, forwards and back; see above."""
        attention = 6.0 * length * self.layers * self.heads * self.size
        head = 4.0 * self.hidden * self.vocabulary
        return length * (4 * self.body + 6 * self.adapters + attention) + trained * head


SHAPES = {
    "tiny": Shape("qwen3", 64, 128, 2, 4, 2, 16, 512, True),
    "qwen2.5-1.5b": Shape("qwen2", 1536, 8960, 28, 12, 2, 128, 151936, True),
    "qwen2.5-7b": Shape("qwen2", 3584, 18944, 28, 28, 4, 128, 152064, False),
    "qwen3-8b": Shape("qwen3", 4096, 12288, 36, 32, 8, 128, 151936, False),
}
# bfloat16 without sparsity, in 1e12 operations a second, as the makers say; the first that is part of the name.
PEAKS = {
    "B200": 2250, "GH200": 989, "H200": 989, "H100 PCIe": 756, "H100 NVL": 835, "H100": 989, "H800": 989, "H20": 148,
    "A100": 312, "A800": 312, "L40S": 362, "L40": 181, "L4": 121, "A40": 150, "A10G": 70, "A10": 125, "4090": 165,
}  # fmt: skip
# TRL's own names. Rows are as long as a batch allows, so packing them changes nothing.
EAGER: dict[str, Any] = {"gradient_checkpointing": False, "bf16": True}
RIVALS: dict[str, dict[str, Any]] = {
    "trl defaults": {"per_device_train_batch_size": 8, "gradient_accumulation_steps": BATCH // 8},
    "trl 16 at once": {**EAGER, "per_device_train_batch_size": 16},
    "trl 8 at once": {**EAGER, "per_device_train_batch_size": 8, "gradient_accumulation_steps": BATCH // 8},
    "trl 2 at once": {**EAGER, "per_device_train_batch_size": 2, "gradient_accumulation_steps": BATCH // 2},
    "trl 1 at once": {**EAGER, "per_device_train_batch_size": 1, "gradient_accumulation_steps": BATCH},
}


class Run(NamedTuple):
    """`operations` a second, as counted above; `first` and `last` loss on the rows that are learned."""

    tokens_per_second: float
    operations: float
    memory_gb: float
    first: float
    last: float


@dataclass(frozen=True)
class Wanted:
    shape: str
    length: int
    steps: int
    cpu: bool

    @property
    def device(self) -> str:
        return "cpu" if self.cpu else "cuda"


def made_base(shape: Shape, folder: Path, device: str) -> Path:
    """Random weights in bfloat16, and a tokenizer whose tokens are bytes."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    tiny_base(folder)
    config = AutoConfig.for_model(
        shape.kind,
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.keys,
        head_dim=shape.size,
        tie_word_embeddings=shape.tied,
        max_position_embeddings=32768,
    )
    torch.manual_seed(SEED)
    with torch.device(device):
        AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).save_pretrained(folder)
    return folder


def rows(count: int, length: int, base: Path) -> list[Sample]:
    """All of one length in tokens: half is asked, half is answered."""
    chance, tokenizer = random.Random(SEED), load_tokenizer(base)
    around = tokenised(_row("a", "a", 0), tokenizer).length - 2
    asked = (length - around) // 2
    return [_row(_letters(asked, chance), _letters(length - around - asked, chance), n) for n in range(count)]


def _row(question: str, answer: str, number: int) -> Sample:
    row = sample(question, answer, Origin(source="made", row=number))
    return row.model_copy(update={"split": "train"})


def _letters(count: int, chance: random.Random) -> str:
    return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=count))


def ours(wanted: Wanted, base: Path, out: Path) -> Run:
    shape, device = SHAPES[wanted.shape], wanted.device
    learner = _learner(base, rows(2 * BATCH, wanted.length, base), wanted.steps, device, out)
    trained = learner.taught.train[0].trained
    losses, start = [], 0.0
    for step in learner.learn(lambda: ""):
        losses.append(step.loss)
        _wait(device)
        if step.step == WARM:
            _forget_peak(device)
            start = time.monotonic()
    seconds = time.monotonic() - start
    done = (wanted.steps - WARM) * BATCH
    made = done * shape.operations(wanted.length, trained)
    return Run(done * wanted.length / seconds, made / seconds, peak_memory(), losses[0], losses[-1])


def _learner(base: Path, data: Sequence[Sample], steps: int, device: str, out: Path) -> Learner[Any]:
    path = out / "data.jsonl"
    version = write_samples(path, data)
    recipe = Recipe(
        base=str(base), seed=SEED, learning_rate=RATE, batch=BATCH, steps=steps, dropout=0, rank=RANK, check_every=10**6
    )
    job = Job(data=path, data_hash=version, version=version, recipe=recipe)
    state = State(precision="bfloat16", most_tokens=MOST_TOKENS[device])
    return Learner(job, out, Writer(job, state.precision, device), state, device)


def _wait(device: str) -> None:
    import torch

    if device == "cuda":
        torch.cuda.synchronize()


def _forget_peak(device: str) -> None:
    """The first steps may have tried more at once than there is room for."""
    import torch

    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()


def theirs(name: str, wanted: Wanted, base: Path, out: Path) -> Run:
    import torch
    from transformers import TrainerCallback

    class Clock(TrainerCallback):
        at: list[float] = []

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            _wait(wanted.device)
            self.at.append(time.monotonic())

    shape, tokenizer = SHAPES[wanted.shape], load_tokenizer(base)
    data = rows(2 * BATCH, wanted.length, base)
    trainer = their_trainer({**RIVALS[name], "max_length": wanted.length}, wanted, data, base, Clock(), out)
    trainer.train()
    seconds, done = Clock.at[-1] - Clock.at[WARM - 1], (wanted.steps - WARM) * BATCH
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    memory = torch.cuda.max_memory_allocated() / 1e9 if wanted.device == "cuda" else peak_memory()
    made = done * shape.operations(wanted.length, tokenised(data[0], tokenizer).trained)
    return Run(done * wanted.length / seconds, made / seconds, memory, losses[0], losses[-1])


def their_trainer(
    options: dict[str, Any], wanted: Wanted, data: Sequence[Sample], base: Path, clock: Any, out: Path
) -> Any:
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM
    from trl import SFTConfig, SFTTrainer

    turns = [
        {
            "prompt": [{"role": "user", "content": row.question}],
            "completion": [{"role": "assistant", "content": row.answer}],
        }
        for row in data
    ]
    plain = {"output_dir": str(out), "max_steps": wanted.steps, "seed": SEED, "learning_rate": RATE, "report_to": [],
             "save_strategy": "no", "use_cpu": wanted.cpu, "disable_tqdm": True, "logging_steps": 1,
             "lr_scheduler_type": "cosine", "warmup_steps": 0.05, "weight_decay": 0.01}  # fmt: skip
    return SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16),
        args=SFTConfig(**{**plain, **options}),
        train_dataset=Dataset.from_list(turns),
        processing_class=load_tokenizer(base),
        peft_config=LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=list(LAYERS), task_type="CAUSAL_LM"),
        callbacks=[clock],
    )


def correctness(device: str, out: Path) -> Iterator[str]:
    """The loss of real rows here and on the CPU in float32; then a few rows are learned."""
    import torch

    known = is_here("smollm2-135m") and device == "cuda"
    base = base_folder("smollm2-135m") if known else tiny_base(out / "tiny")
    tokenizer, data = load_tokenizer(base), colours(48, "train")
    tokens = [tokenised(row, tokenizer) for row in data[:8]]
    trained = sum(row.trained for row in tokens)
    found = []
    for precision, place in (("float32", "cpu"), ("bfloat16", device)):
        with torch.no_grad():
            loss = answer_loss(load_model(base, precision, place), tokens, tokenizer.pad_token_id)  # type: ignore[arg-type]
        found.append(loss.item() / trained)
    name = "SmolLM2-135M" if known else "a tiny random model"
    yield f"{name}: loss {found[1]:.4f} in bfloat16 on {device}, {found[0]:.4f} in float32 on the CPU"
    learner = _learner(base, data, 40, device, out)
    losses = [step.loss for step in learner.learn(lambda: "")]
    learnt = f"{losses[0]:.3f} at first, {losses[-1]:.3f} after {len(losses)} steps"
    yield f"{name}: loss of {len(data)} rows with {len(LABELS)} labels {learnt}"


def peak(name: str) -> float | None:
    """Operations a second that the card can do at most; None where it is not in the table."""
    return next((1e12 * value for part, value in PEAKS.items() if part in name), None)


def run(name: str, python: str, wanted: Wanted, base: Path) -> Run | None:
    """In a process of its own; None where it failed, of which running out of memory is the usual way."""
    given = ["--one", name, "--base", str(base), "--shapes", wanted.shape, "--steps", str(wanted.steps)]
    given += ["--length", str(wanted.length), *(["--cpu"] if wanted.cpu else [])]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run([python, __file__, *given], env=environment, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(f"{name:16} failed: {(done.stderr.strip().splitlines() or ['?'])[-1][:160]}", flush=True)
        return None
    return Run(*json.loads(done.stdout.strip().splitlines()[-1]))


def told(name: str, found: Run, most: float | None) -> str:
    share = f"{found.operations / most:6.1%} of the peak" if most else "of no known peak"
    return (
        f"{name:16} {found.tokens_per_second:9.0f} tokens/s  {found.operations / 1e12:7.1f} T/s, {share}  "
        f"{found.memory_gb:6.1f} GB  loss {found.first:.3f} to {found.last:.3f}"
    )


def compare(wanted: Wanted, rival: str | None, trial: int, most: float | None, out: Path) -> None:
    base = made_base(SHAPES[wanted.shape], out / wanted.shape, wanted.device)
    shape = SHAPES[wanted.shape]
    print(f"{wanted.shape}: {shape.body / 1e9:.2f} G weights in layers, LoRA r{RANK}, {BATCH} rows of {wanted.length}")
    mine = run("ours", sys.executable, wanted, base)
    if mine:
        print(told("ours", mine, most), flush=True)
        reached = mine.operations / most if most else 0.0
        print(f"{'':16} goal {GOAL:.0%} of the peak: {'met' if reached >= GOAL else 'missed' if most else 'unknown'}")
    if not rival:
        return
    tried = {name: run(name, rival, replace(wanted, steps=WARM + trial), base) for name in RIVALS}
    there = {name: found.tokens_per_second for name, found in tried.items() if found}
    for name in dict.fromkeys(["trl defaults", *sorted(there, key=there.__getitem__)[-1:]]):
        found = run(name, rival, wanted, base) if name in there else None
        if found:
            ratio = f"  ours / this: {mine.tokens_per_second / found.tokens_per_second:.2f}" if mine else ""
            print(told(name, found, most) + ratio, flush=True)


def main(words: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shapes", default="qwen2.5-1.5b,qwen3-8b", help=", ".join(SHAPES))
    options.add_argument("--rival", help="a Python that has trl and datasets")
    options.add_argument("--steps", type=int, default=12)
    options.add_argument("--trial", type=int, default=4, help="steps by which TRL's fastest settings are found")
    options.add_argument("--length", type=int, default=LENGTH)
    options.add_argument("--tiny", action="store_true")
    options.add_argument("--cpu", action="store_true")
    options.add_argument("--one", help=argparse.SUPPRESS)
    options.add_argument("--base", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args(words)
    quiet_libraries()
    import torch

    if not given.cpu and not torch.cuda.is_available():
        print("There is no GPU here. On a machine that has one this runs as it is; --tiny --cpu tries the code.")
        return 1
    card = "cpu" if given.cpu else torch.cuda.get_device_name()
    shapes = ["tiny"] if given.tiny else given.shapes.split(",")
    wanted = Wanted(shapes[0], 128 if given.tiny else given.length, max(WARM + 1, given.steps), given.cpu)
    with tempfile.TemporaryDirectory(prefix="gpu-") as folder:
        if given.one:
            one = ours if given.one == "ours" else None
            out = Path(folder)
            found = one(wanted, given.base, out) if one else theirs(given.one, wanted, given.base, out)
            print(json.dumps(found))
            return 0
        print(f"{date.today()}, {platform.machine()}, {card}, torch {torch.__version__}; random weights in bfloat16")
        for shape in shapes:
            compare(replace(wanted, shape=shape), given.rival, given.trial, peak(card), Path(folder))
        for line in correctness(wanted.device, Path(folder)):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
