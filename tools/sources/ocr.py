"""Text off a picture: each line in the order a person reads it, with how surely it was read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tools.sources.layout import Piece, deskewed, in_order
from tools.sources.record import Record
from workspace.errors import UserError
from workspace.words import Words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image
    from rapidocr import RapidOCR

    Pixels = NDArray[np.uint8]

LARGEST = 80_000_000  # pixels
# Lines are looked for in a smaller picture than the one they are read from: memory goes with the first.
LOOKED_AT, READ_AT = 960, 2000
THREADS = 2
DOUBTFUL = 0.85
UPSIDE_DOWN = 0.75
LONG = 2.5
PAGED = ("TIFF",)
# A bracket of another width than its partner is misread: in print the two hardly differ.
BRACKETS = ((re.compile(r"（([^（）()]*)\)"), r"（\1）"), (re.compile(r"\(([^（）()]*)）"), r"（\1）"))


@dataclass(frozen=True, slots=True)
class Scan:
    """Lines in the order a person reads them."""

    lines: tuple[Piece, ...]

    def record(self, number: int, page: int | None) -> Record:
        """Its confidence is the mean over the lines; those below DOUBTFUL are named in a column of their own."""
        if not self.lines:
            return Record(number, {}, "no text was found in the picture", page=page)
        doubtful = [
            f"{n} ({line.score:.2f}): {line.text}" for n, line in enumerate(self.lines, 1) if line.score < DOUBTFUL
        ]
        named = {"doubtful lines": "\n".join(doubtful)} if doubtful else {}
        confidence = sum(line.score for line in self.lines) / len(self.lines)
        text = "\n".join(line.text for line in self.lines)
        return Record(number, {"text": text, **named}, page=page, confidence=round(confidence, 3))


def read(path: Path) -> Iterator[Record]:
    """A record a page of the picture, `page` only where it has several.

    Raises UserError where it is no picture, or one too large to look at.
    """
    from PIL import Image, ImageSequence

    Image.MAX_IMAGE_PIXELS = None  # LARGEST is checked before a pixel is decoded.
    try:
        with Image.open(path) as picture:
            several = picture.format in PAGED and getattr(picture, "n_frames", 1) > 1
            for number, frame in enumerate(ImageSequence.Iterator(picture), 1):
                yield _page(frame, number, number if several else None, path)
                if not several:
                    return
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise _unreadable(path, str(error)) from error


def scanned(pixels: Pixels) -> Scan:
    """The text of a picture (height, width, BGR), whichever way up it lies."""
    found = _read_long(pixels)
    tall = sum(piece.height > 1.5 * piece.width for piece in found if len(piece.text) > 1)
    turns = (1, 3) if tall * 2 > len(found) else (2,) if found and _confidence(found) < UPSIDE_DOWN else ()
    for turn in turns:
        found = max(found, _read_long(_turned(pixels, turn)), key=_confidence)
    return Scan(tuple(in_order(deskewed(found))))


def _page(frame: Image, number: int, page: int | None, path: Path) -> Record:
    if frame.width * frame.height > LARGEST:
        raise _unreadable(path, f"it has {frame.width} × {frame.height} pixels, more than {LARGEST // 10**6} million")
    return scanned(_pixels(frame)).record(number, page)


def _pixels(picture: Image) -> Pixels:
    import numpy as np
    from PIL import Image, ImageOps

    if picture.mode.startswith(("I", "F")):
        grey = np.asarray(picture, dtype=np.float32)
        low, high = float(grey.min()), float(grey.max())
        picture = Image.fromarray(((grey - low) * (255 / max(high - low, 1))).astype(np.uint8))
    picture = ImageOps.exif_transpose(picture)
    if picture.has_transparency_data:
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture.convert("RGBA"))
    return np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:, :, ::-1])


def _turned(pixels: Pixels, quarters: int) -> Pixels:
    import numpy as np

    return np.ascontiguousarray(np.rot90(pixels, quarters))


def _confidence(found: Sequence[Piece]) -> float:
    letters = sum(len(piece.text) for piece in found)
    return sum(piece.score * len(piece.text) for piece in found) / letters if letters else 0.0


# A long screenshot is read in pieces, for as a whole it would be shrunk until nobody can read it.


def _read_long(pixels: Pixels) -> list[Piece]:
    height, width = pixels.shape[:2]
    if height <= LONG * max(width, 400):
        return _read(pixels)
    found: list[Piece] = []
    start = 0
    while start < height:
        end = _emptiest(pixels, start + int(1.2 * max(width, 400)), start + int(1.5 * max(width, 400)))
        found += [piece.lower(start) for piece in _read(pixels[start:end])]
        start = end
    return found


def _emptiest(pixels: Pixels, low: int, high: int) -> int:
    """The row between the two that is most like one colour: a place to cut."""
    if high >= len(pixels):
        return len(pixels)
    return low + int(pixels[low:high].std(axis=(1, 2)).argmin()) + 1


def _read(pixels: Pixels) -> list[Piece]:
    import cv2

    side = max(pixels.shape[:2])
    scale = min(2.0, LOOKED_AT / side) if side < LOOKED_AT else min(1.0, READ_AT / side)
    if scale != 1:
        how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
        pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=how)  # type: ignore[assignment]
    result = _engine()(pixels)
    if result.boxes is None or result.txts is None or result.scores is None:
        return []
    found = zip(result.boxes.tolist(), result.txts, result.scores, strict=True)
    return [Piece.of(corners, _mended(text), float(score)) for corners, text, score in found if text.strip()]


def _mended(text: str) -> str:
    for pattern, pair in BRACKETS:
        text = pattern.sub(pair, text)
    return text.strip()


@cache
def _engine() -> RapidOCR:
    """PP-OCRv6 small, whose models lie in the package: Chinese, English and figures."""
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            # A line that is hardly legible is named, not left out.
            "Global.text_score": 0.0,
            "Global.use_cls": False,
            "Global.log_level": "error",
            "Global.max_side_len": READ_AT,
            "Det.limit_type": "max",
            "Det.limit_side_len": LOOKED_AT,
            "Rec.rec_batch_num": 1,
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _unreadable(path: Path, why: str) -> UserError:
    return UserError(
        Words(f"The picture {path.name} can't be read: {why}.", f"无法读取图片 {path.name}：{why}。"),
        Words(
            "Open it in a program for pictures, save it as PNG at a usual size and send that.",
            "请用看图软件打开，按常规尺寸另存为 PNG 后再发送。",
        ),
    )
