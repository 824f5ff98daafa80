"""Base models by name, local folder or hub id: found, turned into safetensors once, and loaded without running code."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import orjson
from filelock import FileLock

from finetune.encoders.minilm import convert
from workspace.errors import UserError
from workspace.settings import settings
from workspace.weights import here, weight
from workspace.words import Words

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import BitsAndBytesConfig, PreTrainedModel, PreTrainedTokenizerBase

Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class Known:
    """`kept_as` is the precision of the safetensors on disk: a large model in float32 would only fill the disk."""

    parameters: float
    kept_as: Precision


BASES = {
    "smollm2-135m": Known(135e6, "float32"),
    "qwen2.5-coder-1.5b": Known(1.54e9, "bfloat16"),
    # An encoder: it sorts texts and writes none.
    "minilm": Known(22.6e6, "float32"),
}
# The files of weights that a base is made from, where that is not the one of its own name.
MADE_OF = {"minilm": ("minilm-int8", "minilm-tokenizer")}
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([bm])(?![a-z])", re.IGNORECASE)
HUB_ID = re.compile(r"[\w.-]+/[\w.-]+(@[\w./-]+)?")

# ChatML without the default system prompt that SmolLM2's and Qwen's own templates put before every message:
# two thirds of a short row would be that prompt.
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SIMPLE = (
    "{% for message in messages %}{{ message['role'] + ':\n' + message['content'] }}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{{ '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ 'assistant:\n' }}{% endif %}"
)


def base_folder(name: str) -> Path:
    """The folder that holds this base as safetensors. Raises UserError for a name that leads nowhere."""
    if name in BASES:
        return _dequantised(name)
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _safe(folder.resolve())
    if HUB_ID.fullmatch(name) and not name.startswith((".", "/")):
        return _safe(_from_hub(name))
    known = ", ".join(BASES)
    raise UserError(
        Words(f"There is no base model called {name!r}.", f"没有名为 {name!r} 的基础模型。"),
        Words(
            f"Known are {known}; a folder with safetensors, or a hub id such as owner/name, will also do.",
            f"可用的有 {known}；也可以给出放有 safetensors 的文件夹，或 owner/name 形式的模型库名称。",
        ),
    )


def is_here(name: str) -> bool:
    """Whether `base_folder` would answer without fetching anything."""
    if name not in BASES:
        return Path(name).expanduser().is_dir()
    return all(here(file) for file in MADE_OF.get(name, (name,))) or (settings().home / "bases" / name).is_dir()


def only_reads(folder: Path) -> bool:
    """An encoder, of which there is BERT and its kin: it sees a text at once and writes none."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES

    config = orjson.loads((folder / "config.json").read_bytes())
    writes = config.get("is_encoder_decoder") or config.get("is_decoder")
    return config.get("model_type") in MODEL_FOR_MASKED_LM_MAPPING_NAMES and not writes


def parameters(name: str) -> float:
    """How many weights the base has, from its name or its files; 1e9 where neither says."""
    if name in BASES:
        return BASES[name].parameters
    files = list(Path(name).expanduser().glob("*.safetensors")) if Path(name).expanduser().is_dir() else []
    if files:
        return sum(file.stat().st_size for file in files) / 2
    found = SIZE.search(name.rsplit("/", 1)[-1])
    return float(found[1]) * (1e9 if found[2].lower() == "b" else 1e6) if found else 1e9


def load_model(
    folder: Path, precision: Precision, device: str, squeezed: BitsAndBytesConfig | None = None
) -> PreTrainedModel:
    """`squeezed` is how the weights are quantised while they are read."""
    import torch
    from transformers import AutoModelForCausalLM

    refuse_reader(folder)
    _hush()
    model = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=getattr(torch, precision),
        quantization_config=squeezed,
        device_map={"": device} if squeezed else None,
        use_safetensors=True,
        trust_remote_code=False,
        local_files_only=True,
    )
    # Logits of the last few tokens alone are a slice, and for a slice torch copies the whole vocabulary once a row.
    model.get_output_embeddings().register_forward_pre_hook(lambda layer, given: (given[0].contiguous(),))
    return model if squeezed else model.to(device)


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """With a chat template in any case: the model's own, without its default system prompt, or a plain one of ours."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    if not tokenizer.chat_template:
        tokenizer.chat_template = SIMPLE
    elif "<|im_start|>system" in str(tokenizer.apply_chat_template([{"role": "user", "content": "?"}], tokenize=False)):
        tokenizer.chat_template = CHATML
    return tokenizer


def device_and_precision() -> tuple[str, Precision]:
    """A GPU in bfloat16 where there is one; on the CPU whichever precision multiplies faster here."""
    import torch

    if torch.cuda.is_available():
        return "cuda", "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    torch.set_num_threads(cores())
    return "cpu", "bfloat16" if _seconds("bfloat16") < _seconds("float32") else "float32"


def refuse_absent_gpus(wanted: int) -> None:
    """Raises UserError where several are wanted and fewer are there."""
    if wanted == 1:
        return
    import torch

    there = torch.cuda.device_count()
    if wanted > there:
        raise UserError(
            Words(
                f"You want {wanted} GPUs, and there are {there} here.", f"需要 {wanted} 块 GPU，这里只有 {there} 块。"
            ),
            Words("Name as many as there are, or leave `--gpus` out.", "请按实际数量指定，或去掉 `--gpus`。"),
        )


def cores() -> int:
    """torch alone would take one thread for two cores that share a physical one."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _seconds(precision: Precision) -> float:
    """For a layer forwards and backwards, the best of a few tries; about 20 ms in all."""
    import torch

    def once(x: Tensor) -> float:
        start = time.perf_counter()
        layer(x).sum().backward()
        return time.perf_counter() - start

    dtype = getattr(torch, precision)
    layer = torch.nn.Linear(576, 1536, bias=False, dtype=dtype)
    rows = torch.ones(256, 576, dtype=dtype, requires_grad=True)
    return min(once(rows) for _ in range(6))


def _dequantised(name: str) -> Path:
    """`home/bases/<name>`, written once from the quantised file; whole or absent, and by one process at a time."""
    folder = settings().home / "bases" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f".{name}.lock")):
        if not folder.exists():
            part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{name}-"))
            try:
                if name == "minilm":
                    graph, tokenizer = (weight(file) for file in MADE_OF[name])
                    convert(graph, tokenizer, part)
                else:
                    _convert(weight(name), part, BASES[name].kept_as)
                part.rename(folder)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    return folder


def _convert(gguf: Path, folder: Path, precision: Precision) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    _hush()
    # Without dequantize=True transformers 5 loads the model, but can't save it.
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent,
        gguf_file=gguf.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.float32,
        local_files_only=True,
    )
    model.to(getattr(torch, precision)).save_pretrained(folder)
    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name, local_files_only=True).save_pretrained(folder)


def _hush() -> None:
    """A progress bar for each file read, and warnings meant for library authors, would cover what we say ourselves."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")


def _safe(folder: Path) -> Path:
    """The folder itself, if loading it runs no code. Raises UserError for pickled weights or a model with code."""
    if not (folder / "config.json").is_file() or not list(folder.glob("*.safetensors")):
        raise UserError(
            Words(f"{folder} holds no model as safetensors.", f"{folder} 里没有 safetensors 格式的模型。"),
            Words(
                "I load config.json and *.safetensors only; pickled weights (.bin, .pt) can run code.",
                "只加载 config.json 和 *.safetensors；.bin、.pt 等 pickle 权重可能执行代码。",
            ),
        )
    for file in folder.glob("*config.json"):
        if "auto_map" in orjson.loads(file.read_bytes()):
            raise UserError(
                Words(
                    f"{folder.name} brings program code of its own ({file.name}).",
                    f"{folder.name} 自带程序代码（{file.name}）。",
                ),
                Words(
                    "I never run a model's code. Choose a base that transformers knows by itself.",
                    "不会执行模型自带的代码，请选择 transformers 原生支持的模型。",
                ),
            )
    return folder


def refuse_reader(folder: Path) -> None:
    """Raises UserError for a base that can't write answers."""
    if only_reads(folder):
        raise UserError(
            Words(
                f"{folder.name} is an encoder: it sorts texts and writes none.",
                f"{folder.name} 是编码器，只能分类，不能写文字。",
            ),
            Words(
                "Tune it with the method encoder, on rows with labels; to write answers choose another base.",
                "请在带标签的数据上用 encoder 方式训练；要写回答，请换一个基础模型。",
            ),
        )


def _from_hub(name: str) -> Path:
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    repository, _, revision = name.partition("@")
    wanted = ["*.safetensors", "*.safetensors.index.json", "*.json", "*.jinja", "merges.txt", "tokenizer.model"]
    try:
        return Path(huggingface_hub.snapshot_download(repository, revision=revision or None, allow_patterns=wanted))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        known = ", ".join(BASES)
        raise UserError(
            Words(f"{name} could not be fetched from the model hub.", f"无法从模型库获取 {name}。"),
            Words(
                f"Check the name and the connection, or choose one that needs no hub: {known}.",
                f"请检查名称和网络，或选择无需联网的模型：{known}。",
            ),
        ) from error
