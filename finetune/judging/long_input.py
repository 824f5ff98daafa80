"""The tuned model on messages that drown in irrelevant text, up to the length it learned with and beyond."""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from finetune.judging.contestants import Contest
from finetune.judging.exam import Evaluated
from finetune.judging.general import TEXTS
from finetune.judging.robustness import Answered, answered, compared, gap_shown, joined, shown
from finetune.rows import SHORTEST_LIMIT, prompt_tokens
from workspace.results import Estimate, PairedTest, Section
from workspace.sample import Message, Origin, Sample, row_id
from workspace.stated import Metric
from workspace.words import Words, language_of

TITLE = Words("Long messages", "长输入")
# Of the length that training allowed for. Beyond the base's own context a prompt loses its beginning, see `within`.
TIMES = (0.5, 1.0, 2.0, 4.0)
# Tokens of prompts at each length: a model on a CPU reads so many in half a minute.
BUDGET, FEWEST, MOST = 4000, 4, 30
# So many tokens beyond the context, where trying that is cheap; and how much filler is worth speaking of.
BEYOND, CHEAP, SMALLEST = 32, 1024, 16
MUCH, SEED = 0.05, 7


@dataclass(frozen=True, slots=True)
class Length:
    """A length in tokens with the rows that were brought to it, and how they did."""

    tokens: int
    rows: int
    before: Estimate
    after: Estimate
    test: PairedTest


def long_input(contest: Contest, out: Path) -> Generator[Evaluated, None, Section]:
    trained, context = trained_length(contest), context_of(contest)
    lengths = [round(trained * times) for times in TIMES if trained * times <= context]
    if context <= CHEAP:
        lengths.append(context + BEYOND)
    rows = [row for tokens in lengths for row in lengthened(contest, tokens)]
    found = yield from answered(contest, rows, out / "long", TITLE)
    return section(found, trained, context, bool(contest.exam.labels))


def trained_length(contest: Contest) -> int:
    """In tokens: the 99th percentile of the rows that it learned from, as `finetune.rows.fitted` allows them."""
    rows: Sequence[Sample] = contest.exam.train or contest.exam.test
    lengths = sorted(len(prompt_tokens(row.messages, contest.tokenizer)) for row in islice(rows, 500))
    return max(SHORTEST_LIMIT, lengths[int(0.99 * (len(lengths) - 1))])


def context_of(contest: Contest) -> int:
    """How many tokens the base was made for."""
    return int(getattr(contest.model("tuned").config, "max_position_embeddings", 0) or 2048)


def lengthened(contest: Contest, tokens: int) -> Iterator[Sample]:
    """Test rows drawn by chance, with filler before or after, in turn, so that the prompt has about so many tokens."""
    most = max(FEWEST, min(MOST, BUDGET // tokens))
    rows = list(contest.exam.test)
    for number, row in enumerate(random.Random(SEED).sample(rows, min(most, len(rows)))):
        asking = row.messages[:-1] if row.messages[-1].role == "assistant" else row.messages
        missing = tokens - len(prompt_tokens(asking, contest.tokenizer))
        if missing >= SMALLEST:
            yield _with(row, _filler(contest, row, missing), tokens, after=number % 2 == 1)


def _filler(contest: Contest, row: Sample, tokens: int) -> str:
    text = (TEXTS / f"general.{language_of(row.question)}.md").read_text(encoding="utf-8").strip()
    ids: list[int] = contest.tokenizer(text, add_special_tokens=False)["input_ids"]
    wanted = (ids * (1 + tokens // len(ids)))[:tokens]
    return str(contest.tokenizer.decode(wanted)).strip("\ufffd")


def _with(row: Sample, filler: str, tokens: int, after: bool) -> Sample:
    spoken = max(n for n, message in enumerate(row.messages) if message.role == "user")
    said = row.messages[spoken].content
    text = f"{said}\n\n{filler}" if after else f"{filler}\n\n{said}"
    messages = tuple(
        Message(role="user", content=text) if n == spoken else message for n, message in enumerate(row.messages)
    )
    origin = Origin(source="robustness", slot=f"{row.id}/long/{tokens}", parent=row.id)
    fields = {"kind": "long", "way": "after" if after else "before", "tokens": tokens}
    return row.model_copy(
        update={"id": row_id(messages, origin), "messages": messages, "origin": origin, "fields": fields}
    )


def section(found: Sequence[Answered], trained: int, context: int, labels: bool) -> Section:
    metric: Metric = "accuracy" if labels else "chrf"
    lengths = []
    for tokens in sorted({int(one.row.fields["tokens"] or 0) for one in found}):
        here = [one for one in found if one.row.fields["tokens"] == tokens]
        lengths.append(Length(tokens, len(here), *compared(here, metric)))
    return Section(
        title=TITLE,
        text=_words(lengths, trained, context),
        columns=(
            Words("length in tokens", "长度（词元）"),
            Words("rows", "条数"),
            Words("alone", "单独"),
            Words("with irrelevant text", "加无关文字"),
            Words("difference", "差值"),
            Words("better / worse / same", "更好 / 更差 / 相同"),
        ),
        rows=tuple(
            (str(one.tokens), str(one.rows), shown(one.before), shown(one.after), *gap_shown(one.test))
            for one in lengths
        ),
        values={f"long_{one.tokens}": one.after for one in lengths},
    )


def _words(lengths: Sequence[Length], trained: int, context: int) -> Words:
    lost = [one for one in lengths if one.test.p < 0.05 and one.test.difference.value <= -MUCH]
    kept = [one.tokens for one in lengths if not lost or one.tokens < lost[0].tokens]
    parts = []
    if kept:
        parts.append(
            Words(
                f"With irrelevant text around the message the score holds up to {kept[-1]} tokens.",
                f"消息周围加上无关文字，在 {kept[-1]} 个词元以内成绩没有明显下降。",
            )
        )
    if lost:
        test, tokens = lost[0].test, lost[0].tokens
        points = f"{-100 * test.difference.value:.0f}"
        parts.append(
            Words(
                f"At {tokens} tokens it falls by {points} points ({test.worse} worse, {test.better} better). Cut "
                "messages to what matters before the model sees them, or add long messages to what it learns from.",
                f"达到 {tokens} 个词元时下降 {points} 个百分点（{test.worse} 条更差，{test.better} 条更好）。"
                "请在送入模型前去掉无关内容，或在训练数据中加入长消息。",
            )
        )
    parts.append(
        Words(
            f"It learned on up to {trained} tokens, and the base was made for {context}: a longer message loses its "
            "beginning, its end stays.",
            f"训练时最长 {trained} 个词元，基础模型最多支持 {context} 个：更长的消息会被截去开头，保留结尾。",
        )
    )
    return joined(parts)
