"""How much of a document's text is read rightly: DOCX, HTML and PDF files and scans that we make from known texts.

python benchmarks/documents.py ../shared/data [--lines 40] [--seed 1]

CER: edits a character of the true text, white space aside. AUROC: whether a scan's lines that were read wrongly have
less confidence than those that were read rightly; signs of another width (( for （) are not counted as wrong there.
"""

from __future__ import annotations

import argparse
import html
import json
import random
import re
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import docx
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein
from sklearn.metrics import roc_auc_score

from tools.sources import child, kinds
from tools.sources.ocr import scanned

FONTS = {
    "en": Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
    "zh": Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
}
PAGE = 1654, 2339  # A4 at 200 dots an inch


@dataclass(frozen=True)
class Scanned:
    """`size` of the letters in pixels; `noise`: deviation of grey, with a blur and a slope that goes with it."""

    what: str
    size: int
    noise: float
    slope: float


SCANS = (
    Scanned("clean, 32 px", 32, 0, 0),
    Scanned("noisy, 32 px, 1.5° crooked", 32, 30, 1.5),
    Scanned("clean, 18 px", 18, 0, 0),
    Scanned("noisy, 18 px, 1° crooked", 18, 30, -1.0),
)


def texts(data: Path, language: str, seed: int) -> list[str]:
    if language == "zh":
        found = json.loads((data / "cmrc2018_zh/cmrc2018_trial.json").read_bytes())["data"]
        passages = [paragraph["context"] for article in found for paragraph in article["paragraphs"]]
    else:
        whole = "".join((data / f"tau2_support/{name}_policy.txt").read_text() for name in ("airline", "retail"))
        passages = [part.replace("\n", " ") for part in whole.split("\n\n")]
    passages = [" ".join(p.split()) for p in passages if 80 < len(p) < 1500]
    random.Random(seed).shuffle(passages)
    return passages


def cer(truth: str, read: str) -> float:
    truth, read = ("".join(text.split()) for text in (truth, read))
    return Levenshtein.distance(truth, read) / max(1, len(truth))


def bare(line: str) -> str:
    """Without white space and widths of signs, which nobody sees in a picture."""
    return "".join(unicodedata.normalize("NFKC", line).split())


# Files of programs


def as_docx(path: Path, paragraphs: Sequence[str]) -> None:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(str(path))


def as_html(path: Path, paragraphs: Sequence[str]) -> None:
    menu = "<nav><a href=/>Home</a> <a href=/about>About us</a></nav>"
    body = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
    path.write_text(f"<html><body>{menu}<main>{body}</main><footer>© 2026</footer></body></html>", encoding="utf-8")


FONT = {
    "en": "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    "zh": "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [<< /Type "
    "/Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /W [1 95 500] /CIDSystemInfo << /Registry (Adobe) "
    "/Ordering (GB1) /Supplement 4 >> >>] >>",
}


def as_pdf(language: str) -> Callable[[Path, Sequence[str]], None]:
    """Lines wrapped at a column's width, with a header and a page number on each page; a CID font for Chinese."""
    coding = {"en": "cp1252", "zh": "utf-16-be"}[language]

    def write(path: Path, paragraphs: Sequence[str]) -> None:
        measure = ImageFont.truetype(str(FONTS[language]), 100)
        lines = [line for paragraph in paragraphs for line in (*wrapped(paragraph, measure, 4300), "")]
        pages = [lines[start : start + 45] for start in range(0, len(lines), 45)]
        parts = {1: "<< /Type /Catalog /Pages 2 0 R >>", 3: FONT[language]}
        parts[2] = (
            f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{4 + 2 * n} 0 R' for n in range(len(pages)))}] >>"
        )
        for n, page in enumerate(pages):
            placed = [(72, 810, "ACME handbook"), *((72, 780 - 16 * m, line) for m, line in enumerate(page))]
            placed += [(290, 25, str(n + 1))]
            drawn = "\n".join(
                f"BT /F 10 Tf {x} {y} Td <{line.encode(coding, 'replace').hex()}> Tj ET"
                for x, y, line in placed
                if line
            )
            resources = "/Resources << /Font << /F 3 0 R >> >>"
            parts[4 + 2 * n] = (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {resources} /Contents {5 + 2 * n} 0 R >>"
            )
            parts[5 + 2 * n] = f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream"
        # Without a table of places: a reader has to find the parts by itself, as in many files that come by mail.
        body = "".join(f"{number} 0 obj\n{part}\nendobj\n" for number, part in sorted(parts.items()))
        path.write_text(f"%PDF-1.4\n{body}trailer << /Root 1 0 R >>\n%%EOF\n")

    return write


def wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
    line = ""
    for part in re.findall(r"\s*(?:[\u2e80-\uffef]|[^\s\u2e80-\uffef]+)", text):
        if font.getlength(line + part) > width and line:
            yield line
            line = ""
        line = line + part if line else part.lstrip()
    yield line


def programs(data: Path, seed: int) -> Iterator[str]:
    for language in ("en", "zh"):
        paragraphs = texts(data, language, seed)[:60]
        kinds_of = {".docx": as_docx, ".html": as_html, ".pdf": as_pdf(language)}
        for suffix, write in kinds_of.items():
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, f"a{suffix}")
                write(path, paragraphs)
                kind = kinds.foreign(path)
                assert kind
                start = time.perf_counter()
                records = [r for r in child.read_apart(path, kinds.READERS[kind]) if not r.problem]
                seconds = time.perf_counter() - start
            read = "\n".join(str(record.values["text"]) for record in records)
            whole = sum(paragraph in read for paragraph in paragraphs) / len(paragraphs)
            error = cer("".join(paragraphs), read.replace("ACME handbook", "", 1))
            yield f"{suffix[1:]:<6}{language:<4}{error:>9.4f}{whole:>22.3f}{len(records):>9}{seconds:>9.2f}"


# Scans


def drawn(lines: Sequence[str], language: str, scan: Scanned, seed: int) -> np.ndarray:
    picture = Image.new("L", PAGE, 255)
    font = ImageFont.truetype(str(FONTS[language]), scan.size)
    for n, line in enumerate(lines):
        ImageDraw.Draw(picture).text((140, 140 + n * int(scan.size * 1.6)), line, font=font, fill=20)
    picture = picture.rotate(scan.slope, fillcolor=255, resample=Image.Resampling.BICUBIC)
    if scan.noise:
        picture = picture.filter(ImageFilter.GaussianBlur(0.8))
    grey = np.asarray(picture, dtype=np.float32)
    grey = grey + np.random.default_rng(seed).normal(0, scan.noise, grey.shape)
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def scans(data: Path, count: int, seed: int) -> Iterator[str]:
    wrong: list[bool] = []
    doubts: list[float] = []
    for language in ("en", "zh"):
        passages = texts(data, language, seed)
        for scan in SCANS:
            font = ImageFont.truetype(str(FONTS[language]), scan.size)
            lines = [line for passage in passages for line in wrapped(passage, font, PAGE[0] - 300)][:count]
            start = time.perf_counter()
            read = scanned(drawn(lines, language, scan, seed)).lines
            seconds = time.perf_counter() - start
            known = [bare(line) for line in lines]
            off = [bare(line.text) not in known for line in read]
            wrong += off
            doubts += [1 - line.score for line in read]
            error = cer("".join(lines), "".join(line.text for line in read))
            nearest = sum(
                process.extractOne(line, [r.text for r in read], score_cutoff=90) is not None for line in lines
            )
            yield f"{scan.what:<30}{language:<4}{error:>9.4f}{sum(off):>7}{nearest:>7} of {len(lines)}{seconds:>8.1f}"
    auroc = roc_auc_score(wrong, doubts) if 0 < sum(wrong) < len(wrong) else float("nan")
    yield f"confidence is lower where a line is wrong: AUROC {auroc:.3f} ({sum(wrong)} of {len(wrong)} lines wrong)"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--lines", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(f"{'file':<10}{'CER':>9}{'paragraphs whole':>22}{'records':>9}{'seconds':>9}")
    for line in programs(given.data, given.seed):
        print(line, flush=True)
    print(f"\n{'scan':<34}{'CER':>9}{'wrong':>7}{'lines found':>14}{'seconds':>8}")
    for line in scans(given.data, given.lines, given.seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
