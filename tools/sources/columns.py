"""Which column of a file is the question, the answer, the label: by the person's word, by name, or by content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.sources.record import Record
from workspace.sample import Part

Parts = Mapping[Part, str]
# The first name that a file has wins, so the surest ones come first.
NAMES: dict[Part, tuple[str, ...]] = {
    "messages": ("messages", "conversations", "conversation", "dialogue", "对话"),
    "instruction": ("instruction", "指令"),
    "input": ("input", "输入"),
    "question": (
        *("question", "prompt", "text", "query", "message", "utterance", "sentence", "request", "content"),
        *("review", "comment", "body", "问题", "文本", "内容", "消息", "句子", "提问", "用户问题", "用户输入", "评论"),
        *("正文", "原文", "留言"),
    ),
    "answer": (
        *("answer", "completion", "output", "response", "reply"),
        *("回答", "答案", "回复", "答复", "输出", "应答"),
    ),
    "label": (
        *("label", "labels", "category", "intent", "class", "tag", "topic", "sentiment", "target", "type"),
        *("标签", "类别", "意图", "分类", "类型", "情感", "主题"),
    ),
    "system": ("system", "system_prompt", "系统", "系统提示"),
    "history": ("history", "历史"),
    "evidence": ("evidence", "context", "passage", "依据", "证据", "上下文", "材料"),
    "split": ("split", "subset", "划分", "数据集"),
}
ASKING: tuple[Part, ...] = ("question", "instruction", "input")


def part_of(name: str) -> Part | None:
    """What a column of that name is for, if it is one of the usual names."""
    return next((part for part, names in NAMES.items() if _plain(name) in names), None)


def parts_of(columns: Sequence[str], mapping: Mapping[str, str], preview: Sequence[Record], labels: set[str]) -> Parts:
    """Column names by part; `mapping` is theirs to ours, `labels` are those of the specification, if it has any."""
    found: dict[Part, str] = {
        part: theirs for theirs, ours in mapping.items() if (part := part_of(ours)) and theirs in columns
    }
    by_name = {_plain(c): c for c in reversed(columns) if c not in found.values()}
    for part, names in NAMES.items():
        name = next((by_name[n] for n in names if n in by_name), None)
        if name and part not in found:
            found[part] = name
    for part in _told_already(found):
        found.pop(part, None)
    return found if enough(found) else {**found, **_by_content(columns, found, preview, labels)}


def enough(parts: Parts) -> bool:
    """A question and an answer can be had from these."""
    asked = any(part in parts for part in ASKING)
    return "messages" in parts or (asked and ("answer" in parts or "label" in parts))


def _told_already(found: Parts) -> tuple[Part, ...]:
    """Columns that would say the same again: many files hold beside the turns, or the instruction, a whole text."""
    if "messages" in found:
        return (*ASKING, "answer", "history")
    if "instruction" in found and ("input" in found or _plain(found.get("question", "")) == "text"):
        return ("question",)
    return ()


def _plain(name: str) -> str:
    return name.strip().lower().replace("-", "_").replace(" ", "_")


def _by_content(columns: Sequence[str], found: Parts, preview: Sequence[Record], labels: set[str]) -> dict[Part, str]:
    """The column that holds the specification's labels, or that of two which has few values, each several times."""
    if not preview:
        return {}
    free = [c for c in columns if c not in found.values()]
    values = {c: [str(r.values.get(c, "")).strip() for r in preview if not r.problem] for c in free}
    kinds = {c: set(values[c]) for c in free}
    label = next((c for c in free if labels and kinds[c] <= labels), None)
    if label is None and len(columns) == 2 and free:
        narrow = min(free, key=lambda c: (len(kinds[c]), sum(map(len, values[c]))))
        others = [len(kinds[c]) for c in free if c != narrow]
        if len(kinds[narrow]) * 2 <= len(values[narrow]) and all(len(kinds[narrow]) < n for n in others):
            label = narrow
            wordy = sum(any(map(str.isalpha, v)) for c in free if c != narrow for v in values[c])
            label = label if wordy * 2 >= len(values[narrow]) or len(free) == 1 else None
    if label is None or any(part in found for part in ASKING):
        return {"label": label} if label else {}
    return {"label": label, "question": next(c for c in columns if c != label)} if len(columns) == 2 else {}
