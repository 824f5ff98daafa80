"""The names and shapes of the command line, which people and programs drive Tunesmith by."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path

from ui import commands
from workspace.stated import METRICS

ABOUT = "The command line: the contract that people and programs drive Tunesmith by."


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tunesmith", description=ABOUT, allow_abbrev=False)
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    absent = argparse.SUPPRESS  # so that both count on either side of the sub-command, and neither undoes the other
    for each in (parser, common):
        each.add_argument("--home", type=Path, metavar="DIR", default=absent, help="where projects live (~/.tunesmith)")
        each.add_argument("--json", action="store_true", default=absent, help="one event a line, as JSON")
    every = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, work: Callable[..., int], words: str) -> argparse.ArgumentParser:
        added = every.add_parser(name, help=words, description=words, parents=[common], allow_abbrev=False)
        added.set_defaults(work=work)
        return added

    _add_talking(command)
    _add_people(command, common)
    _add_running(command)
    _add_judging(command)
    _add_files(command)
    _add_versions(command)
    _add_models(command)
    return parser


def _seconds(given: str) -> float:
    """15m is 900."""
    found = re.fullmatch(r"(\d+)([smhd])", given)
    if not found or not int(found[1]):
        raise argparse.ArgumentTypeError(f"{given!r} is no time such as 90s, 15m, 2h or 1d")
    return float(int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]])


Add = Callable[[str, Callable[..., int], str], argparse.ArgumentParser]


def _add_talking(command: Add) -> None:
    chat = command("chat", commands.chat, "talk; with --json one message a line in, one event a line out")
    chat.add_argument("--project", default="default", metavar="NAME")
    serve = command(
        "serve",
        commands.serve,
        "open the chat in a browser or in Slack, a tuned model to programs, or all to assistants",
    )
    serve.add_argument("face", choices=["chat", "api", "mcp", "slack"])
    serve.add_argument("model", nargs="?", metavar="MODEL", help="with api: which model to serve, beside its base")
    guarded = "beyond this machine only with users (chat) or TUNESMITH_API_KEY set (api)"
    serve.add_argument("--host", default="127.0.0.1", help=guarded)
    serve.add_argument(
        "--port",
        type=int,
        default=None,
        help="7860, or the next that is free; 8000 for api, 8010 for mcp, 3000 for slack",
    )
    serve.add_argument("--http", action="store_true", help="with mcp: over HTTP and not over stdin and stdout")
    serve.add_argument("--open", action="store_true", help="open the browser too")
    serve.add_argument("--socket", action="store_true", help="with slack: Socket Mode, which needs no open port")
    demo = command("demo", commands.demo, "play the example conversation without a person and print its report card")
    demo.add_argument("--language", choices=["en", "zh"])
    demo.add_argument("--project", default="demo", metavar="NAME")


def _add_people(command: Add, common: argparse.ArgumentParser) -> None:
    users = command("users", commands.users, "who may sign in to the chat; nobody has to while there are none")
    deeds = users.add_subparsers(dest="deed", metavar="add|remove|give")
    add = deeds.add_parser("add", parents=[common], help="the password is asked for, or one line on standard input")
    remove = deeds.add_parser("remove", parents=[common], help="their projects are kept")
    give = deeds.add_parser("give", parents=[common], help="a project to its new owner")
    for each in (add, remove, give):
        each.add_argument("name", metavar="NAME")
    give.add_argument("project", metavar="PROJECT")


def _add_running(command: Add) -> None:
    run = command("run", commands.run, "do what a specification says; a killed run goes on where it was")
    run.add_argument("spec", type=Path, metavar="SPEC.yaml")
    run.add_argument("--until", choices=["build", "train", "judge"], default="judge")
    status = command("status", commands.status, "what is done, doing, left; why it stopped")
    status.add_argument("run", nargs="?", metavar="RUN")
    rows = command("rows", commands.rows, "the rows of a run with what was found")
    rows.add_argument("run", metavar="RUN")
    rows.add_argument("--rejected", action="store_true")
    rows.add_argument("--why", metavar="REASON", help="only those that this check took out")
    rows.add_argument("--review", action="store_true", help="only those that wait for a person")
    rows.add_argument("--threshold", metavar="0.6", help="which rows 0.6 or facts=0.6,amount=0.8 would change")
    review = command("review", commands.review, "take a row back, or out; the next version will have it so")
    review.add_argument("run", metavar="RUN")
    decision = review.add_mutually_exclusive_group(required=True)
    decision.add_argument("--restore", metavar="ROW", help="take a rejected row back")
    decision.add_argument("--accept", metavar="ROW", help="keep a row that waits for a person")
    decision.add_argument("--reject", metavar="ROW", help="take a row out")
    labels = "compare the judging model with your own labels: lines of {id, right}"
    decision.add_argument("--labels", type=Path, metavar="FILE.jsonl", help=labels)
    decision.add_argument("--gate", action="store_true", help="the random rows to look at before more are written")
    decision.add_argument("--audit", action="store_true", help="the 1%% to look at before the version is frozen")
    many = "many decisions at once: lines of {id, verdict: accept or reject, note}"
    decision.add_argument("--decisions", type=Path, metavar="FILE.jsonl", help=many)
    collected = "votes collected elsewhere: lines of {id, reviewer, verdict: accept, fix, reject or unsure, answer}"
    decision.add_argument("--votes", type=Path, metavar="FILE.jsonl", help=collected)
    decision.add_argument("--agreement", action="store_true", help="how far those who reviewed the rows agree")
    review.add_argument("--accept-rest", action="store_true", help="with --gate or --audit: keep what was not decided")
    review.add_argument("--note", default="", metavar="TEXT", help="why, for whoever reads it later")


def _add_judging(command: Add) -> None:
    check = command("check", commands.check, "judge the rows of a file")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--knowledge", type=Path, metavar="DIR", help="documents that facts must agree with")
    check.add_argument("--rules", type=Path, metavar="FILE")
    check.add_argument("--test", type=Path, metavar="FILE", help="rows that must not be among them, as of a benchmark")
    check.add_argument("--only", metavar="facts,logic,…")
    check.add_argument("--out", type=Path, metavar="FILE")
    check.add_argument("--report", type=Path, metavar="FILE.html", help="a health report as a page, and FILE.json")
    check.add_argument("--offline", action="store_true", help="call no model")
    scan = command("scan", commands.scan, "whether a file holds personal data: where, and never what; 0 if none")
    scan.add_argument("file", type=Path, metavar="FILE")
    scan.add_argument("--no-names", action="store_true", help="only what has a form of its own: faster")
    for each in (check, scan):
        _can_rename(each)
    relations = command("relations", commands.relations, "find relations in documents, for a person to confirm")
    relations.add_argument("documents", type=Path, metavar="DOCUMENTS")
    relations.add_argument("--out", type=Path, metavar="FILE.csv", required=True)


def _add_files(command: Add) -> None:
    clean = command("clean", commands.clean, "any file in, clean rows out, and why the others are not among them")
    clean.add_argument("file", type=Path, metavar="FILE")
    clean.add_argument("--out", type=Path, metavar="FILE", required=True)
    clean.add_argument("--personal-data", choices=["mask", "hash", "generalise"], default="keep")
    clean.add_argument("--report", type=Path, metavar="FILE", help="what each step did, as JSON")
    clean.add_argument(
        "--steps", type=Path, metavar="FILE.yaml", help="which steps, in which order, with which options"
    )
    convert = command("convert", commands.convert, "the same rows in another format")
    convert.add_argument("file", type=Path, metavar="FILE")
    formats = ["alpaca", "sharegpt", "messages", "prompt-completion", "csv", "parquet", "jsonl"]
    convert.add_argument("--to", choices=formats, required=True)
    convert.add_argument("--out", type=Path, metavar="FILE", required=True)
    for each in (clean, convert):
        _can_rename(each)
    fetch = command("fetch", commands.fetch, "new rows of a database, an API or a hub to the end of a file")
    fetch.add_argument("source", type=Path, metavar="SOURCE.yaml")
    fetch.add_argument("--out", type=Path, metavar="FILE.jsonl", required=True)
    when = fetch.add_mutually_exclusive_group()
    when.add_argument("--every", type=_seconds, metavar="15m", help="again and again, until Ctrl-C; s, m, h or d")
    when.add_argument("--once", action="store_true", help="a single time, as without --every")


def _rate(text: str) -> float | str:
    if text == "probe":
        return text
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number such as 0.001 nor `probe`") from None


def _minutes(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text) or not float(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of minutes above 0")
    return float(text)


def _count(text: str) -> int:
    if not re.fullmatch(r"\d+", text) or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _can_rename(command: argparse.ArgumentParser) -> None:
    command.add_argument("--map", action="append", default=[], metavar="theirs=ours", help="rename a column")


def _add_versions(command: Add) -> None:
    command("versions", commands.versions, "the frozen data sets")
    compare = command("compare", commands.compare, "what changed between two versions")
    compare.add_argument("a", metavar="V1")
    compare.add_argument("b", metavar="V2")
    passport = command("passport", commands.passport, "where a version comes from, and what it lacks")
    passport.add_argument("version", metavar="V")
    kinds = "a page, a Hugging Face dataset card, or Croissant 1.0"
    passport.add_argument(
        "--as", dest="kind", choices=["markdown", "card", "croissant"], default="markdown", help=kinds
    )
    passport.add_argument("--out", type=Path, metavar="FILE")
    audit = command("audit", commands.audit, "who did what, when and why; and whether that was changed since")
    audit.add_argument("--project", metavar="NAME")


def _add_models(command: Add) -> None:
    train = command("train", commands.train, "tune a model on a version or a file")
    train.add_argument("data", metavar="VERSION-or-FILE")
    train.add_argument("--base", metavar="NAME", help="smollm2-135m where none is named; minilm for encoder")
    train.add_argument("--method", choices=["lora", "qlora", "full", "prompt", "prefix", "encoder"], default="lora")
    train.add_argument("--out", type=Path, metavar="DIR")
    train.add_argument("--advice", action="store_true", help="ask the base first whether training is needed; no more")
    train.add_argument("--knowledge", type=Path, metavar="DIR", help="with --advice: documents to answer from")
    train.add_argument("--epochs", type=float, metavar="N", help="how often each row is learned")
    rate = "how far each step goes; `probe` tries three first"
    train.add_argument("--learning-rate", type=_rate, metavar="RATE", help=rate)
    general = "share of general rows, which the base answers itself, so that it forgets less: 0.05 to 0.2"
    train.add_argument("--replay", type=float, metavar="SHARE", help=general)
    train.add_argument(
        "--mix", type=Path, metavar="FILE", help="a second file, of which as many rows are learned along"
    )
    train.add_argument("--show", action="store_true", help="only show what would be learned, and what it would take")
    train.add_argument("--gpus", type=_count, default=1, metavar="N", help="how many share each batch")
    train.add_argument(
        "--minutes", type=_minutes, metavar="N", help="the most you want to wait; the best by then is kept"
    )
    stop = command("stop", commands.stop, "end a training that runs; it can go on later")
    stop.add_argument("model", metavar="MODEL-or-RUN")
    stop.add_argument("--keep", action="store_true", help="the best so far becomes the finished model")
    try_ = command("try", commands.try_out, "one message, answered by the base and by the tuned model")
    try_.add_argument("model", metavar="MODEL")
    try_.add_argument("text", metavar="TEXT")
    evaluate = command("evaluate", commands.evaluate, "base against tuned, with intervals")
    evaluate.add_argument("model", metavar="MODEL")
    evaluate.add_argument("--data", type=Path, metavar="FILE")
    evaluate.add_argument("--knowledge", type=Path, metavar="DIR", help="documents that the base may look things up in")
    evaluate.add_argument("--metric", choices=[name for name, _ in METRICS], help="what counts first")
    evaluate.add_argument("--curve", action="store_true", help="train anew on parts of the rows: would more rows help?")
    quick = "only the test rows: no typing errors, attacks, long or foreign messages, nor what was forgotten"
    evaluate.add_argument("--quick", action="store_true", help=quick)
    evaluate.add_argument("--out", type=Path, metavar="DIR")
    _add_shipping(command)


def _add_shipping(command: Add) -> None:
    compress = command("compress", commands.compress, "a tuned model in smaller forms, each compared with the adapter")
    compress.add_argument("model", metavar="MODEL")
    forms = "bf16 (merged), int8 (for a CPU), gguf, q8 and q4 (for llama.cpp)"
    compress.add_argument("--to", metavar="bf16,int8,gguf,q8,q4", default="bf16,int8,gguf,q8", help=forms)
    compress.add_argument("--out", type=Path, metavar="DIR", help="shipped/ in the model's folder")
    compress.add_argument("--prompts", type=Path, metavar="FILE", help="rows or lines instead of the held-back rows")
    release = command("release", commands.release, "show what would be released, and release it once confirmed")
    release.add_argument("model", metavar="MODEL-or-RELEASE")
    release.add_argument("--name", metavar="NAME", help="the project's, or that of the model's folder")
    release.add_argument("--confirm", metavar="HASH", help="the hash that was shown")
    release.add_argument("--from", dest="shipped", type=Path, metavar="DIR", help="where compress wrote to")
    models = command("models", commands.models, "the released models; with a name, all that one follows from")
    models.add_argument("name", nargs="?", metavar="NAME-or-RELEASE")
