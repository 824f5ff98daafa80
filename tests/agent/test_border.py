"""Where personal data is to be hidden none of it reaches a model: no example, row to judge, passage or message."""

from __future__ import annotations

import json
from pathlib import Path

import orjson
import pytest

from agent import operations
from agent.nodes import Desk
from tests.scripted import Call, Scripted, example, words
from tools.llm import Ask
from workspace.project import Project

RAW = (
    *("13812345678", "138 1234 5678", "110105194912310028", "11010519491231002X", "ann.lee@example.com", "粤B12345"),
    *("欧阳娜娜", "刘洋", "世纪大道100号", "Margaret Thornbury", "Thornbury", "4111 1111 1111 1111", "203.0.113.77"),
)
EXAMPLES = [
    ("我叫欧阳娜娜，手机13812345678，怎么退货？", "请刘洋打138 1234 5678，七天内可以退货。"),
    ("身份证11010519491231002X，车牌粤B12345，能开发票吗？", "可以，发票寄到上海市浦东新区世纪大道100号。"),
    ("Hello, this is Margaret Thornbury, my card is 4111 1111 1111 1111. Can I return it?", "Ask ann.lee@example.com."),
    ("I logged in from 203.0.113.77, was that a fraud?", "Dear Ms. Thornbury, no, it was not."),
]  # fmt: skip
POLICY = """# 退货政策

七天内可以退货。请联系刘洋，电话13812345678，或写信到ann.lee@example.com。
退货地址：上海市浦东新区世纪大道100号。

# Returns

Goods can be returned within seven days. Please ask Margaret Thornbury or write to ann.lee@example.com.
"""


def answering(call: Call) -> object:
    """Rows of random words; of a claim nothing is known, so that rows stay."""
    reply = example(call.schema, words(call))
    return {**reply, "verdict": "unknown"} if isinstance(reply, dict) and "verdict" in reply else reply


@pytest.mark.parametrize("way", ["mask", "hash", "generalise"])
def test_a_build_shows_a_model_no_raw_value(home: Path, scripted: Scripted, tmp_path: Path, way: str) -> None:
    lines = [
        json.dumps({"question": q, "answer": a, "客户姓名": "欧阳娜娜", "phone": 13812345678}) for q, a in EXAMPLES
    ]
    (tmp_path / "examples.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "policy.md").write_text(POLICY, encoding="utf-8")
    spec = tmp_path / "spec.yaml"
    spec.write_text(
        "goal: answer questions of customers of a shop about returns\ntask: question-answering\n"
        "examples: [examples.jsonl]\nknowledge: [policy.md]\nlanguages: [en, zh]\nunknown_facts: keep\n"
        f"rows: 8\nprivacy: {way}\njudge: all\n",
        encoding="utf-8",
    )
    scripted.script = answering
    list(operations.run(home, spec, "build"))
    sent = b"\n".join(orjson.dumps(call.body) for call in scripted.calls).decode()
    assert len(scripted.calls) > 2
    assert any("[PHONE" in call.prompt for call in scripted.calls)
    raw_values = RAW if way != "generalise" else [raw for raw in RAW if raw != "Thornbury"]  # a surname may stay
    assert [raw for raw in raw_values if raw in sent] == []
    written = "".join(path.read_text("utf-8") for path in (home / "projects").rglob("rows.jsonl"))
    assert "[PHONE" in written
    assert [raw for raw in raw_values if raw in written] == []


def test_a_chat_shows_a_model_no_number(home: Path, scripted: Scripted) -> None:
    from agent.pointing import Facts

    desk = Desk(Project(home, "default"))
    desk.chat.ask(Ask(prompt="例如：手机13812345678打不通，写信给ann.lee@example.com", reply=Facts, slot="interview/1"))
    desk.chat.close()
    (call,) = scripted.calls
    assert "13812345678" not in call.prompt
    assert "ann.lee" not in call.prompt
