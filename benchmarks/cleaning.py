"""How fast cleaning is and how much memory it takes: each step alone, the whole command, and py-data-juicer's recipe.

    python benchmarks/cleaning.py --rows 10000 100000 [--rivals PYTHON]

Rows are made by soiled.py. `--rivals`: an interpreter that has py-data-juicer, for the last lines. Every line is a
process of its own; `rows/s` of a step leaves reading out, of a command leaves nothing out. Copies and personal data
have benchmarks of their own (copies.py, personal.py), beside datasketch and Presidio.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from soiled import soiled

MOST_NAMES = 100_000  # rows that are searched for names, and whose steps are timed apart; above, the command alone
STEPS = ("normalise", "mask", "quality", "duplicates")
# What a user of data-juicer would write for the same job.
RECIPE = {
    "np": 2,
    "open_tracer": False,
    "text_keys": "text",
    "process": [
        {"fix_unicode_mapper": {}},
        {"clean_html_mapper": {}},
        {"whitespace_normalization_mapper": {}},
        {"clean_email_mapper": {}},
        {"text_length_filter": {"min_len": 5}},
        {"character_repetition_filter": {}},
        {"special_characters_filter": {}},
        {"document_minhash_deduplicator": {"tokenization": "character", "window_size": 3, "lowercase": True}},
    ],
}


def write(path: Path, rows: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for number, (_, text) in enumerate(soiled(rows)):
            file.write(json.dumps({"text": text, "label": f"kind {number % 20}"}, ensure_ascii=False) + "\n")
    return path


def measured(command: list[str], rows: int, what: str) -> str:
    """Wall clock, and the peak memory of this process, or of the largest that it started and said so of."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdout=out, stderr=err, env=os.environ | {"PYTHONPATH": os.getcwd()})
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        out.seek(0)
        err.seek(0)
        said, wrong = out.read().decode(), err.read().decode()
    if child.returncode:
        return f"{what:<40}{rows:>10}  failed: {wrong.strip().splitlines()[-1:]}"
    told = json.loads(said.splitlines()[-1]) if said.startswith('{"seconds') else {}
    seconds = told.get("seconds", seconds)
    speed = f"{seconds:>9.1f} s{rows / seconds:>10,.0f} rows/s{told.get('peak', used.ru_maxrss // 1024):>8} MB"
    return f"{what:<40}{rows:>10}{speed}  {told.get('left', '')}"


def step(name: str, file: Path) -> None:
    """One edit over rows that are in memory already."""
    from tools.base import Edit, Kit, tool
    from tools.sources.files import read_file
    from workspace.project import Project
    from workspace.spec import Spec
    from workspace.stated import Stated

    with tempfile.TemporaryDirectory() as home:
        spec = Spec().with_value("privacy", Stated(value="mask", source="default")).filled()
        kit = Kit(spec=spec, project=Project(Path(home), "bench"))
        rows = list(read_file(file, file.name, {}, spec))
        started = time.perf_counter()
        left = sum(row.kept for row in tool(Edit, name)().apply(rows, kit))  # type: ignore[type-abstract]
        report(time.perf_counter() - started, left)


def juicer(file: Path) -> None:
    """Runs in the rivals' interpreter."""
    import yaml
    from data_juicer.config import init_configs
    from data_juicer.core import DefaultExecutor

    with tempfile.TemporaryDirectory() as folder:
        recipe = Path(folder, "recipe.yaml")
        out = Path(folder, "out.jsonl")
        recipe.write_text(yaml.safe_dump({**RECIPE, "dataset_path": str(file), "export_path": str(out)}))
        started = time.perf_counter()
        DefaultExecutor(init_configs(["--config", str(recipe)])).run()
        report(time.perf_counter() - started, sum(1 for _ in out.open()))


def report(seconds: float, left: int) -> None:
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({"seconds": seconds, "peak": most // 1024, "left": f"{left} left"}))


def lines(sizes: list[int], rivals: str | None) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            file = write(Path(folder, f"{rows}.jsonl"), rows)
            here = [sys.executable, __file__]
            for name in STEPS if rows <= MOST_NAMES else ():
                yield measured([*here, "--one", name, "--file", str(file)], rows, f"step {name}")
            clean = [sys.executable, "-m", "ui.cli", "clean", str(file), "--out", f"{folder}/clean.jsonl"]
            clean += ["--home", f"{folder}/home"]
            yield measured(clean, rows, "tunesmith clean")
            if rows <= MOST_NAMES:
                yield measured([*clean, "--personal-data", "mask"], rows, "tunesmith clean --personal-data mask")
            if rivals:
                yield measured([rivals, __file__, "--one", "juicer", "--file", str(file)], rows, "py-data-juicer")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000])
    parser.add_argument("--rivals", metavar="PYTHON")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        juicer(given.file) if given.one == "juicer" else step(given.one, given.file)
        return
    for line in lines(given.rows, given.rivals):
        print(line, flush=True)


if __name__ == "__main__":
    main()
