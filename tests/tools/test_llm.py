"""Asking the chat model: schema, journal, order, window, and a run that is killed and asked again."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripted import Call, Say, Scripted, words
from tests.tools.asking import PEAR, QUICK, Fruit, Opening, ask, asks
from tools import llm
from tools.llm import Ask, Chat, open_chat, prompt
from workspace.errors import UserError
from workspace.journal import Journal
from workspace.settings import settings

# replies and the journal


def test_a_reply_is_read_into_its_schema(scripted: Scripted, chat: Chat) -> None:
    scripted.queue.append(PEAR)
    assert chat.ask(ask()).value == Fruit(name="pear", count=3)


def test_every_dial_is_sent(scripted: Scripted, chat: Chat) -> None:
    chat.ask(Ask("p", Fruit, "s", system="be brief", temperature=0.7, top_k=40, top_p=0.9, max_tokens=99, seed=5))
    body = scripted.calls[0].body
    sent = {name: body[name] for name in ("temperature", "top_k", "top_p", "max_tokens", "seed", "model")}
    assert sent == {
        "temperature": 0.7, "top_k": 40, "top_p": 0.9, "max_tokens": 99, "seed": 5, "model": "scripted",
    }  # fmt: skip
    assert body["messages"] == [{"role": "system", "content": "be brief"}, {"role": "user", "content": "p"}]


def test_a_journaled_reply_costs_no_request(scripted: Scripted, opening: Opening) -> None:
    first = [answer.value for answer in opening().ask_all(asks(5))]
    assert [answer.value for answer in opening().ask_all(asks(5))] == first
    assert len(scripted.calls) == 5


def test_another_slot_or_dial_is_another_request(scripted: Scripted, chat: Chat) -> None:
    for asked in (Ask("p", Fruit, "1"), Ask("p", Fruit, "2"), Ask("p", Fruit, "1", temperature=1.0)):
        chat.ask(asked)
    assert len(scripted.calls) == 3


def test_two_threads_with_one_question_pay_once(scripted: Scripted, chat: Chat) -> None:
    scripted.latency = 0.2
    answers: list[Fruit | None] = []
    threads = [threading.Thread(target=lambda: answers.append(chat.ask(ask()).value)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(scripted.calls) == 1
    assert answers == [answers[0]] * 5


def test_answers_come_in_the_order_of_the_asks(scripted: Scripted, chat: Chat) -> None:
    def late_or_early(call: Call) -> Say:
        return Say({"name": call.prompt, "count": 1}, hang=words(call).random() / 10)

    scripted.script = late_or_early
    names = [answer.value.name for answer in chat.ask_all(asks(200)) if answer.value]
    assert names == [f"Name fruit {number}." for number in range(200)]


def test_asks_are_taken_no_further_than_the_window(scripted: Scripted, chat: Chat) -> None:
    taken = 0

    def endless() -> Iterator[Ask[Fruit]]:
        nonlocal taken
        while True:
            taken += 1
            yield ask(taken)

    answers = chat.ask_all(endless())
    assert [next(answers).value is not None for _ in range(10)] == [True] * 10
    assert taken <= (llm.ROUNDS_AHEAD + 1) * settings().most_at_once
    answers.close()  # type: ignore[attr-defined]
    time.sleep(0.3)
    after = len(scripted.calls)
    time.sleep(0.3)
    assert len(scripted.calls) == after


def test_a_full_disk_is_told_and_nothing_hangs(scripted: Scripted, chat: Chat, journal: Journal) -> None:
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count={pages}")
    scripted.script = lambda call: {"name": "x" * 100_000, "count": 1}
    with pytest.raises(UserError, match="disk is full"):
        list(chat.ask_all(asks(3)))


# prompts


def test_a_prompt_is_filled_in_one_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm, "PROMPTS", tmp_path)
    (tmp_path / "t1.md").write_text("Say {{what}} to {{who}}.\n")
    (tmp_path / "t2.en.md").write_text("Hello {{who}}")
    (tmp_path / "t2.zh.md").write_text("你好 {{who}}")
    assert prompt("t1", "zh", what="{{who}} \\1", who="me") == "Say {{who}} \\1 to me."
    assert (prompt("t2", "en", who="you"), prompt("t2", "zh", who="你")) == ("Hello you", "你好 你")


# killed and asked again


WORK = """
import sys
from pathlib import Path
from tests.tools.asking import asks
from tools.llm import open_chat
from workspace.journal import Journal
for answer in open_chat(Journal(Path(sys.argv[1]))).ask_all(asks(300)):
    pass
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_run_goes_on_and_pays_for_nothing_twice(
    scripted: Scripted, opening: Opening, home: Path, how: signal.Signals
) -> None:
    scripted.latency = 0.1
    path = home / "killed.sqlite"
    with subprocess.Popen([sys.executable, "-c", WORK, str(path)], stderr=subprocess.DEVNULL) as killed:
        while len(scripted.calls) < 150:
            time.sleep(0.01)
        killed.send_signal(how)
    assert killed.returncode == -how
    again = open_chat(Journal(path), patience=QUICK)
    values = [answer.value for answer in again.ask_all(asks(300))]
    again.close()
    # Lost is what was under way, and what had come but was not yet on disk.
    assert len(scripted.calls) <= 300 + 2 * settings().most_at_once
    assert values == [answer.value for answer in opening().ask_all(asks(300))]
