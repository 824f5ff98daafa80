"""What stands in a picture comes out as text, and a picture that can't be read says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from tools.sources.ocr import _mended, read
from workspace.errors import UserError

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")


def drawn(*lines: str) -> Image.Image:
    picture = Image.new("L", (900, 100 + 60 * len(lines)), 255)
    font = ImageFont.truetype(str(FONT), 32)
    for n, line in enumerate(lines):
        ImageDraw.Draw(picture).text((50, 50 + 60 * n), line, font=font, fill=0)
    return picture


@pytest.mark.slow
@pytest.mark.skipif(not FONT.exists(), reason="there is no font with Chinese characters here")
class TestReading:
    LINES = ("Refunds take 14 days.", "客户在七天之内可以申请退款。")

    @pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tiff"])
    def test_english_and_chinese(self, tmp_path: Path, name: str) -> None:
        drawn(*self.LINES).save(tmp_path / name)
        (record,) = read(tmp_path / name)
        assert record.values == {"text": "\n".join(self.LINES)}
        assert record.confidence is not None
        assert 0.9 < record.confidence <= 1
        assert record.page is None

    def test_a_page_that_lies_on_its_side(self, tmp_path: Path) -> None:
        drawn(*self.LINES).rotate(90, expand=True).save(tmp_path / "a.png")
        (record,) = read(tmp_path / "a.png")
        assert record.values == {"text": "\n".join(self.LINES)}

    def test_pages_of_a_tiff(self, tmp_path: Path) -> None:
        first, second = (drawn(line) for line in self.LINES)
        first.save(tmp_path / "a.tiff", save_all=True, append_images=[second])
        assert [(record.page, record.values["text"]) for record in read(tmp_path / "a.tiff")] == [
            (1, self.LINES[0]),
            (2, self.LINES[1]),
        ]

    def test_nothing_on_it(self, tmp_path: Path) -> None:
        drawn().save(tmp_path / "a.png")
        (record,) = read(tmp_path / "a.png")
        assert "no text" in record.problem


def test_brackets_have_the_width_of_their_partners() -> None:
    assert _mended("氟（NOF)与 (a) 及(锌） ") == "氟（NOF）与 (a) 及（锌）"


class TestBadFiles:
    @pytest.mark.parametrize(
        "content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n and no more", b"GIF89a\xff\xff\xff\xff"]
    )
    def test_no_picture(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "a.png").write_bytes(content)
        with pytest.raises(UserError) as caught:
            list(read(tmp_path / "a.png"))
        assert caught.value.problem.zh

    def test_a_bomb_is_refused_before_it_is_decoded(self, tmp_path: Path) -> None:
        Image.new("1", (30_000, 30_000)).save(tmp_path / "a.png")
        with pytest.raises(UserError, match="30000 × 30000 pixels"):
            list(read(tmp_path / "a.png"))

    def test_cut_off(self, tmp_path: Path) -> None:
        Image.effect_noise((400, 400), 90).save(tmp_path / "a.png")
        (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:20_000])
        with pytest.raises(UserError):
            list(read(tmp_path / "a.png"))
