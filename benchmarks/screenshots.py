"""Pictures of the chat for the README: a real conversation, played in a headless browser over a real session.

    python benchmarks/screenshots.py --language zh --out docs [--until approve]

It writes OUT/chat-LANGUAGE.png (1280 × 800) and OUT/phone-LANGUAGE.png (390 × 844). With `--until` it stops at the
first question about that field; else at the report card. The same --home again goes on where it stopped.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workspace.settings import quiet_libraries

quiet_libraries()

from agent.events import Ask, Done, Event  # noqa: E402
from agent.session import Session, asked  # noqa: E402
from ui.demo import EXAMPLE, MOST_TURNS, Conversation, Line, conversation  # noqa: E402
from workspace.words import Language  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync")
SIZES = {"chat": (1280, 800), "phone": (390, 844)}
LOCALES = {"en": "en-US", "zh": "zh-CN"}
LONGEST = 30 * 60 * 1000  # milliseconds for one answer: a build and a training on a slow machine


class Watched(Session):
    """Remembers what it asked last and whether it ended, which a page shows but does not name."""

    question: Ask | None = None
    report: str | None = None

    def open(self) -> Iterator[Event]:
        yield from self._watching(super().open())

    def send(self, text: str, files: Sequence[Path] = (), agreed: str = "") -> Iterator[Event]:
        yield from self._watching(super().send(text, files, agreed))

    def _watching(self, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            self.question = asked([event]) or self.question
            self.report = (event.report if isinstance(event, Done) else None) or self.report
            yield event


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", choices=["en", "zh"], default="en")
    parser.add_argument("--out", type=Path, default=Path("docs"))
    parser.add_argument("--home", type=Path, default=Path("screenshots-home"))
    parser.add_argument("--until", metavar="FIELD", help="stop at the first question about this field")
    given = parser.parse_args()
    home: Path = given.home.absolute()
    sessions: list[Watched] = []

    def opened(project: str) -> Watched:
        sessions.append(Watched(home, project))
        return sessions[-1]

    from playwright.sync_api import sync_playwright

    from ui.chat import build_app, launch

    blocks = build_app(opened, home / "chat-files")
    url = f"{launch(blocks, '127.0.0.1', None)}?project=pictures-{given.language}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = _open(browser, url, "chat", given.language)
        _play(page, lambda: sessions[0], conversation(EXAMPLE, given.language), given.until)
        _picture(page, given.out, "chat", given.language)
        _picture(_open(browser, url, "phone", given.language), given.out, "phone", given.language)
        browser.close()
    blocks.close()
    return 0


def _open(browser: Browser, url: str, size: str, language: Language) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=LOCALES[language], device_scale_factor=2
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(".tm-answer", timeout=60_000)
    _quiet(page)
    return page


def _play(page: Page, session: Callable[[], Watched], script: Conversation, until: str | None) -> None:
    """Types each answer into the page, and waits until the page is quiet again."""
    line: Line = script.opening
    for _ in range(MOST_TURNS):
        for name in line.files:
            page.set_input_files("#tm-box input[type=file]", str(EXAMPLE / name))
            page.wait_for_selector("#tm-box .thumbnail-item")
        print(">", line.text, *line.files, flush=True)
        page.fill("#tm-box textarea", line.text)
        page.keyboard.press("Enter")
        page.wait_for_timeout(1000)
        _quiet(page)
        watched = session()
        if watched.report or watched.question is None or watched.question.field == until:
            return
        line = script.answer(watched.question)


def _quiet(page: Page) -> None:
    page.wait_for_selector(".tm-working, .tm-moving", state="detached", timeout=LONGEST)
    page.wait_for_timeout(800)


def _picture(page: Page, out: Path, size: str, language: Language) -> None:
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{size}-{language}.png"
    page.screenshot(path=path)
    print(path)


if __name__ == "__main__":
    sys.exit(main())
