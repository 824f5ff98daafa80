"""An encoder with a head for the label of a text and one for the slots in it: opened, asked, and written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import BaseModel, ConfigDict

from finetune.base import base_folder, only_reads
from finetune.checkpoint import write_tensors
from finetune.encoders.reading import MOST_TOKENS, Kinds, spans_from
from workspace.errors import UserError
from workspace.project import write_text
from workspace.spans import Span
from workspace.words import Words

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor
    from torch.nn import ModuleDict
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    Array = NDArray[Any]

HEADS = "heads.safetensors"
CARD = "classifier.json"
# Texts at once, where nothing is learned.
BATCH = 32


class Card(BaseModel):
    """`temperature` makes probabilities as sure as they are right; `longest` in tokens."""

    model_config = ConfigDict(frozen=True)

    labels: tuple[str, ...]
    slots: tuple[str, ...] = ()
    longest: int
    temperature: float = 1.0


@dataclass(frozen=True)
class Answers:
    """One of each for each text. `probabilities`: texts × labels; `features`: texts × hidden size."""

    labels: tuple[str, ...]
    probabilities: Array
    features: Array
    slots: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True)
class Classifier:
    """`model` holds the encoder as `body`, and the heads `label` and, if there are slots, `slot`."""

    model: ModuleDict
    tokenizer: PreTrainedTokenizerBase
    card: Card

    @property
    def device(self) -> str:
        return str(next(self.model.parameters()).device)

    def hidden(self, ids: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """(rows × tokens × size, rows × size): what each token and, as their mean, each text is to the encoder."""
        import torch

        longest, pad = max(map(len, ids)), self.tokenizer.pad_token_id
        filled = torch.tensor([[*row, *[pad] * (longest - len(row))] for row in ids], device=self.device)
        seen = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids], device=self.device)
        with torch.autocast(filled.device.type, torch.bfloat16, enabled=filled.is_cuda):
            tokens = self.model["body"](input_ids=filled, attention_mask=seen).last_hidden_state
        tokens = tokens.float()
        weight = seen.unsqueeze(-1).float()
        return tokens, (tokens * weight).sum(1) / weight.sum(1)

    def classify(self, texts: Sequence[str]) -> Answers:
        """In the order of the texts; those of like length go through together."""
        import numpy

        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        parts = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
        found = [self._classified([texts[i] for i in part]) for part in parts]
        back = numpy.argsort(order)
        slots = [spans for part in found for spans in part.slots]
        labels = [label for part in found for label in part.labels]
        return Answers(
            tuple(labels[i] for i in back),
            numpy.concatenate([part.probabilities for part in found])[back],
            numpy.concatenate([part.features for part in found])[back],
            tuple(slots[i] for i in back),
        )

    def _classified(self, texts: Sequence[str]) -> Answers:
        import torch

        read = self.tokenizer(list(texts), truncation=True, max_length=self.card.longest, return_offsets_mapping=True)
        with torch.inference_mode():
            tokens, pooled = self.hidden(read["input_ids"])
            chances = (self.model["label"](pooled) / self.card.temperature).softmax(-1).cpu().numpy()
            tags = self.model["slot"](tokens).argmax(-1).tolist() if self.card.slots else [[]] * len(texts)
        slots = (
            tuple(spans_from(row[: len(offsets)], offsets, text, self.card.slots)) if row else ()
            for row, offsets, text in zip(tags, read["offset_mapping"], texts, strict=True)
        )
        best = (self.card.labels[i] for i in chances.argmax(-1))
        return Answers(tuple(best), chances, pooled.cpu().numpy(), tuple(slots))

    def keep(self, folder: Path) -> None:
        """Raises UserError when the disk is full."""
        body: PreTrainedModel = self.model["body"]
        body.config.save_pretrained(folder)
        write_tensors(folder / "model.safetensors", body.state_dict())
        heads = {name: tensor for name, tensor in self.model.state_dict().items() if not name.startswith("body.")}
        write_tensors(folder / HEADS, heads)
        self.tokenizer.save_pretrained(folder)
        write_text(folder / CARD, self.card.model_dump_json(indent=2))


def untrained(base: str, kinds: Kinds, device: str, seed: int) -> Classifier:
    """The base with new heads. Raises UserError for a base that is no encoder."""
    import torch

    folder = base_folder(base)
    refuse_writer(folder, base)
    body, tokenizer = _body(folder), load_tokenizer(folder, base)
    torch.manual_seed(seed)
    heads = {"label": torch.nn.Linear(body.config.hidden_size, len(kinds.labels))}
    if kinds.slots:
        heads["slot"] = torch.nn.Linear(body.config.hidden_size, 1 + 2 * len(kinds.slots))
    model = torch.nn.ModuleDict({"body": body, **heads}).to(device)
    return Classifier(
        model, tokenizer, Card(labels=kinds.labels, slots=kinds.slots, longest=longest(folder, tokenizer))
    )


def opened(folder: Path, device: str = "cpu") -> Classifier:
    """The tuned classifier of this folder, ready to answer."""
    import torch
    from safetensors.torch import load_file

    card = Card.model_validate_json((folder / CARD).read_bytes())
    body, tensors = _body(folder), load_file(folder / HEADS)
    heads = {}
    for name in sorted({key.split(".")[0] for key in tensors}):
        size, hidden = tensors[f"{name}.weight"].shape
        heads[name] = torch.nn.Linear(hidden, size)
        heads[name].load_state_dict({part: tensors[f"{name}.{part}"] for part in ("weight", "bias")})
    model = torch.nn.ModuleDict({"body": body, **heads}).to(device).eval()
    return Classifier(model, load_tokenizer(folder, folder.name), card)


def calibrated(classifier: Classifier, logits: Tensor, labels: Tensor) -> Classifier:
    """With the temperature at which the probabilities of these rows fit their labels best (Guo et al. 2017)."""
    import torch

    choices = torch.logspace(-1, 1, 81)
    losses = [torch.nn.functional.cross_entropy(logits / choice, labels).item() for choice in choices]
    best = float(choices[losses.index(min(losses))])
    return replace(classifier, card=classifier.card.model_copy(update={"temperature": best}))


def load_tokenizer(folder: Path, base: str) -> PreTrainedTokenizerBase:
    """Raises UserError for one that can't say where in the text a token stands."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    if not tokenizer.is_fast or tokenizer.pad_token_id is None:
        raise UserError(
            Words(f"The tokenizer of {base} can't be used for an encoder.", f"{base} 的分词器不能用于编码器。"),
            Words(
                "Its folder needs a tokenizer.json with a padding token.", "文件夹里需要带填充词元的 tokenizer.json。"
            ),
        )
    return tokenizer


def longest(folder: Path, tokenizer: PreTrainedTokenizerBase) -> int:
    """Tokens that it can read; RoBERTa and its kin count places from 2."""
    places = orjson.loads((folder / "config.json").read_bytes()).get("max_position_embeddings") or MOST_TOKENS
    return int(min(MOST_TOKENS, tokenizer.model_max_length, places - 2))


def _body(folder: Path) -> PreTrainedModel:
    import torch
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    before = logging.get_verbosity()
    # It would warn of a pooler that isn't there; the mean over the tokens is taken instead.
    logging.set_verbosity_error()
    body = AutoModel.from_pretrained(
        folder, dtype=torch.float32, use_safetensors=True, trust_remote_code=False, local_files_only=True
    )
    logging.set_verbosity(before)
    if hasattr(body, "pooler"):
        body.pooler = None
    return body


def refuse_writer(folder: Path, base: str) -> None:
    """Raises UserError for a base that is no encoder."""
    if not only_reads(folder):
        raise UserError(
            Words(f"{base} is no encoder: it writes texts, and sorts none.", f"{base} 不是编码器：它用来写文字。"),
            Words(
                "For the method encoder choose the base minilm (English) or the folder of a BERT, RoBERTa, XLM-R or "
                "DeBERTa; for this base choose the method lora.",
                "encoder 方式请用 minilm（仅英文），或 BERT、RoBERTa、XLM-R、DeBERTa 的文件夹；该模型请用 lora 方式。",
            ),
        )
