"""Tidies how texts are written, and nothing of what they say: Unicode form, invisible characters, spaces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal

from tools.base import Edit, Kit
from workspace.sample import Finding, Message, Sample
from workspace.words import Words

EMPTY = Finding(check="normalise", verdict="fail", reason="nothing in it can be seen", drops=True)
# Controls, signs that turn the direction of writing, and tag characters, in which text can hide.
INVISIBLE = re.compile(
    "[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# Joiners hold emoji and Indic letters together; beside Latin or Chinese they only hide.
JOINER = re.compile("(?<![^\0-\u024f\u3000-\u9fff\uff00-\uffef])[\u200c\u200d]")
PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
BREAKS = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
SPACES = re.compile(r"(?<=\S)[^\S\n]+")
TRAILING = re.compile(r"[^\S\n]+$", re.MULTILINE)
BLANK_LINES = re.compile(r"\n{3,}")


class Normalise(Edit):
    """`NFKC` also makes full-width letters and numbers narrow, and ligatures plain."""

    name: ClassVar[str] = "normalise"
    words: ClassVar[Words] = Words("tidied spelling of characters and spaces", "统一字符和空白的写法")
    form: Literal["NFC", "NFKC"] = "NFC"

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        """A row of which nothing is left is dropped."""
        for row in rows:
            yield self._tidied(row) if row.kept else row

    def _tidied(self, row: Sample) -> Sample:
        messages = tuple(Message(role=m.role, content=self.tidy(m.content)) for m in row.messages)
        if not all(m.content for m in messages):
            return row.judged(EMPTY)
        label = self.tidy(row.label) if row.label else row.label
        if (messages, label) == (row.messages, row.label):
            return row
        return row.model_copy(update={"messages": messages, "label": label})

    def tidy(self, text: str) -> str:
        """Idempotent. How a line is indented stays, for it may be code."""
        if PLAIN.fullmatch(text):
            return text
        text = JOINER.sub("", INVISIBLE.sub("", BREAKS.sub("\n", text)))
        text = unicodedata.normalize(self.form, text)
        text = TRAILING.sub("", SPACES.sub(" ", text))
        return BLANK_LINES.sub("\n\n", text).strip()
