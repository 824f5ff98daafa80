"""Before training: whether it is needed at all, by asking the base as it is, well prompted and with passages first."""

from __future__ import annotations

import hashlib
import random
import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from finetune.held_back import fingerprint, parted
from finetune.judging.contestants import Contest, Passages
from finetune.judging.exam import Batch, Evaluated, Exam, Sheet, labels_of
from finetune.judging.scores import RIGHT_OR_WRONG, estimate, scored
from finetune.judging.tables import interval
from finetune.recipe import Recipe
from workspace.errors import UserError, boundary
from workspace.project import write_text
from workspace.results import Advice, AdviceVerdict, Estimate, System
from workspace.sample import Sample
from workspace.settings import quiet_libraries
from workspace.stated import Metric
from workspace.words import Words, language_of

DOING = Words("asking the base model first", "先试基础模型")
MOST_ROWS, AT_ONCE, MOST_SECONDS = 40, 8, 90.0
FEWEST_ANSWERED = 8
SEED = 7
FEW_A_LABEL, FEW_IN_ALL, LONG_TEXT = 20, 100, 2000
# So much more like the expected text counts as an answer that the passages made right.
LIFTED = 0.2


@dataclass(frozen=True)
class Task:
    """What is wanted of the model: `goal` is a share of `metric`, 0 to 1, None where nobody set one."""

    metric: Metric
    goal: float | None
    recipe: Recipe


def advise(data: Path, task: Task, passages: Passages | None, out: Path) -> Generator[Evaluated, None, Advice]:
    """From rows that are learned from or watch over it, never test rows; measured once and kept in `out`.

    Raises UserError where the file has no row to try it on.
    """
    quiet_libraries()
    with boundary(DOING):
        exam = _exam(data, task)
        contest = Contest(exam, task.recipe.base, None, passages)
        key, kept = contest.key("retrieval"), out / "advice.json"
        if kept.exists():
            before = Advice.model_validate_json(kept.read_bytes())
            if before.key == key:
                return before
        given: dict[System, dict[int, str]] = {}
        for system in contest.systems:
            if system != "base":
                given[system] = yield from _tried(contest, system, out)
        contest.release()
        advice = _advice(key, exam, task, given)
        write_text(kept, advice.model_dump_json(indent=1))
        return advice


def _exam(data: Path, task: Task) -> Exam:
    """Some validation rows, drawn by chance, or training rows where there are none; the others are its examples."""
    learned = parted(data).learned
    if not learned:
        raise UserError(
            Words("There is no row to try the base on.", "没有可以用来试基础模型的数据。"),
            Words("The file needs rows that are no test rows.", "文件里需要有测试数据之外的数据。"),
        )
    watching = [row for row in learned if row.split == "validation"]
    most = len(watching) or (len(learned) + 1) // 2
    # By chance, for a file may be sorted by label.
    tried = random.Random(SEED).sample(watching or list(learned), min(MOST_ROWS, most))
    ids = {row.id for row in tried}
    train = [row for row in learned if row.id not in ids and row.split != "validation"]
    follows = f"{fingerprint(learned)} {fingerprint(tried)} {task.recipe.base} {task.metric} {task.goal}"
    return Exam(tried, train, labels_of([*tried, *train]), hashlib.sha256(follows.encode()).hexdigest())


def _tried(contest: Contest, system: System, out: Path) -> Generator[Evaluated, None, dict[int, str]]:
    """The answers it could give in the time there is; a slow base is tried on fewer rows."""
    sheet, total, started = Sheet(out, system, contest.key(system)), len(contest.exam.test), time.monotonic()
    left = [row for row in range(total) if row not in sheet.answers]
    yield Evaluated(system, total - len(left), total)
    answering = contest.open(system) if left else None
    for start in range(0, len(left), AT_ONCE):
        if time.monotonic() - started > MOST_SECONDS and len(sheet.answers) >= FEWEST_ANSWERED:
            break
        for answers in answering(left[start : start + AT_ONCE]) if answering else ():
            sheet.add(answers, Batch(rows=len(answers), seconds=0.0))
        yield Evaluated(system, len(sheet.answers), total)
    return sheet.answers


def _advice(key: str, exam: Exam, task: Task, given: dict[System, dict[int, str]]) -> Advice:
    rows = sorted(set.intersection(*(set(answers) for answers in given.values())))
    wanted = [exam.wanted[row] for row in rows]
    said = {system: [answers[row] for row in rows] for system, answers in given.items()}
    reached = {system: estimate(task.metric, wanted, answers) for system, answers in said.items()}
    verdict, words = _verdict(task, reached, len(rows), _helped(task, wanted, said))
    return Advice(
        key=key,
        verdict=verdict,
        rows=len(rows),
        systems=reached,
        words=words,
        hints=tuple(_hints(exam, task)),
    )


def _helped(task: Task, wanted: Sequence[str], said: dict[System, list[str]]) -> tuple[int, int]:
    """How many answers were wrong without passages, and how many of these the passages put right."""
    if "retrieval" not in said:
        return 0, 0
    without, having = (scored(task.metric, wanted, said[name]) for name in ("prompted", "retrieval"))
    bar = 1.0 if task.metric in RIGHT_OR_WRONG or task.goal is None else task.goal
    wrong = [(a, b) for a, b in zip(without, having, strict=True) if a < bar]
    return len(wrong), sum(b >= min(bar, a + LIFTED) and b > a for a, b in wrong)


def _verdict(
    task: Task, reached: dict[System, Estimate], rows: int, helped: tuple[int, int]
) -> tuple[AdviceVerdict, Words]:
    """The cheapest way that will do, else what training would have to learn."""
    goal = task.goal
    names = {
        "prompted": Words("with a good prompt", "配上好的提示"),
        "retrieval": Words("with passages from your documents", "配上您文档里的段落"),
    }
    for system, name in names.items():
        if goal is not None and system in reached and reached[system].value >= goal:
            shown = {language: interval(reached[system], language) for language in ("en", "zh")}
            sure = reached[system].low >= goal
            return ("prompt" if system == "prompted" else "retrieval"), Words(
                f"Training may not be needed: the base {name.en} reaches {shown['en']} on {rows} rows; your goal is "
                f"{goal:.0%}." + ("" if sure else " So few rows can't settle it.") + " You can train all the same.",
                f"可能不需要训练：基础模型{name.zh}在 {rows} 条数据上已达到 {shown['zh']}，您的目标是 {goal:.0%}。"
                + ("" if sure else "不过数据太少，还不能确定。")
                + "您也可以照样训练。",
            )
    wrong, righted = helped
    if righted >= 3 and 2 * righted >= wrong:
        return "facts", Words(
            f"What goes wrong is mostly missing facts: of {wrong} wrong answers {righted} were right once the base was "
            "shown the passages. Training teaches a manner, not facts: let it answer from your documents instead. "
            "You can train all the same.",
            f"出错主要是因为缺少事实：{wrong} 条答错的里，给出文档段落后有 {righted} 条答对。"
            "训练教的是方式而不是事实：让模型依据文档回答更合适。您也可以照样训练。",
        )
    best = max(("prompted", *(("retrieval",) if "retrieval" in reached else ())), key=lambda s: reached[s].value)
    shown = {language: interval(reached[best], language) for language in ("en", "zh")}
    documents = Words(" and with your documents", "和您的文档") if "retrieval" in reached else Words("", "")
    return "train", Words(
        f"I asked the base first, with a good prompt{documents.en}, on {rows} rows: it reaches {shown['en']} at best, "
        "so training makes sense.",
        f"我先用好的提示{documents.zh}在 {rows} 条数据上试了基础模型：最好达到 {shown['zh']}，所以值得训练。",
    )


def _hints(exam: Exam, task: Task) -> Iterator[Words]:
    """How many rows, which base, which method: only where something else than the plan would be better."""
    rows = [*exam.train, *exam.test]
    counted = Counter(row.label for row in exam.train)
    few = [label for label in exam.labels or () if counted[label] < FEW_A_LABEL]
    if few:
        named = ", ".join(few[:5]) + (" …" if len(few) > 5 else "")
        yield Words(
            f"Labels with fewer than {FEW_A_LABEL} rows ({named}) will be learned badly; 40 or more each are better.",
            f"不足 {FEW_A_LABEL} 条数据的类别（{named}）学不好；每类最好有 40 条以上。",
        )
    elif len(exam.train) < FEW_IN_ALL:
        yield Words(
            f"{len(exam.train)} rows are few: they teach the form of an answer; aim for several hundred.",
            f"{len(exam.train)} 条数据偏少，只能学到回答的形式；最好有几百条。",
        )
    chinese = sum(language_of(row.question) == "zh" for row in rows) > len(rows) / 4
    if chinese and task.recipe.base == "smollm2-135m":
        yield Words(
            "Many texts are Chinese, and SmolLM2 hardly knows Chinese: qwen2.5-coder-1.5b knows it, and is slower.",
            "很多文本是中文，而 SmolLM2 几乎不懂中文：qwen2.5-coder-1.5b 懂中文，但更慢。",
        )
    if exam.labels and not chinese and task.recipe.method != "encoder":
        yield Words(
            "For sorting English texts an encoder is an option, too: smaller, faster, and it writes nothing else.",
            "给英文文本分类也可以用编码器：更小、更快，而且不会输出别的内容。",
        )
    if (longest := _usual_long(rows)) > LONG_TEXT:
        yield Words(
            f"Some texts are long ({longest} characters): training takes longer and needs more memory.",
            f"有些文本很长（{longest} 个字符）：训练会更慢，也更占内存。",
        )


def _usual_long(rows: Sequence[Sample]) -> int:
    """The 95th percentile, in characters."""
    lengths = sorted(len(row.question) + len(row.answer) for row in rows)
    return lengths[int(0.95 * (len(lengths) - 1))] if lengths else 0
