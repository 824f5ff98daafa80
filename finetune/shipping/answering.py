"""One form of a model answers the same prompts in a process of its own, so that its memory is only its own."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from pydantic import BaseModel, TypeAdapter

from finetune.base import Precision, base_folder, cores, device_and_precision, load_model
from finetune.job import Failure, tuned
from finetune.methods import opened
from finetune.shipping.int8 import open_int8
from finetune.shipping.llama import started
from workspace.errors import UserError, boundary
from workspace.memory import most_held
from workspace.project import write_text
from workspace.results import Form
from workspace.settings import quiet_libraries, redacted
from workspace.words import Words

if TYPE_CHECKING:
    from transformers import PreTrainedModel

DOING = Words("comparing the forms", "比较各种格式")
LLAMA: tuple[Form, ...] = ("gguf", "q8", "q4", "served")
SECONDS = 600.0


class Asked(BaseModel):
    """`path` is the form's file or folder, `adapter` a GGUF adapter on top of it. Prompts as texts and as tokens."""

    form: Form
    path: Path
    adapter: Path | None = None
    texts: list[str]
    prompts: list[list[int]]
    longest: int
    stops: list[int]


class Answer(BaseModel):
    """Without the token that ends it. `written` counts that too, for the sake of speed."""

    tokens: list[int]
    written: int
    ms: float


class Ended(BaseModel):
    """`same_tokens`: how many of the prompts the form's own tokenizer cuts as in training; None where it is shared."""

    memory_mb: float
    same_tokens: int | None = None


LINE: TypeAdapter[Answer | Ended | Failure] = TypeAdapter(Answer | Ended | Failure)


def answers(asked: Asked, folder: Path) -> Generator[Answer, None, Ended]:
    """One answer after the other, then what it took; the log is kept in `folder`. Raises UserError where it fails."""
    job, log = folder / f".{asked.form}.asked.json", folder / f".{asked.form}.log"
    write_text(job, asked.model_dump_json())
    ended: Ended | None = None
    with log.open("wb") as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", "finetune.shipping.answering", str(job)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={"OMP_WAIT_POLICY": "PASSIVE", **os.environ, "PYTHONPATH": _path()},
        )
        try:
            assert child.stdout is not None
            for line in child.stdout:
                heard = LINE.validate_json(line)
                if isinstance(heard, Failure):
                    raise UserError(heard.problem, heard.fix)
                if isinstance(heard, Answer):
                    yield heard
                else:
                    ended = heard
            child.wait()
        finally:
            _stop(child)
    if ended is None or child.returncode != 0:
        raise _died(asked.form, log, child.returncode)
    job.unlink()
    log.unlink()
    return ended


def _path() -> str:
    here = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.kill()
        child.wait()
    if child.stdout:
        child.stdout.close()


def _died(form: Form, log: Path, code: int) -> UserError:
    last = redacted(" / ".join(log.read_text(errors="replace").strip().splitlines()[-2:]))[-300:]
    return UserError(
        Words(
            f"The form {form} could not answer (code {code}: {last}).", f"{form} 格式无法回答（代码 {code}：{last}）。"
        ),
        Words(
            "Free some memory and ask again; what the other forms answered is kept.",
            "请释放一些内存后再试；其他格式的回答都已保留。",
        ),
    )


def main(job: Path) -> int:
    """The other end of the pipe: answers go to the real stdout, whatever libraries print goes to the log."""
    quiet_libraries()
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        with boundary(DOING):
            asked = Asked.model_validate_json(job.read_bytes())
            same = _told(_by_llama(asked) if asked.form in LLAMA else _by_torch(asked), out)
            _say(out, Ended(memory_mb=most_held() / 2**20, same_tokens=same))
    except UserError as error:
        _say(out, Failure(error.problem, error.fix))
        return 1
    return 0


def _told(work: Generator[Answer, None, int | None], out: TextIO) -> int | None:
    while True:
        try:
            _say(out, next(work))
        except StopIteration as end:
            same: int | None = end.value
            return same


def _say(out: TextIO, what: Answer | Ended | Failure) -> None:
    out.write(LINE.dump_json(what).decode() + "\n")
    out.flush()


def _by_torch(asked: Asked) -> Generator[Answer, None, None]:
    """Greedily, one prompt at a time, as a single person would ask."""
    import torch
    from transformers import GenerationConfig

    model = opened_form(asked.form, asked.path)
    # The base's own habits (sampling, penalties) are none of what was trained.
    model.generation_config = GenerationConfig(
        do_sample=False, max_new_tokens=asked.longest, eos_token_id=asked.stops, pad_token_id=asked.stops[0]
    )
    for prompt in asked.prompts:
        start = time.perf_counter()
        with torch.inference_mode():
            ids = torch.tensor([prompt], device=model.device)
            found = model.generate(ids, attention_mask=torch.ones_like(ids))[0, len(prompt) :].tolist()
        yield _answer(found, asked.stops, start)


def opened_form(form: Form, path: Path) -> PreTrainedModel:
    """`adapter`: the weights learned beside the base's, unmerged; the others from what was written."""
    import torch
    from peft import PeftModel

    # On a CPU the faster precision is found by a race, and two forms must not be compared in different ones.
    device, precision = _device()
    torch.set_num_threads(cores())
    if form == "int8":
        return open_int8(path, precision)
    if form == "bf16":
        return load_model(path, precision, device).eval()
    model = tuned(path)
    if model.method == "full":
        return opened(path, precision, device).eval()
    base = load_model(base_folder(model.base), precision, device)
    return PeftModel.from_pretrained(base, path, local_files_only=True).eval()


def _device() -> tuple[str, Precision]:
    import torch

    return device_and_precision() if torch.cuda.is_available() else ("cpu", "float32")


def _by_llama(asked: Asked) -> Generator[Answer, None, int]:
    """The same prompts, in the same tokens; and whether its own tokenizer would have cut them so."""
    import httpx

    key = secrets.token_urlsafe(24)
    server = _server(asked, key)
    headers = {"Authorization": f"Bearer {key}"}
    # The server hangs up after 100 requests on one line.
    anew, address = httpx.Limits(max_keepalive_connections=0), server.listening_address
    with httpx.Client(base_url=address, headers=headers, timeout=SECONDS, limits=anew, trust_env=False) as client:

        def post(route: str, body: dict[str, object]) -> list[int]:
            reply = client.post(route, json=body)
            reply.raise_for_status()
            return list(reply.json()["tokens"])

        cut = [post("/tokenize", {"content": t, "add_special": False, "parse_special": True}) for t in asked.texts]
        greedy = {"n_predict": asked.longest, "temperature": 0, "return_tokens": True, "cache_prompt": False}
        for prompt in asked.prompts:
            start = time.perf_counter()
            yield _answer(post("/completion", {"prompt": prompt, **greedy}), asked.stops, start)
    return sum(a == b for a, b in zip(cut, asked.prompts, strict=True))


def _server(asked: Asked, key: str) -> Any:
    context = max(map(len, asked.prompts)) + asked.longest + 8
    try:
        return started(asked.path, asked.adapter, context, 1, key)
    except (RuntimeError, MemoryError) as error:
        raise UserError(
            Words(
                f"llama.cpp does not open {asked.path.name} ({error}).",
                f"llama.cpp 无法打开 {asked.path.name}（{error}）。",
            ),
            Words("Delete that file and compress again.", "请删除该文件后重新压缩。"),
        ) from error


def _answer(tokens: Sequence[int], stops: Sequence[int], start: float) -> Answer:
    ms = 1000 * (time.perf_counter() - start)
    end = next((i for i, token in enumerate(tokens) if token in stops), len(tokens))
    return Answer(tokens=list(tokens[:end]), written=min(end + 1, len(tokens)), ms=ms)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
