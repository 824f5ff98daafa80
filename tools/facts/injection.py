"""Tells words of a document that speak to whoever reads it for us: no evidence, and no model gets to see them."""

from __future__ import annotations

import re

CHECKER = r"(?:checker|verifier|validator|reviewer|annotator|grader|auditor|assistant|model|chatbot|ai|llm|bot|system)"
INJECTED = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,60}"
    r"\b(?:instructions?|prompts?|rules?|above|previous|prior|told|context|guidelines?)\b"
    r"|\b(?:mark|label|rate|judge|treat|consider|answer|output|respond|reply|return|say|classify)\b.{0,60}"
    r"\b(?:supported|contradicted|unknown)\b"
    r"|\b(?:mark|label|rate|judge|treat|consider|classify|accept)\b.{0,60}"
    r"\bas (?:verified|true|correct|valid|fact\w*)\b"
    r"|\b(?:every|all|any|this|the|following) (?:claims?|statements?|answers?)\b.{0,40}"
    r"\b(?:supported|contradicted|verified|true|correct)\b"
    r"|\b(?:new|updated|hidden|secret|additional) (?:instructions?|prompts?)\b|\byour (?:instructions?|prompt)\b"
    rf"|\b(?:note|notice|message|attention|dear|hey|hi|to)\b.{{0,20}}\b(?:the |all |any )?{CHECKER}s?\b\s*[:,，：]"
    rf"|\byou are (?:now |an? |the )*{CHECKER}\b|\bas an (?:ai|llm)\b|\bjailbreak\b|\bverdicts?\b"
    r"|system prompt|language model|<\|?(?:im_|system|assistant|user)|\[/?INST\]|###\s*(?:instruction|system)"
    r"|\balways (?:say|answer|output|respond|reply|return)\b|\bwhoever (?:checks|reads|verifies|judges)\b"
    r"|\b(?:approve|accept|support|confirm)\b (?:every|all|any|each) (?:claims?|statements?|answers?|rows?)\b"
    r"|\beverything (?:\w+ ){0,4}(?:is|are) (?:right|true|correct|accurate)\b"
    r"|(?:忽略|无视|忘记|忘掉|不要理会|不必理会|跳过|绕过).{0,15}(?:指令|指示|提示|规则|以上|上述|之前的?(?:内容|要求))"
    r"|(?:标记|标为|标成|判定|判断|判为|视为|回答|输出|给出|返回|认定|一律).{0,15}"
    r"(?:支持|属实|正确|矛盾|真实|supported|contradicted|unknown)"
    r"|(?:审核|核查|检查|校验|标注|评审)(?:员|者|人员|模型|程序|助手)请|(?:人工智能|(?<![a-z])AI|大?语言模型)[，,：:]"
    r"|系统提示|新的?指令|你(?:现在)?是一?[个名]?(?:助手|模型|AI)|所有(?:的)?(?:说法|陈述|回答|答案).{0,12}(?:正确|属实|支持|对的)",
    re.I | re.S,
)


def injected(text: str) -> bool:
    """Rather one sentence too many left out: what it said stays open and is asked of nobody."""
    return INJECTED.search(text) is not None
