"""A run with a gate stops until a person has looked, goes on for free, and never freezes what was too often wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent import gates, operations
from agent.events import Ask, Done, Event, Failed, Judged, Progress, Say, Table
from agent.review.ballots import offers
from agent.review.batches import begin, opened
from agent.review.voting import vote
from agent.reviewing import decide_file, look, review
from agent.run import Run, accept_file, build, find
from agent.session import Session, asked
from tests.agent.test_session import LABELS, messages, until
from tests.scripted import Scripted, example, words
from tests.ui.test_cli import tunesmith
from tools.gates import LEAST_AUDITED, PILOT, Looked, drawn
from workspace.errors import UserError
from workspace.project import Project, read_samples
from workspace.stated import Stated

__all__ = ["messages"]  # a fixture
ROWS = 260


@pytest.fixture
def spec(tmp_path: Path, messages: Path, scripted: Scripted) -> Path:
    scripted.script = lambda call: example(call.schema, words(call))
    path = tmp_path / "shop" / "spec.yaml"
    path.parent.mkdir()
    messages.rename(path.parent / "messages.csv")
    path.write_text(
        "goal: sort what customers write\ntask: classification\nexamples: [messages.csv]\n"
        f"labels: [{', '.join(f'{{name: {label}}}' for label in LABELS)}]\nlanguages: [en]\nprivacy: none\n"
        f"rows: {ROWS}\nscenarios: [{{name: everyday, share: 1}}]\ndifficulty: [{{name: easy, share: 1}}]\n"
        "tones: [neutral]\ngate: review\n",
        encoding="utf-8",
    )
    return path


def go(home: Path, spec: Path) -> list[Event]:
    return list(operations.run(home, spec, "build"))


def texts(events: list[Event]) -> str:
    return "\n".join(event.text for event in events if isinstance(event, Say))


def lines(home: Path, which: str = "gate", rest: bool = False) -> list[Judged]:
    return [e for e in look(home, "", which, rest) if isinstance(e, Judged)]  # type: ignore[arg-type]


def decide(home: Path, tmp_path: Path, verdicts: dict[str, str]) -> str:
    path = tmp_path / "decisions.jsonl"
    path.write_text("\n".join(json.dumps({"id": id, "verdict": v, "note": "n"}) for id, v in verdicts.items()))
    return texts(list(decide_file(home, "", path)))


class TestBeforeScaling:
    def test_it_stops_after_a_few_rows_and_says_what_to_do(self, home: Path, spec: Path, scripted: Scripted) -> None:
        events = go(home, spec)
        run = find(home, None)
        assert run.report is None
        assert run.version is None
        written = [row for row in run.rows() if row.origin.source == "generate"]
        assert 0 < len(written) <= PILOT
        assert "--gate" in texts(events)
        assert [e.version for e in events if isinstance(e, Done)] == [None]
        kept = sum(row.kept for row in run.rows())
        assert len(lines(home)) == min(PILOT, kept)

    def test_nothing_is_drawn_while_the_first_rows_are_being_written(
        self, home: Path, spec: Path, scripted: Scripted
    ) -> None:
        run = accept_file(Project(home, "shop"), spec)
        for event in build(run, "en"):
            if isinstance(event, Progress) and (run.folder / "rows.jsonl").exists():
                assert not [offer for offer in offers(run, "en") if offer.kind == "gate"]
                with pytest.raises(UserError, match="no row to look at"):
                    gates.sample(run, "gate")
        assert {row.origin.source for _, row in gates.sample(run, "gate")} == {"files", "generate"}
        assert [offer.urgent for offer in offers(run, "en") if offer.kind == "gate"] == [True]

    def test_again_it_asks_the_model_nothing_and_shows_the_same_rows(
        self, home: Path, spec: Path, scripted: Scripted
    ) -> None:
        go(home, spec)
        before, paid = [line.id for line in lines(home)], len(scripted.calls)
        go(home, spec)
        assert [line.id for line in lines(home)] == before
        assert len(scripted.calls) == paid

    def test_accepted_it_goes_on_to_the_audit_and_then_to_a_version(
        self, home: Path, spec: Path, scripted: Scripted
    ) -> None:
        go(home, spec)
        rows = lines(home, rest=True)
        assert len(rows) > 20
        assert "--audit" in texts(go(home, spec))
        assert find(home, None).version is None
        assert len(lines(home, "audit", rest=True)) == LEAST_AUDITED
        events = go(home, spec)
        run = find(home, None)
        assert [e.version for e in events if isinstance(e, Done)] == [run.version.hash if run.version else ""]
        passport = (run.project.folder / run.version.folder / "passport.md").read_text() if run.version else ""
        assert f"a person accepted {len(rows)} of {len(rows)} random rows" in passport
        assert f"a person accepted {LEAST_AUDITED} of {LEAST_AUDITED} random rows" in passport
        assert run.project.journal.broken_link() is None

    def test_what_was_taken_out_is_not_there_and_others_are_written(
        self, home: Path, spec: Path, tmp_path: Path, scripted: Scripted
    ) -> None:
        go(home, spec)
        first = lines(home)[0].id
        decide(home, tmp_path, {first: "reject"})
        lines(home, rest=True)
        go(home, spec)
        lines(home, "audit", rest=True)
        go(home, spec)
        version = find(home, None)
        assert version.version
        frozen = list(read_samples(version.project.folder / version.version.folder / "data.jsonl"))
        assert first not in {row.id for row in frozen}
        assert sum(row.split != "test" for row in frozen) == ROWS

    def test_below_95_of_100_no_more_are_written(
        self, home: Path, spec: Path, tmp_path: Path, scripted: Scripted
    ) -> None:
        go(home, spec)
        rows = lines(home)
        told = decide(home, tmp_path, {line.id: "reject" for line in rows[: len(rows) // 10]})
        assert "specification" in told
        paid = len(scripted.calls)
        with pytest.raises(UserError, match="accepted 0 of"):
            go(home, spec)
        assert len(scripted.calls) == paid
        decide(home, tmp_path, {line.id: "accept" for line in rows})  # a mind may be changed
        assert "--audit" in texts(go(home, spec))


class TestTheAudit:
    def test_below_95_of_100_nothing_is_frozen(
        self, home: Path, spec: Path, tmp_path: Path, scripted: Scripted
    ) -> None:
        go(home, spec)
        lines(home, rest=True)
        go(home, spec)
        rows = lines(home, "audit")
        decide(home, tmp_path, {line.id: "reject" for line in rows[:2]})
        lines(home, "audit", rest=True)
        with pytest.raises(UserError, match="accepted 18 of 20") as refused:
            go(home, spec)
        assert "goes back" in refused.value.fix.en
        assert find(home, None).version is None
        list(review(home, "", rows[0].id, "accept"))
        go(home, spec)
        assert find(home, None).version

    def test_shows_other_rows_than_the_gate_while_there_are_some(
        self, home: Path, spec: Path, scripted: Scripted
    ) -> None:
        go(home, spec)
        seen = {line.id for line in lines(home, rest=True)}
        go(home, spec)
        assert not seen & {line.id for line in lines(home, "audit")}

    def test_is_not_there_before_the_rows_are(self, home: Path, spec: Path, scripted: Scripted) -> None:
        go(home, spec)
        with pytest.raises(UserError, match="not finished"):
            lines(home, "audit")


def test_without_a_gate_nothing_stops(home: Path, spec: Path, scripted: Scripted) -> None:
    spec.write_text(spec.read_text().replace("gate: review\n", ""))
    go(home, spec)
    assert find(home, None).version
    assert find(home, None).spec.gate is not None
    assert gates.waiting(find(home, None)) is None


def test_a_specification_without_a_gate_keeps_its_name(spec: Path) -> None:
    from workspace.spec import read_spec

    off = read_spec(spec).with_value("gate", Stated(value="none", source="default"))
    assert off.hash == off.without("gate").hash
    assert off.hash != read_spec(spec).hash


def test_the_sample_follows_from_the_seed(home: Path, spec: Path, scripted: Scripted) -> None:
    go(home, spec)
    rows = list(find(home, None).rows())
    assert drawn(rows, "audit", 7) == drawn(rows, "audit", 7) != drawn(rows, "audit", 8)


def test_the_interval_is_said() -> None:
    found = Looked(which="gate", rows=tuple(map(str, range(100))), accepted=97, rejected=3)
    assert found.passed
    assert "97 of 100 random rows [91.5% to 99.0% at 95%]" in found.words.en
    assert Looked(which="gate", rows=("a",) * 100, accepted=0, rejected=6).failed


def test_on_the_command_line(home: Path, spec: Path, scripted: Scripted, tmp_path: Path) -> None:
    go(home, spec)
    id = find(home, None).id
    listed = tunesmith("review", id, "--gate", home=home)
    assert listed.returncode == 0
    assert set(json.loads(listed.stdout.splitlines()[0])) == {"row", "id", "kept", "findings"}
    assert "--accept-rest" in listed.stderr
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": "x", "verdict": "maybe"}\n')
    refused = tunesmith("review", id, "--decisions", str(bad), home=home)
    assert (refused.returncode, "line 1" in refused.stderr) == (1, True)
    assert tunesmith("review", id, "--gate", "--accept-rest", home=home).returncode == 0
    status = tunesmith("status", id, home=home)
    assert "Before scaling up: a person accepted" in status.stdout.replace("\n", " ").replace("  ", " ")


class TestInChat:
    def test_rows_are_shown_and_numbers_take_them_out(self, home: Path, scripted: Scripted, messages: Path) -> None:
        scripted.script = lambda call: example(call.schema, words(call))
        session = Session(home, "shop")
        until(session, "confirm", list(session.open()), [messages])
        events = list(session.send("change the spot check to review"))
        events = list(session.send("yes"))
        question = asked(events)
        assert question is not None
        assert "drawn at random" in question.text
        shown = next(e for e in reversed(events) if isinstance(e, Table) and e.panel == "review")
        assert len(shown.rows) > 5
        events = list(session.send("2 is wrong"))
        assert not [e for e in events if isinstance(e, Failed)] or len(shown.rows) < 20
        run = Run(session.project, session.project.journal.orders()[0].id)
        found = gates.state(run, "gate")
        assert found
        assert (found.rejected, found.left) == (1, 0)

    def test_a_yes_goes_on_and_who_saw_every_row_is_not_asked_again(
        self, home: Path, scripted: Scripted, messages: Path
    ) -> None:
        session = Session(home, "shop")
        until(session, "confirm", list(session.open()), [messages])
        list(session.send("change the spot check to review"))
        list(session.send("yes"))
        events = list(session.send("yes, all are right"))
        question = next(e for e in reversed(events) if isinstance(e, Ask))
        assert "freeze" in question.text
        list(session.send("yes"))
        run = Run(session.project, session.project.journal.orders()[0].id)
        audit = gates.state(run, "audit")
        assert audit
        assert audit.passed
        assert run.version

    def gate(self, home: Path, scripted: Scripted, messages: Path) -> tuple[Session, Run]:
        """A conversation that waits for the first rows to be looked at."""
        scripted.script = lambda call: example(call.schema, words(call))
        session = Session(home, "shop")
        until(session, "confirm", list(session.open()), [messages])
        list(session.send("change the spot check to review"))
        list(session.send("yes"))
        return session, Run(session.project, session.project.journal.orders()[0].id)

    def go_on(self, session: Session) -> list[Event]:
        """As the panel does."""
        question = asked(list(session.pending()))
        assert question is not None
        return list(session.send("Go on", agreed=question.hash))

    def test_what_was_decided_row_by_row_is_what_it_waited_for(
        self, home: Path, scripted: Scripted, messages: Path
    ) -> None:
        session, run = self.gate(home, scripted, messages)
        review = opened(run, begin(run, "gate", "", ()).id)
        for row in review.rows:
            review = vote(review, "", row.id, 0, "accept")
        events = self.go_on(session)
        question = asked(events)
        assert question is not None
        assert "freeze" in question.text
        assert not [event for event in events if isinstance(event, Failed)]

    def test_a_yes_leaves_alone_what_was_decided_row_by_row(
        self, home: Path, scripted: Scripted, messages: Path
    ) -> None:
        session, run = self.gate(home, scripted, messages)
        review = opened(run, begin(run, "gate", "", ()).id)
        vote(review, "", review.rows[0].id, 0, "reject")
        list(session.send("yes, all are right"))
        assert [decision.verdict for decision in run.decided[review.rows[0].id]] == ["reject"]

    def test_where_too_much_was_refused_it_says_so_and_takes_a_change(
        self, home: Path, scripted: Scripted, messages: Path
    ) -> None:
        session, run = self.gate(home, scripted, messages)
        review = opened(run, begin(run, "gate", "", ()).id)
        for row in review.rows:
            review = vote(review, "", row.id, 0, "reject")
        events = self.go_on(session)
        assert [event for event in events if isinstance(event, Failed)]
        question = asked(events)
        assert question is not None
        assert "try again" in question.text.lower()

    def test_what_was_refused_elsewhere_can_be_read_in_either_language_and_opened_again(
        self, home: Path, scripted: Scripted, messages: Path
    ) -> None:
        session, run = self.gate(home, scripted, messages)
        review = opened(run, begin(run, "gate", "", ()).id)
        for row in review.rows:
            review = vote(review, "", row.id, 0, "reject")
        for one, language, text in ((session, "zh", "再试一次"), (Session(home, "shop"), "en", "Try again")):
            assert any(isinstance(e, Table) and e.panel == "review" for e in one.speak(language))  # type: ignore[arg-type]
            question = asked(list(one.open()))
            assert question is not None
            assert text in question.choices
            assert "95%" in question.text

    @pytest.mark.parametrize(
        ("text", "numbers"),
        [("3, 17 and 40 are wrong", [3, 17, 40]), ("第3条和第5条不对", [3, 5]), ("7", [7]), ("101", None),
         ("change the rows to 30", None), ("what about 3?", None), ("都对", None)],
    )  # fmt: skip
    def test_numbers_are_read(self, text: str, numbers: list[int] | None) -> None:
        assert gates.wrong_ones(text, 100) == numbers
