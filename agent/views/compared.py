"""Two versions of a project side by side, as a panel shows them: the verdict, the counts, what moved, some rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from agent.views.lineage import card_of, measured, models_of
from agent.wording import shown
from workspace.errors import UserError
from workspace.project import Project
from workspace.results import Version
from workspace.spec import Spec, question
from workspace.words import Language, Words

if TYPE_CHECKING:
    from tools.differences import Difference

ROWS = {
    "added": Words("added", "新增"),
    "removed": Words("removed", "删除"),
    "changed": Words("changed", "修改"),
    "same": Words("the same", "不变"),
}
NOTHING = "–"
MODEL = Words("what the model reaches (95% interval)", "模型达到（95% 区间）")
FIGURES = {
    "rows": Words("rows", "条数"),
    "characters asked": Words("characters a question", "问题平均字数"),
    "characters answered": Words("characters an answer", "回答平均字数"),
    "twice": Words("rows that stand there twice", "重复的数据"),
    "language en": Words("in English", "英文"),
    "language zh": Words("in Chinese", "中文"),
    "split train": Words("rows to train on", "训练数据"),
    "split validation": Words("rows that watch", "验证数据"),
    "split test": Words("rows held back for the test", "测试数据"),
    "from files": Words("from your files", "来自您的文件"),
    "from generate": Words("written by the model", "模型生成"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A row that differs; `before` or `after` is empty where it was added or removed."""

    kind: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Compared:
    """From `one` to `other`, by their numbers; `counts` and `moved` are (name, …) in the person's words."""

    one: str
    other: str
    verdict: str
    counts: tuple[tuple[str, int], ...]
    moved: tuple[tuple[str, str, str], ...]
    rows: tuple[Shown, ...]


def version_of(project: Project, hash: str) -> Version:
    """Of this project and no other. Raises UserError where it has none of that hash."""
    from tools.versions import versions

    for version in versions(project):
        if version.hash == hash:
            return version
    raise UserError(
        Words("There is no such version in this project.", "本项目里没有这个版本。"),
        Words("Choose one of those that are listed.", "请从列表中选择。"),
    )


def compared(project: Project, a: str, b: str, language: Language) -> Compared:
    """By their hashes; the older one comes first. With many rows it takes a while, the first time."""
    one, other = sorted((version_of(project, a), version_of(project, b)), key=lambda version: _age(project, version))
    found = _difference(project.folder, one.hash, other.hash)
    counts = {"added": found.added, "removed": found.removed, "changed": found.changed, "same": found.same}
    return Compared(
        one=one.number,
        other=other.number,
        verdict=found.verdict.to(language),
        counts=tuple((ROWS[name].to(language), count) for name, count in counts.items()),
        moved=tuple(_moved(project, one, other, found, language)),
        rows=tuple(Shown(ROWS[row.kind].to(language), row.before, row.after) for row in found.examples),
    )


@lru_cache(maxsize=32)
def _difference(folder: Path, a: str, b: str) -> Difference:
    """What is frozen never changes, so neither does the difference."""
    from tools.versions import compare

    project = Project(folder.parents[1], folder.name)
    return compare(project, version_of(project, a), project, version_of(project, b))


def _age(project: Project, version: Version) -> tuple[int, ...]:
    return tuple(map(int, version.number.removeprefix("v").split(".")))


def _moved(
    project: Project, one: Version, other: Version, found: Difference, language: Language
) -> list[tuple[str, str, str]]:
    from tools.versions import spec_of

    before, after = spec_of(project, one), spec_of(project, other)
    scores = _scores(project, one, language), _scores(project, other, language)
    # Which model is better is what people compare two versions for.
    rows = [(MODEL.to(language), *scores)] if scores != (NOTHING, NOTHING) else []
    rows += [
        (question(name).title.to(language), _stated(before, name, language), _stated(after, name, language))
        for name in found.spec
    ]
    rows += [(FIGURES.get(name, Words(name, name)).to(language), *pair) for name, pair in found.figures.items()]
    rows += [(name, str(x), str(y)) for name, (x, y) in found.labels.items() if x != y]
    if found.code[0] != found.code[1]:
        rows.append((Words("Code", "代码").to(language), str(found.code[0]), str(found.code[1])))
    return rows


def _scores(project: Project, version: Version, language: Language) -> str:
    """What each model tuned on it reached, with its interval."""
    own = [folder for folder, model in models_of(project) if model.version == version.hash]
    cards = [(folder, card) for folder in own if (card := card_of(project, folder))]
    many = len(cards) > 1
    said = [f"{measured(card, language)}{f' · {folder.name}' if many else ''}" for folder, card in cards]
    return "; ".join(said) or NOTHING


def _stated(spec: Spec, name: str, language: Language) -> str:
    stated = getattr(spec, name)
    return shown(name, stated.value, language) if stated else NOTHING
