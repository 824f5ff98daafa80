"""The choices of a training that a person makes: five at most, each with its default and what to say to change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from agent.run import Run, recipe_of
from agent.wording import WHOSE, shown
from workspace.spec import Spec, question
from workspace.stated import METHODS, METRICS, Metric, Stated
from workspace.words import Language, Words

if TYPE_CHECKING:
    from finetune.recipe import Recipe

Field = Literal["base", "method", "budget_minutes", "metric", "threshold"]
FIELDS: tuple[Field, ...] = ("base", "method", "budget_minutes", "metric", "threshold")
# As the conversation knows each in "change X to …".
CALLED: dict[Field, Words] = {
    "base": Words("base model", "基础模型"),
    "method": Words("tuning method", "微调方式"),
    "budget_minutes": Words("time limit", "时间上限"),
    "metric": Words("metric", "指标"),
    "threshold": Words("threshold", "达标线"),
}
HINTS: dict[Field, Words] = {
    "base": Words("what is tuned: larger is better at most things, and slower", "微调的对象：越大通常越好，也越慢"),
    "method": Words("how: the usual one is quick and forgets little", "微调的方法：默认方式快，也不易遗忘"),
    "budget_minutes": Words("when it is over, the best so far is kept", "到时间后保留当时最好的结果"),
    "metric": Words("what “better” means on the report card", "成绩单上用什么衡量好坏"),
    "threshold": Words("from here on it is good enough for you", "达到多少才算可用"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """`given` is the value as it would be typed; `options` are (value, words), none where a number is typed."""

    field: Field
    title: str
    value: str
    given: str
    whose: str
    hint: str
    options: tuple[tuple[str, str], ...]


def choices(run: Run, language: Language) -> tuple[Choice, ...]:
    return tuple(_choice(field, run.spec, language) for field in FIELDS)


def _choice(field: Field, spec: Spec, language: Language) -> Choice:
    stated: Stated[Any] | None = getattr(spec, field)
    value = stated.value if stated else ""
    given = f"{100 * value:g}" if field == "threshold" and stated else str(value)
    unit = Words(" min", " 分钟").to(language) if field == "budget_minutes" else ""
    return Choice(
        field=field,
        title=question(field).title.to(language),
        value=shown(field, value, language) + unit,
        given=given.removesuffix(".0"),
        whose=WHOSE[stated.source].to(language) if stated else "",
        hint=HINTS[field].to(language),
        options=tuple((name, words.to(language)) for name, words in _options(field, spec)),
    )


def _options(field: Field, spec: Spec) -> Iterator[tuple[str, Words]]:
    """What goes together with the task, the present value always among it."""
    from finetune.base import BASES
    from finetune.judging.scores import USUAL

    sorts = spec.task is not None and spec.task.value == "classification"
    if field == "base":
        own = spec.base.value if spec.base else ""
        yield from ((name, Words(name, name)) for name in dict.fromkeys((*BASES, *filter(None, (own,)))))
    elif field == "method":
        yield from (pair for pair in METHODS if sorts or pair[0] != "encoder")
    elif field == "metric":
        now: tuple[Metric, ...] = (spec.metric.value,) if spec.metric else ()
        yield from ((name, dict(METRICS)[name]) for name in dict.fromkeys((*USUAL[sorts], *now)))


def asked_for(field: Field, value: str, language: Language) -> str:
    """What a person would say to the conversation to have it so."""
    name, value = CALLED[field].to(language), " ".join(value.split())
    unit = {"budget_minutes": Words(" minutes", "分钟"), "threshold": Words("%", "%")}.get(field)
    value += unit.to(language) if unit and value.replace(".", "", 1).isdigit() else ""
    return Words(f"change the {name} to {value}", f"把{name}改成{value}").to(language)


def follows(run: Run, language: Language) -> str:
    """What follows from the choices and the rows for the rest, in one sentence."""
    recipe: Recipe = recipe_of(run)
    rows = run.version.rows.get("train", 0) if run.version else 0
    if not rows:
        return ""
    passes = recipe.steps * recipe.batch * (1 - recipe.replay) / rows
    return Words(
        f"From that follow {recipe.steps} steps of {recipe.batch} rows, each row learned about {passes:.1f} times, at "
        f"a learning rate of {recipe.learning_rate:g}.",
        f"由此得出：共 {recipe.steps} 步、每步 {recipe.batch} 条，每条数据约学 {passes:.1f} 遍，"
        f"学习率 {recipe.learning_rate:g}。",
    ).to(language)
