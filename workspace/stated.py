"""The words a specification is written in: a value and whose it is, a label, a share, how a field is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, Self, TypeVar

from pydantic import Field, JsonValue, model_validator

from workspace.sample import Frozen
from workspace.words import Words

if TYPE_CHECKING:
    from workspace.spec import Spec

T = TypeVar("T")
Task = Literal["classification", "question-answering", "dialogue", "extraction", "rewriting", "writing"]
Metric = Literal[
    "accuracy",
    "macro_f1",
    "macro_precision",
    "macro_recall",
    "weighted_f1",
    "weighted_precision",
    "weighted_recall",
    "exact_match",
    "chrf",
    "bleu",
    "rouge1",
    "rouge2",
    "rougeL",
]
# What else a goal may be set on: what answering costs, and what the further measurements find.
Beyond = Literal["ms_per_query", "memory_mb", "cost_per_1000", "attack_success", "out_of_domain_auroc"]
AT_MOST: tuple[Beyond, ...] = ("ms_per_query", "memory_mb", "cost_per_1000", "attack_success")
Method = Literal["lora", "qlora", "full", "prompt", "prefix", "encoder"]
Privacy = Literal["none", "mask", "hash", "generalise", "keep"]
StatedBy = Literal["said", "default", "suggested"]


class Stated(Frozen, Generic[T]):
    """A value and whose it is. *said* carries the person's exact words and the turn they stand in."""

    value: T
    source: StatedBy
    quote: str | None = None
    turn: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, raw: object) -> object:
        """In a YAML file written by hand a bare value is the person's own: turn 0 is the file itself."""
        if isinstance(raw, dict) and "source" in raw and "value" in raw:
            return raw
        if isinstance(raw, Stated):
            return raw
        return {"value": raw, "source": "said", "quote": str(raw), "turn": 0}

    @model_validator(mode="after")
    def _said_needs_words(self) -> Self:
        if self.source == "said" and (not self.quote or self.turn is None):
            raise ValueError("a value counts as said only with the words that say it, and their turn")
        return self


class Label(Frozen):
    name: str
    definition: str = ""


class Share(Frozen):
    """A named part of a mix; shares of one mix are normalised to 1 where they are used."""

    name: str
    share: float = Field(ge=0)


class Mixed(Share):
    """A source and its part of all rows: a kind with that kind's own options. What the model writes is one, too."""

    share: float = Field(gt=0)
    kind: Literal["files", "database", "http", "hub", "generate"]
    options: dict[str, JsonValue] = {}
    licence: str | None = None

    @model_validator(mode="after")
    def _written_as_specified(self) -> Self:
        if self.kind == "generate" and self.options:
            raise ValueError("what the model writes follows from the specification and takes no options")
        return self


@dataclass(frozen=True)
class Question:
    """How one field of the specification is spoken of. `ask` is None for fields that are never asked about.

    `fallback` is what "I don't know" and "the default" give; None means that the field can't be guessed.
    `when` says whether the field matters for this draft.
    """

    title: Words
    ask: Words | None = None
    fallback: Callable[[Spec], object] | None = None
    choices: tuple[tuple[str, Words], ...] = ()
    when: Callable[[Spec], bool] = field(default=lambda spec: True)


TASKS: tuple[tuple[Task, Words], ...] = (
    ("classification", Words("sort texts into kinds", "把文本分成几类")),
    ("question-answering", Words("answer questions from documents", "根据文档回答问题")),
    ("dialogue", Words("hold a conversation", "多轮对话")),
    ("extraction", Words("pick out pieces of information", "从文本里提取信息")),
    ("rewriting", Words("rewrite texts", "改写文本")),
    ("writing", Words("write texts of a fixed form, such as reports", "按固定格式写文本，例如报告")),
)
PRIVACY: tuple[tuple[str, Words], ...] = (
    ("none", Words("no personal data in the rows", "数据里没有个人信息")),
    ("mask", Words("mask personal data", "个人信息打码")),
    ("hash", Words("replace each by a code of its own", "换成代号，同一个值用同一个代号")),
    ("generalise", Words("keep only what is coarse: city, surname, month", "只留大概：城市、姓氏、月份")),
    ("keep", Words("leave them as they are", "保持原样")),
)
JUDGES: tuple[tuple[str, Words], ...] = (
    ("none", Words("not asked for", "不需要")),
    ("others", Words("counts for rows that it did not write itself", "只对不是它自己写的数据有效")),
    ("all", Words("counts for rows that it wrote itself, too", "对它自己写的数据也有效")),
)
GATES: tuple[tuple[str, Words], ...] = (
    ("none", Words("not asked for", "不需要")),
    (
        "review",
        Words(
            "100 rows before more are written, 1% before the version is frozen",
            "扩大规模前看 100 条，冻结版本前抽检 1%",
        ),
    ),
)
BEYOND: tuple[tuple[Beyond, Words], ...] = (
    ("ms_per_query", Words("milliseconds a query (median)", "每次查询的毫秒数（中位数）")),
    ("memory_mb", Words("memory in MB", "内存（MB）")),
    ("cost_per_1000", Words("US dollars for 1,000 queries", "每 1000 次查询的费用（美元）")),
    ("attack_success", Words("share of attacks that succeed", "攻击成功的比例")),
    (
        "out_of_domain_auroc",
        Words("how well foreign questions are told apart (AUROC)", "识别领域外问题的能力（AUROC）"),
    ),
)
METRICS: tuple[tuple[Metric, Words], ...] = (
    ("accuracy", Words("share of right answers", "答对的比例")),
    ("macro_f1", Words("F1, every label counting the same", "宏平均 F1")),
    ("macro_precision", Words("precision, every label counting the same", "宏平均精确率")),
    ("macro_recall", Words("recall, every label counting the same", "宏平均召回率")),
    ("weighted_f1", Words("F1, labels counting by their rows", "加权平均 F1")),
    ("weighted_precision", Words("precision, labels counting by their rows", "加权平均精确率")),
    ("weighted_recall", Words("recall, labels counting by their rows", "加权平均召回率")),
    ("exact_match", Words("answers equal to the letter", "完全一致的比例")),
    ("chrf", Words("likeness to the expected text (chrF)", "与标准答案的相似度（chrF）")),
    ("bleu", Words("runs of words shared with the expected text (BLEU)", "与标准答案连续重合的词（BLEU）")),
    ("rouge1", Words("words shared with the expected text (ROUGE-1)", "与标准答案重合的词（ROUGE-1）")),
    ("rouge2", Words("pairs of words shared with it (ROUGE-2)", "与标准答案重合的词对（ROUGE-2）")),
    ("rougeL", Words("longest sequence shared with it (ROUGE-L)", "与标准答案的最长公共序列（ROUGE-L）")),
)
UNKNOWN: tuple[tuple[str, Words], ...] = (
    ("keep", Words("keep the row", "保留")),
    ("reject", Words("reject the row", "拒绝")),
)
FORMATS: tuple[tuple[str, Words], ...] = (
    ("messages", Words("messages", "对话格式（messages）")),
    ("alpaca", Words("Alpaca", "指令格式（Alpaca）")),
    ("sharegpt", Words("ShareGPT", "ShareGPT 格式")),
)
# What the product itself calls a part of a mix; what people call one stands as they wrote it.
PARTS: dict[str, Words] = {
    "everyday": Words("everyday", "日常"),
    "unusual": Words("unusual", "少见"),
    "easy": Words("easy", "容易"),
    "hard": Words("hard", "难"),
    "neutral": Words("neutral", "中性"),
    "informal": Words("informal", "口语"),
    "default": Words("default", "一般"),
    "amount": Words("amount", "金额"),
    "date": Words("date", "日期"),
    "attachment number": Words("attachment number", "附件编号"),
}
METHODS: tuple[tuple[Method, Words], ...] = (
    ("lora", Words("train small additions to the model (LoRA)", "只训练附加的少量权重（LoRA）")),
    (
        "qlora",
        Words(
            "the same upon a base squeezed into 4 bits, on a GPU (QLoRA)",
            "同上，但把基础模型压缩到 4 位，需要 GPU（QLoRA）",
        ),
    ),
    ("full", Words("train every weight of the model (full tuning)", "训练模型的全部权重（全量微调）")),
    (
        "prompt",
        Words(
            "learn an instruction, leave the model as it is (prompt tuning)", "只学一段提示，模型本身不变（提示微调）"
        ),
    ),
    (
        "prefix",
        Words(
            "learn what the model remembers before it reads (prefix tuning)",
            "只学一段前置记忆，模型本身不变（前缀微调）",
        ),
    ),
    (
        "encoder",
        Words("a small model that sorts texts and writes none (encoder)", "只做分类、不写文字的小模型（编码器）"),
    ),
)


def usual_base(method: Method) -> str:
    """The base where nobody names one."""
    return "minilm" if method == "encoder" else "smollm2-135m"
