"""What we post, each exactly once: a post carries its key, and where one may have arrived the thread is read first."""

from __future__ import annotations

import http.client
import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import orjson
from slack_sdk.errors import SlackApiError

from ui.slack.blocks import Message
from ui.slack.inbox import Inbox, Post, Sending, Thread

if TYPE_CHECKING:
    from slack_sdk import WebClient

log = logging.getLogger("tunesmith")

EVENT = "tunesmith_post"
AT_ONCE = 8  # threads of Slack
EVERY = 3.0  # seconds between two changes of a progress line
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
# Slack's own trouble: the same call may do later.
PASSING = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
PAGE = 200


class Postman:
    """Posts what waits in the inbox, thread by thread in the order in which it was said; goes on until it is out."""

    def __init__(self, inbox: Inbox, client: WebClient, every: float = EVERY) -> None:
        self.inbox, self.client, self.every = inbox, client, every
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="slack-post")
        self._ending, self._guard = threading.Event(), threading.Lock()
        self._lines: dict[str, threading.Lock] = {}
        self._moving: dict[str, tuple[Thread, Message]] = {}
        threading.Thread(target=self._tick, daemon=True, name="slack-progress").start()

    def deliver(self, thread: str) -> None:
        if not self._ending.is_set():
            self._pool.submit(self._deliver, thread)

    def end(self) -> None:
        self._ending.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    # a line that moves

    def move(self, key: str, thread: Thread, message: Message) -> None:
        """Posted once, and drawn again every few seconds; only the newest state counts."""
        with self._guard:
            self._moving[key] = (thread, message)

    def still(self, key: str) -> None:
        """It will not move any more."""
        with self._guard:
            self._moving.pop(key, None)

    def _tick(self) -> None:
        shown: dict[str, Message] = {}
        while not self._ending.wait(self.every):
            with self._guard:
                moving = dict(self._moving)
            shown = {key: message for key, message in shown.items() if key in moving}
            for key, (thread, message) in moving.items():
                if shown.get(key) != message:
                    self._redraw(key, thread, message)
                    shown[key] = message

    def _redraw(self, key: str, thread: Thread, message: Message) -> None:
        with self._guard:
            if key not in self._moving:
                return
            ts = self.inbox.ts(key)
            self.inbox.add(Post(key=key, thread=thread, kind="say", text=message.text, blocks=message.json))
        if not ts:
            self.deliver(thread.id)
            return
        with self._line(thread.id):
            try:
                if key in self._moving:
                    self.client.chat_update(channel=thread.channel, ts=ts, text=message.text, blocks=message.blocks)
            except (SlackApiError, OSError, http.client.HTTPException) as error:
                log.info("a progress line was not redrawn: %s", error)  # the next one will be

    # what waits

    def _line(self, thread: str) -> threading.Lock:
        with self._guard:
            return self._lines.setdefault(thread, threading.Lock())

    def _deliver(self, thread: str) -> None:
        with self._line(thread):
            while (due := self.inbox.due(thread)) and not self._ending.is_set():
                for sending in due:
                    self._settle(sending)

    def _settle(self, sending: Sending) -> None:
        post, tried, ts, wait = sending.post, sending.tried, sending.ts, FIRST_WAIT
        while not self._ending.is_set():
            try:
                arrived = self._arrived(post, ts) if tried else ""
                self.inbox.settle(post.key, "sent", arrived or self._put(post))
                return
            except SlackApiError as error:
                pause = _pause(error, wait)
                if pause is None:
                    log.warning("a post was given up: %s", error)
                    self.inbox.settle(post.key, "given up")
                    return
                tried = tried or not _limited(error)
            except (OSError, http.client.HTTPException, httpx.HTTPError) as error:
                # It may have arrived: the connection ended before Slack said so.
                log.info("a post is tried again: %s", error)
                tried, pause = True, wait
            ts = self.inbox.ts(post.key)
            self._ending.wait(pause)
            wait = min(2 * wait, LONGEST_WAIT)

    def _put(self, post: Post) -> str:
        """The name that Slack gives it."""
        channel, thread, text = post.thread.channel, post.thread.ts, post.text
        blocks = orjson.loads(post.blocks)
        match post.kind:
            case "say":
                self.inbox.trying(post.key)
                sent = self.client.chat_postMessage(
                    channel=channel,
                    thread_ts=thread,
                    text=text,
                    blocks=blocks,
                    metadata={"event_type": EVENT, "event_payload": {"key": post.key}},
                    unfurl_links=False,
                    unfurl_media=False,
                )
                return str(sent["ts"])
            case "change":
                ts = self.inbox.ts(post.of)
                if ts:
                    self.client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks)
                return ts
            case "whisper":
                self.inbox.trying(post.key)
                self.client.chat_postEphemeral(
                    channel=channel, user=post.of, thread_ts=thread, text=text, blocks=blocks
                )
                return "whispered"
            case "file":
                return self._upload(post)

    def _upload(self, post: Post) -> str:
        path = Path(post.of)
        data = path.read_bytes()
        begun = self.client.files_getUploadURLExternal(filename=path.name, length=len(data))
        id, url = str(begun["file_id"]), str(begun["upload_url"])
        httpx.post(url, content=data, timeout=60).raise_for_status()
        self.inbox.trying(post.key, id)
        named: list[dict[str, str | None]] = [{"id": id, "title": post.text}]
        self.client.files_completeUploadExternal(files=named, channel_id=post.thread.channel, thread_ts=post.thread.ts)
        return id

    def _arrived(self, post: Post, ts: str) -> str:
        """What Slack calls it if it is in the thread already, else ""."""
        if post.kind == "whisper":
            return "whispered"  # nobody can look it up: rather lost than said twice
        if post.kind == "change":
            return ""  # the same change twice is one
        cursor = ""
        while True:
            try:
                page = self.client.conversations_replies(
                    channel=post.thread.channel, ts=post.thread.ts, include_all_metadata=True, limit=PAGE, cursor=cursor
                )
            except SlackApiError as error:
                if error.response.get("error") == "thread_not_found":
                    return ""
                raise
            for message in page["messages"]:
                if found := _is(post, ts, message):
                    return found
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return ""


def _is(post: Post, ts: str, message: Mapping[str, Any]) -> str:
    if post.kind == "file":
        return ts if ts and any(file.get("id") == ts for file in message.get("files", ())) else ""
    key = message.get("metadata", {}).get("event_payload", {}).get("key")
    return str(message["ts"]) if key == post.key else ""


def _limited(error: SlackApiError) -> bool:
    return bool(error.response.status_code == 429 or error.response.get("error") in ("ratelimited", "rate_limited"))


def _pause(error: SlackApiError, wait: float) -> float | None:
    """Seconds before the next try; None where another would be told the same."""
    if _limited(error):
        told = str(error.response.headers.get("Retry-After", ""))
        return float(told) if told.isdecimal() else wait
    if error.response.status_code >= 500 or error.response.get("error") in PASSING:
        return wait
    return None
