"""The training loop in plain torch, whatever it is that learns: batches of one length, resumable anywhere."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

from finetune import checkpoint
from finetune.base import Precision, base_folder, device_and_precision
from finetune.checkpoint import Checkpoint, State
from finetune.company import Company
from finetune.encoders.reader import Reader
from finetune.estimate import MOST_TOKENS, Pace, peak_memory, work
from finetune.identity import base_hash, learned
from finetune.job import MODEL, Job, TrainStep
from finetune.orders import Order, expected, probed
from finetune.probe import settled
from finetune.pupil import Pupil, R
from finetune.recipe import Recipe
from finetune.replay import with_more
from finetune.rows import batches
from finetune.writer import Writer
from workspace.errors import UserError
from workspace.memory import give_back
from workspace.project import write_text
from workspace.results import TrainedModel
from workspace.words import Words

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import AdamW
# Between the seeds of two processes of one run: none may draw another's dropout.
SEEDS = 7_919_000_017


def tune(job: Job, folder: Path, stopping: Callable[[], Order]) -> Iterator[TrainStep]:
    """Train to the end, or until `stopping` says so; then a checkpoint stands and no model is written.

    Where another process finished the model while this one waited its turn, nothing is left to do.
    """
    if Company().leaders((folder / MODEL).exists()):
        return
    before = checkpoint.latest(folder)
    # Of several processes each takes a GPU of its own before anything is loaded, and all take the same precision.
    device, precision = Company().leaders(device_and_precision())
    state = before.state if before else State(precision=precision, most_tokens=MOST_TOKENS[device])
    pupil = _pupil(job, state.precision, device)
    if isinstance(pupil, Writer):
        pupil.taught = with_more(pupil.taught, job, folder, pupil.model, pupil.tokenizer)
    job, note = settled(job, folder, pupil, state, device, stopping)
    learner = Learner(job, folder, pupil, state, device)
    learner.tell(note)
    if before:
        learner.restore(before)
    yield from learner.learn(stopping)
    if (learner.ended or learner.order == "keep") and learner.company.leads:
        _finish(learner)


def _pupil(job: Job, precision: Precision, device: str) -> Pupil[Any]:
    return Reader(job, device) if job.recipe.method == "encoder" else Writer(job, precision, device)


class Diverged(UserError):
    """The loss is no number any more."""


class Learner(Generic[R]):
    """A pupil at its lessons, and where it stands."""

    def __init__(self, job: Job, folder: Path, pupil: Pupil[R], state: State, device: str) -> None:
        self.recipe, self.job, self.folder, self.pupil = job.recipe, job, folder, pupil
        self.taught, self.state, self.device = pupil.taught, state, device
        self.optimiser = _optimiser(pupil, self.recipe)
        self.company = Company()
        self.best = {name: p.detach().clone() for name, p in pupil.weights.items()}
        self.loaded = peak_memory()
        self.note: Words | None = self.taught.note

    def tell(self, note: Words | None) -> None:
        """With the first step."""
        if note:
            self.note = Words(f"{self.note.en} {note.en}", self.note.zh + note.zh) if self.note else note

    @property
    def ended(self) -> bool:
        return self.state.step >= self.recipe.steps or self.state.stale >= self.recipe.patience

    def learn(self, stopping: Callable[[], Order]) -> Iterator[TrainStep]:
        lengths = [row.length for row in self.taught.train]
        self.pace = Pace(work(self.taught.train, self.recipe), self.taught.validation, self.recipe)
        order = islice(batches(lengths, self.recipe.batch, self.recipe.seed), self.state.step, None)
        self.order: Order = self.company.leaders(stopping())
        if self.order == "keep":
            self._settle()
        while not self.ended and not self.order:
            rows = [self.taught.train[i] for i in next(order)]
            yield self._advance(rows, stopping)

    def _settle(self) -> None:
        """Asked to keep the best before a step of its own: what was never validated has no best but where it began."""
        if not self.state.step:
            self.order = ""  # there is nothing to keep before the first step
        elif not self._compared:
            self._validate()

    @property
    def _compared(self) -> bool:
        """Whether the best was looked for at this very step."""
        last = self.state.validation_loss[-1][0] if self.state.validation_loss else self.state.best_step
        return last == self.state.step

    def _advance(self, rows: Sequence[R], stopping: Callable[[], Order]) -> TrainStep:
        state, start = self.state, time.monotonic()
        state.step += 1
        loss = self._update(rows)
        state.loss.append((state.step, loss))
        taken = time.monotonic() - start
        state.tokens += sum(row.length for row in rows)
        self.order = self.company.leaders(stopping())
        validating = self._due or self.order == "keep"
        if validating:
            give_back()
        validated = self._validate() if validating else None
        spent = time.monotonic() - start
        state.seconds += spent
        state.memory_gb = max(state.memory_gb, peak_memory())
        self.pace.took(state.step, taken, spent - taken if validating else None)
        if (validating or self.order) and self.company.leads:
            checkpoint.save(Checkpoint(state, self.pupil.weights, self.best, self._moments()), self.folder)
        note, self.note = self.note, None
        left = 0.0 if self.ended else self.pace.left(state.step)
        speed = sum(row.length for row in rows) / taken
        now = (state.seconds, state.memory_gb, self._memory_ahead())
        return TrainStep(state.step, self.recipe.steps, loss, validated, speed, left, note, *now)

    def _memory_ahead(self) -> float:
        """GB at the peak of the whole run: what its widest batch will need, as the widest so far did."""
        wider = self.pace.wider(self.state.step, self.state.most_tokens)
        return self.state.memory_gb + max(0.0, self.state.memory_gb - self.loaded) * (wider - 1)

    @property
    def _due(self) -> bool:
        return self.state.step % self.recipe.check_every == 0 or self.state.step == self.recipe.steps

    def _update(self, rows: Sequence[R]) -> float:
        """The loss per target before the update."""
        import torch

        self.pupil.model.train()
        for group in self.optimiser.param_groups:
            group["lr"] = group["rate"] * self.recipe.learning_rate * schedule(self.state.step, self.recipe)
        while True:
            # Seeded by step, a resumed run draws the same dropout without any generator's state on disk.
            torch.manual_seed(self.recipe.seed * 1_000_003 + self.state.step + SEEDS * self.company.number)
            self.optimiser.zero_grad(set_to_none=True)
            failed: Exception | None = None
            try:
                loss = self._gradients(rows)
            except (RuntimeError, MemoryError) as error:
                failed = error
            # Before anybody waits for another's gradients, all know whether they are there.
            if not self.company.any(failed is not None):
                break
            self._make_room(failed or MemoryError(), rows)
        self.company.add_gradients(self.pupil.weights.values())
        loss = self.company.total(loss)
        torch.nn.utils.clip_grad_norm_(self.pupil.weights.values(), 1.0)
        self.optimiser.step()
        if not math.isfinite(loss):
            raise _diverged(self.state.step)
        return loss

    def _gradients(self, rows: Sequence[R]) -> float:
        trained, total = sum(row.trained for row in rows), 0.0
        for part in parts(self.company.share(rows), self.state.most_tokens):
            loss = self.pupil.loss(part) / trained
            loss.backward()
            total += loss.item()
        return total

    def _make_room(self, error: Exception, rows: Sequence[R]) -> None:
        """Half as many tokens at once, the same update; then recomputed activations; then the person decides."""
        import torch

        if not isinstance(error, MemoryError) and "memory" not in str(error).lower():
            raise error
        longest = max(row.length for row in rows)
        if self.state.most_tokens > longest:
            self.state.most_tokens = max(longest, min(self.state.most_tokens, longest * len(rows)) // 2)
            self.note = Words(
                "Memory ran short: smaller batches, more of them for each update. The result is the same.",
                "内存不足：已把批次减半、累积次数加倍，结果不变。",
            )
        elif self.pupil.lighten():
            self.note = Words(
                "Memory ran short: activations are computed twice instead of kept. The result is the same.",
                "内存不足：改为重复计算中间结果，不再保存，结果不变。",
            )
        else:
            raise _no_room() from error
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _validate(self) -> float | None:
        import torch

        if not self.taught.validation:
            self._keep_best()
            return None
        self.pupil.model.eval()
        with torch.no_grad():
            groups = parts(self.company.share(self.taught.validation), self.state.most_tokens)
            total = sum(self.pupil.loss(part).item() for part in groups)
        loss = self.company.total(total) / sum(row.trained for row in self.taught.validation)
        if not self.state.validation_loss or loss < min(value for _, value in self.state.validation_loss):
            self._keep_best()
        else:
            self.state.stale += 1
        self.state.validation_loss.append((self.state.step, loss))
        return loss

    def _keep_best(self) -> None:
        """In the place of the best so far: two of them need not be in memory at once."""
        for name, p in self.pupil.weights.items():
            self.best[name].copy_(p.detach())
        self.state.best_step, self.state.stale = self.state.step, 0

    def _moments(self) -> dict[str, Tensor]:
        """The optimiser's state, named `<weight>/<moment>`."""
        kept = {name: self.optimiser.state[p] for name, p in self.pupil.weights.items()}
        return {f"{name}/{moment}": tensor for name, moments in kept.items() for moment, tensor in moments.items()}

    def restore(self, before: Checkpoint) -> None:
        """Weights and moments as they stood at the checkpoint; what was told then is not told again."""
        import torch

        self.note = None
        with torch.no_grad():
            for name, p in self.pupil.weights.items():
                p.copy_(before.weights[name])
        self.best = {name: tensor.to(self.device) for name, tensor in before.best.items()}
        for key, tensor in before.moments.items():
            name, moment = key.rsplit("/", 1)
            # Fused, it counts the steps where the weights are; else on the CPU.
            place = tensor.device if moment == "step" and self.device != "cuda" else self.device
            self.optimiser.state[self.pupil.weights[name]][moment] = tensor.to(place)


def parts(rows: Sequence[R], most_tokens: int) -> Iterator[Sequence[R]]:
    """As many rows at once as fit, padding counted; one row in any case."""
    each = max(1, most_tokens // max((row.length for row in rows), default=1))
    for start in range(0, len(rows), each):
        yield rows[start : start + each]


def schedule(step: int, recipe: Recipe) -> float:
    """The learning rate's share at this step, from 1: up in a line, then down along a cosine or a line to 0."""
    rising = max(1, round(recipe.warmup * recipe.steps))
    if step <= rising:
        return step / rising
    done = (step - rising) / max(1, recipe.steps - rising)
    return 1 - done if recipe.schedule == "linear" else 0.5 * (1 + math.cos(math.pi * done))


def _optimiser(pupil: Pupil[R], recipe: Recipe) -> AdamW:
    """A group for each rate. On a GPU all weights are updated by one kernel, not by a dozen a step."""
    import torch

    groups = [
        {"params": [p for name, p in pupil.weights.items() if pupil.rate(name) == rate], "rate": rate}
        for rate in sorted({pupil.rate(name) for name in pupil.weights})
    ]
    fused = next(iter(pupil.weights.values())).device.type == "cuda"
    return torch.optim.AdamW(
        groups, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True if fused else None
    )


def _finish(learner: Learner[R]) -> None:
    """The best weights; model.json last, for it says that the rest is there."""
    folder, state, recipe = learner.folder, learner.state, learner.recipe
    for name, p in learner.pupil.weights.items():
        p.data.copy_(learner.best[name])
    learner.pupil.keep(folder)
    model = TrainedModel(
        name=folder.name,
        base=recipe.base,
        method=recipe.method,
        version=learner.job.version,
        folder=str(folder.resolve()),
        steps=state.step,
        seconds=round(state.seconds, 2),
        tokens_per_second=round(state.tokens / max(state.seconds, 1e-9), 1),
        best_step=state.best_step,
        loss=tuple(state.loss),
        validation_loss=tuple(state.validation_loss),
        device=learner.device,
        memory_gb=round(state.memory_gb, 2),
        expected=expected(folder),
        probed=probed(folder),
        files=learned(folder),
        learning_rate=recipe.learning_rate,
        trained=sum(p.numel() for p in learner.pupil.weights.values()),
        base_hash=base_hash(base_folder(recipe.base)),
    )
    write_text(folder / MODEL, model.model_dump_json(indent=2))
    checkpoint.clear(folder)


def _no_room() -> UserError:
    return UserError(
        Words("This base does not fit into memory, even one row at a time.", "即使一次只放一条，内存也装不下该模型。"),
        Words("Choose a smaller base, or shorter rows.", "请换更小的基础模型，或缩短数据。"),
    )


def _diverged(step: int) -> Diverged:
    return Diverged(
        Words(f"Training diverged at step {step}: the loss is no number.", f"训练在第 {step} 步发散，损失不是数值。"),
        Words("Halve the learning rate and train into a new folder.", "请把学习率减半，并换一个文件夹重新训练。"),
    )
