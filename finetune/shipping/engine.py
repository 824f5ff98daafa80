"""What a tuned model is asked and what it answers piece by piece, whichever engine computes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from workspace.errors import UserError
from workspace.words import Words

# As a turn that came to its end, or cut off at the most tokens allowed.
Ending = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """Temperature 0 is greedy: the most likely token each time, as when the model was judged."""

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0


@dataclass(frozen=True, slots=True)
class Question:
    """`prompt` in tokens of the form that was trained; with `labels` the answer is one of them.

    `schema` is a JSON schema, as text, that the answer must follow.
    """

    prompt: tuple[int, ...]
    tuned: bool
    most_tokens: int
    sampling: Sampling = field(default_factory=Sampling)
    stop: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """`tokens` counts all that was written so far; the last piece alone has an ending."""

    text: str
    tokens: int
    ending: Ending | None = None


class Engine(Protocol):
    """Answers up to `at_once` questions side by side, each of them `context` tokens long with its answer."""

    at_once: int
    context: int

    def answer(self, question: Question) -> Iterator[Piece]: ...
    def close(self) -> None: ...


class NotOffered(UserError):
    """Something that this engine can't do: the asker's mistake, not a failure."""


class TooLong(NotOffered):
    """More than the model can hold at once."""


def greedy_only() -> NotOffered:
    return NotOffered(
        Words(
            "This model is served without sampling: it always writes the most likely answer.",
            "该模型不支持采样：总是给出可能性最大的回答。",
        ),
        Words(
            "Send temperature 0, no penalty and no schema; a LoRA on a Llama or Qwen base is served with all three.",
            "请把 temperature 设为 0，且不要指定惩罚项或 schema；基于 Llama 或 Qwen 的 LoRA 模型都支持。",
        ),
    )
