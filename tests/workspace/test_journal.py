"""The journal: each thing once, nothing half written, and a chain that shows what was changed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from workspace.errors import UserError
from workspace.journal import Journal, Reply, reply_key


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "deep" / "journal.sqlite")
    yield opened
    opened.close()


def test_an_order_is_accepted_once(journal: Journal) -> None:
    assert journal.accept("r1", "run", "{}")
    assert not journal.accept("r1", "run", '{"other": 1}')
    journal.mark("r1", "done", "all well")
    assert [(order.payload, order.state, order.note) for order in journal.orders()] == [("{}", "done", "all well")]


def test_the_first_decision_counts(journal: Journal) -> None:
    assert journal.decided("d") is None
    assert journal.decide("d", "train?", "yes") == "yes"
    assert journal.decide("d", "train?", "no") == "yes"
    assert journal.decided("d") == "yes"


def test_an_upload_is_kept_once(journal: Journal) -> None:
    journal.receive("ab", "rows.csv")
    journal.receive("ab", "again.csv")
    assert journal.inbox() == [("ab", "rows.csv")]


def test_the_first_reply_counts_and_is_paid_for_once(journal: Journal) -> None:
    journal.keep([Reply("k", "s", "one", 10, 5), Reply("k", "s", "two", 10, 5), Reply("l", "s", "三", 1, 1)])
    assert journal.reply("k") == Reply("k", "s", "one", 10, 5)
    assert journal.reply("nobody") is None
    assert journal.tokens() == (11, 6)


def test_many_replies_are_found_in_one_look(journal: Journal) -> None:
    journal.keep(Reply(f"k{n}", "s", str(n), 1, 1) for n in range(0, 3000, 2))
    found = journal.replies([f"k{n}" for n in range(3000)])
    assert len(found) == 1500
    assert found["k2998"].text == "2998"
    assert journal.replies([]) == {}


def test_a_key_depends_on_every_part() -> None:
    parts = ["model", "prompt", "parameters", "slot"]
    keys = {reply_key(*parts)}
    for n in range(4):
        changed = [part + "x" * (n == m) for m, part in enumerate(parts)]
        keys.add(reply_key(*changed))
    assert len(keys) == 5


def test_an_untouched_chain_holds(journal: Journal) -> None:
    assert journal.broken_link() is None
    for n in range(10):
        journal.audit("did", {"n": str(n), "text": "改"})
    assert journal.broken_link() is None


@pytest.mark.parametrize(
    ("tamper", "number"),
    [
        ("UPDATE audit SET detail='{}' WHERE number=4", 4),
        ("UPDATE audit SET at=at+1 WHERE number=7", 7),
        ("DELETE FROM audit WHERE number=5", 5),
        ("DELETE FROM audit WHERE number=1", 1),
        ("INSERT INTO audit VALUES(11, 1.0, 'more', '{}', 'x', 'y')", 11),
    ],
)
def test_a_changed_chain_names_the_line(journal: Journal, tamper: str, number: int) -> None:
    for n in range(10):
        journal.audit("did", {"n": str(n)})
    journal._db.execute(tamper)
    assert journal.broken_link() == number


def test_threads_and_processes_write_at_one_time(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    work = (
        "import sys; from pathlib import Path; from workspace.journal import Journal, Reply\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "for n in range(40):\n"
        "    journal.keep([Reply(f'{sys.argv[2]} {n}', 's', 'x', 1, 1)]); journal.audit('kept', {'n': str(n)})\n"
    )
    journal = Journal(path)
    others = [subprocess.Popen([sys.executable, "-c", work, str(path), name]) for name in "ab"]

    def keep(name: str) -> None:
        for n in range(40):
            journal.keep([Reply(f"{name} {n}", "s", "x", 1, 1)])
            journal.audit("kept", {"n": str(n)})

    threads = [threading.Thread(target=keep, args=(name,)) for name in "cd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait(60) for other in others] == [0, 0]
    assert journal.tokens() == (160, 160)
    assert journal.broken_link() is None
    journal.close()


def test_a_full_disk_is_told_and_the_journal_goes_on_afterwards(journal: Journal) -> None:
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(UserError, match="disk is full"):
        journal.keep([Reply("k", "s", "x" * 100_000, 1, 1)])
    journal._db.execute("PRAGMA max_page_count=100000")
    assert journal.reply("k") is None
    journal.keep([Reply("k", "s", "x" * 100_000, 1, 1)])
    assert journal.reply("k") is not None


def test_a_block_that_fails_leaves_nothing(journal: Journal) -> None:
    def broken() -> Iterator[Reply]:
        yield Reply("k", "s", "x", 1, 1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        journal.keep(broken())
    with pytest.raises(sqlite3.Error):
        journal.keep([Reply("k", "s", None, 1, 1)])  # type: ignore[arg-type]
    assert journal.reply("k") is None
    journal.keep([Reply("k", "s", "x", 1, 1)])
