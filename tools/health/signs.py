"""What can be seen of one text alone: that it is broken, empty, a leftover, or says nothing; and who is named in it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from tools.checks.form import LEFTOVERS
from tools.copies.likeness import folded
from tools.edits.normalise import INVISIBLE
from tools.health.report import FaultName
from tools.personal.finding import Found, find, find_all
from tools.personal.places import places
from tools.writing.hypertext import about_markup, holds_markup
from tools.writing.mojibake import unbroken
from workspace.sample import Sample

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SHOWN = 160
LEAST_TO_TELL, SURE = 40, 0.9
CONTEXT = 2048
PLACEHOLDERS = frozenset(
    "n/a na nan none null nil tbd todo undefined unknown empty blank test xxx asdf ? - -- . .. ... … "
    "无 暂无 没有 空 未知 待补充 略 同上 测试 — ——".split()
)
REFUSAL = re.compile(
    r"as an? (?:ai|artificial intelligence|large language model|language model)\b|"
    r"i(?:'m| am) (?:sorry,? but i|unable to|not able to) (?:can(?:no|')t|assist|help|provide|fulfil)|"
    r"作为(?:一个|一名|一款)?(?:AI|人工智能)|我(?:只是|是)一个(?:AI|人工智能|语言模型)|lorem ipsum",
    re.I,
)
QUESTION_MARKS = re.compile(r"\w\?{3,}\w|\ufffd|锟斤拷|烫烫烫")
SAME_SIGN = re.compile(r"^\W*(.{1,3}?)\1{3,}\W*$", re.DOTALL)
LATIN_PER_TOKEN, CHINESE_PER_TOKEN = 4.0, 1.5
# Places of a row that the file does not name.
OURS = frozenset({"findings", "label"})
SPACE = re.compile(r"\s+")
WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]")
SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
LATIN = re.compile("[A-Za-z\u00c0-\u024f]")


def shown(text: str, column: str = "") -> str:
    """On one line, short, with personal data hidden: a report goes to more people than the file.

    `column` is what a table calls the cell.
    """
    text, parts, at = text[: 4 * SHOWN], [], 0
    for one in find(text, column=column):
        parts += [text[at : one.start], f"[{one.kind}]"]
        at = one.end
    flat = SPACE.sub(" ", INVISIBLE.sub("", "".join([*parts, text[at:]]))).strip()
    return flat if len(flat) <= SHOWN else flat[:SHOWN] + "…"


def tokens(text: str) -> int:
    """A guess that needs no tokenizer."""
    wide = 0 if text.isascii() else len(WIDE.findall(text))
    return round(wide / CHINESE_PER_TOKEN + (len(text) - wide) / LATIN_PER_TOKEN)


def script(text: str) -> str:
    """The language that the letters alone tell; "latin" for the many that share one alphabet, "" for no letters."""
    if text.isascii():
        return "latin" if LATIN.search(text) else ""
    counts = {name: len(letters.findall(text)) for name, letters in SCRIPTS}
    if counts["ja"] * 8 > counts["zh"] and counts["ja"] > 1:
        return "ja"
    best = max(counts, key=lambda name: counts[name])
    latin = len(LATIN.findall(text))
    # One Chinese character says about as much as two or three Latin letters.
    return best if counts[best] and counts[best] * 3 > latin else "latin" if latin else ""


def signs(row: Sample) -> Iterator[FaultName]:
    """Each fault of a row that was read, once."""
    texts = [m.content for m in row.messages] or [str(v) for v in row.fields.values() if isinstance(v, str)]
    if any(map(_broken, texts)):
        yield "broken_text"
    if any(map(holds_markup, texts)) and not any(map(about_markup, texts)):
        yield "markup"
    if not row.messages:
        return
    question, answer = row.question, row.answer
    if is_placeholder(question) or (answer and is_placeholder(answer) and answer != row.label):
        yield "placeholder"
    elif _says_nothing(question) or (answer and answer != row.label and _says_nothing(answer)):
        yield "low_information"
    if answer and row.label is None and len(answer) > 1 and folded(question) == folded(answer):
        yield "copied_answer"
    if any(REFUSAL.search(text) or any(p.search(text) for p in LEFTOVERS) for text in texts):
        yield "leftovers"
    if any(map(_repeats, texts)):
        yield "repetition"
    if sum(map(tokens, texts)) > CONTEXT:
        yield "too_long"


def is_placeholder(text: str) -> bool:
    plain = text.strip().lower()
    return plain.strip("()（）[]<>。.!！") in PLACEHOLDERS or not any(map(str.isalnum, plain))


def _broken(text: str) -> bool:
    """What can be mended, and what is lost for good."""
    if INVISIBLE.search(text) or (("???" in text or not text.isascii()) and QUESTION_MARKS.search(text)):
        return True
    return not text.isascii() and unbroken(text) != text


def _says_nothing(text: str) -> bool:
    """Hardly a letter, or one sign over and over."""
    letters = sum(map(str.isalpha, text))
    if len(text) >= 8 and SAME_SIGN.match(text):
        return True
    return len(text) >= 12 and letters * 4 < len(text) and not re.search(r"\d", text)


def _repeats(text: str) -> bool:
    """Hundreds of characters that compress to almost nothing."""
    if len(text) < 200:
        return False
    raw = text.encode("utf-8", "replace")
    return len(zlib.compress(raw, 1)) * 10 < len(raw)


def personal(row: Sample) -> Iterator[Found]:
    """Everything personal that has a form of its own, or stands in a column that is named after it."""
    standing = [place for place in places(row) if place.text and place.name not in OURS]
    for found in find_all([p.text for p in standing], columns=[p.column for p in standing]):
        yield from found


def hidden(value: str) -> str:
    """Enough to find it again in the file, too little to use."""
    return f"{value[:2]}{'•' * min(8, max(3, len(value) - 4))}{value[-2:]}" if len(value) > 6 else "•" * len(value)


def latin_language(text: str) -> str:
    """ISO 639-1 of a text in Latin letters, or "" where that is not sure (byte n-grams, Lui and Baldwin 2012)."""
    if len(text) < LEAST_TO_TELL:
        return ""
    name, sure = _identifier().classify(text[:400])
    return str(name) if sure >= SURE else ""


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
