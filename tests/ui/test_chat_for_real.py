"""The chat over a real session: the page, the graph, the build and the checks; only the model's words are scripted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from agent.events import Ask, Event
from agent.session import Session, asked
from tests.agent.test_session import ANSWERS, LABELS, TEXTS
from tests.scripted import Scripted
from tests.ui.test_chat import CHROMIUM, FLAGS, pytestmark, say

__all__ = ["pytestmark"]  # the same marks: a browser is needed


class Watched(Session):
    """Remembers what it asked last, as a person at the page would read it."""

    question: Ask | None = None

    def open(self) -> Iterator[Event]:
        yield from self._watching(super().open())

    def send(self, text: str, files: Sequence[Path] = (), agreed: str = "") -> Iterator[Event]:
        yield from self._watching(super().send(text, files, agreed))

    def _watching(self, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            self.question = asked([event]) or self.question
            yield event


@pytest.mark.timeout(240)
def test_a_conversation_in_the_browser_ends_in_rows(home: Path, scripted: Scripted, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    from ui.chat import build_app, launch

    lines = [f"{text} {n},{label}" for n in range(6) for label, text in zip(LABELS, TEXTS, strict=True)]
    messages = tmp_path / "messages.csv"
    messages.write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    sessions: list[Watched] = []
    blocks = build_app(lambda project: sessions.append(Watched(home, project)) or sessions[-1], home / "chat-files")
    url = launch(blocks, "127.0.0.1", None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        page = browser.new_page(locale="en-US")
        page.goto(url)
        page.wait_for_selector(".tm-ask")
        for _ in range(20):
            question = sessions[0].question
            assert question
            if question.field == "approve":
                break
            if question.field == "examples":
                page.set_input_files("#tm-box input[type=file]", str(messages))
                page.wait_for_selector("#tm-box .thumbnail-item")
            say(page, ANSWERS[question.field])
            page.wait_for_selector(".tm-working, .tm-moving", state="detached", timeout=120_000)
        assert sessions[0].question.field == "approve"  # type: ignore[union-attr]
        tabs = page.locator("#tm-tabs label").all_inner_texts()
        assert tabs[:2] == ["Specification", "Data"]
        page.click("#tm-tabs >> text=Data")
        page.wait_for_selector("#tm-panel >> text=I want my money back")
        page.click("#tm-tabs >> text=Specification")
        page.wait_for_selector("#tm-panel .tm-value >> text=Sort what customers write")
        browser.close()
    blocks.close()
