"""The kit that every tool is tried with: a small classification of messages to a bank, one row held back."""

from __future__ import annotations

from pathlib import Path

from tools.base import Kit
from tools.relations.triples import Relations, read_relations
from tools.terms import Term, Terms
from workspace.project import Project
from workspace.rules import Column, Contains, Not, Rule
from workspace.sample import Evidence, Origin, Sample, sample
from workspace.spec import Spec
from workspace.stated import Label, Stated

HELD_BACK = sample("I lost my card on the bus yesterday", "lost_card", Origin(source="files"), label="lost_card")
LABELS = ("lost_card", "open_account", "transfer", "balance")
RULE = Rule(
    sentence="Nobody is ever asked for a password.",
    condition=Not(of=Contains(value=Column(name="question"), words=("password",))),
)


LIST = "code,term,synonyms\nTS-1001,desk lamp,台灯\nTS-1002,kettle,电热水壶\n"
TERMS = Terms(
    tuple(
        Term(
            code,
            tuple(names),
            Evidence(document="list.csv", start=LIST.index(line), end=LIST.index(line) + len(line), quote=line),
        )
        for line in LIST.split("\n")[1:3]
        for code, *names in [line.split(",")]
    )
)


def kit(home: Path, **values: object) -> Kit:
    """`values` are fields of the specification that differ from the usual."""
    usual: dict[str, object] = {
        "goal": "tell what a message to a bank wants",
        "task": "classification",
        "labels": [Label(name=name).model_dump() for name in LABELS],
        "languages": ["en"],
        "rules": [RULE.model_dump()],
    }
    spec = Spec()
    for name, value in {**usual, **values}.items():
        spec = spec.with_value(name, Stated(value=value, source="default"))
    return Kit(
        spec=spec.filled(),
        project=Project(home, "bank"),
        rows=[said("Somebody took my bank card"), said("I want to open a new account", "open_account")],
        held_back=[HELD_BACK.model_copy(update={"split": "test"})],
        terms=TERMS,
        relations=_relations(home),
    )


def said(text: str, label: str = "lost_card", **values: object) -> Sample:
    """A real row of the bank."""
    row = sample(text, label, Origin(source="files", row=1), label=label)
    return row.model_copy(update=values)


def _relations(home: Path) -> Relations | None:
    path = home / "relations.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("subject,relation,object\nAcme,acquired,Beta Works\n", encoding="utf-8")
    return read_relations([path])
