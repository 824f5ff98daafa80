"""A tuned model for programs to talk to: what a face needs to answer with it, and nothing of how it is computed."""

from __future__ import annotations

from pathlib import Path

from agent.evaluating import model_folder
from finetune.shipping.engine import Ending, NotOffered, Piece, Question, Sampling, TooLong
from finetune.shipping.serving import Served, served

__all__ = ["Ending", "NotOffered", "Piece", "Question", "Sampling", "Served", "TooLong", "model_to_serve"]


def model_to_serve(home: Path, model: str) -> Served:
    """By its folder, its name or its run. Raises UserError without such a model."""
    return served(model_folder(home, model))
