"""The section on messages that are none of the model's: fitted, kept beside the model for serving, and measured."""

from __future__ import annotations

import random
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel

from finetune.job import job_in
from finetune.judging.contestants import Contest
from finetune.judging.detection import Detection, detection
from finetune.judging.domain import Domain, fit, load
from finetune.judging.exam import Evaluated, asked
from finetune.judging.general import LANGUAGES, TEXTS
from finetune.judging.reading import reading_of, reading_with
from finetune.judging.robustness import joined
from workspace.errors import UserError
from workspace.project import read_samples
from workspace.results import Estimate, Section
from workspace.sample import Sample
from workspace.words import Language, Words

TITLE = Words("Messages that are not its business", "超出范围的消息")
MOST = 200
GOOD = 0.9


class Elsewhere(BaseModel):
    """A message that hardly any task is about."""

    language: Language
    text: str


def outside(contest: Contest, out: Path) -> Generator[Evaluated, None, Section]:
    """Fits where nothing is fitted for these weights yet; where there are too few rows for that, it says so."""
    assert contest.folder is not None
    own = sampled(contest.exam.test)
    total = len(own) + len(elsewhere())
    yield Evaluated(TITLE, 0, total)
    reading = (
        reading_of(contest.folder) if contest.sorts_only else reading_with(contest.model("tuned"), contest.tokenizer)
    )
    try:
        domain = load(contest.folder, reading) or fit(contest.folder, learned(contest), reading)
    except UserError as error:
        return Section(title=TITLE, text=joined([error.problem, error.fix]))
    scores = domain.score_turns([asked(row) for row in own])
    yield Evaluated(TITLE, len(own), total)
    foreign = {
        language: domain.score([one.text for one in elsewhere() if one.language == language]) for language in LANGUAGES
    }
    yield Evaluated(TITLE, total, total)
    return section({key: detection(scores, far, domain.card.threshold) for key, far in foreign.items()}, domain)


def elsewhere() -> list[Elsewhere]:
    lines = (TEXTS / "elsewhere.jsonl").read_text(encoding="utf-8").strip().split("\n")
    return [Elsewhere.model_validate_json(line) for line in lines]


def learned(contest: Contest) -> Sequence[Sample]:
    """Validation rows are among those that training kept; where they are gone, what the exam knows has to do."""
    assert contest.folder is not None
    path = job_in(contest.folder).data
    rows = [row for row in read_samples(path) if row.kept and row.split != "test"] if path.is_file() else []
    return rows or contest.exam.train


def sampled(rows: Sequence[Sample]) -> list[Sample]:
    return random.Random(7).sample(list(rows), min(MOST, len(rows)))


def section(found: Mapping[Language, Detection], domain: Domain) -> Section:
    rows: list[tuple[Words | str, ...]] = [
        (LANGUAGES[language], str(one.rows), _share(one.auroc), _percent(one.recall)) for language, one in found.items()
    ]
    alarms = next(iter(found.values())).alarms
    worst = min(found.values(), key=lambda one: one.auroc.value)
    return Section(
        title=TITLE,
        text=_words(worst, alarms, domain),
        columns=(
            Words("other topics, in", "其他话题，语言"),
            Words("messages", "条数"),
            Words("told apart (AUROC)", "区分能力（AUROC）"),
            Words("recognised", "识别出的比例"),
        ),
        rows=tuple(rows),
        values={
            "out_of_domain_auroc": worst.auroc,
            "out_of_domain_recognised": worst.recall,
            "out_of_domain_false_alarms": alarms,
        },
    )


def _words(worst: Detection, alarms: Estimate, domain: Domain) -> Words:
    held_out, aim, found, flagged = (
        domain.card.held_out,
        f"{100 * domain.card.alarms:.0f}%",
        _percent(worst.recall),
        _percent(alarms),
    )
    use = USE if worst.auroc.value >= GOOD else REMEDY
    return Words(
        f"Messages on quite other topics are recognised {found} of the time or more, while {flagged} of its own test "
        f"rows are taken for foreign (the threshold comes from {held_out} rows held out, aiming at {aim}). {use.en} "
        "Messages close to its own that no label fits are harder to tell.",
        f"完全无关话题的消息至少有 {found} 被识别出来，而自己的测试数据有 {flagged} 被误判为超出范围"
        f"（阈值由 {held_out} 条未参与训练的数据得出，目标为 {aim}）。{use.zh}"
        "与自身话题相近、但不属于任何标签的消息更难识别。",
    )


USE = Words(
    'A server can answer these with "I am not sure that this is one of mine".',
    "上线后可以对这类消息回答“这个问题可能不在我的范围内”。",
)
REMEDY = Words(
    "That is too few to rely on: tune longer or on more rows, or add a label `other` with real messages.",
    "还不足以依赖：请训练更久或增加数据，或加入一个带真实消息的“其他”标签。",
)


def _share(value: Estimate) -> str:
    return f"{value.value:.3f} [{value.low:.3f}, {value.high:.3f}]"


def _percent(value: Estimate) -> str:
    return f"{100 * value.value:.1f}% [{100 * value.low:.1f}, {100 * value.high:.1f}]"
