"""Variants point at their parents, keep label and place, and are all accounted for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tests.contract.kits import kit, said
from tests.scripted import Call, Scripted
from tools.base import Kit
from tools.edits.augment import Augment
from tools.edits.split import Split
from tools.llm import Chat
from workspace.errors import UserError
from workspace.sample import Origin, Sample

TEXTS = [
    "Where is the card that I ordered on 3 May?",
    "我的订单已经到公司了吗，请帮我查一下",
    "please close my account at the bank",
]


def varied(
    rows: list[Sample], home: Path, chat: Chat | None = None, **options: object
) -> tuple[list[Sample], list[Sample]]:
    """(the rows themselves, their variants)"""
    out = list(Augment(**options).apply(iter(rows), replace(kit(home), chat=chat)))
    ids = {row.id for row in rows}
    return [row for row in out if row.id in ids], [row for row in out if row.id not in ids]


def test_slips_of_the_keyboard(tmp_path: Path) -> None:
    rows = [said(text, id=f"p{n}", split="train") for n, text in enumerate(TEXTS)]
    same, made = varied(rows, tmp_path, ways=["typing"], copies=2)
    assert same == rows
    assert [row.origin.parent for row in made] == ["p0", "p0", "p1", "p1", "p2", "p2"]
    assert all(row.kept and row.label == "lost_card" and row.split == "train" for row in made)
    assert len({row.id for row in made}) == 6
    assert varied(rows, tmp_path, ways=["typing"], copies=2)[1] == made


def test_none_of_the_test_and_none_of_what_is_dropped(tmp_path: Path) -> None:
    rows = [said(TEXTS[0], split="test"), Sample(id="t", messages=(), origin=Origin(source="files"), fields={"a": 1})]
    assert varied(rows, tmp_path, ways=["typing"])[1] == []


def test_variants_stay_with_their_parents(tmp_path: Path) -> None:
    rows = [said(f"{text} and {chr(97 + n) * 9}", id=f"p{n}{i}") for n in range(8) for i, text in enumerate(TEXTS)]
    same, made = varied(rows, tmp_path, ways=["typing"], copies=3)
    out = {row.id: row for row in Split(test_share=0.3).apply([*same, *made], kit(tmp_path))}
    assert Counter(row.split for row in out.values() if row.kept)["train"] > 40
    assert all(out[row.origin.parent].split == row.split for row in out.values() if row.kept and row.origin.parent)


def replies(call: Call) -> dict[str, object]:
    fields = call.schema["properties"]
    if "texts" in fields:
        return {"texts": ["Has the card from 3 May been sent?", "Has the card from 4 May been sent?"]}
    if "words" in fields:
        return {"words": [{"word": "ordered", "other": "requested"}, {"word": "absent", "other": "away"}]}
    if "into English" in call.prompt:
        return {"text": "Where is the card I asked for on 3 May?"}
    return {"text": "3月3日に頼んだカードはどこですか"}


def test_a_model_says_it_in_other_words_and_what_it_gets_wrong_is_told(
    tmp_path: Path, scripted: Scripted, chat: Chat
) -> None:
    scripted.script = replies
    row = said(TEXTS[0], id="p0")
    ways = ["paraphrase", "synonyms", "back-translation"]
    _, made = varied([row], tmp_path, chat, ways=ways, copies=2, through=["ja"])
    assert [(one.question, one.kept) for one in made] == [
        ("Has the card from 3 May been sent?", True),
        ("Has the card from 4 May been sent?", False),
        ("Where is the card that I requested on 3 May?", True),
        ("Where is the card that I requested on 3 May?", True),
        ("Where is the card I asked for on 3 May?", True),
        ("Where is the card I asked for on 3 May?", True),
    ]
    assert "number" in made[1].dropped_by.reason
    assert sum("into Japanese" in call.prompt for call in scripted.calls) == 2
    before = len(scripted.calls)
    assert varied([row], tmp_path, chat, ways=ways, copies=2, through=["ja"])[1] == made
    assert len(scripted.calls) == before


def test_without_a_model_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        varied([said(TEXTS[0])], tmp_path, ways=["paraphrase"])
    with pytest.raises(UserError):
        varied([said(TEXTS[0])], tmp_path, ways=["rotate"])


def test_pictures_are_turned_and_cut(tmp_path: Path) -> None:
    Image.radial_gradient("L").resize((60, 40)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("no picture")
    rows = [
        Sample(id=name, messages=(), origin=Origin(source="files"), fields={"file": f"{name}.png", "kind": "lamp"})
        for name in ("a", "b")
    ]
    _, made = varied(rows, tmp_path, ways=["rotate", "crop"], picture="file", folder=str(tmp_path))
    assert [(row.origin.parent, row.kept) for row in made] == [("a", True), ("a", True), ("b", False), ("b", False)]
    pictures = [Image.open(row.fields["file"]) for row in made[:2]]
    assert all(picture.size == (60, 40) for picture in pictures)
    original = Image.open(tmp_path / "a.png").convert("RGB").tobytes()
    assert len({original, *(picture.tobytes() for picture in pictures)}) == 3


def test_the_kit_of_a_build_asks_for_none(tmp_path: Path) -> None:
    usual: Kit = kit(tmp_path)
    assert list(Augment().apply([said("x")], usual)) == [said("x")]
