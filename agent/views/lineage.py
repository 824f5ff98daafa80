"""What a project has to show for itself: specification, then data version, then model, then release, as a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent.run import Run
from workspace.project import Project
from workspace.results import ReportCard, TrainedModel, Version
from workspace.stated import METHODS, METRICS
from workspace.words import Language, Words

if TYPE_CHECKING:
    from finetune.shipping.registry import Entry

NO_GOAL = Words("No goal was told", "没有说明目标")


@dataclass(frozen=True, slots=True)
class Released:
    """A release; `id` is its name in the registry, `name` the model's there."""

    id: str
    name: str
    number: str
    current: bool


@dataclass(frozen=True, slots=True)
class Modelled:
    """A tuned model; `name` is its folder's, `measured` what its report card says of it in a few words."""

    name: str
    title: str
    measured: str
    met: bool | None
    releases: tuple[Released, ...]


@dataclass(frozen=True, slots=True)
class Versioned:
    """A version of the data."""

    hash: str
    number: str
    told: str
    models: tuple[Modelled, ...]


@dataclass(frozen=True, slots=True)
class Specified:
    """A specification and what was made by it."""

    hash: str
    goal: str
    versions: tuple[Versioned, ...]


def home_of(project: Project) -> Path:
    return project.folder.parents[1]


def lineage(project: Project, language: Language) -> tuple[Specified, ...]:
    """Oldest first."""
    from tools.versions import spec_of, versions

    found: dict[str, list[Version]] = {}
    for version in versions(project):
        found.setdefault(version.spec_hash, []).append(version)
    models, entries = list(models_of(project)), list(releases_of(project))
    return tuple(
        Specified(
            hash=hash,
            goal=spec.goal.value if (spec := spec_of(project, made[0])).goal else NO_GOAL.to(language),
            versions=tuple(_versioned(project, version, models, entries, language) for version in made),
        )
        for hash, made in found.items()
    )


def models_of(project: Project) -> Iterator[tuple[Path, TrainedModel]]:
    """(folder, model) of every finished one."""
    from finetune.job import JOB, MODEL, tuned

    for path in sorted((project.folder / "models").glob(f"*/{MODEL}"), key=lambda path: path.stat().st_mtime):
        if (path.parent / JOB).exists():
            yield path.parent, tuned(path.parent)


def releases_of(project: Project) -> Iterator[Entry]:
    """Of this project and no other."""
    from finetune.shipping.registry import entries

    yield from (entry for entry in entries(home_of(project)) if entry.lineage.project == project.name)


def card_of(project: Project, folder: Path) -> ReportCard | None:
    """Of this model on its own rows: that of its run, or one beside it."""
    from finetune.shipping.release import belongs

    run = Run(project, folder.name.partition("-")[0])
    for place in (run.folder, folder):
        path = place / "report" / "report.json"
        if path.exists():
            card = ReportCard.model_validate_json(path.read_bytes())
            if belongs(card, folder):
                return card
    return None


def _versioned(
    project: Project, version: Version, models: list[tuple[Path, TrainedModel]], found: list[Entry], language: Language
) -> Versioned:
    rows, at = sum(version.rows.values()), (project.folder / version.folder / "version.json").stat().st_mtime
    told = Words(f"{rows} rows, {when(at)}", f"{rows} 条，{when(at)}").to(language)
    own = tuple(
        _modelled(project, folder, model, found, language) for folder, model in models if model.version == version.hash
    )
    return Versioned(version.hash, version.number, told, own)


def when(at: float) -> str:
    """The same in every language."""
    return f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M}"


def _modelled(project: Project, folder: Path, model: TrainedModel, found: list[Entry], language: Language) -> Modelled:
    card = card_of(project, folder)
    return Modelled(
        name=folder.name,
        title=title(model, language),
        measured=measured(card, language) if card else "",
        met=all(goal.met for goal in card.thresholds) if card and card.thresholds else None,
        releases=released(project, folder, model, found),
    )


def released(project: Project, folder: Path, model: TrainedModel, found: Iterable[Entry]) -> tuple[Released, ...]:
    """Those of `found` that are of these weights, oldest first."""
    from finetune.identity import learned
    from finetune.shipping.registry import current

    weights = model.files or learned(folder)
    own = [entry for entry in found if entry.lineage.learned == weights]
    now = {name: current(home_of(project), name) for name in {entry.name for entry in own}}
    return tuple(Released(entry.id, entry.name, f"v{entry.number}", now[entry.name] == entry.id) for entry in own)


def title(model: TrainedModel, language: Language) -> str:
    """ "smollm2-135m, LoRA": a folder's path says less than its name."""
    way = {"lora": "LoRA", "qlora": "QLoRA"}.get(model.method) or dict(METHODS)[model.method].to(language)
    return f"{Path(model.base).name} · {way}"


def measured(card: ReportCard, language: Language) -> str:
    """The first metric of the tuned model, with its interval."""
    name, found = next(iter(card.systems["tuned"].metrics.items()))
    value = f"{100 * found.value:.1f}%"
    between = f"{100 * found.low:.1f}–{100 * found.high:.1f}"
    called = dict(METRICS)[name].to(language)
    return Words(f"{called} {value} ({between})", f"{called} {value}（{between}）").to(language)
