"""English texts as vectors, by a small model in this process: near in meaning is near in angle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from workspace.errors import UserError
from workspace.settings import quiet_libraries
from workspace.weights import here, weight
from workspace.words import Words

if TYPE_CHECKING:
    import numpy as np

Embed = Callable[[Sequence[str]], list[list[float]]]
LONGEST = 256  # tokens that MiniLM was trained to read; the rest of a longer text is not seen
BATCH = 16


@cache
def minilm() -> Embed:
    """Vectors of 384 numbers and length 1. Raises UserError where the weights can't be had."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(weight("minilm-tokenizer")))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.enable_padding()
    model = weight("minilm-int8")
    quiet_libraries()
    import onnxruntime

    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])

    def embed(texts: Sequence[str]) -> list[list[float]]:
        # Of like length together: a batch costs what its longest text costs.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        vectors: dict[int, list[float]] = {}
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            encoded = tokenizer.encode_batch([texts[i] for i in batch])
            pooled = _pooled(session, [e.ids for e in encoded], [e.attention_mask for e in encoded])
            vectors.update(zip(batch, pooled.tolist(), strict=True))
        return [vectors[i] for i in range(len(texts))]

    return embed


def minilm_if_here() -> Embed:
    """As `minilm`, but nothing is fetched: raises UserError where the weights are not on this machine."""
    if here("minilm-int8") and here("minilm-tokenizer"):
        return minilm()
    raise UserError(
        Words("The embedding model is not on this machine.", "本机还没有嵌入模型。"),
        Words("Run the same without --offline once.", "请先不带 --offline 运行一次。"),
    )


def _pooled(session: object, ids: list[list[int]], mask: list[list[int]]) -> np.ndarray:
    """The mean over the tokens that are no padding, of length 1."""
    import numpy as np

    tokens, attention = np.array(ids, dtype=np.int64), np.array(mask, dtype=np.int64)
    feed = {"input_ids": tokens, "attention_mask": attention, "token_type_ids": np.zeros_like(tokens)}
    hidden = session.run(None, feed)[0]  # type: ignore[attr-defined]
    mean = (hidden * attention[..., None]).sum(1) / attention.sum(1, keepdims=True)
    return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), dtype=np.float32)
