"""What we post, each exactly once: a post carries its key, and where one may have arrived the thread is read first."""

from __future__ import annotations

import http.client
import logging
import sqlite3
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import orjson
from slack_sdk.errors import SlackApiError

from ui import words
from ui.channel.blocks import Message, cut
from ui.channel.inbox import Inbox, Post, Sending, Thread
from workspace.words import language_of

if TYPE_CHECKING:
    from slack_sdk import WebClient

log = logging.getLogger("tunesmith")

EVENT = "tunesmith_post"
AT_ONCE = 8  # threads of Slack
EVERY = 3.0  # seconds between two changes of a progress line
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
# Slack's own trouble: the same call may do later.
PASSING = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
LIMITED = frozenset({"ratelimited", "rate_limited"})
PAGE = 200
GONE = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)  # a file that is to be shared
PLAIN = 1000  # characters of what is posted instead of a message that Slack refused


class Postman:
    """Posts what waits in the inbox, thread by thread in the order in which it was said; goes on until it is out."""

    def __init__(self, inbox: Inbox, client: WebClient, every: float = EVERY) -> None:
        self.inbox, self.client, self.every = inbox, client, every
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="slack-post")
        self._ending, self._guard, self._drawing = threading.Event(), threading.Lock(), threading.Lock()
        self._lines: dict[str, threading.Lock] = {}
        self._again: dict[str, bool] = {}  # a thread that is delivered: whether something has come since
        self._moving: dict[str, tuple[Thread, Message]] = {}
        threading.Thread(target=self._tick, daemon=True, name="slack-progress").start()

    def deliver(self, thread: str) -> None:
        """Soon, one at a time in each thread: one that waits for Slack holds up no other."""
        if self._ending.is_set():
            return
        with self._guard:
            under_way = thread in self._again
            self._again[thread] = True
        if not under_way:
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
        with self._drawing, self._guard:
            self._moving.pop(key, None)

    def _tick(self) -> None:
        shown: dict[str, Message] = {}
        while not self._ending.wait(self.every):
            with self._guard:
                moving = dict(self._moving)
            shown = {key: message for key, message in shown.items() if key in moving}
            for key, (thread, message) in moving.items():
                if shown.get(key) != message and self._redraw(key, thread, message):
                    shown[key] = message

    def _redraw(self, key: str, thread: Thread, message: Message) -> bool:
        """Whether it stands there now; never waits, for all the other lines come after it."""
        line = self._line(thread.id)
        if not line.acquire(blocking=False):
            return False
        try:
            return self._redrawn(key, thread, message)
        except (SlackApiError, OSError, http.client.HTTPException, sqlite3.Error) as error:
            log.info("a progress line was not redrawn: %s", error)  # the next one will be
            return False
        finally:
            line.release()

    def _redrawn(self, key: str, thread: Thread, message: Message) -> bool:
        with self._drawing:
            if key not in self._moving:
                return True
            ts = self.inbox.ts(key)
            if not ts:
                self.inbox.add(Post(key=key, thread=thread, kind="say", text=message.text, blocks=message.json))
        if ts:
            self.client.chat_update(channel=thread.channel, ts=ts, text=message.text, blocks=message.blocks)
        else:
            self.deliver(thread.id)
        return True

    # what waits

    def _line(self, thread: str) -> threading.Lock:
        with self._guard:
            return self._lines.setdefault(thread, threading.Lock())

    def _deliver(self, thread: str) -> None:
        ended = False
        try:
            while self._looks_again(thread):
                with self._line(thread):
                    while (due := self.inbox.due(thread)) and not self._ending.is_set():
                        for sending in due:
                            self._settle(sending)
            ended = True
        finally:
            if not ended:  # a full disk, say: it goes out with what comes next
                log.exception("what waits in a thread could not be read or settled")
                with self._guard:
                    self._again.pop(thread, None)

    def _looks_again(self, thread: str) -> bool:
        with self._guard:
            if self._again[thread] and not self._ending.is_set():
                self._again[thread] = False
                return True
            del self._again[thread]
            return False

    def _settle(self, sending: Sending) -> None:
        post, tried, ts, wait = sending.post, sending.tried, sending.ts, FIRST_WAIT
        while not self._ending.is_set():
            try:
                arrived = self._arrived(post, ts) if tried else ""
                self.inbox.settle(post.key, "sent", arrived or self._put(post))
                return
            except (SlackApiError, OSError, http.client.HTTPException, httpx.HTTPError) as error:
                pause = _pause(error, wait)
                if pause is None and _is_whole(post):
                    log.warning("a message was refused, and goes out plain: %s", error)
                    post = _plain(post)
                    continue
                if pause is None:
                    log.warning("a post was given up: %s", error)
                    self.inbox.settle(post.key, "given up")
                    return
                log.info("a post is tried again: %s", error)
                tried = tried or not _limited(error)
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


def _is_whole(post: Post) -> bool:
    return post.kind == "say" and (post.blocks != "[]" or len(post.text) > 2 * PLAIN)


def _plain(post: Post) -> Post:
    """Nobody sees a question that Slack refused, and the run would wait for ever: its words alone."""
    note = words.NOT_DRAWN.to(language_of(post.text))
    return post.model_copy(update={"text": f"{cut(post.text, PLAIN)}\n{note}", "blocks": "[]"})


def _limited(error: Exception) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == 429
    named = error.response.get("error") if isinstance(error, SlackApiError) else ""
    return bool(isinstance(error, SlackApiError) and error.response.status_code == 429) or named in LIMITED


def _pause(error: Exception, wait: float) -> float | None:
    """Seconds before the next try; None where another would be told the same."""
    if isinstance(error, GONE):
        return None
    if isinstance(error, httpx.HTTPStatusError):
        return wait if error.response.status_code >= 500 or _limited(error) else None
    if not isinstance(error, SlackApiError):
        return wait  # it may have arrived: the connection ended before Slack said so
    if _limited(error):
        told = str(error.response.headers.get("Retry-After", ""))
        return float(told) if told.isdecimal() else wait
    if error.response.status_code >= 500 or error.response.get("error") in PASSING:
        return wait
    return None
