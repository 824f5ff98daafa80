"""Names are found whole, the longest first, and where they stand."""

from __future__ import annotations

import time

from tools.names import Names, folded


def test_the_longest_name_wins_and_words_are_not_cut() -> None:
    names = Names(["asthma", "Asthma attack", "art"])
    text = "An ASTHMA ATTACK is no party; asthmatic, asthma."
    assert [text[m.start : m.end] for m in names.find(text)] == ["ASTHMA ATTACK", "asthma"]


def test_chinese_needs_no_edges_and_width_no_care() -> None:
    names = Names(["肺炎", "ab-12"])
    text = "他得了肺炎，用ＡＢ－12。"
    assert [text[m.start : m.end] for m in names.find(text)] == ["肺炎", "ＡＢ－12"]


def test_folding_keeps_every_offset() -> None:
    text = "İstanbul ＡＢＣ　“x”"
    assert len(folded(text)) == len(text)


def test_many_names_cost_little_more_than_few() -> None:
    names = Names(f"name {i:05d} of many" for i in range(70_000))
    text = "nothing of the kind, only name 00042 of many and others " * 20
    began = time.process_time()
    assert sum(len(names.find(text)) for _ in range(100)) == 2000
    assert time.process_time() - began < 2
