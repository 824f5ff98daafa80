"""Data sets of Hugging Face, ModelScope and Kaggle by name: their files are fetched once and read like any others."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from tools.base import Kit, Source
from tools.sources.download import Remote, download
from tools.sources.files import read_file
from tools.sources.listings import Listing, Name, listing
from tools.sources.records import Place, placed, stopped
from tools.sources.rows import SPLITS
from tools.sources.web import Limits, opened
from workspace.errors import UserError
from workspace.sample import Sample, Split
from workspace.settings import settings
from workspace.words import Words

if TYPE_CHECKING:
    from httpx import Client

DATA = (".parquet", ".pq", ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".xlsx", ".zip", ".gz", ".tar", ".tgz", ".bz2")
# Files about the data set, which are not its rows.
ABOUT = ("dataset_infos.json", "dataset_info.json", "dataset-metadata.json", "configuration.json", "config.json")
PART = re.compile(r"(?:^|[/_.-])(train|validation|valid|val|dev|test)(?=[/_.-]|$)", re.IGNORECASE)


class Hub(Source):
    """`dataset` is owner/name; `files` are patterns such as data/*.parquet, without which every table of it is read."""

    name: ClassVar[str] = "hub"
    words: ClassVar[Words] = Words("rows of a public data set", "来自公开数据集的数据")
    hub: Name = "huggingface"
    dataset: str
    revision: str | None = None
    files: tuple[str, ...] = ()
    licence: str | None = None
    mapping: dict[str, str] = {}
    tables: bool = False
    most_bytes: int = Field(2_000_000_000, ge=1, description="Of one file")
    seconds: float = Field(60, gt=0, description="Without a byte")
    tries: int = Field(5, ge=1, le=20)
    wait: float = Field(1, ge=0, le=60, description="Seconds before the second try; doubled each time")

    def read(self, kit: Kit) -> Iterator[Sample]:
        """Rows in = rows out, file after file. Raises UserError where the data set can't be had or has no rows."""
        with opened() as client:
            found = listing(self.hub, self.dataset, self.revision, client, self.limits)
            names = (re.sub(r"[^\w-]+", "-", name) for name in (self.dataset, found.revision))
            folder = kit.project.folder.joinpath("hub", self.hub, *names)
            for number, file in enumerate(self._chosen(found.files)):
                place = self._place(found, file)
                try:
                    path = self._fetched(client, file, folder, found)
                    yield from self._rows(path, file, place, kit)
                except UserError as error:
                    if number == 0:
                        raise
                    yield stopped(place, f"{file.path}: {error.problem.en} {error.fix.en}")
                    return

    @property
    def limits(self) -> Limits:
        endpoint = settings().hub_endpoints[self.hub]
        return Limits(self.seconds, self.most_bytes, self.tries, self.wait, trusted=endpoint.partition("//")[2])

    def _fetched(self, client: Client, file: Remote, folder: Path, found: Listing) -> Path:
        return download(client, file, folder, found.headers, self.limits)

    def _rows(self, path: Path, file: Remote, place: Place, kit: Kit) -> Iterator[Sample]:
        split = split_of(file.path)
        for row in read_file(path, place.file, self.mapping, kit.spec, tables=self.tables):
            origin = row.origin.model_copy(update={"source": place.source, "licence": place.licence})
            yield placed(row.model_copy(update={"split": row.split or split}), origin)

    def _place(self, found: Listing, file: Remote) -> Place:
        name = f"{self.hub}:{self.dataset}@{found.revision[:12]}/{file.path}"
        return Place("hub", name, self.licence or found.licence, self.mapping, self.tables)

    def _chosen(self, files: Sequence[Remote]) -> list[Remote]:
        """In the order of their names, so that the same revision gives the same rows."""
        chosen = sorted((file for file in files if self._wanted(file.path)), key=lambda file: file.path)
        if not chosen:
            known = ", ".join(file.path for file in files[:20]) or "-"
            raise UserError(
                Words(f"{self.dataset} has no such table.", f"{self.dataset} 里没有符合的数据文件。"),
                Words(f"Its files are: {known}.", f"它的文件有：{known}。"),
            )
        return chosen

    def _wanted(self, path: str) -> bool:
        name = PurePosixPath(path).name
        if self.files:
            return any(fnmatch.fnmatchcase(path, pattern) for pattern in self.files)
        return name.lower().endswith(DATA) and name not in ABOUT and not name.startswith(".")


def split_of(path: str) -> Split | None:
    """Test rows of a public data set stay test rows: their file's name says so."""
    found = PART.search(path)
    return SPLITS.get(found[1].lower()) if found else None
