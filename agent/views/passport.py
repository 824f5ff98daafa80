"""A version's passport for a panel: the text that was frozen with it, and the file that is handed out."""

from __future__ import annotations

from pathlib import Path

from agent.views.compared import version_of
from workspace.project import Project
from workspace.words import Language


def passport(project: Project, hash: str, language: Language) -> tuple[Path, str]:
    """(file, Markdown). Raises UserError where this project has no such version."""
    version = version_of(project, hash)
    folder = project.folder / version.folder
    own = folder / "passport.zh.md"
    path = own if language == "zh" and own.exists() else folder / "passport.md"
    return path, path.read_text(encoding="utf-8")
