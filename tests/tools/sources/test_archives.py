"""Every file of a folder or archive is read or refused with its reason, and no archive can harm what is around it."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.tools.sources.test_tables import rows_of
from tests.tools.sources.workbooks import workbook
from tools.sources import archives
from tools.sources.archives import Room
from tools.sources.files import read_file
from tools.sources.kinds import MB
from tools.sources.record import Record
from workspace.errors import UserError
from workspace.spec import Spec

BANK = "text,label\nlost it,card\n"
CITIES = "city,beds\nRome,12\n北京,7\n"


def packed(path: Path, **members: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return path


def unpacked(path: Path, **room: int) -> list[Record]:
    return list(archives.unpacked(path, Room(**room)))


def test_each_file_of_a_folder_by_its_own_columns(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "in").mkdir(parents=True)
    (folder / "a.csv").write_text(BANK)
    (folder / "in" / "b.csv").write_text(CITIES)
    workbook(folder / "c.xlsx", {"S": [["n", "m"], [1, 2]]})
    (folder / "d.bin").write_bytes(b"\x00\x01\x02" * 50)
    (folder / ".hidden").write_text("x")
    os.symlink(tmp_path / "a.csv", folder / "e.csv")
    rows = rows_of(folder)
    assert [(row.origin.file, row.origin.sheet, row.kept) for row in rows] == [
        ("data/.hidden", None, False),
        ("data/a.csv", None, True),
        ("data/c.xlsx", "S", True),
        ("data/d.bin", None, False),
        ("data/e.csv", None, False),
        ("data/in/b.csv", None, True),
        ("data/in/b.csv", None, True),
    ]
    assert (rows[1].question, rows[1].label) == ("lost it", "card")
    assert rows[5].fields == {"city": "Rome", "beds": "12"}
    assert [row.dropped_by.reason.rsplit(": ", 1)[1][:20] for row in rows if not row.kept] == [
        "it is hidden",
        "d.bin is a file that",
        "it is a link, not a ",
    ]


def test_a_build_takes_of_an_archive_what_has_question_and_answer(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", a_dot_csv=BANK, b_dot_csv=CITIES)
    rows = list(read_file(path, path.name, {}, Spec()))
    assert [row.kept for row in rows] == [True, False, False]


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.bz2"])
def test_archives_of_every_kind(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    if kind == "zip":
        packed(path, a_dot_csv=BANK, 目录__b_dot_csv=CITIES)
    else:
        with tarfile.open(path, f"w:{kind.partition('.')[2]}") as file:  # type: ignore[call-overload]
            for name, text in (("a.csv", BANK), ("目录/b.csv", CITIES)):
                info = tarfile.TarInfo(name)
                info.size = len(text.encode())
                file.addfile(info, io.BytesIO(text.encode()))
    rows = rows_of(path)
    assert [row.origin.file for row in rows] == [f"{path.name}/a.csv"] + [f"{path.name}/目录/b.csv"] * 2


def test_a_file_packed_alone_is_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(BANK.encode()))
    (row,) = read_file(path, path.name, {}, Spec())
    assert (row.label, row.origin.file) == ("card", "a.csv.gz")


def test_a_name_packed_in_china(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(zipfile.ZipInfo("ABCD.csv"), CITIES)
    path.write_bytes(path.read_bytes().replace(b"ABCD.csv", "客户".encode("gbk") + b".csv"))
    assert {row.origin.file for row in rows_of(path)} == {"a.zip/客户.csv"}


class TestHostile:
    def test_paths_that_lead_out_and_links_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w") as file:
            for name in ("../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "..\\evil.csv", "good.csv"):
                file.writestr(zipfile.ZipInfo(name), CITIES)
            link = zipfile.ZipInfo("link.csv")
            link.external_attr = 0o120777 << 16
            file.writestr(link, "/etc/passwd")
        found = unpacked(path)
        assert [record.file for record in found if not record.problem] == ["good.csv"] * 2
        assert [record.problem for record in found if record.problem] == [*[archives.OUTSIDE] * 4, archives.LINK]
        assert [p.name for p in tmp_path.rglob("*evil*")] == []

    def test_links_in_a_tar(self, tmp_path: Path) -> None:
        path = tmp_path / "a.tar"
        with tarfile.open(path, "w") as file:
            info = tarfile.TarInfo("link.csv")
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            file.addfile(info)
        assert [record.problem for record in unpacked(path)] == [archives.LINK]

    def test_a_file_that_grows_too_much_is_refused_alone(self, tmp_path: Path) -> None:
        path = packed(tmp_path / "a.zip", bomb_dot_csv=b"0" * 3 * MB, good_dot_csv=CITIES)
        bomb, *good = unpacked(path, small=1 * MB)
        assert "200 times its packed size" in bomb.problem
        assert [record.problem for record in good] == ["", ""]

    def test_archives_in_archives_are_opened_two_deep(self, tmp_path: Path) -> None:
        content: bytes = packed(tmp_path / "0.zip", a_dot_csv=CITIES).read_bytes()
        for depth in range(1, 4):
            path = packed(tmp_path / f"{depth}.zip", inner_dot_zip=content)
            content = path.read_bytes()
            found = unpacked(path)
            assert bool(found[0].problem) == (depth > 2)
        assert "no deeper" in found[0].problem
        assert found[0].file == "inner.zip/inner.zip/inner.zip"

    def test_what_inner_archives_unpack_counts_together(self, tmp_path: Path) -> None:
        inner = packed(tmp_path / "inner.zip", a_dot_csv="city,n\n" + "Rome,1\n" * 100_000).read_bytes()
        path = packed(tmp_path / "a.zip", **{f"i{n}_dot_zip": inner for n in range(5)})
        found = unpacked(path, size=2 * MB)
        assert sum("larger than" in record.problem for record in found) == 3

    def test_too_many_files(self, tmp_path: Path) -> None:
        path = packed(tmp_path / "a.zip", **{f"f{n}_dot_csv": CITIES for n in range(30)})
        with pytest.raises(UserError, match="more than 20 files"):
            unpacked(path, files=20)

    def test_a_password(self, tmp_path: Path) -> None:
        path = packed(tmp_path / "a.zip", a_dot_csv=CITIES, b_dot_csv=CITIES)
        content = bytearray(path.read_bytes())
        content[6] |= 1
        content[content.index(b"PK\x01\x02") + 8] |= 1
        path.write_bytes(content)
        first, *rest = unpacked(path)
        assert (first.problem, len(rest)) == (archives.PROTECTED, 2)

    def test_cut_off(self, tmp_path: Path) -> None:
        path = packed(tmp_path / "a.zip", a_dot_csv=CITIES * 100)
        path.write_bytes(path.read_bytes()[:-30])
        with pytest.raises(UserError, match="cut off"):
            rows_of(path)

    def test_cut_off_behind_a_whole_file(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text(CITIES)
        (tmp_path / "b.csv").write_bytes(os.urandom(100_000))
        path = tmp_path / "a.tar.gz"
        with tarfile.open(path, "w:gz") as file:
            file.add(tmp_path / "a.csv", "a.csv")
            file.add(tmp_path / "b.csv", "b.csv")
        path.write_bytes(path.read_bytes()[:50_000])
        *good, last = rows_of(path)
        assert [row.kept for row in good] == [True, True]
        assert "damaged from here on" in last.dropped_by.reason
