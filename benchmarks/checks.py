"""How many wrong rows the checks find and how many right ones they call wrong: every part in one table.

python benchmarks/checks.py ../shared/data                 what code alone can tell
python benchmarks/checks.py ../shared/data --model 240     and 240 claims with the model of the environment
python benchmarks/checks.py ../shared/data --only seeded   one part of it

Each part also runs by itself and then says more. Lines that begin with two spaces are trivial baselines.
"""

from __future__ import annotations

import argparse
import importlib
import platform
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

from scoring import HEAD

from tools.base import Kit
from tools.llm import open_chat
from workspace.project import Project
from workspace.settings import settings
from workspace.spec import Spec

PARTS = ("facts", "seeded", "arithmetic", "contradictions", "relations")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--limit", type=int, help="rows of each set, for a quick look")
    parser.add_argument("--model", type=int, default=0, help="how many claims to ask the model about")
    options = parser.parse_args()
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}\n{HEAD}")
    for name in [options.only] if options.only else PARTS:
        part, began = importlib.import_module(name), time.perf_counter()
        with tempfile.TemporaryDirectory() as scratch:
            kit = Kit(Spec(), Project(Path(scratch), name))
            for line in part.scores(options.data, kit, options.limit):
                print(line.line(), flush=True)
        print(f"  ({name}: {time.perf_counter() - began:.0f} s)", flush=True)
    if options.model:
        project = Project(settings().home, "benchmark")
        with closing(open_chat(project.journal)) as chat:
            facts = importlib.import_module("facts")
            for line in facts.scores(options.data, replace(Kit(Spec(), project), chat=chat), options.model):
                print(line.line(), flush=True)


if __name__ == "__main__":
    main()
