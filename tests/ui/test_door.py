"""Who comes in to the chat by which route: each that the served app has, as owner, another user and nobody."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest

from tests.ui.visitor import Place, Visitor
from ui.chat import app_of
from workspace.members import invite
from workspace.project import Project

Rule = Literal["open", "page", "shut", "people", "file", "offered"]
# Every route of the app, ours and Gradio's, by its template; what a newer Gradio brings is missing here until somebody
# has looked at it. open: for everybody. page: the page itself, or to the sign-in page. people: whoever signed in.
# file, offered: those whose it is. shut: nobody.
ROUTES: dict[str, Rule] = {
    "/sign-in": "open",
    "/health": "open",
    "/sign-out": "people",
    "/offered/{token}/{name}": "offered",
    "/": "page",
    "/theme.css": "people",
    "/favicon.ico": "people",
    "/assets/{path:path}": "people",
    "/static/{path:path}": "people",
    "/gradio_api/heartbeat/{session_hash}": "people",
    "/gradio_api/upload": "people",
    "/gradio_api/run/{api_name}": "people",
    "/gradio_api/file={path_or_url:path}": "file",
    **dict.fromkeys(
        (
            "/config/ /config /login /login/ /logout /svelte/{path:path} /robots.txt /pwa_icon /pwa_icon/{size} "
            "/manifest.json /monitoring /monitoring/summary /monitoring/{key} /gradio_api/user /gradio_api/user/ "
            "/gradio_api/login_check /gradio_api/login_check/ /gradio_api/token /gradio_api/token/ /gradio_api/app_id "
            "/gradio_api/app_id/ /gradio_api/dev/reload /gradio_api/deep_link /gradio_api/info /gradio_api/info/ "
            "/gradio_api/openapi.json /gradio_api/custom_component/{id}/{environment}/{type}/{file_name} "
            "/gradio_api/proxy={url_path:path} /gradio_api/stream/{event_id} /gradio_api/stream/{event_id}/close "
            "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8 "
            "/gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext} "
            "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file /gradio_api/file/{path:path} "
            "/gradio_api/reset /gradio_api/reset/ /gradio_api/run/{api_name}/ /gradio_api/api/{api_name} "
            "/gradio_api/api/{api_name}/ /gradio_api/call/{api_name} /gradio_api/call/{api_name}/ "
            "/gradio_api/call/v2/{api_name} /gradio_api/call/v2/{api_name}/ /gradio_api/queue/join /gradio_api/cancel "
            "/gradio_api/call/{api_name}/{event_id} /gradio_api/queue/data /gradio_api/component_server "
            "/gradio_api/component_server/ /gradio_api/queue/status /gradio_api/upload_progress "
            "/gradio_api/startup-events /gradio_api/theme.css /gradio_api/process_recording /gradio_api/vibe-edit/ "
            "/gradio_api/vibe-edit /gradio_api/undo-vibe-edit/ /gradio_api/undo-vibe-edit /gradio_api/vibe-code/ "
            "/gradio_api/runs /gradio_api/runs/ /gradio_api/call/v2/{api_name}/{event_id} "
            "/gradio_api/vibe-code /gradio_api/vibe-starter-queries/ /gradio_api/vibe-starter-queries"
        ).split(),
        "shut",
    ),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = Place(tmp_path_factory.mktemp("home"), "ann", "bob")
    yield made
    made.chat.close()


@pytest.fixture(scope="module")
def ann(place: Place) -> Visitor:
    """Has a project with a secret, a file that she dropped, and one that is offered to her."""
    visitor = place.visitor("ann")
    entered = visitor.does("enter", address="?project=anns")
    assert entered.status_code == 200
    visitor.kept["project"] = "anns"
    path = visitor.upload("mine.csv").json()[0]
    file = {"path": path, "orig_name": "mine.csv", "meta": {"_type": "gradio.FileData"}}
    assert visitor.does("send", {"text": "yes", "files": [file]}).status_code == 200
    wait_for(lambda: "offered/" in visitor.does("look").text + visitor.does("enter", address="?project=anns").text)
    return visitor


@pytest.fixture(scope="module")
def bob(place: Place) -> Visitor:
    return place.visitor("bob")


@pytest.fixture(scope="module")
def nobody(place: Place) -> Visitor:
    return place.visitor()


def wait_for(there: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end
        time.sleep(0.1)


def routes(app: Any, prefix: str = "") -> Iterator[str]:
    """The templates of an app, of what is mounted in it, and of routers that it includes."""
    while not hasattr(app, "routes"):
        app = app.app
    for route in app.routes:
        inside = getattr(route, "original_router", None) or (route.app if hasattr(route, "app") else None)
        if hasattr(inside, "routes"):
            yield from routes(inside, prefix + getattr(route, "path", ""))
        else:
            yield prefix + route.path


def test_every_route_was_looked_at(tmp_path: Path) -> None:
    from ui.chat import build_app

    chat = build_app(lambda project: None, tmp_path / "chat-files")  # type: ignore[arg-type, return-value]
    assert set(routes(app_of(chat, "127.0.0.1"))) == set(ROUTES)


def concrete(template: str) -> str:
    return re.sub(r"\{(\w+)(:path)?\}", lambda found: {"component_id": "1", "size": "64"}.get(found[1], "x"), template)


@pytest.mark.parametrize("template", [name for name, rule in ROUTES.items() if rule == "shut"])
def test_what_the_page_does_not_need_is_shut(template: str, ann: Visitor, nobody: Visitor) -> None:
    for method in ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"):
        assert ann.http.request(method, concrete(template), json={}).status_code == 404
        assert nobody.http.request(method, concrete(template), json={}).status_code == 401


@pytest.mark.parametrize("template", [name for name, rule in ROUTES.items() if rule not in ("shut", "open")])
def test_nobody_comes_further_than_the_sign_in_page(template: str, nobody: Visitor) -> None:
    for method in ("GET", "POST", "HEAD"):
        answer = nobody.http.request(method, concrete(template), json={})
        assert answer.status_code == (303 if (template, method) == ("/", "GET") else 401)
        assert not answer.headers.get("location") or answer.headers["location"] == "sign-in"


def test_who_signed_in_has_what_the_page_needs(bob: Visitor) -> None:
    page = bob.http.get("/")
    assert page.status_code == 200
    assets = set(re.findall(r"assets/[\w.-]+\.(?:js|css)", page.text))
    assert assets
    for path in (*sorted(assets)[:3], "theme.css", "favicon.ico", "static/js/iframeResizer.contentWindow.min.js"):
        assert bob.http.get(path).status_code == 200, path
    with bob.http.stream("GET", "gradio_api/heartbeat/mine") as beat:
        assert beat.status_code == 200
    assert bob.does("enter").status_code == 200
    assert bob.http.get("health").json() == {"status": "ok"}


def test_anothers_project_is_out_of_reach(place: Place, ann: Visitor, bob: Visitor) -> None:
    asked = bob.does("enter", address="?project=anns")
    assert "This project isn&#x27;t yours." in asked.text
    bob.kept["project"] = "anns"  # as though the browser had remembered it
    answers = [asked, *(bob.does(handler) for handler in ("enter", "look"))]
    answers.append(bob.does("move", event={"act": "open", "value": "anns"}))
    bob.session, before = ann.session, bob.session
    answers += [bob.does(handler) for handler in ("look", "enter")]
    answers.append(bob.does("send", {"text": "bob was here", "files": []}))
    bob.session = before
    for answer in answers:
        assert answer.status_code == 200
        assert "anns" not in answer.text
        assert "mine.csv" not in answer.text
        assert "Report card on 120" not in answer.text
    assert all("bob was here" not in said for said, _ in place.opened["anns"].said)
    assert "mine.csv" in ann.does("enter", address="?project=anns").text


def test_a_file_that_is_offered_is_its_owners(ann: Visitor, bob: Visitor, nobody: Visitor) -> None:
    link = re.findall(r"offered/[\w-]+/[\w.]+", ann.does("enter", address="?project=anns").text)[0]
    mine = ann.http.get(link)
    assert mine.content == b"# Report card\n"
    assert mine.headers["content-disposition"] == 'attachment; filename="report.md"'
    assert mine.headers["content-type"] == "application/octet-stream"
    assert [who.http.get(link).status_code for who in (bob, nobody)] == [404, 401]
    token, name = link.split("/")[1:]
    for guess in (f"offered/{token}x/{name}", f"offered/{token}/../{name}", f"offered/x/{name}"):
        assert ann.http.get(guess).status_code == 404


def test_a_file_that_was_dropped_is_of_who_dropped_it(place: Place, ann: Visitor, bob: Visitor) -> None:
    path = ann.upload("secret.csv", b"only hers\n").json()[0]
    assert ann.http.get(f"gradio_api/file={path}").content == b"only hers\n"
    assert bob.http.get(f"gradio_api/file={path}").status_code == 404
    bob.kept["project"] = "bobs"
    bob.does("enter", address="?project=bobs")
    wait_for(lambda: "bobs" in place.opened)
    stolen = {"path": path, "orig_name": "secret.csv", "meta": {"_type": "gradio.FileData"}}
    assert "not here any more" in bob.does("send", {"text": "look at this", "files": [stolen]}).text
    assert place.opened["bobs"].said == []


@pytest.mark.parametrize("path", ["people.json", "signed-in.json", "projects/anns/members.json", "chat-files"])
def test_the_home_folder_is_not_served(place: Place, ann: Visitor, path: str) -> None:
    for address in (f"gradio_api/file={place.home / path}", f"gradio_api/file=../{path}", f"static/../../{path}"):
        assert ann.http.get(address).status_code in (400, 403, 404)
    assert ann.http.get("gradio_api/file=http://127.0.0.1:1/").status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),  # another port of this machine
        ({"sec-fetch-site": "same-origin", "origin": "https://behind.a.proxy"}, 200),
        ({}, 200),
    ],
)
def test_another_site_can_not_speak_for_anybody(
    place: Place, ann: Visitor, headers: dict[str, str], status: int
) -> None:
    ann.http.headers.update(headers)
    try:
        assert ann.does("look").status_code == status
        read = ann.http.get("theme.css", headers={"sec-fetch-mode": "cors"})
        assert read.status_code == status
        assert "access-control-allow-origin" not in read.headers or status == 200
    finally:
        for name in headers:
            del ann.http.headers[name]


def test_a_link_from_elsewhere_opens_the_page(ann: Visitor, nobody: Visitor) -> None:
    """Without the cookie, which is strict: the sign-in page then comes back to itself, from here."""
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert ann.http.get("/?project=anns", headers=link).status_code == 200
    first = nobody.http.get("/?project=anns", headers=link)
    assert first.headers["location"] == "sign-in?project=anns"
    assert 'http-equiv="refresh"' in nobody.http.get(first.headers["location"], headers=link).text
    again = ann.http.get(first.headers["location"], headers={"sec-fetch-site": "same-origin"})
    assert again.headers["location"] == "./?project=anns"


def raw(visitor: Visitor, first: str, *headers: str) -> str:
    """What comes back to a request that no client library would send."""
    host = httpx.URL(visitor.place.url)
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.http.cookies.items())
    lines = (f"{first} HTTP/1.1", f"Host: {host.host}:{host.port}", f"Cookie: {cookies}", *headers, "", "")
    with closing(socket.create_connection((host.host, host.port or 80), timeout=10)) as line:
        line.sendall("\r\n".join(lines).encode())
        answer = b""
        while b"\r\n\r\n" not in answer or len(answer.partition(b"\r\n\r\n")[2]) < 20:
            part = line.recv(4000)
            if not part:
                break
            answer += part
    return answer.decode()


def test_no_web_socket_opens(ann: Visitor) -> None:
    upgrade = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
    for path in ("/", "/gradio_api/queue/join", "/gradio_api/run/predict"):
        answer = raw(ann, f"GET {path}", *upgrade, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")
        assert answer.split()[1] in ("200", "404")
        assert "Upgrade" not in answer


def test_a_reviewer_sees_the_rows_to_review_and_no_more(place: Place, ann: Visitor) -> None:
    invite(Project(place.home, "anns"), "bob")
    reviewer = place.visitor("bob")
    entered = reviewer.does("enter", address="?project=anns")
    reviewer.kept["project"] = "anns"
    sent = reviewer.does("send", {"text": "order something", "files": []})
    reviewer.does("talked", event={"act": "answer", "value": "order something"})
    reviewer.does("talked", event={"act": "again", "value": "0"})
    reviewer.does("speak", "zh")
    turned = reviewer.does("turn_to", "data")  # none of the choices that they were given
    assert [answer.status_code for answer in (entered, sent, turned)] == [200, 200, 200]
    for answer in (entered, sent, turned):
        assert "mine.csv" not in answer.text
        assert "offered/" not in answer.text
        assert "tm-specification" not in answer.text
        assert "tm-data" not in answer.text
    assert [text for text, _ in place.opened["anns"].said] == ["yes"]
    assert place.opened["anns"].language == "en"


def test_a_message_without_end_is_refused_with_words(ann: Visitor) -> None:
    assert ann.http.post("gradio_api/run/predict", content=b"x" * 6_000_000).status_code == 413
    assert ann.http.post("gradio_api/run/predict", content=(b"x" for _ in range(3))).status_code == 413
    answer = raw(ann, "POST /gradio_api/upload", f"Content-Length: {200 * 2**20}", "Accept-Language: zh-CN")
    assert answer.split()[1] == "413"
    assert "一次上传不能超过 100 MB" in answer


@pytest.mark.parametrize(
    "name",
    [
        *("<img src=x onerror=alert(1)>.csv", "../../people.json", "..", ".", "/etc/passwd", "a" * 300 + ".csv"),
        *("CON.csv", "nul", "a\u202egpj.exe", "café 数据.csv", "a\r\nx.csv", ".ssh", "\\..\\x.csv"),
    ],
)
def test_a_files_name_is_only_a_name(place: Place, ann: Visitor, name: str) -> None:
    answer = ann.upload(name, name.encode())
    if answer.status_code == 200:
        path = Path(answer.json()[0])
        assert path.is_relative_to(place.home / "chat-files")
        assert path.read_bytes() == name.encode()
        assert not re.search(r"[<>\r\n]", path.name)
    else:
        assert answer.status_code == 400
    assert place.people.names() == ("ann", "bob")
