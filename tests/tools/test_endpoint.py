"""What an endpoint can do to us: other abilities, faults, hostile replies, refusals, limits; over real HTTP."""

from __future__ import annotations

import random
import time
from email.utils import formatdate

import pytest

from tests.scripted import Call, Capability, Say, Scripted
from tests.tools.asking import PEAR, Fruit, Opening, ask, asks
from tools.endpoint import Lanes
from tools.llm import Ask, Budget, Chat
from tools.wire import TryAgain, judged
from workspace.errors import UserError
from workspace.journal import Journal
from workspace.settings import settings

# what the endpoint can do


@pytest.mark.parametrize("takes", ["json_schema", "json_object", "tool"])
def test_json_is_asked_for_in_the_way_the_endpoint_has(scripted: Scripted, opening: Opening, takes: Capability) -> None:
    scripted.takes = frozenset({takes})
    scripted.script = lambda call: PEAR
    assert opening().ask(ask()).value == Fruit(name="pear", count=3)
    found_out = len(scripted.calls)
    assert opening().ask(ask(1)).value is not None
    assert len(scripted.calls) == found_out + 1, "found out once and remembered"
    if takes == "json_object":
        assert '"count"' in scripted.calls[-1].system


def test_an_endpoint_that_takes_the_schema_and_writes_prose_is_asked_in_another_way(
    scripted: Scripted, chat: Chat
) -> None:
    scripted.script = lambda call: PEAR if "tools" in call.body else "Of course! A pear."
    assert chat.ask(ask()).value == Fruit(name="pear", count=3)


def test_an_option_that_the_endpoint_refuses_is_left_out(scripted: Scripted, chat: Chat) -> None:
    scripted.refuses = frozenset({"top_k", "seed", "max_tokens"})
    for slot in "ab":
        assert chat.ask(Ask("p", Fruit, slot, top_k=40, seed=3)).value is not None
    assert scripted.calls[-1].body["max_completion_tokens"] == 512
    assert len(scripted.calls) == 5


def test_an_endpoint_that_takes_nothing_is_told(scripted: Scripted, chat: Chat) -> None:
    scripted.takes = frozenset()
    with pytest.raises(UserError, match="takes no request"):
        chat.ask(ask())


def test_the_first_model_of_a_server_is_taken_where_none_is_named(
    scripted: Scripted, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TUNESMITH_MODEL")
    assert opening().model == "scripted"
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(UserError, match="TUNESMITH_MODEL"):
        opening()


# faults


FAULTS = {
    "429": Say(status=429),
    "429, seconds": Say(status=429, retry_after="0.1"),
    "500": Say(status=500),
    "cut": Say(PEAR, cut=True),
    "200 with an error": Say(error="overloaded"),
    "a proxy's page": Say(raw=b"<html>504 Gateway Time-out</html>"),
    "a list": Say(raw=b"[]"),
    "no choices": Say(raw=b'{"choices": []}'),
    "deep envelope": Say(raw=b"[" * 200_000),
    "length": Say('{"name": "pe', finish="length"),
    "prose": Say("Sure, here you are: pear"),
    "wrong shape": Say({"name": "pear"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_tried_again(scripted: Scripted, chat: Chat, fault: str) -> None:
    scripted.script = lambda call: PEAR
    assert chat.ask(ask()).value is not None
    scripted.queue.append(FAULTS[fault])
    assert chat.ask(ask(1)).value == Fruit(name="pear", count=3)
    assert len(scripted.calls) == 3


def test_a_hanging_request_is_given_up_and_asked_again(
    scripted: Scripted, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNESMITH_REQUEST_SECONDS", "0.5")
    scripted.queue.append(Say(PEAR, hang=5))
    started = time.monotonic()
    assert opening().ask(ask()).value is not None
    assert time.monotonic() - started < 3


def test_retry_after_is_honoured(scripted: Scripted, chat: Chat) -> None:
    scripted.queue.append(Say(status=429, retry_after="1"))
    started = time.monotonic()
    assert chat.ask(ask()).value is not None
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [("7", 7, 7), ("-3", 0, 0), ("999999", 600, 600), ("soon", None, None), ("nan", None, None), ("date", 25, 31)],
)
def test_retry_after_in_either_form(header: str, low: float | None, high: float | None) -> None:
    given = formatdate(time.time() + 30, usegmt=True) if header == "date" else header
    error = judged(429, "", given, "m")
    assert isinstance(error, TryAgain)
    assert error.crowded
    if low is None or high is None:
        assert error.after is None
    else:
        assert error.after is not None
        assert low <= error.after <= high


def test_a_third_of_all_requests_may_fail(scripted: Scripted, chat: Chat) -> None:
    draw = random.Random(1)
    faults = [fault for name, fault in FAULTS.items() if name != "prose"]

    def flaky(call: Call) -> Say:
        return draw.choice(faults) if draw.random() < 0.3 else Say({"name": call.prompt, "count": 1})

    scripted.script = flaky
    names = [answer.value.name if answer.value else answer.failure for answer in chat.ask_all(asks(300))]
    assert names == [f"Name fruit {number}." for number in range(300)]
    assert len(scripted.calls) < 300 * 1.7


HOSTILE = {
    "deep": "[" * 100_000 + "]" * 100_000,
    "deep in a value": '{"name": ' + '{"a":' * 50_000 + "1" + "}" * 50_000 + ', "count": 1}',
    "not a number": '{"name": "pear", "count": NaN}',
    "infinity": '{"name": "pear", "count": 1e999}',
    "lone surrogate": r'{"name": "\ud800", "count": 1}',
    "five megabytes": '{"name": "' + "x" * 5_000_000 + '", "count": 1}',
    "only space": " " * 900_000,
    "nothing": "",
    "two objects": '{"name": "pear", "count": 1}{"name": "pear", "count": 1}',
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_reply_is_malformed_and_not_journaled(
    scripted: Scripted, chat: Chat, journal: Journal, hostile: str
) -> None:
    assert chat.ask(ask()).value is not None
    scripted.script = lambda call: HOSTILE[hostile]
    answer = chat.ask(ask(1))
    assert (answer.value, answer.failure) == (None, "malformed")
    assert journal.tokens()[1] < 50


def test_a_reply_that_never_ends_is_unfinished(scripted: Scripted, chat: Chat) -> None:
    scripted.script = lambda call: Say({"name": "pear", "count": 1}, finish="length")
    assert chat.ask(ask()).failure == "unfinished"
    seeds = [call.seed for call in scripted.calls]
    assert len(seeds) == len(set(seeds)) == 6, "asked a little differently each time"


def test_a_code_fence_around_json_does_no_harm(scripted: Scripted, chat: Chat) -> None:
    scripted.queue.append('```json\n{"name": "pear", "count": 3}\n```')
    assert chat.ask(ask()).value == Fruit(name="pear", count=3)


# errors for people


@pytest.mark.parametrize(
    ("said", "words_", "fix"),
    [
        (Say(status=401, error="bad key scripted-key"), "refused the key", "OPENAI_API_KEY"),
        (Say(status=403, error="no"), "refused the key", "OPENAI_API_KEY"),
        (Say(status=429, error="insufficient_quota: pay first"), "refused the key", "credit"),
        (Say(status=404, error="no such model"), "knows no model", "TUNESMITH_MODEL"),
    ],
)
def test_what_trying_again_cannot_help_is_told_at_once(
    scripted: Scripted, chat: Chat, said: Say, words_: str, fix: str
) -> None:
    scripted.script = lambda call: said
    with pytest.raises(UserError) as caught:
        chat.ask(ask())
    assert words_ in caught.value.problem.en
    assert fix in caught.value.fix.en
    assert scripted.key not in str(caught.value) + caught.value.problem.zh
    assert len(scripted.calls) == 1


@pytest.mark.parametrize("count", [1, 300])
def test_an_endpoint_that_is_down_is_told(
    scripted: Scripted, opening: Opening, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    chat = opening()
    with pytest.raises(UserError, match="does not answer") as caught:
        list(chat.ask_all(asks(count)))
    assert "goes on" in caught.value.fix.en
    assert "127.0.0.1:9" in caught.value.problem.en


def test_an_address_without_a_scheme_is_told(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "localhost:8080/v1")
    with pytest.raises(UserError, match="OPENAI_BASE_URL"):
        opening()


def test_answers_before_the_failure_are_kept(scripted: Scripted, opening: Opening) -> None:
    scripted.script = lambda call: {"name": call.prompt, "count": 1} if len(scripted.calls) <= 100 else Say(status=500)
    with pytest.raises(UserError, match="does not answer"):
        list(opening().ask_all(asks(200)))
    scripted.script = lambda call: {"name": call.prompt, "count": 1}
    before = len(scripted.calls)
    assert all(answer.value for answer in opening().ask_all(asks(200)))
    # A reply that was under way when the rest was given up is asked for again: one a lane at most.
    assert 100 <= len(scripted.calls) - before <= 100 + settings().most_at_once


# limits


def test_money_ends_the_work_and_keeps_what_was_done(
    scripted: Scripted, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNESMITH_PRICE_OUT", "100000")  # ten cents a token
    monkeypatch.setenv("TUNESMITH_MOST_AT_ONCE", "1")
    chat = opening(Budget(money=5.0))
    answers = list(chat.ask_all(asks(30)))
    done = [answer.value for answer in answers if answer.value]
    assert {answer.failure for answer in answers} == {None, "budget"}
    assert 5.0 <= chat.spent() < 8.0
    before = len(scripted.calls)
    again = [answer.value for answer in opening(Budget(money=5.0)).ask_all(asks(30)) if answer.value]
    assert again == done
    assert len(scripted.calls) == before


def test_no_time_is_no_request(scripted: Scripted, opening: Opening) -> None:
    assert opening(Budget(minutes=0.0)).ask(ask()).failure == "budget"
    assert not scripted.calls


def test_a_free_model_needs_no_money(scripted: Scripted, opening: Opening) -> None:
    assert opening(Budget(money=0.0)).ask(ask()).value is not None


def test_no_more_at_once_than_the_endpoint_takes(scripted: Scripted, chat: Chat) -> None:
    scripted.latency, scripted.most_at_once = 0.02, 8
    assert all(answer.value for answer in chat.ask_all(asks(400)))
    assert len(scripted.calls) < 400 * 1.6


def test_lanes_halve_when_crowded_and_grow_again() -> None:
    lanes = Lanes(64)
    for _ in range(64):
        lanes.told(crowded=True)
    assert lanes.limit == 32
    for _ in range(2000):
        lanes.told(crowded=False)
    assert lanes.limit == 64


def test_lanes_bear_refusals_at_random() -> None:
    lanes, draw = Lanes(64), random.Random(3)
    for _ in range(5000):
        lanes.told(crowded=draw.random() < 0.1)
    assert lanes.limit == 64
