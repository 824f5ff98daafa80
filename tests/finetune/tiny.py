"""A two-layer random transformer with a tokenizer of its own: all the moving parts, in a second."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

from workspace.project import write_samples
from workspace.sample import Origin, Sample, Split, sample

TEMPLATE = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
LABELS = ("red", "green", "blue")
Step = TypeVar("Step")
End = TypeVar("End")


def tiny_base(folder: Path, template: str | None = TEMPLATE, width: int = 32) -> Path:
    """Bytes are its tokens, so that any text in any language can be written."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    raw = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(letters)}, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<|im_end|>", bos_token="<|im_start|>")
    tokenizer.chat_template = template
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        initializer_range=0.2,
        eos_token_id=tokenizer.eos_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def colours(count: int, split: Split | None) -> list[Sample]:
    """The label is the colour that the text names."""
    rows = []
    for i in range(count):
        label = LABELS[i % len(LABELS)]
        row = sample(f"{label} is what I want, {i}", label, Origin(source="test", row=i, slot=split), label=label)
        rows.append(row.model_copy(update={"split": split}))
    return rows


def data_file(folder: Path, *groups: list[Sample]) -> Path:
    path = folder / "data.jsonl"
    write_samples(path, [row for group in groups for row in group])
    return path


def ended(work: Generator[Step, None, End]) -> tuple[list[Step], End]:
    """All that a generator yields, and what it returns."""
    steps = []
    while True:
        try:
            steps.append(next(work))
        except StopIteration as end:
            return steps, end.value
