"""The int8 MiniLM that already measures how near texts are, turned into weights that can be trained."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import GraphProto
    from transformers import BertConfig

    Array = NDArray[Any]

# The exporter's module around the model.
WRAPPER = "inner."
LONGEST = 256  # tokens that MiniLM was trained to read


def convert(graph: Path, tokenizer: Path, folder: Path) -> None:
    """all-MiniLM-L6-v2 as safetensors with its tokenizer."""
    import onnx
    from transformers import BertConfig

    config = BertConfig(hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536)
    convert_graph(onnx.load(str(graph)).graph, config, folder)
    _tokenizer(tokenizer, folder)


def convert_graph(graph: GraphProto, config: BertConfig, folder: Path) -> None:
    """A BERT whose weights stand in the graph as int8 with a scale; every weight of the model must be found there."""
    import torch
    from transformers import BertModel

    model = BertModel(config, add_pooling_layer=False)
    weights = {name.removeprefix(WRAPPER): torch.from_numpy(array.copy()) for name, array in _weights(graph)}
    known = model.state_dict()
    model.load_state_dict({name: tensor for name, tensor in weights.items() if name in known})
    model.save_pretrained(folder)


def _weights(graph: GraphProto) -> Iterator[tuple[str, Array]]:
    """By name. A matrix has lost its own: it is known by the bias that is added to its product."""
    from onnx.numpy_helper import to_array

    stored = {tensor.name: to_array(tensor) for tensor in graph.initializer}
    yield from stored.items()
    cast: dict[str, Array] = {}
    whole: dict[str, Array] = {}
    products: dict[str, Array] = {}
    for node in graph.node:
        given, made = list(node.input), node.output[0]
        if node.op_type == "Cast" and given[0] in stored and stored[given[0]].dtype == "int8":
            cast[made] = stored[given[0]].astype("float32")
        elif node.op_type == "Mul" and given[0] in cast:
            whole[made] = cast.pop(given[0]) * stored[given[1]]
            yield made, whole[made]
        elif node.op_type == "MatMul" and given[1] in whole:
            products[made] = whole[given[1]]
        elif node.op_type == "Add" and (product := next((name for name in given if name in products), None)):
            bias = next(name for name in given if name != product)
            yield bias.removesuffix("bias") + "weight", products[product].T


def _tokenizer(file: Path, folder: Path) -> None:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer.from_file(str(file))
    raw.no_truncation()
    raw.no_padding()
    marks = {f"{name}_token": f"[{name.upper()}]" for name in ("unk", "sep", "pad", "cls", "mask")}
    PreTrainedTokenizerFast(tokenizer_object=raw, model_max_length=LONGEST, **marks).save_pretrained(folder)
