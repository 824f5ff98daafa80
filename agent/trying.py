"""Base and tuned asked the same thing: two answers side by side, for whoever wants to see before they believe."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import TypeAdapter, ValidationError

from agent.agreement import NotOpen
from agent.drawing import SYSTEMS
from agent.events import Event, Progress, Table
from agent.run import Run
from agent.views.votes import Standing, standing
from workspace.errors import UserError, boundary
from workspace.exact import json_bytes
from workspace.project import Project, read_samples
from workspace.results import System
from workspace.sample import Message, Scalar
from workspace.words import Language, Words

if TYPE_CHECKING:
    from finetune.shipping.serving import Served

BOTH: tuple[System, System] = ("base", "tuned")
Choice = Literal["left", "right", "same", "shown"]
Better = Literal["base", "tuned", "same", "shown"]
MOST_KEPT = 50
TRIED = "trials.jsonl"
SUGGESTED, LONGEST = 3, 120
# The last cell of a trial: still being written, or waiting for a person to choose.
WRITING, OPEN = "…", "?"
TITLE = Words("Try it", "试一试")
MESSAGE = Words("Message", "消息")
ANSWERING = Words("answering", "回答")
VERDICTS: dict[Better, Words] = {
    "tuned": Words("the tuned model was better", "微调后的更好"),
    "base": Words("the base model was better", "基础模型更好"),
    "same": Words("no difference", "不相上下"),
    "shown": Words("not compared", "未比较"),
}


def try_out(home: Path, model: str, text: str, language: Language = "en") -> Iterator[Event]:
    """One message, answered by the base and by the tuned model. Raises UserError without such a model."""
    from agent.evaluating import model_folder
    from finetune.shipping.serving import served

    here = served(model_folder(home, model))
    stage = Words("Answering", "回答").to(language)
    answers = []
    for done, system in enumerate(BOTH):
        yield Progress(stage=stage, done=done, total=len(BOTH))
        answers.append("".join(_pieces(here, system, text)))
    yield Progress(stage=stage, done=len(BOTH), total=len(BOTH))
    heads = (MESSAGE, *(SYSTEMS[system] for system in BOTH))
    rows = ((text, *answers),)
    yield Table(panel="try", title=TITLE.to(language), columns=tuple(head.to(language) for head in heads), rows=rows)


def _pieces(here: Served, system: System, text: str) -> Iterator[str]:
    """An answer as it is written."""
    from finetune.shipping.engine import Question

    prompt = here.prompt([Message(role="user", content=text)])
    question = Question(prompt, system == "tuned", here.room(prompt), labels=here.labels)
    for piece in here.answer(question):
        yield piece.text


def _weights(here: Served) -> str:
    """One hash over the weights that were learned: two models may come from one version of the data."""
    from finetune.identity import learned

    files = here.model.files or learned(here.folder)
    return hashlib.sha256("".join(f"{name}\0{hash}\n" for name, hash in sorted(files.items())).encode()).hexdigest()


@dataclass
class Trial:
    """`order` says whose answer stands left and whose right; `model` are the weights that were asked."""

    id: str
    text: str
    order: tuple[System, System]
    model: str = ""
    answers: dict[System, str] = field(default_factory=dict)
    ended: bool = False
    better: Better | None = None

    def cells(self, language: Language) -> tuple[str, ...]:
        """Whose is whose stays hidden until somebody has chosen."""
        texts = tuple(self.answers.get(system, "") for system in self.order)
        if self.better is None:
            return (self.text, *texts, "", "", OPEN if self.ended else WRITING)
        names = (SYSTEMS[system].to(language) for system in self.order)
        return (self.text, *texts, *names, VERDICTS[self.better].to(language))


LINE: TypeAdapter[Trial] = TypeAdapter(Trial)


class Trials:
    """What was tried in this project, the newest first; what somebody preferred is a decision in the journal."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.trials = _kept(project)
        self.model = self.trials[0].model if self.trials else ""

    def ask(self, folder: Path, text: str, language: Language) -> Iterator[Event]:
        """Two answers in an order that nobody knows, as they are written. Raises UserError where none can be given."""
        from finetune.shipping.serving import served

        here = served(folder)
        self.model = _weights(here)
        order = list(BOTH)
        number = len(self._votes()) + len(self.trials)
        random.Random(f"{self.model}:{number}:{text}").shuffle(order)
        trial = Trial(f"try-{secrets.token_hex(8)}", text, (order[0], order[1]), self.model)
        self.trials = [trial, *self.trials[: MOST_KEPT - 1]]
        yield self.table(language)
        try:
            with boundary(ANSWERING):
                for system in trial.order:
                    for piece in _pieces(here, system, text):
                        trial.answers[system] = trial.answers.get(system, "") + piece
                        yield self.table(language)
                _keep(self.project, replace(trial, ended=True))
                trial.ended = True
        except UserError:
            self._drop(trial)
            yield self.table(language)
            raise
        finally:  # also where nobody reads on: what stays unfinished leaves no place to ask again
            if not trial.ended:
                self._drop(trial)
        yield self.table(language)

    def _drop(self, trial: Trial) -> None:
        self.trials = [one for one in self.trials if one is not trial]

    def choose(self, side: Choice, language: Language, seen: str = "") -> Iterator[Event]:
        """Which of the newest two is better; only now is it told whose is whose.

        `seen` is the mark of the two that are meant: NotOpen, at once, if those are not the newest any more.
        """
        trial = next((one for one in self.trials if one.ended and one.better is None), None)
        if seen and (trial is None or mark(trial.cells(language)) != seen):
            raise NotOpen
        return self._choose(trial, side, language)

    def _choose(self, trial: Trial | None, side: Choice, language: Language) -> Iterator[Event]:
        if trial and trial.better is None:
            sides: dict[str, System] = dict(zip(("left", "right"), trial.order, strict=True))
            better: Better = "same" if side == "same" else "shown"
            if side in sides:
                better = "tuned" if sides[side] == "tuned" else "base"
            self.model = trial.model
            if better != "shown":
                self.project.journal.decide(trial.id, _question(trial.model), better)
            trial.better = better
            _keep(self.project, trial)
        yield self.table(language)

    def _votes(self) -> list[str]:
        return self.project.journal.answers(_question(self.model))

    def table(self, language: Language) -> Table:
        heads = (MESSAGE, LEFT, RIGHT, WHOSE_LEFT, WHOSE_RIGHT, VERDICT)
        return Table(
            panel="try",
            title=self._title(language),
            columns=tuple(head.to(language) for head in heads),
            rows=tuple(trial.cells(language) for trial in self.trials),
        )

    def _title(self, language: Language) -> str:
        votes = self._votes() if self.model else []
        if not votes:
            return TITLE.to(language)
        found = standing(votes, language)
        return Words(
            f"Try it: tuned better {found.tuned}, base better {found.base}, no difference {found.same}",
            f"试一试：微调后更好 {found.tuned} 次，基础模型更好 {found.base} 次，不相上下 {found.same} 次",
        ).to(language)


def mark(cells: Sequence[Scalar]) -> str:
    """Names a trial by what is seen of it: the message and the two answers, in their places."""
    return hashlib.sha256(json_bytes([str(cell) for cell in cells[:3]])).hexdigest()[:16]


def _question(model: str) -> str:
    return f"which answer is better, seen blind: base or tuned {model[:12]}"


def _keep(project: Project, trial: Trial) -> None:
    """A line each time it changes; whoever reads takes the last."""
    with project.place(TRIED).open("ab") as file:
        file.write(b"\n" + LINE.dump_json(trial) + b"\n")


def _kept(project: Project) -> list[Trial]:
    """The newest first, as they stood when they were last heard of; half a line of a killed process is passed over."""
    path = project.folder / TRIED
    found: dict[str, Trial] = {}
    for line in path.read_bytes().split(b"\n") if path.exists() else []:
        try:
            trial = LINE.validate_json(line) if line else None
        except ValidationError:
            continue
        if trial:
            found[trial.id] = trial
    return list(reversed(found.values()))[:MOST_KEPT]


def standing_of(run: Run, language: Language) -> Standing | None:
    """What the votes on the model that was tried last come to; None before the first."""
    kept = _kept(run.project)
    votes = run.project.journal.answers(_question(kept[0].model)) if kept else []
    return standing(votes, language) if votes else None


def suggested(run: Run) -> tuple[str, ...]:
    """Real messages that the model never saw, for whoever doesn't know what to ask."""
    version = run.version
    path = run.project.folder / version.folder / "data.jsonl" if version else None
    if path is None or not path.exists():
        return ()
    texts = (row.question for row in read_samples(path) if row.split == "test")
    return tuple(islice(dict.fromkeys(text for text in texts if 0 < len(text) <= LONGEST), SUGGESTED))


LEFT, RIGHT = Words("Left", "左"), Words("Right", "右")
WHOSE_LEFT, WHOSE_RIGHT = Words("Left was", "左边是"), Words("Right was", "右边是")
VERDICT = Words("Better", "哪个更好")
