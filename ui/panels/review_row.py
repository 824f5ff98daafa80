"""The parts of one row under review that every view of it shows alike: what was asked, what it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ui.panels.look import button_html
from workspace.words import Language, Words

NOTE = Words("Why (optional)", "原因（可选）")
SAVE = Words("Save the correction", "保存更正")
CANCEL = Words("Cancel", "取消")
CORRECT = Words("What it should say", "正确的内容")
EVIDENCE = Words("What it can be held against", "对照依据")


def turns_html(turns: Sequence[tuple[str, str]]) -> str:
    return "".join(f'<div class="tm-said"><h3>{escape(who)}</h3><p>{escape(text)}</p></div>' for who, text in turns)


def evidence_html(evidence: Sequence[tuple[str, str]], language: Language) -> str:
    if not evidence:
        return ""
    quotes = "".join(
        f"<figure><figcaption>{escape(where)}</figcaption><blockquote>{escape(text)}</blockquote></figure>"
        for where, text in evidence
    )
    return f'<aside class="tm-evidence"><h3>{escape(EVIDENCE.to(language))}</h3>{quotes}</aside>'


def note_html(row: str, note: str, language: Language) -> str:
    text = escape(NOTE.to(language))
    return (
        f'<input type="text" id="tm-note-{escape(row)}" name="note" value="{escape(note)}" maxlength="500" '
        f'placeholder="{text}" aria-label="{text}" autocomplete="off">'
    )


def mend_html(act: str, value: str, answer: str, labels: Sequence[str], note: str, language: Language) -> str:
    """An editor in the answer's place; a label is one of those that there are."""
    row, name = escape(value.split(" ")[0]), escape(CORRECT.to(language))
    if labels:
        options = "".join(
            f'<option value="{escape(label)}"{" selected" if label == answer else ""}>{escape(label)}</option>'
            for label in labels
        )
        field = f'<select id="tm-mend-{row}" name="answer" aria-label="{name}" autofocus>{options}</select>'
    else:
        lines = min(12, 2 + answer.count("\n") + len(answer) // 70)
        field = (
            f'<textarea id="tm-mend-{row}" name="answer" rows="{lines}" maxlength="20000" aria-label="{name}" '
            f"autofocus>{escape(answer)}</textarea>"
        )
    save = f'<button type="submit" class="tm-button tm-primary">{escape(SAVE.to(language))}<kbd>Ctrl ↵</kbd></button>'
    cancel = key_button("unfix", "", CANCEL.to(language), "Escape", "tm-quiet", "Esc")
    return (
        f'<form class="tm-mend" data-act="{escape(act)}" data-value="{escape(value)}"><h3>{name}</h3>{field}'
        f"{note_html(row, note, language)}<div>{save}{cancel}</div></form>"
    )


def key_button(
    act: str, value: str, text: str, key: str, kind: str = "", shown: str = "", pressed: bool | None = None
) -> str:
    """A button that says which key does the same."""
    html = button_html(act, text, value, key=key, kind=kind)
    state = "" if pressed is None else f' aria-pressed="{"true" if pressed else "false"}"'
    hint = f'<kbd aria-hidden="true">{escape((shown or key).upper() if len(shown or key) == 1 else shown or key)}</kbd>'
    return html.replace("<button ", f"<button{state} ", 1).removesuffix("</button>") + hint + "</button>"


def chip_html(text: str, kind: str = "") -> str:
    return f'<span class="tm-chip {kind}">{escape(text)}</span>'
