"""The same request in other words: by a model where there is one, else in a polite frame that leaves it as it is."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tools.llm import Chat
from tools.variants import Wanted, paraphrased, unfaithful
from workspace.words import Language

FRAMES: dict[Language, tuple[str, ...]] = {
    "en": (
        "Hi there, hope you are well. {text} Thanks a lot in advance!",
        "Sorry to bother you, but I have something to ask: {text}",
        "Good morning! {text} I would be grateful for a quick reply.",
        "I am new here and not sure whom to ask. {text}",
        "{text} That is all I wanted to know, have a nice day.",
        "My mother told me to write to you about this. {text}",
    ),
    "zh": (
        "您好，打扰一下。{text}先谢谢啦！",
        "不好意思，想请教一个问题：{text}",
        "早上好！{text}麻烦尽快回复，谢谢。",
        "我是新用户，不知道该问谁。{text}",
        "{text}就这些，祝您工作顺利。",
        "家里人让我来问一下，{text}",
    ),
}


def framed(text: str, rng: random.Random, language: Language) -> str:
    """With an end to its sentence where something follows."""
    before, after = rng.choice(FRAMES[language]).split("{text}")
    end = "" if not after or text.rstrip()[-1:] in ".?!。？！" else "." if language == "en" else "。"
    return f"{before}{text.rstrip()}{end}{after}"


def reworded(chat: Chat, texts: Sequence[str], seed: int) -> list[str | None]:
    """For each text one that means the same; None where the model gave none that keeps numbers, names and sense."""
    wanted = [Wanted(text, f"robustness/{number}", seed) for number, text in enumerate(texts)]
    found = paraphrased(chat, wanted, 1)
    return [
        next((said for said in answers or () if not unfaithful(text, said)), None)
        for text, answers in zip(texts, found, strict=True)
    ]
