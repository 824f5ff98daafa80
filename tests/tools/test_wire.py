"""How likely each verdict was is read off the tokens of a reply, and never taken from the model's own words."""

from __future__ import annotations

from typing import Literal

import orjson
import pytest
from pydantic import BaseModel
from pydantic.json_schema import SkipJsonSchema

from tests.scripted import Say, Scripted
from tools.llm import Ask, Chat


class Verdict(BaseModel):
    verdict: Literal["supported", "contradicted", "unknown"]
    likelihood: SkipJsonSchema[dict[str, float]] = {}


def ask(number: int = 0) -> Ask[Verdict]:
    return Ask(
        f"Claim {number}", Verdict, slot=str(number), weigh="verdict", shots=(("Claim", '{"verdict":"unknown"}'),)
    )


def weighed(text: str, *tokens: tuple[str, dict[str, float]]) -> Say:
    """A completion whose tokens come with the log probabilities of what might have stood there."""
    content = [
        {"token": token, "logprob": -0.1, "top_logprobs": [{"token": t, "logprob": p} for t, p in likely.items()]}
        for token, likely in tokens
    ]
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": {"content": content}}
    return Say(raw=orjson.dumps({"choices": [choice]}))


def test_likelihoods_are_read_where_the_verdict_begins(scripted: Scripted, chat: Chat) -> None:
    begun = {"supported": -0.6931, " contr": -1.3863, "contr": -2.0794, "un": -2.0794, "Sure": -9.0, '"': -9.0}
    scripted.queue.append(
        weighed('{"verdict": "supported"}', ('{"', {}), ("verdict", {}), ('":', {}), (' "', {}), ("supported", begun))
    )
    reply = chat.ask(ask()).value
    assert reply
    assert reply.likelihood == pytest.approx({"supported": 0.5, "contradicted": 0.375, "unknown": 0.125}, abs=1e-4)
    assert scripted.calls[0].body["logprobs"] is True


def test_the_opening_quote_may_be_part_of_the_token(scripted: Scripted, chat: Chat) -> None:
    scripted.queue.append(weighed('{"verdict":"unknown"}', ('{"verdict":', {}), ('"unknown', {'"unknown': -0.1})))
    reply = chat.ask(ask()).value
    assert reply
    assert reply.likelihood["unknown"] == 1.0


def test_what_the_model_says_of_its_own_sureness_does_not_count(scripted: Scripted, chat: Chat) -> None:
    scripted.queue.append({"verdict": "supported", "likelihood": {"supported": 1.0}})
    reply = chat.ask(ask()).value
    assert reply
    assert reply.likelihood == {}


def test_an_endpoint_that_tells_no_probabilities_still_answers(scripted: Scripted, chat: Chat) -> None:
    scripted.refuses = frozenset({"logprobs", "top_logprobs"})
    scripted.script = lambda call: {"verdict": "unknown"}
    assert chat.ask(ask()).value == Verdict(verdict="unknown")


def test_examples_stand_before_the_question_as_turns(scripted: Scripted, chat: Chat) -> None:
    scripted.script = lambda call: {"verdict": "unknown"}
    chat.ask(ask())
    assert [m["role"] for m in scripted.calls[0].body["messages"]] == ["user", "assistant", "user"]
    assert scripted.calls[0].prompt == "Claim 0"
