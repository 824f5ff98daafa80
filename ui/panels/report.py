"""The report card: the verdict, every system with its intervals, and the rows behind the numbers."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from agent.events import Event, Panel
from agent.views.answered import answers, confusions, examples
from agent.views.card import CardView, Measure, Whose, card_in, folders
from agent.views.stepping import StepView
from agent.views.verdicts import GoalView, Standing
from ui.panels.behind import classes_html, confused_html, examples_html, parts_html, with_code
from ui.panels.dots import dots_html
from ui.panels.look import Deed, Look, button_html, segments_html
from ui.picture import picture_file
from workspace.words import Language, Words

EVENTS: tuple[Panel, ...] = ("report",)
MARKS: dict[Standing, str] = {"surely": "✓", "here": "≈", "missed": "✕", "unmeasured": "?", "open": "·"}

WHOSE: dict[Whose, Words] = {
    "run": Words("At the end of the run", "运行结束时"),
    "model": Words("Tested again", "重新评测"),
}
COMPARED = Words("Beside what one would use without it", "与其他做法相比")
PICTURE_OF = Words("{name}: value and 95% interval of each", "{name}：各系统的数值和 95% 区间")
NEXT = Words("What to do next", "接下来做什么")
DO_IT = Words("Say: “{message}”", "告诉它：“{message}”")
FILES = {
    ".md": Words("Report to read", "文字报告"),
    ".json": Words("Numbers (JSON)", "数据（JSON）"),
    ".png": Words("Picture (PNG)", "图片（PNG）"),
}
DOWNLOAD = Words("Download", "下载")


def there(look: Look) -> bool:
    return bool(look.session and folders(look.session.current))


def draw(look: Look) -> str:
    found = folders(look.session.current) if look.session else {}
    folder = _chosen(look, found)
    view = _view(look)
    if folder is None or view is None:
        return ""
    language, rows = look.language, answers(folder)
    parts = [
        segments_html(
            "of", [(whose, WHOSE[whose].to(language)) for whose in found], look.asked.get("of", next(iter(found)))
        )
        if len(found) > 1
        else "",
        _verdict(view),
        _downloads(view, look),
        _measures(view.measures, look),
        _steps(view.steps, language),
        classes_html(view.classes, look),
        confused_html(confusions(rows), language) if view.classes else "",
        examples_html(
            examples(rows, language, look.asked.get("kind", ""), _number(look.asked.get("page", ""))), language
        ),
        parts_html(view.parts, look),
    ]
    return f"<h2>{escape(view.title)}</h2>{''.join(parts)}"


def act(look: Look, deed: Deed) -> Iterator[Event] | None:
    match deed.act:
        case "kind":
            look.asked.update(kind=deed.value, page="0")
        case "metric" | "page" | "labels" | "of":
            look.asked[deed.act] = deed.value
        case "fold":
            look.asked["open"] = " ".join(sorted(set(look.asked.get("open", "").split()) ^ {deed.value}))
        case "tell":
            view = _view(look)
            step = view.steps[_number(deed.value)] if view and _number(deed.value) < len(view.steps) else None
            if step and step.message:
                look.say(step.message)
    return None


def _view(look: Look) -> CardView | None:
    run = look.session.current if look.session else None
    folder = _chosen(look, folders(run))
    return card_in(folder, look.language, run.spec) if run and folder else None


def _chosen(look: Look, found: dict[Whose, Path]) -> Path | None:
    return next((found[whose] for whose in found if whose == look.asked.get("of")), next(iter(found.values()), None))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _verdict(view: CardView) -> str:
    verdict = view.verdict
    note = f'<p class="tm-note">{escape(view.note)}</p>' if view.note else ""
    goals = "".join(map(_goal, verdict.goals)) if len(verdict.goals) > 1 else ""
    listed = f'<ul class="tm-goals">{goals}</ul>' if goals else ""
    return (
        f'<div class="tm-verdict tm-is-{verdict.standing}"><p class="tm-standing">{_mark(verdict.standing)}'
        f"{escape(verdict.chip)}</p><p>{escape(verdict.text)}</p>{listed}{note}</div>"
    )


def _mark(standing: Standing) -> str:
    return f'<i aria-hidden="true">{MARKS[standing]}</i>'


def _goal(goal: GoalView) -> str:
    return (
        f'<li class="tm-is-{goal.standing}"><span class="tm-standing">{_mark(goal.standing)}{escape(goal.chip)}</span> '
        f"{escape(goal.text)}</li>"
    )


def _downloads(view: CardView, look: Look) -> str:
    files = [*view.files, picture_file(view, look.language)]
    links = "".join(
        f'<a class="tm-chip tm-file" href="{escape(look.link(str(path)))}" download>'
        f"{FILES[path.suffix].to(look.language)}</a>"
        for path in files
        if path
    )
    return f'<p class="tm-downloads"><span>{DOWNLOAD.to(look.language)}</span>{links}</p>'


def _measures(measures: tuple[Measure, ...], look: Look) -> str:
    if not measures:
        return ""
    chosen = next((one for one in measures if one.metric == look.asked.get("metric")), measures[0])
    names: list[tuple[str, str]] = [(one.metric, one.short) for one in measures]
    segments = segments_html("metric", names, chosen.metric) if len(names) > 1 else ""
    tests = "".join(f"<li>{escape(test)}</li>" for test in chosen.tests)
    label = PICTURE_OF.to(look.language).format(name=chosen.name)
    return (
        f"<h3>{COMPARED.to(look.language)}</h3>{segments}"
        f'<p class="tm-none">{escape(chosen.name[:1].upper() + chosen.name[1:])}</p>{dots_html(chosen, label)}'
        + (f'<ul class="tm-tests">{tests}</ul>' if tests else "")
    )


def _steps(steps: tuple[StepView, ...], language: Language) -> str:
    if not steps:
        return ""
    lines = "".join(_step(step, number, language) for number, step in enumerate(steps))
    return f'<h3>{NEXT.to(language)}</h3><ol class="tm-steps">{lines}</ol>'


def _step(step: StepView, number: int, language: Language) -> str:
    rows = "".join(f"<li>{escape(row)}</li>" for row in step.rows)
    listed = f"<ul>{rows}</ul>" if rows else ""
    said = DO_IT.to(language).format(message=step.message)
    button = f"<p>{button_html('tell', said, str(number))}</p>" if step.message else ""
    return f"<li>{with_code(step.text)}{listed}{button}</li>"
