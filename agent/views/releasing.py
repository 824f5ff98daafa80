"""A tuned model in full, and its release: a proposal with a hash, shown first and confirmed after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from agent.events import Event, Say
from agent.planning import duration
from agent.rights import require
from agent.shipping import SHIPPED, facts, proposed
from agent.shipping import release as ship
from agent.views.lineage import Released, card_of, home_of, models_of, released, releases_of, title, when
from workspace.errors import UserError, boundary
from workspace.project import Project
from workspace.results import Compressed, ReportCard, TrainedModel
from workspace.stated import BEYOND, METHODS, METRICS
from workspace.words import Language, Words

# Of the columns in which forms are compared, those that say whether and at what cost one can be used.
COLUMNS = (0, 1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is known of a model: `facts` are (name, value), `goals` (what, reached, wanted, met)."""

    name: str
    title: str
    facts: tuple[tuple[str, str], ...]
    goals: tuple[tuple[str, str, str, bool], ...]
    heads: tuple[str, ...]
    forms: tuple[tuple[str, ...], ...]
    parity: str
    libraries: str
    releases: tuple[Released, ...]


class Offer(BaseModel):
    """What would be released, and the hash by which a person says yes to exactly that; `what` is a model or release."""

    model_config = ConfigDict(frozen=True)

    what: str
    title: str
    hash: str
    facts: tuple[tuple[str, str], ...]


def sheet(project: Project, name: str, language: Language) -> Sheet:
    """Of a model by its folder's name. Raises UserError where this project has none of that name."""
    folder, model = model_of(project, name)
    card, compressed = card_of(project, folder), _compressed(folder)
    heads, forms, parity = _forms(compressed, language)
    entries = list(releases_of(project))
    releases = released(project, folder, model, entries)
    libraries = next((entry.libraries for entry in entries if releases and entry.id == releases[-1].id), {})
    return Sheet(
        name=name,
        title=title(model, language),
        facts=tuple((head.to(language), value) for head, value in _facts(folder, model, card, language)),
        goals=tuple(_goals(card, language)) if card else (),
        heads=heads,
        forms=forms,
        parity=parity,
        libraries=", ".join(f"{library} {number}" for library, number in libraries.items()),
        releases=releases,
    )


def model_of(project: Project, name: str) -> tuple[Path, TrainedModel]:
    """(folder, model) by the folder's name. Raises UserError where this project has none of that name."""
    for folder, model in models_of(project):
        if folder.name == name:
            return folder, model
    raise UserError(
        Words("There is no such model in this project.", "本项目里没有这个模型。"),
        Words("Choose one of those that are listed.", "请从列表中选择。"),
    )


def _facts(
    folder: Path, model: TrainedModel, card: ReportCard | None, language: Language
) -> Iterator[tuple[Words, str]]:
    yield Words("Base", "基础模型"), f"{Path(model.base).name} {model.base_hash[:12]}".strip()
    yield Words("Method", "微调方式"), dict(METHODS)[model.method].to(language)
    yield Words("Data version", "数据版本"), model.version[:12]
    trained = Words(
        f"{model.steps} steps in {duration(model.seconds, 'en')} on {model.device.upper()}, best at {model.best_step}",
        f"{model.steps} 步，{duration(model.seconds, 'zh')}（{model.device.upper()}），最佳在第 {model.best_step} 步",
    )
    yield Words("Trained", "训练"), f"{trained.to(language)}, {when((folder / 'model.json').stat().st_mtime)}"
    if model.trained:
        yield Words("Weights that were trained", "训练的权重数"), f"{model.trained:,}"
    for metric, found in card.systems["tuned"].metrics.items() if card else ():
        value = f"{found.value:.3f} ({found.low:.3f}–{found.high:.3f})"
        yield dict(METRICS)[metric], value


def _goals(card: ReportCard, language: Language) -> Iterator[tuple[str, str, str, bool]]:
    names: dict[str, Words] = {**dict(METRICS), **dict(BEYOND)}
    for goal in card.thresholds:
        sign = "≤" if goal.at_most else "≥"
        reached = "–" if goal.reached is None else f"{goal.reached:.3g}"
        yield names[goal.metric].to(language), reached, f"{sign} {goal.goal:g}", goal.met


def _compressed(folder: Path) -> Compressed | None:
    from finetune.shipping.compress import REPORT

    path = folder / SHIPPED / REPORT
    return Compressed.model_validate_json(path.read_bytes()) if path.exists() else None


def _forms(found: Compressed | None, language: Language) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], str]:
    if found is None:
        missing = Words(
            "Its forms for use elsewhere are not written yet. Writing and comparing them takes some minutes, and a "
            "release needs them.",
            "尚未生成可供部署的各种格式。生成并比较需要几分钟，发布前必须完成。",
        )
        return (), (), missing.to(language)
    from finetune.shipping.tables import heads, rows, verdict

    chosen = tuple(heads(found, language)[place] for place in COLUMNS)
    return chosen, tuple(tuple(row[p] for p in COLUMNS) for row in rows(found, language)), verdict(found, language)


def compress(project: Project, name: str, person: str, language: Language) -> Iterator[Event]:
    """The forms of a model of this project, as the command line writes them. Raises UserError where they may not."""
    from agent.shipping import compress as write

    require(project, person, "order")
    yield from write(home_of(project), str(model_of(project, name)[0]), language=language)


def offer(project: Project, what: str, language: Language) -> Offer:
    """What a yes would release: a model of this project, or an earlier release again. Raises UserError where it may
    not be."""
    from finetune.shipping import registry

    home = home_of(project)
    earlier = next((entry for entry in releases_of(project) if entry.id == what), None)
    with boundary(Words("releasing", "发布")):
        if earlier:
            now = registry.current(home, earlier.name)
            head = Words(f"{earlier.id} would take the place of {now}", f"{earlier.id} 将取代 {now}")
            hash = registry.promotion_hash(home, earlier)
            return Offer(what=what, title=head.to(language), hash=hash, facts=facts(earlier, language))
        folder, _ = model_of(project, what)
        found, _ = proposed(home, str(folder), project=project.name)
    head = Words(f"Would be released: {found.name} v{found.number}", f"将发布：{found.name} v{found.number}")
    return Offer(what=what, title=head.to(language), hash=found.hash, facts=facts(found, language))


def release(project: Project, offered: Offer, person: str, language: Language) -> Iterator[Event]:
    """Do what was offered, if it is still the same; raises UserError where it is not, or where they may not."""
    require(project, person, "order")
    earlier = any(entry.id == offered.what for entry in releases_of(project))
    model = offered.what if earlier else str(model_of(project, offered.what)[0])
    events = ship(home_of(project), model, confirm=offered.hash, language=language, project=project.name)
    yield from (event for event in events if isinstance(event, Say))
