"""Contradictions and leaks put among 2,000 rows of real data sets: how many are found, and what it costs in good rows.

python benchmarks/contradictions.py ../shared/data
"""

from __future__ import annotations

import csv
import json
import platform
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from scoring import HEAD, Score, score
from seeded import gold
from seeding import CHANGES, denied

from tools.base import Kit
from tools.checks.contradictions import Contradictions
from tools.checks.leak import Leak
from tools.peers import Peers
from workspace.project import Project
from workspace.sample import Origin, Sample, sample
from workspace.spec import Spec
from workspace.words import language_of

ROWS = 2000
PLANTED = 60  # of each kind, at most
Rewording = Callable[[str, random.Random], str]
FIGURES = ("number", "money", "percentage", "date", "duration")
YES_NO = (
    ("Can I {}?", "Yes, you can.", "No, you can't."),
    ("Is it allowed to {}?", "It is allowed.", "It is not allowed."),
    ("可以{}吗？", "可以{}。", "不可以{}。"),
    ("请问能不能{}？", "能，随时都能{}。", "不能{}。"),
)
DEEDS = ("pay by card", "bring a dog", "cancel the order", "change the seat", "return a gift", "park behind the house")
DEEDS_ZH = ("刷卡支付", "带宠物", "取消订单", "改签车票", "退换礼品", "在后院停车")


@dataclass(frozen=True)
class Planted:
    """A row, whether it contradicts another one, and of which kind it is."""

    row: Sample
    kind: str
    wrong: bool


def politely(text: str, rng: random.Random) -> str:
    if language_of(text) == "zh":
        return rng.choice(["请问{}", "你好，{}", "想问一下{}", "麻烦问一下，{}谢谢"]).format(text)
    low = text[0].lower() + text[1:]
    return rng.choice(["Hello, {}", "Please tell me: {}", "I would like to know: {}", "{} Thanks!"]).format(low)


def dressed(text: str, rng: random.Random) -> str:
    """Other case, signs and spaces."""
    if language_of(text) == "zh":
        return text.replace("？", "?").replace("，", " , ").replace("。", "")
    return rng.choice([text.lower(), text.upper(), text.replace("?", " ??"), "  " + text.replace(",", " ,")])


def reworded(text: str, rng: random.Random) -> str:
    """Held out: none of these was looked at while the check was written."""
    if language_of(text) == "zh":
        swaps = (
            ("多少", "几"),
            ("什么时候", "何时"),
            ("哪里", "什么地方"),
            ("为什么", "为何"),
            ("如何", "怎样"),
            ("谁", "哪位"),
        )
        for a, b in swaps:
            if a in text and (a != "多少" or re.search("多少[个人种件位名次]", text)):
                return text.replace(a, b, 1)
        return "我很好奇，" + text.rstrip("？?") + "呢"
    for a, b in (("What is", "What's"), ("How many", "What number of"), ("Do you", "Do u"), ("Who is", "Who's")):
        if text.startswith(a):
            return text.replace(a, b, 1)
    if ". " not in text and (
        turned := re.fullmatch(r"(.{12,}?) ((?:in|on|at|for|during|after|before) [^?.]{3,40})\?", text)
    ):
        return f"{turned[2][0].upper()}{turned[2][1:]}, {turned[1][0].lower()}{turned[1][1:]}?"
    return "One more thing - " + text[0].lower() + text[1:]


def misspelt(text: str, rng: random.Random) -> str:
    """Held out: two letters of one long word have changed places."""
    words = list(re.finditer(r"\b[a-z]{6,}\b", text))
    if not words:
        return dressed(text, rng)
    match = rng.choice(words)
    i = match.start() + rng.randrange(1, len(match.group()) - 2)
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


REWORDINGS: dict[str, Rewording] = {
    "same": lambda text, _: text,
    "polite": politely,
    "dressed": dressed,
    "reworded*": reworded,
    "misspelt*": misspelt,
}


def made(question: str, answer: str, **values: object) -> Sample:
    row = sample(question, answer, Origin(source="benchmark"))
    return row.model_copy(update=values)


def answered(data: Path) -> list[Sample]:
    """Questions with right answers, each with what it is asked about where the question alone doesn't say."""
    rows = [
        made(c.question, c.answer, evidence=c.document if "tat" in c.source.lower() else None)
        for c in gold(data)
        if c.question and c.source != "policy" and len(c.answer) < 1500
    ]
    for line in (data / "halueval/qa_one-turn_data.json").read_text().splitlines():
        found = json.loads(line)
        rows.append(made(found["question"], found["right_answer"]))
    return list({row.question + str(row.evidence): row for row in rows}.values())


def labelled(data: Path) -> list[Sample]:
    with (data / "banking77/train.csv").open(newline="", encoding="utf-8") as file:
        return [made(r["text"], r["category"], label=r["category"]) for r in csv.DictReader(file)]


def planted(data: Path, seed: int = 5) -> list[Planted]:
    """Untouched rows, rows that contradict one another (both of each pair are wrong), and rows that only look so."""
    rng = random.Random(seed)
    rows, texts = answered(data), labelled(data)
    rng.shuffle(rows)
    rng.shuffle(texts)
    found = list(_answers(rows, rng)) + list(_labels(texts, rng)) + list(_polar(rng)) + list(_lookalikes(rows, rng))
    spare = (ROWS - len(found)) // 5 * 4
    used = {p.row.question for p in found}
    found += [Planted(r, "untouched answers", False) for r in rows if r.question not in used][:spare]
    found += [Planted(r, "untouched labels", False) for r in texts if r.question not in used][: ROWS - len(found)]
    rng.shuffle(found)
    return [replace(p, row=p.row.model_copy(update={"id": f"{i:06d}"})) for i, p in enumerate(found)]


def _answers(rows: Sequence[Sample], rng: random.Random) -> Iterator[Planted]:
    """Another figure in the answer to a question of the same meaning; the rows used are taken from the front."""
    fresh = iter(rows)
    for name, reword in REWORDINGS.items():
        count = 0
        while count < PLANTED and (row := next(fresh, None)):
            kinds = rng.sample(FIGURES, len(FIGURES))
            changed = next((c for k in kinds if (c := CHANGES[k](row.answer, "", rng))), None)
            if changed and changed.strip() != row.answer.strip():
                count += 1
                kind = f"{name} figure {language_of(row.question)}"
                yield Planted(row, kind, True)
                yield Planted(made(reword(row.question, rng), changed, evidence=row.evidence), kind, True)


def _labels(texts: Sequence[Sample], rng: random.Random) -> Iterator[Planted]:
    names = sorted({row.label or "" for row in texts})
    for number, (name, reword) in enumerate(REWORDINGS.items()):
        for row in texts[number * PLANTED // 2 : (number + 1) * PLANTED // 2]:
            other = rng.choice([n for n in names if n != row.label])
            yield Planted(row, f"{name} label", True)
            yield Planted(made(reword(row.question, rng), other, label=other), f"{name} label", True)


def _polar(rng: random.Random) -> Iterator[Planted]:
    for asked, yes, no in YES_NO:
        for deed in DEEDS if asked.isascii() else DEEDS_ZH:
            reword = rng.choice([politely, dressed])
            yield Planted(made(asked.format(deed), yes.format(deed)), "polarity", True)
            yield Planted(made(reword(asked.format(deed), rng), no.format(deed)), "polarity", True)


def _lookalikes(rows: Sequence[Sample], rng: random.Random) -> Iterator[Planted]:
    """The same question with another evidence, the same answer in other words, and the same words about another."""
    for row in rows[-PLANTED:]:
        other = CHANGES["number"](row.answer, "", rng) or denied(row.answer, "", rng) or "42"
        yield Planted(made(row.question, row.answer, evidence="The report of spring."), "hard: other evidence", False)
        yield Planted(made(row.question, other, evidence="The report of autumn."), "hard: other evidence", False)
    for row in rows[-2 * PLANTED : -PLANTED]:
        chinese = language_of(row.question) == "zh"
        again = f"答案是{row.answer}" if chinese else f"{row.answer.rstrip('.')}, as far as I know."
        yield Planted(row, "hard: same answer", False)
        yield Planted(made(politely(row.question, rng), again, evidence=row.evidence), "hard: same answer", False)
    for number, thing in enumerate(("plan A", "plan B", "the red bag", "the blue bag", "line 3", "line 4")):
        for asked in ("How much is {}?", "How long does {} last?", "Can I return {}?"):
            yield Planted(
                made(asked.format(thing), f"{'Yes' if number % 2 else 'No'}, {number + 3}."),
                "hard: another thing",
                False,
            )
    for number, thing in enumerate(("退款", "换货", "开发票", "北京店", "上海店", "三号线")):
        for asked in ("{}要几天？", "{}多少钱？", "请问{}可以预约吗"):
            yield Planted(made(asked.format(thing), f"{number + 3}天"), "hard: another thing", False)


def simply(rows: Sequence[Sample]) -> list[bool]:
    """The baseline: the same letters asked, other letters answered."""
    answers: dict[str, set[str]] = {}
    for row in rows:
        answers.setdefault(f"{row.question}\0{row.evidence}", set()).add(row.answer)
    return [len(answers[f"{row.question}\0{row.evidence}"]) > 1 for row in rows]


def contradicting(data: Path, kit: Kit, seed: int = 5) -> Iterator[Score]:
    found = planted(data, seed)
    rows = [p.row for p in found]
    started = time.monotonic()
    peers = Peers()
    for row in rows:
        peers.note(row)
    peers.remember(rows)
    called = [any(f.verdict == "fail" for f in Contradictions().check(r, replace(kit, peers=peers))) for r in rows]
    spent = time.monotonic() - started
    yield score("contradictions: all", [p.wrong for p in found], called, spent)
    yield score("  the same letters, other letters (baseline)", [p.wrong for p in found], simply(rows))
    for kind in sorted({p.kind for p in found}):
        of = [i for i, p in enumerate(found) if p.kind == kind]
        yield score(f"  {kind}", [found[i].wrong for i in of], [called[i] for i in of])


LEAKS: dict[str, Rewording] = {
    "exact": lambda text, _: text,
    "dressed": dressed,
    "near": lambda text, rng: (
        text[: len(text) // 2] + ("们" if language_of(text) == "zh" else "e") + text[len(text) // 2 :]
    ),
    "contained": lambda text, rng: (
        politely(f"{text} ", rng)
        + ("我已经等了很久了，希望尽快答复。" if language_of(text) == "zh" else " I have been waiting for a week now.")
    ),
    "holds": lambda text, rng: text[: len(text) * 3 // 4],
}


def leaking(data: Path, kit: Kit, seed: int = 5) -> Iterator[Score]:
    """A quarter of the questions are the test; some of them, in other dress, stand among the rest."""
    rng = random.Random(seed)
    rows = [r for r in (*answered(data), *labelled(data)[:1200]) if len(r.question) >= 8]
    rows = list({r.question.lower(): r for r in rows}.values())
    rng.shuffle(rows)
    held = [r.model_copy(update={"split": "test", "id": f"t{i}"}) for i, r in enumerate(rows[:500])]
    rest = [Planted(r, "untouched", False) for r in rows[500:2000]]
    for number, (name, reword) in enumerate(LEAKS.items()):
        for row in held[number * 50 : (number + 1) * 50]:
            rest.append(Planted(made(reword(row.question, rng), "x"), f"{name} {language_of(row.question)}", True))
    kit = replace(kit, held_back=held)
    started = time.monotonic()
    called = [any(f.verdict == "fail" for f in Leak().check(p.row, kit)) for p in rest]
    yield score("leaks: all", [p.wrong for p in rest], called, time.monotonic() - started)
    texts = {r.question for r in held}
    yield score("  the same letters (baseline)", [p.wrong for p in rest], [p.row.question in texts for p in rest])
    for kind in sorted({p.kind for p in rest}):
        of = [i for i, p in enumerate(rest) if p.kind == kind]
        yield score(f"  {kind}", [rest[i].wrong for i in of], [called[i] for i in of])


def scores(data: Path, kit: Kit, limit: int | None = None) -> Iterator[Score]:
    """`limit` changes nothing: false alarms are looked for among all rows."""
    yield from contradicting(data, kit)
    yield from leaking(data, kit)


def main() -> None:
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}; * held out of development")
    print(HEAD)
    with tempfile.TemporaryDirectory() as home:
        for line in scores(parser.parse_args().data, Kit(spec=Spec().filled(), project=Project(Path(home), "x"))):
            print(line.line())


if __name__ == "__main__":
    main()
