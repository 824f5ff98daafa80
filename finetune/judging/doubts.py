"""Rows whose label may be wrong: a model that never saw them is sure of another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from finetune.judging.classic import features
from workspace.sample import Sample

FOLDS = 5
SEED = 7
MOST_ROWS = 20_000
# With less, more is pointed at, and more of it wrongly.
STRICT = 3e-4


@dataclass(frozen=True)
class Doubt:
    """`chance` is how sure the model is of `likely`, 0 to 1."""

    row: Sample
    likely: str
    chance: float


def doubts(rows: Sequence[Sample]) -> list[Doubt]:
    """The surest first, by confident learning (Northcutt 2021): another label is likelier than is usual for rows that
    have it. Labels with fewer rows than folds are left out."""
    import numpy
    from sklearn.linear_model import SGDClassifier
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    counted = Counter(row.label for row in rows)
    rows = [row for row in rows if row.label and counted[row.label] >= FOLDS][:MOST_ROWS]
    labels = sorted({str(row.label) for row in rows})
    if len(labels) < 2:
        return []
    given = numpy.array([labels.index(str(row.label)) for row in rows])
    model = make_pipeline(features(), SGDClassifier(loss="log_loss", alpha=STRICT, random_state=SEED))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    chances = cross_val_predict(model, [row.question for row in rows], given, cv=folds, method="predict_proba")
    usual = numpy.array([chances[given == label, label].mean() for label in range(len(labels))])
    found = []
    for number, row in enumerate(rows):
        likely = int(chances[number].argmax())
        if likely != given[number] and chances[number, likely] >= usual[likely]:
            found.append(Doubt(row, labels[likely], float(chances[number, likely])))
    return sorted(found, key=lambda doubt: -doubt.chance)
