"""What a tuned model makes of a message before it answers: the state that its answer is chosen from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.base import device_and_precision, load_tokenizer
from finetune.encoders.classifier import opened as encoder
from finetune.job import tuned
from finetune.judging.contestants import within
from finetune.methods import opened
from finetune.rows import prompt_tokens
from workspace.sample import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    Array = NDArray[Any]

Turns = Sequence[Message]
# What was said so far in, one vector for each out: rows × hidden size.
Reading = Callable[[Sequence[Turns]], "Array"]
MOST_ROWS = 16


def reading_of(folder: Path) -> Reading:
    """With the model of this folder, loaded when it is first needed."""
    held: list[Reading] = []

    def read(asking: Sequence[Turns]) -> Array:
        if not held:
            held.append(_loaded(folder))
        return held[0](asking)

    return read


def _loaded(folder: Path) -> Reading:
    device, precision = device_and_precision()
    if tuned(folder).method == "encoder":
        classifier = encoder(folder, device)
        return lambda asking: classifier.classify([_said(turns) for turns in asking]).features
    return reading_with(opened(folder, precision, device), load_tokenizer(folder))


def _said(turns: Turns) -> str:
    """As an encoder learned it: all that the person says."""
    return "\n".join(turn.content for turn in turns if turn.role == "user")


def reading_with(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> Reading:
    """The last layer's state at the last token of the prompt."""
    model.eval()

    def read(asking: Sequence[Turns]) -> Array:
        import numpy

        prompts = [within(prompt_tokens(turns, tokenizer), model, 1) for turns in asking]
        order = sorted(range(len(prompts)), key=lambda n: len(prompts[n]))
        found = numpy.empty((len(prompts), 0), dtype=numpy.float32)
        for start in range(0, len(order), MOST_ROWS):
            numbers = order[start : start + MOST_ROWS]
            states = _states(model, int(tokenizer.pad_token_id or 0), [prompts[n] for n in numbers])
            if not found.size:
                found = numpy.empty((len(prompts), states.shape[1]), dtype=numpy.float32)
            found[numbers] = states
        return found

    return read


def _states(model: PreTrainedModel, pad: int, prompts: Sequence[Sequence[int]]) -> Array:
    """What a method puts before the prompt (prompt tuning) moves all states by as much."""
    import torch

    width = max(len(prompt) for prompt in prompts)
    ids = torch.tensor([[*prompt, *[pad] * (width - len(prompt))] for prompt in prompts], device=model.device)
    seen = torch.tensor([[1] * len(p) + [0] * (width - len(p)) for p in prompts], device=model.device)
    with torch.inference_mode():
        said = model(input_ids=ids, attention_mask=seen, output_hidden_states=True, logits_to_keep=1)
        states = said.hidden_states[-1]
        ends = torch.tensor([states.shape[1] - width + len(p) - 1 for p in prompts], device=states.device)
        chosen = states[torch.arange(len(prompts), device=states.device), ends]
    found: Array = chosen.float().cpu().numpy()
    return found
