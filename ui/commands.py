"""What each command does: the operation that it starts, and how its events are drawn."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, TextIO

from workspace.errors import UserError
from workspace.words import Language, Words

if TYPE_CHECKING:
    from agent.events import Event
    from ui.render import Drawer

# Commands whose lines are judged rows.
FINDINGS = ("check", "rows", "review", "clean")


def _results() -> TextIO:
    """Our own handle on stdout; whatever a library prints there goes to stderr, so no line of JSON is broken."""
    sys.stdout.flush()
    own = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
    os.dup2(2, 1)
    return own


def _drawer(given: argparse.Namespace, language: Language) -> Drawer:
    from ui.render import Findings, JsonLines, Terminal

    findings = given.command in FINDINGS and not getattr(given, "agreement", False)
    if given.json:
        out = _results()
        return JsonLines(out, sys.stderr if findings else out)
    return Findings(language, _results()) if findings and not sys.stdout.isatty() else Terminal(language)


def operation(start: Callable[[argparse.Namespace, Language], Iterator[Event]]) -> Callable[..., int]:
    """A command whose whole work is one operation: draw its events, then say how it went."""

    def work(given: argparse.Namespace, language: Language) -> int:
        drawer = _drawer(given, language)
        try:
            for event in start(given, language):
                drawer.show(event)
        finally:
            drawer.close()
        return 1 if drawer.failed else 0

    return work


@operation
def run(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import operations

    return operations.run(given.home, given.spec, given.until, language=language)


@operation
def status(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import operations

    return operations.status(given.home, given.run, language=language)


@operation
def rows(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import operations

    narrowed = {"waiting": given.review, "threshold": given.threshold}
    return operations.rows(given.home, given.run, given.rejected, given.why, language, **narrowed)


@operation
def review(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import reviewing
    from agent.review import concord, vote_files

    if given.agreement:
        return concord.agreement(given.home, given.run, language)
    if given.votes:
        return vote_files.take(given.home, given.run, given.votes, language)
    if given.gate or given.audit:
        which: Literal["gate", "audit"] = "gate" if given.gate else "audit"
        return reviewing.look(given.home, given.run, which, given.accept_rest, language)
    if given.decisions:
        return reviewing.decide_file(given.home, given.run, given.decisions, language)
    if given.labels:
        return reviewing.compare_judge(given.home, given.run, given.labels, language)
    verdict: Literal["accept", "reject"] = "reject" if given.reject else "accept"
    row = given.reject or given.restore or given.accept
    return reviewing.review(given.home, given.run, row, verdict, given.note, language)


@operation
def check(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import checking

    only = tuple(given.only.split(",")) if given.only else ()
    wanted = checking.Given(
        *(given.file, given.knowledge, given.rules, given.test, only, given.out, given.offline),
        _mapping(given.map),
        given.report,
    )
    return checking.check(given.home, wanted, language)


@operation
def scan(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import scanning

    return scanning.scan(given.home, given.file, _mapping(given.map), not given.no_names, language)


@operation
def clean(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import cleaning

    wanted = cleaning.Given(
        *(given.file, given.out, given.personal_data, cleaning.steps_in(given.steps), given.report), _mapping(given.map)
    )
    return cleaning.clean(given.home, wanted, language)


@operation
def convert(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import converting

    return converting.convert(given.home, given.file, given.to, given.out, _mapping(given.map), language)


@operation
def fetch(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import fetching

    return fetching.fetch(given.home, given.source, given.out, None if given.once else given.every, language)


@operation
def versions(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import operations

    return operations.versions(given.home, language=language)


@operation
def compare(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import describing

    return describing.compare(given.home, given.a, given.b, language)


@operation
def passport(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import describing

    return describing.passport(given.home, given.version, given.kind, given.out, language)


@operation
def audit(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import auditing

    return auditing.audit(given.home, given.project, language)


@operation
def train(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import training

    told = (given.base, given.method, given.out, given.show, given.minutes, given.gpus, given.advice)
    tuned = (given.epochs, given.learning_rate, given.replay, given.mix)
    wanted = training.Wanted(*told, *tuned, knowledge=given.knowledge)
    return training.train(given.home, given.data, wanted, language)


@operation
def evaluate(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import evaluating

    wanted = evaluating.Given(
        *(given.model, given.data, given.knowledge, given.metric, given.curve, given.quick, given.out)
    )
    return evaluating.evaluate(given.home, wanted, language)


@operation
def compress(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import shipping

    return shipping.compress(given.home, given.model, given.to, given.out, given.prompts, language)


@operation
def release(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import shipping

    return shipping.release(given.home, given.model, given.name, given.confirm, given.shipped, language)


@operation
def models(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import shipping

    return shipping.models(given.home, given.name, language)


@operation
def try_out(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import trying

    return trying.try_out(given.home, given.model, given.text, language)


@operation
def stop(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import training

    return training.stop(given.home, given.model, given.keep, language)


@operation
def relations(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import extracting

    return extracting.relations(given.home, given.documents, given.out, language)


def _mapping(pairs: Sequence[str]) -> dict[str, str]:
    from ui import words

    for pair in pairs:
        if not all(pair.partition("=")):
            raise UserError(
                Words(words.BAD_MAP.en.format(given=pair), words.BAD_MAP.zh.format(given=pair)), words.BAD_MAP_FIX
            )
    return dict(pair.split("=", 1) for pair in pairs)


@operation
def users(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from ui.door import users

    if given.deed == "add":
        return users.added(given.home, given.name, language)
    if given.deed == "remove":
        return users.removed(given.home, given.name, language)
    if given.deed == "give":
        return users.given(given.home, given.name, given.project, language)
    return users.listed(given.home, language)


def chat(given: argparse.Namespace, language: Language) -> int:
    from agent.session import Session
    from ui.talk import talk

    drawer = _drawer(given, language)
    if not given.json:
        _fetch(drawer, language)
    session = Session(given.home, given.project)
    session.language = language
    return talk(session, drawer, given.project, as_json=given.json)


def demo(given: argparse.Namespace, language: Language) -> int:
    from itertools import count

    from agent.session import Session
    from ui.demo import play

    drawer = _drawer(given, language)
    _fetch(drawer, language)
    names = (f"{given.project}-{number}" if number > 1 else given.project for number in count(1))
    session = next(one for name in names if not (one := Session(given.home, name, language)).finished)
    return play(session, drawer, language)


def _fetch(drawer: Drawer, language: Language) -> None:
    """The weights are here before anybody is asked to wait for them in a conversation."""
    from agent.operations import prepare

    for event in prepare(language):
        drawer.show(event)
    drawer.close()


def serve(given: argparse.Namespace, language: Language) -> int:
    faces = {"api": _serve_api, "chat": _serve_chat, "mcp": _serve_mcp, "slack": _serve_slack}
    return faces[given.face](given, language)


def _serve_mcp(given: argparse.Namespace, language: Language) -> int:
    from ui import mcp

    if given.http:
        mcp.serve_http(given.home, given.host, given.port, language)
    else:
        mcp.serve(given.home, language)
    return 0


def _serve_api(given: argparse.Namespace, language: Language) -> int:
    from agent.serving import model_to_serve
    from ui import api, words
    from ui.door.programs import key_for

    if given.model is None:
        raise UserError(words.WHICH_MODEL, words.WHICH_MODEL_FIX)
    key_for(given.host)  # a refusal comes before the wait
    api.serve(model_to_serve(given.home, given.model), given.host, given.port, language)
    return 0


def _serve_chat(given: argparse.Namespace, language: Language) -> int:
    from ui.chat import serve
    from ui.door.users import first_user
    from workspace.server import serving

    with serving(given.home):
        first_user(given.home, given.host, language)  # a refusal comes before the wait
        _fetch(_drawer(given, language), language)
        serve(given.home, given.host, given.port, language, open_browser=given.open)
    return 0


def _serve_slack(given: argparse.Namespace, language: Language) -> int:
    from ui.slack import check, serve
    from workspace.server import serving

    check(over_socket=given.socket)  # a refusal comes before the wait
    with serving(given.home):
        _fetch(_drawer(given, language), language)
        serve(given.home, given.host, given.port, language, over_socket=given.socket)
    return 0
