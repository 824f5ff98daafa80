"""What a model's opinion is worth: right answers and wrong ones of real data, judged by the endpoint that is set.

python benchmarks/judge.py ../shared/data --limit 100
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scoring import HEAD, Score, score

from tools.base import Kit
from tools.calibration import agreement
from tools.checks.judge import USUAL, criteria, opinion, told
from tools.llm import open_chat
from workspace.project import Project
from workspace.sample import Origin, Sample, sample
from workspace.spec import Spec
from workspace.stated import Stated

AT_ONCE = 4
SEED = 7


def rows(data: Path, limit: int | None) -> list[tuple[Sample, bool]]:
    """(row, whether it is wrong): each question of HaluEval once, with its right answer or the made-up one."""
    rng, found = random.Random(SEED), []
    for line in (data / "halueval/qa_multi-turn_data.json").read_text(encoding="utf-8").split("\n"):
        if line.strip() and (limit is None or len(found) < limit):
            raw, wrong = json.loads(line), rng.random() < 0.5
            answer = raw["hallucinated_answer" if wrong else "right_answer"]
            row = sample(raw["question"], answer, Origin(source="halueval", row=len(found)))
            found.append((row.model_copy(update={"evidence": raw["knowledge"]}), wrong))
    return found


def scores(data: Path, kit: Kit, limit: int | None = None) -> Iterator[Score]:
    """The judge, at its usual threshold and at the one that half of the rows recommend for the other half."""
    judged = rows(data, limit)
    wrong = [is_wrong for _, is_wrong in judged]
    lengths = sorted(len(row.answer) for row, _ in judged)
    middle = lengths[len(lengths) // 2]
    yield score("judge, baseline: calls nothing wrong", wrong, [False] * len(wrong))
    yield score("judge, baseline: calls long answers wrong", wrong, [len(row.answer) > middle for row, _ in judged])
    if kit.chat is None:
        return
    started = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        replies = list(pool.map(lambda pair: opinion(pair[0], kit), judged))
    spent = time.monotonic() - started
    given = [reply.score if reply else 5 for reply in replies]
    yield score(f"judge {kit.chat.model}, passes from {USUAL}", wrong, [s < USUAL for s in given], spent)
    half = len(given) // 2
    if half:
        found = agreement(criteria(kit), given[:half], [not w for w in wrong[:half]])
        called = [s < found.threshold for s in given[half:]]
        yield score(f"judge, passes from {found.threshold} (other half), kappa {found.kappa:.2f}", wrong[half:], called)
        print(told(found).en)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=100)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder), "judge")
        spec = Spec().with_value("goal", Stated(value="answer questions from a text", source="default"))
        chat = open_chat(project.journal)
        try:
            print(HEAD)
            for line in scores(given.data, Kit(spec=spec, project=project, chat=chat), given.limit):
                print(line.line())
        finally:
            chat.close()


if __name__ == "__main__":
    main()
