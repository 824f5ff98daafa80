"""The forms of a tuned model side by side, for people, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workspace.project import write_text
from workspace.results import Compressed, Form, FormScore
from workspace.stated import METRICS
from workspace.words import Language, Words

NAMES: dict[Form, Words] = {
    "adapter": Words("adapter on its base", "适配器＋基础模型"),
    "bf16": Words("merged, bf16", "合并后，bf16"),
    "int8": Words("INT8, for a CPU", "INT8（CPU）"),
    "gguf": Words("GGUF, 16 bits", "GGUF，16 位"),
    "q8": Words("GGUF, 8 bits (Q8_0)", "GGUF，8 位（Q8_0）"),
    "q4": Words("GGUF, 4 bits (Q4_1)", "GGUF，4 位（Q4_1）"),
    "served": Words("as `serve api` answers", "`serve api` 的回答"),
}
SHOWN = 3
LONGEST = 120


def heads(found: Compressed, language: Language) -> tuple[str, ...]:
    quality = Words("like the adapter's", "与适配器的相似度") if found.against_adapter else dict(METRICS)[found.metric]
    words = (
        Words("form", "格式"),
        Words("same answers", "相同回答"),
        quality,
        Words("points lost", "下降（百分点）"),
        Words("MB", "MB"),
        Words("tokens/s", "token/秒"),
        Words("ms a query (p50 / p99)", "单条毫秒（p50 / p99）"),
        Words("most memory, MB", "内存峰值（MB）"),
        Words("may be released", "可否发布"),
    )
    return tuple(word.to(language) for word in words)


def rows(found: Compressed, language: Language) -> tuple[tuple[str, ...], ...]:
    return tuple(_row(form, score, found.prompts, language) for form, score in found.forms.items())


def verdict(found: Compressed, language: Language) -> str:
    """Whether a release may be made, and if not, which prompt differs and how."""
    refused = {form: score for form, score in found.forms.items() if score.refused}
    first = (
        Words(
            f"The files agree within the bounds on {found.prompts} prompts; a release may be made.",
            f"各格式文件在 {found.prompts} 条提示上的差异均在允许范围内，可以发布。",
        )
        if found.released
        else Words("Not to be released as it is:", "暂不能发布：")
    )
    lines = [
        first.to(language),
        *(f"- {NAMES[form].to(language)}: {score.refused[language]}" for form, score in refused.items()),
        *(line for form, score in refused.items() for line in differing(form, score, language)),
    ]
    return "\n".join(lines)


def differing(form: Form, score: FormScore, language: Language) -> list[str]:
    return [
        Words(
            f"- Prompt {one.prompt} (“{_cut(one.text)}”) differs from token {one.position + 1} on: the adapter says "
            f"“{_cut(one.adapter)}”, {NAMES[form].en} says “{_cut(one.other)}”.",
            f"- 第 {one.prompt} 条提示（“{_cut(one.text)}”）从第 {one.position + 1} 个 token 起不同：适配器回答"
            f"“{_cut(one.adapter)}”，{NAMES[form].zh}回答“{_cut(one.other)}”。",
        ).to(language)
        for one in score.differing[:SHOWN]
    ]


def write_tables(found: Compressed, out: Path) -> None:
    """compress.md and compress.zh.md."""
    write_text(out / "compress.md", _page(found, "en"))
    write_text(out / "compress.zh.md", _page(found, "zh"))


def _page(found: Compressed, language: Language) -> str:
    title = Words("Forms of the model side by side", "各种格式对比").to(language)
    body = [_line(heads(found, language)), _line(["---"] * 9), *(_line(row) for row in rows(found, language))]
    parts = [f"# {title}", verdict(found, language), "\n".join(body), _how(found, language)]
    others = [
        line for form, score in found.forms.items() if not score.refused for line in differing(form, score, language)
    ]
    if others:
        head = Words("Answers that differ, within the bounds", "允许范围内的不同回答").to(language)
        parts += [f"## {head}", "\n".join(others)]
    return "\n\n".join(parts) + "\n"


def _row(form: Form, score: FormScore, prompts: int, language: Language) -> tuple[str, ...]:
    yes = Words("yes", "可以") if not score.refused else Words("no", "不可")
    quality = score.quality
    lost = score.lost
    return (
        NAMES[form].to(language),
        f"{score.exact}/{prompts}",
        f"{100 * quality.value:.1f}% [{100 * quality.low:.1f}, {100 * quality.high:.1f}]",
        "" if form == "adapter" else f"{100 * lost.value:+.1f} [{100 * lost.low:+.1f}, {100 * lost.high:+.1f}]",
        f"{score.megabytes:.1f}",
        f"{score.tokens_per_second:.1f}",
        f"{score.ms_p50:.0f} / {score.ms_p99:.0f}",
        f"{score.memory_mb:.0f}",
        yes.to(language) if form != "adapter" else "",
    )


def _how(found: Compressed, language: Language) -> str:
    source = (
        Words("rows that were not trained on", "未参与训练的数据")
        if found.held_back
        else Words("rows that were trained on, for none were held back", "训练过的数据（没有留出数据）")
    )
    exact, lost = f"{found.least_exact:.0%}", f"{100 * found.most_lost:.0f}"
    words = Words(
        f"The same {found.prompts} prompts ({source.en}), in the same tokens, one at a time, each answer the most "
        f"likely one (greedy). A release needs {exact} of the merged model's answers to be the adapter's own, "
        f"word for word, and no form to lose more than {lost} points of quality. Brackets hold 95% intervals over "
        f"paired rows: {found.prompts} prompts can't tell smaller differences from chance. Memory is that of a whole "
        "process; on a CPU all but llama.cpp's forms compute in float32.",
        f"同样的 {found.prompts} 条提示（{source.zh}），相同的 token，逐条提问，均取最可能的回答（贪心）。发布要求："
        f"合并后的模型有 {exact} 的回答与适配器逐字相同，且任何格式的质量下降不超过 {lost} 个百分点。"
        f"方括号内为配对数据的 95% 区间：{found.prompts} 条提示无法区分更小的差异与偶然。"
        "内存为整个进程的峰值；在 CPU 上，除 llama.cpp 外均以 float32 计算。",
    )
    return words.to(language)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
