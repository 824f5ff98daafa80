"""What goes wrong around Slack's threads: late answers, kills, posts that can't go out, tokens and ports."""

from __future__ import annotations

import socket
import sqlite3
from argparse import Namespace
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from agent.questions import Query, followed
from tests.slack_server import BOSS, BOT, CHANNEL, OTHER, OWNER, TEAM, Workspace
from tests.ui.slack_place import Place, confirming, orders, start_thread, until, until_asked
from ui import commands
from ui.channel.blocks import Message
from ui.channel.inbox import Heard, Inbox, Post, Thread
from ui.channel.mentions import Bot, pressed, spoken
from ui.channel.threads import AGREED, WORKING, person_of
from ui.slack import serve
from workspace.errors import UserError
from workspace.settings import settings


class Killed(Exception):
    """What a kill would have cut off."""


def where(ts: str) -> Thread:
    return Thread(team=TEAM, channel=CHANNEL, ts=ts)


def said(text: str) -> Message:
    return Message(({"type": "section", "text": {"type": "mrkdwn", "text": text}},), text)


def test_a_yes_answers_no_question_that_was_asked_after_it(place: Place) -> None:
    thread = start_thread(place)
    late = place.slack.spoken("yes", thread, kind="message", user=BOSS)
    until_asked(place, thread, "confirm")
    stood = place.session(thread).place
    assert place.slack.deliver(place.url, late) == 200
    place.settle()
    assert orders(place, thread) == 0
    assert place.session(thread).place == stood
    told = place.slack.posts(thread)[-1]
    assert "Nothing was done" in told.drawn
    assert told.buttons
    place.talk("yes", thread)
    assert orders(place, thread) == 1
    asked = next(event for event in place.session(thread).pending() if event.type == "ask")
    assert asked.field in AGREED


def test_a_kill_after_the_greeting_loses_neither_it_nor_the_message(
    start: Callable[[], Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = start()
    begin = Inbox.begin
    cuts: list[str] = []

    def killed(inbox: Inbox, key: str, stood: str, told: int) -> None:
        if stood:
            cuts.append(key)
            raise Killed
        begin(inbox, key, stood, told)

    with monkeypatch.context() as cut:
        cut.setattr(Inbox, "begin", killed)
        cut.setattr("ui.channel.threads.boundary", lambda doing: nullcontext())
        thread = place.say(f"<@{BOT}> Sort what customers write to our shop into kinds.")
        until(lambda: bool(cuts))
    place.clerk.end()
    again = start()
    again.settle()
    (greeting,) = again.slack.posts(thread)
    assert greeting.drawn.count("Hello!") == 1
    assert [text for who, text in again.session(thread).history() if who == "you"]


def built(place: Place) -> str:
    thread, page = confirming(place)
    place.slack.deliver(place.url, place.slack.press(page, page.buttons[0]))
    place.settle()
    return thread


def taken_out(place: Place, thread: str) -> int:
    run = place.session(thread).current
    assert run is not None
    return followed(Query("take out"), run, person_of(where(thread), OWNER))


def test_an_order_about_a_row_is_followed_once_whenever_a_kill_came(
    start: Callable[[], Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = start()
    thread = built(place)

    cuts: list[object] = []

    def killed(*given: object) -> None:
        cuts.append(given)
        raise Killed

    with monkeypatch.context() as cut:
        cut.setattr(place.clerk.inbox, "done", killed)
        place.say("take out row 3", thread, kind="message")
        until(lambda: bool(cuts))
    assert taken_out(place, thread) == 1
    place.clerk.end()
    again = start()
    again.settle()
    assert taken_out(again, thread) == 1


def test_an_order_that_a_kill_left_undone_is_followed_though_the_conversation_moved(start: Callable[[], Place]) -> None:
    place = start()
    thread = built(place)
    heard = spoken(place.slack.spoken("take out row 3", thread, kind="message"), Bot(TEAM, BOT))
    assert heard is not None
    assert place.clerk.inbox.keep(heard[0], starts=False).result()
    place.clerk.inbox.begin(heard[0].key, "decided 0", 0)
    place.clerk.end()
    again = start()
    again.settle()
    assert taken_out(again, thread) == 1


def test_a_file_that_is_gone_holds_nothing_up(place: Place, tmp_path: Path) -> None:
    thread = start_thread(place)
    gone = Post(key="gone", thread=where(thread), kind="file", of=str(tmp_path / "erased.png"), text="picture")
    place.clerk.inbox.add(gone)
    assert place.talk("how many failed?", thread)


def test_a_thread_that_slack_does_not_take_holds_up_no_other(place: Place) -> None:
    one, other = start_thread(place), start_thread(place)
    with place.clerk.postman._line(where(one).id):
        for _ in range(20):
            place.clerk.postman.deliver(where(one).id)
        before = len(place.slack.posts(other))
        place.say("how many failed?", other, kind="message")
        until(lambda: len(place.slack.posts(other)) > before, 10)


def test_a_message_that_slack_refuses_goes_out_in_plain_words(place: Place) -> None:
    thread = start_thread(place)
    wide = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 6
    place.clerk.inbox.add(
        Post(key="k", thread=where(thread), kind="say", blocks=Message(tuple(wide), "").json, text="Shall I?")
    )
    place.clerk.postman.deliver(where(thread).id)
    place.settle()
    plain = place.slack.posts(thread)[-1]
    assert plain.text.startswith("Shall I?")
    assert "in words" in plain.text
    assert place.clerk.inbox.ts("k") == plain.ts


def test_a_line_that_moves_waits_for_no_other_and_outlives_the_disk(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = start_thread(place), start_thread(place)
    postman, inbox = place.clerk.postman, place.clerk.inbox
    ts = inbox.ts
    failed: list[str] = []

    def full(key: str) -> str:
        if not failed:
            failed.append(key)
            raise sqlite3.OperationalError("disk I/O error")
        return ts(key)

    monkeypatch.setattr(inbox, "ts", full)
    with postman._line(where(one).id):
        postman.move("a:moving", where(one), said("stuck"))
        postman.move("b:moving", where(other), said("goes on"))
        until(lambda: "goes on" in place.slack.posts(other)[-1].drawn, 10)
    until(lambda: "stuck" in place.slack.posts(one)[-1].drawn, 10)
    assert failed


def test_whoever_has_to_wait_for_other_builds_is_told_and_others_may_talk(place: Place) -> None:
    thread, page = confirming(place)
    for _ in range(WORKING):
        assert place.clerk._places.acquire(blocking=False)
    place.slack.deliver(place.url, place.slack.press(page, page.buttons[0]))
    until(lambda: any("Other threads" in told["text"] for told in place.slack.whispered))
    other = place.say(f"<@{BOT}> Sort what customers write to our shop into kinds.")
    until(lambda: bool(place.slack.posts(other)))
    assert len(place.clerk.inbox.undone()) == 1
    place.clerk._places.release(WORKING)
    place.settle()
    assert place.session(thread).current is not None
    for _ in range(WORKING):
        assert place.clerk._places.acquire(timeout=5)  # each gave its own back


def test_a_press_that_names_no_workspace_of_its_user_is_not_ours(slack: Workspace) -> None:
    slack.said.append(message := _asked())
    body = slack.press(message, message.buttons[0])
    assert isinstance(pressed(body, Bot(TEAM, BOT)), Heard)
    del body["user"]["team_id"]
    assert pressed(body, Bot(TEAM, BOT)) is None


def _asked() -> Any:
    from tests.slack_server import Message as Shown

    button = {"action_id": "answer-0", "value": '{"hash": "aa", "answer": "Yes"}'}
    return Shown(CHANNEL, "1.000001", "1.000000", blocks=[{"type": "actions", "elements": [button]}])


def test_after_a_restart_a_chinese_conversation_goes_on_in_chinese(start: Callable[[], Place]) -> None:
    place = start()
    thread = start_thread(place, "你好，我们是一家网店，想把客户的消息分成几类。")
    place.clerk.end()
    again = start()
    shown = _asked()
    shown.thread_ts = thread
    for user in (OTHER, OWNER):
        again.slack.deliver(again.url, again.slack.press(shown, shown.buttons[0], user))
        again.settle()
        assert "\u4e00" <= again.slack.whispered[-1]["text"][0] <= "\u9fff"
    (asked,) = again.talk(f"<@{BOT}>", thread)
    assert "\u4e00" <= asked.text[0] <= "\u9fff"


@pytest.fixture
def tokens(slack: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    for name, value in slack.environment().items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    return slack


def test_a_taken_port_is_told_before_anything_is_begun(home: Path, tokens: Workspace) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UserError, match="Port"):
        serve(home, "127.0.0.1", taken.getsockname()[1], "en", over_socket=False)
    assert tokens.calls == []
    assert not (home / "slack.sqlite").exists()


def test_a_wrong_app_token_is_told_at_once(home: Path, tokens: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-wrong")
    settings.cache_clear()
    with pytest.raises(UserError, match="invalid_auth"):
        serve(home, "127.0.0.1", 0, "en", over_socket=True)


def test_missing_tokens_are_told_before_a_model_is_fetched(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    fetched: list[object] = []
    monkeypatch.setattr(commands, "_fetch", lambda *given: fetched.append(given))
    given = Namespace(face="slack", home=home, host="127.0.0.1", port=0, socket=False)
    with pytest.raises(UserError, match="SLACK_BOT_TOKEN"):
        commands.serve(given, "en")
    assert not fetched
