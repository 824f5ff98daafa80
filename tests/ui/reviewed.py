"""A finished build of a small bank data set on disk, and a session that waits at its gate, for the review's tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.events import Ask, Event, Say, Table
from agent.run import Run, accept
from tests.contract.kits import kit, said
from tests.ui.recorded import Recorded
from tools.pipeline import tally
from tools.routing import routed, thresholds_of
from workspace.members import give, invite
from workspace.project import Project, write_samples, write_text
from workspace.results import Report, Stage
from workspace.sample import Evidence, Finding, Sample

TEXTS = (
    ("Somebody took my bank card", "lost_card"),
    ("I want to open an account for my daughter", "open_account"),
    ("How much money do I have left this month?", "balance"),
    ("Please send 50 euros to my landlord", "transfer"),
    ("My wallet is gone and the card was in it", "lost_card"),
    ("Is there a way to see what I spent on food?", "balance"),
    ("Can I get an account without coming to the branch?", "transfer"),
    ("I never got the money my brother sent", "transfer"),
)


def rows() -> list[Sample]:
    quote = "A new card is sent within five working days."
    unsure = Finding(
        check="facts",
        verdict="contradicted",
        reason="the document says five days",
        claim="the card comes tomorrow",
        evidence=Evidence(document="policy.md", start=0, end=len(quote), quote=quote),
        confidence=0.6,
        drops=True,
    )
    fine = Finding(check="form", verdict="pass", reason="well formed")
    found = [said(text, label, split="train").judged(fine) for text, label in TEXTS]
    return [*found, said("The card comes tomorrow, right?", "lost_card").judged(fine, unsure)]


def built(home: Path, owner: str = "", reviewers: Sequence[str] = ()) -> Run:
    """Eight rows that are kept, and one that waits for a person."""
    spec = kit(home, gate="review").spec
    project = Project(home, "bank")
    if owner:
        give(project, owner)
    for name in reviewers:
        invite(project, name)
    current = accept(project, spec)
    made = [routed(row, thresholds_of(spec)) for row in rows()]
    write_samples(current.folder / "rows.jsonl", made)
    report = Report(stages=(Stage(name="files", tally=tally(made)),), seconds=1.0)
    write_text(current.folder / "build.json", report.model_dump_json())
    return current


class AtTheGate(Recorded):
    """Its conversation waits for the rows to be looked at."""

    def __init__(self, folder: Path, run: Run) -> None:
        super().__init__(folder)
        self.current = run
        self.agreed: list[str] = []

    def open(self) -> Iterator[Event]:
        return self.pending()

    def pending(self) -> Iterator[Event]:
        yield Table(panel="review", title="Rows to look at", columns=("No.", "Text"), rows=((1, "x"),))
        yield Ask(field="approve", text="Here are 8 rows drawn at random. Are all of them right?", hash="the-gate")

    def send(self, text: str, files: Sequence[Path] = (), agreed: str = "") -> Iterator[Event]:
        self.said.append((text, [path.name for path in files]))
        self.agreed.append(agreed)
        yield Say(text="Going on with the build.")
