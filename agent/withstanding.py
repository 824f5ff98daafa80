"""What a tuned model is put through beside its test rows: built with tools, measured by finetune, shown on the card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workspace.settings import settings

if TYPE_CHECKING:
    from finetune.judging.evaluate import Further
    from tools.llm import Chat
    from workspace.journal import Journal


def cheap(folder: Path) -> Mapping[str, Further]:
    """What takes about as long as asking one more system: what it forgot, and what is none of its business."""
    from finetune.judging.general import general
    from finetune.judging.outside import outside

    return {"outside": outside, "general": general} if writes(folder) else {"outside": outside}


def thorough(rows_file: Path, folder: Path, journal: Journal, seed: int = 7) -> Mapping[str, Further]:
    """All of it: also the test rows said otherwise, under attack, and drowned in irrelevant text."""
    from finetune.judging.exam import exam
    from finetune.judging.long_input import long_input
    from finetune.judging.robustness import Robustness
    from finetune.judging.sections import Keyed
    from tools.robustness.pack import pack

    chat = chat_at_hand(journal)
    try:
        trials = Robustness(list(pack(exam(rows_file, folder).test, seed, chat)))
    finally:
        if chat:
            chat.close()
    long = {"long": long_input} if writes(folder) else {}
    # The seed and whoever rewords are no part of the exam.
    tried = {"robustness": Keyed(trials.key, trials.variations), "injection": Keyed(trials.key, trials.injection)}
    return {**tried, **long, **cheap(folder)}


def writes(folder: Path) -> bool:
    """An encoder writes nothing: it has neither a plain text to predict nor more room than its one window."""
    from finetune.job import tuned

    return str(tuned(folder).method) != "encoder"


def chat_at_hand(journal: Journal) -> Chat | None:
    """Only a named endpoint: the embedded model would take minutes to reword what a polite sentence can frame."""
    from tools.llm import open_chat

    return None if settings().embedded else open_chat(journal)
