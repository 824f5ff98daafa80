"""The Data panel in a real browser: searched while typing, a row opened, a rejected one restored, pages by keyboard."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.views.browsing import catalogue
from tests.agent.rows_on_disk import FACT, finished, many
from tests.ui.recorded import Recorded
from tests.ui.test_chat import CHROMIUM, FLAGS, Served
from workspace.settings import settings

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which(CHROMIUM), reason="needs Debian's chromium: make browser"),
]


class WithRows(Served):
    """Every conversation is about the same run of 400 rows."""

    def __init__(self, folder: Path) -> None:
        self.run = finished(folder, many(400))
        super().__init__(folder)

    def session(self, project: str) -> Recorded:
        session = super().session(project)
        session.current = self.run
        return session


def shown(page: Page) -> str:
    return page.inner_text(".tm-pager span, .tm-list + .tm-none")


def test_rows_are_found_opened_and_brought_back(tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    settings.cache_clear()
    app = WithRows(tmp_path)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-US")
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(app.url)
        page.click("#tm-tabs >> text=Data")
        page.wait_for_selector(".tm-list")
        assert shown(page) == "1-50 of 400"
        page.keyboard.press("Escape")
        page.locator(".tm-counts").click()  # nobody types
        page.keyboard.press("n")
        page.wait_for_selector(".tm-pager >> text=51-100 of 400")
        page.keyboard.press("/")
        page.keyboard.type("wallet 银行")
        truth = sum("wallet" in line.folded and "银行" in line.folded for line in catalogue(app.run).lines())
        page.wait_for_selector(f"text=of {truth}")
        assert page.input_value("#tm-search") == "wallet 银行"
        assert page.evaluate("() => document.activeElement.id") == "tm-search"
        page.click(".tm-filters >> text=Clear")
        page.click(".tm-sub >> text=Rejected")
        page.click(".tm-reasons >> text=the documents don't bear it out")
        row = next(line for line in catalogue(app.run).lines() if line.of("check") == "facts")
        page.click(f"#tm-row-{row.id}")
        page.wait_for_selector(".tm-opened mark")
        assert page.inner_text(".tm-opened mark") == FACT
        page.click(f".tm-list li:has(#tm-row-{row.id}) >> text=Restore")
        page.wait_for_selector(".tm-did >> text=This row is now accepted.")
        assert catalogue(app.run).lines()[row.number].standing == "kept"
        page.click(".tm-did >> text=Undo")
        page.wait_for_selector(".tm-did >> text=This row is now rejected.")
        assert complaints == []
        browser.close()
    app.chat.close()
