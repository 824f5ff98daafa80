"""A version in Croissant 1.0, the description of data sets that search engines and loaders read."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from tools.dataset_card import licence_of
from tools.versions import passport, spec_of
from workspace.project import Project, read_samples
from workspace.results import Version
from workspace.words import Language, language_of

# https://docs.mlcommons.org/croissant/docs/croissant-spec.html, its recommended context
CONTEXT: dict[str, object] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
LICENCES = "https://spdx.org/licenses/"
COLUMNS = {
    "id": "what the row is called",
    "messages": "who says what, the answer last",
    "label": "the kind of the message, where it has one",
    "split": "train, validation or test",
}
TURN = {"role": "system, user or assistant", "content": "what is said"}


def croissant(project: Project, version: Version, language: Language = "en") -> str:
    """JSON-LD beside data.jsonl, whose SHA-256 it names."""
    folder = project.folder / version.folder
    rows = list(read_samples(folder / "data.jsonl"))
    present = {"id", "messages"} | {name for name in ("label", "split") if any(getattr(row, name) for row in rows)}
    goal = spec_of(project, version).goal
    made = datetime.fromtimestamp((folder / "version.json").stat().st_mtime, UTC)
    licence = licence_of(rows)
    known = str(licence["license"])
    stated = next((row.origin.licence for row in rows if row.origin.licence), None) or known
    described: dict[str, object] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": f"{project.name}-{version.number}",
        "description": str(goal.value) if goal else project.name,
        "version": version.number.removeprefix("v"),
        "license": f"{LICENCES}{'-'.join(stated.split())}"
        if known not in ("other", "unknown")
        else licence.get("license_name", known),
        "url": f"urn:sha256:{version.hash}",
        "citeAs": f"{project.name} {version.number}, sha256:{version.hash}",
        "datePublished": made.strftime("%Y-%m-%dT%H:%M:%S"),
        "inLanguage": sorted({language_of(row.question) for row in rows}),
        "isLiveDataset": False,
        "rai:dataCollection": passport(project, version, language),
        "distribution": [_file(version, (folder / "data.jsonl").stat().st_size)],
        "recordSet": [_records([name for name in COLUMNS if name in present])],
    }
    return orjson.dumps(described, option=orjson.OPT_INDENT_2).decode() + "\n"


def _file(version: Version, size: int) -> dict[str, object]:
    return {
        "@type": "cr:FileObject",
        "@id": "data.jsonl",
        "name": "data.jsonl",
        "description": "every kept row, one a line",
        "contentUrl": "data.jsonl",
        "contentSize": f"{size} B",
        "encodingFormat": "application/jsonlines",
        "sha256": version.hash,
    }


def _records(names: list[str]) -> dict[str, object]:
    fields = [_turns() if name == "messages" else _field(name, name, COLUMNS[name]) for name in names]
    return {
        "@type": "cr:RecordSet",
        "@id": "rows",
        "name": "rows",
        "key": {"@id": "rows/id"},
        "field": fields,
    }


def _field(path: str, column: str, description: str) -> dict[str, object]:
    source: dict[str, object] = {"fileObject": {"@id": "data.jsonl"}, "extract": {"column": column}}
    if path != column:
        source["transform"] = {"jsonPath": f"$[*].{path.rpartition('/')[2]}"}
    return {
        "@type": "cr:Field",
        "@id": f"rows/{path}",
        "name": path.rpartition("/")[2],
        "description": description,
        "dataType": "sc:Text",
        "source": source,
    }


def _turns() -> dict[str, object]:
    """A list of objects is a repeated field with fields of its own."""
    inner = [_field(f"messages/{name}", "messages", told) for name, told in TURN.items()]
    return {
        "@type": "cr:Field",
        "@id": "rows/messages",
        "name": "messages",
        "description": COLUMNS["messages"],
        "repeated": True,
        "subField": inner,
    }
