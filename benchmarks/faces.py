"""Whole journeys through the chat in a headless browser, and how fast the page answers while work goes on.

    .venv/bin/python benchmarks/faces.py journey [--languages en,zh] [--sizes desktop,phone] [--out DIR] [--embedded]
    .venv/bin/python benchmarks/faces.py pace [--rounds 60]

A journey goes from the first word to the report card: a real session, a real build, a real small encoder tuned and
tested; only the model's words come from a scripted endpoint (with --embedded they come from the embedded model, and the
tuning is the demo's LoRA). Needs Debian's chromium. Pictures of each journey go to DIR.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from workspace.settings import quiet_libraries, settings

quiet_libraries()
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from agent.events import Ask  # noqa: E402
from benchmarks.screenshots import CHROMIUM, FLAGS, LOCALES, LONGEST, Watched  # noqa: E402
from tests.scripted import Script, Scripted  # noqa: E402
from ui.demo import EXAMPLE, Conversation, Line, conversation  # noqa: E402
from workspace.words import Language, Words  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
ROWS = Words("130 rows in all", "一共 130 条")
ENCODER = Words("change the tuning method to encoder", "把微调方式改成 encoder")
MOST_TURNS = 30


@dataclass
class Visit:
    """A browser of their own, and what it complained about or asked of anybody else."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)


@contextmanager
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@contextmanager
def visit(browser: Browser, url: str, language: Language, size: str, dark: bool = False) -> Iterator[Visit]:
    width, height = SIZES[size]
    context = browser.new_context(
        locale=LOCALES[language],
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
    )
    here = Visit(context.new_page())
    here.page.on("request", lambda request: here.hosts.add(urlsplit(request.url).hostname or "local"))
    here.page.on("pageerror", lambda error: here.complaints.append(str(error)))
    here.page.on("console", lambda said: here.complaints.append(said.text) if said.type == "error" else None)
    here.page.goto(url)
    yield here
    context.close()


@contextmanager
def serving(
    home: Path, latency: float | None, script: Script | None = None
) -> Iterator[tuple[str, dict[str, Watched]]]:
    """The chat over real sessions on a free port; with a latency (seconds a reply) over a scripted endpoint."""
    from ui.chat import build_app, launch

    endpoint = Scripted(latency=latency).start() if latency is not None else None
    if endpoint and script:
        endpoint.script = script
    given = (endpoint.base_url, endpoint.key, endpoint.model) if endpoint else tuple[str, ...]()
    os.environ["TUNESMITH_HOME"] = str(home)
    os.environ.update(zip(("OPENAI_BASE_URL", "OPENAI_API_KEY", "TUNESMITH_MODEL"), given, strict=False))
    settings.cache_clear()
    sessions: dict[str, Watched] = {}
    blocks = build_app(lambda project: sessions.setdefault(project, Watched(home, project)), home / "chat-files")
    yield launch(blocks, "127.0.0.1", None), sessions
    blocks.close()
    if endpoint:
        endpoint.stop()


def quiet(page: Page) -> None:
    page.wait_for_timeout(300)
    page.wait_for_selector(".tm-working, .tm-moving", state="detached", timeout=LONGEST)


def say(page: Page, line: Line) -> None:
    for name in line.files:
        page.set_input_files("#tm-box input[type=file]", str(EXAMPLE / name))
        page.wait_for_selector("#tm-box .thumbnail-item")
    before = page.locator(".tm-you").count()
    page.fill("#tm-box textarea", line.text)
    page.keyboard.press("Enter")
    page.wait_for_function("before => document.querySelectorAll('.tm-you').length > before", arg=before)
    quiet(page)


def answers(script: Conversation, language: Language, embedded: bool) -> Callable[[Ask], Line]:
    """The demo's, but for fewer rows and the smallest tuning."""
    told: set[str] = set()

    def answer(question: Ask) -> Line:
        if not embedded and question.field == "rows":
            return Line(text=ROWS.to(language))
        if not embedded and question.field == "confirm" and "confirm" not in told:
            told.add("confirm")
            return Line(text=ENCODER.to(language))
        return script.answer(question)

    return answer


def journey(browser: Browser, home: Path, language: Language, size: str, out: Path, embedded: bool) -> str:
    script = conversation(EXAMPLE, language)
    answer = answers(script, language, embedded)
    with serving(home, None if embedded else 0.2) as (url, sessions), visit(browser, url, language, size) as here:
        here.page.wait_for_selector(".tm-ask, .tm-answer")
        quiet(here.page)
        started, line = time.perf_counter(), script.opening
        for turn in range(MOST_TURNS):
            say(here.page, line)
            session = next(iter(sessions.values()))
            here.page.screenshot(path=out / f"{language}-{size}-{turn:02}.png")
            if session.report or session.question is None:
                break
            line = answer(session.question)
        seconds = time.perf_counter() - started
        _look_around(browser, here, language, size, out / f"{language}-{size}")
        beyond = here.hosts - {"127.0.0.1", "local"}
        for complaint in here.complaints:
            print("   ", complaint)
        ended = "report card" if session.report else "NO REPORT CARD"
        told = f"{len(here.complaints):7} errors {len(beyond):7} beyond loopback"
        return f"{language:9}{size:9}{ended:16}{seconds:8.1f} s {told}"


def _look_around(browser: Browser, here: Visit, language: Language, size: str, name: Path) -> None:
    """A picture of every tab, light, and by another visitor dark."""
    _tabs(here.page, size, f"{name}-light")
    with visit(browser, here.page.url, language, size, dark=True) as other:
        other.page.wait_for_selector(".tm-answer")
        quiet(other.page)
        _tabs(other.page, size, f"{name}-dark")
        here.complaints += other.complaints


def _tabs(page: Page, size: str, name: str) -> None:
    if size == "phone":
        page.click("#tm-view label >> nth=1")
    for number in range(page.locator("#tm-tabs label").count()):
        page.click(f"#tm-tabs label >> nth={number}")
        page.wait_for_timeout(900)
        page.screenshot(path=f"{name}-tab{number}.png")


SEEN = """() => { window.changed = new Promise(done => {
    const start = performance.now();
    const watching = new MutationObserver(() => { watching.disconnect(); done(performance.now() - start); });
    watching.observe(document.querySelector(%s), {childList: true, subtree: true, characterData: true});
}); }"""


def pace(browser: Browser, home: Path, rounds: int) -> None:
    """A training and a build run in two projects, and somebody works in a third."""
    with serving(home, 0.5) as (url, sessions):
        ready = []
        for _ in range(5):
            start = time.perf_counter()
            with visit(browser, url, "en", "desktop") as here:
                here.page.wait_for_selector(".tm-ask")
                ready.append(time.perf_counter() - start)
        print(f"page ready, 5 fresh visits: median {statistics.median(ready):.2f} s, worst {max(ready):.2f} s")
        with visit(browser, f"{url}?project=third", "en", "desktop") as here:
            _until(here.page, sessions, "third", "approve")
            for name in ("first", "second"):
                _begin(browser, url, sessions, name)
            _measure(here.page, rounds)


def _until(page: Page, sessions: dict[str, Watched], project: str, stop: str) -> None:
    script = conversation(EXAMPLE, "en")
    answer, line = answers(script, "en", embedded=False), script.opening
    quiet(page)
    for _ in range(MOST_TURNS):
        say(page, line)
        question = sessions[project].question
        if question is None or question.field == stop:
            return
        line = answer(question)


def _begin(browser: Browser, url: str, sessions: dict[str, Watched], project: str) -> None:
    """The first trains (its second yes), the second builds; both go on when their pages are closed."""
    with visit(browser, f"{url}?project={project}", "en", "desktop") as here:
        _until(here.page, sessions, project, "approve" if project == "first" else "confirm")
        if project == "first":
            say(here.page, Line(text="yes"))
        here.page.fill("#tm-box textarea", "yes")
        here.page.keyboard.press("Enter")
        here.page.wait_for_selector(".tm-moving", timeout=60_000)


ANSWERED = """() => { const last = [...document.querySelectorAll('#tm-talk article')].pop();
  return last && last.querySelector('.tm-answer') && !last.querySelector('.tm-working'); }"""


def _measure(page: Page, rounds: int) -> None:
    """What is seen is timed in the page itself; a question counts as answered once its answer is drawn."""
    seen, answered, drawn = list[float](), list[float](), list[float]()
    for number in range(rounds):
        page.fill("#tm-box textarea", f"how many were rejected? ({number})")
        page.evaluate(SEEN % "'#tm-talk'")
        start = time.perf_counter()
        page.keyboard.press("Enter")
        seen.append(page.evaluate("() => window.changed"))
        page.wait_for_function(ANSWERED)
        answered.append(1000 * (time.perf_counter() - start))
        page.evaluate(SEEN % "'#tm-panel'")
        page.click(f"#tm-tabs label >> nth={number % 2}")
        drawn.append(page.evaluate("() => window.changed"))
    for what, times in (("seen", seen), ("answered", answered), ("a tab drawn", drawn)):
        times.sort()
        p95 = times[int(0.95 * (len(times) - 1))]
        print(
            f"{what}: median {statistics.median(times):.0f} ms, p95 {p95:.0f} ms, worst {times[-1]:.0f} ms ({rounds})"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["journey", "pace"])
    parser.add_argument("--languages", default="en,zh")
    parser.add_argument("--sizes", default="desktop,phone")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "journeys")
    parser.add_argument("--embedded", action="store_true")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    # The homes are new, the weights and the bases made of them are this machine's.
    os.environ.setdefault("TUNESMITH_WEIGHTS", str(settings().home / "weights"))
    bases = settings().home / "bases"
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with chromium() as browser:
        if given.what == "pace":
            pace(browser, _new_home(bases), given.rounds)
            return 0
        for language in given.languages.split(","):
            for size in given.sizes.split(","):
                print(journey(browser, _new_home(bases), language, size, given.out, given.embedded), flush=True)
    return 0


def _new_home(bases: Path) -> Path:
    home = Path(tempfile.mkdtemp(prefix="faces-"))
    if bases.is_dir():
        (home / "bases").symlink_to(bases)
    return home


if __name__ == "__main__":
    sys.exit(main())
