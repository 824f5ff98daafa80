"""What people ask about the work itself, in their words: what something means, what it costs, and what now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent import glossary
from agent.events import Ask
from workspace.words import Language, Words

if TYPE_CHECKING:
    from agent.run import Run

GOOD, TRY, USE, BETTER = (
    Words("Is it good enough?", "够好吗？"),
    Words("Try it on a message", "用一条消息试试"),
    Words("How do I use it?", "怎么用它？"),
    Words("Make it better", "让它更好"),
)
CHANGE = Words("Change something", "我要修改")

LEAD = r"^(?:(?:so|ok|okay|sorry|and|but|hm+|well|wait|please|er|um|那|那么|请问|对不起|嗯)[\s,，.…]*)*"
MEANS = re.compile(
    LEAD + r"(?:what (?:do|did) you mean (?:by|with)|what(?:'s| is| does)? (?:is )?(?:meant by|the meaning of)|"
    r"(?:please |can you |could you )?(?:explain|define)(?: the (?:word|term))?|"
    r"(?:i )?(?:don'?t|do not|dont) (?:know|understand)(?: what)?|what (?:does|do)|what(?:'s| is| are|s)|"
    r"(?:请)?解释(?:一下|下)?|什么(?:是|叫|叫做)|(?:我)?(?:不懂|不明白|不知道|看不懂)(?:什么是)?)\s*"
    r"(?P<term>.+?)(?:\s+(?:means?|is|are|do|stands? for))?$"
)
MEANS_ZH = re.compile(
    LEAD + r"(?P<term>.+?)(?:是|指|表示|代表|是指)?(?:个)?(?:什么|啥)(?:意思|东西|含义)?(?:呢|啊|呀)?$"
)
# Only these say that nothing but a meaning is asked for, also of a word that is not known here.
ONLY_MEANING = re.compile(
    r"you mean (?:by|with)|\bmeant by|the meaning of|what do(?:es)? .+ (?:mean|stand for)$|意思|含义"
)
UNCLEAR = re.compile(
    LEAD + r"(?:(?:i )?(?:really )?(?:don'?t|do not|dont|can'?t|cannot|didn'?t) (?:really |quite )?(?:understand|get|"
    r"follow)(?: (?:you|it|this|that|the|your|what you (?:mean|want|ask)))?(?: question| one| step)?(?: at all)?|"
    r"what do you mean|what does (?:this|that|it|the question|this question|that question) mean|"
    r"(?:can you |could you |please )*explain(?: (?:it|this|that|the question|this question))?|what\?*|huh|pardon|"
    r"(?:我)?(?:看不懂|听不懂|没看懂|没听懂|看不明白|不(?:太)?(?:懂|明白|理解)(?:的)?(?:是)?(?=这|您|你|问|什么意思))"
    r"(?:了)?(?:这个|您的|你的|这)?(?:问题|意思)?(?:是)?(?:什么意思)?|"
    r"(?:我)?(?:没|不太?)(?:明白|理解)|(?:这个|这|您的|你的)(?:问题)?(?:我)?(?:看不懂|不明白|没看懂)|"
    r"(?:这|这个|这个问题|问题|您|你)?(?:是)?(?:什么|啥)意思)(?:呢|啊)?$"
)
WHAT_IS_THIS = re.compile(
    LEAD + r"(?:what(?:'s| is) (?:this|tunesmith|that)(?: thing| all)?|what (?:does|do) (?:this|it|you) do|"
    r"(?:这|这个|这里|你|您)(?:是|是做|是干)(?:什么|啥)(?:的|用的)?|(?:这个|你|您)能做什么)"
)
COSTS = re.compile(
    r"what (?:does|will|would|did|has) (?:it|this|that|all this|training).*cost|how much (?:does|will|would|is).*"
    r"(?:cost|spen|it\b)|is (?:it|this) free|does (?:it|this) cost|do i have to pay|"
    r"多少钱|要(?:花)?钱吗|费用(?:是|有|要)?多少|(?:收费|免费)(?:的)?吗"
)
PRICE = re.compile(LEAD + rf"(?:(?:这|这个|它|一共|总共|训练|做完|要|需要|会|花)*)(?:{COSTS.pattern}).{{0,24}}$")
ABOUT_MODEL: tuple[tuple[str, str], ...] = (
    (
        "good",
        r"(?:is (?:it|this|the model|that) (?:any )?(?:good|good enough|ok|okay|usable|ready)(?: (?:or not|or bad|now|"
        r"enough))*|how good is (?:it|the model)|did it (?:work|pass|reach the goal)|"
        r"(?:它|这个|模型)?(?:到底)?(?:够好|好不好|好用|行不行|达标|合格|可以用|能用)(?:吗|了吗|不)?)",
    ),
    (
        "try",
        r"(?:(?:can i |let me |i want to |how (?:do|can) i )?try (?:it|the model)(?: out)?(?: on (?:a|my|some) "
        r"(?:messages?|texts?))?|(?:我想|我要|怎么)?(?:用一条消息)?(?:试试|试一下|试用|试一试)(?:它|模型|看)?)",
    ),
    (
        "use",
        r"(?:how (?:do|can|would|should) (?:i|we) (?:use|deploy|serve|run) (?:it|the model|this)(?: now)?|"
        r"(?:那)?(?:我)?(?:怎么|如何|怎样)(?:使?用|部署)(?:它|这个模型|模型)?)",
    ),
    (
        "better",
        r"(?:(?:can you |how (?:do|can) (?:i|we|you) )?(?:make|get) it (?:any )?better|improve it|"
        r"how can it be improved|"
        r"(?:让它|怎么让它|怎么|如何)?(?:更好|变好|改进|提高)(?:一?些|一点|它)?)",
    ),
)


def asks(text: str) -> tuple[str, ...]:
    """What a message asks about, if it does nothing but ask: "term:…", "unclear", "this", "cost", "good", …"""
    found = [(piece, _asked(piece)) for piece in _pieces(text)]
    if not any(parts for _, parts in found):
        return ()
    # "is 16 enough for a test?" beside another question is about that word.
    told = [parts or _named(piece, text) for piece, parts in found]
    return tuple(dict.fromkeys(part for parts in told for part in parts)) if all(told) else ()


def _named(piece: str, text: str) -> tuple[str, ...]:
    asked = re.search(rf"{re.escape(piece)}\s*[?？]", text.lower().replace("’", "'"))
    return tuple(f"term:{word}" for word in glossary.mentioned(piece)) if asked else ()


def _pieces(text: str) -> list[str]:
    low = text.lower().replace("’", "'").strip()
    pieces = re.split(r"[?？!！。;；\n]+|\.(?=\s|$)", low)
    return [bare for piece in pieces if (bare := piece.strip(" \t,，.…")) and not re.fullmatch(LEAD[1:], bare)]


def _asked(piece: str) -> tuple[str, ...]:
    unquoted = re.sub(r"[\"“”‘「」『』《》]|(?<!\w)'|'(?!\w)", "", piece).strip()
    if UNCLEAR.match(unquoted):
        return ("unclear",)
    if this := WHAT_IS_THIS.match(unquoted):
        rest = unquoted[this.end() :]
        return ("this", "cost") if COSTS.search(rest) else ("this",) if len(rest) < 3 else ()
    if PRICE.match(unquoted):
        return ("cost",)
    for part, pattern in ABOUT_MODEL:
        if re.fullmatch(rf"{LEAD[1:]}(?:{pattern})", unquoted):
            return (part,)
    for means in (MEANS, MEANS_ZH):
        if found := means.match(unquoted):
            if glossary.meaning(found["term"]):
                return (f"term:{found['term']}",)
            if ONLY_MEANING.search(unquoted):
                return ("unclear",)
    return ()


def is_question(text: str) -> bool:
    """Whether a message asks and orders nothing; "can you hide the names?" is an order."""
    low = text.strip().lower()
    if re.match(
        LEAD
        + r"(?:how about|what about|what if|please|can you|could you|would you|will you|can we|请|能不能|可以|能否|帮)",
        low,
    ):
        return False
    starts = r"(?:(?:what|why|how|which|who|when|where)\b|为什么|怎么|如何|什么|多少)"
    return low.endswith(("?", "？", "吗")) or bool(re.match(LEAD + starts, low))


def told(parts: tuple[str, ...], run: Run | None, open_now: Ask | None, language: Language) -> Iterator[str]:
    for part in parts:
        words = _told(part, run, open_now, language)
        if words:
            yield words


def _told(part: str, run: Run | None, open_now: Ask | None, language: Language) -> str:
    if part.startswith("term:"):
        words = glossary.meaning(part.removeprefix("term:"))
        return words.to(language) if words else ""
    match part:
        case "unclear":
            field = open_now.field if open_now else ""
            return glossary.FIELDS.get(field, glossary.KNOWN).to(language)
        case "this":
            return THIS.to(language)
        case "cost":
            return cost(run).to(language)
        case "good":
            return _good(run, language)
        case "try":
            return _try(run).to(language)
        case "use":
            return _use(run).to(language)
        case _:
            return _better(run, language)


THIS = Words(
    "This makes a checked data set for a task of yours, and tunes a small model on it that is measured against the one "
    "it started from.",
    "这里为您的任务制作经过检查的数据集，并用它微调一个小模型，再与原来的模型比较。",
)
NO_MODEL = Words("There is no tuned model yet.", "还没有微调好的模型。")


def cost(run: Run | None) -> Words:
    """In money; what was counted where something was counted."""
    from workspace.settings import settings

    limits = settings()
    free = Words(
        "The embedded model and the training run on this machine and cost no money; a paid model is used only if one "
        "is set as the endpoint, and is counted.",
        "内置模型和训练都在本机运行，不花钱；只有设置了付费接口才会产生费用，并且会计数。",
    )
    if run is None:
        return Words(f"Nothing so far. {free.en}", f"到目前为止没有花费。{free.zh}")
    read, written = run.project.journal.tokens()
    money = read / 1e6 * limits.price_in + written / 1e6 * limits.price_out
    return Words(
        f"The model has read {read:,} tokens and written {written:,} so far: ${money:.2f} at the prices set. {free.en}",
        f"模型一共读取 {read:,} 个词元，写出 {written:,} 个；按设定的价格约 {money:.2f} 美元。{free.zh}",
    )


def _good(run: Run | None, language: Language) -> str:
    """The verdict of the card in one sentence."""
    from agent.views.verdicts import verdict

    if run and run.card:
        found = verdict(run.card, language)
        return f"**{found.chip}.** {found.text}" if language == "en" else f"**{found.chip}。**{found.text}"
    untested = Words("It was not tested yet.", "还没有测试。")
    return (untested if run and run.model else NO_MODEL).to(language)


def _try(run: Run | None) -> Words:
    if run is None or run.model is None:
        return NO_MODEL
    if run.model.method == "encoder":
        return Words(
            "Trying out a message is not built for a model on an encoder, which names a label and writes no text; the "
            "report card shows what it answered to the test rows.",
            "编码器模型只给出类别，不生成文字，目前没有试用功能；成绩单里可以看到它在测试数据上的回答。",
        )
    return Words(
        "Open “Try it” beside this conversation, write a message there, and the base and the tuned model both answer "
        f'it; in a terminal: `tunesmith try {run.model.name} "TEXT"`.',
        "请打开对话旁边的“试一试”，写一条消息，基础模型和微调后的模型都会回答；在终端里："
        f'`tunesmith try {run.model.name} "文本"`。',
    )


def _use(run: Run | None) -> Words:
    if run is None or (run.model is None and run.version is None):
        return NO_MODEL
    if run.model is None:
        return Words(
            "The frozen rows are under “Versions and models”, to be downloaded; there is no tuned model yet.",
            "冻结的数据在“版本与模型”里可以下载；还没有微调好的模型。",
        )
    name = run.model.name
    if run.model.method == "encoder":
        return Words(
            f"`tunesmith release {name}` releases it with its passport; serving it to programs is not built for an "
            "encoder.",
            f"`tunesmith release {name}` 可以连同说明一起发布；编码器模型目前不能作为服务提供给程序。",
        )
    return Words(
        f"`tunesmith serve api {name}` lets your programs ask it on this machine, and `tunesmith release {name}` "
        "releases it with its passport.",
        f"`tunesmith serve api {name}` 让您的程序在本机使用它；`tunesmith release {name}` 连同说明一起发布。",
    )


def _better(run: Run | None, language: Language) -> str:
    """What the card found most useful."""
    if run is None or run.card is None:
        return (NO_MODEL if run is None or run.model is None else Words("It was not tested yet.", "还没有测试。")).to(
            language
        )
    steps = [f"- {step.words.to(language)}" for step in run.card.next[:3]]
    how = Words(
        "Say what to change, for example “change the rows to 500”, and new rows are made for it.",
        "请说要改什么，例如“把数据量改成 500”，然后会按它制作新的数据。",
    )
    head = Words("The report card suggests:", "成绩单的建议：").to(language)
    return "\n".join([head, *steps, "", how.to(language)] if steps else [how.to(language)])
