"""A tuned model in full, and its release: asked for, shown with its hash, and only then said yes to."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from agent.views.releasing import Offer, Sheet
from ui.page.bubbles import markdown_html
from ui.panels.comparison import WHAT, grid_html
from ui.panels.look import button_html
from ui.panels.sure import question_html
from workspace.words import Language, Words

FORMS, LIBRARIES, GOALS = Words("Forms", "格式"), Words("Made with", "依赖"), Words("Goals", "目标")
REACHED, WANTED = Words("reached", "实际"), Words("goal", "目标")
RELEASES, CURRENT = Words("Releases", "发布记录"), Words("in use", "使用中")
RELEASE, AGAIN = Words("Release it", "发布"), Words("Use it again", "重新启用")
WRITE = Words("Write its forms", "生成格式")
CONFIRM = Words(
    "Do exactly this? Your yes holds for what has the hash {hash}, and for nothing else.",
    "确认执行吗？您的同意只对哈希为 {hash} 的内容有效。",
)
YES = Words("Yes, do it", "确认")


def model_html(found: Sheet, release: str, language: Language) -> str:
    """`release` stands where its button would: the button, the offer, or what is being done."""
    lines = [*found.facts, *([(LIBRARIES.to(language), found.libraries)] if found.libraries else [])]
    title = f"<h2>{escape(found.title)} <code>{escape(found.name)}</code></h2>"
    return (
        f"{title}{release}{_facts(lines)}{_goals(found, language)}{_releases(found, language)}{_forms(found, language)}"
    )


def _facts(lines: Sequence[tuple[str, str]]) -> str:
    drawn = "".join(f"<div><dt>{escape(head)}</dt><dd>{escape(value)}</dd></div>" for head, value in lines)
    return f'<dl class="tm-facts">{drawn}</dl>'


def offer_button_html(found: Sheet, language: Language) -> str:
    if not found.forms:  # a release is made of them
        write = button_html("compress", WRITE.to(language), found.name, kind="tm-primary", id="tm-compress")
        return f'<div class="tm-buttons">{write}</div>'
    return f'<div class="tm-buttons">{button_html("offer", RELEASE.to(language), found.name, id="tm-offer")}</div>'


def offer_html(offered: Offer, language: Language) -> str:
    """A yes carries the hash of what is shown here."""
    question = CONFIRM.to(language).format(hash=offered.hash)
    return (
        f'<section class="tm-offer"><h3>{escape(offered.title)}</h3>{_facts(offered.facts)}'
        f"{question_html(offered.hash, question, YES.to(language), language)}</section>"
    )


def _releases(found: Sheet, language: Language) -> str:
    """The one in use is marked; any other can be put in its place again."""
    if not found.releases:
        return ""
    lines = "".join(
        f"<li><span><b>{escape(one.number)}</b> <code>{escape(one.id)}</code></span>"
        + (
            f'<span class="tm-chip">{CURRENT.to(language)}</span></li>'
            if one.current
            else f"{button_html('offer', AGAIN.to(language), one.id)}</li>"
        )
        for one in reversed(found.releases)
    )
    return f'<h3>{RELEASES.to(language)}</h3><ul class="tm-releases">{lines}</ul>'


def _goals(found: Sheet, language: Language) -> str:
    if not found.goals:
        return ""
    heads = (WHAT, REACHED, WANTED)
    rows = tuple((name, f"{'✓' if met else '✗'} {reached}", wanted) for name, reached, wanted, met in found.goals)
    return f"<h3>{GOALS.to(language)}</h3>{grid_html(tuple(head.to(language) for head in heads), rows)}"


def _forms(found: Sheet, language: Language) -> str:
    table = grid_html(found.heads, found.forms) if found.forms else ""
    return f'<h3>{FORMS.to(language)}</h3><div class="tm-parity">{markdown_html(found.parity)}</div>{table}'
