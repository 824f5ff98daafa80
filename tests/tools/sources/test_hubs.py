"""Data sets come from each hub by name: whole, checked, gone on with after a break, with licence and split."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.served import Asked, Reply, Script, Served, ranged
from tools.base import Kit
from tools.sources.hubs import Hub, split_of
from tools.sources.records import STOPPED, content_key
from workspace.errors import UserError
from workspace.settings import ENDPOINTS, settings

Serve = Callable[[Script], Served]
TRAIN = "".join(json.dumps({"text": f"text {n}", "label": "ab"[n % 2]}) + "\n" for n in range(3000)).encode()
TEST = "text,label\n雪了,a\nrain,b\n".encode()
SHA = "0123456789abcdef0123456789abcdef01234567"


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"text": ["one", "two"], "label": ["a", "b"]}), out)
    return out.getvalue()


FILES = {
    "README.md": b"# about",
    "dataset_infos.json": b"{}",
    "data/train.jsonl": TRAIN,
    "data/test-00000-of-00001.csv": TEST,
    "extra.parquet": parquet(),
}
ROWS = 2 + 3000 + 2


class Hubs:
    """Speaks the interfaces of all three; `bytes_sent` may be put in the way of a file."""

    def __init__(self) -> None:
        self.files = dict(FILES)
        self.instead: dict[str, list[Callable[[Asked], Reply]]] = {}

    def __call__(self, asked: Asked) -> object:
        path = asked.path
        if path == "/api/datasets/owner/name/revision/main" or path == "/api/datasets/owner/name":
            return self.huggingface()
        if path.startswith("/datasets/owner/name/resolve/"):
            return self.sent(path.split("/", 6)[6], asked)
        if path == "/api/v1/datasets/owner/name":
            return {"Code": 200, "Success": True, "Data": {"Id": 7, "License": "Apache License 2.0"}}
        if path == "/api/v1/datasets/owner/name/repo/tree":
            return self.modelscope(int(asked.query["PageNumber"]), int(asked.query["PageSize"]))
        if path == "/api/v1/datasets/owner/name/repo":
            return self.sent(asked.query["FilePath"], asked)
        if path == "/api/v1/datasets/view/owner/name":
            return {"ref": "owner/name", "licenseName": "CC0-1.0", "currentVersionNumber": 3}
        if path == "/api/v1/datasets/list/owner/name":
            return self.kaggle(asked.query.get("pageToken", ""))
        if path.startswith("/api/v1/datasets/download/owner/name/"):
            return self.sent(path.removeprefix("/api/v1/datasets/download/owner/name/"), asked)
        return Reply({"error": "not found", "Code": 404, "Success": False, "Message": "no such data set"}, 404)

    def sent(self, name: str, asked: Asked) -> Reply:
        waiting = self.instead.get(name)
        if waiting and asked.method == "GET":
            return waiting.pop(0)(asked)
        return ranged(self.files[name], asked)

    def huggingface(self) -> object:
        files = [
            {"rfilename": name, "size": len(body), "lfs": {"sha256": sha(body), "size": len(body), "pointerSize": 1}}
            for name, body in self.files.items()
        ]
        return {"id": "owner/name", "sha": SHA, "siblings": files, "cardData": {"license": "cc-by-4.0"}, "tags": []} | {
            "private": False,
            "downloads": 0,
            "likes": 0,
        }

    def modelscope(self, page: int, size: int) -> object:
        held = [{"Path": "data", "Name": "data", "Type": "tree"}] + [
            {"Path": name, "Name": name.split("/")[-1], "Type": "blob", "Size": len(body), "Sha256": sha(body)}
            for name, body in self.files.items()
        ]
        return {"Code": 200, "Success": True, "Data": {"Files": held[(page - 1) * size : page * size]}}

    def kaggle(self, token: str) -> object:
        names = list(self.files)
        some, more = (names[:2], "2") if not token else (names[2:], "")
        return {"datasetFiles": [{"name": name, "totalBytes": 9} for name in some], "nextPageToken": more}


def sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@pytest.fixture
def hubs() -> Hubs:
    return Hubs()


@pytest.fixture
def served(serve: Serve, hubs: Hubs, monkeypatch: pytest.MonkeyPatch) -> Served:
    running = serve(hubs)
    for name in ENDPOINTS.values():
        monkeypatch.setenv(name, running.url)
    # That an administrator chose the endpoint is enough.
    monkeypatch.delenv("TUNESMITH_PRIVATE_HOSTS")
    settings.cache_clear()
    return running


def hub(name: str, **more: object) -> Hub:
    return Hub.model_validate({"hub": name, "dataset": "owner/name", "wait": 0.01, **more})


LICENCES = {"huggingface": "cc-by-4.0", "modelscope": "Apache License 2.0", "kaggle": "CC0-1.0"}
REVISIONS = {"huggingface": SHA[:12], "modelscope": "master", "kaggle": "3"}


@pytest.mark.parametrize("name", ["huggingface", "modelscope", "kaggle"])
class TestEveryHub:
    def test_all_tables_are_read_with_licence_place_and_split(self, bare: Kit, served: Served, name: str) -> None:
        rows = list(hub(name).read(bare))
        assert len(rows) == ROWS
        assert all(row.kept for row in rows)
        assert {row.origin.licence for row in rows} == {LICENCES[name]}
        assert {row.origin.source for row in rows} == {"hub"}
        assert rows[0].origin.file == f"{name}:owner/name@{REVISIONS[name]}/data/test-00000-of-00001.csv"
        assert [row.split for row in rows].count("test") == 2
        assert [row.split for row in rows].count("train") == 3000
        assert len({row.id for row in rows}) == ROWS

    def test_a_second_reading_fetches_no_file_again_and_gives_the_same(
        self, bare: Kit, served: Served, name: str
    ) -> None:
        first = list(hub(name).read(bare))
        before = len(served.asked)
        assert list(hub(name).read(bare)) == first
        assert not any("train.jsonl" in f"{asked.path}{asked.query}" for asked in served.asked[before:])

    def test_a_broken_download_goes_on_where_it_was(self, bare: Kit, served: Served, hubs: Hubs, name: str) -> None:
        hubs.instead["data/train.jsonl"] = [lambda asked: Reply(TRAIN, cut=50_000)]
        rows = list(hub(name, files=["data/*"]).read(bare))
        assert sum(row.kept for row in rows) == 3002
        asked = [asked.headers.get("range") for asked in served.asked if "train" in f"{asked.path}{asked.query}"]
        assert asked[0] is None
        assert asked[-1] == "bytes=50000-"

    def test_only_the_files_that_are_named(self, bare: Kit, served: Served, name: str) -> None:
        assert len(list(hub(name, files=["*.parquet"]).read(bare))) == 2
        with pytest.raises(UserError, match=r"README\.md"):
            list(hub(name, files=["*.orc"]).read(bare))

    def test_a_name_that_is_not_there(self, bare: Kit, served: Served, name: str) -> None:
        with pytest.raises(UserError):
            list(hub(name, dataset="owner/other", tries=1).read(bare))
        for odd in ("../etc", "a/b/c", "owner/na me/../x"):
            with pytest.raises(UserError, match=r"no data set's name|does not give|nothing at"):
                list(hub(name, dataset=odd, tries=1).read(bare))

    def test_a_file_that_leads_out_of_its_folder_is_refused(
        self, bare: Kit, served: Served, hubs: Hubs, name: str
    ) -> None:
        hubs.files = {"../../escape.csv": TEST}
        with pytest.raises(UserError, match="file with the name"):
            list(hub(name).read(bare))

    def test_too_large_a_file_is_refused(self, bare: Kit, served: Served, name: str) -> None:
        with pytest.raises(UserError, match="larger than"):
            list(hub(name, files=["data/train.jsonl"], most_bytes=10_000).read(bare))
        assert not list(bare.project.folder.rglob("train.jsonl"))

    def test_a_file_that_can_t_be_had_costs_none_before_it(
        self, bare: Kit, served: Served, hubs: Hubs, name: str
    ) -> None:
        hubs.instead["data/train.jsonl"] = [lambda asked: Reply(status=500)] * 9
        *rows, last = hub(name, tries=2).read(bare)
        assert len(rows) == 2
        assert last.dropped_by.check == STOPPED
        assert "data/train.jsonl" in last.dropped_by.reason


@pytest.mark.parametrize("name", ["huggingface", "modelscope"])
def test_bytes_that_are_not_the_ones_described_are_fetched_anew(
    bare: Kit, served: Served, hubs: Hubs, name: str
) -> None:
    hubs.instead["data/train.jsonl"] = [lambda asked: Reply(TRAIN.replace(b"text 7", b"evil 7"))]
    rows = list(hub(name, files=["data/train.jsonl"]).read(bare))
    assert not any("evil" in row.question for row in rows)
    hubs.instead["data/train.jsonl"] = [lambda asked: Reply(TRAIN[:-1])] * 9
    for path in bare.project.folder.rglob("train.jsonl"):
        path.unlink()
    with pytest.raises(UserError, match="not the one that the hub describes"):
        list(hub(name, files=["data/train.jsonl"], tries=2).read(bare))


class TestKaggle:
    def test_credentials_go_to_kaggle_and_not_to_where_the_file_lies(
        self, bare: Kit, serve: Serve, served: Served, hubs: Hubs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        storage = serve(lambda asked: ranged(TEST, asked))
        there = {"Location": storage.url + "/signed"}
        hubs.instead["data/test-00000-of-00001.csv"] = [lambda asked: Reply(status=302, headers=there)]
        monkeypatch.setenv("KAGGLE_USERNAME", "me")
        monkeypatch.setenv("KAGGLE_KEY", "kaggle-key")
        settings.cache_clear()
        rows = list(hub("kaggle", files=["data/test*"]).read(bare))
        assert len(rows) == 2
        basic = "Basic " + b64encode(b"me:kaggle-key").decode()
        assert {asked.headers.get("authorization") for asked in served.asked} == {basic}
        assert "authorization" not in storage.asked[0].headers

    def test_the_hash_of_its_storage_is_checked(self, bare: Kit, served: Served, hubs: Hubs) -> None:
        right = b64encode(hashlib.md5(TEST, usedforsecurity=False).digest()).decode()
        name = "data/test-00000-of-00001.csv"
        hubs.instead[name] = [
            lambda asked: Reply(TEST.replace(b"rain", b"evil"), headers={"x-goog-hash": f"crc32c=x,md5={right}"}),
            lambda asked: Reply(TEST, headers={"x-goog-hash": f"crc32c=x,md5={right}"}),
        ]
        assert [row.question for row in hub("kaggle", files=["data/test*"]).read(bare)] == ["雪了", "rain"]

    def test_a_file_that_was_packed_for_the_way_is_unpacked(self, bare: Kit, served: Served, hubs: Hubs) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as packed:
            packed.writestr("test-00000-of-00001.csv", TEST)
        hubs.files["data/test-00000-of-00001.csv"] = out.getvalue()
        assert [row.question for row in hub("kaggle", files=["data/test*"]).read(bare)] == ["雪了", "rain"]


def test_rows_that_a_new_revision_still_holds_are_known_by_their_content(bare: Kit, served: Served) -> None:
    (first, *_), (again, *_) = (
        list(hub("modelscope", files=["data/test*"], revision=revision).read(bare)) for revision in ("v1", "v2")
    )
    assert first.origin.file != again.origin.file
    assert first.id != again.id
    assert content_key(first) == content_key(again)


def test_a_token_is_sent_and_never_shown(
    bare: Kit, served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_verysecret")
    settings.cache_clear()
    rows = list(hub("huggingface", files=["data/test*"]).read(bare))
    assert {asked.headers.get("authorization") for asked in served.asked} == {"Bearer hf_verysecret"}
    assert not any("verysecret" in row.model_dump_json() for row in rows)
    with pytest.raises(UserError) as caught:
        list(hub("huggingface", dataset="owner/none", tries=1).read(bare))
    assert "verysecret" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "split"),
    [
        *(("data/train-00000-of-00002.parquet", "train"), ("test.csv", "test"), ("en/dev.jsonl", "validation")),
        *(("contest.csv", None), ("latest/x.csv", None), ("my_validation_set.csv", "validation")),
    ],
)
def test_the_split_stands_in_the_name(path: str, split: str | None) -> None:
    assert split_of(path) == split
