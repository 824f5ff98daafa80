"""The training: how wrong the model still is, step by step, what it learns from, and the buttons that end it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from agent.events import Event, Panel, Plot
from agent.run import Run
from agent.views import curves, watching
from agent.views.choices import FIELDS, Choice, asked_for, choices, follows
from agent.views.watching import STATES, Possible, Watched
from ui.panels import sure
from ui.panels.look import Deed, Look, button_html
from ui.panels.plot import plot_html
from ui.render import cell_text
from workspace.sample import Scalar
from workspace.words import Language, Words

EVENTS: tuple[Panel, ...] = ("learned", "loss")
TITLE = Words("Training", "训练")
BEFORE = Words("How it will be trained", "训练方式")
LEARNED = Words("What will be learned", "将要学习的内容")
ESTIMATES = Words("Said beforehand, and what it came to", "预估与实际")
HEADS = (Words("When", "时间点"), Words("Time", "时间"), Words("Memory", "内存"))
STEPS = Words("step {done} of {total}", "第 {done} 步，共 {total} 步")
CHANGE, DONE, BACK = Words("Change", "修改"), Words("Change it", "确定"), Words("Leave it", "不改了")
KEY = Words("What the model learns is marked; the rest it only reads.", "标出的部分是模型要学会写的，其余只供阅读。")
TOKENS = Words("{trained} of {length} tokens", "{length} 个词元中的 {trained} 个")
BUTTONS: dict[Possible, Words] = {
    "keep": Words("Stop and keep", "停止并保留"),
    "stop": Words("Stop", "停止"),
    "on": Words("Go on", "继续训练"),
}
QUESTIONS: dict[Possible, Words] = {
    "keep": Words(
        "End the training here and make the best so far the model? It can't go on afterwards.",
        "在此结束训练，把目前最好的结果作为模型？之后不能再继续。",
    ),
    "stop": Words(
        "End the training after this step? Nothing is lost, and it can go on later.",
        "这一步结束后停止训练？已完成的部分不会丢失，之后可以继续。",
    ),
    "on": Words("Go on with the training from where it stands?", "从目前的位置继续训练？"),
}
WRITTEN = re.compile(r"(&lt;\|\w+\|&gt;)")


def there(look: Look) -> bool:
    run = _run(look)
    return any(panel in look.shown for panel in EVENTS) or bool(run and run.version)


def draw(look: Look) -> str:
    run = _run(look)
    seen = watching.watched(run, look.language) if run else None
    if seen:
        return _head(look, seen) + _figures(seen) + _curve(seen.curve) + _accounts(seen, look.language) + _lesson(look)
    before = _choices(look, run) if run and run.version else ""
    loss = look.shown.get("loss")
    plot = _curve(curves.of_plot(loss)) if isinstance(loss, Plot) else ""
    return plot + before + _lesson(look)


def act(look: Look, deed: Deed) -> Iterator[Event] | None:
    run = _run(look)
    wanted = sure.pressed(look, deed)
    editing = look.asked.pop("edit", "")
    if run is None:
        return None
    if deed.act == "edit" and deed.value in FIELDS:
        look.asked["edit"] = deed.value
    elif deed.act == "change" and deed.value in FIELDS and deed.value == editing:
        if value := deed.fields.get("value", "").strip():
            look.say(asked_for(deed.value, value, look.language))
    elif wanted in BUTTONS:
        _do(look, run, wanted)
    return None


def _do(look: Look, run: Run, wanted: Possible) -> None:
    said = watching.do(run, wanted, look.person, look.session.pending() if look.session else (), look.language)
    if said:
        look.say(said)


def _run(look: Look) -> Run | None:
    return look.session.current if look.session else None


def _head(look: Look, seen: Watched) -> str:
    language, moving = look.language, seen.state in ("starting", "running", "stopping")
    chip = f'<span class="tm-chip tm-state-{seen.state}" role="status">{STATES[seen.state].to(language)}</span>'
    steps = STEPS.to(language).format(done=seen.done, total=seen.total)
    bar = (
        f'<div class="tm-bar" role="progressbar" aria-label="{escape(steps)}" aria-valuemin="0" '
        f'aria-valuemax="{seen.total}" aria-valuenow="{seen.done}">'
        f'<i style="width:{100 * seen.done / seen.total:.1f}%"></i></div>'
    )
    line = f'<p class="tm-reached">{escape(steps)}</p>{bar}' if seen.state != "finished" else ""
    kind = "" if moving else ' class="tm-halted"'
    told = f'<p class="tm-told">{escape(seen.told)}</p>'
    return f"<header{kind}><h2>{TITLE.to(language)} {chip}</h2>{line}{told}{_buttons(look, seen)}</header>"


def _buttons(look: Look, seen: Watched) -> str:
    asked, language = look.asked.get("sure", ""), look.language
    if asked in seen.possible:
        return sure.question_html(asked, QUESTIONS[asked].to(language), BUTTONS[asked].to(language), language)
    drawn = "".join(sure.opens_html(which, BUTTONS[which].to(language)) for which in seen.possible)
    return f'<div class="tm-buttons">{drawn}</div>' if drawn else ""


def _figures(seen: Watched) -> str:
    drawn = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in seen.figures)
    return f'<dl class="tm-figures">{drawn}</dl>' if drawn else ""


def _curve(curve: curves.Curve) -> str:
    drawn = plot_html(curve)
    return f"<section><h3>{escape(curve.title)}</h3>{drawn}</section>" if drawn else ""


def _accounts(seen: Watched, language: Language) -> str:
    if not seen.accounts:
        return ""
    head = "".join(f'<th scope="col">{name.to(language)}</th>' for name in HEADS)
    rows = "".join(
        f'<tr><th scope="row">{escape(one.when)}</th><td class="tm-number">{escape(one.time)}</td>'
        f'<td class="tm-number">{escape(one.memory)}</td></tr>'
        for one in seen.accounts
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<section><h3>{ESTIMATES.to(language)}</h3><div class="tm-scroll">{table}</div></section>'


def _choices(look: Look, run: Run) -> str:
    drawn = "".join(_choice(look, choice) for choice in choices(run, look.language))
    after = escape(follows(run, look.language))
    return f'<h2>{BEFORE.to(look.language)}</h2><dl class="tm-plan">{drawn}</dl><p class="tm-told">{after}</p>'


def _choice(look: Look, choice: Choice) -> str:
    language = look.language
    title, hint = escape(choice.title), f"<small>{escape(choice.hint)}</small>"
    if look.asked.get("edit") == choice.field:
        return f"<div><dt>{title}{hint}</dt><dd>{_field(choice, language)}</dd></div>"
    named = f'<span class="tm-unseen"> {title}</span>'
    change = button_html("edit", CHANGE.to(language), choice.field, id=f"tm-edit-{choice.field}")
    change = change.replace("</button>", f"{named}</button>")
    whose = f'<span class="tm-chip tm-assumed">{escape(choice.whose)}</span>' if choice.whose else ""
    return f"<div><dt>{title}{hint}</dt><dd><span>{escape(choice.value)} {whose}</span>{change}</dd></div>"


def _field(choice: Choice, language: Language) -> str:
    name = f'id="tm-choice" name="value" aria-label="{escape(choice.title)}"'
    if choice.options:
        lines = "".join(
            f'<option value="{escape(value)}"{" selected" if value == choice.given else ""}>{escape(text)}</option>'
            for value, text in choice.options
        )
        given = f"<select {name}>{lines}</select>"
    else:
        given = f'<input {name} type="number" min="1" step="any" required value="{escape(choice.given)}">'
    return (
        f'<form class="tm-plan-edit" data-act="change" data-value="{choice.field}">{given}'
        f'<button type="submit" class="tm-button tm-primary">{DONE.to(language)}</button>'
        f"{button_html('no', BACK.to(language))}</form>"
    )


def _lesson(look: Look) -> str:
    """Real rows, what is learned of each marked: as told just now, else as the run put it down when it began."""
    table, run = look.table("learned"), _run(look)
    if table is None and run:
        table = watching.learned(run, look.language)
    if table is None:
        return ""
    cards = "".join(_taught(*row[:4], language=look.language) for row in table.rows if len(row) >= 4)
    title = f"<h3>{escape(table.title)}</h3>"
    return f'<section>{title}<p class="tm-none">{KEY.to(look.language)}</p><ul class="tm-lesson">{cards}</ul></section>'


def _taught(read: Scalar, learned: Scalar, length: Scalar, trained: Scalar, *, language: Language) -> str:
    marked = _written(cell_text(learned).strip("⟦⟧"))
    counted = TOKENS.to(language).format(trained=cell_text(trained), length=cell_text(length))
    return f"<li><p>{_written(cell_text(read))}<mark>{marked}</mark></p><small>{escape(counted)}</small></li>"


def _written(text: str) -> str:
    """The marks that a base puts between turns are there, and quiet."""
    return WRITTEN.sub(r"<i>\1</i>", escape(text))
