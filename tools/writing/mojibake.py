"""Mends text that was decoded by the wrong table: by ftfy where Western tables were mixed up, by itself for GBK."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain

from workspace.words import CHINESE

FEWEST = 2  # Chinese characters that come out, before it is no accident
RUN = re.compile("[^\0-\x7f]+")
# GBK bytes read as Latin-1 (ÄãºÃ for 你好): pairs of letters that no language writes side by side.
LATIN_RUN = re.compile("(?<![A-Za-z\x80-\xff])(?:[\xa1\xa3\xb0-\xf7][\xa1-\xfe]){2,}(?![A-Za-z\x80-\xff])")
LATIN = re.compile("[\x80-\u024f]")
COMMON = re.compile("[\xb0-\xd7].|\xa1[\xa3\xa2\xb0\xb1]|\xa3[\xa8\xa9\xac\xba\xbb\xbf\xa1]", re.S)
PLAUSIBLE = re.compile("[\u4e00-\u9fff\u3000-\u303f\uff00-\uff65“”‘’…—·\0-\x7f\ufffd]*")
LOST = "\ufffd"


def unbroken(text: str, *, straight: bool = False) -> str:
    """The text as it was meant, or as it is where that is not sure. `straight`: quotes too, as ftfy does by default."""
    if text.isascii() and not straight:
        return text
    import ftfy

    if _telling().search(text):
        text = RUN.sub(_read_as_utf8, text)
    if straight:
        mended = str(ftfy.fix_text(text, normalization="NFC"))
    else:
        mended = str(ftfy.fix_encoding(text)) if ftfy.is_bad(text) else text
    if CHINESE.search(text) or (mended != text and not ftfy.is_bad(mended)):
        return mended
    read = LATIN_RUN.sub(_read_as_gbk, text)
    return mended if LATIN.search(read) else read


@cache
def _telling() -> re.Pattern[str]:
    """Characters that GBK makes of the first two bytes of a Chinese character in UTF-8; few are ever used."""
    pairs = chain.from_iterable(((lead, trail) for trail in range(0x80, 0xC0)) for lead in (*range(0xE3, 0xEA), 0xEF))
    made = (bytes(pair).decode("gbk", "ignore") for pair in pairs)
    return re.compile(f"[{''.join(sorted(set(''.join(made))))}]")


def _read_as_utf8(found: re.Match[str]) -> str:
    """浣犲ソ for 你好. Chance makes no valid UTF-8 of several Chinese characters, but some bytes may have been lost."""
    run = found.group()
    lost = run.count(LOST)
    try:
        # Windows reads a byte 0x80 that stands alone as a euro sign.
        raw = b"\x80".join(part.encode("gb18030") for part in run.replace(LOST, "?").split("€"))
    except UnicodeEncodeError:
        return run
    meant = re.sub("\ufffd+\\??", LOST, raw.decode("utf-8", "replace"))
    told = len(CHINESE.findall(meant))
    return meant if told >= max(FEWEST, 2 * lost) and meant.count(LOST) <= lost and PLAUSIBLE.fullmatch(meant) else run


def _read_as_gbk(found: re.Match[str]) -> str:
    run = found.group()
    meant = run.encode("latin-1").decode("gb2312", "replace")
    common = all(COMMON.match(run, n) for n in range(0, len(run), 2))
    return meant if common and len(CHINESE.findall(meant)) >= FEWEST and PLAUSIBLE.fullmatch(meant) else run
