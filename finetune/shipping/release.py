"""From a tuned model's folder to what would be released of it, or the reason why it may not be."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from finetune.base import base_folder
from finetune.identity import base_hash, learned, unchanged
from finetune.job import JOB, MODEL, job_in, tuned
from finetune.shipping.compress import PLACES, REPORT, bytes_of, files_of, made_of
from finetune.shipping.registry import Lineage, Proposal, current, named, next_number
from finetune.shipping.tables import verdict
from workspace.errors import UserError
from workspace.project import file_hash
from workspace.results import Compressed, ReportCard
from workspace.words import Words

KEPT = (MODEL, JOB, "adapter_config.json", "adapter_model.safetensors")


def lineage(folder: Path, specification: str, project: str) -> Lineage:
    model = tuned(folder)
    return Lineage(
        specification=specification,
        project=project,
        version=model.version,
        base=model.base,
        base_hash=model.base_hash or base_hash(base_folder(model.base)),
        learned=model.files or learned(folder),
        recipe=job_in(folder).recipe,
    )


def propose(
    home: Path, folder: Path, name: str, compressed: Path, report: Path, since: Lineage
) -> tuple[Proposal, dict[str, Path]]:
    """What would be released, and the files it would be copied from.

    Raises UserError where forms were not compared, differ beyond the bounds or changed since, where there is no report
    card of this model on its own rows, and where it misses a threshold.
    """
    unchanged(tuned(folder), folder)
    found, card = _compared(folder, compressed), _judged(report, folder)
    sources = _sources(folder, compressed, report, found)
    number, rise = next_number(home, named(name), since)
    proposal = Proposal(
        name=name,
        number=number,
        rise=rise,
        instead_of=current(home, name),
        lineage=since,
        metrics=card.systems["tuned"].metrics,
        thresholds=card.thresholds,
        compressed=found,
        files={place: file_hash(path) for place, path in sources.items()},
    )
    return proposal, sources


def _compared(folder: Path, compressed: Path) -> Compressed:
    again = Words(
        "Write its forms first: “Write its forms” on the model's page does it, and so does `tunesmith compress MODEL`.",
        "请先生成各种格式：在模型页面上点“生成格式”，或运行 `tunesmith compress 模型`。",
    )
    try:
        found = Compressed.model_validate_json((compressed / REPORT).read_bytes())
    except (FileNotFoundError, ValidationError) as error:
        raise UserError(
            Words("The forms of this model have not been compared.", "尚未比较该模型的各种格式。"), again
        ) from error
    if found.key != made_of(tuned(folder), folder):
        raise UserError(
            Words("The forms were made of other weights than the model has now.", "各种格式来自与当前模型不同的权重。"),
            again,
        )
    for form in PLACES.keys() & found.forms.keys():
        if bytes_of(compressed / PLACES[form]) != found.forms[form].hash:
            raise UserError(
                Words(f"{PLACES[form]} has changed since it was compared.", f"{PLACES[form]} 在比较之后被改动过。"),
                Words("Delete it and compress again.", "请删除后重新压缩。"),
            )
    if not found.released:
        raise _differs(found)
    return found


def _differs(found: Compressed) -> UserError:
    bad = [form for form, score in found.forms.items() if score.refused]
    good = ",".join(form for form in PLACES if form in found.forms and form not in bad)
    fix = (
        Words(
            f"Release it without: `tunesmith compress MODEL --to {good}`.",
            f"去掉后再发布：`tunesmith compress 模型 --to {good}`。",
        )
        if good and "bf16" not in bad
        else Words(
            "Merging itself changes its answers: train longer or on more rows, so that it is surer of them.",
            "合并本身就改变了回答：请训练更久或用更多数据，让模型更有把握。",
        )
    )
    return UserError(Words(verdict(found, "en"), verdict(found, "zh")), fix)


def belongs(card: ReportCard, folder: Path) -> bool:
    """Whether it judges the model in this folder, on the rows that were held back from it where there were some."""
    held, test = job_in(folder).held, card.test
    if test is None or test.version != tuned(folder).version:
        return False
    return not held.rows or test.hash == held.hash


def _judged(report: Path, folder: Path) -> ReportCard:
    if not report.is_file():
        raise UserError(
            Words("This model has no report card.", "该模型还没有成绩单。"),
            Words("Judge it first: `tunesmith evaluate MODEL`.", "请先评测：`tunesmith evaluate 模型`。"),
        )
    card = ReportCard.model_validate_json(report.read_bytes())
    if not belongs(card, folder):
        raise UserError(
            Words("The report card is of other rows or of another model.", "这份成绩单针对的是其他数据或其他模型。"),
            Words(
                "Judge it on its own rows: `tunesmith evaluate MODEL`.",
                "请用模型自己的数据评测：`tunesmith evaluate 模型`。",
            ),
        )
    missed = [
        f"{t.metric} {'-' if t.reached is None else t.reached} ({'≤' if t.at_most else '≥'} {t.goal})"
        for t in card.thresholds
        if not t.met
    ]
    if missed:
        raise UserError(
            Words(
                f"The model misses a goal; reached, and wanted in brackets: {', '.join(missed)}.",
                f"模型未达到目标；实际值（括号内为目标）：{'、'.join(missed)}。",
            ),
            Words("The report card says what to do next.", "成绩单里说明了下一步怎么做。"),
        )
    return card


def _sources(folder: Path, compressed: Path, report: Path, found: Compressed) -> dict[str, Path]:
    sources = {f"model/{name}": folder / name for name in KEPT if (folder / name).is_file()}
    sources |= {"report.json": report, REPORT: compressed / REPORT}
    for form, place in PLACES.items():
        if form in found.forms:
            for path in files_of(compressed / place):
                sources[f"forms/{path.relative_to(compressed).as_posix()}"] = path
    return sources
