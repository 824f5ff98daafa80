"""Which languages the rows are in, and which few are in another one than the rest of their column."""

from __future__ import annotations

from collections import Counter, defaultdict

from tools.health.report import Count, Example
from tools.health.signs import latin_language, script, shown
from workspace.sample import Sample

# Every row's letters are looked at. Languages that share the Latin alphabet are told apart in the first rows, then in
# one of ten, for that costs more than all else: of a stray one among very many rows only a share is found.
ALL_OF, THEN = 2000, 10
KEPT = 5
MAIN, STRAY = 0.85, 0.1
LEAST = 20


class Spoken:
    """By column: question and answer may be of different languages, as in translations."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._examples: dict[tuple[str, str], list[Example]] = defaultdict(list)

    def see(self, number: int, row: Sample) -> None:
        answer = row.answer if row.label is None else ""
        for column, text in (("question", row.question), ("answer", answer)) if row.messages else ():
            if not (told := script(text)):
                continue
            if told == "latin":
                told = (latin_language(text) if number < ALL_OF or number % THEN == 0 else "") or "latin"
            self._counts[column][told] += 1
            if len(found := self._examples[column, told]) < KEPT:
                found.append(Example(row=number, text=shown(text), beside=told))

    def mix(self) -> tuple[Count, ...]:
        """Of the questions; texts too short to tell are taken for the commonest of their alphabet."""
        return tuple(Count(name=name, rows=n) for name, n in self._settled("question").most_common(12))

    def strays(self) -> tuple[int, list[Example]]:
        """(how many texts, some of them) in a language that hardly any other of their column is in."""
        rows, examples = 0, list[Example]()
        for column in list(self._counts):
            counts = self._settled(column)
            total = counts.total()
            main, most = counts.most_common(1)[0]
            for name, n in counts.items() if total >= LEAST and most >= MAIN * total else ():
                if name != main and n <= STRAY * total:
                    rows += n
                    examples += self._examples[column, name]
        return rows, examples

    def _settled(self, column: str) -> Counter[str]:
        counts = Counter(self._counts[column])
        short = counts.pop("latin", 0)
        latin = [name for name in counts if len(name) == 2 and name not in ("zh", "ja", "ko", "ru", "ar", "th", "hi")]
        best = max(latin, key=lambda name: counts[name], default="en")
        if short:
            counts[best] += short
        return counts
