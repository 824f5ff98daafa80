"""What could be reviewed and by whom, and the reviews that there are."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from agent.review import ballots, batches, inviting
from agent.rights import may
from ui.panels.look import Deed, Look, button_html
from ui.panels.review_row import chip_html
from workspace.errors import UserError
from workspace.words import Words

if TYPE_CHECKING:
    from agent.run import Run

KINDS: dict[str, batches.Chosen] = {
    "gate": "gate",
    "audit": "audit",
    "waiting": "waiting",
    "label": "label",
    "everything": "everything",
}
LEAD = Words(
    "One row at a time. What the checks think stays hidden until you have decided.",
    "逐条查看。您作出判断之前，不显示自动检查的意见。",
)
KEYS = Words(
    "By keyboard: A right, F correct it, R take it out, U not sure.", "可用键盘：A 正确，F 更正，R 排除，U 不确定。"
)
URGENT = Words("To be looked at next", "接下来请看")
TOGETHER = Words("Choose what, and with whom", "选择内容和人员")
WHAT = Words("What", "看什么")
WHO = Words("Who looks at it", "由谁来看")
WHO_HOW = Words(
    "Two or more look at the same rows without seeing each other's votes.", "两人及以上时互相看不到对方的投票。"
)
DECIDES = Words("Who decides where they differ", "有分歧时由谁裁决")
INVITE = Words("Invite somebody by their user name", "按用户名邀请")
BEGIN = Words("Begin", "开始")
BEGIN_WITH = Words("Begin with {rows}", "开始查看 {rows}")
YOU = Words("you", "您")
NOTHING = Words("There is nothing for you to review just now.", "目前没有需要您审阅的内容。")


def act(look: Look, run: Run, deed: Deed) -> bool:
    """Whether the deed was one of the list."""
    asked = look.asked
    match deed.act:
        case "open":
            asked.update(batch=deed.value)
            asked.pop("place", None)
        case "close":
            for name in ("batch", "place", "mending", "view"):
                asked.pop(name, None)
        case "setup":
            asked["setup"] = "" if asked.get("setup") else "1"
        case "alone":
            _begin(look, run, deed.value, "", (), "")
        case "begin":
            who = [name.removeprefix("who ") for name in deed.fields if name.startswith("who ")]
            chosen = deed.fields.get("kind", "")
            _begin(look, run, chosen, deed.fields.get("label", ""), who, deed.fields.get("arbiter", ""))
        case "invite":
            inviting.invite(run, look.person, deed.fields.get("name", ""))
        case "uninvite":
            inviting.uninvite(run, look.person, deed.value)
        case _:
            return False
    return True


def _begin(look: Look, run: Run, kind: str, label: str, who: Sequence[str], arbiter: str) -> None:
    if kind not in KINDS:
        raise UserError(
            Words("It was not said what to look at.", "没有选择要查看的内容。"), Words("Choose it.", "请选择。")
        )
    batch = batches.begin(run, KINDS[kind], label if kind == "label" else "", who, arbiter, look.person)
    look.asked.update(batch=batch.id, setup="")
    look.asked.pop("place", None)


def draw(look: Look, run: Run, go_on: str = "") -> str:
    """`go_on`: what the button says by which the work goes on, where nothing else is in its way."""
    found = [ballots.listed(review, look.person, look.language) for review in batches.reviews(run, look.person)]
    mine = may(run.project, look.person, "order")
    title = f"<h2>{escape(Words('Review', '审阅').to(look.language))}</h2>"
    keys = f' <span class="tm-keys">{escape(KEYS.to(look.language))}</span>'
    lead = f'<p class="tm-lead">{escape(LEAD.to(look.language))}{keys}</p>'
    urgent = _urgent(look, run, found) if mine and not go_on else ""
    if mine and not go_on and not urgent and not found:
        urgent = _first(look, run)
    if go_on:
        urgent = f'<div class="tm-buttons">{button_html("goon", go_on, kind="tm-primary")}</div>'
    parts = [title, urgent, lead, _listed(found, look, first=not urgent)]
    if mine:
        parts.append(_setup(look, run))
    elif not found:
        parts.append(f'<p class="tm-none">{escape(NOTHING.to(look.language))}</p>')
    return "".join(parts)


def _urgent(look: Look, run: Run, found: Sequence[ballots.Listed]) -> str:
    """What the run waits for, in one press; not where it is under way already."""
    offer = next((offer for offer in ballots.offers(run, look.language) if offer.urgent), None)
    if offer is None or any(one.kind == offer.kind for one in found):
        return ""
    count = ballots.rows_words(offer.rows).to(look.language)
    return (
        f'<section class="tm-urgent"><p class="tm-sub-title">{escape(URGENT.to(look.language))}</p>'
        f"<h3>{escape(offer.title)} <small>{escape(count)}</small></h3>"
        f"{button_html('alone', BEGIN_WITH.to(look.language).format(rows=count), offer.kind, kind='tm-primary')}"
        "</section>"
    )


def _first(look: Look, run: Run) -> str:
    """Where nothing waits and nothing was begun: one press to a sensible number of rows."""
    offers = ballots.offers(run, look.language)
    offer = next((one for kind in ("audit", "waiting", "everything") for one in offers if one.kind == kind), None)
    if offer is None:
        return ""
    count = ballots.rows_words(offer.rows).to(look.language)
    begin = BEGIN_WITH.to(look.language).format(rows=count)
    return (
        f'<section class="tm-urgent"><h3>{escape(offer.title)}</h3>'
        f"{button_html('alone', begin, offer.kind, kind='tm-primary')}</section>"
    )


def _listed(found: Sequence[ballots.Listed], look: Look, first: bool) -> str:
    items = []
    for one in found:
        turn = one.state in ("vote", "arbitrate")
        people = " · ".join(f"{_called(name, look)} {done}/{one.total}" for name, done in one.people)
        kind = "tm-primary" if turn and first else ""
        first = first and not turn
        go = Words("Continue", "继续") if turn else Words("Open", "打开")
        items.append(
            f"<li><div><h3>{escape(one.title)}</h3><p>{escape(people)}</p></div>"
            f"{chip_html(one.told, '' if turn else 'tm-assumed')}"
            f"{button_html('open', go.to(look.language), one.id, kind=kind)}</li>"
        )
    return f'<ul class="tm-reviews">{"".join(items)}</ul>' if items else ""


def _setup(look: Look, run: Run) -> str:
    shown = bool(look.asked.get("setup"))
    more = (
        f'<button type="button" class="tm-button" data-act="setup" aria-expanded="{"true" if shown else "false"}">'
        f"{escape(TOGETHER.to(look.language))}</button>"
    )
    if not shown:
        return f'<div class="tm-setup">{more}</div>'
    return f'<div class="tm-setup">{more}{_form(look, run)}{_invite(look)}</div>'


def _form(look: Look, run: Run) -> str:
    language = look.language
    offers = ballots.offers(run, language)
    wanted = next((o.kind for o in offers if o.urgent), offers[0].kind if offers else "")
    what = "".join(_kind(offer.kind, f"{offer.title} ({offer.rows})", wanted) for offer in offers)
    labels = ballots.labels(run)
    if labels:
        options = "".join(f'<option value="{escape(name)}">{escape(name)} ({n})</option>' for name, n in labels)
        name = ballots.KINDS["label"].to(language)
        chosen = f'<select name="label" aria-label="{escape(name)}">{options}</select>'
        what += _kind("label", name, wanted, chosen)
    names = ballots.people(run, look.person)
    # Whoever decides where others differ may not vote: where there are others, these are asked and the owner decides.
    asked = names[1:] or names
    who = "".join(_person(name, place == 0, name in asked, look) for place, name in enumerate(names))
    arbiters = "".join(f'<option value="{escape(name)}">{escape(_called(name, look))}</option>' for name in names)
    decides = (
        f'<label class="tm-field"><span>{escape(DECIDES.to(language))}</span><select name="arbiter">{arbiters}</select>'
        "</label>"
        if len(names) > 1
        else ""
    )
    return (
        f'<form data-act="begin"><fieldset><legend>{escape(WHAT.to(language))}</legend>{what}</fieldset>'
        f"<fieldset><legend>{escape(WHO.to(language))}</legend>{who}"
        f'<p class="tm-none">{escape(WHO_HOW.to(language))}</p></fieldset>{decides}'
        f'<button type="submit" class="tm-button">{escape(BEGIN.to(language))}</button></form>'
    )


def _kind(kind: str, text: str, wanted: str, more: str = "") -> str:
    checked = " checked" if kind == wanted else ""
    return (
        f'<label class="tm-choice"><input type="radio" id="tm-kind-{escape(kind)}" name="kind" value="{escape(kind)}"'
        f"{checked}> <span>{escape(text)}</span>{more}</label>"
    )


def _person(name: str, owner: bool, asked: bool, look: Look) -> str:
    away = Words(f"Don't invite {name} any more", f"不再邀请 {name}").to(look.language)
    remove = (
        ""
        if owner
        else f'<button type="button" class="tm-button tm-quiet" data-act="uninvite" data-value="{escape(name)}" '
        f'aria-label="{escape(away)}">×</button>'
    )
    checked = " checked" if asked else ""
    return (
        f'<div class="tm-choice"><label><input type="checkbox" id="tm-who-{escape(name)}" name="who {escape(name)}"'
        f"{checked}> <span>{escape(_called(name, look))}</span></label>{remove}</div>"
    )


def _called(name: str, look: Look) -> str:
    """Whoever looks is called "you": the name by which the machine knows them may be nobody's, such as root."""
    return YOU.to(look.language) if name == batches.name_of(look.person) else name


def _invite(look: Look) -> str:
    text = escape(INVITE.to(look.language))
    send = escape(Words("Invite", "邀请").to(look.language))
    return (
        f'<form class="tm-line" data-act="invite" data-clear><input type="text" id="tm-invite" name="name" '
        f'maxlength="100" autocomplete="off" placeholder="{text}" aria-label="{text}"><button type="submit">{send}'
        "</button></form>"
    )
