"""Strings that would like to run, put wherever words come from: messages, cells, labels, file names, a model's replies.

    .venv/bin/python -m benchmarks.injection [--show]

The naughty strings of ../shared/data that look like markup or script, and our own. A real session in a real browser
(Debian's chromium) reads, builds and shows them on every panel. Prints how many strings, how many of them stood on the
page as text, and how many scripts ran, elements were made of them, or requests left this machine: each must be 0.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import random
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.faces import Visit, chromium, quiet, serving, visit
from tests.scripted import Call, Reply, example, words

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAUGHTY = Path(__file__).resolve().parents[2] / "shared" / "data" / "naughty_strings" / "blns.json"
MARKS = ("<", "javascript:", "onerror", "onload", "{{", "${", "alert(", "prompt(", "%3c", "&lt")
CALL = "window.__ran=(window.__ran||0)+1"
OWN = (
    *(f"<{tag} onload={CALL}>" for tag in ("svg", "body", "iframe", "object", "embed", "link", "style", "frameset")),
    *(f"<{tag} src=x onerror={CALL}>" for tag in ("img", "video", "audio", "image", "input type=image", "script")),
    *(
        f"<{tag} autofocus tabindex=1 onfocus={CALL}>"
        for tag in ("input", "select", "textarea", "button", "a", "keygen")
    ),
    *(f"</{tag}><script>{CALL}</script>" for tag in ("textarea", "title", "style", "script", "noscript", "q", "dd")),
    *(f"{quote} autofocus onfocus={CALL} x={quote}" for quote in ('"', "'", "`", "&quot;", "&#34;")),
    *(
        f"[x]({scheme}{CALL})"
        for scheme in ("javascript:", "JaVaScRiPt:", "java\tscript:", "data:text/html,", "vbscript:")
    ),
    *(f"![x](http://beyond.example/{name})" for name in ("a.png", "b.svg?x=1")),
    *(f"{left}{CALL}{right}" for left, right in (("{{", "}}"), ("${", "}"), ("<%=", "%>"), ("#{", "}"), ("{%", "%}"))),
    "{{constructor.constructor('window.__ran=1')()}}",
    '{{#with "s" as |string|}}{{/with}}',
    f"<details open ontoggle={CALL}>x</details>",
    f"<marquee onstart={CALL}>",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={CALL}>",
    f"<svg><animate onbegin={CALL} attributeName=x dur=1s>",
    f"<a href=javascript:{CALL} id=tm-box>x</a>",
    '<base href="http://beyond.example/">',
    '<meta http-equiv=refresh content="0;url=http://beyond.example/">',
    '<link rel=stylesheet href="http://beyond.example/a.css">',
    "<form action=http://beyond.example/><button data-act=stop>x",
    '<button data-act="keep" data-value="1">x</button>',
    "<style>*{background:url(http://beyond.example/c)}</style>",
    f"\u202e<script>{CALL}</script>",
    f"＜script＞{CALL}＜/script＞",
    f"<scr\u0000ipt>{CALL}</scr\u0000ipt>",
)
LABELS = (
    "<b>refund</b>",
    '"><img src=x onerror=window.__ran=1>',
    "{{7*7}}",
    "退款</td><script>window.__ran=1</script>",
)
ASKED = {
    "goal": "Sort what customers write to our shop into kinds.",
    "task": "sort texts into kinds",
    "languages": "English",
    "knowledge": "no",
    "rules": "no",
    "threshold": "90%",
    "privacy": "none",
    "rows": "400",
    "confirm": "yes",
}
# Everything on the page that our own page does not make: an element or attribute that came out of a string.
STRANGE = """() => {
  const tags = /^(SCRIPT|IMG|IFRAME|OBJECT|EMBED|BASE|META|LINK|MARQUEE|VIDEO|AUDIO|MATH|STYLE)$/;
  const runs = a => a.name.startsWith('on') || a.name === 'href' && /^\\s*(javascript|vbscript|data):/i.test(a.value);
  const forged = one => one.dataset?.act === 'keep' && one.innerText === 'x';
  return [...document.querySelectorAll('#tm-talk *, #tm-panel *, #tm-head *')]
    .filter(one => tags.test(one.tagName) || [...one.attributes].some(runs) || forged(one))
    .map(one => one.outerHTML.slice(0, 200));
}"""


def strings() -> list[str]:
    found = json.loads(NAUGHTY.read_text(encoding="utf-8")) if NAUGHTY.exists() else []
    return [*OWN, *(one for one in dict.fromkeys(found) if any(mark in one.lower() for mark in MARKS))]


def replies(given: list[str]) -> Any:
    """A model that says nothing else; whatever has the shape of a label or a number keeps it."""

    def reply(call: Call) -> Reply:
        draw = words(call)
        made: Reply = _spoiled(example(call.schema, draw), given, draw)
        return made

    return reply


def _spoiled(thing: Any, given: list[str], draw: random.Random) -> Any:
    if isinstance(thing, dict):
        return {name: _spoiled(value, given, draw) for name, value in thing.items()}
    if isinstance(thing, list):
        return [_spoiled(value, given, draw) for value in thing]
    return f"{thing} {draw.choice(given)}" if isinstance(thing, str) and " " in thing else thing


def files(folder: Path, given: list[str]) -> list[Path]:
    """The cells and labels of a table, and names that a file may have."""
    table = folder / "<img src=x onerror=window.__ran=1>.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "label"])
        rows.writerows([f"{one} {number}", LABELS[number % len(LABELS)]] for number, one in enumerate(given))
    named = [folder / f"{one}.txt" for one in given if "/" not in one and "\0" not in one and len(one.encode()) < 200][
        :20
    ]
    for path in named:
        path.write_text("The parcel comes in five working days.", encoding="utf-8")
    return [table, *named]


def play(page: Page, sessions: Any, given: list[str], table: Path, named: list[Path]) -> None:
    quiet(page)
    for start in range(0, len(given), 80):
        _say(page, "\n".join(given[start : start + 80])[:19_000])
    for _ in range(25):
        question = next(iter(sessions.values())).question
        if question is None or question.field == "approve":
            break
        paths = {"examples": [table], "knowledge": named}.get(question.field, [])
        _say(page, ASKED.get(question.field, "the default"), paths)
    _say(page, "show me three about refund")


def _say(page: Page, text: str, paths: list[Path] | None = None) -> None:
    if paths:
        page.set_input_files("#tm-box input[type=file]", [str(path) for path in paths])
        page.wait_for_timeout(1500)
    page.fill("#tm-box textarea", text)
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    quiet(page)


def look(here: Visit, given: list[str]) -> tuple[set[str], set[str]]:
    """(strings that stood on the page, elements made of any) over every tab and every part of it."""
    seen: set[str] = set()
    strange: set[str] = set()

    def glance() -> None:
        here.page.wait_for_timeout(500)
        text = here.page.evaluate("() => document.querySelector('.gradio-container').innerText")
        flat = " ".join(text.split())
        seen.update(one for one in given if " ".join(one.split()) in flat)
        strange.update(here.page.evaluate(STRANGE))

    for number in range(here.page.locator("#tm-tabs label").count()):
        here.page.click(f"#tm-tabs label >> nth={number}")
        glance()
        for part in range(here.page.locator("#tm-panel .tm-sub button").count()):
            here.page.locator("#tm-panel .tm-sub button").nth(part).click()
            glance()
    return seen, strange


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="what was found, one a line")
    given = strings()
    show = parser.parse_args().show
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores; {len(given)} strings")
    with chromium() as browser:
        return _told(*_played(browser, given), len(given), show)


def _played(browser: Browser, given: list[str]) -> tuple[set[str], set[str], int, Visit]:
    home, folder = Path(tempfile.mkdtemp(prefix="injection-")), Path(tempfile.mkdtemp(prefix="files-"))
    table, *named = files(folder, given)
    with serving(home, 0.0, replies(given)) as (url, sessions), visit(browser, url, "en", "desktop") as here:
        here.page.on("dialog", lambda dialog: here.complaints.append("a dialog") or dialog.dismiss())
        play(here.page, sessions, given, table, named)
        seen, strange = look(here, given)
        here.page.click("#tm-language >> text=中文")
        quiet(here.page)
        again = look(here, given)
        ran = int(here.page.evaluate("() => window.__ran || 0"))
        return seen | again[0], strange | again[1], ran, here


def _told(seen: set[str], strange: set[str], ran: int, here: Visit, most: int, show: bool) -> int:
    beyond = here.hosts - {"127.0.0.1", "local"}
    print(f"{len(seen)} of {most} stood on the page as text; {ran} ran, {len(strange)} elements were made of them, "
          f"{len(beyond)} requests beyond loopback, {len(here.complaints)} complaints")  # fmt: skip
    for line in sorted(strange) + here.complaints + sorted(beyond) if show else ():
        print("   ", line)
    return 1 if ran or strange or beyond else 0


if __name__ == "__main__":
    sys.exit(main())
