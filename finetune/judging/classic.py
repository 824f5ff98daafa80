"""What one would use without a neural network: TF-IDF with a linear SVM for labels, the most similar row for texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from finetune.judging.exam import Exam
from workspace.sample import Sample

if TYPE_CHECKING:
    from finetune.judging.contestants import Answering


def classic(exam: Exam, asked: Sequence[Sample]) -> Answering:
    """Learned from the training rows of the exam; answers `asked` by number."""
    model = learned(exam.train, exam.labels is not None)

    def answers(rows: Sequence[int]) -> Iterator[dict[int, str]]:
        found = model.predict([asked[row].question for row in rows])
        yield {row: str(answer) for row, answer in zip(rows, found, strict=True)}

    return answers


def learned(train: Sequence[Sample], sorts: bool) -> Any:
    """A scikit-learn pipeline from questions to labels, or to the answer of the most similar question."""
    from sklearn.dummy import DummyClassifier
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    wanted = [wanted_of(row, sorts) for row in train]
    if len(set(wanted)) == 1:
        judge = DummyClassifier()
    else:
        judge = LinearSVC() if sorts else KNeighborsClassifier(1, metric="cosine")
    return make_pipeline(features(), judge).fit([row.question for row in train], wanted)


def features() -> Any:
    """TF-IDF of words and of characters; the latter carry texts whose words have no edges."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\w+|[^\w\s]", sublinear_tf=True)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True)
    return make_union(words, characters)


def wanted_of(row: Sample, sorts: bool) -> str:
    return row.label if sorts and row.label else row.answer
