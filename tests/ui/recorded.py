"""A session that plays recorded events, so that the faces are tested without a model."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from agent.agreement import NotOpen, check_length
from agent.events import Ask, Done, Event, Failed, File, Plot, Progress, Say, Table
from agent.run import Run
from agent.trying import Choice
from agent.views.sheet import Line
from tests.agent.cards import run_with_card
from workspace.errors import UserError
from workspace.stated import StatedBy
from workspace.words import Language, Words

LABELS = ("card_arrival", "lost_or_stolen_card", "balance_not_updated", "exchange_rate", "top_up_failed")


class Recorded:
    """`pace` is the seconds between events of the long answer."""

    def __init__(self, folder: Path, pace: float = 0.0) -> None:
        self.language: Language = "en"
        self.current: Run | None = None
        self.question: Ask | None = None
        self.drafted = self.waiting = self.closed = False
        self.edited: dict[str, str] = {}
        self.pace, self.gate = pace, threading.Event()
        self.report = folder / "report.md"
        folder.mkdir(parents=True, exist_ok=True)
        self.report.write_text("# Report card\n", encoding="utf-8")
        self.judged = run_with_card(folder)
        self.said: list[tuple[str, list[str]]] = []
        self.trials: list[list[str]] = []
        self.chosen: list[Choice] = []

    def history(self) -> Iterator[tuple[str, str | Event]]:
        return iter(())

    def open(self) -> Iterator[Event]:
        return self._asking(self._greet())

    def _asking(self, events: Iterator[Event]) -> Iterator[Event]:
        """A question is open from when it is handed out, under a hash of its own."""
        for event in events:
            if isinstance(event, Ask):
                event = self.question = event.model_copy(update={"hash": f"{event.field}-{len(self.said)}"})
            yield event

    def _greet(self) -> Iterator[Event]:
        zh = self.language == "zh"
        yield Say(
            text="您好！我帮您做出可靠的数据集，并训练一个在您的任务上确实更好的小模型。"
            if zh
            else "Hello! I help you make a data set you can trust, and a small model that is better at your task."
        )
        yield Ask(
            field="goal",
            text="您想让模型做什么？" if zh else "What should the model do for you, and for whom?",
            choices=("给客户消息分类", "根据手册回答问题")
            if zh
            else ("Sort our customers' messages", "Answer questions"),
        )

    def pending(self) -> Iterator[Event]:
        return iter([self.question] if self.question else [])

    def speak(self, language: Language) -> Iterator[Event]:
        self.language = language
        if self.drafted:
            yield specification(language)
        if self.question:
            question = next(event for event in self._again(self.question.field) if isinstance(event, Ask))
            self.question = question.model_copy(update={"hash": self.question.hash})
            yield self.question

    def _again(self, field: str) -> Iterator[Event]:
        return self._greet() if field == "goal" else self._question()

    def sheet(self) -> tuple[Line, ...]:
        """The lines of the table, as though each had been read in the conversation."""
        return lines(self.language, self.edited) if self.drafted else ()

    def check_still(self) -> None:
        if self.waiting:
            raise UserError(Words("A step is under way.", "正在进行。"), Words("Wait for it.", "请等待。"))

    def edit(self, field: str, text: str) -> tuple[str, Iterator[Event]]:
        self.check_still()
        if field in ("Rows", "数据量") and not text.isdecimal():
            raise UserError(
                Words("Rows: a number is needed.", "数据量：需要一个数字。"), Words("Write 300.", "例如 300。")
            )
        self.edited[field] = text

        def events() -> Iterator[Event]:
            yield specification(self.language)
            yield from self.pending()

        return f"{field}: {text}", events()

    def send(self, text: str, files: Sequence[Path] = (), agreed: str = "") -> Iterator[Event]:
        check_length(text)
        if agreed and (self.question is None or agreed != self.question.hash):
            raise NotOpen
        yield from self._asking(self._answers(text, files))

    def _answers(self, text: str, files: Sequence[Path]) -> Iterator[Event]:
        self.said.append((text, [path.name for path in files]))
        self.drafted = True
        if text.startswith(("how many", "有多少")):
            yield Say(
                text="**7** rows failed the check “logic”."
                if self.language == "en"
                else "有 **7** 条没有通过“逻辑”检查。"
            )
        elif text.startswith("fail"):
            yield Failed(problem="The endpoint answered 401.", fix="Check OPENAI_API_KEY and send the message again.")
        elif text.startswith("wait"):
            yield Progress(stage="Writing rows", done=1, total=10, seconds_left=95)
            self.waiting = True
            self.gate.wait(20)
            self.waiting = False
            yield Progress(stage="Writing rows", done=10, total=10)
        elif text.lower().startswith(("yes", "好")):
            self.question = None
            yield from self._work()
        else:
            yield specification(self.language)
            yield from self._question()

    def try_out(self, text: str) -> Iterator[Event]:
        """Two answers, the left one first, as they are written."""
        if text.startswith("fail"):
            raise UserError(
                Words("The model could not be loaded.", "模型未能加载。"), Words("Free memory.", "请释放内存。")
            )
        self.trials = [[text, "", "", "", "", "…"], *self.trials]
        for place, answer in ((1, "card_arrival"), (2, "The card you mean is a kind of card.")):
            for letter in answer:
                self.trials[0][place] += letter
                time.sleep(self.pace)
                yield self.tried()
        self.trials[0][5] = "?"
        yield self.tried()

    def close(self) -> None:
        self.closed = True

    def choose(self, side: Choice, seen: str = "") -> Iterator[Event]:
        self.chosen.append(side)
        self.trials[0][3:] = ["tuned", "base model", "the tuned model was better"]
        yield self.tried()

    def tried(self) -> Table:
        columns = ("Message", "Left", "Right", "Left was", "Right was", "Better")
        return Table(panel="try", title="Try it", columns=columns, rows=tuple(map(tuple, self.trials)))

    def _question(self) -> Iterator[Event]:
        if self.language == "zh":
            yield Say(text="明白了：给银行短信分类，5 类，读到 36 条真实样例。")
            yield Ask(
                field="privacy",
                text="您的文本里有个人信息吗（姓名、电话、卡号）？要不要打码？",
                choices=("打码", "保留", "没有"),
            )
        else:
            yield Say(
                text="I understood: **tell what customers of your bank want**, five kinds, and I read your 36 messages."
            )
            choices = ("Mask it", "Keep it", "There is none", "I don't know")
            yield Ask(
                field="privacy",
                text="Do your texts hold personal data (names, phone numbers, cards)? Shall I mask it?",
                choices=choices,
            )

    def _work(self) -> Iterator[Event]:
        zh = self.language == "zh"
        for event in work(zh, str(self.report)):
            if isinstance(event, Table) and event.panel == "report":
                self.current = self.judged
            time.sleep(self.pace)
            yield event
        yield self.tried()


def specification(language: Language) -> Table:
    if language == "zh":
        rows = (
            ("目标", "判断银行客户发来的消息想办什么事", "您说的：“客户整天给我们银行发消息”"),
            ("任务", "分类", "您说的：“分成几类”"),
            ("类别", "、".join(LABELS), "您说的：“intents.csv”"),
            ("语言", "英文", "默认"),
            ("达标线", "90%", "您说的：“100 条里对 90 条”"),
            ("个人信息", "…", "待定"),
            ("数据量", "480", "默认"),
        )
        return Table(panel="specification", title="规格说明", columns=("项目", "内容", "来源"), rows=rows)
    rows = (
        (
            "Goal",
            "Tell what a customer of our bank wants from a text message",
            "your words: “People text our bank all day”",
        ),
        ("Kind of job", "classification", "your words: “tells what they want”"),
        ("Labels", ", ".join(LABELS), "your words: “intents.csv”"),
        ("Languages", "English", "default"),
        ("Good enough", "90%", "your words: “90 of 100”"),
        ("Personal data", "…", "still open"),
        ("Rows", "480", "default"),
    )
    return Table(panel="specification", title="Specification", columns=("What", "Value", "Whose"), rows=rows)


def lines(language: Language, edited: Mapping[str, str]) -> tuple[Line, ...]:
    found = []
    for name, value, whose, *_ in specification(language).rows:
        title, source = str(name), str(whose)
        kind: StatedBy | Literal["open"] = "said" if "“" in source else "open" if value == "…" else "default"
        text = edited.get(title, "" if kind == "open" else str(value))
        quote = source.partition("“")[2].removesuffix("”")
        choices = (("mask", "mask personal data"), ("keep", "leave them as they are")) if kind == "open" else ()
        line = Line(
            field=title,
            title=title,
            value=text,
            whose="said" if title in edited else kind,
            whose_words=("your words" if language == "en" else "您说的")
            if kind == "said" or title in edited
            else source,
            quote=edited.get(title, quote),
            kind="choice" if choices else "lines" if title in ("Labels", "类别") else "number",
            written=text.replace(", ", "\n"),
            asked=True,
            choices=choices,
        )
        found.append(line)
    return tuple(found)


def work(zh: bool, report: str) -> Iterator[Event]:
    stages = (
        ("生成数据", "检查数据", "训练", "评测") if zh else ("Writing rows", "Checking rows", "Training", "Testing")
    )
    for done in (40, 160, 320, 480):
        yield Progress(stage=stages[0], done=done, total=480, seconds_left=(480 - done) / 2)
    for done in (120, 480):
        yield Progress(stage=stages[1], done=done, total=480, seconds_left=(480 - done) / 20)
    yield rows_table(zh)
    yield rejected(zh)
    yield coverage(zh)
    loss = tuple((float(step), 2.4 * 0.965**step + 0.06 * ((step * 7) % 5) / (1 + step / 20)) for step in range(1, 91))
    for upto in (10, 30, 60, 90):
        yield Progress(
            stage=stages[2], done=upto, total=90, seconds_left=(90 - upto) * 4.0, note=f"loss {loss[upto - 1][1]:.2f}"
        )
        yield loss_plot(zh, loss[:upto])
    yield Progress(stage=stages[3], done=120, total=120)
    yield report_table(zh)
    yield Say(
        text="达到了您的要求：留出的 120 条里，微调后对 **94.2%**（95% 区间 88.4%～97.2%），基础模型 31.7%。"
        if zh
        else "Your goal is met: of 120 held-back rows the tuned model is right in **94.2%** (95%: 88.4 to 97.2), "
        "the base model 31.7%."
    )
    yield File(title="成绩单" if zh else "Report card", path=report)
    yield Done(run="r1", version="3f9c0a", model="models/r1", report=report)


def rows_table(zh: bool) -> Table:
    texts = (
        ("I still have not received my new card, I ordered over a week ago.", LABELS[0], "messages.csv, row 1", "test"),
        ("Somebody took my wallet on the tram, please block the card.", LABELS[1], "written by the model", "train"),
        ("I paid in a cheque this morning and my balance is the same.", LABELS[2], "written by the model", "train"),
        ("What rate do you use when I change euros into pounds?", LABELS[3], "messages.csv, row 9", "validation"),
        ("My top-up was refused twice today, why?", LABELS[4], "written by the model", "train"),
    )
    columns = ("文本", "回答", "来源", "划分") if zh else ("Text", "Answer", "From", "Split")
    return Table(panel="rows", title="数据（480 条）" if zh else "Rows (480)", columns=columns, rows=texts * 4)


def rejected(zh: bool) -> Table:
    columns = ("文本", "回答", "检查", "原因", "依据") if zh else ("Text", "Answer", "Check", "Why", "Evidence")
    rows = (
        (
            "Cards arrive within two working days, so where is mine?",
            LABELS[0],
            "事实" if zh else "Facts",
            "文档写的是五个工作日。" if zh else "The document says five working days, not two.",
            "policy.md: “New cards are delivered within five working days.”",
        ),
        (
            "card card card card",
            LABELS[0],
            "格式" if zh else "Form",
            "同一个词重复。" if zh else "One word over and over.",
            "",
        ),
    )
    return Table(panel="rejected", title="已拒绝（2 条）" if zh else "Rejected (2)", columns=columns, rows=rows)


def coverage(zh: bool) -> Table:
    heads = ("", "日常", "投诉", "少见") if zh else ("", "everyday", "complaint", "unusual")
    rows = tuple((label, 40 - 3 * n, 25 + n, 0 if n == 3 else 12 + n) for n, label in enumerate(LABELS))
    return Table(panel="coverage", title="覆盖情况" if zh else "Coverage", columns=heads, rows=rows)


def loss_plot(zh: bool, loss: tuple[tuple[float, float], ...]) -> Plot:
    names = ("训练数据", "验证数据") if zh else ("training rows", "rows it doesn't train on")
    validation = tuple((x, y * 1.05 + 0.08) for x, y in loss if x % 10 == 0)
    title = "模型的误差（损失）" if zh else "How wrong the model still is (loss)"
    return Plot(
        panel="loss", title=title, x="步数" if zh else "step", y="loss", lines={names[0]: loss, names[1]: validation}
    )


def report_table(zh: bool) -> Table:
    names = (
        ("基础模型", "基础模型＋好的提示", "传统方法", "微调后")
        if zh
        else ("base model", "base with a good prompt", "classic", "tuned")
    )
    values = ("0.317 (0.240 to 0.405)", "0.425 (0.340 to 0.514)", "0.900 (0.833 to 0.942)", "0.942 (0.884 to 0.972)")
    rows = tuple(
        (name, value, value, f"{20 + n * 3} / {44 + n}")
        for n, (name, value) in enumerate(zip(names, values, strict=True))
    )
    columns = ("系统" if zh else "System", "accuracy", "macro_f1", "每次毫秒" if zh else "ms a query (p50 / p99)")
    return Table(
        panel="report",
        title="成绩单（120 条留出数据）" if zh else "Report card on 120 held-back rows",
        columns=columns,
        rows=rows,
    )
