"""Plays written conversations against the interview and counts questions, right fields and words put in mouths.

    python benchmarks/interview.py [--no-model] [FILE.yaml …]

The model is the endpoint of the environment, or the embedded one.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from agent import interview
from workspace.spec import Spec, questions
from workspace.words import Language

if TYPE_CHECKING:
    from tools.llm import Chat

CONVERSATIONS = Path(__file__).parent.parent / "tests" / "agent" / "conversations"
MOST_TURNS = 25


@dataclass(frozen=True)
class Played:
    """`wrong` names fields whose value differs from the expected; `invented` what was recorded as said but wasn't."""

    name: str
    draft: Spec
    asked: tuple[str, ...]
    wrong: tuple[str, ...]
    invented: tuple[str, ...]
    expected: int
    seconds: float
    transcript: tuple[str, ...]


def play(path: Path, chat: Chat | None) -> Played:
    """One conversation from the opening to the last question."""
    script = yaml.safe_load(path.read_text(encoding="utf-8"))
    language: Language = script["language"]
    files, answers = _written(script.get("files", {})), script["answers"]
    start, asked, draft, lines = time.perf_counter(), [], Spec(), list[str]()
    said, field = script["opening"], None
    for turn in range(1, MOST_TURNS):
        said = said if isinstance(said, dict) else {"text": said}
        draft, told = _turn(draft, said, files, field, turn, chat, language)
        lines += [f"> {said['text']}", *told]
        question = interview.next_question(draft, tuple(asked), language)
        if question is None:
            break
        field = question.field
        lines.append(f"[{field}] {question.text}")
        said = answers.get(field, answers["otherwise"]) if field not in asked else answers["otherwise"]
        asked.append(field)
    filled = draft.filled()
    wrong = tuple(name for name, value in script["expect"].items() if not _same(_bare(filled, name), value))
    return Played(
        path.stem, draft, tuple(asked), wrong, _invented(filled, script), len(script["expect"]),
        time.perf_counter() - start, tuple(lines),
    )  # fmt: skip


def _turn(
    draft: Spec, said: dict[str, Any], files: dict[str, Path], field: str | None, turn: int, chat: Chat | None,
    language: Language,
) -> tuple[Spec, list[str]]:  # fmt: skip
    told = []
    if said.get("files"):
        from tools.sources.files import summary

        heard = interview.files_given(
            draft, [summary(files[name], f"uploads/0123/{name}") for name in said["files"]], turn, language
        )
        draft, told = heard.draft, [heard.echo]
    heard = interview.hear(draft, said["text"], field, turn, chat, language)
    return heard.draft, [line for line in (*told, heard.echo, heard.note) if line]


def _written(files: dict[str, str]) -> dict[str, Path]:
    folder = Path(tempfile.mkdtemp())
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {name: folder / name for name in files}


def _bare(spec: Spec, name: str) -> Any:
    stated = getattr(spec, name)
    return None if stated is None else stated.model_dump(mode="json")["value"]


def _same(value: Any, expected: Any) -> bool:
    """Labels by name, shares within 1%, a goal and rules by words that must stand in them, files by name."""
    if isinstance(expected, dict):
        given = {s["name"]: s["share"] for s in value or ()}
        return given.keys() == expected.keys() and all(abs(given[k] - expected[k]) < 0.01 for k in expected)
    if isinstance(value, str) and isinstance(expected, list):
        return all(words.lower() in value.lower() for words in expected)
    if isinstance(expected, list):
        texts = [item if isinstance(item, str) else item.get("sentence") or item["name"] for item in value or ()]
        return len(texts) == len(expected) and all(w.lower() in t.lower() for w, t in zip(expected, texts, strict=True))
    if isinstance(value, float):
        return abs(value - expected) < 1e-6
    return bool(value == expected)


def _invented(spec: Spec, script: dict[str, Any]) -> tuple[str, ...]:
    """Fields recorded as said that the person never spoke of, or said with a value or a quote that isn't theirs."""
    found = []
    for name, _ in questions():
        stated = getattr(spec, name)
        if stated is None or stated.source != "said":
            continue
        right = name not in script["expect"] or _same(_bare(spec, name), script["expect"][name])
        value = str(_bare(spec, name)).lower()
        if name not in script["said"] or not right or any(w.lower() in value for w in script.get("never", ())):
            found.append(name)
    return tuple(found)


@contextmanager
def _chat(wanted: bool) -> Iterator[Chat | None]:
    if not wanted:
        yield None
        return
    from tools.llm import open_chat
    from workspace.journal import Journal

    journal = Journal(Path(tempfile.mkdtemp()) / "journal.sqlite")
    chat = open_chat(journal)
    yield chat
    chat.close()
    journal.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--no-model", action="store_true")
    parser.add_argument("--talk", action="store_true", help="print what was said")
    given = parser.parse_args()
    with _chat(not given.no_model) as chat:
        print(f"model: {chat.model if chat else 'none'}")
        print(f"{'conversation':24} questions  right  said wrongly  seconds")
        for path in given.files or sorted(CONVERSATIONS.glob("*.yaml")):
            done = play(path, chat)
            right = f"{done.expected - len(done.wrong)}/{done.expected}"
            print(f"{done.name:24} {len(done.asked):9} {right:>6} {len(done.invented):13} {done.seconds:8.1f}")
            for what, names in (("wrong", done.wrong), ("said wrongly", done.invented)):
                for name in names:
                    print(f"    {what}: {name} = {_bare(done.draft, name)}")
            print("\n".join(f"      {line}" for line in done.transcript) if given.talk else "", end="\n" * given.talk)


if __name__ == "__main__":
    main()
