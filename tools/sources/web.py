"""The one way out to addresses that a person or a document named: none inside the network, nothing without an end."""

from __future__ import annotations

import email.utils
import ipaddress
import random
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from workspace.errors import UserError
from workspace.settings import SECRET, redacted, settings
from workspace.words import Words

if TYPE_CHECKING:
    from httpx import URL, Client, Response

T = TypeVar("T")
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
MOVED = frozenset({301, 302, 303, 307, 308})
MOST_MOVES = 5
# An IPv4 address inside one of IPv6: the gateway that translates it would lead back into the network.
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
AGENT = "tunesmith"


@dataclass(frozen=True)
class Limits:
    """`seconds` and `most_bytes` hold for one answer; `longest` is the longest wait between tries.

    `trusted`: a host (and port) that an administrator chose, which may lie inside the network.
    """

    seconds: float = 60
    most_bytes: int = 50_000_000
    tries: int = 5
    wait: float = 1
    longest: float = 60
    trusted: str = ""


@dataclass(frozen=True)
class Answer:
    url: URL
    headers: Mapping[str, str]
    body: bytes


class Missing(UserError):
    """The server has nothing at that address."""


class Busy(Exception):
    """Worth another try; `after` is how long the server asks to wait."""

    def __init__(self, said: str, after: float | None = None) -> None:
        super().__init__(said)
        self.after = after


def get(client: Client, url: URL, headers: Mapping[str, str], limits: Limits) -> Answer:
    """The whole answer. Raises UserError where it is refused, too large, or still fails after the tries."""

    def once() -> Answer:
        with answered(client, url, headers, limits) as response:
            return Answer(url, response.headers, b"".join(chunks(response, limits)))

    return persistent(once, url, limits)


def persistent(once: Callable[[], T], url: URL, limits: Limits) -> T:
    """What `once` gives, tried again with longer and longer waits while the server is busy or does not answer."""
    import httpx

    for number in range(limits.tries):
        try:
            return once()
        except (Busy, httpx.TransportError) as error:
            after = error.after if isinstance(error, Busy) else None
            pause = after if after is not None else limits.wait * 2**number * random.uniform(0.75, 1.25)
            why = redacted(str(error) or type(error).__name__)
            if number + 1 == limits.tries or (after is not None and after > limits.longest):
                raise _given_up(url, why, after) from None
            time.sleep(min(pause, limits.longest))
    raise AssertionError("at least one try")


@contextmanager
def answered(
    client: Client, url: URL, headers: Mapping[str, str], limits: Limits, *, elsewhere: bool = False
) -> Iterator[Response]:
    """The answer, its body not read yet. Only where `elsewhere` may it come from another host, then without headers.

    The name is looked up once and that address is called, so that it can't be another one a moment later.
    """
    import httpx

    for _ in range(MOST_MOVES):
        request = client.build_request(
            "GET",
            url.copy_with(host=_reachable(url, limits.trusted)),
            headers={"User-Agent": AGENT, **headers, "Host": url.netloc.decode()},
            extensions={"sni_hostname": url.host, "timeout": httpx.Timeout(limits.seconds).as_dict()},
        )
        response = client.send(request, stream=True)
        try:
            if response.status_code not in MOVED or "location" not in response.headers:
                _refuse_failed(response, url)
                yield response
                return
        finally:
            response.close()
        moved = url.join(response.headers["location"])
        if not same_host(url, moved):
            if not elsewhere:
                raise _moved_away(url, moved)
            headers = {name: value for name, value in headers.items() if name.lower() in ("range", "accept")}
        url = moved
    raise _refused(url, Words("it leads from one address to the next without end", "它不断跳转，没有尽头"))


def chunks(response: Response, limits: Limits) -> Iterator[bytes]:
    """The body in pieces. Raises UserError where it is too large, Busy where it trickles in without end."""
    until, size = time.monotonic() + limits.seconds, 0
    for chunk in response.iter_bytes(2**16):
        size += len(chunk)
        if size > limits.most_bytes:
            most = limits.most_bytes // 1_000_000
            raise _refused(response.url, Words(f"the answer is larger than {most} MB", f"响应超过 {most} MB"))
        if time.monotonic() > until:
            raise Busy("the answer took too long")
        yield chunk


def opened() -> Client:
    import httpx

    return httpx.Client(follow_redirects=False)


def same_host(url: URL, other: URL) -> bool:
    """The same server; from http to https is a step that loses nothing."""
    return url.host == other.host and (
        (url.scheme, url.port) == (other.scheme, other.port)
        or (url.scheme, other.scheme, url.port, other.port) == ("http", "https", None, None)
    )


def secret_headers(headers: Mapping[str, str], url: URL) -> dict[str, str]:
    """Header values by the names that an administrator gave them; each is for one host, and goes to no other."""
    return {header: _secret(name, url) for header, name in headers.items()}


def _secret(given: str, url: URL) -> str:
    name = given.removeprefix(SECRET).lower()
    held = settings().secrets.get(name)
    host, _, value = held.get_secret_value().partition(" ") if held else ("", "", "")
    variable = f"{SECRET}{name.upper()}"
    if not value or host not in (url.host, url.netloc.decode()):
        raise UserError(
            Words(f"There is no secret {name!r} for {url.host}.", f"没有可用于 {url.host} 的密钥 {name!r}。"),
            Words(
                f'An administrator sets {variable} to "{url.host} VALUE"; it is sent to that host alone.',
                f"请管理员把环境变量 {variable} 设为“{url.host} 值”；它只会发给这台主机。",
            ),
        )
    if url.scheme != "https" and not _let_in(url):
        raise _refused(url, Words("a secret goes out over https only", "密钥只能通过 https 发送"))
    return value


def _reachable(url: URL, trusted: str) -> str:
    """The address to call. Raises UserError for one inside the network that no administrator has let in."""
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise _refused(
            url,
            Words("only http and https, and no password in the address", "只支持 http 和 https，且地址中不能含密码"),
        )
    try:
        found = socket.getaddrinfo(url.host, url.port or url.scheme, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Busy(f"there is no host {url.host}") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not _let_in(url, trusted) and not all(map(_public, addresses)):
        raise _refused(
            url,
            Words(
                "it lies inside the network; an administrator may allow it with TUNESMITH_PRIVATE_HOSTS",
                "它位于内部网络；管理员可用 TUNESMITH_PRIVATE_HOSTS 允许",
            ),
        )
    return addresses[0]


def _let_in(url: URL, trusted: str = "") -> bool:
    return bool({url.host, url.netloc.decode()} & {*settings().private_hosts, trusted})


def _public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return _public(str(inner))
    return found.is_global and not found.is_multicast


def _refuse_failed(response: Response, url: URL) -> None:
    status = response.status_code
    if status in BUSY:
        raise Busy(f"status {status}", _asked_to_wait(response.headers.get("retry-after")))
    if status in (404, 410):
        raise Missing(
            Words(f"{url.host} has nothing at {url.path}.", f"{url.host} 上没有 {url.path}。"),
            Words("Check the name or the address.", "请检查名称或地址。"),
        )
    if status in (401, 403):
        raise UserError(
            Words(
                f"{url.host} lets nobody in without a key (status {status}).",
                f"{url.host} 需要凭证（状态码 {status}）。",
            ),
            Words(
                f"Ask your administrator for a key ({SECRET}…, or the hub's own) whose account may read it.",
                f"请管理员设置密钥（{SECRET}…，或该平台自己的令牌），并确认账户有读取权限。",
            ),
        )
    if not 200 <= status < 300:
        raise _refused(url, Words(f"it answers with status {status}", f"返回状态码 {status}"))


def _asked_to_wait(given: str | None) -> float | None:
    """Seconds, from a number or a date."""
    if given is None:
        return None
    try:
        return max(0.0, float(given))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(given).timestamp() - time.time())
    except ValueError:
        return None


def _refused(url: URL, why: Words) -> UserError:
    return UserError(
        Words(
            f"{url.host or url.scheme} can't be fetched: {why.en}.", f"无法获取 {url.host or url.scheme}：{why.zh}。"
        ),
        Words("Correct the address, or choose another source.", "请更正地址，或换一个数据来源。"),
    )


def _moved_away(url: URL, moved: URL) -> UserError:
    return UserError(
        Words(f"{url.host} sends us on to {moved.host}.", f"{url.host} 要求跳转到 {moved.host}。"),
        Words("If you trust that host, name its address yourself.", "如果您信任该主机，请直接填写它的地址。"),
    )


def _given_up(url: URL, why: str, after: float | None) -> UserError:
    later = f" in {round(after)} seconds" if after else " later"
    return UserError(
        Words(f"{url.host} did not answer: {why}.", f"{url.host} 没有正常响应：{why}。"),
        Words(
            f"Try again{later}; what came before is kept.",
            f"请{f'在 {round(after)} 秒后' if after else '稍后'}重试；已取得的数据都还在。",
        ),
    )
