"""Check digits: what tells a card, an identity number or an account from any other row of digits."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from datetime import date

PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
IBAN_COUNTRIES = frozenset(
    "AD AE AL AT AZ BA BE BG BH BI BR BY CH CR CY CZ DE DJ DK DO EE EG ES FI FK FO FR GB GE GI GL GR GT HN HR HU IE "
    "IL IQ IS IT JO KW KZ LB LC LI LT LU LV LY MC MD ME MK MN MR MT MU NI NL NO OM PK PL PS PT QA RO RS RU SA SC SD "
    "SE SI SK SM SO ST SV TL TN TR UA VA VG XK YE".split()
)
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
# What the cards of each scheme begin with, and how long they are (ISO/IEC 7812; UnionPay also issues under 9558).
CARDS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}|"
    r"6011\d{12}|65\d{14}|64[4-9]\d{13}|62\d{14,17}|(?:955[89]|60[0-35-9]\d|69\d\d)\d{12,15}|(?:50|5[6-8]|6\d)\d{10,17}"
)


def compact(number: str) -> str:
    """Letters and digits alone, in capitals."""
    return "".join(filter(str.isalnum, number)).upper()


def luhn(number: str) -> bool:
    """The check digit of bank cards (ISO/IEC 7812-1)."""
    digits = [int(c) for c in number if c.isdigit()]
    doubled = [d * 2 - 9 * (d > 4) for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def card(number: str) -> bool:
    """A number some scheme could have issued: nine in ten others fail Luhn, and most of the rest begin otherwise."""
    plain = compact(number)
    return CARDS.fullmatch(plain) is not None and len(set(plain)) > 1 and luhn(plain)


def a_day(year: str, month: str, day: str) -> bool:
    try:
        return 1880 <= date(int(year), int(month), int(day)).year <= date.today().year
    except ValueError:
        return False


def chinese_id_shape(number: str) -> bool:
    """Province and day of birth are possible ones, whatever the check character says."""
    plain = compact(number)
    if plain[:2] not in PROVINCES:
        return False
    born = plain[6:14] if len(plain) == 18 else "19" + plain[6:12]
    return a_day(born[:4], born[4:6], born[6:])


def chinese_id(number: str) -> bool:
    """The resident identity number: of 18 places with the check character of GB 11643, or of 15 without one."""
    plain = compact(number)
    return chinese_id_shape(plain) and (len(plain) == 15 or check_character(plain[:17]) == plain[17])


def check_character(first: str) -> str:
    """The last place of a resident identity number, from the 17 before it."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(first, ID_WEIGHTS, strict=True)) % 11]


def uscc(number: str) -> bool:
    """The unified social credit code of a Chinese organisation or shop (GB 32100)."""
    plain = compact(number)
    if len(plain) != 18 or any(c not in USCC_LETTERS for c in plain):
        return False
    if plain[0] not in "159AGNY" or plain[2:4] not in PROVINCES | {"10"}:  # who registered it, and where
        return False
    return uscc_check(plain[:17]) == plain[17]


def uscc_check(first: str) -> str:
    total = sum(USCC_LETTERS.index(c) * w for c, w in zip(first, USCC_WEIGHTS, strict=True))
    return USCC_LETTERS[-total % 31]


def iban(number: str) -> bool:
    """The remainder that every IBAN leaves (ISO 13616)."""
    plain = compact(number)
    return (
        plain[:2] in IBAN_COUNTRIES
        and 15 <= len(plain) <= 34
        and int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1
    )


def ssn(number: str) -> bool:
    """A number that the US Social Security Administration could have given."""
    plain = compact(number)
    return plain[:3] not in ("000", "666") and plain[0] != "9" and plain[3:5] != "00" and plain[5:] != "0000"


def address(number: str) -> bool:
    """An IP address that could be somebody's: neither this machine nor everybody."""
    try:
        found = ipaddress.ip_address(number)
    except ValueError:
        return False
    return not (found.is_loopback or found.is_unspecified or found.is_multicast or number == "255.255.255.255")


def bitcoin(number: str) -> bool:
    """Base58Check of Bitcoin and Tron addresses; bech32 and hexadecimal ones are told by their shape alone."""
    if number.startswith(("bc1", "0x")):
        return True
    value = 0
    for letter in number:
        if letter not in BASE58:
            return False
        value = value * 58 + BASE58.index(letter)
    raw = value.to_bytes(25, "big") if value < 1 << 200 else b""
    return bool(raw) and hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]
