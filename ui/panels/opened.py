"""A row opened in its place: what was said in it, what it is, and each finding beside the words that it goes by."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from agent.run import Run
from agent.views.browsing import Line
from agent.views.opening import Judgement, Opened, Passage, Turn, opened
from ui.panels.look import Look, button_html
from workspace.words import Language, Words

CUT = 700
MORE = Words("Show all of it", "显示全文")
SURE = Words("{n}% sure", "把握 {n}%")
CLAIM = Words("About", "针对")
RULE = Words("your rule", "您的规则")
FOUND = Words("What was found", "检查结果")
ABOUT = Words("What it is", "这条数据")
CLEAN = Words("No check had anything to say.", "没有检查结果。")


def opened_html(run: Run, line: Line, lines: Sequence[Line], look: Look) -> str:
    found, language = opened(run, line, lines, look.language), look.language
    whole = look.asked.get("more") == line.id
    turns = "".join(_turn_html(turn, whole) for turn in found.turns)
    cut = not whole and any(len(turn.text) > CUT for turn in found.turns)
    more = button_html("more", MORE.to(language), line.id) if cut else ""
    return f'<div class="tm-opened">{turns}{more}{_found_html(found, language)}{_about_html(found, language)}</div>'


def _turn_html(turn: Turn, whole: bool) -> str:
    text = turn.text if whole or len(turn.text) <= CUT else turn.text[:CUT].rstrip() + "…"
    return f'<div class="tm-turn"><h3>{escape(turn.who)}</h3><p>{escape(text)}</p></div>'


def _found_html(found: Opened, language: Language) -> str:
    judged = "".join(_judgement_html(one, language) for one in found.judgements)
    body = f"<ul>{judged}</ul>" if judged else f'<p class="tm-none">{CLEAN.to(language)}</p>'
    return f'<section class="tm-found"><h3>{FOUND.to(language)}</h3>{body}</section>'


def _judgement_html(one: Judgement, language: Language) -> str:
    kind = "tm-chip tm-bad" if one.against else "tm-chip"
    verdict = f'<span class="{kind}">{escape(one.verdict)}</span> ' if one.verdict else ""
    sure = f" <small>{SURE.to(language).format(n=one.sure)}</small>" if one.sure is not None else ""
    claim = f"<p><small>{CLAIM.to(language)}</small> <q>{escape(one.claim)}</q></p>" if one.claim else ""
    rule = f' <span class="tm-chip tm-assumed">{RULE.to(language)}</span>' if one.rule else ""
    reason = f"<p>{escape(one.reason)}</p>" if one.reason else ""
    passage = _passage_html(one.passage) if one.passage else ""
    return f"<li><p>{verdict}<b>{escape(one.check)}</b>{rule}{sure}</p>{claim}{reason}{passage}</li>"


def _passage_html(passage: Passage) -> str:
    text = f"{escape(passage.before)}<mark>{escape(passage.quote)}</mark>{escape(passage.after)}"
    return f"<figure><blockquote>{text}</blockquote><figcaption>{escape(passage.document)}</figcaption></figure>"


def _about_html(found: Opened, language: Language) -> str:
    lines = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in found.about)
    return f'<section class="tm-about"><h3>{ABOUT.to(language)}</h3><dl>{lines}</dl></section>'
