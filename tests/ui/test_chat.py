"""The chat's page in a real browser; the session behind it plays recorded events."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.ui.recorded import Recorded
from tests.ui.test_panels import NASTY
from ui.rooms import Rooms
from workspace.people import People
from workspace.settings import quiet_libraries, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from ui.page.desk import Desk

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-quic --no-first-run "
    "--disable-component-update --disable-sync"
)
WATCH = """() => {
    const enter = event => { if (event.key === 'Enter') window.sent = performance.now(); };
    window.addEventListener('keydown', enter, true);
    window.seen = new Promise(done => new MutationObserver(() => {
        const last = [...document.querySelectorAll('.tm-you')].pop();
        if (last?.innerText.includes('wait') && document.querySelector('.tm-working, .tm-moving'))
            done(performance.now() - window.sent);
    }).observe(document.body, {childList: true, subtree: true, characterData: true}));
}"""
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which(CHROMIUM), reason="needs Debian's chromium: make browser"),
]


class Served:
    """The app on a free port, with the sessions that it opened by project."""

    def __init__(self, folder: Path) -> None:
        quiet_libraries()
        from ui.chat import build_app, launch

        self.sessions: dict[str, Recorded] = {}
        self.folder = folder
        self.chat = build_app(self.session, folder / "chat-files")
        self.url = launch(self.chat, "127.0.0.1", None)

    def desk(self) -> Desk:
        """Where the page's handlers live."""
        return next(handler.fn.__self__ for handler in self.chat.blocks.fns.values() if hasattr(handler.fn, "__self__"))

    def session(self, project: str) -> Recorded:
        self.sessions[project] = Recorded(self.folder / project)
        return self.sessions[project]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings.cache_clear()
    app = Served(tmp_path_factory.mktemp("chat"))
    yield app
    app.chat.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    """A visitor of their own, on the page; every request and every complaint of the browser is looked at afterwards."""
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    hosts: set[str] = set()
    complaints: list[str] = []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or "local"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append("a script ran") or dialog.dismiss())
    page.goto(served.url)
    page.wait_for_selector(".tm-ask")
    yield page
    assert hosts <= {"127.0.0.1", "local"}
    assert complaints == []
    context.close()


def project(page: Page) -> str:
    page.wait_for_url("**project=*")
    return page.url.split("project=")[1].split("&")[0]


def say(page: Page, text: str) -> None:
    page.fill("#tm-box textarea", text)
    page.keyboard.press("Enter")
    page.wait_for_function(
        "text => [...document.querySelectorAll('.tm-exchange:not(.tm-sent) .tm-you')].pop()?.innerText.includes(text)",
        arg=text,
    )


def test_what_is_said_is_visible_at_once_with_a_sign_of_life(page: Page) -> None:
    say(page, "hello")
    page.wait_for_selector(".tm-chip")
    page.evaluate(WATCH)
    say(page, "wait")
    milliseconds = page.evaluate("() => window.seen")
    print(f"visible after {milliseconds:.0f} ms")
    assert milliseconds < 2000  # 300 on an idle machine; this one may be shared


def test_questions_are_answered_while_a_run_is_under_way(page: Page, served: Served) -> None:
    say(page, "wait")
    page.wait_for_selector(".tm-moving")
    assert "about 2 min left" in page.inner_text(".tm-moving")
    say(page, "how many failed?")
    page.wait_for_selector("text=rows failed the check")
    assert page.is_visible(".tm-moving")
    served.sessions[project(page)].gate.set()
    page.wait_for_selector(".tm-moving", state="detached")
    assert page.inner_text(".tm-ended p").split() == ["Writing", "rows", "10", "/", "10"]


def test_the_panel_follows_and_can_be_turned(page: Page) -> None:
    say(page, "bank messages")
    page.wait_for_selector("#tm-panel .tm-specification dl")
    page.click(".tm-choices [data-act] >> nth=0")
    page.wait_for_selector(".tm-you >> text=Mask it")
    say(page, "yes")
    page.wait_for_selector("#tm-panel .tm-report .tm-dots")
    names = page.locator("#tm-tabs label").all_inner_texts()
    assert names == ["Specification", "Data", "Training", "Report card", "Try it"]
    page.click("#tm-tabs >> text=Training")
    page.wait_for_selector("#tm-panel svg polyline")
    page.click("#tm-tabs >> text=Data")
    page.click("#tm-panel .tm-sub >> text=Rejected")
    page.wait_for_selector("#tm-panel blockquote >> text=five working days")


def test_one_click_changes_every_word_of_the_face(page: Page) -> None:
    say(page, "yes")
    page.wait_for_selector("#tm-panel .tm-report")
    page.click("#tm-language >> text=中文")
    page.wait_for_selector(".tm-menu summary >> text=新项目")
    assert page.get_attribute("#tm-box textarea", "placeholder") == "说说需求，文件点回形针或拖进来"
    tabs = page.locator("#tm-tabs label").all_inner_texts()
    assert tabs == ["规格说明", "数据", "训练", "成绩单", "试一试"]
    assert "说出需求" in page.inner_text("#tm-brand")
    page.wait_for_function("() => document.documentElement.lang === 'zh-CN'")


def test_a_reload_comes_back_to_the_same_conversation(page: Page) -> None:
    say(page, "bank messages, the first of them")
    page.wait_for_selector("#tm-panel dl")
    name = project(page)
    page.reload()
    page.wait_for_selector(".tm-you >> text=the first of them")
    page.wait_for_selector("#tm-panel dl")
    assert project(page) == name
    page.goto(page.url.split("?")[0])  # the bare address: the browser remembers
    page.wait_for_selector(".tm-you >> text=the first of them")


def test_an_open_page_survives_a_restart_of_the_server(page: Page, served: Served) -> None:
    say(page, "bank messages before the restart")
    page.wait_for_selector("#tm-panel dl")
    name = project(page)
    desk = served.desk()
    desk.tabs.clear()
    desk.rooms = Rooms(served.session)
    say(page, "after the restart")
    page.wait_for_function("() => document.querySelectorAll('.tm-you').length === 1")  # the fake remembers nothing
    page.wait_for_selector(".tm-choices [data-act=answer]")
    assert served.sessions[name].said == [("after the restart", [])]


def test_two_people_do_not_see_each_other(page: Page, browser: Browser, served: Served) -> None:
    other = browser.new_context().new_page()
    other.goto(served.url)
    other.wait_for_selector(".tm-ask")
    say(page, "bank messages of mine")
    say(other, "how many are theirs?")
    other.wait_for_selector("text=rows failed")
    assert "of mine" not in other.inner_text("body")
    assert "theirs" not in page.inner_text("body")
    assert project(other) != project(page)
    other.context.close()


def test_a_new_project_starts_empty(page: Page) -> None:
    before = project(page)
    say(page, "bank messages")
    page.wait_for_selector("#tm-panel dl")
    page.click(".tm-menu summary")
    page.click("#tm-menu >> text=New project")
    page.wait_for_function("() => document.querySelectorAll('.tm-you').length === 0")
    page.wait_for_selector(".tm-steps")
    assert project(page) != before


def test_words_and_file_names_never_run(page: Page, served: Served, tmp_path: Path) -> None:
    nasty = tmp_path / "<img src=x onerror=alert(1)>.csv"
    nasty.write_text("text\n")
    page.set_input_files("#tm-box input[type=file]", str(nasty))
    page.wait_for_selector("#tm-box [aria-label='Remove file'], #tm-box .thumbnail-item")
    say(page, NASTY)
    page.wait_for_selector("#tm-panel dl")
    assert NASTY in page.inner_text(".tm-you p")
    assert page.locator(".tm-you img, .tm-you script").count() == 0
    assert served.sessions[project(page)].said[-1][1][0].endswith(".csv")


def test_an_error_says_what_to_do(page: Page) -> None:
    say(page, "fail please")
    page.wait_for_selector(".tm-failed")
    assert "401" in page.inner_text(".tm-failed")
    assert "OPENAI_API_KEY" in page.inner_text(".tm-failed")


def test_the_report_can_be_downloaded_and_nothing_else(page: Page, served: Served) -> None:
    say(page, "yes")
    with page.expect_download() as download:
        page.click("a.tm-file")
    assert Path(download.value.path()).read_text() == "# Report card\n"
    secret = served.folder / "journal.sqlite"
    secret.write_text("not for the browser")
    assert page.request.get(f"{served.url}gradio_api/file={secret}").status == 404


def test_a_phone_shows_one_side_at_a_time(browser: Browser, served: Served) -> None:
    phone = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True).new_page()
    phone.goto(served.url)
    phone.wait_for_selector(".tm-ask")
    say(phone, "bank messages")
    phone.wait_for_selector(".tm-choices [data-act]")
    assert not phone.is_visible("#tm-panel")
    small = "() => [...document.querySelectorAll('#tm-head label, #tm-box button:not([tabindex]), summary')]"
    assert phone.evaluate(small + ".filter(n => n.offsetHeight && n.offsetHeight < 40).map(n => n.outerHTML)") == []
    phone.click("#tm-view >> text=Work")
    phone.wait_for_selector("#tm-panel dl")
    assert not phone.is_visible("#tm-box")
    assert phone.evaluate("() => document.documentElement.scrollWidth") <= 390
    phone.click("#tm-view >> text=Conversation")
    phone.wait_for_selector(".tm-log")
    left = "(log) => log.scrollHeight - log.clientHeight - log.scrollTop"
    assert phone.locator(".tm-log").evaluate(left) < 2
    phone.context.close()


def test_another_name_for_this_machine_is_refused(page: Page, served: Served) -> None:
    answer = page.request.get(served.url, headers={"Host": "evil.example"})
    assert answer.status == 400


def test_work_goes_on_when_the_page_is_closed(browser: Browser, served: Served) -> None:
    page = browser.new_context().new_page()
    page.goto(served.url)
    page.wait_for_selector(".tm-ask")
    say(page, "wait")
    address, name = page.url, project(page)
    page.close()
    served.sessions[name].gate.set()
    time.sleep(0.5)
    again = browser.new_context().new_page()
    again.goto(address)
    again.wait_for_selector(".tm-ended")
    again.context.close()


def test_with_users_nothing_is_shown_before_the_password(browser: Browser, tmp_path: Path) -> None:
    People(tmp_path).add("小李", "open sesame 芝麻")
    app = Served(tmp_path)
    page = browser.new_context(locale="zh-CN").new_page()
    page.goto(app.url + "?project=mine")
    page.fill("#name", "小李")
    page.fill("#password", "wrong word")
    page.keyboard.press("Enter")
    page.wait_for_selector("#told >> text=不匹配")
    assert app.sessions == {}
    page.fill("#password", "open sesame 芝麻")
    page.keyboard.press("Enter")
    page.wait_for_selector(".tm-ask")
    assert list(app.sessions) == ["mine"]
    page.click("#tm-person >> text=退出登录")
    page.wait_for_selector("#name")
    page.goto(app.url)
    page.wait_for_selector("#name")
    page.context.close()
    app.chat.close()


def test_a_page_left_open_asks_again_once_its_person_may_not(browser: Browser, tmp_path: Path) -> None:
    people = People(tmp_path)
    people.add("ann", "open sesame")
    app = Served(tmp_path)
    page = browser.new_context(locale="en-US").new_page()
    page.goto(app.url)
    page.fill("#name", "ann")
    page.fill("#password", "open sesame")
    page.click(".tm-primary")
    page.wait_for_selector(".tm-ask")
    people.remove("ann")
    people.add("bob", "another word")
    page.wait_for_selector("#name", timeout=10_000)
    page.context.close()
    app.chat.close()


def test_two_hundred_megabytes_are_refused_before_they_are_sent(page: Page, tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(200 * 2**20)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.set_input_files("#tm-box input[type=file]", str(large))
    page.wait_for_selector("#tm-notice >> text=100 MB")
    assert not any("upload" in url for url in sent)
    page.click("#tm-notice button")
    page.wait_for_selector("#tm-notice", state="detached")


def test_base_and_tuned_are_tried_side_by_side(page: Page, served: Served) -> None:
    assert page.locator("#tm-ask").count() == 0
    say(page, "yes")
    page.wait_for_selector(".tm-report table")  # who reads the report card is not pulled away
    page.click("#tm-tabs >> text=Try it")
    page.fill("#tm-ask", NASTY)
    page.keyboard.press("Enter")
    page.wait_for_selector("#tm-votes >> text=Left is better")
    assert [page.inner_text(f".tm-pair > div >> nth={side}") for side in (0, 1)] == [
        "Left\n\ncard_arrival",
        "Right\n\nThe card you mean is a kind of card.",
    ]
    assert NASTY in page.inner_text(".tm-trials")
    page.keyboard.press("1")  # who sent a message needs no mouse to vote
    page.wait_for_selector(".tm-pair h3 >> text=tuned")
    page.wait_for_selector("#tm-votes", state="detached")
    assert served.sessions[project(page)].chosen == ["left"]
    assert page.input_value("#tm-ask") == ""
    page.click("#tm-language >> text=中文")
    page.wait_for_selector("#tm-tabs >> text=试一试")
    assert page.get_attribute("#tm-ask", "placeholder") == "给两个模型的消息"
    page.click("#tm-tabs >> text=成绩单")
    page.wait_for_selector("#tm-ask", state="detached")
