"""A version as a data set on the Hugging Face hub: its card, and a file of rows for each split."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from tools.exports.lines import write_rows
from tools.exports.messages import Messages
from tools.versions import passport, spec_of
from workspace.project import Project, read_samples
from workspace.results import Version
from workspace.sample import Sample
from workspace.stated import Task
from workspace.words import Language, language_of

SPLITS = ("train", "validation", "test")
TASKS: dict[Task, str] = {
    "classification": "text-classification",
    "question-answering": "question-answering",
    "dialogue": "text-generation",
    "extraction": "token-classification",
    "rewriting": "text-generation",
    "writing": "text-generation",
}
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
# What the hub calls a licence; by its name without spaces, in small letters.
KNOWN = (
    *("apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-3.0", "cc-by-sa-4.0"),
    *("cc-by-sa-3.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0", "odc-by", "odbl", "pddl", "gpl-3.0"),
    *("openrail", "unlicense", "mpl-2.0", "lgpl-3.0"),
)


def card(project: Project, version: Version, language: Language = "en") -> str:
    """README.md: what the hub reads at its head, the passport below."""
    rows = list(read_samples(project.folder / version.folder / "data.jsonl"))
    task = spec_of(project, version).task
    head: dict[str, object] = {
        "pretty_name": f"{project.name} {version.number}",
        **licence_of(rows),
        "language": sorted({language_of(row.question) for row in rows}),
        "size_categories": [next((name for most, name in SIZES if len(rows) < most), "1M<n<10M")],
        "task_categories": [TASKS[task.value]] if task else [],
        "tags": ["tunesmith", *(["synthetic"] if any(row.origin.source == "generate" for row in rows) else [])],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": name, "path": f"{name}.jsonl"} for name in SPLITS if version.rows.get(name)],
            }
        ],
    }
    text = yaml.safe_dump(head, allow_unicode=True, sort_keys=False)
    return f"---\n{text}---\n\n{passport(project, version, language)}"


def licence_of(rows: list[Sample]) -> dict[str, object]:
    """One that the hub knows by its name; of several, or of others, the names as they were stated."""
    stated = sorted({row.origin.licence for row in rows if row.origin.licence})
    if not stated:
        return {"license": "unknown"}
    plain = "-".join(stated[0].lower().split())
    if len(stated) == 1 and all(row.origin.licence for row in rows) and plain in KNOWN:
        return {"license": plain}
    return {"license": "other", "license_name": ", ".join(stated)}


def write_splits(project: Project, version: Version, folder: Path) -> Iterator[Path]:
    """The rows of each split, as chat messages."""
    for name in SPLITS:
        if version.rows.get(name):
            rows = read_samples(project.folder / version.folder / "data.jsonl")
            path = folder / f"{name}.jsonl"
            write_rows((row for row in rows if row.split == name), path, Messages().line, "messages")
            yield path
