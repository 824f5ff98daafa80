"""What a person sees in a Word document comes out in its order; what is hidden in it is said."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import pytest
from docx.document import Document

from tools.sources.record import Record
from tools.sources.word import read
from workspace.errors import UserError

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def saved(document: Document, path: Path) -> list[Record]:
    document.save(str(path))
    return list(read(path))


def package(path: Path, body: str, **parts: str) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as out:
        out.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')
        for name, inner in parts.items():
            out.writestr(f"word/{name}.xml", f'<w:{name} xmlns:w="{W}">{inner}</w:{name}>')
    return path


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.docx"


class TestText:
    def test_sections_under_their_headings(self, path: Path) -> None:
        document = docx.Document()
        document.add_heading("退货规定", 0)
        document.add_heading("Returns", 1)
        document.add_paragraph("In 30 days.")
        document.add_paragraph("By post", style="List Bullet")
        document.add_heading("Fees", 2)
        document.add_paragraph("None.")
        found = saved(document, path)
        assert [record.values["text"] for record in found] == [
            "# 退货规定\n\n# Returns\n\nIn 30 days.\n\n- By post",
            "## Fees\n\nNone.",
        ]
        assert [record.line for record in found] == [1, 5]

    def test_tables_row_by_row(self, path: Path) -> None:
        document = docx.Document()
        document.add_paragraph("Before.")
        table = document.add_table(4, 2)
        for row, cells in zip(table.rows, [("国家", "Fee"), ("中国", "12"), ("", "13"), ("all", "")], strict=True):
            row.cells[0].text, row.cells[1].text = cells
        table.cell(1, 0).merge(table.cell(2, 0))
        table.cell(3, 0).merge(table.cell(3, 1))
        document.add_paragraph("After.")
        found = saved(document, path)
        assert [(dict(record.values), record.sheet) for record in found] == [
            ({"text": "Before."}, None),
            ({"国家": "中国", "Fee": "12"}, "table 1"),
            ({"国家": "中国", "Fee": "13"}, "table 1"),
            ({"国家": "all", "Fee": "all"}, "table 1"),
            ({"text": "After."}, None),
        ]

    def test_headers_and_footers_once(self, path: Path) -> None:
        document = docx.Document()
        document.add_paragraph("Body.")
        document.sections[0].header.paragraphs[0].text = "ACME"
        document.sections[0].footer.paragraphs[0].text = "draft 2"
        (record,) = saved(document, path)
        assert str(record.values["text"]).split("\n\n") == ["Body.", "draft 2", "ACME"]

    def test_text_boxes_once_and_notes(self, path: Path) -> None:
        box = f"<w:txbxContent>{paragraph('In the box.')}</w:txbxContent>"
        choice = f"<w:Choice>{box}</w:Choice><w:Fallback>{box}</w:Fallback>"
        twice = f"<w:r><w:AlternateContent>{choice}</w:AlternateContent></w:r>"
        note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
        body = f"<w:p><w:r><w:t>Seen</w:t><w:tab/><w:t>here.</w:t></w:r>{twice}{note}</w:p>"
        package(path, body, footnotes=f'<w:footnote w:id="2">{paragraph("A note.")}</w:footnote>')
        (record,) = read(path)
        assert str(record.values["text"]).split("\n\n") == ["Seen\there.", "In the box.", "A note."]

    def test_deleted_text_is_left_out_and_said(self, path: Path) -> None:
        changed = (
            "<w:p><w:r><w:t>Fees are </w:t></w:r><w:del><w:r><w:delText>ten</w:delText></w:r></w:del>"
            "<w:ins><w:r><w:t>twelve</w:t></w:r></w:ins></w:p>"
        )
        first, last = read(package(path, changed))
        assert (first.values["text"], last.raw) == ("Fees are twelve", "ten")
        assert last.problem.startswith("left out")


class TestNumbering:
    LEVELS = (
        '<w:abstractNum w:abstractNumId="0">'
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1条"/></w:lvl>'
        '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl>'
        '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="9"/>'
        "</w:lvlOverride></w:num>"
    )

    @staticmethod
    def listed(text: str, level: int, number: int = 1) -> str:
        return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')

    def test_numbers_that_word_writes_itself(self, path: Path) -> None:
        items = [("a", 0, 1), ("b", 1, 1), ("c", 1, 1), ("d", 0, 1), ("e", 1, 1), ("f", 0, 2), ("g", 0, 2)]
        package(path, "".join(self.listed(*item) for item in items), numbering=self.LEVELS)
        (record,) = read(path)
        expected = ["第一条 a", "1. b", "2. c", "第二条 d", "1. e", "第九条 f", "第十条 g"]
        assert str(record.values["text"]).split("\n\n") == expected


class TestBadFiles:
    @staticmethod
    def reason(path: Path) -> str:
        with pytest.raises(UserError) as caught:
            list(read(path))
        assert caught.value.problem.zh
        return caught.value.problem.en

    def test_no_zip(self, path: Path) -> None:
        path.write_bytes(b"PK\x03\x04 and no more")
        assert "damaged" in self.reason(path)

    def test_cut_off(self, path: Path) -> None:
        docx.Document().save(str(path))
        path.write_bytes(path.read_bytes()[:-500])
        assert "damaged" in self.reason(path)

    @pytest.mark.parametrize(
        "doctype",
        [
            '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
            '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY x "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        ],
    )
    def test_entities(self, path: Path, doctype: str) -> None:
        with ZipFile(path, "w") as out:
            body = f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>a &x; b</w:t></w:r></w:p></w:body></w:document>'
            out.writestr("word/document.xml", doctype + body)
        assert "entities" in self.reason(path)

    def test_nesting_without_end(self, path: Path) -> None:
        package(path, "<w:sdt>" * 10_000 + paragraph("deep") + "</w:sdt>" * 10_000)
        assert "XML" in self.reason(path)

    def test_many_paragraphs(self, path: Path) -> None:
        package(path, paragraph("One of many.") * 20_000)
        assert sum(str(record.values["text"]).count("One of many.") for record in read(path)) == 20_000
