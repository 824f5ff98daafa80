"""The way in: name and password, the cookie, and whoever guesses."""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.ui.visitor import WORD, Place, Visitor
from ui.door import visits
from ui.door.sign_in import page_html
from ui.door.tries import FREE, Tries
from ui.door.visits import WEEK, Visits
from workspace.people import People

NASTY = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = Place(tmp_path_factory.mktemp("home"), "ann", "小李")
    yield made
    made.chat.close()


@pytest.fixture
def visitor(place: Place) -> Iterator[Visitor]:
    """From an address that nobody has tried from yet."""
    place.door().tries = Tries()
    made = place.visitor()
    made.name = "ann"
    yield made
    made.http.close()


def test_the_right_password_opens_the_page(visitor: Visitor) -> None:
    answer = visitor.sign_in(project="mine")
    assert (answer.status_code, answer.headers["location"]) == (303, "./?project=mine")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    assert visitor.http.get("/").status_code == 200
    visitor.name = "小李"
    assert visitor.sign_in().status_code == 303


def test_behind_https_the_cookie_stays_there(visitor: Visitor) -> None:
    visitor.http.headers["x-forwarded-proto"] = "https"
    assert "secure" in visitor.sign_in().headers["set-cookie"].lower()


def test_a_wrong_name_and_a_wrong_password_look_the_same(visitor: Visitor) -> None:
    wrong = visitor.sign_in("something else")
    visitor.name = "nobody"
    nobody = visitor.sign_in("something else")
    assert wrong.status_code == nobody.status_code == 401
    assert wrong.text.replace('value="ann"', "") == nobody.text.replace('value="nobody"', "")
    assert "set-cookie" not in wrong.headers
    assert "something else" not in wrong.text


@pytest.mark.parametrize(
    "project", ["//evil.example", "https://evil.example/", "\\\\evil", "x\r\nset-cookie: a=b", "&x=1#"]
)
def test_it_leads_nowhere_but_to_the_chat(visitor: Visitor, project: str) -> None:
    where = visitor.sign_in(project=project).headers["location"]
    assert where.startswith("./?project=")
    assert not set("/\\&#\r\n:") & set(where.removeprefix("./?project="))


def test_what_is_typed_never_runs(visitor: Visitor) -> None:
    for text in (
        visitor.http.post("sign-in", data={"name": NASTY, "project": NASTY, "language": NASTY}).text,
        visitor.http.get("sign-in", params={"project": NASTY, "language": NASTY, "name": NASTY}).text,
        page_html("zh", NASTY, NASTY, None),
    ):
        assert "<script>alert" not in text
        assert "<img" not in text


def test_guessing_is_slowed_down_by_name_and_by_address(place: Place, visitor: Visitor) -> None:
    now = [0.0]
    place.door().tries = Tries(lambda: now[0])
    codes = [visitor.sign_in(f"guess {n}").status_code for n in range(FREE + 1)]
    assert codes == [401] * FREE + [429]
    slow = visitor.sign_in()
    assert slow.status_code == 429  # the right one too: else it would tell itself apart
    assert slow.headers["retry-after"] == "1"
    visitor.name = "小李"
    assert visitor.sign_in().status_code == 429  # the same address
    now[0] = 1.1
    assert visitor.sign_in().status_code == 303


def test_a_hundred_guesses_at_once_are_not_a_hundred_free_ones(place: Place, visitor: Visitor) -> None:
    place.door().tries = Tries(lambda: 0.0)
    with ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(lambda n: visitor.sign_in(f"guess {n}").status_code, range(100)))
    assert (codes.count(401), codes.count(429)) == (FREE, 100 - FREE)


def test_who_signs_out_is_out_with_a_copy_of_the_cookie_too(visitor: Visitor) -> None:
    visitor.sign_in()
    copy = dict(visitor.http.cookies.items())
    assert visitor.http.post("sign-out").headers["location"] == "sign-in"
    assert not visitor.http.cookies
    assert visitor.http.get("/", cookies=copy).status_code == 303


def test_on_a_full_disk_who_signs_out_is_out_and_who_signs_in_is_told(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "no space", str(path))

    visitor.sign_in()
    copy = dict(visitor.http.cookies.items())
    monkeypatch.setattr(visits, "private", full)
    left = visitor.http.post("sign-out")
    assert (left.status_code, "The disk is full" in left.text) == (503, True)
    assert not visitor.http.cookies
    assert visitor.http.get("/", cookies=copy).status_code == 303
    visitor.http.cookies.clear()
    again = visitor.sign_in()
    assert (again.status_code, "The disk is full" in again.text) == (503, True)


def test_who_is_removed_is_out_at_once_and_everywhere(place: Place, visitor: Visitor) -> None:
    place.people.add("cy", WORD)
    visitor.name = "cy"
    visitor.sign_in()
    assert visitor.does("look").status_code == 200
    place.people.remove("cy")
    assert visitor.does("look").status_code == 401
    place.people.add("cy", "another password")
    assert visitor.does("look").status_code == 401
    place.people.remove("cy")


def test_another_site_can_not_sign_anybody_in_or_out(visitor: Visitor) -> None:
    visitor.sign_in()
    for path in ("sign-in", "sign-out"):
        answer = visitor.http.post(
            path, headers={"origin": "https://evil.example"}, data={"name": "ann", "password": WORD}
        )
        assert answer.status_code == 403
    assert visitor.http.get("/").status_code == 200


@pytest.mark.parametrize("content", [b"x" * 17_000, b"\xff\xfe", b"&".join(b"a=b" for _ in range(100)), b""])
def test_what_is_no_form_is_no_error(visitor: Visitor, content: bytes) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert visitor.http.post("sign-in", content=content, headers=kind).status_code in (401, 413)


def test_both_languages(visitor: Visitor) -> None:
    chinese = visitor.http.get("sign-in", headers={"accept-language": "zh-CN,zh;q=0.9"}).text
    assert 'lang="zh-CN"' in chinese
    assert "登录" in chinese
    assert "Sign in" in visitor.http.get("sign-in?language=en", headers={"accept-language": "zh"}).text


def test_nobody_is_asked_while_there_are_no_users(tmp_path: Path) -> None:
    place = Place(tmp_path)
    visitor = place.visitor()
    assert visitor.http.get("/").status_code == 200
    assert visitor.http.get("sign-in").headers["location"] == "./"
    place.people.add("ann", WORD)  # while it runs
    assert visitor.http.get("/").status_code == 303
    assert visitor.does("look").status_code == 401
    place.chat.close()


def test_what_is_kept_of_a_visit_opens_nothing(tmp_path: Path) -> None:
    people = People(tmp_path)
    people.add("ann", WORD)
    token = Visits(tmp_path, people).begin("ann")
    file = tmp_path / "signed-in.json"
    assert token not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert Visits(tmp_path, people).person(token) == "ann"  # after a restart
    for other in ("", "x", token[:-1], token + "x", next(iter(json.loads(file.read_text()))), "\ud800"):
        assert Visits(tmp_path, people).person(other) is None


def test_a_visit_runs_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = People(tmp_path)
    people.add("ann", WORD)
    visits = Visits(tmp_path, people)
    token, now = visits.begin("ann"), time.time()
    monkeypatch.setattr(time, "time", lambda: now + WEEK + 60)
    assert visits.person(token) is None
    visits.begin("ann")
    assert len(json.loads((tmp_path / "signed-in.json").read_text())) == 1


class TestTries:
    def test_each_failure_after_the_free_ones_doubles_the_wait_up_to_an_end(self) -> None:
        now = [0.0]
        tries, waits = Tries(lambda: now[0]), []
        for _ in range(20):
            while wait := tries.begin("ann", f"10.0.0.{len(waits)}"):
                waits.append(wait)
                now[0] += wait
        assert waits[:4] == [1, 2, 4, 8]
        assert max(waits) == 60  # so that nobody can keep Ann out

    def test_an_address_waits_for_longer_whatever_names_it_tries(self) -> None:
        now = [0.0]
        tries, waits = Tries(lambda: now[0]), []
        for n in range(20):
            while wait := tries.begin(f"name{n}", "10.0.0.1"):
                waits.append(wait)
                now[0] += wait
        assert max(waits) == 900
        assert tries.begin("ann", "10.0.0.2") == 0

    def test_signing_in_as_oneself_in_between_buys_no_free_guesses(self) -> None:
        now = [0.0]
        tries, free = Tries(lambda: now[0]), 0
        for n in range(30):
            free += tries.begin(f"name{n}", "10.0.0.1") == 0
            if tries.begin("me", "10.0.0.1") == 0:
                tries.succeeded("me", "10.0.0.1")
        assert free < 10

    def test_a_household_is_one_address(self) -> None:
        tries = Tries(lambda: 0.0)
        for n in range(FREE):
            assert tries.begin(f"name{n}", f"2001:db8::{n + 1}") == 0
        assert tries.begin("name", "2001:db8::99") > 0
        assert tries.begin("name", "2001:db8:0:1::1") == 0
        assert tries.begin("name", "::ffff:10.0.0.1") == 0

    def test_it_is_forgotten_after_an_hour(self) -> None:
        now = [0.0]
        tries = Tries(lambda: now[0])
        for _ in range(FREE):
            tries.begin("ann", "10.0.0.1")
        now[0] += 4000
        assert [tries.begin("ann", "10.0.0.1") for _ in range(FREE)] == [0.0] * FREE
