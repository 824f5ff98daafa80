"""Masks personal data that has a form of its own, before a model or a version sees it; names and addresses it can't."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import ClassVar

from tools.base import Edit, Kit
from workspace.sample import Message, Sample, Scalar
from workspace.words import Words

# \b is no border between a digit and a Chinese character, so numbers are fenced by "no digit beside it".
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
CHINESE_ID = re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])")
CARD = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")
IBAN = re.compile(r"(?<![A-Za-z\d])[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?(?![A-Za-z\d])")
CHINESE_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
PHONE = re.compile(r"(?<![\w+])(?:\+\d{1,3}[ -]?|0)(?:\(?\d{2,4}\)?[ -]?){2,4}\d{2,4}(?!\d)")
KEY = re.compile(r"(?<!\w)(?:sk|pk|ghp|xox[bap])[-_][A-Za-z0-9_-]{16,}")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def luhn(number: str) -> bool:
    """The check digit of bank cards (ISO/IEC 7812-1)."""
    digits = [int(c) for c in number if c.isdigit()]
    doubled = [d * 2 - 9 * (d > 4) for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def chinese_id(number: str) -> bool:
    """The check character of resident identity cards (GB 11643)."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(number, WEIGHTS, strict=False)) % 11] == number[-1].upper()


def iban(number: str) -> bool:
    """The remainder that every IBAN leaves (ISO 13616)."""
    plain = number.replace(" ", "")
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _always(found: str) -> bool:
    return True


# In this order: what is longer and surer first, so that no part of a card is taken for a phone number.
KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("EMAIL", EMAIL, _always),
    ("KEY", KEY, _always),
    ("IBAN", IBAN, iban),
    ("ID", CHINESE_ID, chinese_id),
    ("CARD", CARD, luhn),
    ("PHONE", CHINESE_MOBILE, _always),
    ("PHONE", PHONE, _always),
)


class Mask(Edit):
    """Where the specification asks for it: e-mails, phones, cards, IBANs, identity cards and keys become [KIND]."""

    name: ClassVar[str] = "mask"
    words: ClassVar[Words] = Words("personal data masked", "个人信息打码")

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        wanted = kit.spec.privacy is not None and kit.spec.privacy.value == "mask"
        for row in rows:
            yield _masked(row) if wanted else row


def _masked(row: Sample) -> Sample:
    messages = tuple(Message(role=m.role, content=masked(m.content)) for m in row.messages)
    fields: dict[str, Scalar] = {k: masked(v) if isinstance(v, str) else v for k, v in row.fields.items()}
    evidence = masked(row.evidence) if row.evidence else row.evidence
    return row.model_copy(update={"messages": messages, "fields": fields, "evidence": evidence})


def masked(text: str) -> str:
    """Idempotent; every value of one kind becomes the same mark, so nothing of it is left to guess from."""
    for kind, pattern, checked in KINDS:
        text = pattern.sub(partial(_mark, kind, checked), text)
    return text


def _mark(kind: str, checked: Callable[[str], bool], found: re.Match[str]) -> str:
    return f"[{kind}]" if checked(found.group()) else found.group()
