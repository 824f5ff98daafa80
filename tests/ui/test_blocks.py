"""What is drawn in Slack keeps its limits and is escaped."""

from __future__ import annotations

import orjson
import pytest

from agent.events import Ask, Done, Event, Failed, Plot, Progress, Say, Table
from tests.slack_server import _too_much
from ui.channel.blocks import answered, cut, escaped, messages, moving, mrkdwn, sections

HASH = "ab" * 32
NASTY = "<script>alert(1)</script> & <!channel> <https://evil.example|here> <@U123>"


def fits(blocks: object, text: str) -> bool:
    return not _too_much({"blocks": orjson.loads(orjson.dumps(blocks)), "text": text})


def asked(*choices: str, text: str = "Shall I?") -> Ask:
    return Ask(field="approve", text=text, choices=choices, hash=HASH)


@pytest.mark.parametrize(
    "event",
    [
        Say(text=NASTY),
        Failed(problem=NASTY, fix=NASTY),
        asked(NASTY, text=NASTY),
        Table(panel="report", title=NASTY, columns=(NASTY, NASTY), rows=((NASTY, NASTY),)),
        Plot(panel="loss", title=NASTY, x="", y="", lines={NASTY: ((1.0, 2.0), (2.0, 1.0))}),
        Done(run=NASTY, version=NASTY),
    ],
    ids=lambda event: event.type,
)
def test_everything_is_escaped(event: Event) -> None:
    (message,) = messages([event], "en")
    for block in message.blocks:
        block = dict(block)
        block.pop("elements", None) if block["type"] == "actions" else None
        assert "<" not in orjson.dumps(block).decode()
    for button in [b for block in message.blocks if block["type"] == "actions" for b in block["elements"]]:  # type: ignore[union-attr]
        assert "<" not in button["text"]["text"]  # type: ignore[index, call-overload]
    assert "<" not in message.text


@pytest.mark.parametrize("text", ["&" * 9000, "词" * 20_000, "a\n" * 9000, "<" * 2999 + "\n" + "x" * 7000])
def test_a_long_text_becomes_several_sections_and_nothing_is_lost(text: str) -> None:
    found = [str(block["text"]["text"]) for block in sections(mrkdwn(text))]  # type: ignore[index, call-overload]
    assert all(0 < len(part) <= 3000 for part in found)
    assert "".join(found).replace("\n", "") == escaped(text).replace("\n", "")


def test_many_blocks_become_several_messages() -> None:
    said: list[Event] = [Say(text=f"line {n}") for n in range(120)]
    made = messages([*said, asked("Yes", "No")], "en")
    assert [len(message.blocks) for message in made] == [50, 50, 22]
    assert [message.asks for message in made] == [False, False, True]
    assert all(fits(message.blocks, message.text) for message in made)


def test_buttons_are_bound_to_what_was_asked() -> None:
    (message,) = messages([asked("Yes", "x" * 200, "<" * 100)], "en")
    actions = orjson.loads(message.json)[-1]
    assert [orjson.loads(button["value"])["hash"] for button in actions["elements"]] == [HASH] * 3
    assert orjson.loads(actions["elements"][1]["value"])["answer"] == "x" * 200
    assert fits(message.blocks, message.text)
    (unbound,) = messages([Ask(field="rows", text="How many?", choices=("30",))], "en")
    assert not unbound.asks


def test_a_cut_never_halves_an_escape() -> None:
    for most in range(2, 30):
        shown = cut(escaped("a&b<c>" * 9), most)
        assert len(shown) <= most
        assert escaped(shown.rstrip("…").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")) == (
            shown.rstrip("…")
        )


def test_all_rows_of_a_sample_are_shown_where_they_are_asked_about() -> None:
    table = Table(panel="rows", title="Rows", columns=("Text", "Answer"), rows=tuple((f"t{n}", "a") for n in range(99)))
    alone, before = messages([table], "en")[0], messages([table, asked("Yes")], "en")[0]
    assert "t50" not in alone.json
    assert "96 more" in alone.json
    assert "t98" in before.json


@pytest.mark.parametrize("text", ["a row that somebody wrote " * 6, "客户写来的一条消息" * 14, '"\\' * 60])
def test_a_hundred_rows_before_a_question_come_in_several_messages_that_slack_takes(text: str) -> None:
    rows = tuple((f"{n} {text}", "refund") for n in range(100))
    made = messages([Table(panel="rows", title="Rows", columns=("Text", "Answer"), rows=rows), asked("Yes")], "en")
    assert len(made) > 1
    assert made[-1].asks
    assert all(fits(message.blocks, message.text) for message in made)
    assert all(f". *{n} " in "".join(message.json for message in made) for n in range(100))


def test_markdown_reads_in_slack() -> None:
    assert mrkdwn("# Head\n- **one** two\n* three") == "*Head*\n• *one* two\n• three"


def test_who_answered_takes_the_place_of_the_buttons() -> None:
    (message,) = messages([asked("Yes")], "en")
    after = answered(message.json, "U1", "<b>Yes</b>", "en")
    assert "actions" not in after.json
    assert "<@U1>: “&lt;b&gt;Yes&lt;/b&gt;”" in after.json


def test_progress_has_a_line_a_stage() -> None:
    stages = [Progress(stage="writing", done=9, total=9), Progress(stage="checking", done=1, total=4, seconds_left=70)]
    assert "*Writing*  ✓  9 / 9\\n*Checking*  ▰▰▰▱▱▱▱▱▱▱▱▱  1 / 4\\nabout 70 s left" in moving(stages, "en").json
