"""Workbooks for the tests, written by hand: no library that writes them is needed to read them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Grid = Sequence[Sequence[object]]
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def workbook(
    path: Path, sheets: Mapping[str, Grid], merged: Sequence[str] = (), hidden: Sequence[str] = (), head: str = HEAD
) -> Path:
    """`merged`: ranges like "A1:B2" of the first sheet; `head`: what each sheet's XML begins with."""
    listed, links = [], []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for number, (name, grid) in enumerate(sheets.items(), 1):
            state = ' state="hidden"' if name in hidden else ""
            listed.append(f'<sheet name="{escape(name)}" sheetId="{number}"{state} r:id="r{number}"/>')
            links.append(
                f'<Relationship Id="r{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            )
            file.writestr(f"xl/worksheets/sheet{number}.xml", head + _sheet(grid, merged if number == 1 else ()))
        file.writestr("xl/workbook.xml", _book(listed))
        file.writestr("xl/_rels/workbook.xml.rels", _links(links))
        book = f'<Relationship Id="r" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
        file.writestr("_rels/.rels", _links([book]))
        file.writestr("[Content_Types].xml", f'{HEAD}<Types xmlns="{PACKAGE}/content-types"/>')
    return path


def _book(listed: Sequence[str]) -> str:
    return f'{HEAD}<workbook {MAIN} xmlns:r="{RELATIONS}"><sheets>{"".join(listed)}</sheets></workbook>'


def _links(links: Sequence[str]) -> str:
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{"".join(links)}</Relationships>'


def _sheet(grid: Grid, merged: Sequence[str]) -> str:
    rows = "".join(
        f'<row r="{r}">{"".join(_cell(r, c, value) for c, value in enumerate(row) if value is not None)}</row>'
        for r, row in enumerate(grid, 1)
    )
    ranges = "".join(f'<mergeCell ref="{one}"/>' for one in merged)
    return f"<worksheet {MAIN}><sheetData>{rows}</sheetData>" + (
        f"<mergeCells>{ranges}</mergeCells></worksheet>" if ranges else "</worksheet>"
    )


def _cell(row: int, column: int, value: object) -> str:
    place = f"{chr(65 + column)}{row}"
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    text = str(value)
    if text.startswith("#"):
        return f'<c r="{place}" t="e"><v>{text}</v></c>'
    raw = text if re.fullmatch(r"&\w+;", text) else escape(text)
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{raw}</t></is></c>'
