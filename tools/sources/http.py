"""Rows of an HTTP API that answers in JSON, page after page, each failure said and none of the rows before it lost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, model_validator

from tools.base import Kit, Source
from tools.sources.paging import Page, Paging, beginning, following, lacking, settled
from tools.sources.record import Record
from tools.sources.records import Place, rows_of, stopped
from tools.sources.values import plain, scalar
from tools.sources.web import Limits, Missing, get, opened, same_host, secret_headers
from workspace.errors import UserError
from workspace.exact import json_text, strict_json
from workspace.sample import Sample, Scalar
from workspace.words import Words

if TYPE_CHECKING:
    from httpx import URL, Client

DEEPEST = 6


class Http(Source):
    """`headers` names secrets that an administrator set; `rows_at` is the dotted path to the list of rows.

    `incremental` is the column whose latest value is sent as `since_param` the next time, `overlap` seconds earlier
    for those servers that leave out rows of that very moment.
    """

    name: ClassVar[str] = "http"
    words: ClassVar[Words] = Words("rows from an HTTP address", "来自网络接口的数据")
    ordered: ClassVar[bool] = False
    url: str
    headers: dict[str, str] = {}
    params: dict[str, Scalar] = {}
    rows_at: str | None = None
    paging: Paging = Paging()
    incremental: str | None = None
    since_param: str | None = None
    since: Scalar = None
    overlap: float = Field(1, ge=0, description="Seconds")
    limit: int = Field(1_000_000, ge=1, description="Rows at most; what lies beyond is reported")
    most_pages: int = Field(10_000, ge=1)
    most_bytes: int = Field(50_000_000, ge=1, description="Of one page")
    seconds: float = Field(60, gt=0, description="For one page")
    tries: int = Field(5, ge=1, le=20)
    wait: float = Field(1, ge=0, le=60, description="Seconds before the second try; doubled each time")
    licence: str | None = None
    mapping: dict[str, str] = {}
    tables: bool = False

    @model_validator(mode="after")
    def _since_is_sent(self) -> Self:
        if self.since is not None and self.since_param is None:
            raise ValueError("since needs since_param: the parameter by which the server is told")
        return self

    def read(self, kit: Kit) -> Iterator[Sample]:
        """Rows in = rows out. Raises UserError where the first page can't be had or holds no list of rows."""
        return (row for row, _ in self.marked(kit, self.since))

    def marked(self, kit: Kit, since: Scalar) -> Iterator[tuple[Sample, Scalar]]:
        """Each row beside its value of the incremental column; in the order of the server."""
        place = Place("http", self._place(), self.licence, self.mapping, self.tables)
        with opened() as client:
            pages = _Pages(self, client, self._start(self.since if since is None else since))
            for record, row in rows_of(pages.records(), place, kit.spec):
                yield row, scalar(record.values.get(self.incremental or ""))
        if pages.broken:
            yield stopped(place, pages.broken), None

    @property
    def limits(self) -> Limits:
        return Limits(self.seconds, self.most_bytes, self.tries, self.wait)

    def _start(self, since: Scalar) -> URL:
        from httpx import URL, InvalidURL

        try:
            url = URL(self.url)
        except InvalidURL as error:
            raise UserError(
                Words(f"{self.url!r} is not an address: {error}.", f"{self.url!r} 不是有效的地址：{error}。"),
                Words("Give one that begins with https://.", "请填写以 https:// 开头的地址。"),
            ) from None
        sent: dict[str, Scalar] = {name: value for name, value in self.params.items() if value is not None}
        if self.since_param and since is not None:
            sent[self.since_param] = earlier(since, self.overlap)
        return beginning(url.copy_merge_params(sent) if sent else url, self.paging)

    def _place(self) -> str:
        """Host and path: what stands behind them may be a secret."""
        from httpx import URL, InvalidURL

        try:
            url = URL(self.url)
        except InvalidURL:
            return ""
        return url.host + url.path


class _Pages:
    """Walks through the pages. `broken` says why it ended before their end."""

    def __init__(self, source: Http, client: Client, start: URL) -> None:
        self.source, self.client, self.start = source, client, start
        self.paging, self.at, self.taken, self.broken = source.paging, source.rows_at, 0, ""
        self._headers = {"Accept": "application/json", **secret_headers(source.headers, start)}
        self._seen: set[str] = set()

    def records(self) -> Iterator[Record]:
        page, most = self._page(self.start, None), self.source.limit
        while page is not None:
            for number, row in enumerate(page.rows, self.taken - len(page.rows) + 1):
                if number > most:
                    self.broken = f"there are more than {most} rows; raise limit to read them"
                    return
                yield _record(number, row, page.number)
            onward = self._onward(page)
            page = self._page(onward, page) if onward is not None else None

    def _page(self, url: URL, before: Page | None) -> Page | None:
        """None where there is none. Raises UserError where that is the first."""
        number = before.number + 1 if before else 1
        self._seen.add(str(url))
        try:
            answer = get(self.client, url, self._headers, self.source.limits)
            body = _parsed(answer.body, url)
            self.at = found_at(body, url) if self.at is None else self.at
            rows = rows_in(body, self.at, url)
        except UserError as error:
            if before is None:
                raise
            # Some servers have nothing behind the last page, rather than an empty one.
            ended = isinstance(error, Missing) and self.paging.kind in ("page", "offset") and not lacking(before)
            self.broken = "" if ended else f"page {number}: {error.problem.en} {error.fix.en}"
            return None
        if rows and _repeats(rows, self._seen):
            self.broken = f"page {number} repeats an earlier one: the server does not heed the paging"
            return None
        self.taken += len(rows)
        page = Page(url, answer.headers, body, rows, number, self.taken)
        self.paging = settled(self.paging, page) if before is None else self.paging
        return page

    def _onward(self, page: Page) -> URL | None:
        onward = following(self.paging, page)
        if onward is None:
            left = lacking(page)
            where = f"the server says that {left} more rows are there; say in paging how they are reached"
            self.broken = where if left else ""
        elif not same_host(page.url, onward):
            self.broken = f"the next page is on another host, {onward.host}"
        elif str(onward) in self._seen:
            self.broken = f"page {page.number} leads back to an earlier one"
        elif page.number == self.source.most_pages:
            self.broken = f"there are more than {page.number} pages; raise most_pages to read them"
        return onward if not self.broken else None


def _parsed(body: bytes, url: URL) -> object:
    try:
        return strict_json(body.decode())
    except ValueError:
        raise UserError(
            Words(f"{url.host} does not answer in JSON.", f"{url.host} 返回的不是 JSON。"),
            Words("Give the address of its API, not of a page for people.", "请填写接口地址，而不是网页地址。"),
        ) from None


def rows_in(body: object, at: str, url: URL) -> list[object]:
    found = body
    for name in filter(None, at.split(".")):
        found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list):
        raise UserError(
            Words(f"The answer of {url.host} has no list at {at!r}.", f"{url.host} 的响应在 {at!r} 处没有列表。"),
            Words("Say in rows_at where the rows stand.", "请用 rows_at 说明数据所在的位置。"),
        )
    return found


def found_at(body: object, url: URL) -> str:
    """The dotted path to the one list of objects. Raises UserError with the paths where there are several or none."""
    if isinstance(body, list):
        return ""
    lists = dict(_lists(body))
    filled = [path for path, held in lists.items() if held] or list(lists)
    if len(filled) == 1:
        return filled[0]
    known = ", ".join(filled) or "-"
    raise UserError(
        Words(f"I can't tell which list of {url.host} holds the rows.", f"无法判断 {url.host} 的哪个列表是数据。"),
        Words(f"Say it in rows_at; there are: {known}.", f"请用 rows_at 说明，可选：{known}。"),
    )


def _lists(body: object, path: str = "", depth: int = 0) -> Iterator[tuple[str, list[object]]]:
    if isinstance(body, dict) and depth < DEEPEST:
        for name, value in body.items():
            yield from _lists(value, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(body, list) and all(isinstance(held, dict) for held in body):
        yield path, body


def _record(number: int, row: object, page: int) -> Record:
    if not isinstance(row, dict) or not row:
        return Record(number, {}, "not an object with columns", json_text(row), page=page)
    return Record(number, dict(flat(row)), page=page)


def flat(row: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """An object inside the row gives columns of its own, as in author.name; a list stays a list."""
    for name, value in row.items():
        if isinstance(value, dict) and value:
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, plain(value)


def _repeats(rows: list[object], seen: set[str]) -> bool:
    digest = hashlib.sha256(json_text(rows).encode()).hexdigest()
    known = digest in seen
    seen.add(digest)
    return known


def earlier(since: Scalar, seconds: float) -> Scalar:
    """The moment that much before, in the same spelling; anything but a moment stays as it is."""
    if not isinstance(since, str) or "T" not in since:
        return since
    try:
        before = (datetime.fromisoformat(since) - timedelta(seconds=seconds)).isoformat()
    except ValueError:
        return since
    return before.replace("+00:00", "Z") if since.endswith("Z") else before
