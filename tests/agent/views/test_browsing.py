"""Rows are found as people look for them, counts add up, and what is read once is read again only when it is new."""

from __future__ import annotations

import functools
import operator
from collections import Counter
from pathlib import Path

import pytest

from agent import reviewing
from agent.events import Say
from agent.run import Run, knowledge_folder, knowledge_paths
from agent.views import browsing
from agent.views.browsing import OUT, PAGE, Line, Trait, Wanted, catalogue, search, tallied
from agent.views.coverage import grid
from agent.views.opening import Passage, opened
from agent.views.thresholds import message, what_if
from tests.agent.rows_on_disk import FACT, finished, many
from tests.contract.kits import LABELS, said
from tools.build import ROUND
from tools.grid import lacking
from tools.knowledge import Knowledge
from workspace.project import read_samples, sample_line, write_samples
from workspace.sample import Evidence, Finding, Message, Origin, Sample, sample
from workspace.stated import Share

POLICY = f"We are a bank. Cards are made in Leeds. {FACT} Ask us after that. We answer at once. Bye."


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return finished(tmp_path, many(400))


def lines(run: Run) -> tuple[Line, ...]:
    return catalogue(run).lines()


def found(run: Run, **wanted: object) -> list[int]:
    return [line.number for line in search(lines(run), Wanted(**wanted), "en").lines]  # type: ignore[arg-type]


def row_of(run: Run, check: str) -> Line:
    return next(line for line in lines(run) if line.of("check") == check)


class TestSearching:
    def test_goes_by_question_answer_and_file_whatever_case_and_width(self, tmp_path: Path) -> None:
        rows = [
            said("Where is my CARD?"),
            said("银行卡丢了怎么办", "balance"),
            sample("hello", "transfer", Origin(source="files", file="uploads/ab12/Chat.csv", row=3), label="transfer"),
        ]
        run = finished(tmp_path, rows)
        assert found(run, search="card") == [0]  # of the two labels lost_card only the first row's is one
        assert found(run, search="ＣＡＲＤ  where") == [0]
        assert found(run, search="卡丢了") == [1]
        assert found(run, search="BALANCE") == [1]
        assert found(run, search="chat.csv") == [2]
        assert found(run, search="card nowhere") == []
        assert found(run, search="") == [0, 1, 2]
        assert found(run, search=rows[1].id) == [1]

    def test_filters_narrow_and_each_value_says_what_it_would_leave(self, run: Run) -> None:
        wanted = Wanted(traits={"label": "balance", "standing": "kept"})
        page = search(lines(run), wanted, "en")
        truth = [line.row for line in lines(run) if line.row.label == "balance" and line.row.kept]
        assert page.found == len(truth)
        counts = {one.trait: {choice.value: choice.count for choice in one.choices} for one in page.filters}
        assert counts["label"] == Counter(line.row.label for line in lines(run) if line.row.kept)
        assert counts["origin"] == Counter(row.origin.file or "generate" for row in truth)
        for choice in counts["scenario"]:
            left = search(lines(run), Wanted(traits={**wanted.traits, "scenario": choice}), "en").found
            assert left == counts["scenario"][choice]

    @pytest.mark.parametrize("trait", ["label", "standing", "check", "split", "origin", "scenario"])
    def test_the_values_of_a_filter_add_up_to_all_rows(self, run: Run, trait: Trait) -> None:
        page = search(lines(run), Wanted(), "zh")
        choices = next((one.choices for one in page.filters if one.trait == trait), ())
        assert sum(choice.count for choice in choices) == 400

    def test_an_unknown_value_finds_nothing_and_says_so(self, run: Run) -> None:
        page = search(lines(run), Wanted(traits={"label": "<b>nobody</b>"}), "en")
        assert (page.found, page.pages, page.lines) == (0, 1, ())
        chosen = next(one for one in page.filters if one.trait == "label").chosen
        assert chosen
        assert chosen.count == 0

    def test_pages_hold_every_row_once_in_any_order(self, run: Run) -> None:
        for order in browsing.ORDERS:
            pages = [found(run, order=order, page=page) for page in range(1, 9)]
            assert [len(page) for page in pages] == [PAGE] * 8
            assert sorted(functools.reduce(operator.iadd, pages, [])) == list(range(400))
        assert found(run, page=99) == found(run, page=8)
        assert found(run, page=-5) == found(run, page=1)

    def test_the_least_certain_come_first(self, run: Run) -> None:
        sure = [line.sure for line in search(lines(run), Wanted(order="unsure"), "en").lines]
        assert sure == sorted(sure)
        assert sure[0] < 1


class TestCounts:
    def test_are_those_of_the_report_before_and_after_a_decision(self, run: Run) -> None:
        assert run.report
        assert tallied(lines(run)) == run.report.total
        reviewing.decide(run, row_of(run, "duplicates").row.id, "accept")
        reviewing.decide(run, row_of(run, "").row.id, "reject")
        assert tallied(lines(run)) == run.report.total
        assert run.report.total.rejected["person"] == 1
        assert tallied(lines(run)).balances

    def test_nothing_and_one_row(self, tmp_path: Path) -> None:
        assert tallied(lines(finished(tmp_path / "a", []))).requested == 0
        assert tallied(lines(finished(tmp_path / "b", [said("one")]))).accepted == 1


class TestReadingAgain:
    def test_only_when_something_is_new(self, run: Run) -> None:
        before, stamp = lines(run), catalogue(run).stamp()
        assert lines(run) is before
        assert catalogue(run).stamp() == stamp
        row = row_of(run, "duplicates")
        reviewing.decide(run, row.row.id, "accept")
        assert catalogue(run).stamp() != stamp
        after = lines(run)
        assert after[row.number].standing == "kept"
        assert sum(a is not b for a, b in zip(before, after, strict=True)) == 1
        write_samples(run.folder / "rows.jsonl", [line.row for line in after][:10])
        assert len(lines(run)) == 10

    def test_a_round_fills_row_by_row(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(browsing, "PAUSE", 0)
        rows = list(read_samples(run.folder / "rows.jsonl"))
        write_samples(run.folder / "rows.jsonl", rows[:300])
        written, judged = (run.folder / name for name in ROUND)
        with written.open("wb") as file:
            file.writelines(sample_line(row.model_copy(update={"findings": ()})) for row in rows[300:340])
            file.write(sample_line(rows[340])[:20])
        assert Counter(line.standing for line in lines(run))["writing"] == 40
        with judged.open("wb") as file:
            file.writelines(map(sample_line, rows[300:310]))
        assert Counter(line.standing for line in lines(run))["writing"] == 30
        with judged.open("ab") as file:
            file.writelines(map(sample_line, rows[310:340]))
        assert [line.row for line in lines(run)] == rows[:340]
        assert tallied(lines(run)).requested == 340
        write_samples(run.folder / "rows.jsonl", rows[:340])
        assert [line.row for line in lines(run)] == rows[:340]  # both are there for a moment
        written.unlink()
        judged.unlink()
        assert [line.row for line in lines(run)] == rows[:340]

    def test_a_round_that_is_begun_again_is_read_again(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(browsing, "PAUSE", 0)
        rows = many(420, seed=8)[400:]
        written = run.folder / ROUND[0]
        written.write_bytes(b"".join(map(sample_line, rows[:5])))
        assert len(lines(run)) == 405
        # The same file, and longer than what was read: only its middle tells that it is another.
        written.write_bytes(b"".join(map(sample_line, reversed(rows))))
        assert [line.row.id for line in lines(run)[400:]] == [row.id for row in reversed(rows)]

    def test_rows_that_are_only_added_to_are_looked_at_now_and_then(self, run: Run) -> None:
        assert len(lines(run)) == 400
        (run.folder / ROUND[0]).write_bytes(sample_line(many(401)[400]))
        assert len(lines(run)) == 400
        reviewing.decide(run, row_of(run, "duplicates").row.id, "accept")  # a decision is seen at once
        assert len(lines(run)) == 401


def test_a_build_shows_its_rows_while_it_writes_them_and_leaves_no_trace(
    tmp_path: Path, scripted: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.contract.kits import kit
    from tests.scripted import Scripted, example, words
    from tools.build import build
    from tools.llm import open_chat

    assert isinstance(scripted, Scripted)
    monkeypatch.setattr(browsing, "PAUSE", 0)
    scripted.script = lambda call: example(call.schema, words(call))
    from agent.run import accept

    made = kit(tmp_path, rows=24, knowledge=(), rules=())
    run = accept(made.project, made.spec)
    chat = open_chat(made.project.journal)
    seen = set()
    try:
        from dataclasses import replace

        for _ in build(replace(made, chat=chat, knowledge=None, rows=(), held_back=()), run.folder):
            seen |= {(line.standing, len(lines(run))) for line in lines(run)[-1:]}
    finally:
        chat.close()
    assert "writing" in {standing for standing, _ in seen}
    assert len({number for _, number in seen}) > 10
    assert not [name for name in ROUND if (run.folder / name).exists()]
    assert lines(run)


class TestOpened:
    def run_with(self, tmp_path: Path, evidence: Evidence, **values: object) -> Run:
        finding = Finding(
            check="facts", verdict="contradicted", reason="no", evidence=evidence, confidence=0.9, drops=True
        )
        (tmp_path / "policy.md").write_text(POLICY, encoding="utf-8")
        run = finished(tmp_path, [said("Two days?").judged(finding)], knowledge=("policy.md",))
        (run.project.folder / "policy.md").write_text(POLICY, encoding="utf-8")
        base = Knowledge(knowledge_folder(run.project, knowledge_paths(run.project, run.spec), spec=run.spec))
        base.add("policy.md", POLICY)
        base.close()
        return run

    def passage(self, run: Run) -> Passage:
        one = opened(run, lines(run)[0], lines(run), "en")
        assert one.judgements[0].sure == 90
        passage = one.judgements[0].passage
        assert passage
        return passage

    def test_evidence_stands_in_its_document(self, tmp_path: Path) -> None:
        start = POLICY.index(FACT)
        run = self.run_with(tmp_path, Evidence(document="policy.md", start=start, end=start + len(FACT), quote=FACT))
        passage = self.passage(run)
        assert passage.before == POLICY[:start]
        assert passage.after == " Ask us after that. We answer at once."
        assert passage.before + passage.quote + passage.after in POLICY

    def test_a_document_that_says_something_else_now_leaves_the_quote_alone(self, tmp_path: Path) -> None:
        run = self.run_with(tmp_path, Evidence(document="policy.md", start=3, end=3 + len(FACT), quote=FACT))
        assert self.passage(run) == Passage("policy.md", "", FACT, "")

    def test_so_does_one_that_is_gone(self, tmp_path: Path) -> None:
        run = self.run_with(tmp_path, Evidence(document="gone.md", start=0, end=len(FACT), quote=FACT))
        assert self.passage(run) == Passage("gone.md", "", FACT, "")

    def test_the_rows_own_evidence_and_another_row(self, tmp_path: Path) -> None:
        own = said("Two days?").model_copy(update={"evidence": POLICY})
        start = POLICY.index(FACT)
        by_own = Evidence(document="evidence", start=start, end=start + len(FACT), quote=FACT)
        by_row = Evidence(document=f"row {own.id}", start=0, end=3, quote="Two")
        row = own.judged(*(Finding(check="facts", verdict="fail", reason="r", evidence=e) for e in (by_own, by_row)))
        run = finished(tmp_path, [row])
        found = [one.passage for one in opened(run, lines(run)[0], lines(run), "zh").judgements]
        assert [one and (one.before[-6:], one.after[:5]) for one in found] == [("eeds. ", " Ask "), ("", " days")]

    def test_tells_where_the_row_is_from_and_what_it_is(self, run: Run) -> None:
        line = next(line for line in lines(run) if line.row.cell.scenario)
        about = dict(opened(run, line, lines(run), "en").about)
        assert about["Situation"] == line.row.cell.scenario
        assert about["From"] == "written by the model"
        assert about["Asked for as"] == line.row.origin.slot
        zh = dict(opened(run, lines(run)[0], lines(run), "zh").about)
        assert zh["来源"] == "messages.csv 第 1 行"


class TestCoverage:
    def test_every_number_is_what_its_filter_finds(self, run: Run) -> None:
        for axis in ("scenario", "difficulty", "tone"):
            shown = grid(run.spec, lines(run), axis, "en")
            assert shown.across == axis
            for band in shown.bands:
                for square in (*band.squares, band.total):
                    assert search(lines(run), Wanted(traits=square.traits), "en").found == square.there
            assert shown.total.there == tallied(lines(run)).accepted

    def test_what_is_lacking_is_what_the_build_would_write(self, tmp_path: Path) -> None:
        rows = [row.model_copy(update={"split": "train"}) for row in many(200)]
        run = finished(tmp_path, rows, rows=400, scenarios=[Share(name="everyday", share=0.6).model_dump(),
                                                            Share(name="unusual", share=0.4).model_dump()])  # fmt: skip
        wanted = Counter[tuple[str | None, str | None]]()
        for want in lacking(run.spec, run.rows()):
            wanted[want.label, want.cell.scenario] += want.count
        shown = grid(run.spec, lines(run), "scenario", "en")
        assert shown.columns == ("your own", "everyday", "unusual")
        for label, band in zip(LABELS, shown.bands, strict=True):
            assert band.words == label
            for name, square in zip(shown.columns[1:], band.squares[1:], strict=True):
                # A cell may be over its number while another of its difficulty or tone still lacks some.
                assert square.lacking <= wanted[label, name]
        assert shown.total.wanted

    def test_no_labels_and_no_rows(self, tmp_path: Path) -> None:
        run = finished(tmp_path, [], task="dialogue", rows=60)
        shown = grid(run.spec, lines(run), "scenario", "zh")
        assert [band.words for band in shown.bands] == ["容易", "难"]
        assert shown.total.there == 0
        assert shown.total.wanted == 60


class TestWhatIf:
    def test_says_what_the_conversation_says(self, run: Run) -> None:
        for asked, text in (({"default": 0.5}, "default=0.5"), ({"facts": 0.95}, "facts=0.95"), ({}, "default=0.7")):
            changed = what_if(run.spec, lines(run), asked, "en")
            told = next(e.text for e in reviewing.what_if(run, text, "en") if isinstance(e, Say))
            for standing, words in (("kept", "kept"), ("review", "waiting for you")):
                assert f"- {words}: {changed.now.get(standing, 0)} → {changed.then.get(standing, 0)}" in told
            assert sum(changed.now.values()) == sum(changed.then.values()) == 400
            assert changed.moved == bool(asked)

    def test_lists_those_that_would_change_and_changes_nothing(self, run: Run) -> None:
        before = lines(run)
        changed = what_if(run.spec, before, {"facts": 0.0}, "en")
        assert changed.changes
        assert {line.standing for line in changed.changes} == {"rejected"}
        assert set(changed.before.values()) == {"review"}
        assert lines(run) is before

    def test_what_a_person_decided_stays(self, run: Run) -> None:
        waiting = [line.row.id for line in lines(run) if line.standing == "review"]
        for id in waiting:
            reviewing.decide(run, id, "reject")
        assert not what_if(run.spec, lines(run), {"default": 0.0, "facts": 0.0}, "en").changes

    def test_what_it_tells_the_conversation_is_understood_there(self, run: Run) -> None:
        from agent.interview import hear

        changed = what_if(run.spec, lines(run), {"facts": 0.8, "default": 0.6, "amount": 0.75}, "zh")
        for language in ("en", "zh"):
            heard = hear(run.spec, message(changed, language), None, 3, None, language)
            assert heard.changed == ("confidence",)
            assert heard.draft.confidence
            value = heard.draft.confidence.value
            assert (value["facts"], value["default"], value["amount"]) == (0.8, 0.6, 0.75)


def test_waiting_rejected_and_failed_are_what_the_rejected_page_is_about(run: Run) -> None:
    page = search(lines(run), Wanted(among=OUT), "en")
    assert page.found == 400 - tallied(lines(run)).accepted
    reasons = next(one for one in page.filters if one.trait == "check")
    tally = tallied(lines(run))
    assert {choice.value: choice.count for choice in reasons.choices} == {**tally.rejected, **tally.failed}
    assert "等您决定" in {c.words for c in search(lines(run), Wanted(), "zh").filters[0].choices}


def test_long_turns_and_markup_come_whole(tmp_path: Path) -> None:
    text = "<script>alert(1)</script>" + "长" * 20_000
    messages = tuple(Message(role=role, content=text) for role in ("system", "user", "assistant"))  # type: ignore[arg-type]
    row = Sample(id="0" * 12, messages=messages, origin=Origin(source="files", row=1))
    run = finished(tmp_path, [row])
    assert [turn.text for turn in opened(run, lines(run)[0], lines(run), "en").turns] == [text] * 3
