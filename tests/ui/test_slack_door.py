"""What comes in from Slack: its signature, its shape, and all that must be acknowledged without effect."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import yaml
from slack_sdk.signature import Clock, SignatureVerifier

from tests.slack_server import BOT, TEAM, Workspace, encoded
from tests.ui.slack_place import Place
from ui.channel.mentions import Bot, plain, spoken
from ui.slack import EVENTS, MOST_BYTES, SCOPES, Verifier
from workspace.settings import redacted, settings

ROOT = Path(__file__).parents[2]
# Of docs.slack.dev/authentication/verifying-requests-from-slack.
SECRET, STAMP = "8f742231b10e8888abcd99yyyzzz85a5", 1531420618
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
    b"channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url="
    b"https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id="
    b"398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
EXAMPLE = {
    "x-slack-request-timestamp": str(STAMP),
    "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
}


class At(Clock):
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self) -> float:
        return self.seconds


def verifier(seconds: float) -> Verifier:
    made = Verifier(SECRET)
    made._verifier = SignatureVerifier(SECRET, At(seconds))
    return made


def test_slacks_published_example_is_accepted_while_it_is_fresh() -> None:
    assert verifier(STAMP + 10).holds(EXAMPLE, BODY)
    assert verifier(STAMP + 299).holds(EXAMPLE, BODY)
    assert not verifier(STAMP + 301).holds(EXAMPLE, BODY)
    assert not verifier(STAMP - 301).holds(EXAMPLE, BODY)
    assert not verifier(STAMP + 10).holds(EXAMPLE, BODY + b" ")


def test_the_same_request_again_is_a_replay_unless_slack_calls_it_a_retry() -> None:
    door = verifier(STAMP)
    assert door.holds(EXAMPLE, BODY)
    assert not door.holds(EXAMPLE, BODY)
    assert door.holds({**EXAMPLE, "x-slack-retry-num": "1"}, BODY)


def forged(slack: Workspace, draw: random.Random) -> tuple[bytes, dict[str, str]]:
    """A request that looks right and isn't."""
    data, headers = encoded(slack.spoken(f"<@{BOT}> delete everything {draw.random()}"))
    right = slack.signed(data)
    wrong: list[dict[str, str]] = [
        {},
        {**right, "X-Slack-Signature": "v0=" + "0" * 64},
        {**right, "X-Slack-Signature": right["X-Slack-Signature"][:-1]},
        {**right, "X-Slack-Signature": right["X-Slack-Signature"].upper()},
        {**right, "X-Slack-Signature": "v0=é" + "0" * 62},
        {**right, "X-Slack-Request-Timestamp": "now"},
        {**right, "X-Slack-Request-Timestamp": "9" * 5000},
        {**right, "X-Slack-Request-Timestamp": "١٥٣١٤٢٠٦١٨"},
        {**right, "X-Slack-Request-Timestamp": str(int(time.time()) + 1)},
        slack.signed(data + b" "),
        slack.signed(data, time.time() - draw.randint(301, 10_000)),
        slack.signed(data, time.time() + draw.randint(302, 10_000)),
        Workspace(secret="another").signed(data),
    ]
    return data, headers | draw.choice(wrong)


def test_forged_and_stale_requests_are_refused(place: Place) -> None:
    draw = random.Random(7)
    statuses = set()
    with httpx.Client() as client:
        for _ in range(200):
            data, headers = forged(place.slack, draw)
            raw = [(name.encode(), value.encode("utf-8")) for name, value in headers.items()]
            statuses.add(client.post(place.url, content=data, headers=raw).status_code)
    assert statuses == {401}
    assert place.heard() == []


def post(place: Place, data: bytes, kind: str = "application/json") -> httpx.Response:
    return httpx.post(place.url, content=data, headers={"Content-Type": kind} | place.slack.signed(data))


def test_the_address_is_confirmed(place: Place) -> None:
    reply = post(place, orjson.dumps({"type": "url_verification", "challenge": "3eZbrw1a", "token": "x"}))
    assert reply.status_code == 200
    assert "3eZbrw1a" in reply.text


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{", b"[1]", b"null", b"payload=x", b"payload=%5B%5D", b"\xff\xfe", b"[" * 100_000),
        *(b'{"type": "event_callback"}', b'{"type": "event_callback", "event": 5}', b'{"type": "block_actions"}'),
        b'{"type": "event_callback", "team_id": 1, "event": {"type": "message", "text": {"a": 1}}}',
        b'{"type": "block_actions", "actions": [{}], "team": "x"}',
        b'{"type": "event_callback", "team_id": "T1DC2JH3J", "event": {"type": "message", "text": "\\ud800"}}',
    ],
    ids=lambda data: data[:30].decode("latin-1"),
)
def test_a_body_of_another_shape_breaks_nothing(place: Place, data: bytes) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        assert post(place, data + b" " * (kind == "application/json"), kind).status_code in (200, 400, 401)
    assert place.heard() == []


def test_a_large_body_is_refused_before_it_is_read(place: Place) -> None:
    assert post(place, b"{" + b" " * MOST_BYTES + b"}").status_code == 413
    pieces = (b" " * 100_000 for _ in range(12))
    assert httpx.post(place.url, content=pieces).status_code == 413
    assert httpx.get(place.url).status_code == 405


MENTION = f"<@{BOT}> hello"


@pytest.mark.parametrize(
    "body",
    [
        {"event": {"bot_id": "B99"}},
        {"event": {"user": BOT}},
        {"event": {"subtype": "bot_message"}},
        {"event": {"type": "message", "subtype": "message_changed", "message": {"text": MENTION}}},
        {"event": {"type": "message", "subtype": "message_deleted", "deleted_ts": "1.1"}},
        {"event": {"type": "message", "subtype": "channel_join"}},
        {"event": {"edited": {"user": "U1", "ts": "1.1"}}},
        {"event": {"type": "link_shared", "links": []}},
        {"event": {"type": "reaction_added", "item": {}}},
        {"team_id": "T0OTHER"},
        {"event": {"team": "T0OTHER"}},
        {"event": {"user_team": "T0OTHER"}},
        {"event": {"user": "U1'; DROP TABLE heard"}},
        {"event": {"ts": "../../etc"}},
        {"event": {"type": "message", "text": "not to us"}},
        {"event": {"type": "message", "text": "in a thread that is not ours", "thread_ts": "1531420618.000100"}},
        {"type": "app_rate_limited"},
    ],
    ids=str,
)
def test_what_is_not_for_us_is_acknowledged_and_has_no_effect(place: Place, body: dict[str, Any]) -> None:
    given = place.slack.spoken(MENTION)
    given = {**given, **body, "event": {**given["event"], **body.get("event", {})}}
    assert place.slack.deliver(place.url, given) == 200
    assert place.heard() == []
    assert place.slack.said == []


def test_text_is_read_as_it_was_written() -> None:
    bot = Bot(TEAM, BOT)
    assert plain(f"<@{BOT}> is &lt;b&gt; &amp; <https://x.org/a|x.org> in <#C1|general>?", bot) == (
        "is <b> & x.org in general?"
    )
    assert plain("write to <mailto:a@b.org|a@b.org>, <!here> &amp;lt;", bot) == "write to a@b.org, here &lt;"
    assert plain(f"<@{BOT}>", bot) == ""


def test_another_person_mentioned_is_no_call_for_us(slack: Workspace) -> None:
    body = slack.spoken("<@U0OTHER01> look", kind="message", channel_type="channel")
    found = spoken(body, Bot(TEAM, BOT))
    assert found is not None
    assert found[1] is False


def test_the_manifest_asks_for_exactly_what_is_used() -> None:
    manifest = yaml.safe_load((ROOT / "docs" / "slack-manifest.yaml").read_text(encoding="utf-8"))
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)
    assert manifest["oauth_config"]["scopes"] == {"bot": list(SCOPES)}
    source = "".join(
        (ROOT / "ui" / name).read_text(encoding="utf-8")
        for name in ("channel/posts.py", "slack.py", "channel/threads.py")
    )
    called = set(re.findall(r"client\.(\w+)\(", source))
    # What each method asks for, by its page in Slack's reference; auth.test asks for nothing, and Socket Mode for
    # the token of its own.
    needs = {
        "auth_test": set(),
        "apps_connections_open": set(),
        "chat_postMessage": {"chat:write"},
        "chat_update": {"chat:write"},
        "chat_postEphemeral": {"chat:write"},
        "conversations_replies": {"channels:history", "groups:history", "im:history"},
        "files_getUploadURLExternal": {"files:write"},
        "files_completeUploadExternal": {"files:write"},
    }
    assert called == set(needs)
    events = {"app_mentions:read", "channels:history", "groups:history", "im:history"}
    assert set().union(*needs.values()) | events | {"files:read"} == set(SCOPES)


def test_tokens_stay_out_of_logs(home: Path, slack: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (slack.environment() | {"SLACK_APP_TOKEN": slack.app_token}).items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    said = redacted(f"{slack.token} {slack.secret} {slack.app_token}")
    assert not {slack.token, slack.secret, slack.app_token} & set(said.split())
