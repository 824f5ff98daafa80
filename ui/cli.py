"""The command line: the contract that people and programs drive Tunesmith by."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from workspace.errors import UserError, boundary
from workspace.settings import quiet_libraries, redacted, settings
from workspace.words import Language, Words

if TYPE_CHECKING:
    from agent.events import Event
    from ui.render import Drawer

FINDINGS = ("check", "rows", "review")


def main(arguments: Sequence[str] | None = None) -> int:
    quiet_libraries()
    given = build_parser().parse_args(arguments)
    from ui import words

    language: Language = getattr(given, "language", None) or words.terminal_language()
    try:
        with boundary(words.WORKING):
            _prepare(given)
            return int(given.work(given, language))
    except UserError as error:
        return _told(error, language)
    except KeyboardInterrupt:
        print("\n" + words.STOPPED.to(language), file=sys.stderr)
        return 130


def _prepare(given: argparse.Namespace) -> None:
    if "home" in given:
        os.environ["TUNESMITH_HOME"] = str(given.home.expanduser().absolute())
    settings.cache_clear()
    given.home, given.json = settings().home, getattr(given, "json", False)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    _log_to(given.home / "log" / "tunesmith.log")


def _told(error: UserError, language: Language) -> int:
    from ui import words

    problem, fix = error.to(language)
    lines = f"{words.PROBLEM.to(language)}: {problem}\n{words.FIX.to(language)}: {fix}"
    print(redacted(lines), file=sys.stderr)
    return 1


class Redacted(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def _log_to(path: Path) -> None:
    """Where tracebacks go instead of to people. A home that can't be written to is reported by whoever needs it."""
    from logging.handlers import RotatingFileHandler

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(path, maxBytes=2_000_000, backupCount=3, encoding="utf-8")
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(Redacted("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for chatty in ("httpx", "httpx2"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _results() -> TextIO:
    """Our own handle on stdout; whatever a library prints there goes to stderr, so no line of JSON is broken."""
    sys.stdout.flush()
    own = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
    os.dup2(2, 1)
    return own


def _drawer(given: argparse.Namespace, language: Language) -> Drawer:
    from ui.render import Findings, JsonLines, Terminal

    findings = given.command in FINDINGS
    if given.json:
        out = _results()
        return JsonLines(out, sys.stderr if findings else out)
    return Findings(language, _results()) if findings and not sys.stdout.isatty() else Terminal(language)


def _operation(start: Callable[[argparse.Namespace, Language], Iterator[Event]]) -> Callable[..., int]:
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


def _run(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import operations

    return operations.run(given.home, given.spec, given.until, language=language)


def _status(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import operations

    return operations.status(given.home, given.run, language=language)


def _rows(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import operations

    narrowed = {"waiting": given.review, "threshold": given.threshold}
    return operations.rows(given.home, given.run, given.rejected, given.why, language, **narrowed)


def _review(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import reviewing

    if given.labels:
        return reviewing.compare_judge(given.home, given.run, given.labels, language)
    verdict: reviewing.Verdict = "reject" if given.reject else "accept"
    row = given.reject or given.restore or given.accept
    return reviewing.review(given.home, given.run, row, verdict, given.note, language)


def _check(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import checking

    only = tuple(given.only.split(",")) if given.only else ()
    wanted = checking.Given(
        *(given.file, given.knowledge, given.rules, given.test, only, given.out, given.offline), _mapping(given.map)
    )
    return checking.check(given.home, wanted, language)


def _convert(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import operations

    return operations.convert(given.home, given.file, given.to, given.out, _mapping(given.map), language=language)


def _versions(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import operations

    return operations.versions(given.home, language=language)


def _compare(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import operations

    return operations.compare(given.home, given.a, given.b, language=language)


def _passport(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import operations

    return operations.passport(given.home, given.version, language=language)


def _train(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import operations

    return operations.train(given.home, given.data, given.base, given.method, given.out, language=language)


def _evaluate(given: argparse.Namespace, language: Language) -> Iterator[Event]:
    from agent import operations

    return operations.evaluate(given.home, given.model, given.data, given.out, language=language)


def _relations(given: argparse.Namespace, language: Language) -> Iterator[Event]:
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


def _chat(given: argparse.Namespace, language: Language) -> int:
    from agent.session import Session
    from ui.talk import talk

    drawer = _drawer(given, language)
    if not given.json:
        _fetch(drawer, language)
    session = Session(given.home, given.project)
    session.language = language
    return talk(session, drawer, given.project, as_json=given.json)


def _demo(given: argparse.Namespace, language: Language) -> int:
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


def _serve(given: argparse.Namespace, language: Language) -> int:
    from ui.chat import serve
    from ui.door import sign_in

    sign_in(given.host)  # a refusal comes before the wait
    _fetch(_drawer(given, language), language)
    serve(given.home, given.host, given.port, language, open_browser=given.open)
    return 0


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tunesmith", description=__doc__, allow_abbrev=False)
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    absent = argparse.SUPPRESS  # so that both count on either side of the sub-command, and neither undoes the other
    for each in (parser, common):
        each.add_argument("--home", type=Path, metavar="DIR", default=absent, help="where projects live (~/.tunesmith)")
        each.add_argument("--json", action="store_true", default=absent, help="one event a line, as JSON")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, work: Callable[..., int], words: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=words, description=words, parents=[common], allow_abbrev=False)
        added.set_defaults(work=work)
        return added

    _add_talking(command)
    _add_running(command)
    _add_data(command)
    _add_models(command)
    return parser


Add = Callable[[str, Callable[..., int], str], argparse.ArgumentParser]


def _add_talking(command: Add) -> None:
    chat = command("chat", _chat, "talk; with --json one message a line in, one event a line out")
    chat.add_argument("--project", default="default", metavar="NAME")
    serve = command("serve", _serve, "open the chat in a browser")
    serve.add_argument("face", choices=["chat"])
    serve.add_argument("--host", default="127.0.0.1", help="beyond this machine only with TUNESMITH_PASSWORD set")
    serve.add_argument("--port", type=int, default=None, help="7860, or the next that is free")
    serve.add_argument("--open", action="store_true", help="open the browser too")
    demo = command("demo", _demo, "play the example conversation without a person and print its report card")
    demo.add_argument("--language", choices=["en", "zh"])
    demo.add_argument("--project", default="demo", metavar="NAME")


def _add_running(command: Add) -> None:
    run = command("run", _operation(_run), "do what a specification says; a killed run goes on where it was")
    run.add_argument("spec", type=Path, metavar="SPEC.yaml")
    run.add_argument("--until", choices=["build", "train", "judge"], default="judge")
    status = command("status", _operation(_status), "what is done, doing, left; why it stopped")
    status.add_argument("run", nargs="?", metavar="RUN")
    rows = command("rows", _operation(_rows), "the rows of a run with what was found")
    rows.add_argument("run", metavar="RUN")
    rows.add_argument("--rejected", action="store_true")
    rows.add_argument("--why", metavar="REASON", help="only those that this check took out")
    rows.add_argument("--review", action="store_true", help="only those that wait for a person")
    rows.add_argument("--threshold", metavar="0.6", help="which rows 0.6 or facts=0.6,amount=0.8 would change")
    review = command("review", _operation(_review), "take a row back, or out; the next version will have it so")
    review.add_argument("run", metavar="RUN")
    decision = review.add_mutually_exclusive_group(required=True)
    decision.add_argument("--restore", metavar="ROW", help="take a rejected row back")
    decision.add_argument("--accept", metavar="ROW", help="keep a row that waits for a person")
    decision.add_argument("--reject", metavar="ROW", help="take a row out")
    labels = "compare the judging model with your own labels: lines of {id, right}"
    decision.add_argument("--labels", type=Path, metavar="FILE.jsonl", help=labels)
    review.add_argument("--note", default="", metavar="TEXT", help="why, for whoever reads it later")


def _add_data(command: Add) -> None:
    check = command("check", _operation(_check), "judge the rows of a file")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--knowledge", type=Path, metavar="DIR", help="documents that facts must agree with")
    check.add_argument("--rules", type=Path, metavar="FILE")
    check.add_argument("--test", type=Path, metavar="FILE", help="rows that must not be among them, as of a benchmark")
    check.add_argument("--only", metavar="facts,logic,…")
    check.add_argument("--out", type=Path, metavar="FILE")
    check.add_argument("--offline", action="store_true", help="call no model")
    convert = command("convert", _operation(_convert), "the same rows in another format")
    convert.add_argument("file", type=Path, metavar="FILE")
    formats = ["alpaca", "sharegpt", "messages", "prompt-completion", "csv", "parquet"]
    convert.add_argument("--to", choices=formats, required=True)
    convert.add_argument("--out", type=Path, metavar="FILE", required=True)
    for each in (check, convert):
        each.add_argument("--map", action="append", default=[], metavar="theirs=ours", help="rename a column")
    relations = command("relations", _operation(_relations), "find relations in documents, for a person to confirm")
    relations.add_argument("documents", type=Path, metavar="DOCUMENTS")
    relations.add_argument("--out", type=Path, metavar="FILE.csv", required=True)
    command("versions", _operation(_versions), "the frozen data sets")
    compare = command("compare", _operation(_compare), "what changed between two versions")
    compare.add_argument("a", metavar="V1")
    compare.add_argument("b", metavar="V2")
    command("passport", _operation(_passport), "where a version comes from").add_argument("version", metavar="V")


def _add_models(command: Add) -> None:
    train = command("train", _operation(_train), "tune a model on a version or a file")
    train.add_argument("data", metavar="VERSION-or-FILE")
    train.add_argument("--base", metavar="NAME", default="smollm2-135m")
    train.add_argument("--method", choices=["lora", "full", "prompt", "prefix"], default="lora")
    train.add_argument("--out", type=Path, metavar="DIR")
    evaluate = command("evaluate", _operation(_evaluate), "base against tuned, with intervals")
    evaluate.add_argument("model", metavar="MODEL")
    evaluate.add_argument("--data", type=Path, metavar="FILE")
    evaluate.add_argument("--out", type=Path, metavar="DIR")


if __name__ == "__main__":
    sys.exit(main())
