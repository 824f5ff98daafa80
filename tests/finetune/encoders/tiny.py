"""Two-layer random encoders with tokenizers of their own, and rows in two languages with cities and dates in them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from workspace.exact import json_text
from workspace.sample import Origin, Sample, Split, sample

Kind = Literal["bert", "roberta", "deberta-v2", "xlm-roberta"]
WORDS = {
    "en": (("flight", "weather"), ("paris", "tokyo", "new york"), ("today", "next monday"), "{} to {} {} please"),
    "zh": (("机票", "天气"), ("巴黎", "东京", "纽约"), ("今天", "下周一"), "帮我查{}，去{}，{}的"),
}


def tiny_encoder(folder: Path, kind: Kind = "bert") -> Path:
    """Every Chinese character of the rows is a piece, every English word too but for one of two pieces."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    chinese = sorted({c for words in WORDS["zh"][:3] for word in words for c in word} | set("帮我查去的，。"))
    letters = "abcdefghijklmnopqrstuvwxyz0123456789,.?"
    pieces = [*marks, *letters, *(f"##{c}" for c in letters), *chinese]
    pieces += ["flight", "weather", "to", "please", "paris", "tok", "##yo", "new", "york", "today", "next", "monday"]
    raw = Tokenizer(models.WordPiece(vocab={piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    raw.normalizer = normalizers.BertNormalizer()
    raw.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    raw.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {f"{name}_token": f"[{name.upper()}]" for name in ("unk", "sep", "pad", "cls", "mask")}
    PreTrainedTokenizerFast(tokenizer_object=raw, model_max_length=128, **names).save_pretrained(folder)
    torch.manual_seed(0)
    config = AutoConfig.for_model(
        kind,
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=130,
        pad_token_id=0,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.2,
    )
    AutoModel.from_config(config).save_pretrained(folder)
    return folder


def travel(count: int, split: Split | None, language: Literal["en", "zh"] = "en") -> list[Sample]:
    """What is asked for is the label; a city and a day are marked."""
    asked, cities, days, form = WORDS[language]
    rows = []
    for i in range(count):
        intent, city, day = asked[i % 2], cities[i % 3], days[i // 3 % 2]
        text = form.format(intent, city, day)
        places = ((city, "city"), (day, "date"))
        spans = [
            {"start": (at := text.index(word)), "end": at + len(word), "label": name, "text": word}
            for word, name in places
        ]
        row = sample(text, intent, Origin(source="test", row=i, slot=split), label=intent)
        rows.append(row.model_copy(update={"split": split, "fields": {"slots": json_text(spans)}}))
    return rows
