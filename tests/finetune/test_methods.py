"""Every method learns, trains only its own weights, and is the same model once written down and opened again."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from finetune.base import load_model, load_tokenizer
from finetune.checkpoint import State, latest
from finetune.job import Job
from finetune.judging.decode import Decoder
from finetune.loop import Learner, _finish
from finetune.methods import attached, opened, squeezed
from finetune.recipe import Recipe, virtual_length
from finetune.rows import Tokens
from finetune.virtual import virtual
from finetune.writer import Writer
from tests.finetune.tiny import colours, data_file, tiny_base
from workspace.errors import UserError
from workspace.stated import Method

METHODS: tuple[Method, ...] = ("lora", "full", "prompt", "prefix")
RATES = {"lora": 3e-2, "full": 3e-3, "prompt": 1e-1, "prefix": 5e-2}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return data_file(tmp_path_factory.mktemp("data"), colours(24, "train"), colours(6, "validation"))


def learner(base: Path, data: Path, folder: Path, method: Method, **dials: object) -> Learner[Tokens]:
    raw = {"base": str(base), "method": method, "learning_rate": RATES[method], "batch": 4, "steps": 40}
    recipe = Recipe.model_validate({**raw, "check_every": 5, "patience": 9, "virtual_tokens": 6, "rank": 4, **dials})
    job = Job(data=data, data_hash="", version="v1", recipe=recipe)
    folder.mkdir(parents=True, exist_ok=True)
    before = latest(folder)
    state = before.state if before else State(precision="float32", most_tokens=4096)
    found = Learner(job, folder, Writer(job, "float32", "cpu"), state, "cpu")
    if before:
        found.restore(before)
    return found


def logits(model: torch.nn.Module, text: str, base: Path) -> torch.Tensor:
    ids = torch.tensor([load_tokenizer(base)(text)["input_ids"]])
    with torch.no_grad():
        found: torch.Tensor = model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False).logits
    return found


@pytest.mark.parametrize("method", METHODS)
class TestEachMethod:
    def test_learns_and_opens_as_it_was(self, base: Path, data: Path, tmp_path: Path, method: Method) -> None:
        found = learner(base, data, tmp_path, method)
        steps = list(found.learn(lambda: ""))
        falls = 1.05 if method in ("prompt", "prefix") else 1.5  # a random base knows nothing that could be called up
        assert steps[-1].loss < steps[0].loss / falls
        _finish(found)
        model = found.pupil.model.eval()
        again = opened(tmp_path, "float32", "cpu")
        torch.testing.assert_close(
            logits(again, "red is what", base), logits(model, "red is what", base), atol=1e-4, rtol=1e-4
        )
        assert not torch.allclose(logits(again, "red", base), logits(load_model(base, "float32", "cpu"), "red", base))

    def test_trains_only_its_own(self, base: Path, data: Path, tmp_path: Path, method: Method) -> None:
        found = learner(base, data, tmp_path, method, steps=3)
        before = {name: p.detach().clone() for name, p in found.pupil.model.named_parameters()}
        assert len(list(found.learn(lambda: ""))) == 3
        after = dict(found.pupil.model.named_parameters())
        changed = {name for name, p in after.items() if not torch.equal(p, before[name])}
        mark = {"lora": "lora_", "full": "", "prompt": "virtual", "prefix": "virtual"}[method]
        assert changed == {name for name in after if mark in name} == set(found.pupil.weights)

    def test_goes_on_after_a_stop_as_if_there_had_been_none(
        self, base: Path, data: Path, tmp_path: Path, method: Method
    ) -> None:
        whole = [step.loss for step in learner(base, data, tmp_path / "whole", method, steps=12).learn(lambda: "")]
        first = learner(base, data, tmp_path / "m", method, steps=12)
        told = [step.loss for step in first.learn(lambda: "stop" if first.state.step == 7 else "")]
        told += [step.loss for step in learner(base, data, tmp_path / "m", method, steps=12).learn(lambda: "")]
        assert told == pytest.approx(whole, abs=1e-4)


@pytest.mark.parametrize("method", ["prompt", "prefix"])
class TestVirtualTokens:
    def test_begin_as_real_tokens_do(self, base: Path, method: Method) -> None:
        """Before any step the model answers as the base would with those tokens before the text."""
        row = Tokens((5, 6, 7, 8, 9, 10), (11, 12))
        recipe = Recipe(base=str(base), method=method, learning_rate=1e-2, virtual_tokens=4)
        model = attached(base, recipe, "float32", "cpu", [row]).eval()
        plain = load_model(base, "float32", "cpu")
        with torch.no_grad():
            found = model(input_ids=torch.tensor([[20, 21]])).logits
            wanted = plain(input_ids=torch.tensor([[5, 6, 7, 8, 20, 21]])).logits[:, 4:]
        torch.testing.assert_close(found, wanted, atol=1e-4, rtol=1e-4)

    def test_answer_as_peft_itself_would(self, base: Path, data: Path, tmp_path: Path, method: Method) -> None:
        from peft import PeftModel

        found = learner(base, data, tmp_path, method)
        list(found.learn(lambda: ""))
        _finish(found)
        tokenizer = load_tokenizer(base)
        prompts = [
            tuple(tokenizer(f"<|im_start|>user\n{text}")["input_ids"]) for text in ("red is it", "a blue one, please")
        ]
        theirs = PeftModel.from_pretrained(load_model(base, "float32", "cpu"), tmp_path)
        decoder = Decoder(opened(tmp_path, "float32", "cpu"), tokenizer, None, 12)
        decoder.share(prompts)
        ours = {row: answer for batch in decoder.answers(dict(enumerate(prompts))) for row, answer in batch.items()}
        for row, prompt in enumerate(prompts):
            ids = torch.tensor([prompt])
            written = theirs.generate(
                input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False, pad_token_id=0
            )[0, len(prompt) :].tolist()
            stop = tokenizer.eos_token_id
            kept = written[: written.index(stop)] if stop in written else written
            assert ours[row] == tokenizer.decode(kept, skip_special_tokens=True).strip()

    def test_go_with_a_base_in_bfloat16(self, base: Path, method: Method) -> None:
        recipe = Recipe(base=str(base), method=method, learning_rate=1e-2, virtual_tokens=4)
        model = attached(base, recipe, "bfloat16", "cpu", [Tokens((5, 6, 7), (8, 9))])
        model(input_ids=torch.tensor([[20, 21]]), use_cache=False).logits.float().sum().backward()
        assert model.dtype == torch.bfloat16
        assert [p.dtype for p in model.parameters() if p.grad is not None] == [torch.float32]

    def test_have_a_length_that_follows_from_the_layers(self, base: Path, method: Method) -> None:
        recipe = Recipe(base=str(base), method=method, learning_rate=1e-2)
        assert virtual_length(recipe, 30) == (6 if method == "prefix" else 32)
        weights = virtual(attached(base, recipe, "float32", "cpu", [Tokens((5, 6, 7), (8, 9))]))
        assert len(weights) == virtual_length(recipe, 2)

    def test_cannot_recompute_activations(self, base: Path, data: Path, tmp_path: Path, method: Method) -> None:
        assert not learner(base, data, tmp_path, method).pupil.lighten()


class TestQlora:
    def test_without_a_gpu_is_refused_with_a_way_out(self, base: Path) -> None:
        recipe = Recipe(base=str(base), method="qlora", learning_rate=1e-3)
        with pytest.raises(UserError, match="needs a GPU") as refused:
            attached(base, recipe, "float32", "cpu", [])
        assert "lora" in refused.value.fix.en

    def test_additions_learn_upon_four_bits(self, tmp_path: Path) -> None:
        pytest.importorskip("bitsandbytes")
        from finetune.methods import _with_lora

        base = tiny_base(tmp_path, width=64)
        recipe = Recipe(base=str(base), method="qlora", learning_rate=1e-2)
        model = _with_lora(squeezed(base, "cpu"), recipe)
        assert {p.dtype for name, p in model.named_parameters() if "q_proj.base" in name} == {torch.uint8}
        weights = [p for p in model.parameters() if p.requires_grad]
        optimiser = torch.optim.AdamW(weights, lr=1e-2)
        losses = []
        for _ in range(8):
            ids = torch.arange(12)[None]
            loss = model(input_ids=ids, labels=ids).loss
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        assert losses[-1] < losses[0]


def test_full_tuning_can_recompute_activations(base: Path, data: Path, tmp_path: Path) -> None:
    plain, light = learner(base, data, tmp_path / "a", "full"), learner(base, data, tmp_path / "b", "full")
    assert light.pupil.lighten()
    assert not light.pupil.lighten()
    assert next(light.learn(lambda: "")).loss == pytest.approx(next(plain.learn(lambda: "")).loss, abs=1e-4)
