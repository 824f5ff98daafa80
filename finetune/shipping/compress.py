"""A tuned model in smaller forms, each written once and put beside the adapter it comes from; killed, it goes on."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from finetune.base import BASES, base_folder, load_tokenizer
from finetune.identity import base_hash, learned, unchanged
from finetune.job import tuned
from finetune.shipping.adapter import fits, gguf_adapter
from finetune.shipping.answering import Answer, Ended, answers
from finetune.shipping.gguf import write_gguf
from finetune.shipping.int8 import write_int8
from finetune.shipping.merge import merge, mergeable
from finetune.shipping.parity import LEAST_EXACT, MOST_LOST, Given, Questions, compared, questions
from finetune.shipping.tables import write_tables
from workspace.errors import boundary
from workspace.project import file_hash, write_text
from workspace.results import Compressed, Form, TrainedModel
from workspace.sample import Sample
from workspace.settings import quiet_libraries
from workspace.weights import weight
from workspace.words import Words

DOING = Words("compressing", "压缩")
REPORT = "compress.json"
MADE_OF = "made_of.txt"
FORMS: tuple[Form, ...] = ("bf16", "int8", "gguf", "q8", "q4")
PLACES: dict[Form, str] = {
    "bf16": "bf16",
    "int8": "int8",
    "gguf": "model-f16.gguf",
    "q8": "model-q8_0.gguf",
    "q4": "model-q4_1.gguf",
}


@dataclass(frozen=True, slots=True)
class Compressing:
    """What is under way: a form written, or how many prompts it has answered."""

    doing: Words
    done: int
    total: int


def compress(
    folder: Path, forms: Sequence[Form], out: Path, prompts: Sequence[Sample] = ()
) -> Generator[Compressing, None, Compressed]:
    """Write the forms, compress.json and compress.md to `out`. bf16 is always among them: the others come from it.

    Raises UserError for a model that can't be merged, is damaged or lost its base, and for a full disk.
    """
    quiet_libraries()
    with boundary(DOING):
        model = tuned(folder)
        mergeable(model)
        unchanged(model, folder)
        key = made_of(model, folder)
        wanted: tuple[Form, ...] = tuple(form for form in FORMS if form in {"bf16", *forms})
        _fresh(out, key)
        yield from _written(model, folder, wanted, out)
        tokenizer = load_tokenizer(folder)
        asked = questions(folder, tokenizer, prompts)
        given: dict[Form, Given] = {}
        for form in ("adapter", *wanted, *_served(model, folder)):
            given[form] = yield from _answered(asked, form, model, folder, out)
        found = Compressed(
            model=model.name,
            key=key,
            prompts=len(asked.prompts),
            held_back=asked.held_back,
            metric=asked.metric,
            against_adapter=asked.wanted is None,
            least_exact=LEAST_EXACT,
            most_lost=MOST_LOST,
            forms=compared(given, asked, tokenizer),
        )
        write_text(out / REPORT, found.model_dump_json(indent=2))
        write_tables(found, out)
        return found


def made_of(model: TrainedModel, folder: Path) -> str:
    """One hash over the weights that were learned and the base under them."""
    digest = hashlib.sha256((model.base_hash or base_hash(base_folder(model.base))).encode())
    for name, hash in learned(folder).items():
        digest.update(f"\0{name}\0{hash}".encode())
    return digest.hexdigest()


def _fresh(out: Path, key: str) -> None:
    """Forms of other weights than these go."""
    out.mkdir(parents=True, exist_ok=True)
    made = out / MADE_OF
    if made.is_file() and made.read_text() == key:
        return
    for place in PLACES.values():
        if (out / place).is_dir():
            shutil.rmtree(out / place)
        else:
            (out / place).unlink(missing_ok=True)
    (out / REPORT).unlink(missing_ok=True)
    write_text(made, key)


def _written(
    model: TrainedModel, folder: Path, wanted: Sequence[Form], out: Path
) -> Generator[Compressing, None, None]:
    for number, form in enumerate(wanted):
        yield Compressing(Words(f"Writing {PLACES[form]}", f"写入 {PLACES[form]}"), number, len(wanted))
        target = out / PLACES[form]
        if target.exists():
            continue
        if form == "bf16":
            merge(folder, target)
        elif form == "int8":
            write_int8(out / PLACES["bf16"], target)
        elif form in ("gguf", "q8", "q4"):
            write_gguf(out / PLACES["bf16"], model.base, form, target)


def _served(model: TrainedModel, folder: Path) -> tuple[Form, ...]:
    """As `serve api` does it: the base's own GGUF with the adapter on top; elsewhere it answers as the adapter."""
    return ("served",) if model.base in BASES and fits(folder, base_folder(model.base)) else ()


class _Kept(BaseModel):
    """One form's answers, and the key of what was asked of which bytes."""

    key: str
    answers: list[Answer]
    ended: Ended


def _answered(
    asked: Questions, form: Form, model: TrainedModel, folder: Path, out: Path
) -> Generator[Compressing, None, Given]:
    path, adapter = _place(form, model, folder, out)
    ask = asked.asked(form, path, adapter)
    kept = out / f".{form}.answers.json"
    # `path` is the base alone where the adapter lies on top of it.
    on_top = made_of(model, folder) if adapter else ""
    key = hashlib.sha256((ask.model_dump_json() + bytes_of(path) + on_top).encode()).hexdigest()
    total = len(ask.prompts)
    found = _known(kept, key)
    if found is None:
        doing = Words(f"Asking {form}", f"提问：{form}")
        heard: list[Answer] = []
        yield Compressing(doing, 0, total)
        work = answers(ask, out)
        while True:
            try:
                heard.append(next(work))
            except StopIteration as end:
                found = _Kept(key=key, answers=heard, ended=end.value)
                break
            yield Compressing(doing, len(heard), total)
        write_text(kept, found.model_dump_json())
    shown = os.path.relpath(path, out) if form in PLACES else str(path)
    return Given(shown, bytes_of(path), _megabytes(path, adapter, form, model), found.answers, found.ended)


def _known(path: Path, key: str) -> _Kept | None:
    try:
        found = _Kept.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return found if found.key == key else None


def _place(form: Form, model: TrainedModel, folder: Path, out: Path) -> tuple[Path, Path | None]:
    if form == "adapter":
        return folder.resolve(), None
    if form == "served":
        return weight(model.base), gguf_adapter(folder, base_folder(model.base))
    return out / PLACES[form], None


def files_of(path: Path) -> list[Path]:
    """A form is one file, or a folder without folders."""
    return [path] if path.is_file() else sorted(file for file in path.glob("*") if file.is_file())


def bytes_of(path: Path) -> str:
    """One SHA-256 over the weights of a form."""
    weights = [file for file in files_of(path) if file.suffix in (".safetensors", ".gguf")]
    return hashlib.sha256(" ".join(file_hash(file) for file in weights).encode()).hexdigest()


def _megabytes(path: Path, adapter: Path | None, form: Form, model: TrainedModel) -> float:
    """All that one must have to answer: of an adapter, its base too."""
    files = [*files_of(path), *([adapter] if adapter else [])]
    if form == "adapter":
        files = [file for file in files if file.suffix == ".safetensors"]
        files += base_folder(model.base).glob("*.safetensors") if model.method != "full" else []
    return round(sum(file.stat().st_size for file in files) / 2**20, 2)
