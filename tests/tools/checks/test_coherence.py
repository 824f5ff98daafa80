"""A long answer is said once and to its end; what else looks loose is pointed out and drops nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.kits import kit
from tools.checks.coherence import REST, Coherence
from workspace.sample import Finding, Origin, sample

ZH = (
    "退款一般在两周之内到账。购买礼品卡的顾客可以在退款当天拿到现金。拆开的包裹可以在三十天之内退回商店。"
    "寄回包裹的费用由顾客自己承担。商店会回复每一条关于退款的消息。"
)


def found(folder: Path, answer: str, question: str = "How do refunds work? 退款怎么办？") -> list[Finding]:
    return list(Coherence().check(sample(question, answer, Origin(source="test")), kit(folder)))


def faults(folder: Path, answer: str, question: str = "How do refunds work? 退款怎么办？") -> list[tuple[str, bool]]:
    return [(f.reason, f.drops) for f in found(folder, answer, question) if f.verdict == "fail"]


@pytest.mark.parametrize("text", [REST, ZH])
def test_a_sound_answer_passes_with_its_overlap(tmp_path: Path, text: str) -> None:
    (finding,) = found(tmp_path, text)
    assert finding.verdict in ("pass", "unknown")
    assert not finding.drops
    assert "%" in finding.reason


def test_short_answers_are_left_alone(tmp_path: Path) -> None:
    assert found(tmp_path, "It takes two weeks. It takes two weeks.") == []


class TestRepeated:
    @pytest.mark.parametrize("text", [REST, ZH])
    def test_a_long_sentence_twice_drops(self, tmp_path: Path, text: str) -> None:
        again = text.replace("。", "。|").replace(". ", ".|").split("|")[1]
        assert [drops for _, drops in faults(tmp_path, f"{text} {again}")] == [True]

    def test_a_short_one_twice_is_pointed_out(self, tmp_path: Path) -> None:
        text = REST + " Click on Save to keep your changes. You are nearly there. Click on Save to keep your changes."
        assert faults(tmp_path, text) == [("This sentence stands there twice.", False)]

    def test_the_same_words_with_another_figure_are_no_repetition(self, tmp_path: Path) -> None:
        text = "".join(
            f"The monthly fee of the plan with {n} users is {n * 7} dollars before tax. " for n in range(2, 9)
        )
        assert faults(tmp_path, text) == []

    def test_code_may_repeat(self, tmp_path: Path) -> None:
        code = "print('the same long line of code again and again and again.')\n" * 3
        assert faults(tmp_path, f"{REST}\n```\n{code}```\nThat is all of it.") == []


class TestCutOff:
    @pytest.mark.parametrize(
        "ending",
        [
            " Whoever sends a parcel back to the shop has to write the",
            " Refunds are paid out by bank transfer, by card,",
            " Whoever sends a parcel back has to put the number of the order on it and wri",
            "\n```python\nprint(1)\n",
        ],
    )
    def test_a_text_that_breaks_off_drops(self, tmp_path: Path, ending: str) -> None:
        assert [drops for _, drops in faults(tmp_path, REST + ending)] == [True]

    def test_so_does_a_chinese_one(self, tmp_path: Path) -> None:
        assert [drops for _, drops in faults(tmp_path, ZH + "如果包裹在路上丢失，商店会先联系快递公司，然后")] == [True]

    @pytest.mark.parametrize(
        "ending",
        [
            "\n- by card\n- by bank transfer",
            "\n\nBest regards,\nAnna",
            " More at https://example.com/refunds.",
            " (See the terms.)",
            " 😊",
            "\n```\nprint(1)\n```",
            "\n| a | b |\n|---|---|\n| 1 | 2 |",
        ],
    )
    def test_usual_endings_do_not(self, tmp_path: Path, ending: str) -> None:
        assert not any(drops for _, drops in faults(tmp_path, REST + ending))

    def test_an_open_bracket_is_pointed_out(self, tmp_path: Path) -> None:
        assert faults(tmp_path, REST + " The shop is open (on weekdays.") == [
            ("“(” is opened and never closed.", False)
        ]


class TestReferences:
    def test_a_table_that_is_not_there(self, tmp_path: Path) -> None:
        assert [r for r, _ in faults(tmp_path, REST + " As shown in Table 3, refunds are rare.")] == [
            "There is no “Table 3” to look at."
        ]
        assert faults(tmp_path, ZH + "如下表所示，退款很少见。") != []
        assert faults(tmp_path, "| a | b |\n| 1 | 2 |\n" + REST + " As shown in Table 3, refunds are rare.") == []
        assert faults(tmp_path, ZH + "盖卤王向北魏上表，希望退款。") == []

    def test_an_opening_pronoun_counts_only_without_a_question(self, tmp_path: Path) -> None:
        text = "It takes two weeks for the refund at most. " + REST
        assert faults(tmp_path, text) == []
        assert [r for r, _ in faults(tmp_path, text, "")] == ["It opens with a word that points to nothing."]


class TestNumbering:
    def test_steps_that_skip_or_turn_back(self, tmp_path: Path) -> None:
        steps = REST.split(". ")
        for order, wrong in (((1, 2, 4), True), ((1, 3, 2), True), ((1, 2, 3), False), ((1, 1, 1), False)):
            text = (
                "\n".join(f"{n}. {s}." for n, s in zip(order, steps, strict=False))
                + "\nAll in all, this is it: "
                + ". ".join(steps[3:])
            )
            assert bool(faults(tmp_path, text + " It is never late. Whoever waits is paid.")) is wrong, order

    def test_points_that_are_counted_in_words(self, tmp_path: Path) -> None:
        assert faults(tmp_path, ZH + "第一，联系商店。第三，寄回包裹。") != []
        assert faults(tmp_path, ZH + "第一，联系商店。第二，寄回包裹。") == []
        assert faults(tmp_path, REST + " First, write to the shop. Third, send the parcel.") != []

    def test_figures_that_open_a_line_are_no_steps(self, tmp_path: Path) -> None:
        assert faults(tmp_path, REST + "\n3.5 percent of them are refunded.\n20 shops take part.") == []


class TestOrder:
    def test_what_came_later_can_not_have_come_first(self, tmp_path: Path) -> None:
        text = REST + " The shop opened in 2015. After that, it moved to Lyon in 2011."
        assert [r for r, _ in faults(tmp_path, text)] == ["By its date, this came before what it is said to follow."]
        assert faults(tmp_path, text.replace("2011", "2018")) == []
        assert faults(tmp_path, text.replace("After that, it moved", "Before, it had moved")) == []
        assert faults(tmp_path, ZH + "商店于2015年开业。随后于2011年迁址。") != []

    def test_one_line_of_a_timeline_out_of_order(self, tmp_path: Path) -> None:
        def timeline(*years: int) -> str:
            return REST + "\n" + "\n".join(f"- {year}年，商店开了第{i}家分店。" for i, year in enumerate(years, 1))

        assert faults(tmp_path, timeline(2001, 2004, 2003, 2008, 2010)) != []
        assert faults(tmp_path, timeline(2001, 2003, 2004, 2008, 2010)) == []
        assert faults(tmp_path, timeline(2010, 2008, 2004, 2003)) == []


def test_a_sentence_that_strays(tmp_path: Path) -> None:
    stray = " Photosynthesis turns sunlight into sugar inside green leaves near the equator."
    assert faults(tmp_path, REST + stray) == [("This has nothing in common with the rest.", False)]
