"""From one page of an API to the next, in whichever of the usual ways; found by itself where the answer shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from workspace.sample import Frozen

if TYPE_CHECKING:
    from httpx import URL

Kind = Literal["auto", "page", "offset", "cursor", "link", "next", "none"]
DEEPEST = 5
NEXT = ("next", "nexturl", "nextpage", "nextlink", "nextpageurl", "@odata.nextlink", "href")
CURSOR = ("nextcursor", "nextpagetoken", "nexttoken", "continuationtoken", "nextmarker", "aftercursor", "scrollid")
PAGE = ("page", "pageno", "pagenum", "pagenumber", "pageindex", "currentpage", "current", "p", "_page")
PAGES = ("pages", "totalpages", "lastpage", "pagecount", "pagetotal", "numpages")
OFFSET = ("offset", "skip", "start", "_start", "startat", "startindex", "from")
TOTAL = ("total", "totalcount", "count", "totalelements", "totalresults", "totalrecords", "totalitems", "numfound")
LINK = re.compile(r'<([^>]*)>((?:\s*;\s*[\w*]+\s*=\s*(?:"[^"]*"|[^\s;,]+))*)')
REL = re.compile(r';\s*rel\s*=\s*"?(?:[^";,]*\s)?next(?=[\s";,]|$)', re.IGNORECASE)


class Paging(Frozen):
    """`param` is the parameter that carries page, offset or cursor; `at` is where cursor or next address stand."""

    kind: Kind = "auto"
    param: str | None = None
    at: str | None = None
    first: int = Field(1, ge=0, description="The number of the first page")
    size_param: str | None = None
    size: int | None = Field(None, ge=1, description="Rows a page")


@dataclass(frozen=True)
class Page:
    """`taken`: how many rows have come in all, this page's among them; `number` counts from 1."""

    url: URL
    headers: Mapping[str, str]
    body: object
    rows: Sequence[object]
    number: int
    taken: int


def beginning(url: URL, paging: Paging) -> URL:
    if paging.size_param and paging.size:
        url = url.copy_set_param(paging.size_param, paging.size)
    if paging.kind == "page" and paging.param:
        url = url.copy_set_param(paging.param, paging.first)
    return url


def settled(paging: Paging, page: Page) -> Paging:
    """The way that the first page shows; `none` where it shows none."""
    if paging.kind != "auto":
        return paging
    if _linked(page):
        return paging.model_copy(update={"kind": "link"})
    known = dict(_members(page.body))
    for kind, names in (("next", NEXT), ("cursor", CURSOR)):
        for path, value in known.items():
            name = _plain(path.rpartition(".")[2])
            under = _plain(path.rpartition(".")[0].rpartition(".")[2])
            fits = _is_address(value) and (name != "href" or under == "next") if kind == "next" else _is_mark(value)
            if fits and (name in names or (kind == "cursor" and (under, name) == ("cursors", "after"))):
                param = paging.param or _parameter(path.rpartition(".")[2])
                return paging.model_copy(update={"kind": kind, "at": path, "param": param})
    return _counted(paging, page, known)


def following(paging: Paging, page: Page) -> URL | None:
    """The address of the next page, or None where this was the last."""
    match paging.kind:
        case "link":
            target = _linked(page)
            return page.url.join(target) if target else None
        case "next":
            found = dict(_members(page.body)).get(paging.at or "")
            return page.url.join(str(found)) if _is_address(found) else None
        case "cursor":
            found = dict(_members(page.body)).get(paging.at or "")
            return page.url.copy_set_param(paging.param or "cursor", str(found)) if _is_mark(found) else None
        case "page" | "offset":
            return _counted_on(paging, page)
        case _:
            return None


def lacking(page: Page) -> int:
    """How many more rows the answer says there are than have come; 0 where it does not say."""
    total = _number(page, TOTAL)
    return max(0, total - page.taken) if total is not None else 0


def _counted(paging: Paging, page: Page, known: Mapping[str, object]) -> Paging:
    asked = {_plain(name): name for name in page.url.params}
    told = {_plain(path.rpartition(".")[2]): path.rpartition(".")[2] for path in known}
    kinds: tuple[tuple[Kind, tuple[str, ...]], ...] = (("page", PAGE), ("offset", OFFSET))
    for kind, names in kinds:
        name = next((asked[n] for n in names if n in asked), None)
        if name is None and (lacking(page) or (kind == "page" and (_number(page, PAGES) or 0) > 1)):
            name = next((told[n] for n in names if n in told), None)
            name = "page" if name and _plain(name) == "currentpage" else name
        if name is not None:
            return paging.model_copy(update={"kind": kind, "param": paging.param or name})
    return paging.model_copy(update={"kind": "none"})


def _counted_on(paging: Paging, page: Page) -> URL | None:
    total, pages = _number(page, TOTAL), _number(page, PAGES)
    name = paging.param or paging.kind
    now = page.url.params.get(name)
    number = int(now) if now is not None and now.lstrip("-").isdigit() else None
    if not page.rows or (total is not None and page.taken >= total > 0):
        return None
    if paging.kind == "offset":
        return page.url.copy_set_param(name, (number or 0) + len(page.rows))
    if pages is not None and total is None and page.number >= pages:
        return None
    return page.url.copy_set_param(name, (paging.first if number is None else number) + 1)


def _number(page: Page, names: tuple[str, ...]) -> int | None:
    found = [value for path, value in _members(page.body) if _plain(path.rpartition(".")[2]) in names]
    numbers = [value for value in found if isinstance(value, int) and not isinstance(value, bool)]
    # `count` is the number of this page's rows as often as that of all.
    return max(numbers) if numbers and (names is not TOTAL or max(numbers) >= page.taken) else None


def _linked(page: Page) -> str | None:
    header = next((value for name, value in page.headers.items() if name.lower() == "link"), "")
    return next((found[1] for found in LINK.finditer(header) if REL.search(found[2])), None)


def _members(body: object, path: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    """What stands in the answer outside of its lists, by dotted path."""
    if isinstance(body, dict) and depth < DEEPEST:
        for name, value in body.items():
            yield from _members(value, f"{path}.{name}" if path else str(name), depth + 1)
    elif not isinstance(body, list | dict):
        yield path, body


def _is_address(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://", "/", "?"))


def _is_mark(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value not in ("", 0)


def _parameter(name: str) -> str:
    """next_cursor is sent back as cursor, nextPageToken as pageToken; after as after."""
    rest = re.sub(r"^(?:next|after)_?(?=[A-Za-z])", "", name)
    if _plain(name) in ("nexttoken", "continuationtoken", "scrollid") or not rest:
        return name
    return rest[0].lower() + rest[1:]


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower() if not name.startswith("_") else name.lower()
