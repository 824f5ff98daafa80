"""The report card as one picture, for a message or a slide: the verdict, and every system with its interval."""

from __future__ import annotations

import io
import os
import re
import secrets
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from agent.views.card import CARD, CardView, Dot, Measure, card_in
from agent.views.verdicts import Standing
from ui.panels.dots import Axis, axis_of
from workspace.words import Language, Words

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

    Font = FreeTypeFont | ImageFont

WIDTH, HEIGHT, MARGIN = 1200, 630, 64
FINE = 2  # drawn larger and made smaller, for Pillow's circles have no soft edge
# The light theme of the chat.
PAPER, INK, SOFT, LINE = "#fafaf8", "#1a1f1e", "#5c6664", "#d4d8d4"
ACCENT, GOAL, BAD = "#0b6a57", "#b26b00", "#a5312a"
OF: dict[Standing, str] = {"surely": ACCENT, "here": GOAL, "missed": BAD, "unmeasured": BAD, "open": SOFT}
# The axis from left to right, and the rows from top to bottom.
LEFT, RIGHT, TOP, BOTTOM, TALLEST = 380, 860, 302, 538, 52
VALUE, INTERVAL = 966, 990  # where the one ends, where the other begins
LINES, SIZES = 3, (32, 29, 26, 23, 20)
ABOUT = Words("{name}, with 95% intervals", "{name}，线段为 95% 区间")
NAME = Words("Tunesmith", "Tunesmith")
CJK = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
CHINESE = "成绩单微调达标"
MOST_FACES = 8
NOWHERE = "\U0010ffff"  # no font has it, so it looks as whatever a font lacks does
WORD = re.compile(r"[^\x00-\u2fff][，。；：、）]*|[^\s\u3000-\uffff]+|\s+")


def card_png(view: CardView, language: Language) -> bytes:
    """1200 by 630, the same bytes for the same view; in English where no font here has Chinese characters."""
    from PIL import Image, ImageDraw

    spoken = language if language == "en" or chinese() else "en"
    if view.language != spoken:
        view = card_in(view.folder, spoken) or view
    image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), PAPER)
    _Drawing(ImageDraw.Draw(image), spoken).card(view)
    packed = io.BytesIO()
    image.resize((WIDTH, HEIGHT), Image.Resampling.BOX).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def picture_file(view: CardView, language: Language) -> Path | None:
    """The picture beside the card, drawn where there is none of this card yet; None where it can't be written."""
    path = view.folder / f"report.{language}.png"
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        if path.exists() and path.stat().st_mtime_ns >= (view.folder / CARD).stat().st_mtime_ns:
            return path
        part.write_bytes(card_png(view, language))
        part.replace(path)
    except OSError:  # a full disk takes a picture from the panel, not the panel
        part.unlink(missing_ok=True)
        return None
    return path


class _Drawing:
    """Places are those of the finished picture."""

    def __init__(self, pen: ImageDraw, language: Language) -> None:
        self.pen, self.language = pen, language

    def card(self, view: CardView) -> None:
        self.text((MARGIN, 50), f"{NAME.to(self.language)} · {view.title}", 21, SOFT)
        colour = OF[view.verdict.standing]
        self.box((MARGIN, 74, MARGIN + 32 + self.width(view.verdict.chip, 21), 112), colour)
        self.text((MARGIN + 16, 93), view.verdict.chip, 21, "#ffffff")
        self.verdict(view.verdict.text)
        if view.measures:
            self.measure(view.measures[0])

    def verdict(self, text: str) -> None:
        """As large as it fits."""
        size, lines = next(
            (size, lines) for size in SIZES if len(lines := self.lines(text, size)) <= LINES or size == SIZES[-1]
        )
        for number, line in enumerate(lines[: LINES + 1]):
            self.text((MARGIN, 150 + number * size * 1.36), line, size, INK)

    def measure(self, measure: Measure) -> None:
        axis, rows = axis_of(measure), len(measure.dots)
        row = min(TALLEST, (BOTTOM - TOP) / rows)
        foot = TOP + row * rows
        for tick in axis.ticks:
            x = across(axis, tick)
            self.line((x, TOP, x, foot), LINE, 1)
            self.text((x, foot + 18), f"{100 * tick:g}%", 18, SOFT, "mm")
        if measure.goal is not None:
            self.goal(across(axis, measure.goal), measure.goal_shown, foot)
        for number, dot in enumerate(measure.dots):
            self.dot(dot, TOP + row * (number + 0.5), axis)
        name = measure.name[:1].upper() + measure.name[1:]
        self.text((MARGIN, 590), ABOUT.to(self.language).format(name=name), 18, SOFT)

    def goal(self, x: float, words: str, foot: float) -> None:
        for y in range(TOP - 8, round(foot), 10):
            self.line((x, y, x, min(y + 6, foot)), GOAL, 2)
        self.text((x, TOP - 20), words, 19, GOAL, "mm")

    def dot(self, dot: Dot, y: float, axis: Axis) -> None:
        own = dot.system == "tuned"
        colour = ACCENT if own else SOFT
        low, middle, high = (across(axis, value) for value in (dot.low, dot.value, dot.high))
        self.text((MARGIN, y), dot.name, 23, INK, bold=own)
        self.line((low, y, high, y), colour, 4 if own else 3)
        for x in (low, high):
            self.line((x, y - 7, x, y + 7), colour, 3)
        self.disc(middle, y, 10 if own else 8, colour)
        self.text((VALUE, y), dot.shown, 23, ACCENT if own else INK, "rm", bold=own)
        self.text((INTERVAL, y), dot.interval, 19, SOFT)

    # with the pen

    def text(
        self, at: tuple[float, float], text: str, size: int, colour: str, anchor: str = "lm", bold: bool = False
    ) -> None:
        x, y = at
        self.pen.text(
            (x * FINE, y * FINE),
            text,
            fill=colour,
            font=font(size * FINE, self.language),
            anchor=anchor,
            stroke_width=0.45 * FINE if bold else 0,
        )

    def width(self, text: str, size: int) -> float:
        return font(size * FINE, self.language).getlength(text) / FINE

    def lines(self, text: str, size: int) -> list[str]:
        """Broken between words, or Chinese characters."""
        lines = [""]
        for word in WORD.findall(text):
            if lines[-1] and self.width(lines[-1] + word, size) > WIDTH - 2 * MARGIN:
                lines.append("")
            lines[-1] += word if lines[-1] else word.lstrip()
        return lines

    def line(self, ends: tuple[float, float, float, float], colour: str, width: int) -> None:
        self.pen.line([end * FINE for end in ends], fill=colour, width=width * FINE)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        box = [part * FINE for part in (x - radius, y - radius, x + radius, y + radius)]
        self.pen.ellipse(box, fill=colour, outline=PAPER, width=2 * FINE)

    def box(self, box: tuple[float, float, float, float], colour: str) -> None:
        self.pen.rounded_rectangle([part * FINE for part in box], radius=19 * FINE, fill=colour)


def across(axis: Axis, value: float) -> float:
    return LEFT + axis.across(value) * (RIGHT - LEFT)


@cache
def font(size: int, language: Language) -> Font:
    """Pillow's own for English; for Chinese one of this machine."""
    from PIL import ImageFont

    found = chinese() if language == "zh" else None
    return ImageFont.truetype(found[0], size, index=found[1]) if found else ImageFont.load_default(size)


@cache
def chinese() -> tuple[str, int] | None:
    """(file, face) of a font that really has Chinese characters."""
    return next((found for found in (_asked(), *_usual()) if found and _has(found, CHINESE)), None)


def _usual() -> list[tuple[str, int]]:
    """Of a file with several faces the one for simplified characters, where one says so."""
    from PIL import ImageFont

    found = []
    for path in filter(os.path.exists, CJK):
        faces: dict[int, str] = {}
        for index in range(MOST_FACES):
            try:
                faces[index] = str(ImageFont.truetype(path, 20, index=index).getname()[0])
            except OSError:
                break
        found.append((path, next((index for index, name in faces.items() if name.endswith("SC")), 0)))
    return found


def _asked() -> tuple[str, int] | None:
    """What fontconfig would take."""
    if not shutil.which("fc-match"):
        return None
    try:
        command = ["fc-match", "-f", "%{file}\n%{index}", ":lang=zh-cn"]
        told = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout.split("\n")
    except (OSError, subprocess.SubprocessError):
        return None
    return (told[0], int(told[1])) if len(told) == 2 and told[1].isdigit() else None


def _has(found: tuple[str, int], text: str) -> bool:
    from PIL import ImageFont

    try:
        face = ImageFont.truetype(found[0], 20, index=found[1])
    except OSError:
        return False
    lacking = bytes(face.getmask(NOWHERE))
    return all(bytes(face.getmask(letter)) != lacking for letter in text)
