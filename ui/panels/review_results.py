"""What a finished review came to: how far people agree, and the rows where somebody has to decide."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from agent.review import arbitration, ballots, batches, concord
from agent.rights import may
from ui.panels import review_arbitration
from ui.panels.look import Deed, Look, button_html
from ui.panels.review_row import chip_html, key_button
from workspace.sample import Sample
from workspace.words import Language, Words

if TYPE_CHECKING:
    from agent.review.batches import Review

GO_ON = Words("Go on with the work", "继续后续工作")
COMPARED = 50
LEVELS = {
    "accept": Words("agreement is good", "一致程度合格"),
    "talk": Words("to be talked over", "需要讨论"),
    "train": Words("back to the definitions", "需要重新统一标准"),
    "unknown": Words("no number", "无法计算"),
}


def act(review: Review, look: Look, deed: Deed) -> None:
    asked = look.asked
    match deed.act:
        case "arbitrating" | "table":
            asked["view"] = deed.act if asked.get("view") != deed.act else ""
        case "settle":
            arbitration.settle_anyway(review, look.person)
        case "again":
            after, *names = deed.value.split("\n")
            if after.isdecimal():
                arbitration.again(review, look.person, names, int(after))
        case _:
            review_arbitration.act(review, look, deed)


def waiting_html(review: Review, look: Look) -> str:
    """While others still vote nobody sees more than how far each is."""
    language, total = look.language, len(review.batch.rows)
    mine = batches.name_of(look.person) in review.batch.reviewers
    told = (
        Words("You have seen every row. Thank you.", "您已看完全部数据，谢谢。")
        if mine
        else Words("Under way.", "进行中。")
    )
    after = Words("The votes are compared once everybody has finished.", "所有人完成后才会对比投票。")
    bars = "".join(
        f"<li><p><span>{escape(name)}</span><span>{len(own)} / {total}</span></p>"
        f'<div class="tm-bar"><i style="width:{100 * len(own) / max(1, total):.0f}%"></i></div></li>'
        for name, own in review.standing.items()
    )
    back = (
        key_button("move", str(total - 1), Words("Look back", "回看").to(language), "k ArrowLeft", "", "k")
        if mine
        else ""
    )
    return (
        f'<p class="tm-lead">{escape(told.to(language))} {escape(after.to(language))}</p>'
        f'<ul class="tm-people">{bars}</ul><div class="tm-moves">{back}</div>'
    )


def alone_html(review: Review, look: Look, waits: bool) -> str:
    language = look.language
    done = ballots.progress(review, look.person, language) if _votes(review, look) else None
    lines = ballots.came_to(review, language)
    told = "".join(f"<p>{escape(line)}</p>" for line in lines)
    head = Words(
        f"Looked at: {ballots.rows_words(len(review.batch.rows)).en}", f"{len(review.batch.rows)} 条已全部看完"
    ).to(language)
    counts = f'<p class="tm-lead">{escape(done.counts)}</p>' if done else ""
    buttons = ""
    if done and done.unsure:
        n = len(done.unsure)
        text = Words(f"Decide the {n} you were not sure of", f"处理 {n} 条不确定的").to(language)
        buttons += button_html("move", text, str(done.unsure[0]), kind="tm-primary")
    elif waits:
        buttons += button_html("goon", GO_ON.to(language), kind="tm-primary")
    if done:
        last = str(len(review.batch.rows) - 1)
        buttons += key_button("move", last, Words("Look back", "回看").to(language), "k ArrowLeft", "", "k")
        buttons += key_button("undo", "", Words("Undo the last", "撤销上一条").to(language), "z")
    return f'<h3 class="tm-done">{escape(head)}</h3>{counts}{told}<div class="tm-buttons">{buttons}</div>'


def _votes(review: Review, look: Look) -> bool:
    return batches.name_of(look.person) in review.batch.reviewers


def draw(review: Review, look: Look, waits: bool) -> str:
    shown = concord.concord(review, look.language)
    rules = arbitration.may_arbitrate(review, look.person)
    if rules and shown.waiting and look.asked.get("view") == "arbitrating":
        return review_arbitration.draw(review, look)
    owner = may(review.run.project, look.person, "order")
    return "".join(
        [
            _head(shown, look.language),
            _numbers(shown, look.language),
            _next_steps(review, look, shown, owner, rules, waits),
            _confused(shown, look.language),
            _table(review, look),
        ]
    )


def _head(shown: concord.Concord, language: Language) -> str:
    kind = "" if shown.level in ("accept", "unknown") else "tm-bad"
    more = "".join(f"<p>{escape(line)}</p>" for line in shown.more)
    return (
        f'<div class="tm-concord">{chip_html(LEVELS[shown.level].to(language), kind)}'
        f"<p>{escape(shown.head)}</p>{more}</div>"
    )


def _numbers(shown: concord.Concord, language: Language) -> str:
    cards = "".join(
        f"<div><dt>{escape(name)}</dt><dd><b>{escape(value)}</b><small>{escape(means)}</small></dd></div>"
        for name, value, means in shown.numbers
    )
    redo = escape(Words("below 90%: once more", "低于 90%：需重审").to(language))
    pairs = "".join(
        f"<li><span>{escape(who)}</span><span>{escape(value)}</span>{f'<em>{redo}</em>' if again else ''}</li>"
        for who, value, again in shown.pairs
    )
    return f'<dl class="tm-numbers">{cards}</dl><ul class="tm-pairs">{pairs}</ul>'


def _next_steps(review: Review, look: Look, shown: concord.Concord, owner: bool, rules: bool, waits: bool) -> str:
    """One of them is the next thing to do: the first that is open."""
    language, made = look.language, []
    if owner and shown.again:
        names = Words(", ", "、").to(language).join(shown.again)
        text = Words(f"Let {names} look once more", f"请{names}再审一轮").to(language)
        made.append(("again", text, "\n".join([str(shown.rounds), *shown.again])))
    if owner and shown.agreeing:
        take = Words(
            f"Take over what they agree on ({ballots.rows_words(shown.agreeing).en})",
            f"采纳意见一致的 {shown.agreeing} 条",
        )
        made.append(("settle", take.to(language), ""))
    if rules and shown.waiting:
        decide = Words(
            f"Decide where they differ ({ballots.rows_words(shown.waiting).en})", f"裁决有分歧的 {shown.waiting} 条"
        )
        made.append(("arbitrating", decide.to(language), ""))
    if waits and not (shown.waiting or shown.agreeing):
        made.append(("goon", GO_ON.to(language), ""))
    buttons = "".join(
        button_html(act, text, value, kind="" if place else "tm-primary")
        for place, (act, text, value) in enumerate(made)
    )
    told = "".join(f"<p>{escape(line)}</p>" for line in ballots.came_to(review, language))
    if shown.waiting and not rules:
        who = review.batch.arbiter or Words("the owner", "项目所有者").to(language)
        waiting = Words(
            f"Left for {who} to decide: {ballots.rows_words(shown.waiting).en}.", f"{shown.waiting} 条等待 {who} 裁决。"
        )
        told += f"<p>{escape(waiting.to(language))}</p>"
    return f'{told}<div class="tm-buttons">{buttons}</div>'


def _confused(shown: concord.Concord, language: Language) -> str:
    if not shown.confused:
        return ""
    title = Words("What is taken for what", "最容易混淆的").to(language)
    items = "".join(
        f"<li><p><b>{escape(pair.one)}</b> ↔ <b>{escape(pair.other)}</b> <small>{escape(pair.told)}</small></p>"
        + "".join(f"<blockquote>{escape(text)}</blockquote>" for text in pair.examples)
        + "</li>"
        for pair in shown.confused
    )
    return f'<h3>{escape(title)}</h3><ul class="tm-confused">{items}</ul>'


def _table(review: Review, look: Look) -> str:
    """Every row beside what each said, those where they differ first."""
    language = look.language
    rows = [(place, row, concord.opinions(review, row, language)) for place, row in enumerate(review.rows, 1)]
    rows.sort(key=lambda found: (len({said.key for said in found[2]}) == 1, found[0]))
    shown = rows if look.asked.get("view") == "table" else [row for row in rows if len({s.key for s in row[2]}) > 1]
    heads = [Words("No.", "序号").to(language), Words("Row", "数据").to(language), *review.standing]
    body = "".join(_compared(place, row, said) for place, row, said in shown[:COMPARED])
    if not body:
        return ""
    left = len(rows) - len(shown[:COMPARED])
    text = Words(f"{left} more", f"另有 {left} 条").to(language)
    more = button_html("table", text) if left and look.asked.get("view") != "table" else ""
    columns = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    title = escape(Words("Row by row", "逐条对比").to(language))
    return (
        f'<h3>{title}</h3><div class="tm-scroll"><table class="tm-compared"><thead><tr>{columns}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{more}"
    )


def _compared(place: int, row: Sample, said: Sequence[concord.Said]) -> str:
    cells = "".join(
        f"<td>{escape(one.told)}{f'<small>{escape(one.note)}</small>' if one.note else ''}</td>" for one in said
    )
    return f'<tr><td class="tm-number">{place}</td><td>{escape(row.question[:200])}</td>{cells}</tr>'
