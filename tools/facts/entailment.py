"""What a model makes of a claim beside the sentences that may settle it: a verdict, its proof, and how sure it is."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import orjson
from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema
from rapidfuzz import fuzz

from tools.calibration import Logistic
from tools.facts.claims import content_words, coverage, read
from tools.facts.comparers import OPEN, counterpart, relation
from tools.llm import Ask, Chat, prompt
from workspace.words import Language, Words, language_of

FactVerdict = Literal["supported", "contradicted", "unknown"]
EXAMPLES = Path(__file__).parents[1] / "prompts"
# A small model drops an accent or a comma where it copies; what is less like the document is no copy.
COPIED = 90.0
# Log-odds to the chance of being right, fitted on 323 claims of fever_symmetric: docs/decisions/004-facts.md.
SUPPORT = Logistic(slope=0.56, intercept=0.2)
# Where the endpoint does not tell how likely a verdict was: about the share that was right of those same claims.
UNTOLD = 0.85


class Reply(BaseModel):
    """The verdict comes first: how likely each of the three was is read off its place."""

    verdict: FactVerdict
    quote: str = Field(
        description="the few deciding words of the excerpt, copied", json_schema_extra={"maxLength": 160}
    )
    likelihood: SkipJsonSchema[dict[str, float]] = {}


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a document; text == document[start:end]."""

    document: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """`line` is the proof, cut to the words that were quoted; None with `unknown`. `confidence` is 0 to 1."""

    verdict: FactVerdict
    reason: Words
    line: Line | None = None
    confidence: float = 0.5


def opinion(claim: str, question: str, lines: Sequence[Line], chat: Chat) -> Opinion:
    """The model's verdict over the lines, in their order, as far as its quote bears it out."""
    language = language_of(claim)
    asked = Ask(
        prompt=_shown("\n".join(line.text for line in lines), claim, question),
        reply=Reply,
        slot="facts",  # one for all: the same claim beside the same lines is paid for once
        system=prompt("facts", language),
        shots=_examples(language),
        max_tokens=200,
        weigh="verdict",
    )
    reply = chat.ask(asked).value
    if reply is None:
        return Opinion("unknown", Words("The model gave no usable verdict.", "模型没有给出可用的结论。"))
    verdict, confidence = weighed(reply)
    if verdict == "unknown":
        return Opinion("unknown", OPEN, None, confidence)
    return _borne_out(claim, question, verdict, reply.quote, lines, confidence)


def weighed(reply: Reply) -> tuple[FactVerdict, float]:
    """The likeliest verdict and the chance that it is right; the model's own word where no likelihoods came."""
    if not reply.likelihood:
        return reply.verdict, UNTOLD
    supported, contradicted, unknown = (
        max(reply.likelihood.get(name, 0.0), 1e-6) for name in ("supported", "contradicted", "unknown")
    )
    yes = SUPPORT.apply(math.log(supported / contradicted))
    open_ = unknown / (supported + contradicted + unknown)
    if open_ > max(yes, 1 - yes) * (1 - open_):
        return "unknown", open_
    # Fitted on claims that their lines settle, so that is taken as given.
    return ("supported", yes) if yes >= 0.5 else ("contradicted", 1 - yes)


def _borne_out(
    claim: str, question: str, verdict: FactVerdict, quote: str, lines: Sequence[Line], confidence: float
) -> Opinion:
    """A verdict counts only with a quote that stands in the document, is about the claim, and agrees in its figures."""
    number, place = _quoted(quote, lines)
    if place is None:
        return Opinion(
            "unknown", Words("The words given as proof are not in the document.", "给出的依据在文档中找不到。")
        )
    # The line before belongs to it: whom "he" means is said there.
    around = read(" ".join(line.text for line in lines[max(0, number - 1) : number + 1]))
    ours, theirs = read(claim), read(lines[number].text)
    if not (ours.bag | read(question).bag) & around.bag and len(lines) > 1:
        return Opinion(
            "unknown", Words("The words given as proof speak of something else.", "给出的依据说的是另一件事。")
        )
    others = [(q, counterpart(q, ours, theirs)) for q in ours.quantities]
    if verdict == "supported" and any(other and relation(q, other) == "differs" for q, other in others):
        return Opinion("unknown", Words("The figures differ from those of the document.", "数字与文档不一致。"))
    reason = {
        "supported": Words("The document bears it out.", "文档可以证实。"),
        "contradicted": Words("The document says otherwise.", "文档的说法与之不符。"),
    }[verdict]
    return Opinion(verdict, reason, place, confidence)


def _quoted(quote: str, lines: Sequence[Line]) -> tuple[int, Line | None]:
    """The number of the line that the quote is from and the part that it is; the whole line where words were left out.

    White space may differ, and a letter here and there.
    """
    words = quote.split()
    if not words or not content_words(quote):
        return 0, None
    exactly = re.compile(r"\s+".join(map(re.escape, words)))
    for number, line in enumerate(lines):
        found = exactly.search(line.text)
        start, end = found.span() if found else _nearly(quote, line.text)
        if start < end:
            return number, Line(line.document, line.start + start, line.start + end, line.text[start:end])
    said = read(quote)
    number = max(range(len(lines)), key=lambda i: coverage(said.bag, read(lines[i].text).bag))
    return number, lines[number] if coverage(said.bag, read(lines[number].text).bag) == 1.0 else None


def _nearly(quote: str, text: str) -> tuple[int, int]:
    if len(quote) > len(text) * 1.1:
        return 0, 0
    alignment = fuzz.partial_ratio_alignment(quote.casefold(), text.casefold(), score_cutoff=COPIED)
    return (alignment.dest_start, alignment.dest_end) if alignment and len(text) == len(text.casefold()) else (0, 0)


def _shown(excerpt: str, claim: str, question: str = "") -> str:
    # A document can't hold the hash of itself, so it can't close its own fence.
    fence = "=" * 4 + hashlib.sha256(excerpt.encode("utf-8", "replace")).hexdigest()[:8] + "=" * 4
    asked = f"Question: {question}\n" if question else ""
    return f"{fence}\n{excerpt}\n{fence}\n{asked}Claim: {claim}"


@cache
def _examples(language: Language) -> tuple[tuple[str, str], ...]:
    """The worked examples of prompts/facts-examples.*.md: three lines each, as they would be asked and answered."""
    blocks = (EXAMPLES / f"facts-examples.{language}.md").read_text(encoding="utf-8").strip().split("\n\n")
    return tuple(_example(dict(line.split(":", 1) for line in block.split("\n"))) for block in blocks)


def _example(given: dict[str, str]) -> tuple[str, str]:
    excerpt, claim = given.pop("excerpt").strip(), given.pop("claim").strip()
    ((verdict, quote),) = given.items()
    return _shown(excerpt, claim), orjson.dumps({"verdict": verdict, "quote": quote.strip()}).decode()
