"""The person's documents, kept whole on disk and found again by passage: by words, and for English also by meaning."""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from pydantic import BaseModel

from tools.facts.claims import Sentence, sentences, stem
from tools.facts.tabular import tables
from workspace.errors import UserError
from workspace.project import write_text, writing
from workspace.settings import quiet_libraries
from workspace.words import Words, language_of

if TYPE_CHECKING:
    import bm25s
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

    from tools.embeddings import Embed

log = logging.getLogger("tunesmith")

# A passage is as many sentences as an answer needs around it, counted in Latin letters; a Chinese one says more.
PASSAGE = 500
LONGEST_SENTENCE = 1000
LONGEST_TABLE = 6000
CANDIDATES = 50
# Reciprocal rank fusion (Cormack et al. 2009) with a small constant: docs/decisions/002-retrieval.md.
FUSION = 10
TERM = re.compile(r"[a-z]+|\d+(?:[.,]\d+)*|[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found; text == document[start:end]. `score` only ranks hits of one query."""

    document: str
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Passage:
    id: str
    document: str
    start: int
    end: int
    text: str
    heading: str

    @property
    def searched(self) -> str:
        """What is looked through: a section's later passages don't repeat what it is about."""
        return self.text if self.text.startswith(self.heading) else f"{self.heading}\n{self.text}"


class Contents(BaseModel):
    """documents.json. `dense` is decided once, so that the same question finds the same on another day."""

    documents: dict[str, str] = {}
    dense: bool | None = None
    generation: int = 0


def _default_embed() -> Embed:
    from tools.embeddings import minilm

    return minilm()


def kept_text(folder: Path, name: str) -> str | None:
    """A document as it was added, read beside whoever has the base open; None where it is not there."""
    contents = folder / "documents.json"
    if not contents.exists():
        return None
    digest = Contents.model_validate_json(contents.read_bytes()).documents.get(name)
    file = folder / "texts" / f"{digest}.txt"
    return file.read_bytes().decode() if digest and file.exists() else None


class Knowledge:
    """`folder/texts/<hash>.txt`, `folder/documents.json`, `folder/chroma-<n>/`. One process on a folder at a time.

    Safe from several threads. Without the weights of the embedding model it finds by words alone.
    """

    def __init__(self, folder: Path, embed: Callable[[], Embed] = _default_embed) -> None:
        self.folder = folder
        self._embed = embed
        self._lock = threading.RLock()
        self._client: ClientAPI | None = None
        self._opened: Collection | None = None
        contents = folder / "documents.json"
        self._contents = Contents.model_validate_json(contents.read_bytes()) if contents.exists() else Contents()
        self._sweep()

    def documents(self) -> list[str]:
        return sorted(self._contents.documents)

    def text(self, name: str) -> str:
        """The whole document. Raises UserError where there is none of that name."""
        return self._file(self._hash(name)).read_bytes().decode()

    def add(self, name: str, text: str) -> int:
        """Into how many passages it was cut. The same again changes nothing; another text replaces the old one."""
        # A lone surrogate can't be written; a replacement of the same length keeps every offset.
        text = re.sub("[\ud800-\udfff]", "\ufffd", text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        with self._lock:
            old = self._contents.documents.get(name)
            new = list(_passages(name, digest, text))
            if not new:
                raise _empty(name)
            if old != digest:
                stale = [p.id for p in self._passages.values() if p.document == name]
                write_text(self._file(digest), text)
                self._put(new)
                self._save({**self._contents.documents, name: digest})
                self._forget_unused()
                if stale and self._contents.dense:
                    self._collection.delete(ids=stale)
            return len(new)

    def erase(self, name: str) -> None:
        """Takes the document off the disk: Chroma would keep deleted rows, so its folder is made anew."""
        with self._lock:
            self._hash(name)
            kept = {n: digest for n, digest in self._contents.documents.items() if n != name}
            vectors = self._vectors(set(kept))
            self._close()
            self._contents = self._contents.model_copy(update={"generation": self._contents.generation + 1})
            if vectors:
                ids = sorted(vectors)
                self._collection.upsert(ids=ids, embeddings=[vectors[i] for i in ids])
            self._save(kept)
            self._sweep()

    def find(self, query: str, k: int = 5) -> list[Hit]:
        """The k passages that fit best, over all documents; fewer where no more have anything in common with it."""
        with self._lock:
            if not self._passages:
                return []
            rankings = [self._by_words(query), self._by_meaning(query)]
            scores: dict[str, float] = {}
            for ranking in rankings:
                for place, id in enumerate(ranking):
                    scores[id] = scores.get(id, 0.0) + 1 / (FUSION + place + 1)
            best = sorted(scores, key=lambda id: (-scores[id], id))[:k]
            found = [(self._passages[id], scores[id]) for id in best]
            return [Hit(p.document, p.start, p.end, p.text, round(score, 6)) for p, score in found]

    def close(self) -> None:
        with self._lock:
            self._close()

    # what is on disk

    def _file(self, digest: str) -> Path:
        return self.folder / "texts" / f"{digest}.txt"

    def _hash(self, name: str) -> str:
        if name not in self._contents.documents:
            known = ", ".join(self.documents())
            raise UserError(
                Words(f"There is no document called {name}.", f"没有名为 {name} 的文档。"),
                Words(f"There are: {known or 'none yet'}.", f"现有文档：{known or '无'}。"),
            )
        return self._contents.documents[name]

    def _save(self, documents: dict[str, str]) -> None:
        self._contents = self._contents.model_copy(update={"documents": documents})
        with writing(self.folder / "documents.json") as file:
            file.write(orjson.dumps(self._contents.model_dump(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
        self.__dict__.pop("_passages", None)
        self.__dict__.pop("_lexical", None)

    def _forget_unused(self) -> None:
        used = set(self._contents.documents.values())
        for file in (self.folder / "texts").glob("*.txt"):
            if file.stem not in used:
                file.unlink()

    def _sweep(self) -> None:
        """What a killed process left: texts that no document names, and Chroma folders of the past."""
        self._forget_unused()
        for chroma in self.folder.glob("chroma-*"):
            if chroma.name != f"chroma-{self._contents.generation}":
                shutil.rmtree(chroma)

    # finding

    @cached_property
    def _passages(self) -> dict[str, Passage]:
        found = (
            p for n, digest in sorted(self._contents.documents.items()) for p in _passages(n, digest, self.text(n))
        )
        return {p.id: p for p in found}

    @cached_property
    def _lexical(self) -> bm25s.BM25:
        import bm25s

        index = bm25s.BM25()
        index.index([_terms(p.searched) or [""] for p in self._passages.values()], show_progress=False)
        return index

    def _by_words(self, query: str) -> list[str]:
        terms = _terms(query)
        if not terms:
            return []
        scores = self._lexical.get_scores(terms)
        ranked = sorted(zip(scores.tolist(), self._passages, strict=True), key=lambda found: (-found[0], found[1]))
        return [id for score, id in ranked[:CANDIDATES] if score > 0]

    def _by_meaning(self, query: str) -> list[str]:
        if not self._contents.dense or language_of(query) != "en" or not query.strip():
            return []
        found = self._collection.query(
            query_embeddings=self._embed()([query]), n_results=CANDIDATES, include=["distances"]
        )
        return [id for id in found["ids"][0] if id in self._passages]

    # vectors

    def _put(self, passages: Sequence[Passage]) -> None:
        """Only what is English has a vector: for Chinese, no vectors that are free to use beat the words alone."""
        english = [p for p in passages if language_of(p.text) == "en"]
        if not english or not self._decide_dense():
            return
        vectors = self._embed()([p.searched for p in english])
        self._collection.upsert(ids=[p.id for p in english], embeddings=vectors)

    def _decide_dense(self) -> bool:
        if self._contents.dense is None:
            try:
                self._embed()
                dense = True
            except UserError as error:
                log.warning("documents will be found by their words alone: %s", error)
                dense = False
            self._contents = self._contents.model_copy(update={"dense": dense})
        return bool(self._contents.dense)

    def _vectors(self, documents: set[str]) -> dict[str, Sequence[float]]:
        if not self._contents.dense:
            return {}
        held = self._collection.get(include=["embeddings"])
        pairs = zip(held["ids"], held["embeddings"], strict=True)
        return {id: v for id, v in pairs if id in self._passages and self._passages[id].document in documents}

    @property
    def _collection(self) -> Collection:
        """Opened once: asking Chroma for it takes longer than a search."""
        if self._opened is None:
            quiet_libraries()
            import chromadb

            self._client = chromadb.PersistentClient(
                path=str(self.folder / f"chroma-{self._contents.generation}"),
                settings=chromadb.Settings(anonymized_telemetry=False),
            )
            # No embedding function: vectors are always handed over. Chroma's own would be downloaded.
            self._opened = self._client.get_or_create_collection(
                "passages", embedding_function=None, configuration={"hnsw": {"space": "cosine", "ef_search": 200}}
            )
        return self._opened

    def _close(self) -> None:
        self._opened = None
        if self._client is not None:
            self._client.close()
            self._client = None


def _passages(name: str, digest: str, text: str) -> Iterator[Passage]:
    named = hashlib.sha256(f"{name}\0{digest}".encode()).hexdigest()[:16]
    for place, heading in cut(text):
        yield Passage(f"{named}:{place.start:09d}", name, place.start, place.end, place.text, heading)


def cut(text: str) -> Iterator[tuple[Sentence, str]]:
    """Passages with the heading each stands under: neighbouring sentences up to a size, never across a heading."""
    group: list[Sentence] = []
    heading, weight = "", 0
    for sentence in _pieces(text):
        line = text[text.rfind("\n", 0, sentence.start) + 1 : sentence.start]
        opens = line.lstrip().startswith("#")
        size = len(sentence.text) * (3 if language_of(sentence.text) == "zh" else 1)
        if group and (opens or weight + size > PASSAGE):
            yield _joined(text, group), heading
            group, weight = [], 0
        heading = sentence.text if opens else heading
        group.append(sentence)
        weight += size
    if group:
        yield _joined(text, group), heading


def _joined(text: str, group: Sequence[Sentence]) -> Sentence:
    start, end = group[0].start, group[-1].end
    return Sentence(text[start:end], start, end)


def _pieces(text: str) -> Iterator[Sentence]:
    """Sentences, and tables whole, for a figure says nothing without its heads.

    A sentence without an end, as in a log, is cut where it gets too long.
    """
    whole = [(t.start, t.end) for t in tables(text) if t.end - t.start <= LONGEST_TABLE]
    seen = 0
    for s in sentences(text):
        if around := next(((a, b) for a, b in whole if a <= s.start < b), None):
            if around[0] >= seen:
                yield Sentence(text[around[0] : around[1]], *around)
            seen = around[1]
            continue
        for start in range(s.start, s.end, LONGEST_SENTENCE):
            end = min(start + LONGEST_SENTENCE, s.end)
            yield Sentence(text[start:end], start, end)


def _terms(text: str) -> list[str]:
    """Stems and figures; Chinese as single characters and pairs, for its words have no edges."""
    terms: list[str] = []
    for run in TERM.findall(text.lower()):
        if run[0] >= "\u4e00":
            terms += [*run, *(run[i : i + 2] for i in range(len(run) - 1))]
        else:
            terms.append(stem(run) if run[0].isalpha() else run.replace(",", ""))
    return terms


def _empty(name: str) -> UserError:
    return UserError(
        Words(f"There is no text in {name}.", f"{name} 里没有文字。"),
        Words(
            "Give a document with text; what a picture says must be legible.",
            "请提供有文字的文档；图片里的文字要清晰可辨。",
        ),
    )
