"""Puts something else where personal data stood: a mark, a keyed token, or what is coarser and still useful."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

from tools.personal.finding import Found, find, plain
from tools.personal.numbers import compact
from tools.personal.shapes import COMPOUND, Kind
from workspace.project import Project
from workspace.spec import Spec

Way = Literal["mask", "hash", "generalise"]
MOST_LOOKS = 4
WAYS: tuple[Way, ...] = get_args(Way)
# Where people are used to be told by the last four which of theirs it is.
LAST_FOUR: frozenset[Kind] = frozenset({"PHONE", "CARD", "ID", "IBAN", "SSN"})
CHINESE = re.compile("[\u3400-\u9fff]")
CITY = re.compile(r"(?:[\u4e00-\u9fff]{2,8}?(?:省|自治区|特别行政区))?([\u4e00-\u9fff]{2,8}?(?:市|自治州|地区|盟))")
DAY = re.compile(r"((?:19|20)\d\d)\D{0,3}(\d\d?)\D{0,3}\d\d?")
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


@dataclass(frozen=True)
class Hiding:
    """How one project hides what it finds. The same value gives the same token there, and no other project's."""

    way: Way
    key: bytes

    def hidden(self, text: str, found: Iterable[Found]) -> str:
        """The text with a mark in place of each. An age is only made coarser: by itself it says who nobody is."""
        parts, at = [], 0
        for one in found:
            if self.hides(one.kind):
                parts += [text[at : one.start], self.mark(one)]
                at = one.end
        return "".join([*parts, text[at:]])

    def hides(self, kind: Kind) -> bool:
        return kind != "AGE" or self.way == "generalise"

    def mark(self, one: Found) -> str:
        match self.way:
            case "hash":
                return f"[{self.token(one)}]"
            case "mask":
                rest = _ending(one)
            case "generalise":
                rest = _coarser(one)
        return f"[{one.kind} {rest}]" if rest else f"[{one.kind}]"

    def token(self, one: Found) -> str:
        """PHONE_3f9c0a1b2c3d: the same for every way of writing the value. HMAC-SHA-256 (RFC 2104), cut to 48 bits;
        without the key nobody can try out all phone numbers."""
        said = f"{one.kind}\0{canonical(one)}".encode("utf-8", "surrogatepass")
        return f"{one.kind}_{hmac.new(self.key, said, hashlib.sha256).hexdigest()[:12]}"


def wanted(spec: Spec) -> Way | None:
    """How the specification wants personal data hidden, if it does."""
    return next((way for way in WAYS if spec.privacy is not None and spec.privacy.value == way), None)


def hider(project: Project, spec: Spec, *, names: bool) -> Callable[[str], str] | None:
    """What a text goes through where the specification wants personal data hidden; None where it doesn't."""
    way = wanted(spec)
    return partial(hidden, hiding(project, way), names=names) if way else None


def hidden(own: Hiding, text: str, *, names: bool) -> str:
    """The text once nothing more is found in it: what is hidden first lets the rest be seen."""
    for _ in range(MOST_LOOKS):
        before, text = text, own.hidden(text, find(text, names=names))
        if text == before:
            break
    return text


def hiding(project: Project, way: Way) -> Hiding:
    return Hiding(way, key_of(project))


def key_of(project: Project) -> bytes:
    """The project's own secret, made when it is first needed; only its owner may read it, and no export takes it."""
    path = project.place("personal.key")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        key = os.urandom(32)
        file.write(key)
    return key


def canonical(one: Found) -> str:
    """One writing for all writings of a value."""
    value = plain(one.value)
    match one.kind:
        case "PHONE":
            digits = "".join(filter(str.isdigit, re.split(r"(?i:x|ext|转)", value)[0]))
            return re.sub(r"^(?:00)?86(?=1[3-9]\d{9}$)|^00", "", digits)
        case "NAME" | "ADDRESS":
            return " ".join(value.split()).casefold() if value.isascii() else "".join(value.split()).casefold()
        case "EMAIL" | "URL":
            return value.casefold()
        case "KEY" | "CRYPTO":
            return value
        case _:
            return compact(value)


def _ending(one: Found) -> str:
    if one.kind == "NAME":
        return f"{_surname(one.value) if CHINESE.match(one.value) else one.value[0]}**"
    if one.kind in LAST_FOUR and len(last := compact(plain(one.value))) >= 8:
        return f"****{last[-4:]}"
    return ""


def _coarser(one: Found) -> str:
    value = plain(one.value)
    match one.kind:
        case "NAME":
            return _surname(value)
        case "ADDRESS":
            return city(value)
        case "BIRTH":
            return _month(value)
        case "AGE":
            tens = int(value) // 10 * 10
            return f"{tens:02}-{tens + 9}"
        case _:
            return ""


def _surname(name: str) -> str:
    if CHINESE.match(name):
        return name[:2] if name[:2] in COMPOUND else name[0]
    words = [word for word in re.findall(r"[^\W\d_]+", name) if len(word) <= 20]
    return words[-1] if len(words) > 1 else ""


def city(address: str) -> str:
    """The city of a Chinese address; of others it is not known which word is one."""
    if found := re.match("(?:北京|上海|天津|重庆)市?", address):
        return found[0]
    found = CITY.match(address)
    return found[1] if found else ""


def _month(day: str) -> str:
    """1990-05, or only the year where day and month can't be told apart."""
    if found := DAY.match(day):
        return f"{found[1]}-{int(found[2]):02}" if 1 <= int(found[2]) <= 12 else found[1]
    year = re.search(r"(?:19|20)\d\d", day)
    month = next((n for n, name in enumerate(MONTHS, 1) if name in day.lower()), None)
    return f"{year[0]}-{month:02}" if year and month else year[0] if year else ""
