"""The int8 MiniLM undone: the same matrices, and the same vectors as the model that it comes from."""

from __future__ import annotations

from pathlib import Path

import numpy
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper
from transformers import BertConfig, BertModel

from finetune.base import base_folder
from finetune.encoders.classifier import untrained
from finetune.encoders.minilm import WRAPPER, convert_graph
from finetune.encoders.reading import Kinds


def squeezed(weight: NDArray[numpy.float32]) -> tuple[NDArray[numpy.int8], NDArray[numpy.float32]]:
    """A scale a column, as in the graph."""
    scale = numpy.abs(weight).max(0, keepdims=True) / 127
    return numpy.round(weight / scale).astype(numpy.int8), scale.astype(numpy.float32)


def graph_of(model: BertModel) -> tuple[onnx.GraphProto, dict[str, NDArray[numpy.float32]]]:
    """Every matrix without its name, as an exporter leaves it; and what each weight then is."""
    nodes: list[NodeProto] = []
    stored: list[TensorProto] = []
    wanted: dict[str, NDArray[numpy.float32]] = {}
    for number, (name, tensor) in enumerate(model.state_dict().items()):
        array = tensor.numpy()
        linear = name.endswith("weight") and name.removesuffix("weight") + "bias" in model.state_dict()
        if array.ndim < 2 or "token_type" in name or not (linear or "embeddings" in name):
            stored.append(numpy_helper.from_array(array, WRAPPER + name))
            wanted[name] = array
            continue
        q, scale = squeezed(array.T if linear else array)
        called = f"val_{number}" if linear else WRAPPER + name
        stored += [numpy_helper.from_array(q, called + "_q"), numpy_helper.from_array(scale, called + "_scale")]
        nodes.append(helper.make_node("Cast", [called + "_q"], [called + "_f"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [called + "_f", called + "_scale"], [called]))
        wanted[name] = (q * scale).T if linear else q * scale
        if linear:
            nodes.append(helper.make_node("MatMul", ["x", called], [called + "_x"]))
            bias = WRAPPER + name.removesuffix("weight") + "bias"
            nodes.append(helper.make_node("Add", [called + "_x", bias], [called + "_y"]))
    return helper.make_graph(nodes, "tiny", [], [], stored), wanted


def test_every_matrix_finds_its_name(tmp_path: Path) -> None:
    sizes = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = BertConfig(vocab_size=30, max_position_embeddings=12, **sizes)
    graph, wanted = graph_of(BertModel(config, add_pooling_layer=False))
    convert_graph(graph, config, tmp_path)
    found = BertModel.from_pretrained(tmp_path, add_pooling_layer=False).state_dict()
    assert set(found) == set(wanted)
    for name, array in wanted.items():
        assert torch.allclose(found[name], torch.from_numpy(numpy.ascontiguousarray(array))), name


def test_a_missing_matrix_is_no_model(tmp_path: Path) -> None:
    config = BertConfig(vocab_size=30, hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2)
    graph, _ = graph_of(BertModel(config, add_pooling_layer=False))
    del graph.node[-1]
    with pytest.raises(RuntimeError, match="Missing key"):
        convert_graph(graph, config, tmp_path)


@pytest.mark.slow
def test_the_real_one_gives_the_vectors_of_the_one_it_comes_from() -> None:
    from tools.embeddings import minilm

    said = ("I lost my card", "Rain in Rome?", "wire $5", "Ärger mit é", "a")
    times = ("today", "two years ago, on a cold day in a town by the sea", "now", "?")
    texts = [f"{what} {when}" for what in said for when in times]
    encoder = untrained("minilm", Kinds(("a", "b"), ()), "cpu", 0)
    encoder.model.eval()
    found = encoder.classify(texts).features
    found /= numpy.linalg.norm(found, axis=1, keepdims=True)
    assert (found * numpy.array(minilm()(texts))).sum(1).min() >= 0.99
    assert base_folder("minilm").name == "minilm"
