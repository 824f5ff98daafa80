"""Texts that are nearly the same find one another, whatever the size of the parts in which they come."""

from __future__ import annotations

import random

import pytest

from tools.copies.near import Near, copies

CHINESE = "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多"


def texts(count: int, seed: int = 5) -> list[str]:
    """Unlike one another, half of them Chinese; each tenth is an earlier one with a letter changed."""
    rng = random.Random(seed)
    made: list[str] = []
    for number in range(count):
        if number % 10 == 9:
            old = made[rng.randrange(number // 10 + 1) * 10]
            place = rng.randrange(len(old))
            made.append(old[:place] + ("x" if old.isascii() else "其") + old[place + 1 :])
        else:
            letters, size = (CHINESE, 20) if number % 2 else ("abcdefghijklmnoprstuvwy", 40)
            made.append("".join(rng.choices(letters, k=size)))
    return made


def found(some: list[str], step: int, similarity: float = 86) -> list[tuple[int, int, float]]:
    near = Near(similarity)
    return [hit for start in range(0, len(some), step) for hit in near.add(some[start : start + step])]


def test_a_changed_letter_is_found_and_nothing_else() -> None:
    some = texts(4000)
    hits = found(some, 500)
    copies = {number for number, *_ in hits}
    assert copies <= set(range(9, 4000, 10))
    assert len(copies) >= 0.98 * 400
    assert all(ratio >= 86 for *_, ratio in hits)


@pytest.mark.parametrize("step", [1, 7, 300])
def test_the_size_of_the_parts_changes_nothing(step: int) -> None:
    some = texts(300)
    assert found(some, step) == found(some, 50)


def test_the_number_of_threads_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    some = texts(5000)
    many = found(some, 5000)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert found(some, 5000) == many


def test_what_is_apart_is_not_compared() -> None:
    near = Near(86)
    text = "where is the card that you sent me"
    assert list(near.add([text, text + "s", text + "s"], [1, 2, 1])) == [(2, 0, pytest.approx(98.2, abs=1))]
    assert not list(near.add(["", ""]))


def test_a_line_above_every_text_makes_none_alike() -> None:
    line = "sortthismessagetothebankintooneofthefourkindsthatareknownandsaynothingelse\n"
    some = [line + text for text in texts(60)]
    assert {number for number, *_ in found(some, 30)} <= set(range(9, 60, 10))


def test_a_thousand_of_one_kind_lead_to_the_first() -> None:
    near = Near(86)
    some = [f"the lamp in room {number:04d} of the long corridor is broken again" for number in range(1000)]
    for start in range(0, 1000, 100):
        for number, earlier, ratio in near.add(some[start : start + 100]):
            if number and (first := near.first_of(number, earlier, ratio)) and first[0] == 0:
                near.stand_for(number, 0)
    assert [near.first_of(0, number, 100)[0] for number in range(1000)] == [0] * 1000


def test_copies_lead_to_the_first_that_is_none_itself() -> None:
    one, other = "Where is the card that you sent to my old address?", "Where is the card that you sent to my address?"
    some = [one, "no copy", other, other.upper(), one + "!", "no copy."]
    for size in (1, 2, 10):
        assert copies(some, 86, at_once=size) == {2: 0, 3: 0, 4: 0, 5: 1}


def test_two_words_in_the_other_order() -> None:
    some = [
        "areyoufreeonmondayafternoonfortheyearlyreview",
        "youarefreeonmondayafternoonfortheyearlyreview",
        "我想查一下余额现在还剩多少钱可以用来还信用卡",
        "我想查一下余额现在还剩钱多少可以用来还信用卡",
        "flyfromparistolondon",
        "flyfromlondontoparis",
    ]
    assert [(number, earlier) for number, earlier, _ in found(some, 6)] == [(1, 0), (3, 2)]
    assert found(some, 6, similarity=99.5) == []
