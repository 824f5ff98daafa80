"""Before a yes to training: what will be learned on real rows, how long it takes and what memory, in words."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from agent.events import Event, Say, Table
from workspace.errors import UserError
from workspace.stated import METHODS
from workspace.words import Language, Words

if TYPE_CHECKING:
    from finetune.prospect import Prospect, Shown
    from finetune.recipe import Recipe
    from workspace.spec import Spec

UNREAD = Words(
    "An encoder starts from MiniLM, which was trained on English alone and can't read Chinese: this training would be "
    "refused. Say “change the tuning method to LoRA”, or name a multilingual encoder's folder as the base.",
    "编码器的默认基础模型 MiniLM 只学过英文，读不懂中文，这样的训练会被拒绝。"
    "请说“把微调方式改成 LoRA”，或指定多语言编码器的文件夹作为基础模型。",
)
INSTEAD = Words("Change the tuning method to LoRA", "把微调方式改成 LoRA")


def foretold(data: Path, recipe: Recipe, language: Language) -> Generator[Event, None, Words | None]:
    """The rows as they will be learned, then what the run needs; the note on the rows that was told is returned.

    Raises UserError for what training would refuse.
    """
    from finetune.prospect import prospect

    found = prospect(data, recipe)
    yield learned_table(found, language)
    yield Say(text=needed(found, recipe, language))
    if found.note:
        yield Say(text=found.note.to(language))
    gap = "" if language == "zh" else " "
    # Who wants to know more finds it set apart, and nobody has to read it to say yes.
    yield Say(text=f"> {gap.join((counted(found, language), dials(recipe, found.train, language)))}")
    return found.note


@lru_cache(maxsize=8)
def if_here(data: Path, recipe: Recipe, language: Language) -> tuple[Event, ...]:
    """The same, where nothing has to be fetched for it; what would be refused is said. A waiting node asks twice."""
    from finetune.base import is_here

    if not is_here(recipe.base):
        return ()
    try:
        return tuple(foretold(data, recipe, language))
    except UserError as error:
        return (Say(text=" ".join(error.to(language))),)


def unread(spec: Spec) -> bool:
    """Whether training is sure to be refused: what the base would learn from is in a language that it can't read."""
    base, method, languages = spec.base, spec.method, spec.languages
    small = base is None or base.source == "default" or base.value == "minilm"
    chinese = languages is not None and languages.value == ("zh",)
    return small and chinese and method is not None and method.value == "encoder"


def method(recipe: Recipe, language: Language) -> str:
    return dict(METHODS)[recipe.method].to(language)


def learned_table(found: Prospect, language: Language) -> Table:
    return lesson_table(found.shown, found.train, language)


def lesson_table(some: Sequence[Shown], rows: int, language: Language) -> Table:
    """`some` of the rows that are learned from."""
    heads = [
        Words("What the model reads", "模型读到的内容"),
        Words("What it learns from that, marked ⟦ ⟧", "要从中学会的内容，以 ⟦ ⟧ 标出"),
        Words("Tokens", "词元数"),
        Words("of them learned", "其中学习的"),
    ]
    return Table(
        panel="learned",
        title=Words(
            f"What will be learned: {len(some)} of the {rows} rows, as examples",
            f"将要学习的内容：{rows} 条中的 {len(some)} 条示例",
        ).to(language),
        columns=tuple(head.to(language) for head in heads),
        rows=tuple((row.read, row.learned, row.length, row.trained) for row in some),
    )


def counted(found: Prospect, language: Language) -> str:
    cut = found.cut or Words("none", "没有").to(language)
    return Words(
        f"In detail: {found.train} rows teach and {found.watch} watch. They hold {found.tokens} tokens, "
        f"{found.trained} of which are learned; the longest row has {found.longest}. Rows that had to be cut: {cut}.",
        f"详情：{found.train} 条用于学习，{found.watch} 条用于监控。共 {found.tokens} 个词元，"
        f"其中 {found.trained} 个要学习；"
        f"最长的一条有 {found.longest} 个。被截短的数据：{cut}{' 条' if found.cut else ''}。",
    ).to(language)


def dials(recipe: Recipe, rows: int, language: Language) -> str:
    """The five choices of a run: all that a person can change, in words."""
    passes = recipe.steps * recipe.batch * (1 - recipe.replay) / (rows * (2 if recipe.mix else 1))
    tried = Words(" (half and twice of it are tried first)", "（会先与它的一半和两倍作比较）").to(language)
    general = Words(f"{recipe.replay:.0%} general rows", f"混入 {recipe.replay:.0%} 的通用数据").to(language)
    none = Words("no general rows", "不混入通用数据").to(language)
    return Words(
        f"How: base {recipe.base}; {method(recipe, 'en')}; each row is learned about {passes:.1f} times; learning rate "
        f"{recipe.learning_rate:g}{tried if recipe.probe else ''}; {general if recipe.replay else none}.",
        f"方式：基础模型 {recipe.base}；{method(recipe, 'zh')}；每条数据约学 {passes:.1f} 遍；学习率 "
        f"{recipe.learning_rate:g}{tried if recipe.probe else ''}；{general if recipe.replay else none}。",
    ).to(language)


def needed(found: Prospect, recipe: Recipe, language: Language) -> str:
    time, memory = duration(found.outlook.seconds, language), found.outlook.memory_gb
    return Words(
        f"Training {recipe.base} on {found.train} rows takes about {time} and {memory:.1f} GB of memory "
        f"({found.machine.memory_gb:.0f} GB are free, {found.machine.device.upper()}); it costs nothing but that. "
        "After the first steps I say it more exactly.",
        f"在 {found.train} 条数据上训练 {recipe.base} 大约需要 {time}和 {memory:.1f} GB 内存（目前可用 "
        f"{found.machine.memory_gb:.0f} GB，{found.machine.device.upper()}），没有别的花费。"
        "最初几步之后会给出更准的估计。",
    ).to(language)


def duration(seconds: float, language: Language) -> str:
    if seconds < 90:
        return Words(f"{max(1, round(seconds))} s", f"{max(1, round(seconds))} 秒").to(language)
    minutes = round(seconds / 60)
    if minutes < 120:
        return Words(f"{minutes} min", f"{minutes} 分钟").to(language)
    return Words(f"{minutes / 60:.1f} h", f"{minutes / 60:.1f} 小时").to(language)
