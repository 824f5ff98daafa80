"""A value counts as said only with its words; what is unasked is known; the hash is of the values alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from workspace.errors import UserError
from workspace.spec import Spec, open_questions, question, questions, read_spec, write_spec
from workspace.stated import Label, Stated

BANK = """
goal: tell what a message to a bank wants
task: classification
labels: [{name: lost_card}, {name: balance, definition: asks how much there is}]
languages: [en, zh]
threshold: {value: 0.85, source: said, quote: 85 of 100, turn: 3}
"""


def bank(tmp_path: Path, text: str = BANK) -> Spec:
    path = tmp_path / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    return read_spec(path)


class TestStated:
    def test_said_needs_the_words_and_their_turn(self) -> None:
        with pytest.raises(ValidationError, match="only with the words"):
            Stated[int](value=3, source="said")
        with pytest.raises(ValidationError, match="only with the words"):
            Stated[int](value=3, source="said", quote="three")
        assert Stated[int](value=3, source="said", quote="three", turn=0).value == 3

    def test_a_default_needs_none(self) -> None:
        assert Stated[int](value=3, source="default").quote is None

    def test_a_value_of_another_type_is_refused(self) -> None:
        with pytest.raises(ValidationError):
            Spec().with_value("task", Stated(value="cooking", source="default"))
        with pytest.raises(ValidationError):
            Spec().with_value("rows", Stated(value="many", source="default"))


class TestQuestions:
    def test_every_field_has_words_in_both_languages(self) -> None:
        assert [name for name, _ in questions()] == list(Spec.model_fields)
        for _, asked in questions():
            assert asked.title.en
            assert asked.title.zh
            assert asked.ask is None or (asked.ask.en.endswith(("?", ".")) and asked.ask.zh.endswith(("？", "。")))

    def test_what_is_open_shrinks_as_values_come(self) -> None:
        draft = Spec()
        assert open_questions(draft)[0] == "goal"
        assert "labels" not in open_questions(draft)
        draft = draft.with_value("task", Stated(value="classification", source="suggested"))
        assert "labels" in open_questions(draft)
        assert "task" not in open_questions(draft)
        assert "task" in open_questions(draft.without("task"))

    def test_no_more_than_about_ten_are_asked(self) -> None:
        asked = [name for name, q in questions() if q.ask is not None]
        assert len(asked) <= 11

    def test_a_default_for_every_gap_that_has_one(self) -> None:
        assert open_questions(Spec().filled()) == ["goal", "task", "languages"]
        spec = Spec().with_value("task", Stated(value="classification", source="default")).filled()
        assert spec.metric.value == "accuracy"
        assert spec.unknown_facts.value == "keep"
        assert not spec.complete

    def test_an_unknown_field_is_no_question(self) -> None:
        with pytest.raises(KeyError):
            question("colour")


class TestFile:
    def test_bare_values_are_the_persons_own_words(self, tmp_path: Path) -> None:
        spec = bank(tmp_path)
        assert (spec.goal.source, spec.goal.turn) == ("said", 0)
        assert spec.labels.value[0] == Label(name="lost_card")
        assert (spec.threshold.value, spec.threshold.quote) == (0.85, "85 of 100")
        assert spec.rows.source == "default"
        assert spec.complete

    def test_written_and_read_it_is_the_same(self, tmp_path: Path) -> None:
        spec = bank(tmp_path)
        write_spec(spec, tmp_path / "again.yaml")
        assert read_spec(tmp_path / "again.yaml") == spec
        assert (tmp_path / "again.yaml").stat().st_mode & 0o222 == 0

    def test_the_hash_is_of_values_not_of_who_said_them(self, tmp_path: Path) -> None:
        spec = bank(tmp_path)
        same = spec.with_value("threshold", Stated(value=0.85, source="default"))
        other = spec.with_value("threshold", Stated(value=0.86, source="default"))
        assert same.hash == spec.hash
        assert other.hash != spec.hash
        assert len(spec.hash) == 64

    def test_a_specification_from_before_there_were_methods_keeps_its_hash(self, tmp_path: Path) -> None:
        spec = bank(tmp_path)
        assert spec.method is not None
        assert spec.method.value == "lora"
        assert spec.without("method").hash == spec.hash
        assert bank(tmp_path, BANK + "method: full\n").hash != spec.hash

    def test_further_goals_are_kept_and_asked_of_nobody(self, tmp_path: Path) -> None:
        spec = bank(tmp_path, BANK + "goals: {macro_f1: 0.9, ms_per_query: 200, attack_success: 0.05}\n")
        assert spec.goals is not None
        assert spec.goals.value == {"macro_f1": 0.9, "ms_per_query": 200, "attack_success": 0.05}
        assert spec.hash != bank(tmp_path).hash
        assert bank(tmp_path).goals is None
        assert "goals" not in open_questions(Spec())
        with pytest.raises(UserError, match="goals"):
            bank(tmp_path, BANK + "goals: {beauty: 1}\n")

    @pytest.mark.parametrize(
        ("text", "word"),
        [
            ("goal: [unclosed", "not a specification"),
            ("goal: x\ncolour: red", "colour"),
            ("goal: x\ntask: cooking\nlanguages: [en]", "task"),
            ("goal: x\ntask: classification\nlanguages: [en]", "lacks: labels"),
            ("- just\n- a list", "not a specification"),
            ("", "not a specification"),
            ("goal: x\nthreshold: {value: 0.9, source: said}", "only with the words"),
        ],
    )
    def test_what_can_not_be_used_says_why(self, tmp_path: Path, text: str, word: str) -> None:
        with pytest.raises(UserError) as caught:
            bank(tmp_path, text)
        assert word in caught.value.problem.en
        assert caught.value.fix.zh

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="no file"):
            read_spec(tmp_path / "no.yaml")


def test_the_default_base_follows_the_method() -> None:
    encoder = Spec().with_value("method", Stated(value="encoder", source="default")).filled()
    assert encoder.base is not None
    assert encoder.base.value == "minilm"
    lora = encoder.with_value("method", Stated(value="lora", source="default"))
    assert lora.base is not None
    assert lora.base.value == "smollm2-135m"
    own = encoder.with_value("base", Stated(value="minilm", source="said", quote="minilm", turn=1))
    kept = own.with_value("method", Stated(value="lora", source="default")).base
    assert kept is not None
    assert kept.value == "minilm"
