"""Anybody may ask at any time: same prompts as in training, same answers as when it was judged, one engine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from finetune.base import load_model
from finetune.judging.decode import Decoder
from finetune.methods import opened
from finetune.rows import prompt_tokens, tokenised
from finetune.shipping import in_torch, serving
from finetune.shipping.engine import NotOffered, Question, Sampling
from finetune.shipping.in_torch import TorchEngine, choices_of
from finetune.shipping.serving import Served, close_all, served
from tests.finetune.shipping.tuned import free_rows, tiny_tuned
from tests.finetune.tiny import LABELS, colours
from workspace.errors import UserError
from workspace.sample import Message
from workspace.stated import Method


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """In float32 whatever is faster here: a random model's answers hang on the last bit."""
    monkeypatch.setattr(in_torch, "device_and_precision", lambda: ("cpu", "float32"))
    yield tiny_tuned(tmp_path)
    close_all()


def said(model: Served, text: str, tuned: bool = True, **how: object) -> str:
    question = Question(model.prompt([Message(role="user", content=text)]), tuned, 12, **how)  # type: ignore[arg-type]
    return "".join(piece.text for piece in model.answer(question))


def test_answers_as_when_it_was_judged(folder: Path) -> None:
    model = served(folder)
    assert model.labels == tuple(sorted(LABELS))
    models = {True: opened(folder, "float32", "cpu"), False: load_model(folder.parent / "base", "float32", "cpu")}
    seen = set()
    for text in ("red", "what is this?", "天空是什么颜色", "green or blue", "x"):
        prompt = prompt_tokens([Message(role="user", content=text)], model.tokenizer)
        for tuned, weights in models.items():
            for labels in ((), model.labels):
                choices = choices_of(labels, model.tokenizer) if labels else None
                wanted = next(Decoder(weights, model.tokenizer, choices, 12).answers({0: prompt}))[0]
                assert said(model, text, tuned, labels=labels) == wanted
                seen.add((tuned, wanted))
    assert {answer for tuned, answer in seen if tuned} != {answer for tuned, answer in seen if not tuned}


def test_prompts_are_those_of_training(folder: Path) -> None:
    model = served(folder)
    for row in colours(3, "train"):
        assert model.prompt(row.messages[:-1]) == tokenised(row, model.tokenizer).prompt


def test_a_model_that_writes_texts_has_no_labels(tmp_path: Path) -> None:
    assert Served(tiny_tuned(tmp_path, free_rows())).labels == ()


def test_rows_that_are_gone_leave_it_without_labels(folder: Path) -> None:
    (folder.parent / "data.jsonl").unlink()
    assert Served(folder).labels == ()


def test_an_answer_is_cut_at_a_stop_and_at_its_most_tokens(folder: Path) -> None:
    model = served(folder)
    prompt = model.prompt([Message(role="user", content="go on")])
    whole = next(model.answer(Question(prompt, False, 30)))
    assert whole.ending == "length"
    assert whole.tokens == 30
    stop = whole.text[5:7]
    assert said(model, "go on", False, stop=(stop,)) == whole.text[: whole.text.index(stop)]


def test_a_prompt_that_leaves_no_room_is_refused(folder: Path) -> None:
    model = served(folder)
    with pytest.raises(NotOffered, match="too long") as caught:
        model.prompt([Message(role="user", content="长" * 600)])
    assert "512" in caught.value.to("zh")[0]
    with pytest.raises(NotOffered, match="nothing"):
        model.text("")
    most = model.text("x" * 500)
    assert model.room(most, 100) == 12


def test_what_it_cannot_do_is_refused_in_words(folder: Path) -> None:
    with pytest.raises(NotOffered, match="without sampling"):
        said(served(folder), "x", sampling=Sampling(temperature=0.7))
    with pytest.raises(NotOffered, match="without sampling"):
        said(served(folder), "x", schema="{}")
    for penalty in (Sampling(presence_penalty=0.5), Sampling(frequency_penalty=-1)):
        with pytest.raises(NotOffered, match="without sampling"):
            said(served(folder), "x", sampling=penalty)


def test_no_finished_model_no_server(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no tuned model"):
        served(tmp_path)


def test_a_classifier_that_writes_nothing_is_refused(folder: Path) -> None:
    model = folder / "model.json"
    model.write_text(model.read_text().replace('"lora"', '"encoder"'))
    with pytest.raises(UserError, match="writes no text"):
        Served(folder)


@pytest.mark.parametrize("method", ["full", "prefix"])
def test_what_llama_cpp_cannot_take_is_served_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: Method
) -> None:
    monkeypatch.setattr(in_torch, "device_and_precision", lambda: ("cpu", "float32"))
    model = Served(tiny_tuned(tmp_path, free_rows(), method=method))
    weights = opened(model.folder, "float32", "cpu")
    prompt = model.prompt([Message(role="user", content="say something")])
    assert said(model, "say something") == next(Decoder(weights, model.tokenizer, None, 12).answers({0: prompt}))[0]
    assert said(model, "say something", tuned=False) != said(model, "say something")
    model.close()


def test_one_engine_a_folder_that_starts_late_and_rests(folder: Path) -> None:
    model = served(folder)
    assert served(folder / ".." / folder.name) is model
    assert not model.idle
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(said(model, "same"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert model.idle
    model.rest()
    assert not model.idle
    assert said(model, "same") == answers[0]


def test_who_is_asked_does_not_rest(folder: Path) -> None:
    model = served(folder)
    pieces = model.answer(Question(model.prompt([Message(role="user", content="x")]), True, 5))
    next(pieces)
    model.rest()
    assert model._engine is not None
    pieces.close()  # type: ignore[attr-defined]
    model.rest()
    assert model._engine is None


def test_goes_to_rest_by_itself(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "IDLE_SECONDS", 0.05)
    model = served(folder)
    said(model, "x")
    assert model._timer
    model._timer.join(5)
    assert not model.idle


def test_a_third_model_takes_the_place_of_one_that_nobody_asks(tmp_path: Path) -> None:
    models = []
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        models.append(served(tiny_tuned(tmp_path / name)))
        said(models[-1], "x")
    assert [model.idle for model in models] == [False, True, True]
    close_all()


def test_an_engine_that_fails_to_load_has_words_and_is_tried_again(folder: Path) -> None:
    weights = folder / "adapter_model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:100])
    model = Served(folder)
    with pytest.raises(UserError):
        said(model, "x")
    weights.write_bytes(whole)
    assert isinstance(said(model, "x"), str)
    assert isinstance(model._engine, TorchEngine)
