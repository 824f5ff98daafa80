"""How often wrong relations, wrong codes and defects of long texts are found, and right ones let through.

python benchmarks/relations.py ../shared/data
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import platform
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from scoring import HEAD, Score, score

from tools.base import Check, Kit
from tools.checks.coherence import Coherence
from tools.checks.relations import RelationsHold
from tools.checks.terms import TermsFit
from tools.facts.claims import sentences
from tools.relations.triples import read_relations
from tools.terms import read_terms
from workspace.project import Project
from workspace.sample import Origin, sample
from workspace.spec import Spec

Case = tuple[str, str, bool]  # question, answer, whether it is wrong
ATTRIBUTES = {"地址": "address", "电话": "phone", "门票": "ticket price", "评分": "rating"}
SAID_ZH = {
    "地址": ("{s}的地址是{o}。", "{s}位于{o}，欢迎前来。", "您好，{s}的地址在{o}。"),
    "电话": ("{s}的电话是{o}。", "您可以拨打{s}的电话{o}咨询。", "{s}的联系电话为{o}，请提前预约。"),
    "门票": ("{s}的门票是{o}元。", "{s}门票{o}元，很划算。", "去{s}玩，门票需要{o}元。"),
    "评分": ("{s}的评分是{o}分。", "{s}评分为{o}，值得一去。", "推荐{s}，它的评分是{o}分。"),
}
SAID_EN = {
    "address": ("The address of {s} is {o}.", "{s}'s address is {o}.", "Its name is {s} and the address is {o}."),
    "phone": (
        "The phone number of {s} is {o}.",
        "You can call {s}, phone number {o}.",
        "{s} has the phone number {o}.",
    ),
    "ticket price": ("The ticket price of {s} is {o} yuan.", "At {s}, the ticket price is {o} yuan."),
    "rating": ("{s} has a rating of {o}.", "The rating of {s} is {o}.", "{s}'s rating is {o}, worth a visit."),
}
BETWEEN = {
    "acquired": (
        (
            "{s} acquired {o}.",
            "{s} bought {o} after long talks.",
            "{o} was acquired by {s}.",
            "{o}, taken over by {s}, grew.",
        ),
        ("{s}收购了{o}。", "{o}被{s}收购。", "{s}完成了对{o}的收购。", "{o}由{s}收购。"),
    ),
    "parent company": (
        ("{o} is the parent company of {s}.", "{s} is a subsidiary of {o}.", "{s}'s parent company is {o}."),
        ("{o}是{s}的母公司。", "{s}是{o}的子公司。", "{s}的母公司是{o}。", "{s}隶属于{o}。"),
    ),
    "ceo": (
        ("{o} is the CEO of {s}.", "{s} is led by {o}.", "{s}'s chief executive is {o}.", "The CEO of {s} is {o}."),
        ("{s}的首席执行官是{o}。", "{o}是{s}的CEO。", "{o}担任{s}的首席执行官。"),
    ),
}


def places(data: Path) -> list[tuple[str, str, str]]:
    """Attractions of Beijing with what the database says of each."""
    found = json.loads((data / "crosswoz_zh/attraction_db.json").read_text())
    return [
        (name, key, str(held[key])) for name, held in found for key in ATTRIBUTES if held.get(key) not in (None, "")
    ]


def told(triples: Sequence[tuple[str, str, str]], words: dict[str, tuple[str, ...]], seed: int) -> list[Case]:
    """Each triple as a sentence, or as the short answer to a question; in half of them another place's value."""
    draw, cases = random.Random(seed), []
    by_relation: dict[str, list[str]] = {}
    for _, relation, value in triples:
        by_relation.setdefault(relation, []).append(value)
    for subject, relation, value in triples:
        wrong = draw.random() < 0.5
        others = [v for v in by_relation[relation] if v != value and v not in value and value not in v]
        said = draw.choice(others) if wrong else value
        short = draw.random() < 0.2
        question = (
            f"{subject}的{relation}是多少？" if relation in ATTRIBUTES else f"What is the {relation} of {subject}?"
        )
        text = said if short else draw.choice(words[relation]).format(s=subject, o=said)
        cases.append((question if short else "?", text, wrong))
    return cases


def between(names: Sequence[str], relation: str, chinese: bool, seed: int) -> tuple[list[list[str]], list[Case]]:
    """(triples between names, sentences about them: right, or the sides swapped, a side or the year changed)"""
    draw, rows, cases = random.Random(seed), [], []
    for i in range(0, len(names) - 3, 2):
        s, o, other, year = names[i], names[i + 1], names[i + 3], draw.randint(1980, 2020)
        rows.append([s, relation, o, str(year)])
        text, wrong = draw.choice(BETWEEN[relation][chinese]), draw.random() < 0.5
        kinds = ["object"] if relation == "ceo" else ["object", "swapped"] + ["year"] * (relation == "acquired")
        kind = draw.choice(kinds) if wrong else ""
        a, b = (o, s) if kind == "swapped" else (s, o)
        if kind == "object":
            # Of one that is bought or owned the other side changes: a buyer may buy many.
            a, b = (other, o) if relation == "acquired" else (s, other)
        said = text.format(s=a, o=b)
        if relation == "acquired" and (kind == "year" or draw.random() < 0.5):
            named = year + (draw.choice((-7, -3, 4, 9)) if kind == "year" else 0)
            said = f"{named}年，{said}" if chinese else f"In {named}, {said}"
        cases.append(("?", said, wrong))
    return rows, cases


def coded(names: Sequence[str], seed: int) -> tuple[list[tuple[str, str]], list[Case]]:
    """(a list of codes with terms, sentences with a code and a term: right, an unknown code, or another's term)"""
    draw = random.Random(seed)
    codes = draw.sample(
        [f"{a}{b:02d}.{c}" for a in "ABCDEFGHJK" for b in range(100) for c in range(10)], 2 * len(names)
    )
    unknown, cases = codes[len(names) :], []
    for code, name, other in zip(codes, names, unknown, strict=False):
        chinese, wrong = not name.isascii(), draw.random() < 0.5
        said, term = code, name
        if wrong and draw.random() < 0.5:
            said = other
        elif wrong:
            term = draw.choice([n for n in names if n not in name and name not in n])
        forms = ("{c} {t}", "{t}（{c}）", "{t}的代码是{c}。", "{c}：{t}，请核对。")
        english = ("{c} is {t}.", "Book {t} ({c}) today.", "The code of {t} is {c}.", "{c}: {t}")
        cases.append(("?", draw.choice(forms if chinese else english).format(c=said, t=term), wrong))
    return list(zip(codes, names, strict=False)), cases


def texts(data: Path, name: str) -> list[str]:
    """Long texts as people wrote them."""
    if name == "cmrc2018_zh":
        raw = json.loads((data / "cmrc2018_zh/cmrc2018_trial.json").read_text())
        found = [p["context"] for d in raw["data"] for p in d["paragraphs"]]
    elif name == "tau2":
        policies = [(data / f"tau2_support/{kind}_policy.txt").read_text() for kind in ("retail", "airline")]
        found = [part for policy in policies for part in policy.split("\n## ")]
    else:
        with gzip.open(data / "tatqa/tatqa_dataset_dev.json.gz") as file:
            found = [p["text"] for q in json.load(file) for p in q["paragraphs"]]
    return [text for text in found if 5 <= len(sentences(text)) <= 40]


def foreign(text: str, other: str, draw: random.Random) -> str:
    found = sentences(text)
    place = draw.choice(found[1:-1]).start
    strange = max((s.text for s in sentences(other)), key=len)
    return f"{text[:place]}{strange}{'' if strange[-1:] in '.。' else '.'} {text[place:]}"


def repeated(text: str, other: str, draw: random.Random) -> str:
    again = max((s for s in sentences(text)), key=lambda s: len(s.text))
    return f"{text[: again.end]} {again.text} {text[again.end :]}"


def cut(text: str, other: str, draw: random.Random) -> str:
    last = sentences(text)[-1]
    middle = last.start + max(2, (last.end - last.start) * draw.randint(30, 70) // 100)
    return text[:middle].rstrip(" .。")


def numbered(text: str) -> str:
    return "\n".join(f"{i}. {s.text}" for i, s in enumerate(sentences(text), 1))


def swapped(text: str, other: str, draw: random.Random) -> str:
    lines = numbered(text).split("\n")
    i = draw.randrange(1, len(lines) - 1)
    lines[i], lines[i + 1] = lines[i + 1], lines[i]
    return "\n".join(lines)


def defective(given: Sequence[str], change: Callable[[str, str, random.Random], str], seed: int) -> list[Case]:
    draw, cases = random.Random(seed), []
    for text in given:
        wrong, other = draw.random() < 0.5, draw.choice([t for t in given if t is not text])
        right = numbered(text) if change is swapped else text
        cases.append(("", change(text, other, draw) if wrong else right, wrong))
    return cases


def judged(what: str, cases: Sequence[Case], check: Check, kit: Kit, wrong: Callable[[str, bool], bool]) -> Score:
    """`wrong(reason, drops)` says which findings count."""
    began, called = time.perf_counter(), []
    for question, answer, _ in cases:
        row = sample(question, answer, Origin(source="benchmark"))
        called.append(
            any(f.verdict in ("fail", "contradicted") and wrong(f.reason, f.drops) for f in check.check(row, kit))
        )
    return score(what, [case[2] for case in cases], called, time.perf_counter() - began)


def _drops(reason: str, drops: bool) -> bool:
    return drops


def _table(folder: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    path = folder / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def scores(data: Path, kit: Kit, limit: int | None = None) -> Iterator[Score]:
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        yield from _relations(data, kit, folder, limit)
        yield from _terms(data, kit, folder, limit)
    yield from _coherence(data, kit, limit)


def _relations(data: Path, kit: Kit, folder: Path, limit: int | None) -> Iterator[Score]:
    head, found = ("subject", "relation", "object", "from"), places(data)
    english = [(s, ATTRIBUTES[r], o) for s, r, o in found]
    for language, triples, words in (("zh", found, SAID_ZH), ("en", english, SAID_EN)):
        held = replace(kit, relations=read_relations([_table(folder, head, [[*t, ""] for t in triples])]))
        cases = told(triples, words, 1)[:limit]
        yield judged(f"relations: attributes of places, {language}", cases, RelationsHold(), held, _drops)
    names = list(dict.fromkeys(s for s, _, _ in found))
    latin = [f"{a} {b}" for a in NORTH for b in TRADES]
    random.Random(3).shuffle(latin)
    for relation in BETWEEN:
        for chinese in (True, False):
            rows, cases = between(names if chinese else latin, relation, chinese, 2)
            held = replace(kit, relations=read_relations([_table(folder, head, rows)]))
            what = f"relations: {relation}, {'zh' if chinese else 'en'}"
            yield judged(what, cases[:limit], RelationsHold(), held, _drops)


NORTH = (
    "Aster Borealis Cobalt Delmar Everett Falkland Granite Harrow Indigo Juniper Kestrel Lumen Marlow Norwood".split()
)
TRADES = "Foods Labs Motors Energy Textiles Robotics Airways Press Mining Optics Shipping Games Steel Paper".split()


def _terms(data: Path, kit: Kit, folder: Path, limit: int | None) -> Iterator[Score]:
    chinese = list(dict.fromkeys(name for name, _, _ in places(data)))
    english = [f"{a} {b}" for a in NORTH for b in TRADES]
    for language, names in (("zh", chinese), ("en", english)):
        listed, cases = coded(names, 4)
        held = replace(kit, terms=read_terms([_table(folder, ("code", "term"), listed)]))
        yield judged(f"terms: a code with its term, {language}", cases[:limit], TermsFit(), held, _drops)
    many = [
        (f"{'ABCDEFGHJK'[i % 10]}{i // 10 % 100:02d}.{i // 1000:03d}", f"{chinese[i % 465]}{i}号")
        for i in range(70_000)
    ]
    held = replace(kit, terms=read_terms([_table(folder, ("code", "term"), many)]))
    cases = [("?", f"{code}是{term}，请尽快与对方核对并回复我们。", False) for code, term in many[:10_000]]
    yield judged("terms: rows against 70,000 terms", cases[:limit], TermsFit(), held, _drops)


KINDS = {
    "a foreign sentence": foreign,
    "a sentence repeated": repeated,
    "cut in the middle": cut,
    "two steps swapped": swapped,
}
REASONS = {
    "a foreign sentence": ("nothing in common", "没有共同之处"),
    "a sentence repeated": ("twice", "两次", "Nearly", "几乎"),
    "cut in the middle": ("breaks off", "中断", "never closed", "没有结尾"),
    "two steps swapped": ("follows number", "之后是第"),
}


def _coherence(data: Path, kit: Kit, limit: int | None) -> Iterator[Score]:
    """A finding counts where it names the kind of defect that was put in."""
    for name in ("cmrc2018_zh", "tatqa", "tau2"):
        given = texts(data, name)[:limit]
        for kind, change in KINDS.items():

            def named(reason: str, drops: bool, kind: str = kind) -> bool:
                return any(words in reason for words in REASONS[kind])

            yield judged(f"coherence: {kind}, {name}", defective(given, change, 5), Coherence(), kit, named)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=None)
    options = parser.parse_args()
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}\n{HEAD}")
    with tempfile.TemporaryDirectory() as home:
        for line in scores(options.data, Kit(Spec(), Project(Path(home), "relations")), options.limit):
            print(line.line(), flush=True)


if __name__ == "__main__":
    main()
