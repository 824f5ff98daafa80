"""The conversation's own moves in a real browser: pressed twice, in two tabs, edited in place, in either language."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.agreement import LONGEST
from tests.ui.test_chat import browser, page, project, pytestmark, say, served
from ui.rooms import Rooms

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.ui.test_chat import Served

__all__ = ["browser", "page", "pytestmark", "served"]

SERIOUS = ("serious", "critical")


def test_a_chip_pressed_twice_is_said_once(page: Page, served: Served) -> None:
    say(page, "bank messages")
    page.wait_for_selector(".tm-choices [data-act]")
    page.dblclick(".tm-choices [data-act] >> nth=0")
    page.wait_for_selector(".tm-exchange:not(.tm-sent) .tm-you >> text=Mask it")
    page.wait_for_selector(".tm-choices [data-act]:enabled")
    assert [text for text, _ in served.sessions[project(page)].said] == ["bank messages", "Mask it"]


def test_a_chip_in_a_second_tab_is_refused_kindly(page: Page, served: Served) -> None:
    say(page, "bank messages")
    page.wait_for_selector(".tm-choices [data-act]")
    second = page.context.new_page()
    second.goto(page.url)
    second.wait_for_selector(".tm-choices [data-act]")
    old = second.get_attribute(".tm-choices [data-act] >> nth=1", "data-agreed")
    page.click(".tm-choices [data-act] >> nth=0")
    page.wait_for_selector(".tm-exchange:not(.tm-sent) .tm-you >> text=Mask it")
    second.wait_for_selector(".tm-exchange:not(.tm-sent) .tm-you >> text=Mask it")  # both show the same
    second.wait_for_selector(".tm-choices [data-act]:enabled")
    second.evaluate("old => { document.querySelector('.tm-choices [data-act]').dataset.agreed = old; }", old)
    second.click(".tm-choices [data-act] >> nth=0")
    second.wait_for_selector(".tm-choices [data-act]:enabled")
    said = [text for text, _ in served.sessions[project(page)].said]
    assert said == ["bank messages", "Mask it"]
    second.close()


def test_a_value_is_edited_in_place_by_keyboard(page: Page, served: Served) -> None:
    say(page, "bank messages")
    page.wait_for_selector("#tm-panel dl")
    page.focus("[data-act=edit][data-value=Rows]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#tm-field-Rows:focus")
    page.keyboard.type("many")
    page.keyboard.press("Enter")
    page.wait_for_selector("#tm-wrong >> text=a number is needed")
    page.fill("#tm-field-Rows", "300")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-act=edit][data-value=Rows] >> text=300")
    page.wait_for_selector(".tm-exchange:not(.tm-sent) .tm-you >> text=Rows: 300")
    page.click("[data-act=edit][data-value=Rows]")
    page.wait_for_selector("#tm-field-Rows:focus")
    page.keyboard.press("Escape")
    page.wait_for_selector("#tm-field-Rows", state="detached")
    assert served.sessions[project(page)].edited == {"Rows": "300"}


def test_the_language_changes_the_open_question_too_and_is_remembered(page: Page) -> None:
    say(page, "bank messages")
    page.wait_for_selector(".tm-choices [data-act] >> text=Mask it")
    page.click("#tm-language >> text=中文")
    page.wait_for_selector(".tm-choices [data-act] >> text=打码")
    page.wait_for_selector("#tm-panel dt >> text=数据量")
    assert page.locator(".tm-you >> text=bank messages").count() == 1
    page.reload()
    page.wait_for_selector("#tm-panel dt >> text=数据量")
    assert page.evaluate("() => document.documentElement.lang") == "zh-CN"


def test_what_failed_is_sent_again_at_a_press(page: Page, served: Served, tmp_path: Path) -> None:
    given = tmp_path / "rows.csv"
    given.write_text("text\n")
    page.set_input_files("#tm-box input[type=file]", str(given))
    page.wait_for_selector("#tm-box .thumbnail-item")
    say(page, "fail please")
    page.click(".tm-answer >> text=Send it again")
    page.wait_for_function("() => document.querySelectorAll('.tm-exchange:not(.tm-sent) .tm-failed').length === 2")
    said = served.sessions[project(page)].said
    assert [text for text, _ in said] == ["fail please"] * 2
    assert all(files and files[0].startswith("rows") for _, files in said)


def test_a_message_that_is_too_long_stays_in_its_box(page: Page, served: Served) -> None:
    page.fill("#tm-box textarea", "x" * (LONGEST + 1))
    page.keyboard.press("Enter")
    page.wait_for_selector(".tm-refused")
    assert "20,001" in page.inner_text(".tm-refused")
    assert len(page.input_value("#tm-box textarea")) == LONGEST + 1
    assert page.locator(".tm-you").count() == 0
    page.fill("#tm-box textarea", "y" * LONGEST)
    page.keyboard.press("Enter")
    page.wait_for_selector(".tm-exchange:not(.tm-sent) .tm-you")
    page.wait_for_selector(".tm-choices [data-act]")
    assert [len(text) for text, _ in served.sessions[project(page)].said] == [LONGEST]


def test_an_example_begins_the_first_message(page: Page, served: Served) -> None:
    page.click(".tm-choices [data-write] >> nth=0")
    assert page.input_value("#tm-box textarea") == "Sort our customers' messages"
    assert served.sessions[project(page)].said == []
    page.keyboard.press("Enter")
    page.wait_for_selector(".tm-exchange:not(.tm-sent) .tm-you >> text=Sort our customers")


def test_a_reader_further_up_is_not_pulled_down(page: Page) -> None:
    for number in range(6):
        say(page, f"bank messages {number}")
        page.wait_for_selector(".tm-choices [data-act]:enabled")
    log = "document.querySelector('.tm-log')"
    assert page.evaluate(f"() => {log}.scrollHeight - {log}.scrollTop - {log}.clientHeight") < 5
    page.evaluate("() => { document.querySelector('.tm-log').scrollTop = 0; }")
    page.click("#tm-language >> text=中文")
    page.wait_for_selector(".tm-choices [data-act] >> text=打码")
    assert page.evaluate("() => document.querySelector('.tm-log').scrollTop") == 0


def test_a_restart_in_the_middle_loses_no_project(page: Page, served: Served) -> None:
    say(page, "bank messages before")
    page.wait_for_selector("#tm-panel dl")
    name = project(page)
    desk = served.desk()
    desk.tabs.clear()
    desk.rooms = Rooms(served.session)
    page.wait_for_function("() => document.querySelectorAll('.tm-you').length === 0")  # the fake remembers nothing
    assert project(page) == name


@pytest.mark.parametrize(("locale", "scheme"), [("en-US", "light"), ("zh-CN", "dark")])
def test_nothing_serious_for_whoever_uses_a_screen_reader(
    browser: Browser, served: Served, locale: str, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    looks: dict[str, object] = {"locale": locale, "color_scheme": scheme, "bypass_csp": True}
    page = browser.new_context(**looks).new_page()  # type: ignore[arg-type]
    page.goto(served.url)
    page.wait_for_selector(".tm-ask")
    found: list[str] = []
    for step in ("", "hello", "fail", "yes" if locale == "en-US" else "好"):
        if step:
            say(page, step)
            page.wait_for_selector(
                ".tm-report table" if step in ("yes", "好") else ".tm-failed, .tm-choices [data-act]"
            )
        told = Axe().run(page).response
        assert len(told["passes"]) > 10
        found += [f"{one['id']}: {one['help']}" for one in told["violations"] if one["impact"] in SERIOUS]
    assert found == []
    page.context.close()
