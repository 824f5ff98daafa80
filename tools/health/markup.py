"""Builds HTML in which nothing but our own tags can be markup: whatever else is put in is escaped on its way."""

from __future__ import annotations

import re
from html import escape

from workspace.words import Words

NAME = re.compile(r"[a-z][a-z0-9-]*", re.I)
# Characters that turn the direction of writing could make one text look like another.
UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Html(str):
    """Markup of ours; any other string is text."""


def text(given: str) -> Html:
    return Html(escape(UNSEEN.sub("\ufffd", given), quote=True))


def tag(name: str, *inside: str, **attributes: str) -> Html:
    """`class_` is class, `view_box` viewBox, `font_size` font-size; an attribute's value is always escaped."""
    assert NAME.fullmatch(name)
    head = "".join(f' {_attribute(key)}="{text(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{head}>{joined(*inside)}</{name}>")


def joined(*parts: str) -> Html:
    return Html("".join(part if isinstance(part, Html) else text(part) for part in parts))


def both(words: Words) -> Html:
    """One text in each language; the page's switch shows one of them."""
    if words.en == words.zh:
        return text(words.en)
    return joined(tag("span", words.en, class_="en", lang="en"), tag("span", words.zh, class_="zh", lang="zh"))


def _attribute(key: str) -> str:
    name = {"view_box": "viewBox", "class_": "class", "for_": "for", "text_anchor": "text-anchor"}.get(key, key)
    return name.replace("_", "-")
