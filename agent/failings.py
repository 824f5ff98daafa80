"""How a check is called where a row failed it: its own name says what is well with a row that passes."""

from __future__ import annotations

from workspace.words import Words

FAILINGS: dict[str, Words] = {
    "label": Words("does not fit its label", "与类别不符"),
    "form": Words("not whole, or not in the right form", "不完整或格式不对"),
    "leak": Words("too like a test row", "与测试题雷同"),
    "contradictions": Words("says what it, its question or another row denies", "与自身、问题或其他数据矛盾"),
    "logic": Words("breaks a rule", "违反规则"),
    "personal": Words("personal data is left in it", "仍有个人信息"),
    "terms": Words("a code or term is not as in your list", "代码或术语与词表不符"),
    "judge": Words("a model finds it not good enough", "模型评判不合格"),
    "facts": Words("the documents don't bear it out", "与文档不符"),
    "coherence": Words("a long answer does not hold together", "长文本前后不连贯"),
    "relevance": Words("does not answer what was asked", "答非所问"),
    "relations": Words("goes against your list of relations", "与关系表不符"),
    "duplicates": Words("a copy of another row", "与另一条重复"),
    "missing": Words("a value is missing", "缺失值"),
    "records": Words("the same thing entered twice", "重复登记"),
    "quality": Words("teaches nothing", "没有价值"),
    "balance": Words("one too many of its label", "该类别数量过多"),
    "meanings": Words("the same as another row in other words", "与另一条意思相同"),
    "normalise": Words("nothing in it can be seen", "没有可见内容"),
    "split": Words("too like a row of another part", "与其他划分中的数据雷同"),
    "read": Words("could not be read", "无法读取"),
}
