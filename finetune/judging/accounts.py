"""What training was said to take, before it and after its first steps, against what it took: a part of the report."""

from __future__ import annotations

from workspace.results import Section, TrainedModel
from workspace.words import Words


def accounts(model: TrainedModel) -> dict[str, Section]:
    """Nothing for a model from before its memory was measured."""
    if model.memory_gb is None:
        return {}
    said = [
        (Words("said before the weights were loaded", "加载权重之前的预估"), model.expected),
        (Words("said after the first steps", "最初几步之后的预估"), model.probed),
    ]
    rows = [(words, *_shown(f.seconds, f.memory_gb)) for words, f in said if f]
    speed = f"{model.tokens_per_second:.0f}"
    rows.append((Words("what it took", "实际"), *_shown(model.seconds, model.memory_gb)))
    return {
        "training": Section(
            title=Words("Training: estimate against actual", "训练：预估与实际"),
            text=Words(
                f"{model.steps} steps by {model.method} on {model.device.upper()}, {speed} tokens a second. "
                "The estimates are of the whole run; one that ended early took less.",
                f"以 {model.method} 训练 {model.steps} 步（{model.device.upper()}），每秒 {speed} 个词元。"
                "预估针对完整训练；提前结束的会更短。",
            ),
            columns=(Words("", ""), Words("seconds", "秒"), Words("memory, GB", "内存（GB）")),
            rows=tuple(rows),
        )
    }


def _shown(seconds: float, memory_gb: float) -> tuple[str, str]:
    return f"{seconds:.0f}", f"{memory_gb:.1f}"
