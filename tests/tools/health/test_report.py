"""Every fault that is planted is found and priced, a clean set is an A, and no text of a row is ever markup."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest

from agent.checking import Given, check
from tools.health.faults import PRICES
from tools.health.page import page
from tools.health.parts import divergence
from tools.health.report import Health
from tools.health.signs import personal, script, shown, tokens
from workspace.sample import Message, Origin, Sample

THINGS = (
    "kettle lamp chair invoice parcel phone jacket garden tablet ticket window carpet bicycle mirror blanket".split()
)
VERBS = "order return repair cancel exchange compare clean collect measure paint borrow insure replace install".split()
WHEN = "today tomorrow tonight yesterday soon later abroad online downtown upstairs outside twice quickly".split()
WHY = (
    "because my neighbour asked;since it looks broken;although the colour is wrong;after reading your letter;"
    "before the holidays begin;unless that costs extra;while I am travelling;as a present for grandma".split(";")
)
Row = dict[str, object]


def clean_rows(count: int = 240, labels: int = 6) -> list[Row]:
    """Different sentences, evenly labelled by their verb."""
    made, chance, seen = list[Row](), random.Random(3), set[tuple[str, ...]]()
    while len(made) < count:
        label = len(made) % labels
        words = VERBS[label], chance.choice(THINGS), chance.choice(THINGS), chance.choice(WHEN), chance.choice(WHY)
        if (words[1:4]) in seen:
            continue
        seen.add(words[1:4])
        text = f"{chance.choice(WHEN)} I must {words[0]} the {words[1]} with a {words[2]} {words[3]} {words[4]}"
        made.append({"text": text, "label": f"label_{label}"})
    return made


def health_of(tmp_path: Path, rows: Sequence[Row | str], name: str = "rows.jsonl", **options: object) -> Health:
    path = tmp_path / name
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    for _ in check(tmp_path / "home", Given(path, offline=True, report=tmp_path / "out.html", **options)):  # type: ignore[arg-type]
        pass
    return Health.model_validate_json((tmp_path / "out.json").read_bytes())


def found(health: Health) -> dict[str, int]:
    return {fault.name: fault.rows for fault in health.faults}


class TestAGrade:
    def test_a_clean_file_is_an_a(self, tmp_path: Path) -> None:
        health = health_of(tmp_path, clean_rows())
        assert (health.kind, health.grade.letter) == ("classification", "A")
        assert health.grade.score > 95
        assert found(health).keys() <= {"near_copies", "noisy_labels"}

    def test_is_a_hundred_less_the_points_of_its_faults(self, tmp_path: Path) -> None:
        health = health_of(tmp_path, [*clean_rows(), *clean_rows()[:60], "{broken", "{again"])
        assert health.grade.score == pytest.approx(100 - sum(f.points for f in health.faults), abs=0.1)
        for fault in health.faults:
            assert fault.points == pytest.approx(fault.most * min(1, fault.share / fault.full_at), abs=0.02)
            assert (fault.most, fault.full_at) == (PRICES[fault.name].most, PRICES[fault.name].full_at)

    def test_of_nothing_usable_is_an_f(self, tmp_path: Path) -> None:
        health = health_of(tmp_path, [{"text": "", "label": "a"}, {"text": "", "label": "b"}])
        assert (health.kind, health.grade.letter, health.size.refused) == ("nothing", "F", 2)

    def test_is_the_same_of_the_same_file(self, tmp_path: Path) -> None:
        rows = [*clean_rows(), *clean_rows()[:9], "{broken"]
        one, other = health_of(tmp_path, rows), health_of(tmp_path, rows)
        assert one.model_copy(update={"rows_per_second": 0}) == other.model_copy(update={"rows_per_second": 0})

    def test_the_most_harmful_stands_first(self, tmp_path: Path) -> None:
        health = health_of(
            tmp_path, [*clean_rows(), *({"text": f"Call 138{i:08d} now", "label": "label_1"} for i in range(40))]
        )
        assert health.faults[0].name == "personal"
        assert [f.points for f in health.faults] == sorted((f.points for f in health.faults), reverse=True)


PLANTED: dict[str, list[Row | str]] = {
    "refused": ["{broken", '{"text": "no label here"}'],
    "copies": [*clean_rows()[:5]],
    "near_copies": [row | {"text": str(row["text"])[:-1]} for row in clean_rows()[10:13]],
    "two_labels": [{"text": clean_rows()[7]["text"], "label": "label_3"}],
    "personal": [{"text": "please ring 13812345678 about the parcel soon", "label": "label_0"}],
    "broken_text": [{"text": "the cafÃ© on the corner was closed, please refund", "label": "label_0"},
                    {"text": "I must repair the chair\u200b and the l\ufffdmp", "label": "label_2"}],
    "placeholder": [{"text": "N/A", "label": "label_0"}, {"text": "……", "label": "label_1"}],
    "leftovers": [{"text": "As an AI language model, I have no parcel to return to you", "label": "label_1"}],
    "repetition": [{"text": "return it now " * 40, "label": "label_1"}],
    "low_information": [{"text": "哈哈哈哈哈哈哈哈", "label": "label_1"}, {"text": "aaaaaaaaaa", "label": "label_1"}],
    "other_language": [{"text": "请问我的包裹什么时候可以送到家里", "label": "label_0"}],
    "too_long": [{"text": " ".join(f"word{i}" for i in range(3000)), "label": "label_0"}],
    "single_labels": [{"text": "something that nobody else asks about the mirror", "label": "lable_0"}],
    "imbalance": [{"text": str(row["text"]) + " today", "label": "label_9"} for row in clean_rows(300)[240:245]],
    "markup": [{"text": "<p>I must cancel<br>the ticket</p> online", "label": "label_3"}],
}  # fmt: skip


class TestEveryPlantedFault:
    @pytest.mark.parametrize("name", PLANTED)
    def test_is_found_and_costs_points(self, tmp_path: Path, name: str) -> None:
        before = found(health_of(tmp_path, clean_rows()))
        rows = PLANTED[name]
        health = health_of(tmp_path, [*clean_rows(), *rows])
        fault = next(f for f in health.faults if f.name == name)
        assert fault.rows >= before.get(name, 0) + len(rows)
        assert fault.points > 0
        assert "tunesmith " in fault.command

    def test_of_answers(self, tmp_path: Path) -> None:
        stock = "Thank you for your message, we will come back to you as soon as we can."
        rows: list[Row] = [
            {"question": r["text"], "answer": f"You can do that on page {i} of our catalogue, {i * 7} times."}
            for i, r in enumerate(clean_rows())
        ]
        rows += [{"question": f"What about the {thing}?", "answer": f"what about the {thing}"} for thing in THINGS[:4]]
        rows += [{"question": f"Can I {verb} something here?", "answer": stock} for verb in VERBS[:6]]
        health = health_of(tmp_path, rows)
        assert health.kind == "question-answering"
        assert found(health)["copied_answer"] == 4
        assert found(health)["same_answer"] == 4

    def test_of_labels_that_the_neighbours_contradict(self, tmp_path: Path) -> None:
        rows = clean_rows(240, 3)
        for row in rows[::60]:
            row["label"] = "label_2" if row["label"] != "label_2" else "label_0"
        health = health_of(tmp_path, rows)
        assert found(health).get("noisy_labels", 0) >= 2

    def test_of_splits(self, tmp_path: Path) -> None:
        rows: list[Row] = [row | {"split": "test" if i % 5 == 0 else "train"} for i, row in enumerate(clean_rows())]
        before = found(health_of(tmp_path, rows)).get("leak", 0)
        leaked = [rows[0] | {"split": "train"}, rows[5] | {"split": "train"}]
        assert found(health_of(tmp_path, [*rows, *leaked]))["leak"] >= before + 2

    def test_of_a_test_file_of_another_kind(self, tmp_path: Path) -> None:
        test = tmp_path / "test.jsonl"
        strange = [{"text": f"网上银行第{i}次登录失败应该怎么办", "label": "label_0"} for i in range(60)]
        test.write_text("\n".join(json.dumps(row) for row in strange), encoding="utf-8")
        health = health_of(tmp_path, clean_rows(), test=test)
        assert {part.name for part in health.parts} == {"train", "--test"}
        assert next(f for f in health.faults if f.name == "drift").points > 5

    def test_of_cells(self, tmp_path: Path) -> None:
        rows = [{"code": f"K-{i}", "price": str(100 + i % 17), "city": ["Lyon", "Bonn", ""][i % 3]} for i in range(120)]
        rows[7]["price"], rows[9]["price"] = "1000000", "twelve"
        health = health_of(tmp_path, rows)
        assert health.kind == "table"
        assert found(health)["missing_cells"] == 40
        assert found(health)["odd_cells"] == 2
        price = next(c for c in health.columns if c.name == "price")
        assert (price.type, price.missing, price.least, price.most) == ("number", 0, "100", "1e+06")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen = set[tuple[str, tuple[str, ...]]]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add((tag, tuple(sorted(name for name, _ in attrs))))


def tags(html: str) -> set[tuple[str, tuple[str, ...]]]:
    parser = Tags()
    parser.feed(html)
    return parser.seen


def injections() -> list[str]:
    """Ways to end what one stands in, times what to begin there."""
    outs = """ |"|'|</|-->|]]>|</style>|</script>|</title>|">|'>|"/>|</svg>|&quot;>""".split("|")
    ins = """<script>alert(1)</script>|<img src=x onerror=alert(1)>|<svg/onload=alert()>|<base href=//x>
<iframe src=javascript:7>|<body onload=alert(1)>|<a href="javascript:alert(1)">x</a>|<meta http-equiv=refresh>
<details open ontoggle=alert(1)>|<math><mi//href=x>|<input autofocus onfocus=alert(1)>|<%= 1 %>${7}
<style>@import'//x'</style>|<object data=x>|\0<scr\0ipt>alert(1)</scr\0ipt>|＜script＞1＜/script＞
<form action=//x><button>|<!--<img src=--><img src=x onerror=alert(1)//-->|{{7*7}}""".replace("\n", "|").split("|")
    return [a + b for a in outs for b in ins]


class TestThePage:
    def test_250_scripts_in_texts_labels_columns_and_names_are_texts(self, tmp_path: Path) -> None:
        bad = injections()
        assert len(bad) >= 250
        rows: list[Row] = [
            {"text": f"{bad[i]} the {THINGS[i % 15]} {i}", "label": bad[i % 9], bad[(i * 7) % 40]: bad[i]}
            for i in range(len(bad))
        ]
        rows += rows[:20]
        html = page(health_of(tmp_path, rows, "'><img src=x onerror=alert(1)>.jsonl"), "zh")
        allowed = {tag for tag, _ in tags(html)}
        assert allowed <= set(
            "html head meta title style body input label main header section div p h1 h2 h3 span b i q small ol "
            "ul li pre code details summary dl dt dd figure figcaption table thead tbody tr th td svg rect circle line "
            "text".split()
        )
        assert not any(
            name.startswith("on") or name in ("href", "src", "action") for _, names in tags(html) for name in names
        )
        assert "alert(1)" in html  # it is shown

    def test_needs_nothing_from_elsewhere(self, tmp_path: Path) -> None:
        html = page(health_of(tmp_path, clean_rows()))
        assert "http://" not in html
        assert "https://" not in html
        assert "<script" not in html
        assert "default-src &#x27;none&#x27;" in html

    def test_speaks_both_languages(self, tmp_path: Path) -> None:
        html = page(health_of(tmp_path, [*clean_rows(), *clean_rows()[:30]]), "zh")
        assert "完全重复的数据" in html
        assert "Copies" in html
        assert 'id="zh" checked' in html

    def test_shows_no_personal_data_in_clear(self, tmp_path: Path) -> None:
        rows = [
            *clean_rows(),
            *({"text": f"Ring 1381234567{i} or li.lei{i}@example.com", "label": "13912345678"} for i in range(9)),
        ]
        health = health_of(tmp_path, rows)
        for told in (page(health), health.model_dump_json()):
            assert "1381234567" not in told
            assert "13912345678" not in told
            assert "li.lei" not in told


class TestSigns:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [("hello", "latin"), ("你好，world", "zh"), ("请用 Python 写", "zh"), ("こんにちは世界", "ja"),
         ("안녕하세요", "ko"), ("Привет", "ru"), ("123", ""), ("I like 面 very much indeed", "latin")],
    )  # fmt: skip
    def test_script(self, text: str, expected: str) -> None:
        assert script(text) == expected

    def test_tokens_are_of_the_right_size(self) -> None:
        assert 8 <= tokens("The quick brown fox jumps over the lazy dog") <= 13
        assert 5 <= tokens("今天天气很好我们去公园") <= 11

    def test_shown_hides_and_shortens(self) -> None:
        assert shown("a\n\nb  c") == "a b c"
        assert "13812345678" not in shown("电话13812345678")
        assert len(shown("x " * 500)) < 200

    def test_personal_data_of_a_column(self) -> None:
        row = Sample(id="1", messages=(Message(role="user", content="hello"),), origin=Origin(source="files"),
                     fields={"phone": "020 7946 0018"})  # fmt: skip
        assert [one.kind for one in personal(row)] == ["PHONE"]

    def test_divergence_takes_chance_off(self) -> None:
        chance = random.Random(5)
        a, b = (Counter(chance.randrange(50) for _ in range(300)) for _ in range(2))
        assert divergence([a[i] for i in range(50)], [b[i] for i in range(50)]) < 0.03
        assert divergence([100, 0], [0, 100]) > 0.95


def test_a_column_named_after_people_is_shown_nowhere_in_clear(tmp_path: Path) -> None:
    rows: list[Row] = [
        {
            "customer name": f"Wilhelmina {thing}",
            "address": f"{i} Penny Lane",
            "phone": f"20532581{i:02d}",
            "paid": i % 5,
        }
        for i, thing in enumerate(THINGS * 3)
    ]
    rows += rows[:9]
    health = health_of(tmp_path, rows)
    for told in (page(health), health.model_dump_json()):
        assert not any(name in told for name in ("Wilhelmina", "Penny", "20532581"))


def test_the_advice_is_a_command_that_does_it(tmp_path: Path) -> None:
    """As it stands in the report, in a shell."""
    health = health_of(tmp_path, [*clean_rows(), *PLANTED["other_language"]])
    advice = next(fault.command for fault in health.faults if fault.name == "other_language")
    ours = f"{sys.executable} -m ui.cli --home {tmp_path / 'home'}"
    root = Path(__file__).parents[3]
    line = advice.replace("tunesmith", ours, 1)
    done = subprocess.run(
        line, shell=True, cwd=tmp_path, capture_output=True, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert done.returncode == 0, done.stderr
    kept = (tmp_path / "rows.clean.jsonl").read_text(encoding="utf-8")
    assert "包裹" not in kept
    assert len(kept.splitlines()) == len(clean_rows())
