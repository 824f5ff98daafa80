"""The rows: those that are kept, those that were rejected and why, where the grid has gaps, and what thresholds do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, cast, get_args
from urllib.parse import parse_qsl

from agent import reviewing
from agent.events import Event, Panel
from agent.gates import Verdict
from agent.rights import require
from agent.run import Run
from agent.views import thresholds
from agent.views.browsing import EVERY, ORDERS, OUT, TRAITS, Wanted, catalogue, search
from agent.views.coverage import grid
from ui.panels import heat, rows, told
from ui.panels.look import Deed, Look, segments_html
from workspace.who import acting_as
from workspace.words import Words

EVENTS: tuple[Panel, ...] = ("rows", "rejected", "coverage")
View = Literal["rows", "rejected", "coverage", "thresholds"]
VIEWS: dict[View, Words] = {
    "rows": Words("All rows", "全部数据"),
    "rejected": Words("Rejected", "已拒绝"),
    "coverage": Words("Coverage", "覆盖情况"),
    "thresholds": Words("Thresholds", "界限"),
}
DIAL = "dial "  # before the name of a threshold, in what a tab asked for
ANY = ""
LONGEST_SEARCH = 200


def there(look: Look) -> bool:
    return any(look.table(panel) for panel in EVENTS) or _run(look) is not None


def stamp(look: Look) -> str:
    """While rows are being written there is something new to see though no event says so."""
    run = _run(look)
    return catalogue(run).stamp() if run else ""


def draw(look: Look) -> str:
    run = _run(look)
    if run is None:
        return told.draw(look)
    held, language = catalogue(run), look.language
    lines, view = held.lines(), _view(look)
    names = [(name, words.to(language)) for name, words in VIEWS.items()]
    head = rows.counts_html(lines, language) + segments_html("view", names, view) + rows.did_html(look, lines)
    match view:
        case "rows" | "rejected":
            page = search(lines, _wanted(look), language)
            return head + rows.browser_html(page, lines, run, look, rejected=view == "rejected")
        case "coverage":
            return head + heat.coverage_html(grid(run.spec, lines, look.asked.get("axis", ""), language), language)
        case "thresholds":
            changed = thresholds.what_if(run.spec, lines, _dials(look), language)
            return head + heat.thresholds_html(
                changed, rows.changes_html(changed, look), language, whole=look.asked.get("more") == heat.ALL
            )


def act(look: Look, deed: Deed) -> Iterator[Event] | None:
    asked, value = look.asked, deed.value
    match deed.act:
        case "view" if value in VIEWS:
            asked.update(view=value, open="", did="", page="1")
        case "find":
            _find(asked, deed.fields)
        case "only":
            _only(asked, dict(parse_qsl(value, keep_blank_values=True)))
        case "clear":
            _only(asked, {}, asked.get("view", "rows"))
        case "page" | "axis":
            asked[deed.act] = value
        case "open":
            asked.update(open="" if asked.get("open") == value else value)
        case "more":
            asked["more"] = value
        case "accept" | "reject":
            _decide(look, deed.act, value)
        case "undo":
            _undo(look, value)
        case "dials":
            asked.update({DIAL + name: percent for name, percent in deed.fields.items() if percent.isdecimal()})
        case "usual":
            _forget(asked, DIAL)
        case "use":
            _use(look)
    return None


def _run(look: Look) -> Run | None:
    """The run talked about, once it has rows."""
    run = look.session.current if look.session else None
    return run if run and (run.folder / "rows.jsonl").exists() else None


def _view(look: Look) -> View:
    view = look.asked.get("view", "rows")
    return cast(View, view) if view in get_args(View) else "rows"


def _wanted(look: Look) -> Wanted:
    asked = look.asked
    order, page = asked.get("order", ORDERS[0]), asked.get("page", "1")
    return Wanted(
        search=asked.get("search", "")[:LONGEST_SEARCH],
        traits={trait: asked[trait][1:] for trait in TRAITS if asked.get(trait, ANY) != ANY},
        order=order if order in ORDERS else ORDERS[0],
        page=int(page) if page.isdecimal() and len(page) < 9 else 1,
        among=OUT if _view(look) == "rejected" else EVERY,
    )


def _find(asked: dict[str, str], fields: Mapping[str, str]) -> None:
    asked.update({name: value for name, value in fields.items() if name in (*TRAITS, "search", "order")})
    asked.update(page="1", open="", did="")


def _only(asked: dict[str, str], traits: Mapping[str, str], view: str = "rows") -> None:
    """These rows and no others."""
    for name in (*TRAITS, "search"):
        asked.pop(name, None)
    asked.update({trait: "=" + traits[trait] for trait in TRAITS if trait in traits})
    asked.update(view=traits.get("view", view), page="1", open="", did="")


def _decide(look: Look, verdict: Verdict, row: str) -> None:
    """Raises UserError where this person, or this row, may not."""
    run = _run(look)
    if run is None:
        return
    require(run.project, look.person, "order")
    with acting_as(look.person):
        reviewing.decide(run, row, verdict, deed=(deed := reviewing.deed()))
    look.asked["did"] = f"{deed} {row}"


def _undo(look: Look, value: str) -> None:
    """The opposite verdict would be a decision too: what waited for a person would count as accepted by one."""
    run = _run(look)
    if run is None:
        return
    require(run.project, look.person, "order")
    deed, _, row = value.partition(" ")
    with acting_as(look.person):
        reviewing.undo(run, row, deed)
    look.asked["did"] = f" {row}"


def _dials(look: Look) -> dict[str, float]:
    given = {name.removeprefix(DIAL): text for name, text in look.asked.items() if name.startswith(DIAL)}
    return {name: min(100, int(text[:4])) / 100 for name, text in given.items()}


def _forget(asked: dict[str, str], prefix: str) -> None:
    for name in [name for name in asked if name.startswith(prefix)]:
        del asked[name]


def _use(look: Look) -> None:
    """The person says so in the conversation, where it is asked about like any other change."""
    run = _run(look)
    if run is None:
        return
    changed = thresholds.what_if(run.spec, catalogue(run).lines(), _dials(look), look.language)
    if changed.moved:
        look.say(thresholds.message(changed, look.language))
