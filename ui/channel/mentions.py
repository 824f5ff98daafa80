"""What people say to us in Slack, read from what it sends: everything else in there is left alone."""

from __future__ import annotations

import html
import logging
import re
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ui.channel.inbox import Heard, Pressed, Shared, Thread

log = logging.getLogger("tunesmith")

SPOKEN = frozenset({None, "file_share", "thread_broadcast"})  # subtypes of a message that a person wrote
LINK = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")


@dataclass(frozen=True)
class Bot:
    """Who we are, as Slack told."""

    team: str
    user: str


class Given(BaseModel):
    """Of what Slack sends, what we read."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class SharedFile(Given):
    id: str = Field(pattern=r"^F[A-Z0-9]+$")
    name: str | None = None
    size: int = 0
    mimetype: str | None = None
    url_private_download: str | None = None
    url_private: str | None = None


class Spoken(Given):
    """A `message` or an `app_mention`."""

    type: str
    subtype: str | None = None
    channel: str = ""
    channel_type: str = ""
    user: str = ""
    bot_id: str | None = None
    team: str | None = None
    user_team: str | None = None
    source_team: str | None = None
    text: str = ""
    ts: str = ""
    thread_ts: str | None = None
    edited: object = None
    files: tuple[SharedFile, ...] = ()


class Delivery(Given):
    team_id: str
    event: Spoken


class Id(Given):
    id: str
    team_id: str | None = None


class Container(Given):
    channel_id: str
    message_ts: str
    thread_ts: str | None = None


class Action(Given):
    value: str = ""
    action_ts: str


class Press(Given):
    """A `block_actions`."""

    team: Id
    user: Id
    container: Container
    actions: tuple[Action, ...] = Field(min_length=1)


def spoken(body: object, bot: Bot) -> tuple[Heard, bool] | None:
    """What a person said, and whether to us: None for bots, other workspaces, and what was edited or deleted."""
    try:
        delivery = Delivery.model_validate(body)
        event = delivery.event
        teams = {delivery.team_id, event.team, event.user_team, event.source_team} - {None}
        ours = teams == {bot.team} and event.user != bot.user and not event.bot_id
        if not ours or event.type not in ("message", "app_mention") or event.subtype not in SPOKEN or event.edited:
            return None
        thread = Thread(team=bot.team, channel=event.channel, ts=event.thread_ts or event.ts)
        text, files = plain(event.text, bot), tuple(map(_shared, event.files))
        heard = Heard(
            key=f"{bot.team}:{event.channel}:{event.ts}", thread=thread, user=event.user, text=text, files=files
        )
    except ValidationError as error:
        log.info("an event of another shape was left alone: %s", error.errors(include_input=False)[:1])
        return None
    to_us = event.type == "app_mention" or event.channel_type == "im" or f"<@{bot.user}" in event.text
    return heard, to_us


def _shared(file: SharedFile) -> Shared:
    return Shared(
        id=file.id,
        name=file.name or "file",
        size=file.size,
        mimetype=file.mimetype or "",
        url_private_download=file.url_private_download or file.url_private or "",
    )


def pressed(body: object, bot: Bot) -> Heard | None:
    """A button of ours that somebody of this workspace pressed."""
    try:
        press = Press.model_validate(body)
        if {press.team.id, press.user.team_id} != {bot.team}:
            return None
        at, action = press.container, press.actions[0]
        thread = Thread(team=bot.team, channel=at.channel_id, ts=at.thread_ts or at.message_ts)
        key = f"{bot.team}:{at.channel_id}:{at.message_ts}:{press.user.id}:{action.action_ts}"
        return Heard(key=key, thread=thread, user=press.user.id, pressed=Pressed.model_validate_json(action.value))
    except ValidationError as error:
        log.info("a press of another shape was left alone: %s", error.errors(include_input=False)[:1])
        return None


def plain(text: str, bot: Bot) -> str:
    """Without our own name, links as they read, and Slack's three escapes undone."""

    def written(found: re.Match[str]) -> str:
        target, label = found[1], found[2]
        if target.startswith(f"@{bot.user}"):
            return ""
        if target[0] in "@#!":
            return label or target.lstrip("!")
        return label or target.removeprefix("mailto:")

    return html.unescape(LINK.sub(written, text)).strip() if "&" in text or "<" in text else text.strip()
