"""Releases are numbered by the rule, bound to the hash that was shown, never changed unseen, and one is current."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.job import JOB, Held, job_in, tuned
from finetune.recipe import Recipe
from finetune.shipping.compress import PLACES, REPORT, bytes_of, made_of
from finetune.shipping.merge import merge
from finetune.shipping.parity import LEAST_EXACT, MOST_LOST
from finetune.shipping.registry import (
    Lineage,
    current,
    damaged,
    entries,
    find,
    next_number,
    promote,
    promotion_hash,
    release,
    rises,
    unreadable,
)
from finetune.shipping.release import lineage, propose
from tests.finetune.shipping.models import tuned_model
from workspace.errors import UserError
from workspace.journal import Journal
from workspace.project import write_text
from workspace.results import Compressed, Estimate, FormScore, ReportCard, SystemScore, ThresholdResult
from workspace.results import TestRows as Rows

SURE = Estimate(value=1, low=0.9, high=1)


def score(hash: str, exact: int = 10, refused: str = "") -> FormScore:
    return FormScore(
        path="x",
        hash=hash,
        megabytes=1,
        exact=exact,
        quality=SURE,
        lost=Estimate(value=0, low=0, high=0),
        tokens_per_second=1,
        ms_p50=1,
        ms_p99=1,
        memory_mb=1,
        refused={"en": refused, "zh": refused} if refused else {},
    )


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Tuned, merged, compared and judged."""
    folder = tuned_model(tmp_path)
    shipped = folder / "shipped"
    merge(folder, shipped / PLACES["bf16"])
    compressed(folder)
    judged(folder, met=True)
    return folder


def compressed(folder: Path, refused: str = "") -> None:
    bf16 = score(bytes_of(folder / "shipped" / PLACES["bf16"]), 3 if refused else 10, refused)
    found = Compressed(
        model="m",
        key=made_of(tuned(folder), folder),
        prompts=10,
        held_back=True,
        metric="accuracy",
        least_exact=LEAST_EXACT,
        most_lost=MOST_LOST,
        forms={"adapter": score(""), "bf16": bf16},
    )
    write_text(folder / "shipped" / REPORT, found.model_dump_json())


def judged(folder: Path, met: bool, version: str = "v1", hash: str = "") -> None:
    """`hash` is that of the rows; those that were held back where it isn't given."""
    goal = ThresholdResult(metric="accuracy", goal=0.9, reached=1.0 if met else 0.5, met=met)
    test = Rows(hash=hash or job_in(folder).held.hash, data_hash="", version=version)
    scores = {"tuned": SystemScore(metrics={"accuracy": SURE})}
    card = ReportCard(rows=10, systems=scores, tests=(), thresholds=(goal,), test=test)  # type: ignore[arg-type]
    write_text(folder / "report" / "report.json", card.model_dump_json())


def released(home: Path, folder: Path, name: str = "bank") -> str:
    proposal, sources = propose(
        home, folder, name, folder / "shipped", folder / "report" / "report.json", lineage(folder, "spec", "p")
    )
    return release(home, proposal, sources).id


def test_the_first_is_one_and_the_same_again_is_a_patch(model: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    first, second = released(home, model), released(home, model)
    assert first.startswith("v1.0.0_")
    assert second.startswith("v1.0.1_")
    assert current(home, "bank") == second
    assert [entry.id for entry in entries(home)] == [first, second]
    entry = find(home, "bank")
    assert entry.lineage.version == "v1"
    assert entry.lineage.learned == tuned(model).files
    assert entry.metrics["accuracy"] == SURE
    assert {"torch", "transformers", "peft"} <= set(entry.libraries)
    assert {"report.json", "compress.json", "model/adapter_model.safetensors", "forms/bf16/model.safetensors"} <= set(
        entry.files
    )
    assert damaged(home, entry) == []


def since(**changes: object) -> Lineage:
    recipe = Recipe(base="b", learning_rate=1e-3)
    plain = {"specification": "s", "version": "v", "base": "b", "base_hash": "h", "learned": {}, "recipe": recipe}
    return Lineage.model_validate({**plain, **changes})


@pytest.mark.parametrize(
    ("change", "rise"),
    [
        ({"specification": "other"}, "major"),
        ({"base": "other"}, "major"),
        ({"version": "other"}, "minor"),
        ({"recipe": Recipe(base="b", learning_rate=1e-3, rank=8)}, "minor"),
        ({"recipe": Recipe(base="b", learning_rate=1e-3, seed=8)}, "patch"),
        ({"learned": {"a": "b"}}, "patch"),
    ],
)
def test_what_makes_the_number_rise(change: dict[str, object], rise: str) -> None:
    assert rises(since(), since(**change)) == rise


def test_numbers_count_as_numbers(model: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    last = [released(home, model) for _ in range(11)][-1]
    assert last.startswith("v1.0.10_")
    assert next_number(home, "bank", lineage(model, "spec", "p")) == ("1.0.11", "patch")
    assert next_number(home, "bank", lineage(model, "another", "p")) == ("2.0.0", "major")
    assert next_number(home, "other", lineage(model, "spec", "p")) == ("1.0.0", "first")


def test_a_changed_file_is_found(model: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    entry = find(home, released(home, model))
    place = home / "registry" / "bank" / entry.id / "forms" / "bf16" / "config.json"
    place.chmod(0o644)
    place.write_text(place.read_text() + " ")
    assert damaged(home, entry) == ["forms/bf16/config.json"]
    with pytest.raises(UserError, match=r"forms/bf16/config\.json"):
        promote(home, entry)


def test_a_rewritten_entry_is_found(model: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    id = released(home, model)
    path = home / "registry" / "bank" / id / "entry.json"
    path.write_text(path.read_text().replace('"value": 1.0', '"value": 0.99'))
    assert damaged(home, find(home, id)) == ["entry.json"]
    path.write_text("{")
    assert unreadable(home) == [path.parent]


def test_a_broken_audit_vouches_for_nothing(model: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    entry = find(home, released(home, model))
    journal = Journal(home / "registry" / "journal.sqlite")
    journal._db.execute("UPDATE audit SET detail = '{}' WHERE number = 1")
    journal.close()
    assert damaged(home, entry) == ["entry.json"]


def test_an_earlier_one_comes_back(model: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    first, second = released(home, model), released(home, model)
    before = promotion_hash(home, find(home, first))
    promote(home, find(home, first))
    assert current(home, "bank") == first
    assert find(home, "bank").id == first
    assert promotion_hash(home, find(home, first)) != before
    assert second in {entry.id for entry in entries(home)}


def test_another_state_has_another_hash(model: Path, tmp_path: Path) -> None:
    home, report = tmp_path / "home", model / "report" / "report.json"
    given = (model, "bank", model / "shipped", report, lineage(model, "spec", "p"))
    shown = propose(home, *given)[0].hash
    assert propose(home, *given)[0].hash == shown
    released(home, model)
    assert propose(home, *given)[0].hash != shown


def test_a_disagreement_is_refused(model: Path, tmp_path: Path) -> None:
    compressed(model, refused="only 3 of 10 answers are the adapter's own")
    with pytest.raises(UserError, match="only 3 of 10"):
        released(tmp_path / "home", model)


def test_a_missed_goal_is_refused(model: Path, tmp_path: Path) -> None:
    judged(model, met=False)
    with pytest.raises(UserError, match="misses a goal"):
        released(tmp_path / "home", model)


def test_a_card_of_other_rows_or_of_an_earlier_model_is_refused(model: Path, tmp_path: Path) -> None:
    job = job_in(model).model_copy(update={"held": Held(rows=6, hash="frozen")})
    write_text(model / JOB, job.model_dump_json())
    for card in ({"version": "v0"}, {"hash": "others"}):
        judged(model, met=True, **card)  # type: ignore[arg-type]
        with pytest.raises(UserError, match="of other rows or of another model"):
            released(tmp_path / "home", model)
    judged(model, met=True)
    assert released(tmp_path / "home", model)


def test_the_audit_names_the_hash_that_was_confirmed(model: Path, tmp_path: Path) -> None:
    home, report = tmp_path / "home", model / "report" / "report.json"
    proposal, sources = propose(home, model, "bank", model / "shipped", report, lineage(model, "spec", "p"))
    entry = release(home, proposal, sources)
    journal = Journal(home / "registry" / "journal.sqlite")
    told = [line.detail["proposal"] for line in journal.audited()]
    journal.close()
    assert told == [proposal.hash] == [find(home, entry.id).hash]


def test_what_was_not_compared_or_judged_is_refused(model: Path, tmp_path: Path) -> None:
    (model / "report" / "report.json").unlink()
    with pytest.raises(UserError, match="no report card"):
        released(tmp_path / "home", model)
    (model / "shipped" / "compress.json").unlink()
    with pytest.raises(UserError, match="not been compared"):
        released(tmp_path / "home", model)


def test_a_form_that_changed_since_it_was_compared_is_refused(model: Path, tmp_path: Path) -> None:
    path = model / "shipped" / PLACES["bf16"] / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match="bf16 has changed"):
        released(tmp_path / "home", model)


def test_a_name_that_leads_elsewhere_is_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="can't be a model's name"):
        released(tmp_path / "home", model, "../bank")
