"""What was made from what, drawn as a tree: each specification, its versions, their models, their releases."""

from __future__ import annotations

from html import escape

from agent.views.lineage import Modelled, Released, Specified, Versioned
from ui.panels.look import Look
from workspace.words import Language, Words

TITLE = Words("Versions and models", "版本与模型")
HOW = Words(
    "Each specification with the versions of the data made by it, the models tuned on them, and what was released.",
    "每份规格说明、由它得到的数据版本、在其上微调的模型，以及已发布的内容。",
)
SPECIFICATION, MODEL, RELEASE = Words("specification", "规格说明"), Words("model", "模型"), Words("release", "发布")
CURRENT, MET, MISSED = Words("in use", "使用中"), Words("goals met", "已达标"), Words("goals missed", "未达标")
COMPARE, CHOSEN = Words("Compare", "比较"), Words("Chosen", "已选")


def tree_html(look: Look, specified: tuple[Specified, ...]) -> str:
    several = sum(len(one.versions) for one in specified) > 1
    drawn = "".join(_specified(look, one, several) for one in reversed(specified))
    title = f'<h2>{TITLE.to(look.language)}</h2><p class="tm-none">{HOW.to(look.language)}</p>'
    return f'{title}<ul class="tm-tree">{drawn}</ul>'


def _specified(look: Look, one: Specified, several: bool) -> str:
    below = "".join(_versioned(look, version, several) for version in reversed(one.versions))
    kind = f"{SPECIFICATION.to(look.language)} <code>{escape(one.hash[:10])}</code>"
    return f'<li><div class="tm-node"><small>{kind}</small><p>{escape(one.goal)}</p></div><ul>{below}</ul></li>'


def _versioned(look: Look, version: Versioned, several: bool) -> str:
    language, chosen = look.language, version.hash in look.asked.get("chosen", "").split()
    name = f"<b>{escape(version.number)}</b> <code>{escape(version.hash[:10])}</code>"
    more = f"<span>{escape(version.told)}</span>"
    pick = (
        f'<button type="button" class="tm-button" id="tm-pick-{escape(version.hash[:10])}" data-act="choose" '
        f'data-value="{escape(version.hash)}" aria-pressed="{str(chosen).lower()}">'
        f"{(CHOSEN if chosen else COMPARE).to(language)}"
        f'<span class="tm-unseen"> {escape(version.number)}</span></button>'
        if several
        else ""
    )
    below = "".join(_modelled(model, language) for model in version.models)
    node = _opens("version", version.hash, f"{name}{more}")
    return f'<li><div class="tm-node tm-version">{node}{pick}</div>{f"<ul>{below}</ul>" if below else ""}</li>'


def _modelled(model: Modelled, language: Language) -> str:
    chip = ""
    if model.met is not None:
        kind, met = ("tm-chip", MET) if model.met else ("tm-chip tm-bad", MISSED)
        chip = f'<span class="{kind}">{met.to(language)}</span>'
    below = "".join(_released(one, language) for one in model.releases)
    kind = f"<small>{MODEL.to(language)} <code>{escape(model.name)}</code></small>"
    node = _opens(
        "model", model.name, f"{kind}<b>{escape(model.title)}</b><span>{escape(model.measured)} {chip}</span>"
    )
    return f'<li><div class="tm-node">{node}</div>{f"<ul>{below}</ul>" if below else ""}</li>'


def _released(one: Released, language: Language) -> str:
    chip = f' <span class="tm-chip">{CURRENT.to(language)}</span>' if one.current else ""
    return (
        f'<li><div class="tm-node"><small>{RELEASE.to(language)}</small><p><b>{escape(one.number)}</b>{chip} '
        f"<span>{escape(one.name)} <code>{escape(one.id)}</code></span></p></div></li>"
    )


def _opens(kind: str, name: str, inside: str) -> str:
    return (
        f'<button type="button" class="tm-opens" data-act="open" data-value="{kind} {escape(name)}">{inside}</button>'
    )
