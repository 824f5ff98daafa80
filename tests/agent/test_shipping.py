"""From a tuned model to a release, as the command line asks for it: shown, confirmed, listed, and verified."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent.events import Done, Event, Say, Table
from agent.shipping import compress, models, release
from finetune.shipping.compress import PLACES
from finetune.shipping.merge import merge
from tests.finetune.shipping.models import learned_model, tuned_model
from tests.finetune.shipping.test_registry import compressed, judged, released
from workspace.errors import UserError


def hash_in(events: list[Event]) -> str:
    table = next(event for event in events if isinstance(event, Table))
    return str(dict(table.rows)["hash"])


def said(events: list[Event]) -> str:
    return "\n".join(event.text for event in events if isinstance(event, Say))


def test_from_compressed_to_current_and_back(tmp_path: Path, home: Path) -> None:
    folder = learned_model(tmp_path)
    judged(folder, met=True)
    (tmp_path / "lines.txt").write_text("red is what I want, 3\nblue is what I want, 8\n", encoding="utf-8")
    events = list(compress(home, str(folder), "bf16", prompts=tmp_path / "lines.txt"))
    table = next(event for event in events if isinstance(event, Table))
    assert [row[1] for row in table.rows] == ["2/2", "2/2"]
    assert "may be made" in said(events)

    shown = list(release(home, str(folder), "colours"))
    assert not next(iter(models(home))).rows  # type: ignore[union-attr]
    assert f"--name colours --confirm {hash_in(shown)}" in said(shown)
    elsewhere = shutil.copytree(folder / "shipped", tmp_path / "two words")
    moved = list(release(home, str(folder), "colours", shipped=elsewhere))
    assert f"--name colours --from '{elsewhere}' --confirm {hash_in(moved)}" in said(moved)
    with pytest.raises(UserError, match="has changed since it was shown"):
        list(release(home, str(folder), "colours", confirm="0" * 16))
    done = list(release(home, str(folder), "colours", confirm=hash_in(shown)))
    assert "Released as v1.0.0_" in said(done)
    with pytest.raises(UserError, match="has changed since it was shown"):
        list(release(home, str(folder), "colours", confirm=hash_in(shown)))

    listed = next(iter(models(home)))
    assert isinstance(listed, Table)
    assert [row[:3] for row in listed.rows] == [("colours", listed.rows[0][1], "✓")]
    verified = list(models(home, "colours", "zh"))
    assert "均与发布时一致" in said(verified)
    last = verified[-1]
    assert isinstance(last, Done)
    place = Path(str(last.model)) / "forms" / "bf16" / "config.json"
    place.chmod(0o644)
    place.write_text("{}")
    with pytest.raises(UserError, match=r"forms/bf16/config\.json"):
        list(models(home, "colours"))
    listed = next(iter(models(home)))
    assert isinstance(listed, Table)
    assert listed.rows[0][-1] == "forms/bf16/config.json"


def test_a_name_that_another_project_released_under_is_refused(tmp_path: Path, home: Path) -> None:
    folder = tuned_model(tmp_path)
    merge(folder, folder / "shipped" / PLACES["bf16"])
    compressed(folder)
    judged(folder, met=True)
    released(home, folder, "bank")
    assert hash_in(list(release(home, str(folder), "other")))
    with pytest.raises(UserError, match="Another project has released bank"):
        list(release(home, str(folder), "bank"))


def test_an_unknown_form_is_refused(home: Path) -> None:
    with pytest.raises(UserError, match="no form called q3"):
        list(compress(home, "x", "bf16,q3"))


def test_an_unknown_release_is_refused(home: Path) -> None:
    with pytest.raises(UserError, match="no released model"):
        list(models(home, "nothing"))
