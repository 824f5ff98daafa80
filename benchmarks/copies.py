"""Near-copies planted among English and Chinese rows: how many are found, how fast, in how much memory.

python benchmarks/copies.py ../shared/data [--rows 200000] [--rivals PYTHON]
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import platform
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

KINDS = ("letter", "swapped", "dress", "word", "name")
POOL = 12000  # sentences of each language that rows are made of
TENTH = 10  # one row in so many is a copy
NAMES_EN = "Anna Bogdan Christina Dmitri Esther Farid Giulia Henrik Ines Jakub Keiko Lamar Mette Nadia Omar".split()
NAMES_ZH = "王芳 李伟 张静 刘洋 陈杰 杨敏 赵磊 黄丽 周强 吴霞 徐军 孙娜 马超 朱玲 胡斌".split()
TELLING = re.compile(
    r"\d+[.．]?\d*|[不没無无未非勿禁]|拒绝|\b(?:not?|never|cannot|without|none|nobody|nothing)\b|n['’]t", re.I
)
WIDE = {ord("!") + i: 0xFF01 + i for i in range(94)}


@dataclass(frozen=True)
class Planted:
    """`copy_of`: the place of the row that it was made from, or -1; `kind`: how."""

    text: str
    copy_of: int = -1
    kind: str = ""


def sentences(data: Path) -> tuple[list[str], list[str]]:
    """English and Chinese sentences of others' files, each once, 15 to 90 letters (8 to 45 Chinese)."""
    english = [row["text"] for row in csv.DictReader((data / "banking77/train.csv").open(encoding="utf-8"))]
    for line in (data / "gsm8k/train_1500.jsonl").read_text().split("\n"):
        english += re.split(r"(?<=[.?!])\s+", json.loads(line)["question"]) if line else []
    for item in json.loads((data / "llamafactory_demo/alpaca_en_demo.json").read_text()):
        english += re.split(r"(?<=[.?!])\s+", item["output"])
    chinese: list[str] = []
    for document in json.loads((data / "cmrc2018_zh/cmrc2018_trial.json").read_text())["data"]:
        for paragraph in document["paragraphs"]:
            chinese += re.split(r"(?<=[。？！；])", paragraph["context"])
    with gzip.open(data / "crosswoz_zh/val.slim.jsonl.gz", "rt", encoding="utf-8") as file:
        chinese += [m["content"] for line in file for m in json.loads(line)["messages"]]
    for item in json.loads((data / "llamafactory_demo/alpaca_zh_demo.json").read_text()):
        chinese += re.split(r"(?<=[。？！；])", item["output"])
    tidy = (list(dict.fromkeys(" ".join(text.split()) for text in texts)) for texts in (english, chinese))
    english, chinese = tidy
    return [t for t in english if 15 <= len(t) <= 90], [t for t in chinese if 8 <= len(t) <= 45]


def apart(texts: list[str], pool: int) -> list[str]:
    """The first so many of which no two are alike, by comparing all with all: what is not planted is no copy."""
    from rapidfuzz import process

    rng = random.Random(1)
    chosen = rng.sample(texts, min(len(texts), pool))
    letters = [re.sub(r"[\W_]+", "", text).casefold() for text in chosen]
    kept: list[int] = []
    for start in range(0, len(chosen), 500):
        some = range(start, min(start + 500, len(chosen)))
        alike = process.cdist([letters[i] for i in some], letters[: some.stop], score_cutoff=65, workers=-1)
        kept += [i for i in some if not alike[i - start, :i].any()]
    return [chosen[i] for i in kept]


def planted(data: Path, rows: int, seed: int = 7, pool: int = POOL) -> list[Planted]:
    """Rows of one sentence or of two, mixed; one in ten a copy of an earlier one, in every kind in equal parts.

    Two rows may share one sentence of two: half the same is no copy.
    """
    rng = random.Random(seed)
    english, chinese = (apart(texts, pool) for texts in sentences(data))
    halves = [_pairs(texts, (rows - rows // TENTH) // 2 + 1, rng) for texts in (english, chinese)]
    names = (NAMES_EN, NAMES_ZH)
    out: list[Planted] = []
    for number in range(rows):
        if number % TENTH == TENTH - 1:
            kind = KINDS[number // TENTH % len(KINDS)]
            out.append(_copy(out, kind, rng))
        else:
            language = number % 2
            text = next(halves[language])
            if number % 5 == 0:
                name = rng.choice(names[language])
                text = f"{name}说：{text}" if language else f"{name} says: {text}"
            out.append(Planted(text))
    return out


def _pairs(texts: list[str], rows: int, rng: random.Random) -> Iterator[str]:
    """Each sentence alone, then pairs of nearly the same length, none twice."""
    yield from rng.sample(texts, min(len(texts), rows // 3))
    byte = sorted(texts, key=len)
    seen = set[tuple[int, int]]()
    space = " " if texts[0].isascii() else ""
    while True:
        one = rng.randrange(len(byte))
        other = min(len(byte) - 1, max(0, one + rng.randint(-400, 400)))
        if one != other and (one, other) not in seen:
            seen |= {(one, other), (other, one)}
            yield byte[one] + space + byte[other]


def _copy(rows: list[Planted], kind: str, rng: random.Random) -> Planted:
    while True:
        number = rng.randrange(len(rows))
        row = rows[number]
        if row.copy_of < 0 and (kind != "name" or number % 5 == 0):
            text = CHANGES[kind](row.text, rng)
            # Another number, or a "not" more, is no copy: where there is no label, both rows are right to stay.
            if text != row.text and _telling(text) == _telling(row.text):
                return Planted(text, number, kind)


def _telling(text: str) -> list[str]:
    return TELLING.findall(unicodedata.normalize("NFKC", text).casefold())


def _letter(text: str, rng: random.Random) -> str:
    place = rng.choice([i for i, c in enumerate(text) if c.isalpha()] or [0])
    other = rng.choice(
        "abcdefghijklmnoprstuvwy" if text[place].isascii() else "的一是了我不人在他有这个上们来到时大地为子中"
    )
    return text[:place] + other + text[place + 1 :]


def _words(text: str) -> list[str]:
    """Words with the space behind them, or two Chinese characters."""
    return re.findall(r"[\u4e00-\u9fff]{1,2}|[^\u4e00-\u9fff\s]+\s*|\s+", text)


def _swapped(text: str, rng: random.Random) -> str:
    words = _words(text)
    if len(words) < 3:
        return text
    i = rng.randrange(len(words) - 1)
    words[i], words[i + 1] = (
        words[i + 1].rstrip() + " " * words[i].endswith(" "),
        words[i].rstrip() + " " * words[i + 1].endswith(" "),
    )
    return "".join(words)


def _dress(text: str, rng: random.Random) -> str:
    way = rng.randrange(3)
    if way == 0:
        return text.translate(WIDE)  # full-width digits are the same digits
    if way == 1:
        return re.sub(r"[,.?!，。？！](?!\d)", lambda m: rng.choice("!…;！"), text) + rng.choice("!。~")
    return text.upper() if text.isascii() else f"  “{text}” "


def _word(text: str, rng: random.Random) -> str:
    words = _words(text)
    i = rng.randrange(len(words))
    if rng.random() < 0.5 and len(words) > 4:
        return "".join(words[:i] + words[i + 1 :])
    added = rng.choice(["really ", "please ", "also "] if text.isascii() else ["真的", "请", "也"])
    return "".join([*words[:i], added, *words[i:]])


def _name(text: str, rng: random.Random) -> str:
    chinese = "说：" in text
    name, said = text.split("说：" if chinese else " says: ", 1)
    other = rng.choice([n for n in (NAMES_ZH if chinese else NAMES_EN) if n != name])
    return f"{other}说：{said}" if chinese else f"{other} says: {said}"


CHANGES = {"letter": _letter, "swapped": _swapped, "dress": _dress, "word": _word, "name": _name}


# what finds them: each in a process of its own, so that memory is its own; only what is timed is imported inside


def by_texts(texts: list[str]) -> set[int]:
    from tools.copies.near import copies
    from tools.edits.duplicates import Duplicates

    return set(copies(texts, Duplicates().similarity))


def by_edit(texts: list[str]) -> set[int]:
    """The whole edit over rows as they come from a file."""
    from tools.edits.duplicates import Duplicates
    from workspace.sample import Message, Origin, Sample

    origin = Origin(source="files")
    rows = (Sample(id=str(n), messages=(Message(role="user", content=t),), origin=origin) for n, t in enumerate(texts))
    return {n for n, row in enumerate(Duplicates().apply(rows, None)) if not row.kept}  # type: ignore[arg-type]


def by_datasketch(texts: list[str]) -> set[int]:
    """Over characters as ours; over words it finds next to nothing of the Chinese ones."""
    from datasketch import MinHash, MinHashLSH

    index, found = MinHashLSH(threshold=0.5, num_perm=128), set[int]()
    grams = ([text[i : i + 3].encode() for i in range(max(1, len(text) - 2))] for text in texts)
    for number, sketch in enumerate(MinHash.generator(grams, num_perm=128)):
        if index.query(sketch):
            found.add(number)
        else:
            index.insert(str(number), sketch)
    return found


def by_data_juicer(texts: list[str], **options: object) -> set[int]:
    from data_juicer.ops.deduplicator.document_minhash_deduplicator import DocumentMinhashDeduplicator
    from datasets import Dataset

    op = DocumentMinhashDeduplicator(**options)
    hashed = Dataset.from_list([{"text": text, "n": n} for n, text in enumerate(texts)]).map(op.compute_hash)
    kept, _ = op.process(hashed)
    return set(range(len(texts))) - set(kept["n"])


def by_data_juicer_characters(texts: list[str]) -> set[int]:
    return by_data_juicer(texts, tokenization="character", window_size=3, jaccard_threshold=0.5)


OURS = {"tunesmith, texts to clusters": by_texts, "tunesmith, the edit over rows": by_edit}
RIVALS = {
    "datasketch, characters": by_datasketch,
    "py-data-juicer, as it comes": by_data_juicer,
    "py-data-juicer, characters": by_data_juicer_characters,
}
HEAD = f"{'what':<34}{'rows':>9}{'rows/s':>9}{'precision':>11}{'recall':>8}{'MB more':>9}  missed, by kind"


def one(name: str, file: Path) -> None:
    """In the process of its own: what was found, in what time, with how much memory beyond what the texts take."""
    texts = json.loads(file.read_text())["texts"]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    found = (OURS | RIVALS)[name](texts)
    seconds = time.perf_counter() - started
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    out = {"found": sorted(found), "seconds": seconds, "more": more}
    file.with_suffix(".out").write_text(json.dumps(out))


def told(name: str, rows: list[Planted], python: str, file: Path) -> str:
    """One line of the table, or why there is none."""
    command = [python, __file__, "--one", name, str(file)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": os.getcwd()}, capture_output=True, text=True)
    if done.returncode:
        return f"{name:<34}  not run: {done.stderr.strip().splitlines()[-1:]}"
    out = json.loads(file.with_suffix(".out").read_text())
    found, planted_here = set(out["found"]), {n for n, row in enumerate(rows) if row.copy_of >= 0}
    right = len(found & planted_here)
    missed = {kind: sum(rows[n].kind == kind for n in planted_here - found) for kind in KINDS}
    precision, recall = right / max(1, len(found)), right / len(planted_here)
    speed = f"{len(rows) / out['seconds']:>9,.0f}{precision:>11.4f}{recall:>8.4f}{out['more']:>9,.0f}"
    return f"{name:<34}{len(rows):>9,}{speed}  {missed}"


def restaurants(data: Path, folder: Path) -> str:
    """Two guides as one file, read and judged as any table is: what it points out against what is known to be one."""
    from tools.base import Kit
    from tools.copies.clusters import clusters
    from tools.edits.records import Records
    from tools.sources.files import Files
    from workspace.project import Project
    from workspace.spec import Spec

    guides = data / "dup_restaurants"
    head, *first = (guides / "fodors.csv").read_text().strip().split("\n")
    _, *second = (guides / "zagats.csv").read_text().strip().split("\n")
    file = folder / "restaurants.csv"
    file.write_text("\n".join([head, *first, *second]))
    kit = Kit(spec=Spec().filled(), project=Project(folder, "copies"))
    started = time.perf_counter()
    rows = list(Records().apply(Files(paths=(str(file),), tables=True).read(kit), kit))
    seconds = time.perf_counter() - started
    number = {row.id: str(row.fields["id"]) for row in rows}
    found = {(number[one.representative], number[m.id]) for one in clusters(rows) for m in one.members}
    true = {tuple(line.split(",")) for line in (guides / "matches_fodors_zagats.csv").read_text().split()[1:]}
    right = len(found & true)
    precision, recall = right / len(found), right / len(true)
    f1 = 2 * precision * recall / (precision + recall)
    return (
        f"dup_restaurants: {len(rows)} rows, {len(true)} entered twice; precision {precision:.3f}, "
        f"recall {recall:.3f}, F1 {f1:.3f}, {seconds:.1f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rivals", help="a Python that has datasketch and py-data-juicer")
    parser.add_argument("--ours", type=int, default=len(OURS), help=argparse.SUPPRESS)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        one(given.one[0], Path(given.one[1]))
        return
    rows = planted(given.data, given.rows, given.seed)
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        print(restaurants(given.data, Path(folder)) + "\n" + HEAD, flush=True)
        file = Path(folder) / "rows.json"
        file.write_text(json.dumps({"texts": [row.text for row in rows]}))
        for name in list(OURS)[: given.ours]:
            print(told(name, rows, sys.executable, file), flush=True)
        for name in RIVALS if given.rivals else ():
            print(told(name, rows, given.rivals, file), flush=True)


if __name__ == "__main__":
    main()
