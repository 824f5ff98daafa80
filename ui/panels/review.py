"""The review: what there is to look at, one row at a time by keyboard, and where those who looked differ."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Literal

from agent.events import Ask, Event, Panel, Table
from agent.review import arbitration, ballots, batches, voting
from agent.rights import may, require
from ui.panels import review_list, review_results
from ui.panels.look import Deed, Look, button_html
from ui.panels.review_row import evidence_html, key_button, mend_html, note_html, turns_html
from ui.panels.table import none_html
from workspace.errors import UserError
from workspace.words import Language, Words

if TYPE_CHECKING:
    from agent.review.batches import Review
    from agent.run import Run

EVENTS: tuple[Panel, ...] = ("review",)
Opinion = Literal["accept", "fix", "reject", "unsure"]
OPINIONS: dict[str, Opinion] = {"accept": "accept", "fix": "fix", "reject": "reject", "unsure": "unsure"}
SAY = Words("Go on", "继续")
BACK = Words("All reviews", "全部审阅")
BUTTONS: tuple[tuple[Opinion, Words, str], ...] = (
    ("accept", Words("Right", "正确"), "a"),
    ("fix", Words("Correct it", "更正"), "f"),
    ("reject", Words("Take it out", "排除"), "r"),
    ("unsure", Words("Not sure", "不确定"), "u"),
)


def there(look: Look) -> bool:
    run = _run(look)
    return run is not None and (run.folder / "rows.jsonl").exists() and may(run.project, look.person, "review")


def draw(look: Look) -> str:
    run = _run(look)
    if run is None or not there(look):
        return none_html(look.language)
    if not look.asked.get("batch"):
        return _list(look, run)
    try:
        review = batches.opened(run, look.asked["batch"], look.person)
    except UserError:
        look.asked.pop("batch")
        return _list(look, run)
    return _head(review, look) + _body(review, look)


def _list(look: Look, run: Run) -> str:
    waits = bool(_open_question(look)) and ballots.sample_decided(run)
    return review_list.draw(look, run, review_results.GO_ON.to(look.language) if waits else "")


def _body(review: Review, look: Look) -> str:
    state = ballots.state_of(review, look.person)
    name, place = batches.name_of(look.person), look.asked.get("place")
    looks_back = place is not None and name in review.batch.reviewers
    if state == "vote" or (looks_back and (review.batch.alone or state == "others")):
        return _ballot(review, look)
    if state in ("others", "watch"):
        return review_results.waiting_html(review, look)
    if review.batch.alone:
        return review_results.alone_html(review, look, bool(_open_question(look)))
    return review_results.draw(review, look, bool(_open_question(look)))


def act(look: Look, deed: Deed) -> Iterator[Event] | None:
    run = _run(look)
    if run is None:
        return None
    require(run.project, look.person, "review")
    if review_list.act(look, run, deed):
        return None
    if deed.act == "goon":
        return _go_on(look)
    review = batches.opened(run, look.asked.get("batch", ""), look.person)
    if deed.act in ("vote", "mend", "undo", "move", "fix", "unfix"):
        _vote(review, look, deed)
    else:
        review_results.act(review, look, deed)
    return None


def _vote(review: Review, look: Look, deed: Deed) -> None:
    asked, note = look.asked, deed.fields.get("note", "")
    if deed.act == "move":
        asked["place"] = deed.value if deed.value.isdecimal() else "0"
    if deed.act == "fix":
        asked["mending"] = deed.value
        return
    asked.pop("mending", None)
    if deed.act == "undo":
        fresh, row = voting.undo(review, look.person)
        ids = [one.id for one in fresh.rows]
        asked["place"] = str(ids.index(row)) if row in ids else asked.get("place", "0")
    if deed.act in ("vote", "mend"):
        row, seen, opinion = [*deed.value.split(" "), "", "", ""][:3]
        answer = deed.fields.get("answer", "") if deed.act == "mend" else ""
        try:
            said = OPINIONS["fix" if deed.act == "mend" else opinion]
            fresh = voting.vote(review, look.person, row, int(seen), said, answer, note)
        except (KeyError, ValueError):
            return  # nobody who presses what is drawn sends this
        except UserError:
            asked["mending"] = row if deed.act == "mend" else ""
            raise
        _advance(fresh, look, row)


def _advance(review: Review, look: Look, row: str) -> None:
    """To the next row that they have not spoken of, from here on and then from the start; else to what it came to."""
    ids = [one.id for one in review.rows]
    still = ballots.progress(review, look.person, look.language).open
    here = ids.index(row)
    after = next((place for place in still if place > here), next(iter(still), None))
    if after is None:
        look.asked.pop("place", None)
    else:
        look.asked["place"] = str(after)


def _head(review: Review, look: Look) -> str:
    language = look.language
    back = button_html("close", f"← {BACK.to(language)}", kind="tm-quiet")
    return f'<div class="tm-review-head">{back}<h2>{escape(ballots.title(review.batch, language))}</h2></div>'


def _ballot(review: Review, look: Look) -> str:
    language = look.language
    done = ballots.progress(review, look.person, language)
    first = done.open[0] if done.open else 0
    row = ballots.ballot(review, look.person, int(look.asked.get("place", first)), language)
    turns = turns_html(row.turns)
    if look.asked.get("mending") == row.row:
        answer = mend_html("mend", f"{row.row} {row.seen}", row.answer, row.labels, row.note, language)
        buttons = ""
    else:
        answer = _answer(row, language)
        buttons = _buttons(row, language)
    checked = _opinions_of_checks(row, language) if row.said else ""
    shown = f'<article class="tm-ballot">{turns}{answer}{evidence_html(row.evidence, language)}{checked}</article>'
    return _bar(done, row, language) + shown + buttons + _foot(review, row, look)


def _bar(done: ballots.Progress, row: ballots.Ballot, language: Language) -> str:
    where = Words(f"Row {row.place + 1}", f"第 {row.place + 1} 条").to(language)
    count = Words(f"{done.done} of {done.total} done", f"已完成 {done.done} / {done.total}").to(language)
    share = 100 * done.done / max(1, done.total)
    left = f"<span>{escape(done.left)}</span>" if done.left else ""
    return (
        f'<div class="tm-pace"><p><b>{escape(where)}</b><span>{escape(count)}</span>{left}</p>'
        f'<div class="tm-bar" role="progressbar" aria-valuemin="0" aria-valuemax="{done.total}" '
        f'aria-valuenow="{done.done}" aria-label="{escape(count)}"><i style="width:{share:.1f}%"></i></div></div>'
    )


def _answer(row: ballots.Ballot, language: Language) -> str:
    said = ballots.OPINIONS[row.said].to(language) if row.said else ""
    yours = Words("You said: ", "您的判断：").to(language)
    chip = f'<span class="tm-chip">{escape(yours + said)}</span>' if said else ""
    name = (Words("Label", "类别") if row.label else Words("Answer", "回答")).to(language)
    kind = "tm-verdict tm-label" if row.label else "tm-verdict"
    return f'<div class="{kind}"><h3>{escape(name)}</h3><p>{escape(row.answer)}</p>{chip}</div>'


def _opinions_of_checks(row: ballots.Ballot, language: Language) -> str:
    head = Words("What the checks made of it", "自动检查的意见").to(language)
    lines = "".join(f"<li>{escape(line)}</li>" for line in row.checks)
    return f'<div class="tm-checks"><h3>{escape(head)}</h3><ul>{lines}</ul></div>'


def _buttons(row: ballots.Ballot, language: Language) -> str:
    made = []
    for opinion, text, key in BUTTONS:
        act = "fix" if opinion == "fix" else "vote"
        value = row.row if opinion == "fix" else f"{row.row} {row.seen} {opinion}"
        kind = "tm-primary" if opinion == "accept" else ""
        made.append(key_button(act, value, text.to(language), key, kind, pressed=row.said == opinion))
    return f'<form class="tm-votes">{note_html(row.row, row.note, language)}<div>{"".join(made)}</div></form>'


def _foot(review: Review, row: ballots.Ballot, look: Look) -> str:
    language = look.language
    before, after = max(0, row.place - 1), min(row.total - 1, row.place + 1)
    moves = key_button(
        "move", str(before), Words("Before", "上一条").to(language), "k ArrowLeft ArrowUp", "tm-quiet", "k"
    )
    moves += key_button(
        "move", str(after), Words("Next", "下一条").to(language), "j ArrowRight ArrowDown", "tm-quiet", "j"
    )
    last = ballots.last_vote(review, look.person, language)
    told = ""
    if last and not look.asked.get("mending"):
        number, said, checks = last
        text = Words(f"Row {number}: {said}.", f"第 {number} 条：{said}。").to(language)
        moves += key_button("undo", "", Words("Undo", "撤销").to(language), "z", "tm-quiet")
        theirs = Words("The checks: ", "自动检查：").to(language) + "; ".join(checks)
        told = f'<p class="tm-last" role="status">{escape(text)} <span>{escape(theirs)}</span></p>'
    return f'<div class="tm-moves">{moves}</div>{told}'


def _run(look: Look) -> Run | None:
    return look.session.current if look.session else None


def _open_question(look: Look) -> str:
    """The hash of the question that waits for these rows to be looked at, where the conversation has come to it."""
    run = _run(look)
    if look.session is None or run is None or not may(run.project, look.person, "order"):
        return ""
    events = list(look.session.pending())
    shown = any(isinstance(event, Table) and event.panel == "review" for event in events)
    return next((event.hash for event in events if isinstance(event, Ask)), "") if shown else ""


def _go_on(look: Look) -> Iterator[Event] | None:
    run = _run(look)
    if run is None or look.session is None:
        return None
    require(run.project, look.person, "order")
    _refuse_undecided(run)
    agreed = _open_question(look)
    if not agreed:
        return None
    look.asked.pop("batch", None)
    return look.session.send(SAY.to(look.language), agreed=agreed)


def _refuse_undecided(run: Run) -> None:
    """ "Go on" says that all was looked at, so it is taken only where it was."""
    left = arbitration.left_of_sample(run)
    if left:
        raise UserError(
            Words(f"{left} of these rows are not decided yet.", f"还有 {left} 条没有决定。"),
            Words("Look at them first.", "请先查看它们。"),
        )
