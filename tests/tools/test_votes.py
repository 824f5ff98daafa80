"""Agreement as published examples have it, and votes that count once, are taken back, and decide by majority."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.reliability import Reliability, alpha, cohen, fleiss, reliability
from tools.votes import Again, Batch, Vote, agreed, batches, begin, cast, finished, repeat, rounds, standing, votes
from workspace.journal import Journal

# Cohen (1960), Educational and Psychological Measurement 20: 200 cases, kappa .492.
COHEN = ((88, 10, 2), (14, 40, 6), (18, 10, 12))
# The worked example of Fleiss' kappa on Wikipedia: 10 subjects, 14 raters, kappa 0.210.
FLEISS = (
    (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
)  # fmt: skip
# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: nominal alpha .743, with gaps.
KRIPPENDORFF = {
    "A": "123321412...",
    "B": "1233224125.3",
    "C": ".3332342251.",
    "D": "12332441251.",
}


def given(text: str) -> dict[str, str]:
    return {str(place): letter for place, letter in enumerate(text) if letter != "."}


class TestPublished:
    def test_cohen(self) -> None:
        pairs = [(a, b) for a, line in enumerate(COHEN) for b, n in enumerate(line) for _ in range(n)]
        one, other = [str(a) for a, _ in pairs], [str(b) for _, b in pairs]
        assert cohen(one, other) == pytest.approx(0.492, abs=0.0005)
        found = reliability({"a": dict(by_row(one)), "b": dict(by_row(other))})
        assert found.kappa == pytest.approx(0.492, abs=0.0005)
        assert found.level == "train"

    def test_fleiss(self) -> None:
        assert fleiss(FLEISS) == pytest.approx(0.210, abs=0.0005)

    def test_krippendorff(self) -> None:
        said = {name: given(text) for name, text in KRIPPENDORFF.items()}
        assert alpha(said) == pytest.approx(0.743, abs=0.0005)
        assert reliability(said).alpha == alpha(said)


def by_row(values: list[str]) -> list[tuple[str, str]]:
    return [(str(place), value) for place, value in enumerate(values)]


class TestWhereThereIsNoNumber:
    @pytest.mark.parametrize(
        ("said", "missing"),
        [
            ({"a": given("xy")}, "nobody"),
            ({"a": given("xy.."), "b": given("..xy")}, "no overlap"),
            ({"a": given("x..."), "b": given("yx..")}, "one row"),
            ({"a": given("xxxx"), "b": given("xxxx")}, "one category"),
        ],
    )
    def test_it_says_why_instead(self, said: dict[str, dict[str, str]], missing: str) -> None:
        found = reliability(said)
        assert (found.missing, found.kappa, found.alpha, found.level) == (missing, None, None, "unknown")

    def test_one_who_always_says_the_same_agrees_no_more_than_by_chance(self) -> None:
        found = reliability({"a": given("xxxx"), "b": given("xxxy")})
        assert found.kappa == pytest.approx(0)
        assert found.agreement == 0.75

    def test_of_three_who_share_no_row_alpha_is_left(self) -> None:
        found = reliability({"a": given("xy.x"), "b": given("xyx."), "c": given("..xx")})
        assert (found.kappa, found.shared) == (None, 0)
        assert found.alpha == pytest.approx(1)


class TestWhoDiffers:
    def found(self) -> Reliability:
        rows = "x" * 10 + "y" * 10
        return reliability({"a": given(rows), "b": given(rows), "c": given("x" * 10 + "yyyyyyyxxz")})

    def test_pairs_below_nine_in_ten_do_it_again(self) -> None:
        pairs = {(pair.one, pair.other): pair.again for pair in self.found().pairs}
        assert pairs == {("a", "b"): False, ("a", "c"): True, ("b", "c"): True}

    def test_what_was_taken_for_what(self) -> None:
        most = self.found().confused[0]
        assert (most.one, most.other, most.count, most.rows) == ("x", "y", 4, ("17", "18"))


def batch(*reviewers: str, rows: tuple[str, ...] = ("r1", "r2")) -> Batch:
    return Batch(id="gate-1", kind="gate", rows=rows, reviewers=reviewers, by="owner", at="now")


def vote(reviewer: str, row: str, opinion: str, answer: str = "", round: int = 1) -> Vote:
    return Vote.model_validate(
        {"row": row, "reviewer": reviewer, "round": round, "opinion": opinion, "answer": answer, "at": "now"}
    )


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.sqlite")


class TestVotes:
    def test_the_same_press_twice_is_one_vote_and_another_mind_another_line(self, journal: Journal) -> None:
        one = batch("ann")
        assert cast(journal, "run", one, vote("ann", "r1", "accept"), 0)
        assert not cast(journal, "run", one, vote("ann", "r1", "reject"), 0)
        assert cast(journal, "run", one, vote("ann", "r1", "reject"), 1)
        said = votes(journal, "run", one)
        assert [one.opinion for one in said] == ["accept", "reject"]
        assert standing(one, said, [])["ann"]["r1"].opinion == "reject"
        assert journal.broken_link() is None
        assert not journal.unaudited()

    def test_taken_back_the_one_before_counts_again(self) -> None:
        said = [vote("ann", "r1", "accept"), vote("ann", "r1", "reject"), vote("ann", "r1", "none")]
        assert standing(batch("ann"), said, [])["ann"]["r1"].opinion == "accept"
        assert standing(batch("ann"), [*said, said[-1]], [])["ann"] == {}

    def test_a_batch_is_begun_once(self, journal: Journal) -> None:
        begin(journal, "run", batch("ann"))
        later = begin(journal, "run", batch("ann").model_copy(update={"at": "later"}))
        assert (later.at, len(batches(journal, "run"))) == ("now", 1)

    def test_a_new_round_asks_those_people_for_all_their_votes(self, journal: Journal) -> None:
        both = batch("ann", "bob", "cy", rows=("r1",))
        said = [vote(name, "r1", "accept") for name in both.reviewers]
        for when in ("now", "later"):
            repeat(journal, "run", both, Again(after=0, reviewers=("ann", "bob"), by="owner", at=when))
        repeated = rounds(journal, "run", both)
        now = standing(both, said, repeated)
        assert ({name for name, own in now.items() if own}, finished(both, now)) == ({"cy"}, False)
        said += [vote("ann", "r1", "reject", round=2), vote("bob", "r1", "accept", round=2)]
        assert standing(both, said, repeated)["ann"]["r1"].opinion == "reject"

    @pytest.mark.parametrize(
        ("opinions", "settled"),
        [
            (("accept", "accept"), "accept"),
            (("accept", "reject"), None),
            (("accept", "unsure"), None),
            (("unsure", "unsure"), None),
            (("accept", "accept", "reject"), "accept"),
            (("accept", "accept", "unsure"), "accept"),
            (("accept", "reject", "unsure"), None),
            (("fix", "fix"), "fix"),
            (("accept", "accept", "reject", "reject"), None),
        ],
    )
    def test_two_have_to_agree_and_most_of_three_decide(self, opinions: tuple[str, ...], settled: str | None) -> None:
        names = [f"p{number}" for number in range(len(opinions))]
        said = [vote(name, "r1", opinion) for name, opinion in zip(names, opinions, strict=True)]
        found = agreed(batch(*names), "r1", standing(batch(*names), said, []))
        assert (found.opinion if found else None) == settled

    def test_two_corrections_agree_only_in_the_same_words(self) -> None:
        two = batch("ann", "bob")
        said = [vote("ann", "r1", "fix", "a"), vote("bob", "r1", "fix", "b")]
        assert agreed(two, "r1", standing(two, said, [])) is None
