"""Another assistant has a model judged, and releases it once the person agreed to exactly what was shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from mcp import Client

from finetune.shipping.compress import PLACES
from finetune.shipping.merge import merge
from finetune.shipping.registry import entries
from tests.finetune.shipping.models import tuned_model
from tests.finetune.shipping.test_registry import compressed, judged
from tests.ui.test_mcp import call, played, refused
from workspace.settings import settings


@pytest.fixture
def model(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In a folder that may be read; not yet judged."""
    folder = tuned_model(tmp_path)
    monkeypatch.setenv("TUNESMITH_MCP_FILES", str(folder))
    settings.cache_clear()
    return folder


def test_a_model_is_judged_on_rows_of_a_file(home: Path, model: Path) -> None:
    (model / "rows.csv").write_text("text,label\nred please,red\nblue please,blue\n", encoding="utf-8")

    async def play(client: Client) -> None:
        given = {"model": str(model), "data": "rows.csv", "wait_seconds": 120}
        found = await call(client, "evaluate", **given)
        assert found["state"] == "at rest"
        assert 0 <= found["systems"]["tuned"]["metrics"]["accuracy"]["value"] <= 1
        assert {"base", "prompted"} <= set(found["systems"])
        assert Path(found["report"]).is_relative_to(home / "evaluations")
        slow = await call(client, "evaluate", **{**given, "wait_seconds": 0})
        assert slow["state"] == "working"
        assert "under way" in await refused(client, "evaluate", **given)
        tables = slow["tables"]
        while slow["state"] == "working":
            slow = await call(client, "status", name=slow["name"])
            tables += slow["tables"]  # each is told once, which may be before the end
        assert slow["report"]
        assert any(table["rows"] for table in tables)

    played(home, play)


def test_a_release_takes_the_hash_of_what_was_shown(home: Path, model: Path) -> None:
    merge(model, model / "shipped" / PLACES["bf16"])
    compressed(model)
    judged(model, met=True)

    async def play(client: Client) -> None:
        proposal = await call(client, "release", model=str(model), name="bank")
        question = proposal["question"]
        assert question["needs_approval"]
        assert question["hash"] in str(proposal["tables"])
        assert "changed" in await refused(client, "release", model=str(model), name="bank", confirm="0" * 12)
        assert entries(home) == []
        done = await call(client, "release", model=str(model), name="bank", confirm=question["hash"])
        assert [entry.id in done["model"] for entry in entries(home)] == [True]
        assert "`release`" not in done["next"]

    played(home, play)
