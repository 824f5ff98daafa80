"""A tuned model made smaller, compared with itself, released and listed: arguments in, events out."""

from __future__ import annotations

import shlex
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from agent.checking import read_rows
from agent.drawing import Clock, Steps
from agent.evaluating import model_folder, run_of
from agent.events import Done, Event, File, Say, Table
from workspace.errors import UserError, boundary
from workspace.project import Project, projects
from workspace.results import Compressed, Form, ReportCard
from workspace.sample import Message, Origin, Sample
from workspace.settings import settings
from workspace.words import Language, Words

if TYPE_CHECKING:
    from finetune.shipping.compress import Compressing
    from finetune.shipping.registry import Entry, Proposal

SHIPPED = "shipped"
OWN = ("", "files")  # of a model tuned on a file: there is no project, or only the place where files are kept
WRITTEN: tuple[Form, ...] = ("bf16", "int8", "gguf", "q8", "q4")
# Not q4: a base that came in 4 bits, as SmolLM2 did, loses what it learned when it is rounded back to the same grid.
USUAL = "bf16,int8,gguf,q8"


def compress(
    home: Path,
    model: str,
    to: str = USUAL,
    out: Path | None = None,
    prompts: Path | None = None,
    language: Language = "en",
) -> Iterator[Event]:
    """Write the forms and put them side by side; `prompts` is a file of rows, or of lines."""
    from finetune.shipping.compress import compress as work

    forms = _forms(to)
    with boundary(Words("compressing", "压缩")):
        folder = model_folder(home, model)
        target = out or folder / SHIPPED
        given = _prompts(home, prompts) if prompts else ()
        found = yield from _told(work(folder, forms, target, given), target, language)
        yield from _compared(found, target, language)
        yield Done(model=str(folder.resolve()), report=str((target / "compress.json").resolve()))


def models(home: Path, name: str | None = None, language: Language = "en") -> Iterator[Event]:
    """Every release; with a name (or an id) all that one follows from, and whether its files are still whole."""
    from finetune.shipping import registry

    if name is None:
        yield _listed(home, registry.entries(home), language)
        for folder in registry.unreadable(home):
            text = Words(f"{folder} can't be read: it was changed.", f"{folder} 无法读取：已被改动。")
            yield Say(text=text.to(language))
        return
    entry = registry.find(home, name)
    yield _one(entry, registry.current(home, entry.name) == entry.id, language)
    if damaged := registry.damaged(home, entry):
        raise UserError(
            Words(
                f"{entry.id} is not what was released; changed or gone: {', '.join(damaged)}.",
                f"{entry.id} 已与发布时不同，被改动或丢失：{'、'.join(damaged)}。",
            ),
            Words(
                "Restore it from a backup, or release the model again.",
                "请从备份恢复，或重新发布该模型。",
            ),
        )
    intact = Words(f"All {len(entry.files)} files are as released.", f"{len(entry.files)} 个文件均与发布时一致。")
    yield Say(text=intact.to(language))
    yield Done(version=entry.lineage.version, model=str(home / "registry" / entry.name / entry.id))


def release(
    home: Path,
    model: str,
    name: str | None = None,
    confirm: str | None = None,
    shipped: Path | None = None,
    language: Language = "en",
    project: str = "",
) -> Generator[Event, None, str]:
    """What would be released, with its hash; with that hash as `confirm` it is done. An earlier release comes back.

    `project` is the model's, where that is known: two may have frozen the same rows. Returns the hash that waits for a
    yes; "" once it is done.
    """
    with boundary(Words("releasing", "发布")):
        if earlier := _earlier(home, model):
            return (yield from _back(home, earlier, confirm, language))
        proposal, sources = proposed(home, model, name, shipped, project)
        return (yield from _forward(home, model, proposal, sources, (name, confirm, shipped), language))


def is_release(home: Path, name: str) -> bool:
    """Whether that is the id of one, and no folder or run."""
    return _earlier(home, name) is not None


def _earlier(home: Path, id: str) -> Entry | None:
    from finetune.shipping import registry

    return next((entry for entry in registry.entries(home) if entry.id == id), None)


def proposed(
    home: Path, model: str, name: str | None = None, shipped: Path | None = None, project: str = ""
) -> tuple[Proposal, dict[str, Path]]:
    """What would be released of a model, and from which files. Raises UserError where it may not be."""
    from finetune.job import tuned
    from finetune.shipping.release import lineage, propose

    folder = model_folder(home, model)
    project, specification = _origin(home, tuned(folder).version, project)
    since = lineage(folder, specification, project)
    called = name or (project if project not in OWN else folder.name)
    found = propose(home, folder, called, shipped or folder / SHIPPED, _report(home, folder), since)
    _check_theirs(home, called, project)
    return found


def _check_theirs(home: Path, name: str, project: str) -> None:
    """Raises UserError where releases of another project have the name: whoever serves it would get this model."""
    from finetune.shipping import registry

    same = OWN if project in OWN else (project,)
    if any(entry.lineage.project not in same for entry in registry.entries(home, name)):
        raise UserError(
            Words(f"Another project has released {name} already.", f"其他项目已经发布过 {name}。"),
            Words("Choose another name for this model: `--name NAME`.", "请为这个模型换一个名称：`--name 名称`。"),
        )


def _forward(
    home: Path,
    model: str,
    proposal: Proposal,
    sources: dict[str, Path],
    given: tuple[str | None, str | None, Path | None],
    language: Language,
) -> Generator[Event, None, str]:
    from finetune.shipping import registry

    name, confirm, shipped = given
    project = proposal.lineage.project
    if confirm is None:
        yield _proposed(proposal, language)
        yield Say(text=_ask(home, model, proposal.hash, language, name, shipped))
        return proposal.hash
    if confirm != proposal.hash:
        raise registry.changed_meanwhile()
    entry = registry.release(home, proposal, sources)
    if project:
        Project(home, project).journal.audit(
            "release", {"model": entry.name, "id": entry.id, "proposal": proposal.hash}
        )
    yield _one(entry, True, language)
    yield Say(text=Words(f"Released as {entry.id}.", f"已发布：{entry.id}。").to(language))
    yield Done(version=entry.lineage.version, model=str(home / "registry" / entry.name / entry.id))
    return ""


def _back(home: Path, entry: Entry, confirm: str | None, language: Language) -> Generator[Event, None, str]:
    from finetune.shipping import registry

    wanted, now = registry.promotion_hash(home, entry), registry.current(home, entry.name)
    if confirm is None:
        said = Words(f"{entry.id} would take the place of {now}.", f"{entry.id} 将取代 {now}。")
        yield Say(text=said.to(language))
        yield Say(text=_ask(home, entry.id, wanted, language))
        return wanted
    if confirm != wanted:
        raise registry.changed_meanwhile()
    registry.promote(home, entry)
    yield Say(text=Words(f"{entry.id} is the current one.", f"当前版本为 {entry.id}。").to(language))
    yield Done(version=entry.lineage.version, model=str(home / "registry" / entry.name / entry.id))
    return ""


def _ask(
    home: Path, model: str, hash: str, language: Language, name: str | None = None, shipped: Path | None = None
) -> str:
    """The command that does it, whole: pasted anywhere into a shell, it means the same."""
    given = {
        "--home": None if home == settings().home else home,
        "--name": name,
        "--from": shipped,
        "--confirm": hash,
    }
    parts = [part for option, value in given.items() if value for part in (option, str(value))]
    command = shlex.join(["tunesmith", "release", model, *parts])
    return Words(
        f"Nothing is released yet. If this is right: `{command}`", f"尚未发布。确认无误请运行：`{command}`"
    ).to(language)


def _forms(to: str) -> tuple[Form, ...]:
    wanted = tuple(part.strip() for part in to.split(",") if part.strip())
    unknown = [part for part in wanted if part not in WRITTEN]
    if unknown or not wanted:
        raise UserError(
            Words(
                f"There is no form called {', '.join(unknown) or '-'}.",
                f"没有名为 {'、'.join(unknown) or '-'} 的格式。",
            ),
            Words(f"Choose from {', '.join(WRITTEN)}.", f"可选：{'、'.join(WRITTEN)}。"),
        )
    return cast(tuple[Form, ...], wanted)


def _prompts(home: Path, path: Path) -> list[Sample]:
    """Rows where it is a file of rows; otherwise each line is a message."""
    if not path.is_file():
        raise UserError(
            Words(f"There is no file {path}.", f"找不到文件 {path}。"), Words("Check the path.", "请检查路径。")
        )
    if path.suffix.lower() != ".txt":
        return [row for row in read_rows(Project(home, "files"), path) if row.kept]
    lines = [line for line in path.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
    return [
        Sample(id=str(i), messages=(Message(role="user", content=line),), origin=Origin(source="file", row=i))
        for i, line in enumerate(lines)
    ]


def _told(
    steps: Generator[Compressing, None, Compressed], folder: Path, language: Language
) -> Generator[Event, None, Compressed]:
    told = Steps(steps)
    clock: Clock | None = None
    for step in told:
        clock = clock or Clock(folder)
        yield clock.progress(step.doing, step.done, step.total, language)
    return told.result


def _compared(found: Compressed, folder: Path, language: Language) -> Iterator[Event]:
    from finetune.shipping.tables import heads, rows, verdict

    title = Words(
        f"The model's forms on the same {found.prompts} prompts", f"各种格式在同样 {found.prompts} 条提示上的表现"
    )
    yield Table(panel="report", title=title.to(language), columns=heads(found, language), rows=rows(found, language))
    yield Say(text=verdict(found, language))
    page = "compress.zh.md" if language == "zh" else "compress.md"
    yield File(title=Words("Forms side by side", "各种格式对比").to(language), path=str(folder / page))


def _origin(home: Path, version: str, project: str = "") -> tuple[str, str]:
    """(project, hash of its specification) of a version; of a model tuned on a file, the place where files are kept."""
    from tools.versions import versions

    for name in [project] if project else projects(home):
        for known in versions(Project(home, name)):
            if known.hash == version:
                return name, known.spec_hash
    return ("files" if "files" in projects(home) else ""), ""


def _report(home: Path, folder: Path) -> Path:
    """Of the run that tuned the model, for it has the goals; beside the model where the run's is of an earlier one."""
    from finetune.shipping.release import belongs

    run = run_of(home, folder)
    places: list[Path] = [place / "report" / "report.json" for place in (*((run.folder,) if run else ()), folder)]
    there = [place for place in places if place.is_file()]
    fitting = (place for place in there if belongs(ReportCard.model_validate_json(place.read_bytes()), folder))
    return next(fitting, (there or places)[0])


def _proposed(proposal: Proposal, language: Language) -> Table:
    title = Words(
        f"Would be released: {proposal.name} v{proposal.number}", f"将发布：{proposal.name} v{proposal.number}"
    )
    rows = (*facts(proposal, language), (Words("hash", "哈希").to(language), proposal.hash))
    return Table(panel="report", title=title.to(language), columns=_two(language), rows=rows)


def _one(entry: Entry, is_current: bool, language: Language) -> Table:
    yes = Words("yes", "是") if is_current else Words("no", "否")
    rows = (
        *facts(entry, language),
        (Words("current", "当前使用").to(language), yes.to(language)),
        (Words("made by", "程序").to(language), str(entry.code)),
        (Words("libraries", "依赖").to(language), ", ".join(f"{k} {v}" for k, v in entry.libraries.items())),
    )
    return Table(panel="status", title=entry.id, columns=_two(language), rows=rows)


RISES = {
    "first": Words("the first release", "首次发布"),
    "major": Words("another specification or base", "规格说明或基础模型不同"),
    "minor": Words("other data, method or dials", "数据、方法或参数不同"),
    "patch": Words("the same again, from another seed or in other forms", "同样的内容，随机种子或格式不同"),
}


def facts(proposal: Proposal, language: Language) -> tuple[tuple[str, str], ...]:
    """What a person agrees to with a proposal's hash, line by line."""
    since, none = proposal.lineage, Words("none", "无").to(language)
    dials = since.recipe.model_dump(mode="json", exclude={"base"}, exclude_none=True)
    metrics = ", ".join(f"{name} {e.value:.3f} ({e.low:.3f}-{e.high:.3f})" for name, e in proposal.metrics.items())
    goals = ", ".join(f"{t.metric} {t.reached} ({'≤' if t.at_most else '≥'} {t.goal})" for t in proposal.thresholds)
    sizes = ", ".join(f"{form} {score.megabytes:.0f} MB" for form, score in proposal.compressed.forms.items())
    return (
        (Words("number", "版本号").to(language), f"{proposal.number} ({RISES[proposal.rise].to(language)})"),
        (Words("instead of", "取代").to(language), proposal.instead_of or none),
        (Words("specification", "规格说明").to(language), since.specification or none),
        (Words("data version", "数据版本").to(language), since.version),
        (Words("base", "基础模型").to(language), f"{Path(since.base).name} ({since.base_hash[:12]})"),
        (Words("weights", "权重").to(language), ", ".join(f"{n} {h[:12]}" for n, h in since.learned.items())),
        (Words("recipe", "参数").to(language), ", ".join(f"{name} {value}" for name, value in dials.items())),
        (Words("measured", "指标").to(language), metrics),
        (Words("goals met", "达到的目标").to(language), goals or none),
        (Words("forms", "格式").to(language), sizes),
        (Words("files", "文件").to(language), str(len(proposal.files))),
    )


def _two(language: Language) -> tuple[str, str]:
    return Words("what", "项目").to(language), Words("value", "内容").to(language)


def _listed(home: Path, found: Sequence[Entry], language: Language) -> Table:
    from finetune.shipping.registry import current, damaged

    heads = (
        Words("Model", "模型"),
        Words("Release", "版本"),
        Words("Current", "当前使用"),
        Words("Base", "基础模型"),
        Words("Data", "数据"),
        Words("Measured", "指标"),
        Words("Forms", "格式"),
        Words("As released", "与发布时一致"),
    )
    yes = Words("yes", "是").to(language)
    rows = tuple(
        (
            entry.name,
            entry.id,
            "✓" if current(home, entry.name) == entry.id else "",
            entry.lineage.base,
            entry.lineage.version[:12],
            ", ".join(f"{name} {e.value:.3f}" for name, e in entry.metrics.items()),
            ", ".join(form for form in entry.compressed.forms if form in WRITTEN),
            ", ".join(damaged(home, entry)) or yes,
        )
        for entry in found
    )
    title = Words("Released models", "已发布的模型")
    return Table(panel="status", title=title.to(language), columns=tuple(h.to(language) for h in heads), rows=rows)
