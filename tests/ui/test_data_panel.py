"""What the Data panel draws of a run on disk, and what is done on it; without a browser."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from agent.run import Run
from agent.views import browsing
from agent.views.browsing import Wanted, catalogue, search
from tests.agent.rows_on_disk import FACT, finished, many
from tests.agent.test_reviewing import ROWS as REVIEWED
from tests.contract.kits import said
from tests.ui.recorded import Recorded
from tests.ui.test_panels import NASTY, Tags
from tools.build import ROUND
from ui.panels import board, data
from ui.panels.look import Deed, Look
from workspace.errors import UserError
from workspace.members import give
from workspace.project import sample_line
from workspace.sample import Cell, Evidence, Finding, Message, Origin
from workspace.words import Language


def look_at(run: Run | None, tmp_path: Path, language: Language = "en", person: str = "") -> Look:
    session = Recorded(tmp_path / "chat")
    session.current = run
    return Look(session, {}, language, person=person)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return finished(tmp_path, many(400))


@pytest.fixture
def look(run: Run, tmp_path: Path) -> Look:
    return look_at(run, tmp_path)


def did(look: Look, act: str, value: str = "", **fields: str) -> str:
    data.act(look, Deed(act=act, value=value, fields=fields))
    return drawn(look)


def drawn(look: Look) -> str:
    html = board.draw("data", look)
    tags = Tags(html)
    assert not tags.open
    assert tags.names.isdisjoint({"script", "img", "a", "iframe"})
    assert not any(name.startswith("on") for name in tags.attributes)
    return html


def shown(html: str) -> list[str]:
    """The ids of the rows on the page."""
    return re.findall(r'id="tm-row-(\w+)"', html)


def standing(run: Run, id: str) -> str:
    return next(line.standing for line in catalogue(run).lines() if line.row.id == id)


def id_of(run: Run, check: str) -> str:
    return next(line.row.id for line in catalogue(run).lines() if line.of("check") == check)


def test_before_there_are_rows_it_shows_what_the_conversation_told(tmp_path: Path) -> None:
    look = look_at(None, tmp_path)
    assert not data.there(look)
    assert "tm-none" in drawn(look)


def test_the_numbers_add_up_and_are_the_reports(run: Run, look: Look) -> None:
    assert run.report
    total = run.report.total
    html = drawn(look)
    assert f"<h2>{total.requested} rows</h2>" in html
    rejected, failed = sum(total.rejected.values()), sum(total.failed.values())
    for words in (f"{total.accepted} accepted", f"{rejected} rejected", f"{failed} failed"):
        assert f"</i>{words}</button>" in html
    assert total.accepted + rejected + failed == total.requested
    assert f"{total.rejected['review']} of them wait for you" in html


def test_searching_filtering_and_turning_pages(look: Look, run: Run) -> None:
    assert len(shown(drawn(look))) == 50
    assert 'data-key="n"' in drawn(look)
    second = shown(did(look, "page", "2"))
    assert second == [line.row.id for line in catalogue(run).lines()[50:100]]
    html = did(look, "find", search="银行", label="=balance", order="unsure")
    wanted = Wanted(search="银行", traits={"label": "balance"}, order="unsure")
    truth = search(catalogue(run).lines(), wanted, "en")
    assert shown(html) == [line.row.id for line in truth.lines]
    assert f"1-{min(50, truth.found)} of {truth.found}" in html
    assert f'<option value="=balance" selected>balance ({truth.found})</option>' in html
    assert "No row is like that" in did(look, "find", search="nowhere at all")
    assert len(shown(did(look, "clear"))) == 50


def test_a_row_opens_in_its_place_with_its_evidence(look: Look, run: Run) -> None:
    id = id_of(run, "facts")
    html = did(look, "find", check="=facts") and did(look, "open", id)
    assert f"<mark>{FACT}</mark>" in html
    assert "contradicted" in html
    assert 'aria-expanded="true"' in html
    assert "Instructions" not in html  # it has no system turn
    assert 'aria-expanded="true"' not in did(look, "open", id)


def test_rejected_are_grouped_by_reason_and_come_back(look: Look, run: Run) -> None:
    html = did(look, "view", "rejected")
    groups = re.findall(r"<span>([^<]+)</span><i style=[^>]+></i><b>(\d+)</b>", html)
    assert run.report
    total = run.report.total
    assert sorted(int(n) for _, n in groups) == sorted([*total.rejected.values(), *total.failed.values()])
    id = id_of(run, "duplicates")
    html = did(look, "only", urlencode({"view": "rejected", "check": "duplicates"}))
    assert id in shown(html)
    assert "Restore" in html
    html = did(look, "accept", id)
    assert "This row is now accepted." in html
    assert standing(run, id) == "kept"
    assert id not in shown(html)
    assert "Undo" in html
    did(look, "reject", id)
    assert standing(run, id) == "rejected"
    assert run.project.journal.broken_link() is None


def test_undone_a_row_is_as_if_nobody_had_touched_it(look: Look, run: Run) -> None:
    """The opposite verdict would be a person's word too: it would count as looked at."""
    before = [line.row for line in catalogue(run).lines()]
    for id, act in ((id_of(run, "duplicates"), "accept"), (id_of(run, ""), "reject")):
        (pressed,) = re.findall(r'data-act="undo" data-value="([^"]+)"', did(look, act, id))
        assert [line.row for line in catalogue(run).lines()] != before
        for _ in range(2):
            assert "This row is now" in did(look, "undo", pressed)
            assert [line.row for line in catalogue(run).lines()] == before
            assert not run.decided[id]


def test_what_may_not_come_back_says_why(tmp_path: Path) -> None:
    run = finished(tmp_path, REVIEWED)
    look = look_at(run, tmp_path)
    with pytest.raises(UserError, match="spoil the test"):
        data.act(look, Deed(act="accept", value=REVIEWED[3].id))
    with pytest.raises(UserError, match="never written"):
        data.act(look, Deed(act="accept", value=REVIEWED[5].id))
    assert "Undo" not in drawn(look)


def test_only_the_owner_decides_and_it_is_put_down_to_them(run: Run, tmp_path: Path) -> None:
    id = id_of(run, "duplicates")
    give(run.project, "ann")
    with pytest.raises(UserError):
        did(look_at(run, tmp_path, person="bob"), "accept", id)
    assert standing(run, id) == "rejected"
    did(look_at(run, tmp_path, person="ann"), "accept", id)
    line = next(line for line in catalogue(run).lines() if line.row.id == id)
    assert "by ann" in line.row.findings[-1].reason


def test_a_cell_of_the_grid_shows_its_rows(look: Look, run: Run) -> None:
    html = did(look, "view", "coverage")
    assert 'aria-pressed="true">Situation' in html
    value, number = re.findall(r'data-value="([^"]+)" aria-label="[^"]+">(\d+)', html)[1]
    rows = did(look, "only", unescape(value))
    assert f"of {number}<" in rows or len(shown(rows)) == int(number)
    did(look, "view", "coverage")
    assert ">easy</th>" not in html
    assert ">easy</th>" in did(look, "axis", "difficulty")


def test_thresholds_show_what_would_change_and_ask_the_conversation(look: Look, run: Run) -> None:
    html = did(look, "view", "thresholds")
    assert "No row would change." in html
    assert "tm-primary" not in html
    said: list[str] = []
    look.say = said.append
    did(look, "use")
    assert said == []
    html = did(look, "dials", facts="95", default="70")
    assert "rejected → waiting for you" in html
    assert html.count("tm-primary") == 1
    did(look, "use")
    assert said == ["Set the confidence to 0.7, facts=0.95, amount=0.75, attachment number=0.65"]
    assert "No row would change." in did(look, "usual")
    assert "No row would change." in did(look, "dials", facts="<b>", default="-1")


def test_nothing_one_row_and_nothing_uncertain(tmp_path: Path) -> None:
    empty = look_at(finished(tmp_path / "a", []), tmp_path)
    assert "<h2>0 rows</h2>" in drawn(empty)
    for view in ("rejected", "coverage", "thresholds", "rows"):
        assert did(empty, "view", view)
    assert "Nothing was rejected." in did(empty, "view", "rejected")
    one = look_at(finished(tmp_path / "b", [said("银行卡丢了怎么办")]), tmp_path, "zh")
    assert "<h2>共 1 条</h2>" in drawn(one)
    assert "所有检查都很确定" in did(one, "view", "thresholds")


def test_markup_in_every_cell_stays_words(tmp_path: Path) -> None:
    evidence = Evidence(document=NASTY, start=0, end=len(NASTY), quote=NASTY)
    finding = Finding(
        check=NASTY, verdict="fail", reason=NASTY, claim=NASTY, evidence=evidence, confidence=0.5, drops=True
    )
    row = said(NASTY, NASTY).model_copy(
        update={
            "origin": Origin(source=NASTY, file=f"{NASTY}.csv", sheet=NASTY, row=1, slot=NASTY, licence=NASTY),
            "cell": Cell(scenario=NASTY, difficulty=NASTY, tone=NASTY, language=NASTY),
            "fields": {NASTY: NASTY},
            "findings": (finding,),
        }
    )
    plain = said("a plain one").model_copy(update={"cell": Cell(scenario="everyday")})
    run = finished(tmp_path, [row, row.model_copy(update={"id": "a" * 12, "findings": ()}), plain])
    for language in ("en", "zh"):
        look = look_at(run, tmp_path, language)
        for view in ("rows", "rejected", "coverage", "thresholds"):
            assert "&lt;script&gt;" in did(look, "view", view)
            assert "&lt;script&gt;" in did(look, "open", row.id)
        did(look, "dials", **{NASTY: "99"})
        did(look, "find", search=NASTY, label="=" + NASTY, order=NASTY)
        did(look, "page", NASTY)
        did(look, "only", NASTY)
        did(look, "view", NASTY)


def test_a_long_row_is_cut_until_it_is_asked_for(tmp_path: Path) -> None:
    long = said("word " * 4_000)
    long = long.model_copy(update={"messages": (Message(role="system", content="长" * 20_000), *long.messages)})
    look = look_at(finished(tmp_path, [long]), tmp_path)
    assert len(drawn(look)) < 8_000
    html = did(look, "open", long.id)
    assert len(html) < 12_000
    assert "Show all of it" in html
    assert len(did(look, "more", long.id)) > 40_000


def test_the_panel_is_drawn_anew_while_rows_are_written(look: Look, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "PAUSE", 0)
    before = board.growing("data", look)
    assert board.growing("data", look) == before
    row = many(401)[400]
    (run.folder / ROUND[0]).write_bytes(sample_line(row))
    assert board.growing("data", look) != before
    assert "1 being checked" in drawn(look)
    assert row.id in did(look, "only", urlencode({"standing": "writing"}))
    assert '<small class="tm-coming">+1</small>' in did(look, "view", "coverage")
    with pytest.raises(UserError, match="no row"):
        data.act(look, Deed(act="accept", value=row.id))


def test_whoever_presses_what_is_not_there_changes_nothing(look: Look, run: Run) -> None:
    before = drawn(look)
    for act, value in (("page", "9" * 12), ("open", "x"), ("accept", ""), ("nothing", ""), ("page", "1")):
        try:
            did(look, act, value)
        except UserError:
            assert act == "accept"
    look.asked.pop("open", None)
    assert drawn(look) == before
