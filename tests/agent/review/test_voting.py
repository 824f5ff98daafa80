"""People vote unseen by each other, one who did not vote decides where they differ, and the run sees it all."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import gates
from agent.review import arbitration, ballots, batches, concord, inviting, voting
from agent.review.batches import Review
from agent.run import Run, release
from tests.ui.reviewed import TEXTS, built
from workspace.errors import UserError
from workspace.people import People
from workspace.project import read_samples
from workspace.sample import PERSON, Sample

ALL = "everything"
WORD = {"a": "accept", "r": "reject", "u": "unsure"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return built(tmp_path, "olga", ("ann", "bob", "cy", "dan"))


def say(review: Review, person: str, opinions: str) -> Review:
    """A letter a row, from the first."""
    for row, letter in zip(review.rows, opinions, strict=False):
        seen = review.spoken(row.id, batches.name_of(person))
        review = voting.vote(review, person, row.id, seen, WORD[letter])  # type: ignore[arg-type]
    return review


def begun(run: Run, *people: str, arbiter: str = "", kind: str = ALL) -> Review:
    batch = batches.begin(run, kind, "", people, arbiter, "olga")  # type: ignore[arg-type]
    return batches.opened(run, batch.id)


def row(run: Run, place: int) -> Sample:
    return list(run.rows())[place]


def frozen(run: Run) -> list[Sample]:
    list(release(run, "en"))
    assert run.version
    return list(read_samples(run.project.folder / run.version.folder / "data.jsonl"))


class TestAlone:
    def test_what_one_person_says_is_decided_at_once(self, run: Run) -> None:
        say(begun(run, "olga"), "olga", "ar")
        assert [row.kept for row in run.rows()][:3] == [True, False, True]
        assert row(run, 0).findings[-1].check == PERSON
        assert run.project.journal.broken_link() is None

    def test_the_same_press_twice_is_one_vote(self, run: Run) -> None:
        review = begun(run, "olga")
        id = review.rows[0].id
        for opinion in ("accept", "reject"):
            voting.vote(review, "olga", id, 0, opinion)  # type: ignore[arg-type]
        assert [decision.verdict for decision in run.decided[id]] == ["accept"]

    def test_a_press_repeated_after_a_kill_is_decided(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        review = begun(run, "olga")
        monkeypatch.setattr(voting, "_followed", lambda review, *given: review)
        voting.vote(review, "olga", review.rows[0].id, 0, "reject")
        monkeypatch.undo()
        assert not run.decided
        for opinion in ("reject", "accept"):
            voting.vote(review, "olga", review.rows[0].id, 0, opinion)  # type: ignore[arg-type]
        assert [one.verdict for one in run.decided[review.rows[0].id]] == ["reject"]

    def test_taken_back_nothing_is_decided_any_more(self, run: Run) -> None:
        review = say(begun(run, "olga"), "olga", "ar")
        review, undone = voting.undo(review, "olga")
        assert undone == review.rows[1].id
        assert row(run, 1).kept
        assert row(run, 1).findings[-1].check != PERSON
        review, _ = voting.undo(review, "olga")
        assert voting.undo(review, "olga")[1] is None
        assert ballots.progress(review, "olga", "en").done == 0

    def test_another_mind_taken_back_the_first_one_counts(self, run: Run) -> None:
        review = say(begun(run, "olga"), "olga", "r")
        review = say(review, "olga", "a")
        assert row(run, 0).kept
        voting.undo(review, "olga")
        assert not row(run, 0).kept

    def test_unsure_is_no_decision(self, run: Run) -> None:
        review = say(begun(run, "olga"), "olga", "au" + "a" * 6)
        assert ballots.progress(review, "olga", "en").unsure == (1,)
        assert not run.decided.get(review.rows[1].id)

    def test_the_gate_that_the_conversation_waits_at_opens(self, run: Run) -> None:
        found = gates.waiting(run)
        assert found is not None
        assert found.which == "gate"
        say(begun(run, "olga", kind="gate"), "olga", "a" * len(TEXTS))
        assert gates.open_for_more(run)

    def test_what_had_to_be_corrected_was_not_right(self, run: Run) -> None:
        review = begun(run, "olga", kind="gate")
        voting.vote(review, "olga", review.rows[0].id, 0, "fix", "balance")
        state = gates.state(run, "gate")
        assert state is not None
        assert (state.corrected, state.left, state.failed) == (1, len(TEXTS) - 1, True)
        assert arbitration_refuses(run)

    def test_a_row_that_waits_is_taken_in(self, run: Run) -> None:
        review = begun(run, "olga", kind="waiting")
        assert [one.outcome for one in run.rows()].count("review") == 1
        say(review, "olga", "a")
        assert row(run, 8).outcome == "kept"


def arbitration_refuses(run: Run) -> bool:
    with pytest.raises(UserError, match="accepted 0 of 1"):
        arbitration.left_of_sample(run)
    return True


class TestCorrections:
    def fixed(self, run: Run, answer: str = "open_account") -> Review:
        review = begun(run, "olga")
        return voting.vote(review, "olga", review.rows[6].id, 0, "fix", answer, "it asks for an account")

    def test_are_laid_over_the_row_wherever_it_is_read(self, run: Run) -> None:
        before = (run.folder / "rows.jsonl").read_bytes()
        self.fixed(run)
        found = row(run, 6)
        assert (found.label, found.answer, found.kept) == ("open_account", "open_account", True)
        assert "it asks for an account" in found.findings[-1].reason
        assert (run.folder / "rows.jsonl").read_bytes() == before

    def test_are_frozen_as_a_row_made_from_the_one_it_was_and_always_the_same(self, run: Run) -> None:
        review = self.fixed(run)
        say(begun(run, "olga", kind="gate"), "olga", "a" * len(TEXTS))
        say(begun(run, "olga", kind="audit"), "olga", "a" * len(TEXTS))
        rows = frozen(run)
        was = review.rows[6].id
        (found,) = [one for one in rows if one.origin.parent == was]
        assert found.label == "open_account"
        assert was not in {one.id for one in rows}
        assert run.version
        first = run.version.hash
        assert frozen(run) == rows
        assert run.version.hash == first

    def test_a_label_is_one_of_those_that_there_are(self, run: Run) -> None:
        with pytest.raises(UserError, match="none of the labels"):
            self.fixed(run, "chocolate")
        with pytest.raises(UserError, match="Nothing was changed"):
            self.fixed(run, "transfer")
        assert not run.decided

    def test_taken_back_the_row_says_what_it_said(self, run: Run) -> None:
        voting.undo(self.fixed(run), "olga")
        assert row(run, 6).label == "transfer"


class TestBlind:
    def test_nobody_votes_for_another_and_nobody_uninvited(self, run: Run) -> None:
        review = begun(run, "ann", "bob")
        for person in ("cy", "olga", "eve"):
            with pytest.raises(UserError, match="review this project"):
                voting.vote(review, person, review.rows[0].id, 0, "accept")

    def test_who_votes_does_not_decide(self, run: Run) -> None:
        for people, arbiter in ((("olga", "ann"), ""), (("ann", "bob"), "ann")):
            with pytest.raises(UserError, match="both vote and decide"):
                begun(run, *people, arbiter=arbiter)

    def test_only_an_owner_begins(self, run: Run) -> None:
        with pytest.raises(UserError):
            batches.begin(run, ALL, "", ("ann",), "", "ann")

    def test_until_all_have_finished_nothing_is_decided_or_shown(self, run: Run) -> None:
        review = say(say(begun(run, "ann", "bob"), "ann", "a" * 8), "bob", "a" * 7)
        assert not run.decided
        assert ballots.state_of(review, "ann") == "others"
        assert ballots.state_of(review, "bob") == "vote"
        assert [one.batch.id for one in batches.reviews(run, "cy")] == []
        review = say(review, "bob", "a" * 8)
        assert len(run.decided) == 8
        assert run.decided[review.rows[0].id][-1].by == "ann, bob"

    def test_then_a_vote_is_not_changed_any_more(self, run: Run) -> None:
        review = say(say(begun(run, "ann", "bob"), "ann", "a" * 8), "bob", "a" * 8)
        with pytest.raises(UserError, match="another round"):
            say(review, "bob", "r")

    def test_the_checks_are_silent_until_one_has_spoken(self, run: Run) -> None:
        review = begun(run, "ann", "bob")
        shown = ballots.ballot(review, "ann", 0, "en")
        assert shown.checks == ()
        after = ballots.ballot(say(review, "ann", "a"), "ann", 0, "en")
        assert "well formed" in after.checks[0]

    def test_evidence_is_shown_without_what_a_check_makes_of_it(self, run: Run) -> None:
        review = begun(run, "olga", kind="waiting")
        shown = ballots.ballot(review, "olga", 0, "zh")
        assert shown.evidence == (("policy.md", "A new card is sent within five working days."),)
        assert shown.checks == ()


class TestWhereTheyDiffer:
    def test_two_of_three_decide_and_the_rest_waits_for_who_did_not_vote(self, run: Run) -> None:
        review = begun(run, "ann", "bob", "cy", arbiter="dan")
        for person, votes in (("ann", "aaaaaaar"), ("bob", "aaaaaarr"), ("cy", "aaaaaaau")):
            review = say(review, person, votes)
        assert not run.decided  # too many differ for it to go by itself
        arbitration.settle_anyway(review, "olga")
        assert [len(run.decided[id]) for id in review.batch.rows] == [1] * 8
        assert not row(run, 7).kept

    def test_the_arbiter_decides_once_and_may_take_it_back(self, run: Run) -> None:
        review = say(say(begun(run, "ann", "bob", arbiter="dan"), "ann", "aaaaaaaa"), "bob", "aaaaaaru")
        assert len(arbitration.queue(review)) == 2
        id = arbitration.queue(review)[0]
        with pytest.raises(UserError):
            arbitration.arbitrate(review, "olga", id, "accept")
        for _ in range(2):
            arbitration.arbitrate(review, "dan", id, "fix", "open_account", "an account", 0)
        assert len(arbitration.queue(review)) == 1
        assert (row(run, 6).label, run.decided[id][-1].by) == ("open_account", "dan")
        arbitration.reopen(review, "dan", id, arbitration.arbitrations(review, id))
        assert len(arbitration.queue(review)) == 2
        assert row(run, 6).label == "transfer"

    def test_pairs_that_agree_too_little_look_once_more(self, run: Run) -> None:
        review = begun(run, "ann", "bob", "cy")
        for person, votes in (("ann", "aaaaaaaa"), ("bob", "aaaaaaaa"), ("cy", "rrraaaaa")):
            review = say(review, person, votes)
        shown = concord.concord(review, "en")
        assert shown.again == ("ann", "bob", "cy")
        assert [again for _, _, again in shown.pairs] == [False, True, True]
        for _ in range(2):
            arbitration.again(review, "olga", ("bob", "cy"), 0)
        review = batches.opened(run, review.batch.id)
        assert [len(own) for own in review.standing.values()] == [8, 0, 0]
        assert ballots.state_of(review, "cy") == "vote"
        review = say(say(review, "cy", "a" * 8), "bob", "a" * 8)
        assert len(run.decided) == 8
        assert arbitration.queue(review) == ()

    def test_where_they_differ_in_the_second_round_somebody_decides(self, run: Run) -> None:
        review = say(say(begun(run, "ann", "bob", arbiter="dan"), "ann", "a" * 8), "bob", "a" * 7 + "r")
        arbitration.settle_anyway(review, "olga")
        arbitration.arbitrate(review, "dan", review.rows[7].id, "reject")
        for _ in range(2):
            arbitration.again(review, "olga", ("bob",), 0)
        assert not any(run.decided.values())
        review = say(batches.opened(run, review.batch.id), "bob", "r" + "a" * 7)
        arbitration.settle_anyway(review, "olga")
        assert arbitration.queue(review) == (review.rows[0].id,)
        arbitration.arbitrate(review, "dan", review.rows[0].id, "reject", seen=2)
        assert [row.kept for row in run.rows()][:8] == [False] + [True] * 7

    def test_everybody_has_said_what_they_said_of_what_they_saw(self, run: Run) -> None:
        """A correction by another review is nothing that these people have spoken of."""
        review = begun(run, "ann", "bob")
        before = review.rows[6]
        other = begun(run, "olga", kind="gate")
        review = say(review, "ann", "a" * 8)
        voting.vote(other, "olga", before.id, 0, "fix", "open_account")
        review = batches.opened(run, review.batch.id)
        assert review.rows[6] == before
        assert say(review, "bob", "a" * 8).reliability.confused == ()
        assert begun(run, "ann", "cy").rows[6].label == "open_account"

    def test_who_may_not_vote_any_more_keeps_nobody_from_finishing(self, run: Run) -> None:
        review = begun(run, "ann", "bob", "cy", arbiter="dan")
        for person, votes in (("ann", "a" * 8), ("bob", "aaaaaaar"), ("cy", "r")):
            review = say(review, person, votes)
        for name in ("cy", "dan"):
            inviting.uninvite(run, "olga", name)
        review = batches.opened(run, review.batch.id)
        assert ballots.state_of(review, "olga") == "arbitrate"
        assert arbitration.queue(review) == (review.rows[7].id,)
        arbitration.settle_anyway(review, "olga")
        arbitration.arbitrate(review, "olga", review.rows[7].id, "reject")
        assert sum(map(len, run.decided.values())) == 8
        inviting.uninvite(run, "olga", "bob")  # what somebody finished counts
        assert set(batches.opened(run, review.batch.id).standing) == {"ann", "bob"}

    def test_a_review_is_opened_by_those_whom_it_concerns(self, run: Run) -> None:
        id = begun(run, "ann", "bob", arbiter="dan").batch.id
        for person in ("ann", "bob", "dan", "olga", ""):
            assert batches.opened(run, id, person).batch.id == id
        with pytest.raises(UserError, match="no such review"):
            batches.opened(run, id, "cy")

    def test_agreement_is_told_with_its_numbers_and_what_is_confused(self, run: Run) -> None:
        review = begun(run, "ann", "bob")
        review = say(review, "ann", "aaaaaaaa")
        for place, one in enumerate(review.rows):
            fix = place in (6,)
            review = voting.vote(review, "bob", one.id, 0, "fix" if fix else "accept", "open_account" if fix else "")
        shown = concord.concord(review, "en")

        assert shown.numbers[0][1] == "87.5%"
        assert shown.numbers[1][0] == "Cohen’s kappa"
        assert (shown.confused[0].one, shown.confused[0].other) == ("open_account", "transfer")
        assert shown.confused[0].examples == (TEXTS[6][0],)

    def test_where_everything_is_alike_it_says_so_and_goes_on(self, run: Run) -> None:
        review = batches.opened(run, batches.begin(run, "label", "balance", ("ann", "bob"), "", "olga").id)
        review = say(say(review, "ann", "aa"), "bob", "aa")
        shown = concord.concord(review, "en")
        assert shown.level == "unknown"
        assert "no value" in shown.more[0]
        assert len(run.decided) == 2


class TestPace:
    def test_time_left_is_at_ones_own_pace(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        times = iter([f"2026-11-21T10:00:{second:02d}.000+00:00" for second in range(0, 60, 12)])
        review = begun(run, "olga")
        assert ballots.progress(review, "olga", "en").left == ""
        monkeypatch.setattr(voting, "now", lambda: next(times))
        monkeypatch.setattr(voting, "decide", lambda *given: None)
        review = say(review, "olga", "aaa")
        assert ballots.progress(review, "olga", "en").left == "about 1 min left at your pace"


def test_only_users_of_this_installation_are_invited(run: Run) -> None:
    home = run.project.folder.parents[1]
    People(home).add("eve", "long enough a password")
    inviting.invite(run, "olga", " Eve ")
    assert "eve" in ballots.people(run, "olga")
    with pytest.raises(UserError, match="no user mallory"):
        inviting.invite(run, "olga", "mallory")
    with pytest.raises(UserError):
        inviting.invite(run, "ann", "eve")
    inviting.uninvite(run, "olga", "eve")
    assert "eve" not in ballots.people(run, "olga")
