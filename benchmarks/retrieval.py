"""How often the passage that answers is found: the knowledge base as it is, and what else was tried for its parts.

python benchmarks/retrieval.py ../shared/data
"""

from __future__ import annotations

import argparse
import json
import logging
import platform
import re
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tools.facts.claims import sentences
from tools.knowledge import Knowledge, cut
from workspace.errors import UserError
from workspace.words import Words

# documents, and (query, number of the document that answers it)
Task = tuple[list[str], list[tuple[str, int]]]


def cmrc(data: Path) -> Task:
    raw = json.loads((data / "cmrc2018_zh/cmrc2018_trial.json").read_text())
    paragraphs = [p for d in raw["data"] for p in d["paragraphs"]]
    return [p["context"] for p in paragraphs], [(q["question"], i) for i, p in enumerate(paragraphs) for q in p["qas"]]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().split("\n") if line.strip()]


def pairs(rows: Sequence[dict[str, Any]], query: str, text: str) -> Task:
    documents = list(dict.fromkeys(row[text] for row in rows))
    return documents, [(row[query], documents.index(row[text])) for row in rows]


def policy(data: Path) -> Task:
    """Passages of the two tau2 policies; half of each retail sentence, and what its condition asks, lead to its own."""
    texts = [(data / f"tau2_support/{name}_policy.txt").read_text() for name in ("retail", "airline")]
    documents = [place.text for text in texts for place, _ in cut(text)]
    queries = []
    for number, passage in enumerate(documents):
        for said in sentences(passage) if passage in texts[0] else ():
            words = said.text.split()
            if len(words) >= 8:
                queries.append((" ".join(words[::2]), number))
            if condition := re.match(r"If ([^,]+),", said.text):
                queries.append((f"What happens if {condition[1]}?", number))
    return documents, queries


def show(name: str, found: Sequence[Sequence[int]], task: Task, seconds: float = 0.0) -> None:
    first = sum(ranked[:1] == [gold] for ranked, (_, gold) in zip(found, task[1], strict=True)) / len(found)
    five = sum(gold in ranked[:5] for ranked, (_, gold) in zip(found, task[1], strict=True)) / len(found)
    speed = f"   {1000 * seconds / len(found):5.1f} ms a query" if seconds else ""
    print(f"  {name:<44} recall@1 {first:.4f}   recall@5 {five:.4f}{speed}")


def no_weights() -> Any:
    raise UserError(Words("left out", "不用"), Words("-", "-"))


def by_knowledge(name: str, task: Task, **options: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        knowledge = Knowledge(Path(folder), **options)
        for number, text in enumerate(task[0]):
            knowledge.add(f"{number:05d}", text)
        knowledge.find("warm", 1)
        began = time.perf_counter()
        # A document counts where its best passage stands.
        hits = [[int(h.document) for h in knowledge.find(query, 15)] for query, _ in task[1]]
        seconds = time.perf_counter() - began
        knowledge.close()
    show(name, [list(dict.fromkeys(ranked)) for ranked in hits], task, seconds)


def ranked(scores: Any) -> list[list[int]]:
    return [list(row) for row in (-scores).argsort(axis=1, kind="stable")[:, :50].tolist()]


def fused(*rankings: list[list[int]]) -> list[list[int]]:
    out = []
    for rows in zip(*rankings, strict=True):
        scores: dict[int, float] = {}
        for row in rows:
            for place, number in enumerate(row):
                scores[number] = scores.get(number, 0.0) + 1 / (10 + place + 1)
        out.append(sorted(scores, key=lambda number: (-scores[number], number)))
    return out


def chinese_vectors(task: Task) -> None:
    """What vectors over character n-grams, whole documents, would add."""
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer

    documents, queries = task[0], [query for query, _ in task[1]]
    tfidf = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    texts = tfidf.fit_transform(documents)
    exact = ranked((tfidf.transform(queries) @ texts.T).toarray())
    show("TF-IDF, characters 1-3", exact, task)
    for size in (384, 2048):
        hashing = HashingVectorizer(analyzer="char", ngram_range=(1, 3), n_features=size)
        vectors = ranked((hashing.transform(queries) @ hashing.transform(documents).T).toarray())
        show(f"hashed to {size} numbers", vectors, task)
        show(f"hashed to {size} numbers, fused with TF-IDF", fused(vectors, exact), task)


def main() -> None:
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}")
    fever = lines(data / "fever_symmetric/fever_symmetric_dev.jsonl")
    halueval = lines(data / "halueval/qa_one-turn_data.json")
    chinese = cmrc(data)
    print(f"\ncmrc2018 trial: {len(chinese[0])} documents, {len(chinese[1])} questions")
    by_knowledge("the knowledge base (words alone for Chinese)", chinese)
    chinese_vectors(chinese)
    for name, task in {
        "tau2 policies, half a sentence or its condition to its passage": policy(data),
        "fever_symmetric dev, claim to evidence": pairs(fever, "claim", "evidence"),
        "halueval, question to knowledge": pairs(halueval, "question", "knowledge"),
    }.items():
        print(f"\n{name}: {len(task[0])} documents, {len(task[1])} queries")
        by_knowledge("words alone", task, embed=no_weights)
        by_knowledge("the knowledge base (words and meaning)", task)


if __name__ == "__main__":
    main()
