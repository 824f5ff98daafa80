"""Whatever file is given ends read or refused with its reason, in time and in bounds; rows are counted by others too.

    PYTHONPATH=. python benchmarks/reading.py ../shared/data [--speed ROWS]

Each file is read in a process of its own, whose memory is counted together with that of the parser it starts.
The hostile files are made here, in a temporary folder.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import os
import re
import resource
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from scoring import HEAD, Score

from tests.tools.sources.workbooks import HEAD as XML
from tests.tools.sources.workbooks import workbook
from tools.sources.files import read_file
from workspace.errors import UserError
from workspace.spec import Spec

MB = 1 << 20
SLOWEST, LARGEST = 20.0, 512.0


@dataclass(frozen=True)
class Outcome:
    """`refusal`: why the whole file is refused; `crash`: what escaped. Megabytes, ours and the parser's together."""

    rows: int = 0
    refused: int = 0
    refusal: str = ""
    crash: str = ""
    seconds: float = 0.0
    memory: float = 0.0

    @property
    def out_of_bounds(self) -> bool:
        return bool(self.crash) or self.seconds > SLOWEST or self.memory > LARGEST


def outcome(path: Path) -> Outcome:
    """Read in a fork, so that each file has a memory of its own to be measured."""
    out, back = os.pipe()
    child = os.fork()
    if not child:
        os.close(out)
        with os.fdopen(back, "w") as pipe:
            try:
                pipe.write(json.dumps(asdict(_read(path))))
            finally:
                pipe.flush()
                os._exit(0)
    os.close(back)
    with os.fdopen(out) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return Outcome(**json.loads(said)) if said else Outcome(crash="the process died")


def _read(path: Path) -> Outcome:
    started, kept, refused, refusal = time.monotonic(), 0, 0, ""
    try:
        for row in read_file(path, path.name, {}, Spec(), tables=True):
            kept, refused = kept + row.kept, refused + (not row.kept)
    except UserError as error:
        refusal = error.problem.en
    seconds = time.monotonic() - started
    said = Path("/proc/self/status").read_text("ascii").split()
    own = int(said[said.index("VmHWM:") + 1]) / 1024
    parser = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Outcome(kept, refused, refusal, "", round(seconds, 3), round(own + parser, 1))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def folders(data: Path) -> dict[str, dict[Path, Outcome]]:
    return {name: {path: outcome(path) for path in files(data / name)} for name in ("dirty_files", "real_docs")}


def summary(name: str, found: dict[Path, Outcome]) -> None:
    worst = max(found.values(), key=lambda one: one.seconds)
    most = max(found.values(), key=lambda one: one.memory)
    refused = [one for one in found.values() if one.refusal]
    rows, bad = sum(one.rows for one in found.values()), sum(one.refused for one in found.values())
    print(
        f"{name:<14}{len(found):>5} files: {rows:>6} rows, {bad:>4} refused rows, {len(refused):>3} refused files, "
        f"{sum(bool(one.crash) for one in found.values())} crashes, longest {worst.seconds:.1f} s, "
        f"most {most.memory:.0f} MB"
    )
    for path, one in found.items():
        if one.out_of_bounds:
            print(f"    OUT OF BOUNDS {path.name}: {one.crash or one.refusal} {one.seconds} s {one.memory} MB")


# Rows, counted by somebody else


def counted(path: Path) -> int | None:
    """The rows below the column names, by the standard library; None where that can't tell."""
    if path.suffix == ".csv":
        for encoding in ("utf-8-sig", "cp1252", "latin-1"):
            try:
                text = path.read_bytes().decode(encoding)
                break
            except UnicodeDecodeError:
                continue
        lines = text.splitlines()
        sign = max(",;\t|", key=lines[0].count) if lines else ","
        try:
            rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign) if row]
        except csv.Error:
            return None
        return max(0, len(rows) - 1)
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            sheets = [book.read(name).decode() for name in book.namelist() if re.match(r"xl/worksheets/sheet", name)]
        full = [
            sum("<v>" in row or "<t" in row for row in re.findall(r"<row\b.*?</row>", sheet, re.S)) for sheet in sheets
        ]
        return sum(max(0, rows - 1) for rows in full)
    return None


def rows_counted(found: dict[Path, Outcome]) -> None:
    same, other = 0, []
    for path, one in found.items():
        count = counted(path)
        if count is None:
            continue
        if count == one.rows + one.refused:
            same += 1
        else:
            other.append(f"{path.name} {one.rows}+{one.refused} of {count}")
    print(
        f"{'rows counted':<14}{same:>5} of {same + len(other)} as csv and the sheets' XML count them, one line of names"
    )
    print(f"    not: {'; '.join(other)}")


# JSON


def json_suite(data: Path) -> Iterator[Score]:
    """`n_` is no JSON, `y_` is. What is JSON and holds no rows is refused in other words than what is none."""
    must, said, seconds = [], [], 0.0
    for path in sorted((data / "bad_json").glob("[ny]_*.json")):
        one = outcome(path)
        seconds += one.seconds
        must.append(path.name.startswith("n_"))
        said.append(bool(one.crash) or "not JSON" in one.refusal or "is empty" in one.refusal)
    pairs = list(zip(must, said, strict=True))
    counts = [pairs.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))]
    yield Score("bad_json: refused as no JSON", *counts, seconds)


# Strings that break things


def naughty(data: Path) -> Iterator[Score]:
    strings: list[str] = json.loads((data / "naughty_strings" / "blns.json").read_text("utf-8"))
    lines = [{"value": text, "n": number} for number, text in enumerate(strings)]
    with tempfile.TemporaryDirectory() as folder:
        for kind, write in WRITERS.items():
            path = Path(folder, f"a.{kind}")
            write(path, lines)
            rows = {
                int(str(row.fields["n"])): row.fields.get("value") or ""
                for row in read_file(path, path.name, {}, Spec(), tables=True)
                if row.kept
            }
            lost = [text for number, text in enumerate(strings) if rows.get(number) != text]
            yield Score(f"naughty strings through {kind}: changed", 0, 0, len(lost), len(strings) - len(lost))
            for text in lost[:3]:
                print(f"    {text!r} → {rows.get(strings.index(text))!r}")


Line = dict[str, object]


def _csv(path: Path, lines: Sequence[Line]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, ["value", "n"])
        out.writeheader()
        out.writerows(lines)


def _parquet(path: Path, lines: Sequence[Line]) -> None:
    import pyarrow
    from pyarrow import parquet

    parquet.write_table(pyarrow.Table.from_pylist(list(lines)), path)


def _xlsx(path: Path, lines: Sequence[Line]) -> None:
    def said(text: str) -> str:
        # As Excel writes what XML can't hold.
        return re.sub(r"[\0-\x08\x0b\x0c\r\x0e-\x1f]|_(?=x[0-9A-F]{4}_)", lambda m: f"_x{ord(m[0]):04X}_", text)

    workbook(path, {"S": [["n", "value"], *[[line["n"], said(str(line["value"]))] for line in lines]]})


WRITERS: dict[str, Callable[[Path, Sequence[Line]], object]] = {
    "csv": _csv,
    "json": lambda path, lines: path.write_bytes(orjson.dumps(lines)),
    "jsonl": lambda path, lines: path.write_bytes(b"\n".join(map(orjson.dumps, lines))),
    "parquet": _parquet,
    "xlsx": _xlsx,
}


# Files made to do harm


def hostile(folder: Path) -> dict[Path, Outcome]:
    table = "city,beds\n" + "Rome,12\n" * 3
    zeros = gzip.compress(bytes(1024 * MB), 1)
    (folder / "bomb.csv.gz").write_bytes(zeros)
    _zipped(folder / "bomb.zip", "bomb.csv", bytes(1024 * MB))
    inner = (folder / "bomb.zip").read_bytes()
    for depth in range(4):
        inner = _zipped(folder / "nested.zip", f"{depth}.zip", inner)
    with (folder / "cell.csv").open("wb") as file:
        file.write(b"a,b\nfine,1\nlong,")
        for _ in range(1024):
            file.write(b"x" * MB)
        file.write(b"\nfine,2\n")
    (folder / "cell.jsonl").symlink_to(folder / "cell.csv")
    (folder / "deep.json").write_text("[" * 1_000_000)
    (folder / "deep.jsonl").write_text('{"a": ' * 100_000 + "1" + "}" * 100_000 + '\n{"a": 1}\n')
    workbook(
        folder / "xxe.xlsx",
        {"S": [["a"], ["&x;"]]},
        head=f'{XML}<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    )
    lol = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    workbook(folder / "laughs.xlsx", {"S": [["a"], ["&l11;"]]}, head=f"{XML}<!DOCTYPE x [{lol}]>")
    workbook(folder / "large.xlsx", {"S": [["a", "b"], ["x" * 600 * MB, 1]]})
    workbook(folder / "workbook.csv", {"S": [["a", "b"], ["x", 1]]})
    (folder / "text.xlsx").write_text(table)
    (folder / "text.parquet").write_text(table)
    _parquet(folder / "cut.parquet", [{"value": str(n), "n": n} for n in range(100_000)])
    (folder / "cut.parquet").write_bytes((folder / "cut.parquet").read_bytes()[:-100])
    (folder / "wide.csv").write_text(",".join(f"c{n}" for n in range(200)) + "\n" + ",".join("x" * 200) + "\n")
    (folder / "nul.csv").write_bytes(b"a,b\nx\0y,1\n")
    (folder / "lone.jsonl").write_bytes(
        b'{"a": "\\ud800", "b": 1}\n{"a": "\xed\xa0\x80", "b": 1}\n{"a": "\xe2\x80\xa8", "b": 1}\n'
    )
    return {path: outcome(path) for path in files(folder)}


def _zipped(path: Path, name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr(name, content)
    return path.read_bytes()


# How fast


def _spent() -> float:
    """Processor time, ours and the parser's: the machine may be busy with other things."""
    ours, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return ours.ru_utime + ours.ru_stime + theirs.ru_utime + theirs.ru_stime


def speed(rows: int) -> None:
    """Short rows into samples, a second of processor time."""
    with tempfile.TemporaryDirectory() as folder:
        lines: list[Line] = [{"text": f"I lost card number {n} today", "label": f"kind_{n % 40}"} for n in range(rows)]
        for kind, write in WRITERS.items():
            path = Path(folder, f"a.{kind}")
            if kind == "csv":
                path.write_text("text,label\n" + "".join(f"{line['text']},{line['label']}\n" for line in lines))
            elif kind == "xlsx":
                continue
            else:
                write(path, lines)
            for tables in (False, True):
                started = _spent()
                count = sum(1 for _ in read_file(path, path.name, {}, Spec(), tables=tables))
                took = _spent() - started
                print(
                    f"{kind:<8}{'any table' if tables else 'to learn':<10}{count:>8} rows {count / took:>9,.0f} rows/s"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--speed", type=int, default=0, metavar="ROWS")
    given = parser.parse_args()
    if given.speed:
        speed(given.speed)
        return
    print(f"at most {SLOWEST:.0f} s and {LARGEST:.0f} MB a file")
    found = folders(given.data)
    found["bad_json"] = {path: outcome(path) for path in files(given.data / "bad_json")}
    for name, outcomes in found.items():
        summary(name, outcomes)
    with tempfile.TemporaryDirectory() as folder:
        made = hostile(Path(folder))
    summary("hostile", made)
    for path, one in made.items():
        figures = f"{one.rows:>3} rows {one.refused:>3} refused {one.seconds:>5.1f} s {one.memory:>4.0f} MB"
        print(f"    {path.name:<14}{figures} {one.refusal[:70]}")
    rows_counted(found["dirty_files"])
    whys = Counter(one.refusal.split(" ", 1)[-1] for one in found["real_docs"].values() if one.refusal)
    print("real_docs refused:", dict(whys))
    print(HEAD)
    for one in (*json_suite(given.data), *naughty(given.data)):
        print(one.line())


if __name__ == "__main__":
    main()
