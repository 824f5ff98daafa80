"""Events as Slack's blocks: every word that came from outside is escaped here, once, and Slack's limits are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import orjson
from pydantic import JsonValue

from agent.events import Ask, Done, Event, Failed, Plot, Progress, Say, Table
from ui import words
from ui.render import cell_text, spark
from workspace.words import Language

SECTION, BLOCKS, TEXT, BUTTON, BUTTONS, VALUE = 3000, 50, 40_000, 75, 25, 2000
# Of all blocks of a message together; Slack refuses some 13,200 (msg_blocks_too_long), its reference names no number.
WHOLE = 10_000
MOST_ROWS = 3  # of a data set; `show me ten about refunds` tells more
BAR = 12
# These fill a panel beside a conversation; in a thread the answers themselves say it.
UNDRAWN = frozenset({"specification", "try", "status", "coverage"})
MARK = re.compile(r"&(?:amp|lt|gt);|.", re.DOTALL)
Block = dict[str, JsonValue]


@dataclass(frozen=True)
class Message:
    """`text` is what a notification shows."""

    blocks: tuple[Block, ...]
    text: str
    asks: bool = False

    @property
    def json(self) -> str:
        return orjson.dumps(self.blocks).decode()


def escaped(text: str) -> str:
    """As Slack wants it: these three and no others."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    """At most so many characters of an escaped text, no escape cut in two."""
    if len(text) <= most:
        return text
    kept = ""
    for mark in MARK.findall(text):
        if len(kept) + len(mark) > most - 1:
            break
        kept += mark
    return kept + "…"


def mrkdwn(markdown: str) -> str:
    """Slack's own kind of it: one star for bold, a dot for a list; no link and no picture is made of anything."""
    lines = []
    for line in escaped(markdown).split("\n"):
        line = re.sub(r"^#{1,6}\s+(.+)$", r"*\1*", line)
        line = re.sub(r"^(\s*)[-*]\s+", r"\1• ", line)
        lines.append(re.sub(r"\*\*(\S(?:.*?\S)?)\*\*", r"*\1*", line))
    return "\n".join(lines)


def _bold(text: str) -> str:
    """Where nothing in it is marked yet."""
    return "\n".join(
        f"*{line.strip()}*" if line.strip() and not set("*`_") & set(line) else line for line in text.split("\n")
    )


def sections(text: str) -> Iterator[Block]:
    """As many as an escaped text needs, broken between lines where it can be."""
    now = ""
    for line in text.split("\n"):
        for part in _parts(line):
            if now and len(now) + 1 + len(part) > SECTION:
                yield _section(now)
                now = part
            else:
                now = f"{now}\n{part}" if now else part
    if now.strip():
        yield _section(now)


def _parts(line: str) -> Iterator[str]:
    now = ""
    for mark in MARK.findall(line) if len(line) > SECTION else (line,):
        if now and len(now) + len(mark) > SECTION:
            yield now
            now = ""
        now += mark
    yield now


def _section(text: str) -> Block:
    # Verbatim: Slack makes no link of an address that a row or a model wrote, and calls nobody.
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def context(text: str) -> Block:
    """Small print; `text` is escaped already."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(text, SECTION), "verbatim": True}]}


def messages(events: Sequence[Event], language: Language) -> list[Message]:
    """What a turn came to, as one message or, where Slack's limits ask for it, several; the question comes last."""
    blocks: list[Block] = []
    for place, event in enumerate(events):
        asks_next = any(isinstance(later, Ask) for later in events[place + 1 : place + 2])
        blocks += _drawn(event, language, whole=asks_next)
    told = [event.text for event in events if isinstance(event, Say | Ask)]
    told += [event.problem for event in events if isinstance(event, Failed)]
    text = cut(escaped("\n".join(told)), SECTION)
    return [Message(tuple(some), text, any(block["type"] == "actions" for block in some)) for some in _messages(blocks)]


def _messages(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """As many as fit into one message at a time."""
    now: list[Block] = []
    for block in blocks:
        if now and (len(now) == BLOCKS or sum(map(_size, now)) + _size(block) > WHOLE):
            yield now
            now = []
        now.append(block)
    if now:
        yield now


def _size(block: Block) -> int:
    return len(orjson.dumps(block).decode())


def _fitting(blocks: Iterable[Block]) -> tuple[Block, ...]:
    return tuple(next(_messages(list(blocks)), []))


def _drawn(event: Event, language: Language, *, whole: bool) -> Iterator[Block]:
    """`whole`: a question about this table follows, so all of it is shown."""
    match event:
        case Say():
            yield from sections(mrkdwn(event.text))
        case Ask():
            yield from sections(_bold(mrkdwn(event.text)))
            if event.choices and event.hash:
                yield _buttons(event)
        case Failed():
            head = words.BROKE.to(language)
            yield from sections(f":warning: *{head}*\n{escaped(event.problem)}\n{escaped(event.fix)}")
        case Table() if event.rows and event.panel not in UNDRAWN:
            yield from sections("\n".join(_table(event, language, len(event.rows) if whole else MOST_ROWS)))
        case Plot():
            yield from (context(line) for line in _curves(event))
        case Done():
            named = [
                f"{word.to(language)} `{escaped(value)}`"
                for word, value in ((words.RUN, event.run), (words.VERSION, event.version), (words.MODEL, event.model))
                if value
            ]
            if named:
                yield context(" · ".join(named))


def _buttons(ask: Ask) -> Block:
    buttons: list[JsonValue] = [
        {
            "type": "button",
            "action_id": f"answer-{number}",
            "text": {"type": "plain_text", "text": cut(escaped(choice), BUTTON)},
            "value": orjson.dumps({"hash": ask.hash, "answer": choice}).decode(),
        }
        for number, choice in enumerate(ask.choices[:BUTTONS])
        if len(choice) <= VALUE // 8  # as JSON a character may be six, and the hash is in it too
    ]
    return {"type": "actions", "elements": buttons}


def _table(table: Table, language: Language, most: int) -> Iterator[str]:
    """A line a row: the first cell in bold, then each column's name with what stands there."""
    yield f"*{escaped(table.title)}*"
    shown = table.rows if table.panel == "report" else table.rows[:most]
    for number, row in enumerate(shown, 1):
        first, *others = (escaped(" ".join(cell_text(cell).split())) for cell in row)
        told = [f"{escaped(name)} {cell}" for name, cell in zip(table.columns[1:], others, strict=False) if cell]
        bold = first.replace("*", "∗")
        yield f"{number}. *{bold or '–'}*" + "".join(f" · {part}" for part in told)
    if len(table.rows) > len(shown):
        yield words.AND_MORE.to(language).format(n=len(table.rows) - len(shown))


def _curves(plot: Plot) -> Iterator[str]:
    for name, points in plot.lines.items():
        if points:
            curve = spark([y for _, y in points])
            yield f"{escaped(plot.title)} · {escaped(name)} {curve} {points[0][1]:.3g} → {points[-1][1]:.3g}"


def moving(stages: Sequence[Progress], language: Language) -> Message:
    """A line a stage, drawn again as the work goes on."""
    lines = [line for stage in stages for line in _stage(stage, language)]
    return Message(_fitting(sections("\n".join(lines))), cut(lines[-1], SECTION))


def _stage(event: Progress, language: Language) -> Iterator[str]:
    ended = event.done >= event.total
    share = min(1.0, event.done / event.total) if event.total else 0.0
    bar = "✓" if ended else "▰" * round(share * BAR) + "▱" * (BAR - round(share * BAR))
    yield f"*{escaped(event.stage[:1].upper() + event.stage[1:])}*  {bar}  {event.done} / {event.total}"
    left = "" if ended else words.time_left(event.seconds_left, language)
    about = " · ".join(escaped(part) for part in (event.note, left) if part)
    if about:
        yield about


def told(problem: str, fix: str) -> Message:
    """What happened and what to do; both are escaped already."""
    text = f"{problem}\n{fix}".strip()
    return Message(_fitting(sections(text)), cut(text, SECTION))


def answered(blocks: str, user: str, answer: str, language: Language) -> Message:
    """A question whose buttons have become who answered what."""
    kept = [block for block in orjson.loads(blocks) if block["type"] != "actions"]
    said = cut(escaped(" ".join(answer.split())), 200)
    note = words.ANSWERED.to(language).format(user=f"<@{user}>", answer=said)
    first = next((block["text"]["text"] for block in kept if block["type"] == "section"), note)
    return Message((*kept[: BLOCKS - 1], context(note)), cut(str(first), SECTION))
