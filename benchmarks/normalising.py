"""Texts mended and written one way, rows that teach nothing taken out: how much of it is right, and how fast it goes.

python benchmarks/normalising.py ../shared/data
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from scoring import HEAD, Score

from tools.base import Kit
from tools.edits.normalise import Normalise
from tools.edits.quality import Quality
from tools.writing.mojibake import unbroken
from workspace.project import Project
from workspace.sample import Message, Origin, Sample, sample
from workspace.spec import Spec

FOUND = Origin(source="files", row=1)
SHOWN = 6
# Of the files on speech, what a cleaning step does: numbers, shares and scripts, but neither sounds nor currencies.
FIGURES = re.compile(r"itn_(?:chinese|english_en)_(?!char|whitelist|word|electronic|telephone|time|license|train)")


def broken(data: Path) -> Iterator[str]:
    cases = json.loads((data / "mojibake_ftfy" / "test_cases.json").read_text(encoding="utf-8"))
    for what, straight in (("as ftfy does, curly quotes made straight", True), ("as we do by default", False)):
        exact = sum(unbroken(case["original"], straight=straight) == case["fixed"] for case in cases)
        yield f"mojibake, {what}: {exact} of {len(cases)} exact"
    draw, texts = random.Random(5), [row.question for row in crosswoz(data)[:400]]
    chosen = [text for text in draw.sample(texts, 200) if len(re.findall("[\u4e00-\u9fff]", text)) > 3]
    for what, read in (("UTF-8 read as GBK", _as_gbk), ("GBK read as Latin-1", _as_latin)):
        seen = [(text, wrong) for text in chosen if (wrong := read(text)) is not None]
        mended = sum(unbroken(wrong) == text for text, wrong in seen)
        yield f"Chinese, {what}, no byte lost: {mended} of {len(seen)} exact"


def _as_gbk(text: str) -> str | None:
    try:
        return text.encode().decode("gb18030")
    except UnicodeDecodeError:
        return None


def _as_latin(text: str) -> str | None:
    try:
        return text.encode("gbk").decode("latin-1")
    except UnicodeEncodeError:
        return None


def undamaged(data: Path) -> Iterator[str]:
    """Texts that are right: what of them is changed in more than layout is shown."""
    for name, rows in clean_sets(data).items():
        edit = Normalise()
        out = list(edit.apply(rows, kit()))
        told = [(f.claim, f.reason) for row in out for f in row.findings]
        yield f"{name}: {len(rows)} rows, changed {edit.rows_changed} {edit.counts}, in more than layout {len(told)}"
        yield from (f"    {reason}: {(claim or '')[:80]!r}" for claim, reason in told[:SHOWN])


def scripts(data: Path) -> Iterator[str]:
    raw = (data / "zh_text_norm" / "opencc_testcases.json").read_text(encoding="utf-8")
    cases = json.loads(re.sub(r",(\s*[}\]])", r"\1", raw))["cases"]
    right, total = Counter[str](), Counter[str]()
    for case in cases:
        for script, expected in case["expected"].items():
            if script in Normalise.model_fields["script"].annotation.__args__:  # type: ignore[union-attr]
                edit = Normalise(script=script, repeats="kept", width="kept")
                total[script] += 1
                right[script] += edit.tidy(case["input"]) == Normalise(width="kept", repeats="kept").tidy(expected)
    yield "scripts: " + ", ".join(f"{script} {right[script]}/{total[script]}" for script in sorted(total))


def spoken(data: Path) -> Iterator[str]:
    """These files turn speech into writing and back; a cleaning step reproduces a part, as far as it means the same."""
    edit = Normalise(numbers="figures", repeats="kept")
    for path in sorted((data / "zh_text_norm").glob("*.txt")):
        pairs = [line.split("=>") for line in path.read_text(encoding="utf-8").split("\n") if line.count("=>") == 1]
        if not FIGURES.match(path.stem) and path.stem not in ("tn_chinese_preprocessor", "tn_chinese_normalizer"):
            continue
        used = Normalise(script="t2s") if "preprocessor" in path.stem else edit
        same = sum(_squeezed(used.tidy(a)) == _squeezed(b) for a, b in pairs)
        yield f"    {path.stem}: {same} of {len(pairs)}"


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


# speed, in processor time: the machine may be busy


def speed(data: Path) -> Iterator[str]:
    import ftfy

    english, chinese = clean_sets(data)["banking77"][:10_000], crosswoz(data)[:10_000]
    for name, rows in (("English", english), ("Chinese", chinese), ("mixed", [*english, *chinese][:10_000])):
        ours = _rate(lambda rows=rows: list(Normalise().apply(rows, kit())), len(rows))  # type: ignore[misc]
        theirs = _rate(lambda rows=rows: [ftfy.fix_text(m.content) for r in rows for m in r.messages], len(rows))  # type: ignore[misc]
        good = _rate(lambda rows=rows: list(Quality().apply(rows, kit())), len(rows))  # type: ignore[misc]
        yield (
            f"{name}, {len(rows)} rows: normalise {ours:,.0f} rows/s, ftfy.fix_text alone {theirs:,.0f} "
            f"({ours / theirs:.1f} times), quality {good:,.0f}"
        )


def _rate(run: Callable[[], object], rows: int) -> float:
    started = time.process_time()
    run()
    return rows / (time.process_time() - started)


# quality


def quality(data: Path) -> Iterator[Score]:
    for name, rows in clean_sets(data).items():
        out = list(Quality().apply(rows, kit()))
        gone = [row for row in out if not row.kept]
        yield Score(f"quality, {name} (none is wrong)", 0, 0, len(gone), len(rows) - len(gone))
        for row in gone[:SHOWN]:
            print(f"    {row.dropped_by.reason if row.dropped_by else ''} | {row.question[:50]!r}")
    for kind, rows in bad_rows(random.Random(11)).items():
        out = list(Quality().apply(rows, kit()))
        missed = [row for row in out if row.kept]
        yield Score(f"quality, invented: {kind}", len(rows) - len(missed), len(missed), 0, 0)
        for row in missed[:2]:
            print(f"    missed: {row.question[:60]!r} -> {row.answer[:60]!r}")


GOODS = "watches|shoes|pills|phones|laptops|courses|手表|面膜|保健品|茶叶|手机|课程".split("|")
SELLS = (
    "Big {g} sale, 70% off everything! Order now at http://{w}.example before stocks last",
    "Hurry, limited time offer on {g}. Click here to get your free gift!!!",
    "Make money from home selling {g}, earn ${n}00 a day. WhatsApp me at +1 555 0{n}",
    "Congratulations! You have won {n} {g}. Visit our website http://{w}.example to claim",
    "Cheap {g}, lowest prices, free shipping, money back guaranteed, visit us at www.{w}.example",
    "Get rid of debt with no credit check! Call now 1-800-555-{n}{n} for a free quote",
    "I made $9{n}0 last week with this one simple trick, DM me on Telegram @{w} to learn how",
    "厂家直销{g}，全网最低价，加微信{w}{n}，先到先得！",
    "{g}限时秒杀，买一送一，扫码进群领取红包",
    "诚招{g}代理，零投资，日赚{n}00元不是梦，联系我QQ：{n}1234567",
    "兼职日结，在家就能月入过万，加我v：{w}{n}，名额有限",
    "无抵押贷款，不看征信，当天放款，咨询热线400-800-{n}",
    "祖传{g}秘方，包治百病，无效退款，私聊",
    "免费领取{g}一份，只需付邮费，点击链接 http://{w}.example",
)
EMPTY = (
    "...",
    "???",
    "——————",
    "。。。",
    "$$$$$$$$$$$$$$$$",
    "12 34 56",
    "0000000",
    "aaaaaaaaaaaaaaaaaa",
    "哈哈哈哈哈哈哈哈哈哈哈哈哈哈",
)
NO_ANSWER = (
    "As an AI language model, I cannot browse the web.",
    "I'm sorry, but as an AI model I have no personal opinions.",
    "I am just an AI language model and can't do that.",
    "作为一个人工智能语言模型，我无法提供实时信息。",
    "很抱歉，作为AI语言模型，我不能回答这个问题。",
    "作为一名人工智能，我没有情感。",
    *("N/A", "null", "<no output>", "TBD", "[insert answer here]", "无", "待补充", "暂无", "（略）"),
)


def bad_rows(draw: random.Random, many: int = 120) -> dict[str, list[Sample]]:
    fill = {"w": lambda: draw.choice(("shop", "dealz", "vip", "best", "lucky")), "n": lambda: str(draw.randint(10, 99))}
    fill["g"] = lambda: draw.choice(GOODS)

    def filled(text: str) -> str:
        return re.sub(r"\{(\w)\}", lambda slot: fill[slot[1]](), text)

    phrases = (
        "I really do not know what to say about it. ",
        "请稍等，我马上为您查询一下。",
        "buy it buy it ",
        "好的好的好的",
    )
    return {
        "advertisements": [sample(filled(draw.choice(SELLS)), "Thank you.", FOUND) for _ in range(many)],
        "nothing said": [sample(draw.choice(EMPTY), "Thank you.", FOUND) for _ in range(many)],
        "no answer": [sample("What is it?", draw.choice(NO_ANSWER), FOUND) for _ in range(many)],
        "repeated": [sample("What is it?", draw.choice(phrases) * draw.randint(6, 20), FOUND) for _ in range(many)],
    }


# rows of others


def kit() -> Kit:
    return Kit(spec=Spec().filled(), project=Project(Path(tempfile.gettempdir()) / "normalising", "bench"))


def clean_sets(data: Path) -> dict[str, list[Sample]]:
    with (data / "banking77" / "train.csv").open(encoding="utf-8") as file:
        found = {
            "banking77": [sample(r["text"], r["category"], FOUND, label=r["category"]) for r in csv.DictReader(file)]
        }
    for name in ("alpaca_en_demo", "alpaca_zh_demo"):
        rows = json.loads((data / "llamafactory_demo" / f"{name}.json").read_text(encoding="utf-8"))
        found[name] = [sample(f"{r['instruction']}\n{r.get('input', '')}".strip(), r["output"], FOUND) for r in rows]
    found["crosswoz"] = crosswoz(data)
    trial = json.loads((data / "cmrc2018_zh" / "cmrc2018_trial.json").read_text(encoding="utf-8"))
    found["cmrc2018"] = [_said(text) for text in _texts(trial) if len(text) > 8]
    with gzip.open(data / "llamafactory_demo" / "c4_demo.jsonl.gz", "rt", encoding="utf-8") as lines:
        found["c4 (pages, some of them advertisements)"] = [_said(json.loads(line)["text"]) for line in lines]
    return found


def crosswoz(data: Path) -> list[Sample]:
    with gzip.open(data / "crosswoz_zh" / "val.slim.jsonl.gz", "rt", encoding="utf-8") as lines:
        turns = [turn["content"] for line in lines for turn in json.loads(line)["messages"]]
    return [sample(*pair, FOUND) for pair in zip(turns[::2], turns[1::2], strict=False)]


def _said(text: str) -> Sample:
    return Sample(id="row", messages=(Message(role="user", content=text),), origin=FOUND)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def scores(data: Path) -> Iterator[Score]:
    yield from quality(data)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    for part in (broken, undamaged, scripts, spoken, speed):
        print(f"\n{part.__name__}", *part(place), sep="\n")
    print(f"\n{HEAD}")
    for figures in scores(place):
        print(figures.line())
