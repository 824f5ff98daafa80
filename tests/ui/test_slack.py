"""Whole conversations in Slack's threads, over a played Slack and a scripted model; and what must have no effect."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from agent import drawing
from agent.events import Event
from agent.session import Session
from tests.agent.cards import run_with_card
from tests.agent.test_session import ANSWERS
from tests.scripted import Scripted
from tests.slack_server import BOT, CHANNEL, OTHER, OWNER, TEAM, Fault
from tests.ui.slack_place import Place, confirming, start_thread, until, until_asked
from ui.channel.inbox import Post, Thread
from ui.channel.mentions import Bot, spoken
from ui.channel.threads import person_of
from workspace.members import members
from workspace.words import Language


def test_a_conversation_in_a_thread_ends_in_rows(place: Place) -> None:
    slack = place.slack
    thread = place.say(f"<@{BOT}> Sort what customers write to our shop into kinds.")
    place.settle()
    first = slack.posts(thread)
    assert len(first) == 1
    assert "Hello!" in first[0].drawn
    assert first[0].sent["unfurl_links"] in (False, "0", "false")
    until_asked(place, thread, "confirm")
    page = slack.posts(thread)[-1]
    assert [button["text"]["text"] for button in page.buttons]
    slack.deliver(place.url, slack.press(page, page.buttons[0]))
    place.settle()
    assert not page.buttons  # they became who pressed what
    assert f"<@{OWNER}>" in page.drawn
    session = place.session(thread)
    assert session.current is not None
    assert len(list(session.current.rows())) > 10
    assert members(session.project).owner == person_of(Thread(team=TEAM, channel=CHANNEL, ts=thread), OWNER)
    assert any("✓" in message.drawn for message in slack.posts(thread))
    shown = place.talk("show me three about parcels", thread)
    assert "parcel" in shown[0].drawn
    assert len(shown) == 1


def test_an_event_that_comes_four_times_has_one_effect_and_one_reply(place: Place) -> None:
    slack = place.slack
    mention = slack.spoken(f"<@{BOT}> Sort what customers write to our shop into kinds.")
    thread = mention["event"]["ts"]
    as_message = {**mention, "event_id": "Ev2", "event": {**mention["event"], "type": "message"}}
    for body in (mention, as_message):
        for retry in range(4):
            assert slack.deliver(place.url, body, retry) == 200
    place.settle()
    assert len(slack.posts(thread)) == 1
    assert [who for who, _ in place.session(thread).history()].count("you") == 1


def test_a_direct_message_starts_and_a_reply_in_its_thread_goes_on(place: Place) -> None:
    body = place.slack.spoken("我想把客户的消息分类", kind="message", channel="D0DIRECT1", channel_type="im")
    assert place.slack.deliver(place.url, body) == 200
    place.settle()
    thread = body["event"]["ts"]
    assert "\u4e00" <= place.slack.posts(thread)[0].text[-3] <= "\u9fff"
    more = place.slack.spoken("分类", thread, kind="message", channel="D0DIRECT1", channel_type="im")
    assert place.slack.deliver(place.url, more) == 200
    place.settle()
    assert len(place.slack.posts(thread)) == 2


def test_only_called_it_greets_and_asks(place: Place) -> None:
    thread = place.say(f"<@{BOT}>")
    place.settle()
    (greeting,) = place.slack.posts(thread)
    assert "Hello!" in greeting.drawn
    assert len(greeting.blocks) > 1


@pytest.mark.parametrize("fault", ["drop", 429, 500])
def test_a_post_that_went_wrong_is_there_once(place: Place, fault: Fault) -> None:
    place.slack.faults["chat.postMessage"] = deque([fault, fault])
    thread = start_thread(place)
    assert len(place.slack.posts(thread)) == 1
    assert place.slack.calls.count("chat.postMessage") == (1 if fault == "drop" else 3)


def test_retry_after_is_obeyed(place: Place) -> None:
    place.slack.faults["chat.postMessage"] = deque([429, 429])
    begun = time.monotonic()
    start_thread(place)
    assert time.monotonic() - begun >= 2


def test_what_slack_will_never_take_is_given_up_and_the_rest_goes_out(place: Place) -> None:
    thread = start_thread(place)
    place.clerk.inbox.add(
        Post(key="k", thread=Thread(team=TEAM, channel=CHANNEL, ts=thread), kind="say", blocks="[]", text="x" * 50_000)
    )
    assert place.talk("how many failed?", thread)


class Killed(Exception):
    """What a kill would have cut off."""


def test_a_kill_before_it_is_worked_on_loses_nothing(start: Callable[[], Place]) -> None:
    place = start()
    body = place.slack.spoken(f"<@{BOT}> Sort what customers write into kinds.")
    found = spoken(body, Bot(TEAM, BOT))
    assert found is not None
    assert place.clerk.inbox.keep(found[0], starts=True).result()  # safe on disk, and then the power goes
    again = start()
    again.settle()
    assert len(again.slack.posts(body["event"]["ts"])) == 1


@pytest.mark.parametrize("when", ["before it is marked as done", "in the middle of the answer"])
def test_a_kill_after_the_effect_has_no_second_effect(
    start: Callable[[], Place], when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = start()
    thread = start_thread(place)
    place.talk(ANSWERS["task"], thread)
    before = place.session(thread)
    stood, question = before.place, next(e for e in before.pending() if e.type == "ask")
    said = [who for who, _ in before.history()].count("you")

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as cut:
        if when.startswith("before"):
            cut.setattr(place.clerk.inbox, "done", killed)
        else:
            cut.setattr("ui.channel.threads._replies", killed)
            cut.setattr("ui.channel.threads.boundary", lambda doing: nullcontext())
        place.say(ANSWERS[question.field], thread, kind="message")
        until(lambda: before.place != stood)
        time.sleep(0.3)
    after = place.session(thread).place
    posted = len(place.slack.posts(thread))
    again = start()
    again.settle()
    assert again.session(thread).place == after
    assert [who for who, _ in again.session(thread).history()].count("you") == said + 1
    assert len(again.slack.posts(thread)) == posted + 1
    open_now = next(e for e in again.session(thread).pending() if e.type == "ask")
    assert open_now.text.split("\n")[0][:40] in again.slack.posts(thread)[-1].text


def test_a_stop_in_the_middle_makes_no_failure_of_it(start: Callable[[], Place], scripted: Scripted) -> None:
    place = start()
    scripted.latency = 1.0
    thread = place.say(f"<@{BOT}> Sort what customers write to our shop into kinds.")
    until(lambda: scripted.at_once > 0)
    place.clerk.end()
    time.sleep(3)
    assert len(place.clerk.inbox.undone()) == 1
    assert place.slack.posts(thread) == []
    again = start()
    again.settle()
    assert len(again.slack.posts(thread)) == 1
    assert [who for who, _ in again.session(thread).history()].count("you") == 1


def test_a_post_that_arrived_before_the_kill_is_not_posted_again(start: Callable[[], Place]) -> None:
    place = start()
    thread = start_thread(place)
    inbox = place.clerk.inbox
    key = place.slack.posts(thread)[0].key
    inbox._now(lambda db: db.execute("UPDATE posts SET state='waiting', ts='' WHERE key=?", (key,)))
    calls = place.slack.calls.count("chat.postMessage")
    start().settle()
    assert place.slack.calls.count("chat.postMessage") == calls
    assert inbox.ts(key) == place.slack.posts(thread)[0].ts


def test_a_question_is_answered_beside_the_work(place: Place, scripted: Scripted) -> None:
    slack = place.slack
    thread, page = confirming(place)
    scripted.latency = 5.0
    slack.deliver(place.url, slack.press(page, page.buttons[0]))
    until(lambda: any("Reading your rows" in m.drawn for m in slack.posts(thread)))
    moving = next(m for m in slack.posts(thread) if "Reading your rows" in m.drawn)
    assert not page.buttons  # what was agreed to is no longer open
    place.say("how long will it take?", thread, kind="message", user=OTHER)
    until(lambda: len(slack.posts(thread)) > slack.posts(thread).index(moving) + 1)
    assert len(place.clerk.inbox.undone()) == 1  # the work goes on
    scripted.latency = 0.0
    place.settle()
    assert "*Checking rows*  ✓" in moving.drawn
    assert any(update["ts"] == moving.ts for update in slack.updated)


def test_nothing_a_model_or_a_person_writes_calls_anybody(place: Place) -> None:
    thread = start_thread(place)
    place.talk('My goal: sort <!channel> &lt;b&gt;bold&lt;/b&gt; <https://evil.example|click> "quoted"', thread)
    for message in place.slack.said:
        assert "<!channel>" not in message.drawn
        assert "<b>" not in message.drawn
        for block in message.blocks:
            if block["type"] == "section":
                assert block["text"]["verbatim"] is True


def test_threads_do_not_mix(place: Place) -> None:
    one, other = place.say(f"<@{BOT}> secretword of one"), place.say(f"<@{BOT}> another")
    place.settle()
    place.talk("how many failed?", other)
    assert "secretword" not in "".join(m.drawn for m in place.slack.posts(other))
    assert place.session(one).project.name != place.session(other).project.name


def test_socket_mode_is_the_same_conversation(place: Place) -> None:
    """The same app over a websocket; each envelope is acknowledged, and twice the same event is one."""
    slack, loop = place.slack, asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()

    async def connect() -> AsyncSocketModeHandler:
        handler = AsyncSocketModeHandler(place.app, slack.app_token)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        return handler

    handler = asyncio.run_coroutine_threadsafe(connect(), loop).result(10)
    until(lambda: slack.connected)
    body = slack.spoken(f"<@{BOT}> Sort what customers write to our shop into kinds.")
    for envelope in ("one", "two"):
        slack.over_socket(body, envelope)
    until(lambda: {"one", "two"} <= set(slack.acknowledged))
    place.settle()
    (first,) = slack.posts(body["event"]["ts"])
    assert "Hello!" in first.drawn
    asyncio.run_coroutine_threadsafe(handler.close_async(), loop).result(10)  # type: ignore[no-untyped-call]
    loop.call_soon_threadsafe(loop.stop)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_report_card_comes_as_blocks_with_its_picture_and_its_file(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    """All of it once, though the connection ends as soon as a file has been shared."""
    run = run_with_card(tmp_path)
    assert run.card

    def send(session: Session, *_: object) -> Iterator[Event]:
        session.language = language
        yield from drawing.report_card(run.card, run.folder / "report", language) if run.card else ()
        yield run.done()

    thread = start_thread(place)
    monkeypatch.setattr(Session, "send", send)
    monkeypatch.setattr(Session, "current", run)
    place.slack.faults["files.completeUploadExternal"] = deque(["drop", 500, "drop"])
    said = place.talk("yes", thread)
    shared = [file for message in said for file in message.files]
    assert [Path(file["title"]).suffix for file in shared] == ["", ""]
    pictures = [place.slack.upload(file["id"]) for file in shared]
    assert sum(data.startswith(b"\x89PNG") for data in pictures) == 1
    assert any(("Report card" if language == "en" else "成绩单").encode() in data for data in pictures)
    (card,) = [message for message in said if message.blocks]
    assert "48" in card.drawn
    assert card.sent["unfurl_media"] is False


def test_whoever_writes_chinese_is_greeted_in_chinese(place: Place) -> None:
    thread = start_thread(place, "你好，我们是一家网店，想把客户的消息分成几类。")
    (greeting,) = place.slack.posts(thread)
    assert "您好" in greeting.drawn
    assert "Hello" not in greeting.drawn
