"""The rows where those who looked differ, one at a time, before somebody who did not vote."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Literal

from agent.review import arbitration, ballots, concord
from agent.review.voting import labels_of
from ui.panels.look import Deed, Look, button_html
from ui.panels.review_row import evidence_html, key_button, mend_html, note_html, turns_html
from workspace.sample import Sample
from workspace.words import Language, Words

if TYPE_CHECKING:
    from agent.review.batches import Review

OPINIONS: dict[str, Literal["accept", "fix", "reject"]] = {"accept": "accept", "fix": "fix", "reject": "reject"}


def act(review: Review, look: Look, deed: Deed) -> None:
    """A deed's value is the row, how often it was decided before, the opinion and, of a correction, its words."""
    asked, note = look.asked, deed.fields.get("note", "")
    row, seen, opinion, answer = [*deed.value.split(" ", 3), "", "", ""][:4]
    if deed.act == "rule-fix":
        asked["mending"] = row
    elif deed.act == "rule-unfix":
        asked.pop("mending", None)
    elif not seen.isdecimal():
        return  # nobody who presses what is drawn sends this
    elif deed.act == "reopen":
        arbitration.reopen(review, look.person, row, int(seen))
        asked["view"] = "arbitrating"
    elif deed.act == "rule" and opinion in OPINIONS:
        arbitration.arbitrate(review, look.person, row, OPINIONS[opinion], answer, note, int(seen))
        asked["ruled"] = row
    elif deed.act == "rule-mend":
        arbitration.arbitrate(review, look.person, row, "fix", deed.fields.get("answer", ""), note, int(seen))
        asked.pop("mending", None)
        asked["ruled"] = row


def draw(review: Review, look: Look) -> str:
    language = look.language
    left = arbitration.queue(review)
    row = next(one for one in review.rows if one.id == left[0])
    seen = arbitration.arbitrations(review, row.id)
    count = Words(f"{len(left)} to decide", f"还有 {len(left)} 条待裁决").to(language)
    said = concord.opinions(review, row, language)
    voices = "".join(
        f"<li><b>{escape(one.name)}</b> {escape(one.told)}"
        + (f"<small>{escape(one.note)}</small></li>" if one.note else "</li>")
        for one in said
    )
    name = (Words("Label", "类别") if row.label is not None else Words("Answer", "回答")).to(language)
    if look.asked.get("mending") == row.id:
        labels = labels_of(review.run) if row.label is not None else ()
        answer = mend_html("rule-mend", f"{row.id} {seen}", row.answer, labels, "", language)
        answer, buttons = answer.replace('data-act="unfix"', 'data-act="rule-unfix"'), ""
    else:
        answer = f'<div class="tm-verdict"><h3>{escape(name)}</h3><p>{escape(row.answer)}</p></div>'
        buttons = _rulings(row, seen, said, language)
    back = button_html("arbitrating", Words("Back to the comparison", "返回对比").to(language), kind="tm-quiet")
    undo = _undo(review, look)
    shown = turns_html(ballots.turns(row, language)) + answer + evidence_html(ballots.evidence(row, language), language)
    return (
        f'<div class="tm-pace"><p><b>{escape(count)}</b></p></div>'
        f'<article class="tm-ballot">{shown}<ul class="tm-voices">{voices}</ul></article>'
        f'{buttons}<div class="tm-moves">{back}{undo}</div>'
    )


def _rulings(row: Sample, seen: int, said: Sequence[concord.Said], language: Language) -> str:
    """Somebody's correction in one press, beside the three answers there always are."""
    made = [
        key_button("rule", f"{row.id} {seen} accept", Words("Right", "正确").to(language), "a", "tm-primary"),
        key_button("rule-fix", row.id, Words("Correct it", "更正").to(language), "f"),
        key_button("rule", f"{row.id} {seen} reject", Words("Take it out", "排除").to(language), "r"),
    ]
    fixes = dict.fromkeys((one.key, one.told) for one in said if one.key.startswith("fix "))
    made += [
        key_button("rule", f"{row.id} {seen} {key}", told, str(number)) for number, (key, told) in enumerate(fixes, 1)
    ]
    return f'<form class="tm-votes">{note_html(row.id, "", language)}<div>{"".join(made)}</div></form>'


def _undo(review: Review, look: Look) -> str:
    row = look.asked.get("ruled", "")
    if not row or row in review.open_rows:
        return ""
    seen = arbitration.arbitrations(review, row)
    return key_button("reopen", f"{row} {seen}", Words("Undo", "撤销").to(look.language), "z", "tm-quiet")
