"""How hard each test row was for the tuned model: the chance that it gave the right answer."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from finetune.encoders.seat import chances_of
from finetune.judging.exam import Evaluated, asked
from finetune.rows import Tokens, answer_tokens, prompt_tokens
from workspace.project import write_text
from workspace.words import Words

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from finetune.judging.contestants import Contest

STAGE = Words("Which rows are hardest", "哪些数据最难")
AT_ONCE = 8


class _Kept(BaseModel):
    key: str
    chances: list[float]


def chances(contest: Contest, out: Path) -> Generator[Evaluated, None, list[float]]:
    """For each test row, 0 to 1: of the whole answer for a label, of its usual token for a text.

    Measured once, and kept in the folder.
    """
    path, key, exam = out / "chances.json", contest.key("tuned"), contest.exam
    if path.exists():
        kept = _Kept.model_validate_json(path.read_bytes())
        if kept.key == key:
            return kept.chances
    if contest.sorts_only and contest.folder:
        yield Evaluated(STAGE, 0, len(exam.test))
        found = chances_of(contest.folder, exam.test)
        write_text(path, _Kept(key=key, chances=found).model_dump_json())
        return found
    tokens = [_tokens(contest, row) for row in range(len(exam.test))]
    order = sorted(range(len(tokens)), key=lambda row: -tokens[row].length)
    found = [0.0] * len(tokens)
    for start in range(0, len(order), AT_ONCE):
        lot = order[start : start + AT_ONCE]
        yield Evaluated(STAGE, start, len(order))
        losses = _losses(contest.model("tuned"), [tokens[row] for row in lot])
        for row, loss in zip(lot, losses, strict=True):
            found[row] = math.exp(-loss / (1 if exam.labels else len(tokens[row].answer)))
    write_text(path, _Kept(key=key, chances=found).model_dump_json())
    return found


def _tokens(contest: Contest, row: int) -> Tokens:
    turns = asked(contest.exam.test[row])
    answer = turns[-1].model_copy(update={"role": "assistant", "content": contest.exam.wanted[row]})
    return Tokens(prompt_tokens(turns, contest.tokenizer), answer_tokens((*turns, answer), contest.tokenizer))


def _losses(model: PreTrainedModel, rows: Sequence[Tokens]) -> list[float]:
    """Summed over the tokens of each row's answer; padded on the left, so that the answers end together."""
    import torch

    longest, keep = max(row.length for row in rows), max(len(row.answer) for row in rows)
    ids = [[0] * (longest - row.length) + [*row.prompt, *row.answer] for row in rows]
    mask = torch.tensor([[0] * (longest - row.length) + [1] * row.length for row in rows], device=model.device)
    targets = [[-100] * (keep - len(row.answer)) + list(row.answer) for row in rows]
    with torch.inference_mode():
        logits = model(
            input_ids=torch.tensor(ids, device=model.device),
            attention_mask=mask,
            position_ids=(mask.cumsum(1) - 1).clamp(min=0),
            logits_to_keep=keep + 1,
            use_cache=False,
        ).logits[:, :-1]
    wanted = torch.tensor(targets, device=model.device)
    each = torch.nn.functional.cross_entropy(
        logits.float().flatten(0, 1), wanted.flatten(), reduction="none", ignore_index=-100
    )
    return [float(loss) for loss in each.view(len(rows), -1).sum(1)]
