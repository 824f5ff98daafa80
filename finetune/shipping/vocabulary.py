"""A tokenizer as llama.cpp reads it: from the GGUF that the base came as, else from tokenizer.json, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from finetune.base import BASES
from workspace.errors import UserError
from workspace.weights import weight
from workspace.words import Words

if TYPE_CHECKING:
    from gguf import GGUFWriter
    from transformers import PreTrainedTokenizerBase

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
REST = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
# By the expression that cuts a text into words, what llama.cpp calls that cut.
CUTS = {f"{CONTRACTIONS}\\p{{N}}{REST}": "qwen2", f"{CONTRACTIONS}\\p{{N}}{{1,3}}{REST}": "llama-bpe"}
# llama.cpp knows those who start or end by these keys; the template writes them itself, so none is added.
ENDS = {"bos": "bos_token_id", "eos": "eos_token_id", "pad": "pad_token_id", "unk": "unk_token_id"}
# llama.cpp refuses a vocabulary that joins nothing, so bytes alone join what no text holds.
NO_MERGES = ["<none> <none>"]
NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5


class _Bpe(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: str
    vocab: dict[str, int]
    merges: list[tuple[str, str] | str]
    byte_fallback: bool = False


class _Added(BaseModel):
    id: int
    content: str
    special: bool


class _File(BaseModel):
    """tokenizer.json, as far as llama.cpp can follow it."""

    model: _Bpe
    added_tokens: list[_Added] = []
    pre_tokenizer: dict[str, Any] | None = None
    normalizer: dict[str, Any] | None = None


@dataclass(frozen=True)
class Vocabulary:
    """Tokens in the order of their numbers, with llama.cpp's kind of each; `cut` names how a text becomes words."""

    model: str
    cut: str
    tokens: Sequence[str]
    kinds: Sequence[int]
    merges: Sequence[str]

    def write(self, writer: GGUFWriter, tokenizer: PreTrainedTokenizerBase) -> None:
        """With the tokenizer's own ends and its chat template, which is the one that was trained."""
        writer.add_tokenizer_model(self.model)
        writer.add_tokenizer_pre(self.cut)
        writer.add_token_list(list(self.tokens))
        writer.add_token_types(list(self.kinds))
        writer.add_token_merges(list(self.merges))
        for name, attribute in ENDS.items():
            if (token := getattr(tokenizer, attribute)) is not None:
                getattr(writer, f"add_{name}_token_id")(token)
        writer.add_add_bos_token(False)
        writer.add_chat_template(str(tokenizer.chat_template))


def vocabulary(base: str, folder: Path, size: int) -> Vocabulary:
    """Of a base by its name, or of the tokenizer.json in the folder; `size` is the model's number of tokens.

    Raises UserError for a tokenizer that llama.cpp would read otherwise.
    """
    return _of_gguf(weight(base)) if base in BASES else _of_json(folder / "tokenizer.json", size)


def _of_gguf(path: Path) -> Vocabulary:
    import gguf

    fields = gguf.GGUFReader(path).fields

    def field(name: str) -> Any:
        return fields[f"tokenizer.ggml.{name}"].contents()

    return Vocabulary(field("model"), field("pre"), field("tokens"), field("token_type"), field("merges"))


def _of_json(path: Path, size: int) -> Vocabulary:
    try:
        found = _File.model_validate(orjson.loads(path.read_bytes()))
    except (FileNotFoundError, ValidationError) as error:
        raise _unknown("no byte-level BPE in tokenizer.json", "tokenizer.json 不是字节级 BPE") from error
    if found.model.type != "BPE" or found.model.byte_fallback:
        raise _unknown(f"a {found.model.type} vocabulary", f"{found.model.type} 词表")
    names = {token: (text, NORMAL) for text, token in found.model.vocab.items()}
    names |= {t.id: (t.content, CONTROL if t.special else USER_DEFINED) for t in found.added_tokens}
    # Matrices are often wider than the vocabulary, for the sake of round numbers.
    rows = [names.get(token, (f"[PAD{token}]", UNUSED)) for token in range(max(size, *names) + 1)][:size]
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in found.model.merges]
    return Vocabulary("gpt2", _cut(found), [text for text, _ in rows], [kind for _, kind in rows], merges or NO_MERGES)


def _cut(file: _File) -> str:
    """llama.cpp doesn't normalise; NFC leaves all but rare texts as they are, anything else would change every one."""
    if file.normalizer and file.normalizer.get("type") != "NFC":
        raise _unknown("texts are rewritten before they are cut", "文本在切分前会被改写")
    given = file.pre_tokenizer or {}
    steps = given.get("pretokenizers", [given])
    kinds = [step.get("type") for step in steps]
    plain = all(not step.get("add_prefix_space") for step in steps)
    if kinds == ["ByteLevel"] and plain and steps[0].get("use_regex", True):
        return "gpt-2"
    if kinds == ["Digits", "ByteLevel"] and plain and steps[0].get("individual_digits"):
        return "smollm"
    if kinds == ["Split", "ByteLevel"] and plain and not steps[1].get("use_regex", True):
        expression = steps[0].get("pattern", {}).get("Regex", "")
        if expression in CUTS:
            return CUTS[expression]
    raise _unknown("it cuts texts in a way I don't know", "切分文本的方式未知")


def _unknown(en: str, zh: str) -> UserError:
    return UserError(
        Words(f"llama.cpp can't read this base's tokenizer ({en}).", f"llama.cpp 无法读取该基础模型的分词器（{zh}）。"),
        Words(
            "Ship it as bf16 or int8: `--to bf16,int8`. A wrong guess would answer nonsense.",
            "请改用 bf16 或 int8：`--to bf16,int8`。猜错会导致回答混乱。",
        ),
    )
