"""Documents are kept whole, found at their exact place, and gone when they are erased."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tools.embeddings import minilm
from tools.knowledge import Knowledge, cut
from workspace.errors import UserError
from workspace.words import Words

POLICY = """# Refunds

A refund takes 5 to 7 business days. Gift cards are refunded at once.

# Deliveries

Parcels are delivered within 3 days. Heavy goods take two weeks.
"""
ZH = "# 退货政策\n收到货后7天内可以无理由退货。退款在3个工作日内到账。\n\n# 保修\n手机保修一年，配件保修三个月。"
TOPICS = ("refund money back", "parcel delivery shipping", "gift card voucher")


def topics(texts: Sequence[str]) -> list[list[float]]:
    """Vectors small enough to follow: one number a topic."""
    return [[0.01 + sum(word in text.lower() for word in topic.split()) for topic in TOPICS] for text in texts]


def nothing() -> None:
    raise UserError(Words("no weights", "没有权重"), Words("-", "-"))


@pytest.fixture
def knowledge(tmp_path: Path) -> Iterator[Knowledge]:
    made = Knowledge(tmp_path / "knowledge", embed=lambda: topics)
    yield made
    made.close()


def on_disk(folder: Path, word: str) -> bool:
    return any(word.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


class TestFind:
    def test_every_hit_is_exactly_its_place_in_the_document(self, knowledge: Knowledge) -> None:
        knowledge.add("policy.md", POLICY)
        knowledge.add("政策.md", ZH)
        for query in ("when do I get my refund", "几天内可以退货", "parcels", "保修多久"):
            hits = knowledge.find(query)
            assert hits
            assert all(hit.text == knowledge.text(hit.document)[hit.start : hit.end] for hit in hits)

    @pytest.mark.parametrize(
        ("query", "document", "words"),
        [
            ("How long does a refund take?", "policy.md", "5 to 7 business days"),
            ("heavy goods", "policy.md", "two weeks"),
            ("几天内可以退货", "政策.md", "7天"),
            ("配件保修多久", "政策.md", "三个月"),
        ],
    )
    def test_finds_what_answers_in_either_language(
        self, knowledge: Knowledge, query: str, document: str, words: str
    ) -> None:
        knowledge.add("policy.md", POLICY)
        knowledge.add("政策.md", ZH)
        best = knowledge.find(query, 1)[0]
        assert (best.document, words in best.text) == (document, True)

    def test_finds_by_meaning_what_shares_no_word(self, knowledge: Knowledge) -> None:
        knowledge.add("policy.md", POLICY)
        assert "Parcels" in knowledge.find("shipping", 1)[0].text

    def test_an_empty_base_and_an_empty_question_find_nothing(self, knowledge: Knowledge) -> None:
        assert knowledge.find("refund") == []
        knowledge.add("policy.md", POLICY)
        assert knowledge.find(" ") == []

    def test_takes_under_50_ms_on_a_small_base(self, knowledge: Knowledge) -> None:
        for number in range(20):
            knowledge.add(f"{number}.md", POLICY.replace("Parcels", f"Parcels of kind {number}"))
        knowledge.find("refund")
        began = time.perf_counter()
        for _ in range(10):
            knowledge.find("parcels of kind 7")
        assert (time.perf_counter() - began) / 10 < 0.05


class TestAdd:
    def test_the_same_again_changes_nothing(self, knowledge: Knowledge) -> None:
        passages = knowledge.add("policy.md", POLICY)
        before = knowledge.find("refund")
        assert knowledge.add("policy.md", POLICY) == passages == 2
        assert knowledge.find("refund") == before
        assert knowledge.documents() == ["policy.md"]

    def test_another_text_under_the_name_replaces_it(self, knowledge: Knowledge) -> None:
        knowledge.add("policy.md", POLICY)
        knowledge.add("policy.md", "A refund takes 30 days.")
        assert [hit.text for hit in knowledge.find("refund parcels gift card")] == ["A refund takes 30 days."]
        assert len(list((knowledge.folder / "texts").iterdir())) == 1

    def test_two_names_may_share_a_text(self, knowledge: Knowledge) -> None:
        knowledge.add("a.md", POLICY)
        knowledge.add("b.md", POLICY)
        knowledge.erase("a.md")
        assert knowledge.text("b.md") == POLICY
        assert {hit.document for hit in knowledge.find("refund")} == {"b.md"}

    @pytest.mark.parametrize("text", ["", "  \n\n", "----"])
    def test_a_document_without_words_is_refused(self, knowledge: Knowledge, text: str) -> None:
        with pytest.raises(UserError, match="no text"):
            knowledge.add("scan.pdf", text)

    def test_keeps_offsets_through_odd_characters(self, knowledge: Knowledge) -> None:
        text = "\ufeffFirst\u2028line.\r\n\r\nRefund 🙂 takes \ud800 five days.\x85 Done."
        knowledge.add("odd", text)
        assert len(knowledge.text("odd")) == len(text)
        hit = knowledge.find("refund")[0]
        assert knowledge.text("odd")[hit.start : hit.end] == hit.text

    def test_is_there_again_when_opened_again(self, tmp_path: Path) -> None:
        first = Knowledge(tmp_path, embed=lambda: topics)
        first.add("policy.md", POLICY)
        before = first.find("money back")
        first.close()
        second = Knowledge(tmp_path, embed=lambda: topics)
        assert second.find("money back") == before
        second.close()


class TestErase:
    def test_leaves_no_trace_on_disk(self, knowledge: Knowledge) -> None:
        knowledge.add("policy.md", POLICY)
        knowledge.add("secret.md", "The vault code is swordfish. Refund it.")
        assert on_disk(knowledge.folder, "swordfish")
        knowledge.erase("secret.md")
        assert not on_disk(knowledge.folder, "swordfish")
        assert not on_disk(knowledge.folder, "secret.md")
        assert "Parcels" in knowledge.find("shipping", 1)[0].text

    def test_what_a_killed_process_left_is_swept(self, knowledge: Knowledge) -> None:
        knowledge.add("policy.md", POLICY)
        knowledge.close()
        (knowledge.folder / "texts" / "beef.txt").write_text("half added")
        (knowledge.folder / "chroma-7").mkdir()
        again = Knowledge(knowledge.folder, embed=lambda: topics)
        assert sorted(p.name for p in knowledge.folder.iterdir()) == ["chroma-0", "documents.json", "texts"]
        assert "beef.txt" not in [p.name for p in (knowledge.folder / "texts").iterdir()]
        assert again.find("shipping")
        again.close()

    def test_an_unknown_name_is_answered_with_the_known_ones(self, knowledge: Knowledge) -> None:
        knowledge.add("policy.md", POLICY)
        with pytest.raises(UserError) as caught:
            knowledge.erase("polcy.md")
        assert "policy.md" in caught.value.fix.en


class TestWithoutWeights:
    def test_finds_by_words_and_goes_on_doing_so(self, tmp_path: Path) -> None:
        first = Knowledge(tmp_path, embed=nothing)
        first.add("policy.md", POLICY)
        before = first.find("how long does a refund take")
        first.close()
        later = Knowledge(tmp_path, embed=lambda: topics)
        assert later.find("how long does a refund take") == before
        assert "5 to 7" in before[0].text

    def test_chinese_needs_none(self, tmp_path: Path) -> None:
        knowledge = Knowledge(tmp_path, embed=nothing)
        knowledge.add("政策.md", ZH)
        assert "7天" in knowledge.find("几天内可以退货", 1)[0].text
        assert not list(tmp_path.glob("chroma-*"))


def test_passages_cover_all_words_and_keep_to_their_section() -> None:
    text = POLICY + "x" * 3000
    places = [place for place, _ in cut(text)]
    assert all(place.text == text[place.start : place.end] for place in places)
    assert all(len(place.text) <= 1000 for place in places)
    covered = set().union(*(range(p.start, p.end) for p in places))
    assert not [c for i, c in enumerate(text) if i not in covered and c.isalnum()]
    assert [heading for _, heading in cut(POLICY)] == ["Refunds", "Deliveries"]


def test_chinese_passages_are_found_in_five(shared: Path, tmp_path: Path) -> None:
    raw = json.loads((shared / "cmrc2018_zh" / "cmrc2018_trial.json").read_text())
    paragraphs = [p for d in raw["data"] for p in d["paragraphs"]][:60]
    knowledge = Knowledge(tmp_path, embed=nothing)
    for paragraph in paragraphs:
        knowledge.add(paragraph["id"], paragraph["context"])
    asked = [(q["question"], p["id"]) for p in paragraphs for q in p["qas"]]
    found = sum(gold in {hit.document for hit in knowledge.find(question)} for question, gold in asked)
    assert found / len(asked) >= 0.99


@pytest.mark.slow
def test_the_real_vectors_put_like_beside_like() -> None:
    back, refund, parcel = minilm()(["I want my money back", "How do I get a refund?", "Parcels arrive on Monday"])
    assert sum(x * x for x in back) == pytest.approx(1.0, abs=1e-3)
    assert sum(a * b for a, b in zip(back, refund, strict=True)) > sum(a * b for a, b in zip(back, parcel, strict=True))


def test_a_table_stays_with_its_heads() -> None:
    rows = "\n".join(f"| Item {n} | {n * 7} | {n * 5} |" for n in range(60))
    text = f"# Sales\n\nWhat was sold.\n\n| | 2019 | 2018 |\n| --- | --- | --- |\n{rows}\n\nThe end of it."
    passages = [place for place, _ in cut(text)]
    assert all(place.text == text[place.start : place.end] for place in passages)
    assert [place for place in passages if "2018" in place.text and "Item 59" in place.text]
