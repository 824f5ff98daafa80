"""A person's word about a row holds, balances, makes another version and spoils no test; what-if asks no model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import operations, questions
from agent.events import Judged, Say
from agent.reviewing import review
from agent.run import Run, accept, release
from tests.contract.kits import kit, said
from tests.ui.test_cli import tunesmith
from tools.decisions import Decision, keep
from tools.pipeline import tally
from tools.routing import routed, thresholds_of
from workspace.errors import UserError
from workspace.project import Project, read_samples, write_samples, write_text
from workspace.results import Report, Stage
from workspace.sample import PERSON, Finding, Sample


def dropped(text: str, check: str = "form", confidence: float = 1.0, label: str = "lost_card") -> Sample:
    verdict = Finding(check=check, verdict="fail", reason=f"{check} says no", confidence=confidence, drops=True)
    return said(text, label).judged(verdict)


HELD = said("I lost my card on the bus yesterday", split="test")
ROWS = [
    HELD,
    said("Somebody took my bank card", split="train"),
    dropped("My card is gone, what now?"),
    dropped("I lost my card on the bus yesterday!!", "leak"),
    dropped("Is my card still blocked?", "facts", 0.55),
    dropped("", "endpoint"),
    dropped("Oh no, I lost my card on the bus yesterday. What now?", "duplicates"),
    dropped("Where do I get another card?", "facts", 0.72),
]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A finished build of two stages, as a build leaves it."""
    spec = kit(tmp_path).spec
    current = accept(Project(tmp_path, "bank"), spec)
    rows = [routed(row, thresholds_of(spec)) for row in ROWS]
    write_samples(current.folder / "rows.jsonl", rows)
    stages = (Stage(name="files", tally=tally(rows[:3])), Stage(name="round 1", tally=tally(rows[3:])))
    write_text(current.folder / "build.json", Report(stages=stages, seconds=1.0).model_dump_json())
    return current


def home(run: Run) -> Path:
    return run.project.folder.parents[1]


def decided(run: Run, number: int, verdict: str = "accept", note: str = "") -> Sample:
    list(review(home(run), run.id, ROWS[number].id, verdict, note))  # type: ignore[arg-type]
    return list(run.rows())[number]


def frozen(run: Run) -> set[str]:
    list(release(run, "en"))
    assert run.version
    return {row.id for row in read_samples(run.project.folder / run.version.folder / "data.jsonl")}


class TestRestoring:
    def test_keeps_the_row_with_its_old_findings_and_whose_word_it_was(self, run: Run) -> None:
        row = decided(run, 2, note="it is what people write")
        assert row.kept
        assert [finding.check for finding in row.findings] == ["form", PERSON]
        assert row.findings[-1].reason.endswith("it is what people write")

    def test_makes_another_version_and_leaves_the_old_one(self, run: Run) -> None:
        before = frozen(run)
        old = run.version
        assert old
        data = (run.project.folder / old.folder / "data.jsonl").read_bytes()
        decided(run, 2)
        assert frozen(run) == before | {ROWS[2].id}
        assert run.version
        assert run.version.parents == (old.hash,)
        assert (run.project.folder / old.folder / "data.jsonl").read_bytes() == data

    def test_survives_the_rows_being_built_again(self, run: Run) -> None:
        decided(run, 2)
        path = run.folder / "rows.jsonl"
        rows = list(read_samples(path))
        path.unlink()
        write_samples(path, rows)
        assert list(Run(Project(home(run), "bank"), run.id).rows())[2].kept

    def test_is_in_the_audit_chain(self, run: Run) -> None:
        decided(run, 2)
        assert run.project.journal.broken_link() is None
        (answer,) = run.project.journal.answers(f"row of {run.id}")
        assert json.loads(answer)["row"] == ROWS[2].id

    def test_one_may_change_their_mind(self, run: Run) -> None:
        assert decided(run, 2).kept
        assert not decided(run, 2, "reject").kept
        assert decided(run, 2).kept

    @pytest.mark.parametrize("number", [3, 6])
    def test_a_leak_of_the_test_is_refused(self, run: Run, number: int) -> None:
        with pytest.raises(UserError, match="spoil the test"):
            decided(run, number)
        assert not list(run.rows())[number].kept

    def test_a_test_row_that_came_back_since_keeps_the_version_from_being_frozen(self, run: Run) -> None:
        """While it was out nothing spoke against the row that resembles it."""
        decided(run, 0, "reject")
        assert decided(run, 6).kept
        decided(run, 0)
        with pytest.raises(UserError, match=f"Row {ROWS[6].id}.*would spoil the test"):
            frozen(run)
        decided(run, 6, "reject")
        assert ROWS[6].id not in frozen(run)

    def test_a_row_that_was_never_written_is_refused(self, run: Run) -> None:
        with pytest.raises(UserError, match="never written"):
            decided(run, 5)

    def test_a_dropped_test_row_comes_back_to_be_learnt_from(self, run: Run) -> None:
        path = run.folder / "rows.jsonl"
        rows = list(read_samples(path))
        rows[2] = rows[2].model_copy(update={"split": "test"})
        write_samples(path, rows)
        assert decided(run, 2).split == "train"

    def test_a_test_row_taken_out_and_back_is_a_test_row(self, run: Run) -> None:
        decided(run, 0, "reject")
        row = decided(run, 0)
        assert (row.kept, row.split) == (True, "test")

    @pytest.mark.parametrize("name", ["nobody", "99", ""])
    def test_a_row_that_is_not_there_is_named(self, run: Run, name: str) -> None:
        with pytest.raises(UserError, match="no row"):
            list(review(home(run), run.id, name, "accept"))

    def test_a_row_is_found_by_its_number(self, run: Run) -> None:
        list(review(home(run), run.id, "#2", "accept"))
        assert list(run.rows())[2].kept


class TestTheCounts:
    def test_add_up_though_somebody_decides_while_it_is_frozen(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        read = Run.rows_as_checked

        def meanwhile(self: Run) -> Iterator[Sample]:
            id = ROWS[len(run.project.journal.answers(f"row of {run.id}"))].id
            keep(run.project.journal, run.id, Decision(row=id, verdict="reject", by="ann", at="2026-01-01T00:00:00Z"))
            return read(self)

        decided(run, 2)
        monkeypatch.setattr(Run, "rows_as_checked", meanwhile)
        list(release(run, "en"))
        monkeypatch.undo()
        assert run.version
        rows = list(read_samples(run.project.folder / run.version.folder / "data.jsonl"))
        assert len(rows) == sum(run.version.rows.values()) == 3

    def test_balance_before_and_after_each_decision(self, run: Run) -> None:
        steps = [(2, "accept"), (4, "accept"), (4, "reject"), (1, "reject"), (7, "reject"), (1, "accept")]
        for number, verdict in [*steps]:
            decided(run, number, verdict)
            rows, report = list(run.rows()), run.report
            assert report
            assert all(stage.tally.balances for stage in report.stages)
            assert report.total.requested == len(ROWS)
            assert report.total.accepted == sum(row.kept for row in rows)

    def test_waiting_rows_have_a_reason_of_their_own(self, run: Run) -> None:
        assert run.report
        assert run.report.total.rejected == {"duplicates": 1, "facts": 1, "form": 1, "leak": 1, "review": 1}
        assert run.report.total.failed == {"endpoint": 1}
        decided(run, 4, "reject")
        assert run.report.total.rejected["person"] == 1
        assert "review" not in run.report.total.rejected

    def test_stand_in_the_passport(self, run: Run) -> None:
        frozen(run)
        assert run.version
        passport = (run.project.folder / run.version.folder / "passport.md").read_text()
        assert "review 1" in passport
        decided(run, 4)
        frozen(run)
        assert "review 1" not in (run.project.folder / run.version.folder / "passport.md").read_text()


class TestWhatIf:
    def told(self, run: Run, threshold: str) -> tuple[dict[int, bool], str]:
        events = list(operations.rows(home(run), run.id, threshold=threshold))
        changed = {event.row: event.kept for event in events if isinstance(event, Judged)}
        return changed, next(event.text for event in events if isinstance(event, Say))

    def test_a_lower_threshold_lets_the_check_decide(self, run: Run) -> None:
        changed, text = self.told(run, "0.5")
        assert changed == {4: False}
        assert "waiting for you → rejected 1" in text

    def test_a_higher_one_asks_about_more(self, run: Run) -> None:
        changed, text = self.told(run, "facts=0.8")
        assert changed == {7: False}
        assert "waiting for you: 1 → 2" in text

    def test_the_same_changes_nothing_and_nothing_is_written(self, run: Run) -> None:
        before = (run.folder / "rows.jsonl").read_bytes()
        assert self.told(run, "default=0.7") == ({}, self.told(run, "default=0.7")[1])
        assert "No row changes" in self.told(run, "default=0.7")[1]
        assert (run.folder / "rows.jsonl").read_bytes() == before

    def test_what_a_person_decided_stays(self, run: Run) -> None:
        decided(run, 4)
        assert self.told(run, "0.5")[0] == {}


class TestTheChat:
    @pytest.mark.parametrize(
        ("text", "kind", "about"),
        [
            ("restore row 2", "restore", "2"),
            ("please bring back row #2", "restore", "2"),
            ("恢复第2条", "restore", "2"),
            ("把第 2 条恢复一下", "restore", "2"),
            ("take out row 2", "take out", "2"),
            ("删除第2条", "take out", "2"),
            ("what if the threshold were 0.6?", "what if", "0.6"),
            ("如果阈值是0.6呢", "what if", "0.6"),
        ],
    )
    def test_hears_it_in_both_languages(self, text: str, kind: str, about: str) -> None:
        query = questions.read(text)
        assert query
        assert (query.kind, query.about) == (kind, about)

    @pytest.mark.parametrize("text", ["I want to restore old photos", "keep it simple", "the threshold is 0.9"])
    def test_hears_nothing_where_nothing_is_said(self, text: str) -> None:
        assert questions.read(text) is None

    def said(self, run: Run, text: str) -> str:
        query = questions.read(text)
        assert query
        return "\n".join(e.text for e in questions.answer(query, run, None, "en") if isinstance(e, Say))

    def test_takes_a_row_back_and_refuses_a_leak(self, run: Run) -> None:
        assert "is now kept" in self.said(run, "restore row 2")
        assert "spoil the test" in self.said(run, "恢复第3条")
        assert "waiting for you: 1 → 0" in self.said(run, "what if the threshold were 50%?")


class TestTheCommandLine:
    def test_lists_those_that_wait_and_takes_one_in(self, run: Run) -> None:
        (line,) = tunesmith("rows", run.id, "--review", home=home(run)).stdout.splitlines()
        assert json.loads(line)["id"] == ROWS[4].id
        taken = tunesmith("review", run.id, "--accept", ROWS[4].id, "--note", "true", home=home(run))
        assert json.loads(taken.stdout)["kept"]
        assert tunesmith("rows", run.id, "--review", home=home(run)).stdout == ""

    def test_refuses_a_leak_and_a_threshold_that_is_none(self, run: Run) -> None:
        refused = tunesmith("review", run.id, "--restore", ROWS[3].id, home=home(run))
        assert (refused.returncode, "spoil the test" in refused.stderr) == (1, True)
        assert tunesmith("rows", run.id, "--threshold", "high", home=home(run)).returncode == 1
