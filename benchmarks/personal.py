"""How much personal data is found, how much of what is found is none, and how fast: by kind, in both languages.

    python benchmarks/personal.py ../shared/data [--rivals PYTHON] [--rows 1000] [--speed 20000]

English: presidio_synth in two halves (developed on the first; they share their sentence patterns, not their values).
Chinese: rows of a generator with every span known. PYTHON has presidio-analyzer; no spaCy model can be had without
a hub, so it is run with its pattern recognisers alone, and finds no names.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from personal_rows import Row, chinese_rows
from scoring import HEAD, Score

from tools.personal.finding import find_all
from tools.personal.shapes import Kind

# What presidio_synth calls a kind, and which of ours find it. LOCATION, ORGANIZATION, DATE_TIME, TITLE, PREFIX and
# DOMAIN_NAME are none of our kinds; an address that covers a town is right, and so is a date of birth.
CLAIMED: dict[str, tuple[Kind, ...]] = {
    "PERSON": ("NAME",),
    "ADDRESS": ("ADDRESS", "POSTCODE"),
    "CREDIT_CARD": ("CARD",),
    "PHONE_NUMBER": ("PHONE",),
    "EMAIL_ADDRESS": ("EMAIL",),
    "US_SSN": ("SSN",),
    "IBAN_CODE": ("IBAN",),
    "US_DRIVER_LICENSE": ("LICENCE",),
    "IP_ADDRESS": ("IP",),
}
ALSO_RIGHT: dict[str, tuple[Kind, ...]] = {"LOCATION": ("ADDRESS",), "DATE_TIME": ("BIRTH",), "DOMAIN_NAME": ("URL",)}
Spans = Sequence[Iterable[tuple[str, int, int]]]
MOST = 0.5  # of a span's letters and digits: then it counts as found
RIVAL = """
import json, sys, time, tldextract
tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpEngine, NlpArtifacts
class Nothing(NlpEngine):
    def load(self): pass
    def is_loaded(self): return True
    def process_text(self, text, language):
        return NlpArtifacts([], [], [], [], self, language)
    def process_batch(self, texts, language, **more): return ((t, self.process_text(t, language)) for t in texts)
    def is_stopword(self, word, language): return False
    def is_punct(self, word, language): return False
    def get_supported_entities(self): return []
    def get_supported_languages(self): return ["en"]
registry = RecognizerRegistry()
registry.load_predefined_recognizers(languages=["en"])
registry.recognizers = [r for r in registry.recognizers if "Spacy" not in type(r).__name__]
engine = AnalyzerEngine(registry=registry, nlp_engine=Nothing(), supported_languages=["en"])
texts = json.load(sys.stdin)
engine.analyze(texts[0], language="en")
begun = time.perf_counter()
results = [engine.analyze(t, language="en", score_threshold=0.4) for t in texts]
found = [[(r.entity_type, r.start, r.end) for r in some] for some in results]
print(json.dumps([time.perf_counter() - begun, found]))
"""


def english_rows(data: Path) -> list[tuple[str, list[tuple[str, int, int]]]]:
    raw = json.loads(gzip.decompress((data / "presidio_synth" / "generated_large.json.gz").read_bytes()))
    keys = ("entity_type", "start_position", "end_position")
    return [(row["full_text"], [tuple(span[key] for key in keys) for span in row["spans"]]) for row in raw]


def scored(
    what: str, texts: Sequence[str], gold: Spans, found: Spans,
    ours: Mapping[str, tuple[str, ...]], also: Mapping[str, tuple[str, ...]], seconds: float, least: float = MOST,
) -> Iterator[Score]:  # fmt: skip
    """A line a kind; then all kinds together, and how much is covered by a span of any kind."""
    hits, misses, alarms, covered = Counter[str](), Counter[str](), Counter[str](), Counter[bool]()
    for text, spans, said in zip(texts, gold, found, strict=True):
        spans, said = list(spans), list(said)
        for kind, start, end in spans:
            if kind in ours:
                at = {i for i in range(start, end) if text[i].isalnum()}
                own = {i for k, s, e in said if k in ours[kind] for i in range(s, e)}
                whole = {i for _, s, e in said for i in range(s, e)}
                (hits if len(at & own) >= least * len(at) else misses)[kind] += 1
                covered[len(at & whole) >= least * len(at)] += 1
        for kind, start, end in said:
            right = {i for k, s, e in spans if kind in (*ours.get(k, ()), *also.get(k, ())) for i in range(s, e)}
            if 2 * sum(i in right for i in range(start, end)) < end - start:
                alarms[next((k for k, kinds in ours.items() if kind in kinds), kind)] += 1
    for kind in sorted({*hits, *misses, *alarms}):
        yield Score(f"{what}: {kind}", hits[kind], misses[kind], alarms[kind], 0)
    yield Score(f"{what}: all kinds", hits.total(), misses.total(), alarms.total(), 0, seconds)
    yield Score(f"{what}: covered by any kind", covered[True], covered[False], alarms.total(), 0)


def ours_in(texts: Sequence[str]) -> tuple[list[list[tuple[str, int, int]]], float]:
    begun = time.perf_counter()
    found = [[(f.kind, f.start, f.end) for f in some if f.kind != "AGE"] for some in find_all(texts, names=True)]
    return found, time.perf_counter() - begun


def theirs_in(python: str, texts: Sequence[str]) -> tuple[list[list[tuple[str, int, int]]], float]:
    done = subprocess.run(
        [python, "-W", "ignore", "-c", RIVAL], input=json.dumps(texts), capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    seconds, found = json.loads(done.stdout.splitlines()[-1])
    return found, seconds


def scores(data: Path, rows: int = 1000, rivals: str | None = None) -> Iterator[Score]:
    english = english_rows(data)
    half = len(english) // 2
    for what, some in (("presidio_synth, first half", english[:half]), ("presidio_synth, second half", english[half:])):
        texts, gold = [text for text, _ in some], [spans for _, spans in some]
        found, seconds = ours_in(texts)
        yield from scored(what, texts, gold, found, CLAIMED, ALSO_RIGHT, seconds)
        if rivals:
            found, seconds = theirs_in(rivals, texts)
            same = {kind: (kind,) for kind in CLAIMED}
            right = {kind: (kind,) for kind in ("LOCATION", "DATE_TIME", "DOMAIN_NAME")} | {"DOMAIN_NAME": ("URL",)}
            yield from scored(f"Presidio's patterns, {what[16:]}", texts, gold, found, same, right, seconds)
    yield from _chinese(list(chinese_rows(rows)))


def _chinese(rows: list[Row]) -> Iterator[Score]:
    """All of a number or a name has to be covered, and nine tenths of an address."""
    texts = [row.text for row in rows]
    found, seconds = ours_in(texts)
    kinds = sorted({kind for row in rows for kind, _, _ in row.spans})
    names = ("NAME", "ADDRESS")
    for what, some in (("structured", [k for k in kinds if k not in names]), ("names, addresses", list(names))):
        gold = [[span for span in row.spans if span[0] in some] for row in rows]
        own = [[span for span in spans if (span[0] in names) == (some == list(names))] for spans in found]
        least = 1.0 if some != list(names) else 0.9
        yield from scored(f"Chinese, {what}", texts, gold, own, {k: (k,) for k in some}, {}, seconds, least)


def speeds(data: Path, count: int, rivals: str | None) -> Iterator[str]:
    """Texts a second on one core, and as many times what Presidio's patterns do."""
    english = [text for text, _ in english_rows(data)]
    chinese = [row.text for row in chinese_rows(2000)]
    base = 0.0
    if rivals:
        _, seconds = theirs_in(rivals, english)
        base = len(english) / seconds
        yield f"{'Presidio, patterns alone, English':<44}{base:>10,.0f}{1:>8.1f}"
    for what, texts, names in (
        ("patterns alone, English", english, False),
        ("patterns alone, Chinese", chinese, False),
        ("with names and addresses, English", english, True),
        ("with names and addresses, Chinese", chinese, True),
    ):
        many = (texts * (count // len(texts) + 1))[: count if not names else min(count, 1500)]
        list(find_all(many[:50], names=names))
        begun = time.process_time()
        for _ in find_all(many, names=names):
            pass
        speed = len(many) / (time.process_time() - begun)
        yield f"{what:<44}{speed:>10,.0f}" + (f"{speed / base:>8.1f}" if base else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--speed", type=int, default=20_000)
    parser.add_argument("--rivals", metavar="PYTHON")
    given = parser.parse_args()
    print(HEAD)
    for score in scores(given.data, given.rows, given.rivals):
        print(score.line(), flush=True)
    print(f"\n{'what':<44}{'texts/s':>10}{'times':>8}")
    for line in speeds(given.data, given.speed, given.rivals):
        print(line, flush=True)


if __name__ == "__main__":
    main()
