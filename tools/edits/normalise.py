"""Tidies how texts are written, and nothing of what they say: encoding, Unicode form, width, spaces, markup."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from pydantic import Field, PrivateAttr

from tools.base import Edit, Kit
from tools.writing.hypertext import about_markup, holds_markup, unwrapped
from tools.writing.mojibake import unbroken
from tools.writing.spoken import in_figures, iso_dates
from tools.writing.widths import REPEATED, less_repeated, narrowed, plainly_punctuated
from workspace.sample import Finding, Sample, Scalar
from workspace.words import CHINESE, Words

if TYPE_CHECKING:
    from collections.abc import Callable

# fmt: off
Kind: TypeAlias = Literal[
    "encoding", "breaks", "invisible", "unicode", "markup", "width", "punctuation", "repeats", "address", "script",
    "dates", "numbers", "case", "spaces",
]
Script: TypeAlias = Literal[
    "kept", "s2t", "t2s", "s2tw", "tw2s", "s2hk", "hk2s", "s2twp", "tw2sp", "t2tw", "tw2t", "t2hk", "hk2t", "t2jp",
    "jp2t",
]
# fmt: on
EMPTY = Finding(check="normalise", verdict="fail", reason="nothing in it can be seen", drops=True)
# What changes more than layout: the row that had it keeps the text as it was.
TELLING: frozenset[Kind] = frozenset({"encoding", "markup", "address", "script", "dates", "numbers", "case"})
SAID: dict[Kind, Words] = {
    "encoding": Words("characters that had been decoded wrongly were mended", "修复了乱码"),
    "markup": Words("HTML was taken out", "去掉了 HTML 标记"),
    "address": Words("addresses of pages were taken out", "去掉了网址"),
    "script": Words("the script was changed", "转换了繁简体"),
    "dates": Words("dates were written as figures", "日期改写为数字"),
    "numbers": Words("numbers were written as figures", "数目改写为数字"),
    "case": Words("capitals were made small", "大写改为小写"),
}
# Controls, signs that turn the direction of writing, and tag characters, in which text can hide.
INVISIBLE = re.compile(
    "[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# Joiners hold emoji and Indic letters together; beside Latin or Chinese they only hide.
JOINER = re.compile("(?<![^\0-\u024f\u3000-\u9fff\uff00-\uffef])[\u200c\u200d]")
# What no step changes, and how most texts are: ASCII or Chinese with single spaces, without signs of markup.
PLAIN = re.compile(r"[!-%'-;=?-~]+(?: [!-%'-;=?-~]+)*")
PLAIN_CHINESE = re.compile("[!-%'-;=?-~一-鿿，。、：；！？（）《》“”]+(?: [!-%'-;=?-~一-鿿，。、：；！？（）《》“”]+)*")
BREAKS = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
SPACES = re.compile(r"(?<=\S)[^\S\n]+")
TRAILING = re.compile(r"(?<![^\S\n])[^\S\n]+$", re.MULTILINE)  # from its first sign, or it takes the square of the time
BLANK_LINES = re.compile(r"\n{3,}")
ADDRESS = re.compile(
    r"(?:https?|ftp)://[^\s<>\"'，。；！？、（）《》【】“”\u4e00-\u9fff]+(?<![.,;:!?)\]])|\bwww\.[\w.-]+\.\w{2,}[\w/?=&%.#-]*",
    re.I,
)


class Normalise(Edit):
    """Messages, label, evidence and fields. What was done is counted in `counts`, for all rows since it was made."""

    name: ClassVar[str] = "normalise"
    words: ClassVar[Words] = Words("tidied spelling of characters and spaces", "统一字符和空白的写法")
    form: Literal["NFC", "NFKC"] = Field("NFC", description="NFKC also makes ligatures and raised figures plain")
    mojibake: bool = Field(True, description="mend text that was decoded wrongly, where it is sure")
    width: Literal["kept", "narrow"] = Field("narrow", description="full-width letters and figures")
    html: Literal["kept", "unwrapped"] = Field("unwrapped", description="where it is HTML, and nobody speaks of code")
    urls: Literal["kept", "removed", "marked"] = Field("kept", description="marked: replaced by [URL]")
    punctuation: Literal["kept", "plain"] = Field("kept", description="plain: straight quotes, hyphens, three dots")
    repeats: Literal["kept", "shortened"] = Field("shortened", description="!!!!!!!! to !!!")
    script: Script = Field("kept", description="a configuration of OpenCC: t2s, s2t, s2twp …")
    dates: Literal["kept", "iso"] = Field("kept", description="whole dates as 2008-08-08")
    numbers: Literal["kept", "figures"] = Field("kept", description="numbers in words as figures")
    case: Literal["kept", "lower"] = "kept"
    _counts: Counter[Kind] = PrivateAttr(default_factory=Counter)
    _rows: int = PrivateAttr(0)

    @property
    def counts(self) -> dict[Kind, int]:
        """Texts (a message, a label, a field) that each kind of change was made in."""
        return dict(self._counts.most_common())

    @property
    def rows_changed(self) -> int:
        return self._rows

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        """A row of which nothing is left is dropped; one whose words changed has its first text in a finding."""
        for row in rows:
            yield self._tidied(row) if row.kept else row

    def _tidied(self, row: Sample) -> Sample:
        before = _texts(row)
        if all(map(_is_plain, before)) and not self._asked:
            return row
        code = any(map(about_markup, before)) if any(map(holds_markup, before)) else False
        done = [self._steps_of(text, code) for text in before]
        after = [text for text, _ in done]
        if after == before:
            return row
        self._rows += 1
        self._counts.update(kind for _, kinds in done for kind in kinds)
        said = range(len(row.messages))
        if any(before[n] and not after[n] for n in said) or not any(after):
            return row.judged(EMPTY)
        return _with(row, after).judged(*self._findings(row, before, done))

    def tidy(self, text: str) -> str:
        """Idempotent. How a line is indented stays, for it may be code."""
        return self._steps_of(text, about_markup(text))[0]

    def _steps_of(self, text: str, code: bool) -> tuple[str, list[Kind]]:
        if _is_plain(text) and not self._asked:
            return text, []
        kinds: list[Kind] = []
        for kind, step in self._steps:
            if kind == "markup" and code:
                continue
            after = step(text)
            if after != text:
                kinds.append(kind)
                text = after
        return text, kinds

    @cached_property
    def _asked(self) -> bool:
        """Something that a plain text may need."""
        return (
            self.punctuation == "plain"
            or (self.urls, self.script, self.dates, self.numbers, self.case) != ("kept",) * 5
        )

    @cached_property
    def _steps(self) -> tuple[tuple[Kind, Callable[[str], str]], ...]:
        """What mends comes before what tidies, and spaces last, for others leave some."""
        mark = "[URL]" if self.urls == "marked" else ""
        steps: dict[Kind, tuple[bool, Callable[[str], str]]] = {
            "encoding": (self.mojibake, unbroken),
            "breaks": (True, partial(BREAKS.sub, "\n")),
            "invisible": (True, _visible),
            "markup": (self.html == "unwrapped", unwrapped),
            "unicode": (True, partial(unicodedata.normalize, self.form)),
            "width": (self.width == "narrow", narrowed),
            "punctuation": (self.punctuation == "plain", plainly_punctuated),
            "repeats": (self.repeats == "shortened", less_repeated),
            "address": (self.urls != "kept", partial(ADDRESS.sub, mark)),
            "script": (self.script != "kept", _converted(self.script) if self.script != "kept" else str),
            "dates": (self.dates == "iso", iso_dates),
            "numbers": (self.numbers == "figures", in_figures),
            "case": (self.case == "lower", str.lower),
            "spaces": (True, _spaced),
        }
        return tuple((kind, step) for kind, (wanted, step) in steps.items() if wanted)

    def _findings(self, row: Sample, before: list[str], done: list[tuple[str, list[Kind]]]) -> Iterator[Finding]:
        for name, text, (_, kinds) in zip(_names(row), before, done, strict=True):
            if telling := [kind for kind in kinds if kind in TELLING]:
                language = "zh" if CHINESE.search(text) else "en"
                reason = "; ".join(SAID[kind].to(language) for kind in telling)  # type: ignore[arg-type]
                yield Finding(check="normalise", verdict="pass", reason=reason, claim=text, column=name)


def _is_plain(text: str) -> bool:
    if not (PLAIN.fullmatch(text) or PLAIN_CHINESE.fullmatch(text)):
        return not text
    return REPEATED.search(text) is None and (text.isascii() or unbroken(text) == text)


def _texts(row: Sample) -> list[str]:
    """In the order in which `_with` puts them back."""
    fields = [value for value in row.fields.values() if isinstance(value, str)]
    return [*(m.content for m in row.messages), row.label or "", row.evidence or "", *fields]


def _names(row: Sample) -> list[str]:
    fields = [name for name, value in row.fields.items() if isinstance(value, str)]
    return [*(m.role for m in row.messages), "label", "evidence", *fields]


def _with(row: Sample, texts: list[str]) -> Sample:
    left = iter(texts)
    messages = tuple(
        m if m.content == (new := next(left)) else m.model_copy(update={"content": new}) for m in row.messages
    )
    label, evidence = next(left) or None, next(left) or None
    fields: dict[str, Scalar] = {k: next(left) if isinstance(v, str) else v for k, v in row.fields.items()}
    return row.model_copy(update={"messages": messages, "label": label, "evidence": evidence, "fields": fields})


def _visible(text: str) -> str:
    return JOINER.sub("", INVISIBLE.sub("", text))


def _spaced(text: str) -> str:
    return BLANK_LINES.sub("\n\n", TRAILING.sub("", SPACES.sub(" ", text))).strip()


@cache
def _converted(script: str) -> Callable[[str], str]:
    import opencc

    convert: Callable[[str], str] = opencc.OpenCC(script).convert
    return lambda text: text if text.isascii() else convert(text)
