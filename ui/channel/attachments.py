"""Files that people share in a thread, fetched from Slack's own host and from nowhere else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from urllib.parse import urljoin, urlsplit

import httpx

from ui import words
from ui.channel.inbox import Shared
from workspace.errors import UserError
from workspace.words import Words

HOST = "files.slack.com"
MOST_BYTES = 100_000_000
MOST_REDIRECTS = 3
SECONDS = 60.0
NOTHING = Words("", "")
STRANGE = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*]+")


class Fetcher:
    """`api_url` is that of the Web API: where it is not Slack's (in tests), its host holds the files too."""

    def __init__(self, token: str, api_url: str, folder: Path) -> None:
        own = urlsplit(api_url)
        real = (own.hostname or "").endswith("slack.com")
        self.origin = ("https", HOST) if real else (own.scheme, own.netloc)
        self.token, self.folder = token, folder

    def fetch(self, shared: Shared, place: str) -> Path:
        """Under `place` in our folder. Raises UserError for a strange address, one that is too large, a page to log
        in."""
        if shared.size > MOST_BYTES:
            raise _too_big(shared)
        target = self.folder / place / shared.id / _name(shared.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self._opened(shared) as reply:
                _write(reply, target, shared)
        except httpx.HTTPError as error:
            raise _not_fetched(shared, words.NO_REPLY) from error
        return target

    def forget(self, place: str) -> None:
        """The project has its own copy by now."""
        shutil.rmtree(self.folder / place, ignore_errors=True)

    @contextmanager
    def _opened(self, shared: Shared) -> Iterator[httpx.Response]:
        """The token goes to the one host only, also after a redirect."""
        url = shared.url_private_download
        with httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=self.origin[0] == "https") as client:
            for _ in range(MOST_REDIRECTS):
                if urlsplit(url)[:2] != self.origin:
                    raise _not_fetched(shared, words.NOT_SLACKS)
                with client.stream("GET", url, headers={"Authorization": f"Bearer {self.token}"}) as reply:
                    if not reply.is_redirect:
                        yield reply
                        return
                    url = urljoin(url, reply.headers["location"])
        raise _not_fetched(shared, words.TOO_FAR)


def _write(reply: httpx.Response, target: Path, shared: Shared) -> None:
    if reply.status_code != 200:
        raise _not_fetched(shared, Words(str(reply.status_code), str(reply.status_code)))
    # Without the scope to read files Slack answers with its page to log in, and says 200.
    if reply.headers.get("content-type", "").startswith("text/html") and shared.mimetype != "text/html":
        raise _not_fetched(shared, words.NO_SCOPE)
    written = 0
    with target.open("wb") as file:
        for piece in reply.iter_bytes():
            written += len(piece)
            if written > MOST_BYTES:
                raise _too_big(shared)
            file.write(piece)


def _name(given: str) -> str:
    """Without what a path or a page would take for more than a name."""
    name = STRANGE.sub("_", PurePath(given).name).strip(". ") or "file"
    stem, dot, ending = name.rpartition(".")
    return (stem[:80] + dot + ending[:20]) if dot else name[:100]


def _too_big(shared: Shared) -> UserError:
    return UserError(_named(words.TOO_BIG, shared), words.TOO_BIG_FIX)


def _not_fetched(shared: Shared, why: Words) -> UserError:
    return UserError(_named(words.NO_DOWNLOAD, shared, why), words.NO_DOWNLOAD_FIX)


def _named(told: Words, shared: Shared, why: Words = NOTHING) -> Words:
    name = _name(shared.name)
    return Words(told.en.format(name=name, why=why.en), told.zh.format(name=name, why=why.zh))
