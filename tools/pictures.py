"""Pictures turned a little or cut a little smaller, as other photographs of the same thing would be."""

from __future__ import annotations

import random
from pathlib import Path

WIDEST = 30.0  # degrees
LEAST = 0.75  # of each side stays when a picture is cut
MOST_PIXELS = 50_000_000


def turned(source: Path, target: Path, rng: random.Random) -> bool:
    """By up to 30 degrees either way, the corners filled with the colour at its edge; False for what is no picture."""
    return _changed(source, target, rng, turn=True)


def cut(source: Path, target: Path, rng: random.Random) -> bool:
    """To a part of it, brought back to its size; False for what is no picture."""
    return _changed(source, target, rng, turn=False)


def _changed(source: Path, target: Path, rng: random.Random, turn: bool) -> bool:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(source) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return False
            picture = opened.convert("RGBA" if "A" in opened.getbands() else "RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return False
    width, height = picture.size
    if turn:
        degrees = rng.uniform(WIDEST / 6, WIDEST) * rng.choice((-1, 1))
        edge = picture.getpixel((0, 0))
        picture = picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=edge)
    else:
        across, down = (max(1, round(side * rng.uniform(LEAST, 0.95))) for side in (width, height))
        left, top = rng.randint(0, width - across), rng.randint(0, height - down)
        picture = picture.crop((left, top, left + across, top + down)).resize((width, height))
    target.parent.mkdir(parents=True, exist_ok=True)
    picture.save(target, "PNG")
    return True
