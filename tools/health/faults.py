"""What each fault of a data set is called, costs and is mended by: the one table that grade and advice come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from tools.health.report import Example, Fault, FaultName
from workspace.words import Words

ROWS = Words("of all rows", "占全部数据")
LABELS = Words("of the labels", "占全部类别")
CELLS = Words("of the cells", "占全部单元格")
WANTED = Words("of what it takes is missing", "为所缺的比例")
TESTED = Words("for each held-back row", "与留出的测试数据之比")


@dataclass(frozen=True)
class Price:
    """`most` points of 100 are lost where the share reaches `full_at`; below, in proportion."""

    most: float
    full_at: float
    title: Words
    why: Words
    fix: Words
    command: str = "tunesmith clean {file} --out {out}"
    share_of: Words = ROWS


def _steps(options: str) -> str:
    """Cleaning by one step with options of its own, as a shell takes it."""
    return f"printf '%s\\n' '{options}' > steps.yaml && tunesmith clean {{file}} --out {{out}} --steps steps.yaml"


# How much a fault weighs: what makes the result *wrong* or can't be shared 20-30, what makes the model worse 10-20,
# what only wastes rows or effort 5-10.
PRICES: dict[FaultName, Price] = {
    "refused": Price(
        25,
        0.10,
        Words("Rows that can't be read", "无法读取的数据"),
        Words("Whatever they say is lost.", "这些数据的内容会全部丢失。"),
        Words("Correct these places in the file; each is named with its reason.", "按列出的位置和原因修正文件。"),
        "tunesmith check {file} --only form",
    ),
    "leak": Price(
        30,
        0.10,
        Words("Test questions among the training rows", "训练数据里混入了测试题"),
        Words(
            "The model knows the answers before the test, so its score means nothing.",
            "模型提前见过答案，测试分数没有意义。",
        ),
        Words(
            "Take them out of the training rows: what this file of judged rows keeps is free of them.",
            "把它们从训练数据中去掉：该结果文件里保留的数据已不含测试题。",
        ),
        "tunesmith check {file}{test} --only leak --out {judged}",
        share_of=TESTED,
    ),
    "two_labels": Price(
        25,
        0.05,
        Words("The same text under two labels", "同一段文字有两个类别"),
        Words("At least one of them is wrong, and no model can satisfy both.", "至少有一个是错的，模型无法同时满足。"),
        Words(
            "Decide which label is right; the rows are named in the findings.", "确定正确的类别；具体数据见检查结果。"
        ),
        "tunesmith check {file} --only copies",
    ),
    "two_answers": Price(
        15,
        0.05,
        Words("The same question with answers that disagree", "同一个问题有互相矛盾的回答"),
        Words("The model learns to contradict itself.", "模型会学得自相矛盾。"),
        Words("Keep the right answer.", "只保留正确的回答。"),
        "tunesmith check {file} --only contradictions",
    ),
    "personal": Price(
        25,
        0.05,
        Words("Personal data in clear", "未打码的个人信息"),
        Words("A model repeats what it was trained on, to anybody.", "模型可能把训练过的个人信息说给任何人。"),
        Words("Mask it before anyone else sees the file.", "在别人看到文件之前先打码。"),
        "tunesmith clean {file} --out {out} --personal-data mask",
    ),
    "too_few": Price(
        20,
        1.0,
        Words("Too few rows", "数据太少"),
        Words("A model tuned on so few learns them by heart instead of the task.", "数据太少时，模型只会死记硬背。"),
        Words("Collect more, or have more written from these.", "收集更多数据，或以这些数据为样例生成更多。"),
        "tunesmith chat",
        WANTED,
    ),
    "copies": Price(
        15,
        0.30,
        Words("Copies", "完全重复的数据"),
        Words("What stands there ten times counts ten times.", "重复十次的内容就有十倍的分量。"),
        Words("Keep the first of each.", "每组只保留第一条。"),
    ),
    "near_copies": Price(
        10,
        0.30,
        Words("Near copies", "近似重复的数据"),
        Words(
            "They add no variety, and may stand on both sides of the test.",
            "没有增加多样性，还可能同时出现在训练和测试里。",
        ),
        Words("Keep one of each group.", "每组只保留一条。"),
    ),
    "broken_text": Price(
        20,
        0.05,
        Words("Broken characters", "乱码"),
        Words(
            "The text was decoded wrongly, or holds invisible characters; the model learns the noise.",
            "文字解码有误或含有不可见字符，模型会学到噪声。",
        ),
        Words("Repair them.", "修复乱码。"),
    ),
    "placeholder": Price(
        15,
        0.05,
        Words("Empty answers or questions", "空的问题或回答"),
        Words("“N/A” or “…” teaches the model to say nothing.", "“无”或“…”会教模型什么都不说。"),
        Words("Fill them in, or take the rows out.", "补全，或去掉这些数据。"),
    ),
    "copied_answer": Price(
        15,
        0.05,
        Words("Answers that repeat the question", "照抄问题的回答"),
        Words("The model learns to echo.", "模型会学成复读机。"),
        Words("Write real answers, or take the rows out.", "写出真正的回答，或去掉这些数据。"),
        "tunesmith check {file} --report report.html",
    ),
    "leftovers": Price(
        15,
        0.05,
        Words("Leftovers of templates and of other models", "模板或其他模型留下的套话"),
        Words(
            "“As an AI language model” and {{name}} will be said to your customers.",
            "“作为一个AI”或 {{name}} 会原样说给客户听。",
        ),
        Words("Take these rows out, or write them anew.", "去掉或重写这些数据。"),
        "tunesmith check {file} --only form --out {judged}",
    ),
    "same_answer": Price(
        10,
        0.20,
        Words("The same long answer to different questions", "不同问题用了同一段长回答"),
        Words("The model learns the stock phrase, whatever is asked.", "无论问什么，模型都会说这段套话。"),
        Words("Write answers of their own, or keep a few.", "分别写回答，或只保留几条。"),
        "tunesmith check {file} --report report.html",
    ),
    "repetition": Price(
        10,
        0.05,
        Words("Texts that run in circles", "反复重复的文字"),
        Words("The model learns to do the same.", "模型也会学着重复。"),
        Words("Take these rows out.", "去掉这些数据。"),
    ),
    "low_information": Price(
        10,
        0.10,
        Words("Texts that say nothing", "几乎没有内容的文字"),
        Words("There is nothing to learn from them.", "从中学不到东西。"),
        Words("Take these rows out.", "去掉这些数据。"),
    ),
    "noisy_labels": Price(
        15,
        0.10,
        Words("Labels that the nearest rows contradict", "与最相似数据不一致的类别"),
        Words(
            "Most of them are slips of whoever labelled; a guess, to be looked at.",
            "多半是标注失误；这是推测，请人工确认。",
        ),
        Words("Look at these rows and correct the label where it is wrong.", "逐条查看，改正错误的类别。"),
        "tunesmith check {file} --report report.html",
    ),
    "imbalance": Price(
        10,
        1.0,
        Words("Some labels have far more rows than others", "各类数据量相差悬殊"),
        Words("The rare ones are hardly ever answered.", "数量少的类别几乎学不会。"),
        Words("Collect or write more rows for the small ones.", "为数量少的类别补充数据。"),
        "tunesmith chat",
        Words("of a ratio of 100 to 1, by order of magnitude", "（以 100:1 为满，按数量级计）"),
    ),
    "single_labels": Price(
        10,
        0.20,
        Words("Labels with a single row", "只有一条数据的类别"),
        Words(
            "It can't be learnt from and tested on at once; often it is a misspelt name.",
            "无法既学习又测试；往往是类别名写错了。",
        ),
        Words("Correct the name, or add rows.", "改正类别名，或补充数据。"),
        "tunesmith chat",
        LABELS,
    ),
    "other_language": Price(
        10,
        0.10,
        Words("Rows in another language than the rest", "与其余数据语言不同"),
        Words(
            "Too few to learn the language, enough to answer in the wrong one.", "不足以学会这门语言，却足以答错语言。"
        ),
        Words("Take them out, or translate them.", "去掉或翻译。"),
        _steps("- quality: {{languages: [{language}]}}"),
    ),
    "too_long": Price(
        10,
        0.05,
        Words("Rows beyond the usual context", "超出常用上下文长度的数据"),
        Words(
            "What stands after 2,048 tokens is cut off in training, mostly the answer.",
            "训练时超过 2048 个 token 的部分会被截掉，往往正是回答。",
        ),
        Words("Cut them into parts, or leave them out.", "拆成几段，或不用。"),
        _steps("- quality: {{longest: 8000}}"),
    ),
    "odd_lengths": Price(
        5,
        0.10,
        Words("Texts far longer than the rest", "长度远超其余数据的文字"),
        Words("Often two rows run together, or a whole page pasted.", "往往是几条数据连在一起，或粘贴了整页。"),
        Words("Look at them.", "请查看这些数据。"),
        "tunesmith check {file} --report report.html",
    ),
    "drift": Price(
        10,
        0.30,
        Words("The parts are of different kinds", "各部分数据分布不同"),
        Words(
            "A test of other texts or labels than were learnt measures something else.",
            "测试与训练的内容或类别比例不同，测到的就不是同一件事。",
        ),
        Words("Mix all rows and divide them anew.", "合并后重新划分。"),
        share_of=Words("Jensen-Shannon divergence beyond chance", "超出偶然的 Jensen-Shannon 散度"),
    ),
    "markup": Price(
        5,
        0.20,
        Words("HTML in the text", "文字里有 HTML"),
        Words("The model learns to write tags.", "模型会学着写标签。"),
        Words("Strip it.", "去掉标签。"),
    ),
    "missing_cells": Price(
        15,
        0.30,
        Words("Missing values", "缺失值"),
        Words("What is not there can't be compared or learnt from.", "缺失的内容无法比较和学习。"),
        Words("Fill them in, or leave the rows out.", "补全，或不用这些行。"),
        _steps("- missing: {{how: filled}}"),
        share_of=CELLS,
    ),
    "odd_cells": Price(
        20,
        0.05,
        Words("Values that don't fit their column", "与所在列不符的值"),
        Words(
            "A misspelt name, another unit, a shifted cell: one of them can spoil a sum.",
            "错别字、单位不同或错位，一处就能让合计出错。",
        ),
        Words("Look at them and correct them.", "查看并改正。"),
        "tunesmith check {file} --only cells",
        share_of=CELLS,
    ),
}


def fault(
    name: FaultName,
    rows: int,
    share: float,
    file: Path,
    examples: Sequence[Example] = (),
    test: Path | None = None,
    language: str = "en",
) -> Fault:
    price = PRICES[name]
    return Fault(
        name=name,
        title=price.title,
        why=price.why,
        rows=rows,
        share=round(share, 4),
        share_of=price.share_of,
        most=price.most,
        full_at=price.full_at,
        points=round(price.most * min(1.0, share / price.full_at), 2),
        fix=price.fix,
        command=_command(price, file, test, language),
        examples=tuple(examples),
    )


def _command(price: Price, file: Path, test: Path | None, language: str) -> str:
    return price.command.format(
        file=quote(str(file)),
        out=quote(f"{file.stem}.clean{file.suffix}"),
        judged=quote(f"{file.stem}.judged.jsonl"),
        language=language,
        test=f" --test {quote(str(test))}" if test else "",
    )


def how_many(fault: Fault) -> Words:
    """What was counted, as a sentence; nothing where a number would say nothing."""
    n = f"{fault.rows:,}"
    if fault.name in ("imbalance", "drift"):
        return Words("", "")
    if fault.name in ("missing_cells", "odd_cells"):
        return Words(f"{n} cells.", f"{n} 个单元格。")
    if fault.name == "single_labels":
        return Words(f"{n} label{'s' * (fault.rows != 1)}.", f"{n} 个类别。")
    if fault.name == "too_few":
        return Words(f"{n} more would do.", f"还差 {n} 条。")
    return Words(f"{n} row{'s' * (fault.rows != 1)}.", f"{n} 条。")
