"""How well a tuned model tells its own bank messages from others: each method, each kind of foreign message.

    .venv/bin/python benchmarks/domain.py ../shared/data MODEL_FOLDER [--rows 120] [--out DIR]

The model is one that `benchmarks/tuning.py --out DIR` made (DIR/model). No foreign row is used to fit anything; each
threshold comes from the validation rows. States and likelihoods are kept in --out, so that a stopped run goes on.
Prints, with date and machine, AUROC and what is recognised at 5% false alarms: near = other intents of the same bank,
far = general questions and orders in English and Chinese.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
import os
import platform
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray

from benchmarks.tuning import INTENTS
from finetune.base import device_and_precision, load_tokenizer
from finetune.job import job_in, trained_on
from finetune.judging.detection import detection, threshold_at
from finetune.judging.domain import distances, fitted
from finetune.judging.reading import reading_with
from finetune.methods import opened
from finetune.rows import answer_tokens, prompt_tokens
from workspace.project import read_samples, writing
from workspace.sample import Message

Array = NDArray[Any]
Method = Callable[[str], Sequence[float]]
FAR = ("halueval (English)", "alpaca (English)", "crosswoz (Chinese)", "alpaca (Chinese)", "cmrc (Chinese)")
# Likelihoods of all labels cost three times as much as a state, so fewer rows have to do.
OWN = ("validation", "test", "near")
PART = 48


def foreign(data: Path) -> Iterator[tuple[str, list[str]]]:
    """(kind, its messages)"""
    with (data / "banking77" / "test.csv").open(encoding="utf-8", newline="") as source:
        yield "near", [r["text"].strip() for r in csv.DictReader(source) if r["category"] not in INTENTS]
    lines = (data / "halueval" / "qa_one-turn_data.json").read_text(encoding="utf-8").split("\n")
    yield FAR[0], [json.loads(line)["question"] for line in lines if line.strip()]
    yield FAR[1], orders(data / "llamafactory_demo" / "alpaca_en_demo.json")
    with gzip.open(data / "crosswoz_zh" / "val.slim.jsonl.gz", "rt", encoding="utf-8") as dialogues:
        yield FAR[2], [json.loads(line)["messages"][0]["content"] for line in dialogues if line.strip()]
    yield FAR[3], orders(data / "llamafactory_demo" / "alpaca_zh_demo.json")
    found = json.loads((data / "cmrc2018_zh" / "cmrc2018_trial.json").read_text(encoding="utf-8"))["data"]
    yield FAR[4], [q["question"] for one in found for part in one["paragraphs"] for q in part["qas"]]


def orders(path: Path) -> list[str]:
    return [row["instruction"] for row in json.loads(path.read_text(encoding="utf-8")) if not row["input"]]


class Study:
    """`texts` by group: train, validation, test, near and the far ones."""

    def __init__(self, folder: Path, texts: dict[str, list[str]], labels: list[str], out: Path) -> None:
        self.folder, self.texts, self.labels, self.out = folder, texts, labels, out
        self.tokenizer = load_tokenizer(folder)

    @cached_property
    def model(self) -> Any:
        device, precision = device_and_precision()
        return opened(self.folder, precision, device).eval()

    def states(self, group: str) -> Array:
        """rows × size"""
        return self.kept("states", group, lambda some: reading_with(self.model, self.tokenizer)(asking(some)))

    def likelihoods(self, group: str) -> Array:
        """rows × labels × (sum, mean over tokens) of the logarithms."""
        most = 48 if group in OWN else 20
        return self.kept("likelihoods", group, lambda some: numpy.stack([self._weighed(text) for text in some]), most)

    def _weighed(self, text: str) -> Array:
        """The prompt goes through the model once for all labels."""
        import torch
        from transformers import DynamicCache

        prompt = prompt_tokens((Message(role="user", content=text),), self.tokenizer)
        width = max(len(end) for end in self.ends)
        ids = torch.tensor([[*end, *[0] * (width - len(end))] for end in self.ends])
        seen = torch.tensor([[1] * (len(prompt) + len(end)) + [0] * (width - len(end)) for end in self.ends])
        cache = DynamicCache(config=self.model.config)
        with torch.inference_mode():
            first = self.model(input_ids=torch.tensor([prompt]), past_key_values=cache, logits_to_keep=1).logits
            cache.batch_repeat_interleave(len(ids))
            rest = self.model(input_ids=ids, attention_mask=seen, past_key_values=cache).logits[:, :-1]
            scores = torch.cat([first.expand(len(ids), -1, -1), rest], dim=1).float().log_softmax(-1)
            each = scores.gather(2, ids[..., None])[..., 0]
        sums = [float(row[: len(end)].sum()) for row, end in zip(each, self.ends, strict=True)]
        return numpy.array([(total, total / len(end)) for total, end in zip(sums, self.ends, strict=True)])

    @cached_property
    def ends(self) -> list[tuple[int, ...]]:
        question = Message(role="user", content="?")
        turns = [(question, Message(role="assistant", content=label)) for label in sorted(set(self.labels))]
        return [answer_tokens(each, self.tokenizer) for each in turns]

    def kept(self, name: str, group: str, work: Callable[[Sequence[str]], Array], most: int = 10000) -> Array:
        """A few rows at a time, so that little is lost to whoever stops it."""
        parts, texts = [], self.texts[group][:most]
        for start in range(0, len(texts), PART):
            some = texts[start : start + PART]
            digest = hashlib.sha256("\0".join([name, *some]).encode()).hexdigest()[:16]
            path = self.out / f"{name}-{group.split()[0]}-{digest}.npy"
            if not path.exists():
                print(name, group, start, file=sys.stderr, flush=True)
                with writing(path) as file:
                    numpy.save(file, work(some))
            parts.append(numpy.load(path))
        return numpy.concatenate(parts)


def asking(texts: Sequence[str]) -> list[tuple[Message, ...]]:
    return [(Message(role="user", content=text),) for text in texts]


def by_state(study: Study) -> Iterator[tuple[str, Method]]:
    learned = study.states("train")
    for name, labels in (("labels", study.labels), ("one", [""] * len(study.labels))):
        centres, whitening = fitted(learned, labels)
        what = "each label's centre" if name == "labels" else "one centre"
        yield f"Mahalanobis to {what}", lambda g, c=centres, w=whitening: distances(study.states(g), c, w)  # type: ignore[misc]
    middle = learned.mean(0)
    bank = unit(learned - middle)
    for k in (1, 5):
        yield (
            f"nearest state, cosine, k = {k}",
            lambda g, k=k: list(-numpy.sort(unit(study.states(g) - middle) @ bank.T)[:, -k]),  # type: ignore[misc]
        )


def unit(states: Array) -> Array:
    return numpy.asarray(states / numpy.linalg.norm(states, axis=1, keepdims=True))


def by_words(study: Study) -> Method:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\w+|[^\w\s]", sublinear_tf=True)
    both = make_union(words, TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True))
    bank = both.fit_transform(study.texts["train"])
    return lambda group: list(-(both.transform(study.texts[group]) @ bank.T).toarray().max(axis=1))


def by_likelihood(study: Study) -> Iterator[tuple[str, Method]]:
    from scipy.special import logsumexp

    for number, name in enumerate(("", ", a token")):
        yield (
            f"softmax over labels{name}",
            lambda g, n=number: list(  # type: ignore[misc]
                logsumexp(study.likelihoods(g)[..., n], axis=1) - study.likelihoods(g)[..., n].max(1)
            ),
        )
        yield (
            f"energy over labels{name}",
            lambda g, n=number: list(-logsumexp(study.likelihoods(g)[..., n], axis=1)),  # type: ignore[misc]
        )


def show(name: str, method: Method, groups: Sequence[str]) -> None:
    threshold, own = threshold_at(method("validation")), method("test")
    far = [score for group in groups if group != "near" for score in method(group)]
    cells = []
    for foreign_scores in (method("near"), far):
        found = detection(own, foreign_scores, threshold)
        cells.append(
            f"{found.auroc.value:.3f} [{found.auroc.low:.3f}, {found.auroc.high:.3f}] {found.recall.value:6.3f}"
        )
    print(f"{name:34} {'   '.join(cells)}   {found.alarms.value:.3f}", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("data", type=Path)
    options.add_argument("model", type=Path)
    options.add_argument("--rows", type=int, default=80, help="of test and near; half of it for each far kind")
    options.add_argument("--out", type=Path, default=Path("domain-benchmark"))
    options.add_argument("--no-likelihoods", action="store_true", help="leave out what needs every label's likelihood")
    given = options.parse_args()
    rng = random.Random(3)
    learned = [row for row in read_samples(job_in(given.model).data) if row.kept]
    tests = [row.question for row in read_samples(trained_on(given.model)) if row.split == "test"]
    texts = {split: [row.question for row in learned if row.split == split] for split in ("train", "validation")}
    texts["test"] = rng.sample(tests, min(given.rows, len(tests)))
    for kind, found in foreign(given.data):
        most = given.rows if kind == "near" else given.rows // 2
        texts[kind] = rng.sample(found, min(most, len(found)))
    study = Study(given.model, texts, [row.label or "" for row in learned if row.split == "train"], given.out)
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores; { {k: len(v) for k, v in texts.items()} }")
    print(f"{'method':34} {'near: AUROC':22} {'recall':>6}   {'far: AUROC':22} {'recall':>6}   false alarms")
    groups = ("near", *FAR)
    for name, method in by_state(study):
        show(name, method, groups)
    show("nearest by TF-IDF", by_words(study), groups)
    for name, method in () if given.no_likelihoods else by_likelihood(study):
        show(name, method, groups)


if __name__ == "__main__":
    main()
