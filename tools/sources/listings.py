"""What a data set on a hub consists of: its files, its revision and its licence, as each hub's own interface says."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from tools.sources.download import Remote
from tools.sources.web import Limits, Missing, get
from workspace.errors import UserError
from workspace.exact import strict_json
from workspace.settings import redacted, settings
from workspace.words import Words

if TYPE_CHECKING:
    from httpx import Client

Name = Literal["huggingface", "modelscope", "kaggle"]
PAGE = 200
MOST_PAGES = 500
LARGEST_ANSWER = 50_000_000


@dataclass(frozen=True)
class Listing:
    """`headers` are the reader's own credentials, for the hub alone."""

    revision: str
    licence: str | None
    files: tuple[Remote, ...]
    headers: dict[str, str]


def listing(hub: Name, dataset: str, revision: str | None, client: Client, limits: Limits) -> Listing:
    """Raises UserError where there is no such data set, or it may not be read."""
    match hub:
        case "huggingface":
            return _huggingface(dataset, revision, limits)
        case "modelscope":
            return _modelscope(dataset, revision or "master", client, limits)
        case "kaggle":
            return _kaggle(dataset, revision, client, limits)


def _huggingface(dataset: str, revision: str | None, limits: Limits) -> Listing:
    import httpx
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    endpoint, token = settings().hub_endpoints["huggingface"], _token("HF_TOKEN")
    api = HfApi(endpoint=endpoint, token=token or False)
    try:
        found = api.dataset_info(dataset, revision=revision, files_metadata=True, timeout=limits.seconds)
    except HFValidationError:
        raise _no_name(dataset) from None
    except (HfHubHTTPError, httpx.HTTPError, OSError) as error:
        raise _refused("Hugging Face", dataset, str(error).strip().splitlines()[0]) from None
    sha = found.sha or revision or "main"
    base = f"{endpoint}/datasets/{dataset}/resolve/{quote(sha, safe='')}/"
    files = tuple(
        Remote(one.rfilename, base + quote(one.rfilename), one.size, one.lfs.sha256 if one.lfs else None)
        for one in found.siblings or ()
    )
    licence = found.card_data.get("license") if found.card_data else None
    return Listing(sha, _licence(licence), files, {"Authorization": f"Bearer {token}"} if token else {})


def _modelscope(dataset: str, revision: str, client: Client, limits: Limits) -> Listing:
    _two_parts(dataset)
    base = f"{settings().hub_endpoints['modelscope']}/api/v1/datasets/{quote(dataset)}"
    token = _token("MODELSCOPE_API_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    about = _member(_json(client, base, headers, limits), "Data")
    files: list[Remote] = []
    for page in range(1, MOST_PAGES + 1):
        asked = f"Revision={quote(revision, safe='')}&Recursive=True&PageNumber={page}&PageSize={PAGE}"
        held = _member(_json(client, f"{base}/repo/tree?{asked}", headers, limits), "Data").get("Files")
        found = [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
        for one in found:
            if one.get("Type") != "tree":
                path = str(one.get("Path") or one.get("Name"))
                at = f"{base}/repo?Revision={quote(revision, safe='')}&FilePath={quote(path, safe='')}"
                files.append(
                    Remote(path, at, _size(one.get("Size")), str(one["Sha256"]) if one.get("Sha256") else None)
                )
        if len(found) < PAGE:
            break
    return Listing(revision, _licence(about.get("License")), tuple(files), headers)


def _kaggle(dataset: str, revision: str | None, client: Client, limits: Limits) -> Listing:
    _two_parts(dataset)
    base, name = f"{settings().hub_endpoints['kaggle']}/api/v1/datasets", quote(dataset)
    user, key = _token("KAGGLE_USERNAME"), _token("KAGGLE_KEY")
    basic = base64.b64encode(f"{user}:{key}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"} if user and key else {}
    about = _object(_json(client, f"{base}/view/{name}", headers, limits))
    version = revision or str(about.get("currentVersionNumber") or "")
    asked = f"datasetVersionNumber={quote(version, safe='')}" if version else ""
    files: list[Remote] = []
    token = ""
    for _ in range(MOST_PAGES):
        more = f"&pageToken={quote(token, safe='')}" if token else ""
        held = _object(_json(client, f"{base}/list/{name}?pageSize={PAGE}{more}&{asked}".rstrip("&"), headers, limits))
        for one in _objects(held.get("datasetFiles")):
            path = str(one.get("name"))
            at = f"{base}/download/{name}/{quote(path, safe='')}?{asked}".rstrip("?")
            # What it says of the size is that of the file before it was packed for the way.
            files.append(Remote(path, at))
        token = str(held.get("nextPageToken") or "")
        if not token:
            break
    return Listing(version, _licence(about.get("licenseName")), tuple(files), headers)


def _json(client: Client, address: str, headers: Mapping[str, str], limits: Limits) -> object:
    import httpx

    short = replace(limits, most_bytes=LARGEST_ANSWER)
    answer = get(client, httpx.URL(address), {**headers, "Accept": "application/json"}, short)
    try:
        return strict_json(answer.body.decode())
    except ValueError:
        raise _refused(answer.url.host, answer.url.path, "it does not answer in JSON") from None


def _object(found: object) -> dict[str, object]:
    return found if isinstance(found, dict) else {}


def _objects(found: object) -> Iterator[dict[str, object]]:
    return (one for one in found if isinstance(one, dict)) if isinstance(found, list) else iter(())


def _member(found: object, name: str) -> dict[str, object]:
    """ModelScope says within an answer of status 200 that something went wrong."""
    whole = _object(found)
    if whole.get("Success") is False or whole.get("Code", 200) != 200:
        raise Missing(
            Words(
                f"ModelScope: {redacted(str(whole.get('Message')))}.",
                f"ModelScope：{redacted(str(whole.get('Message')))}。",
            ),
            Words("Check the name and the revision.", "请检查名称和版本。"),
        )
    return _object(whole.get(name))


def _size(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _licence(value: object) -> str | None:
    """A card may name several."""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or None
    return str(value) if value else None


def _token(name: str) -> str:
    held = settings().hub_tokens.get(name)
    return held.get_secret_value() if held else ""


def _two_parts(dataset: str) -> None:
    owner, _, name = dataset.partition("/")
    if not owner or not name or "/" in name or ".." in dataset:
        raise _no_name(dataset)


def _no_name(dataset: str) -> UserError:
    return UserError(
        Words(f"{dataset!r} is no data set's name.", f"{dataset!r} 不是数据集的名称。"),
        Words("Write it as owner/name.", "请写成“所有者/名称”。"),
    )


def _refused(hub: str, what: str, why: str) -> UserError:
    return UserError(
        Words(f"{hub} does not give {what}: {redacted(why)}", f"无法从 {hub} 获取 {what}：{redacted(why)}"),
        Words(
            "Check the name and the revision; a private one needs the administrator's token.",
            "请检查名称和版本；私有数据集需要管理员设置令牌。",
        ),
    )
