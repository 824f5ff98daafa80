"""Which files another program may have read, and what becomes of texts that it sends along."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.assistant.handed_over import allowed_folders, inside, kept_texts
from workspace.errors import UserError
from workspace.project import Project


def test_nothing_is_allowed_by_being_started_where_everything_lies(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (home / "projects").mkdir(parents=True, exist_ok=True)
    for place in (Path("/"), tmp_path, home, home / "projects"):
        monkeypatch.chdir(place)
        assert allowed_folders(home) == ()
        with pytest.raises(UserError, match="Allowed: none"):
            inside("/etc/passwd", (), home)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    assert allowed_folders(home) == (work,)


def test_what_lies_in_our_own_home_has_to_be_allowed_there(home: Path) -> None:
    shared = home / "shared"
    shared.mkdir(parents=True)
    (shared / "rows.csv").touch()
    (home / "people.json").touch()
    for given in (home / "people.json", shared / "rows.csv"):
        with pytest.raises(UserError, match="outside"):
            inside(str(given), (home.parent,), home)
        assert inside(str(given), (home,), home) == given.resolve()
    assert inside("rows.csv", (shared,), home) == (shared / "rows.csv").resolve()
    with pytest.raises(UserError, match="outside"):
        inside("../people.json", (shared,), home)


def test_texts_of_the_same_name_are_all_kept(home: Path) -> None:
    texts = {"policy/1.md": "a", "terms/1.md": "b", "Terms-1": "c", "../../x": "d", "？": "e", "!": "f", "n" * 300: "g"}
    kept = {path.name: path.read_text() for path in kept_texts(Project(home, "checks"), texts).iterdir()}
    assert sorted(kept.values()) == list("abcdefg")
    assert {"policy-1.md": "a", "terms-1.md": "b", "Terms-1-2.md": "c", "x.md": "d"}.items() <= kept.items()
