"""Rows of an API arrive page by page whichever way it counts them, and nothing makes us call inside the network."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.served import Asked, Reply, Script, Served
from tools.base import Kit
from tools.sources import web
from tools.sources.http import Http, earlier
from tools.sources.records import STOPPED
from workspace.errors import UserError
from workspace.sample import Sample
from workspace.settings import settings

Serve = Callable[[Script], Served]
ROWS = [{"id": n, "text": f"text {n}", "label": "ab"[n % 2]} for n in range(1, 26)]


def http(served: Served, path: str = "/rows", **more: object) -> Http:
    return Http.model_validate({"url": served.url + path, "wait": 0.01, **more})


def ids(rows: list[Sample]) -> list[object]:
    return [row.fields.get("id") for row in rows if row.kept]


def whole(rows: list[Sample]) -> bool:
    return ids(rows) == [row["id"] for row in ROWS] and all(row.kept for row in rows)


def part(asked: Asked, name: str, size: int = 10) -> tuple[int, list[dict[str, Any]]]:
    number = int(asked.query.get(name, 1))
    return number, ROWS[(number - 1) * size : number * size]


def link(asked: Asked) -> Reply:
    number, rows = part(asked, "page")
    onward = (
        f'</rows?page={number + 1}>; rel="next", </rows?page=3>; rel=last' if number < 3 else '</rows>; rel="first"'
    )
    return Reply(rows, headers={"Link": onward})


def next_url(asked: Asked) -> object:
    number, rows = part(asked, "n")
    onward = f"http://{asked.headers['host']}/rows?n={number + 1}" if number < 3 else None
    return {"count": 25, "next": onward, "previous": None, "results": rows}


def hal(asked: Asked) -> object:
    number, rows = part(asked, "n")
    links = {"self": {"href": "/rows"}} | ({"next": {"href": f"/rows?n={number + 1}"}} if number < 3 else {})
    return {"_links": links, "_embedded": {"items": rows}}


def cursor(asked: Asked) -> object:
    start = int(asked.query.get("cursor", "c0")[1:])
    more = {"next_cursor": f"c{start + 10}"} if start + 10 < len(ROWS) else {"next_cursor": ""}
    return {"data": ROWS[start : start + 10], "response_metadata": more}


def token(asked: Asked) -> object:
    start = int(asked.query.get("pageToken", "0"))
    more = {"nextPageToken": str(start + 10)} if start + 10 < len(ROWS) else {}
    return {"items": ROWS[start : start + 10], **more}


def numbered(asked: Asked) -> object:
    number, rows = part(asked, "page")
    return {"page": number, "per_page": 10, "total": 25, "total_pages": 3, "data": rows}


def chinese(asked: Asked) -> object:
    number, rows = part(asked, "pageNum")
    return {"code": 0, "msg": "成功", "data": {"pageNum": number, "pages": 3, "total": 25, "list": rows}}


def offset(asked: Asked) -> object:
    start = int(asked.query.get("offset", 0))
    return {"offset": start, "limit": 10, "total": 25, "rows": ROWS[start : start + 10]}


@pytest.mark.parametrize("answer", [link, next_url, hal, cursor, token, numbered, chinese, offset])
def test_the_way_to_the_next_page_is_found_by_itself(bare: Kit, serve: Serve, answer: Script) -> None:
    served = serve(answer)
    rows = list(http(served).read(bare))
    assert whole(rows)
    assert len(served.asked) == 3
    assert rows[0].origin.model_dump(exclude_none=True) == {
        "source": "http",
        "file": "127.0.0.1/rows",
        "page": 1,
        "row": 1,
    }


@pytest.mark.parametrize("last", [[], Reply(status=404)])
def test_pages_that_are_counted_in_the_address_end_with_an_empty_one(bare: Kit, serve: Serve, last: object) -> None:
    served = serve(lambda asked: part(asked, "page")[1] or last)
    assert whole(list(http(served, "/rows?page=1").read(bare)))
    told = http(served, paging={"kind": "page", "param": "page", "first": 1, "size_param": "size", "size": 10})
    assert whole(list(told.read(bare)))
    assert served.asked[-1].query == {"size": "10", "page": "4"}


def test_a_plain_list_is_one_page(bare: Kit, serve: Serve) -> None:
    served = serve(lambda asked: ROWS)
    assert whole(list(http(served, params={"kind": "all"}).read(bare)))
    assert [asked.query for asked in served.asked] == [{"kind": "all"}]


def test_rows_that_the_answer_counts_and_does_not_give_are_reported(bare: Kit, serve: Serve) -> None:
    *rows, last = http(serve(lambda asked: {"total": 100, "hits": ROWS})).read(bare)
    assert len(rows) == 25
    assert last.dropped_by.check == STOPPED
    assert "75 more rows" in last.dropped_by.reason


def test_objects_inside_a_row_are_columns_and_lists_stay_lists(bare: Kit, serve: Serve) -> None:
    body = {"data": [{"id": 1, "attributes": {"body": "hello", "by": {"name": "Zoë"}}, "tags": ["a"], "none": {}}]}
    served = serve(lambda asked: body)
    source = http(served, mapping={"attributes.body": "question", "attributes.by.name": "answer"})
    (row,) = source.read(bare)
    assert (row.question, row.answer) == ("hello", "Zoë")
    assert row.fields == {"id": 1, "tags": '["a"]', "none": "{}"}


def test_several_lists_are_not_guessed_among(bare: Kit, serve: Serve) -> None:
    served = serve(lambda asked: {"rows": ROWS, "authors": [{"id": 1}]})
    with pytest.raises(UserError, match="rows, authors"):
        list(http(served).read(bare))
    assert whole(list(http(served, rows_at="rows").read(bare)))


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(b"<html>sign in</html>"), "does not answer in JSON"),
        (Reply(b'[{"a": NaN}]'), "does not answer in JSON"),
        (Reply({"error": "no"}), "which list"),
        (Reply(status=403), "without a key"),
        (Reply(status=404), "nothing at"),
        (Reply(status=418), "status 418"),
    ],
)
def test_a_first_page_that_is_none_is_said(bare: Kit, serve: Serve, reply: Reply, why: str) -> None:
    with pytest.raises(UserError, match=why):
        list(http(serve(lambda asked: reply)).read(bare))


def test_a_row_that_is_no_object_is_refused_alone(bare: Kit, serve: Serve) -> None:
    rows = list(http(serve(lambda asked: [ROWS[0], 7, {}, ROWS[1]])).read(bare))
    assert [row.kept for row in rows] == [True, False, False, True]
    assert rows[1].dropped_by.reason == "row 2: not an object with columns"


class TestTrouble:
    def test_a_busy_server_is_asked_again_when_it_says(self, bare: Kit, serve: Serve) -> None:
        queue = [Reply(status=429, headers={"Retry-After": "0.2"}), Reply(status=503), Reply(b"[", cut=0), Reply(ROWS)]
        served = serve(lambda asked: queue.pop(0))
        started = time.monotonic()
        assert whole(list(http(served).read(bare)))
        assert time.monotonic() - started >= 0.2
        assert len(served.asked) == 4

    def test_a_date_to_wait_for_that_is_far_off_is_passed_on(self, bare: Kit, serve: Serve) -> None:
        at = email.utils.formatdate(time.time() + 3600, usegmt=True)
        served = serve(lambda asked: Reply(status=429, headers={"Retry-After": at}))
        with pytest.raises(UserError, match=r"Try again in 3[56]\d\d seconds"):
            list(http(served).read(bare))
        assert len(served.asked) == 1

    def test_a_page_that_keeps_failing_costs_none_of_the_rows_before(self, bare: Kit, serve: Serve) -> None:
        served = serve(lambda asked: Reply(status=500) if asked.query.get("page") == "2" else link(asked))
        *rows, last = http(served, tries=3).read(bare)
        assert ids(rows) == list(range(1, 11))
        assert last.dropped_by.check == STOPPED
        assert "page 2" in last.dropped_by.reason
        assert "Try again later" in last.dropped_by.reason
        assert len(served.asked) == 4

    def test_a_page_that_comes_again_for_ever_is_noticed(self, bare: Kit, serve: Serve) -> None:
        served = serve(lambda asked: {"rows": ROWS, "next_cursor": f"c{time.monotonic()}"})
        *rows, last = http(served).read(bare)
        assert ids(rows) == [row["id"] for row in ROWS]
        assert "repeats an earlier one" in last.dropped_by.reason
        assert len(served.asked) == 2

    def test_empty_pages_in_a_circle_are_noticed(self, bare: Kit, serve: Serve) -> None:
        served = serve(lambda asked: {"rows": [] if asked.query else ROWS, "next_cursor": "c1"})
        *rows, last = http(served).read(bare)
        assert len(rows) == 25
        assert "leads back" in last.dropped_by.reason

    def test_rows_and_pages_have_an_end(self, bare: Kit, serve: Serve) -> None:
        def endless(asked: Asked) -> object:
            number = int(asked.query.get("page", 1))
            return [{"id": number, "text": f"t{number}", "label": "x"}]

        served = serve(endless)
        *rows, last = http(served, "/rows?page=1", most_pages=4).read(bare)
        assert (len(rows), len(served.asked)) == (4, 4)
        assert "more than 4 pages" in last.dropped_by.reason
        *rows, last = http(served, "/rows?page=1", limit=2).read(bare)
        assert len(rows) == 2
        assert "more than 2 rows" in last.dropped_by.reason

    def test_an_answer_that_is_too_large_is_cut_off(self, bare: Kit, serve: Serve) -> None:
        with pytest.raises(UserError, match="larger than 1 MB"):
            list(http(serve(lambda asked: Reply(b"[" + b" " * 3_000_000 + b"]")), most_bytes=1_000_000).read(bare))


class TestSafety:
    @pytest.mark.parametrize(
        "url",
        [
            *("http://127.0.0.1:9/x", "http://localhost/x", "http://169.254.169.254/latest/meta-data", "http://[::1]/"),
            *("http://10.0.0.1/", "http://192.168.1.1/", "http://0.0.0.0/", "http://[::ffff:10.0.0.1]/"),
            *(
                "http://2130706433/",
                "http://0x7f.1/",
                "http://[64:ff9b::7f00:1]/",
                "http://100.64.0.1/",
                "http://[fd00::1]/",
            ),
        ],
    )
    def test_addresses_inside_the_network_are_not_called(self, bare: Kit, url: str) -> None:
        with pytest.raises(UserError, match="inside the network"):
            list(Http(url=url, wait=0).read(bare))

    @pytest.mark.parametrize(
        "url", ["file:///etc/passwd", "ftp://example.com/x", "gopher://x/", "http://me:pw@example.com/"]
    )
    def test_only_http_and_no_password_in_the_address(self, bare: Kit, url: str) -> None:
        with pytest.raises(UserError, match="only http and https"):
            list(Http(url=url, wait=0).read(bare))

    def test_a_name_that_points_inside_is_not_called(self, bare: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(web.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("10.1.2.3", 80))])
        with pytest.raises(UserError, match="inside the network"):
            list(Http(url="http://rebind.example.com/", wait=0).read(bare))

    def test_the_address_that_was_looked_up_is_the_one_called(
        self, bare: Kit, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        served = serve(lambda asked: ROWS)
        port = served.host.rpartition(":")[2]
        monkeypatch.setenv("TUNESMITH_PRIVATE_HOSTS", "api.example.com")
        settings.cache_clear()
        monkeypatch.setattr(web.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", int(port)))])
        assert whole(list(Http(url=f"http://api.example.com:{port}/rows").read(bare)))
        assert served.asked[0].headers["host"] == f"api.example.com:{port}"

    @pytest.mark.parametrize(
        "elsewhere", ["http://127.0.0.1:1/rows", "http://169.254.169.254/", "https://example.com/"]
    )
    def test_another_host_is_not_followed_to(self, bare: Kit, serve: Serve, elsewhere: str) -> None:
        served = serve(lambda asked: Reply(status=302, headers={"Location": elsewhere}))
        with pytest.raises(UserError, match="sends us on to"):
            list(http(served).read(bare))
        served = serve(lambda asked: Reply(ROWS, headers={"Link": f'<{elsewhere}>; rel="next"'}))
        *rows, last = http(served).read(bare)
        assert whole(rows)
        assert "another host" in last.dropped_by.reason

    def test_the_same_host_is(self, bare: Kit, serve: Serve) -> None:
        served = serve(lambda asked: ROWS if asked.path == "/new" else Reply(status=301, headers={"Location": "/new"}))
        assert whole(list(http(served).read(bare)))
        round_and_round = serve(lambda asked: Reply(status=301, headers={"Location": asked.path}))
        with pytest.raises(UserError, match="without end"):
            list(http(round_and_round).read(bare))

    def test_a_secret_goes_to_its_own_host_alone(
        self, bare: Kit, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        served, other = serve(lambda asked: ROWS), serve(lambda asked: ROWS)
        monkeypatch.setenv("TUNESMITH_SECRET_CRM", f"{served.host} Bearer very-secret")
        settings.cache_clear()
        rows = list(http(served, headers={"Authorization": "crm"}).read(bare))
        assert served.asked[0].headers["authorization"] == "Bearer very-secret"
        assert not any("very-secret" in row.model_dump_json() for row in rows)
        with pytest.raises(UserError, match="no secret 'crm'") as caught:
            list(http(other, headers={"Authorization": "crm"}).read(bare))
        assert "very-secret" not in str(caught.value)
        assert other.asked == []
        monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
        with pytest.raises(UserError, match="no secret"):
            list(http(served, headers={"Authorization": "OPENAI_API_KEY"}).read(bare))


def test_what_is_new_is_asked_for_a_moment_earlier(bare: Kit, serve: Serve) -> None:
    served = serve(lambda asked: [{**ROWS[0], "at": "2024-05-01T00:00:00Z"}])
    source = http(served, incremental="at", since_param="after", overlap=2)
    ((_, mark),) = source.marked(bare, None)
    assert mark == "2024-05-01T00:00:00Z"
    list(source.marked(bare, mark))
    assert [asked.query for asked in served.asked] == [{}, {"after": "2024-04-30T23:59:58Z"}]


@pytest.mark.parametrize(
    ("since", "before"),
    [
        (17, 17),
        ("2024-01-01", "2024-01-01"),
        ("later", "later"),
        ("2024-01-01T00:00:01+08:00", "2024-01-01T00:00:00+08:00"),
    ],
)
def test_only_a_moment_is_put_earlier(since: str | int, before: str | int) -> None:
    assert earlier(since, 1) == before


def test_https_keeps_the_name_for_the_certificate(bare: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[httpx.Request] = []

    def send(_: object, request: httpx.Request, **__: object) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b"[]", request=request)

    monkeypatch.setattr(httpx.Client, "send", send)
    monkeypatch.setattr(web.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("93.184.215.14", 443))])
    list(Http(url="https://example.com/rows").read(bare))
    assert (seen[0].url.host, seen[0].extensions["sni_hostname"]) == ("93.184.215.14", "example.com")
