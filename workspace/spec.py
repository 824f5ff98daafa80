"""The contract: what the data set and the model must be, and who said so. Its fields are the interview."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workspace.errors import UserError
from workspace.rules import Rule
from workspace.stated import (
    FORMATS,
    GATES,
    JUDGES,
    METHODS,
    METRICS,
    PRIVACY,
    TASKS,
    UNKNOWN,
    Beyond,
    Label,
    Method,
    Metric,
    Mixed,
    Privacy,
    Question,
    Share,
    Stated,
    Task,
    usual_base,
)
from workspace.words import Language, Words

ABSENT = (("gate", None), ("goals", None), ("gate", "none"), ("sources", None), ("method", None), ("method", "lora"))


def _always(value: object) -> Callable[[Spec], object]:
    return lambda spec: value


def _classifies(spec: Spec) -> bool:
    return spec.task is not None and spec.task.value == "classification"


def _rows(spec: Spec) -> int:
    return max(120, 40 * len(spec.labels.value)) if spec.labels else 240


def _metric(spec: Spec) -> Metric:
    return "accuracy" if _classifies(spec) else "chrf"


class Spec(BaseModel):
    """Partly filled it is the draft of the interview; `complete` once nothing that matters is unasked.

    The order of the fields is the order of the questions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    goal: Annotated[
        Stated[str] | None,
        Question(
            Words("Goal", "目标"),
            Words(
                "What should the model do? Tell me in a sentence or two, as you would tell a colleague.",
                "您希望模型做什么？请像告诉同事那样，用一两句话说说。",
            ),
        ),
    ] = None
    task: Annotated[
        Stated[Task] | None,
        Question(
            Words("Kind of task", "任务类型"),
            Words("Which of these comes closest to the job?", "下面哪一种最接近您的任务？"),
            choices=TASKS,
        ),
    ] = None
    examples: Annotated[
        Stated[tuple[str, ...]] | None,
        Question(
            Words("Real examples", "真实样例"),
            Words(
                "Do you have real examples? Attach a file with the clip or drop it here (CSV, Excel, JSON, JSONL, "
                "Parquet, text), or say no.",
                "您手头有真实样例吗？可以点回形针或把文件拖进来（CSV、Excel、JSON、JSONL、Parquet、文本），没有也可以直接说没有。",
            ),
            fallback=_always(()),
        ),
    ] = None
    labels: Annotated[
        Stated[tuple[Label, ...]] | None,
        Question(
            Words("Labels", "类别"),
            Words(
                "Which kinds should it tell apart? A list is fine; a few words on each help.",
                "需要分成哪几类？列出来就行，每类能解释几个字更好。",
            ),
            when=_classifies,
        ),
    ] = None
    languages: Annotated[
        Stated[tuple[Language, ...]] | None,
        Question(
            Words("Languages", "语言"),
            Words(
                "Which languages will the texts be in: English, Chinese, or both?",
                "文本是什么语言：中文、英文，还是都有？",
            ),
            choices=(("en", Words("English", "英文")), ("zh", Words("Chinese", "中文"))),
        ),
    ] = None
    knowledge: Annotated[
        Stated[tuple[str, ...]] | None,
        Question(
            Words("Documents that the rows must agree with", "数据须依据的文档"),
            Words(
                "Is there a document that the rows must agree with, such as a policy? Attach it with the clip or drop "
                "it here (PDF, Word, web page, text, or a scan), or say no.",
                "有没有数据必须符合的文档，例如规章或产品说明？可以点回形针或拖进来（PDF、Word、网页、文本或扫描件），没有就说没有。",
            ),
            fallback=_always(()),
        ),
    ] = None
    rules: Annotated[
        Stated[tuple[Rule, ...]] | None,
        Question(
            Words("Rules", "规则"),
            Words(
                "Is there a rule that every row must obey, such as a word that must not occur or a longest length?",
                "有没有每条数据都必须遵守的规则？比如不能出现的词、最长多少字、数值范围。",
            ),
            fallback=_always(()),
        ),
    ] = None
    threshold: Annotated[
        Stated[float] | None,
        Question(
            Words("Good enough", "达标线"),
            Words(
                "How good is good enough for you to use it: how many of 100 should be right?",
                "要多好您才会用它：100 条里至少对多少条？",
            ),
            fallback=_always(0.9),
        ),
    ] = None
    scenarios: Annotated[
        Stated[tuple[Share, ...]] | None,
        Question(
            Words("Situations and their shares", "场景及占比"),
            Words(
                "Which situations should the rows cover, and in what shares? For example 50% everyday, "
                "30% complaints, 20% odd cases.",
                "数据要覆盖哪些场景，各占多少？例如日常 50%、投诉 30%、少见情况 20%。",
            ),
            fallback=_always((Share(name="everyday", share=0.7), Share(name="unusual", share=0.3))),
        ),
    ] = None
    privacy: Annotated[
        Stated[Privacy] | None,
        Question(
            Words("Personal data", "个人信息"),
            Words(
                "Do your texts hold personal data, such as names, phone or card numbers? If so: mask it, or keep it?",
                "您的文本里有个人信息吗，例如姓名、电话、卡号？有的话，打码还是保留？",
            ),
            fallback=_always("mask"),
            choices=PRIVACY,
        ),
    ] = None
    sources: Annotated[
        Stated[tuple[Mixed, ...]] | None,
        Question(Words("Sources and their shares", "数据来源及占比"), when=lambda spec: spec.sources is not None),
    ] = None
    rows: Annotated[
        Stated[int] | None,
        Question(
            Words("Rows", "数据量"),
            Words("How many rows shall I make in all?", "一共要做多少条数据？"),
            fallback=_rows,
        ),
    ] = None
    metric: Annotated[
        Stated[Metric] | None,
        Question(Words("Measure", "衡量标准"), fallback=_metric, choices=METRICS),
    ] = None
    goals: Annotated[
        Stated[dict[Metric | Beyond, float]] | None,
        Question(Words("Further goals", "其他目标"), when=lambda spec: spec.goals is not None),
    ] = None
    difficulty: Annotated[
        Stated[tuple[Share, ...]] | None,
        Question(
            Words("Difficulty", "难度"),
            fallback=_always((Share(name="easy", share=0.5), Share(name="hard", share=0.5))),
        ),
    ] = None
    tones: Annotated[
        Stated[tuple[str, ...]] | None,
        Question(Words("Tones", "语气"), fallback=_always(("neutral", "informal"))),
    ] = None
    unknown_facts: Annotated[
        Stated[Literal["keep", "reject"]] | None,
        Question(
            Words("Statements that the documents don't settle", "文档无法判断的说法"),
            fallback=lambda spec: "keep" if _classifies(spec) else "reject",
            choices=UNKNOWN,
        ),
    ] = None
    confidence: Annotated[
        Stated[dict[str, Annotated[float, Field(ge=0, le=1)]]] | None,
        Question(
            Words("How sure a check must be, or a person decides", "检查把握不足时交给人工的界限"),
            fallback=lambda spec: {"default": 0.7, "amount": 0.75, "date": 0.7, "attachment number": 0.65},
        ),
    ] = None
    judge: Annotated[
        Stated[Literal["none", "others", "all"]] | None,
        Question(Words("A model's opinion of the rows", "模型评判"), fallback=_always("none"), choices=JUDGES),
    ] = None
    gate: Annotated[
        Stated[Literal["none", "review"]] | None,
        Question(Words("A person looks at a sample", "人工抽查"), fallback=_always("none"), choices=GATES),
    ] = None
    base: Annotated[
        Stated[str] | None,
        Question(
            Words("Base model", "基础模型"),
            fallback=lambda spec: usual_base(spec.method.value if spec.method else "lora"),
        ),
    ] = None
    method: Annotated[
        Stated[Method] | None,
        Question(Words("Way of tuning", "微调方式"), fallback=_always("lora"), choices=METHODS),
    ] = None
    temperature: Annotated[
        Stated[float] | None,
        Question(Words("Temperature of the writing model", "生成温度"), fallback=_always(0.7)),
    ] = None
    top_k: Annotated[
        Stated[int] | None, Question(Words("Top-k of the writing model", "生成时每步的候选词数"), fallback=_always(40))
    ] = None
    budget_minutes: Annotated[
        Stated[float] | None,
        Question(Words("Longest time, in minutes", "时间上限（分钟）"), fallback=_always(60.0)),
    ] = None
    budget_money: Annotated[
        Stated[float] | None,
        Question(
            Words(
                "Most to spend, in US dollars (nothing unless a paid model is set up)",
                "花费上限（美元；未设置付费模型则不花费）",
            ),
            fallback=_always(5.0),
        ),
    ] = None
    export: Annotated[
        Stated[Literal["messages", "alpaca", "sharegpt"]] | None,
        Question(Words("File format", "文件格式"), fallback=_always("messages"), choices=FORMATS),
    ] = None
    seed: Annotated[Stated[int] | None, Question(Words("Seed", "随机种子"), fallback=_always(7))] = None

    @property
    def complete(self) -> bool:
        return not any(getattr(self, name) is None for name, q in questions() if q.when(self))

    @property
    def hash(self) -> str:
        """64 hexadecimal digits over the values alone: who said them changes no row.

        A field that came later counts only where it asks for something, so that older specifications keep their name.
        """
        values = {name: _value(getattr(self, name)) for name, _ in questions()}
        values = {name: value for name, value in values.items() if (name, value) not in ABSENT}
        return hashlib.sha256(yaml.safe_dump(values, allow_unicode=True).encode()).hexdigest()

    def with_value(self, name: str, stated: Stated[Any]) -> Spec:
        """A draft with one more value, validated against the field's own type; ValidationError if it does not fit."""
        raw = {n: getattr(self, n) for n in type(self).model_fields}
        if name == "method" and self.base is not None and self.base.source == "default":
            raw["base"] = Stated(value=usual_base(stated.value), source="default")  # it follows the method
        return type(self).model_validate({**raw, name: stated.model_dump()})

    def without(self, name: str) -> Spec:
        return self.model_copy(update={name: None})

    def filled(self) -> Spec:
        """Every gap closed by its default. What has none (goal, task, labels, languages) stays open."""
        spec = self
        for name, question in questions():
            if getattr(spec, name) is None and question.fallback and question.when(spec):
                spec = spec.with_value(name, Stated(value=question.fallback(spec), source="default"))
        return spec


def _value(stated: Stated[Any] | None) -> object:
    return stated.model_dump(mode="json")["value"] if stated else None


def questions() -> Iterator[tuple[str, Question]]:
    """(field name, how it is spoken of), in the order in which they are asked."""
    for name, info in Spec.model_fields.items():
        yield name, next(m for m in info.metadata if isinstance(m, Question))


def question(name: str) -> Question:
    return dict(questions())[name]


def open_questions(draft: Spec) -> list[str]:
    """The fields that still have to be asked about."""
    return [name for name, q in questions() if q.ask is not None and getattr(draft, name) is None and q.when(draft)]


def write_spec(spec: Spec, path: Path) -> None:
    """YAML; read-only once written, for the yes was given to these words."""
    raw = spec.model_dump(mode="json", exclude_none=True)
    path.write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), encoding="utf-8")
    path.chmod(0o444)


def read_spec(path: Path) -> Spec:
    """A specification from YAML, its gaps filled with defaults. Bare values count as said by the file.

    Raises UserError where the file is absent, no YAML, or a value does not fit.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        spec = Spec.model_validate(raw).filled()
    except FileNotFoundError as error:
        raise UserError(
            Words(f"There is no file {path}.", f"找不到文件 {path}。"),
            Words(
                "Check the path; `tunesmith chat` writes a specification for you.",
                "请检查路径；`tunesmith chat` 可以帮您写一份规格说明。",
            ),
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError, ValidationError) as error:
        raise UserError(
            Words(
                f"{path.name} is not a specification that I can read: {_first(error)}",
                f"无法读取规格说明 {path.name}：{_first(error)}",
            ),
            Words("Compare it with examples/bank/spec.yaml.", "请对照 examples/bank/spec.yaml 修改。"),
        ) from error
    missing = [name for name, q in questions() if q.when(spec) and getattr(spec, name) is None]
    if missing:
        names = ", ".join(missing)
        raise UserError(
            Words(f"{path.name} lacks: {names}.", f"{path.name} 缺少：{names}。"),
            Words("Add them; they have no default.", "请补充，这些项没有默认值。"),
        )
    return spec


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error).splitlines()[0]
