"""What was understood so far: each value, whose it is and the words it came from; pressed, it is edited in place."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from agent.events import Event, Panel
from agent.views.sheet import Line
from ui import words
from ui.panels.look import Deed, Look, button_html
from workspace.errors import UserError
from workspace.words import Language

EVENTS: tuple[Panel, ...] = ("specification",)


def there(look: Look) -> bool:
    return True


def draw(look: Look) -> str:
    lines = look.session.sheet() if look.session else ()
    if not any(line.whose in ("said", "suggested") for line in lines):
        return _how_it_goes(look.language)
    title = words.PANELS["specification"].to(look.language)
    asked = [_line(line, look) for line in lines if line.asked or line.whose != "default"]
    details = [_line(line, look) for line in lines if not (line.asked or line.whose != "default")]
    return f"<h2>{title}</h2><dl>{''.join(asked)}</dl>{_details(details, look)}"


def act(look: Look, deed: Deed) -> Iterator[Event] | None:
    """`edit` opens a field, `save` takes what was written in it, `pick` one of its choices."""
    if deed.act == "details":
        look.asked["details"] = "" if look.asked.get("details") else "open"
    elif deed.act == "edit" and look.session:
        look.session.check_still()
        look.asked.update(field=deed.value, text="", problem="", fix="")
    elif deed.act == "leave":
        look.asked.update(field="")
    elif deed.act in ("save", "pick") and look.asked.get("field"):
        _save(look, deed.fields.get("text", "") if deed.act == "save" else deed.value)
    return None


def _save(look: Look, text: str) -> None:
    """What does not fit stays in its field, with the reason beside it."""
    try:
        look.edit(look.asked["field"], text)
    except UserError as error:
        problem, fix = error.to(look.language)
        look.asked.update(text=text, problem=problem, fix=fix)
    else:
        look.asked.update(field="")


def _how_it_goes(language: Language) -> str:
    steps = "".join(f"<li><b>{head.to(language)}</b><p>{text.to(language)}</p></li>" for head, text in words.STEPS)
    return f'<h2>{words.HOW_IT_GOES.to(language)}</h2><ol class="tm-steps">{steps}</ol>'


def _details(lines: list[str], look: Look) -> str:
    """Folded away until somebody wants them."""
    if not lines:
        return ""
    shown = bool(look.asked.get("details"))
    fold = (
        f'<button type="button" class="tm-fold" data-act="details" aria-expanded="{str(shown).lower()}">'
        f"{words.DETAILS.to(look.language)} ({len(lines)})</button>"
    )
    return f"{fold}<dl>{''.join(lines)}</dl>" if shown else fold


def _line(line: Line, look: Look) -> str:
    edited = look.asked.get("field") == line.field
    inside = _form(line, look) if edited else _value(line, look.language)
    state = "tm-edited" if edited else f"tm-{line.whose}"
    return f'<div class="{state}"><dt>{escape(line.title)}</dt><dd>{inside}</dd></div>'


def _value(line: Line, language: Language) -> str:
    kind = "tm-chip" if line.whose == "said" else "tm-chip tm-assumed"
    chip = f'<span class="{kind}">{escape(line.whose_words)}</span>'
    said = f"<q>{escape(line.quote)}</q>" if line.quote and line.quote != line.value else ""
    value = line.value or words.NOT_SAID.to(language)
    if line.kind == "told":
        return f"{escape(value)} {chip}{said}"
    name = words.EDIT.to(language).format(title=line.title, value=value)
    return (
        f'<button type="button" class="tm-value" data-act="edit" data-value="{escape(line.field)}" '
        f'aria-label="{escape(name)}">{escape(value)}</button> {chip}{said}'
    )


def _form(line: Line, look: Look) -> str:
    language, wrong = look.language, look.asked.get("problem", "")
    problem = (
        f'<p class="tm-wrong" id="tm-wrong" role="alert">{escape(wrong)} {escape(look.asked["fix"])}</p>'
        if wrong
        else ""
    )
    hint = f'<p class="tm-hint" id="tm-hint">{escape(line.hint)}</p>' if line.hint and not wrong else ""
    leave = button_html("leave", words.CANCEL.to(language), key="Escape")
    if line.kind == "choice":
        return f'<form class="tm-edit">{_options(line)}{problem}<p class="tm-buttons">{leave}</p></form>'
    save = f'<button type="submit" class="tm-button tm-primary">{words.SAVE.to(language)}</button>'
    return (
        f'<form class="tm-edit" data-act="save">{_input(line, look)}{hint}{problem}'
        f'<p class="tm-buttons">{save}{leave}</p></form>'
    )


def _options(line: Line) -> str:
    buttons = "".join(
        f'<button type="button" class="tm-option" data-act="pick" data-value="{escape(value)}" '
        f'aria-pressed="{"true" if value == line.written else "false"}">{escape(text)}</button>'
        for value, text in line.choices
    )
    return f'<div class="tm-options" role="group" aria-label="{escape(line.title)}">{buttons}</div>'


def _input(line: Line, look: Look) -> str:
    text = escape(look.asked.get("text") or line.written)
    told = "tm-wrong" if look.asked.get("problem") else "tm-hint"
    given = f'id="tm-field-{escape(line.field)}" name="text" aria-label="{escape(line.title)}" data-focus'
    given += f' aria-describedby="{told}"' if line.hint or look.asked.get("problem") else ""
    if line.kind == "number":
        unit = f" <span>{words.PERCENT.to(look.language)}</span>" if line.field == "threshold" else ""
        return f'<input type="text" inputmode="decimal" autocomplete="off" value="{text}" {given}>{unit}'
    rows = max(2, min(10, text.count("\n") + 2)) if line.kind == "lines" else 2
    return f'<textarea rows="{rows}" {given}>{text}</textarea>'
