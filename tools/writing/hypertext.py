"""Takes the text out of HTML that was copied with it, and leaves alone what only looks like HTML or is about it."""

from __future__ import annotations

import html
import re

INLINE = (
    "a abbr acronym b big center cite del dfn em font i ins kbd mark q s samp small span strike strong sub sup tt u"
)
BLOCK = "address article aside blockquote caption div dl dt dd fieldset figure figcaption footer form h1 h2 h3 h4 h5 h6"
BLOCK += " header li main nav ol p pre section table tbody thead tfoot tr ul"
LINES = re.compile(r"(?i)br|hr|p|div|li|tr|h[1-6]|ul|ol|table|blockquote|section|article|dt|dd|pre")
ATTRIBUTES = r"""(?:\s+[\w:-]+(?:\s*=\s*(?:"[^"<]*"|'[^'<]*'|[^\s"'<>]+))?)*\s*/?"""
TAG = re.compile(rf"(?i)<(/?)({'|'.join(f'{INLINE} {BLOCK} br hr img wbr td th col'.split())})({ATTRIBUTES})>")
UNSEEN = re.compile(r"(?is)<!--.*?-->|<(script|style)\b[^>]*>.*?</\1\s*>")
ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d{1,7}|#[xX][\dA-Fa-f]{1,6});")
LINK = re.compile(r"""(?is)<a\s[^>]*?href\s*=\s*["']?((?:https?|ftp)://[^\s"'<>]+)["']?[^>]*>(.*?)</a\s*>""")
ALONE = re.compile(r"(?i)<(?:br|hr|img|wbr)\b[^<>]*>|<p>|<li>|</p>")
# Words of somebody who means the signs themselves, and signs of a page that is meant as a page.
ABOUT = re.compile(
    r"(?i)```|<!doctype|<html|<head\b|<\?(?:xml|php)|</?\w+>`|`<|\b(?:x?html5?|css|xml|javascript|jsx|regexp?|php|"
    r"markup|web ?pages?|websites?|tags?|escap\w+|entit(?:y|ies)|source code|snippet)\b|"
    "标签|网页|网站|代码|转义|实体|前端|脚本"
)


def about_markup(text: str) -> bool:
    """Such a text, and whatever is said beside it, may mean its tags."""
    return ABOUT.search(text) is not None


def holds_markup(text: str) -> bool:
    """A tag that stands alone by its nature, a pair of one name, or a character written by name."""
    if "<" in text and ">" in text:
        if ALONE.search(text):
            return True
        opened = {tag[2].lower() for tag in TAG.finditer(text) if not tag[1]}
        if any(tag[1] and tag[2].lower() in opened for tag in TAG.finditer(text)):
            return True
    return "&" in text and ENTITY.search(text) is not None


def unwrapped(text: str) -> str:
    """What a reader of the page would see; where a link leads stands behind it in brackets."""
    if not holds_markup(text):
        return text
    text = LINK.sub(_with_address, UNSEEN.sub("", text))
    return ENTITY.sub(lambda found: html.unescape(found.group()), TAG.sub(_without, text)).replace("\xa0", " ")


def _with_address(found: re.Match[str]) -> str:
    address, said = found[1], found[2]
    return said if address in said else f"{said} ({address})"


def _without(found: re.Match[str]) -> str:
    closes, name = found[1], found[2].lower()
    if name in ("td", "th"):
        return "" if closes else "\t"
    if not LINES.fullmatch(name):
        return ""
    return "\n- " if name == "li" and not closes else "\n"
