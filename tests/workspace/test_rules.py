"""The language of rules is closed: what it has no word for is refused, and what it holds survives JSON and YAML."""

from __future__ import annotations

import pytest
import yaml
from pydantic import ValidationError

from workspace.rules import Rule

TREE = {
    "sentence": "If the profit is over 20% of sales, explain it in at most 50 words, and never say 'guaranteed'.",
    "condition": {
        "kind": "and",
        "all": [
            {
                "kind": "implies",
                "when": {
                    "kind": "compare",
                    "left": {"kind": "column", "name": "profit"},
                    "operator": ">",
                    "right": {
                        "kind": "arithmetic",
                        "operator": "*",
                        "left": {"kind": "column", "name": "sales"},
                        "right": {"kind": "constant", "value": 0.2},
                    },
                },
                "then": {"kind": "length", "value": {"kind": "column", "name": "answer"}, "unit": "words", "high": 50},
            },
            {
                "kind": "not",
                "of": {
                    "kind": "contains",
                    "value": {"kind": "column", "name": "answer"},
                    "words": ["guaranteed", "保证"],
                },
            },
        ],
    },
}


def test_a_tree_of_any_depth_survives_json_and_yaml() -> None:
    rule = Rule.model_validate(TREE)
    assert Rule.model_validate_json(rule.model_dump_json()) == rule
    assert Rule.model_validate(yaml.safe_load(yaml.safe_dump(rule.model_dump(mode="json"), allow_unicode=True))) == rule


def test_a_sentence_that_nothing_can_check_is_a_rule_too() -> None:
    assert Rule(sentence="Be kind.").condition is None


@pytest.mark.parametrize(
    "condition",
    [
        {"kind": "python", "code": "import os"},
        {"kind": "compare", "left": "__import__('os')", "operator": "<", "right": {"kind": "constant", "value": 1}},
        {
            "kind": "compare",
            "left": {"kind": "constant", "value": 1},
            "operator": "=~",
            "right": {"kind": "constant", "value": 1},
        },
        {"kind": "exists", "value": {"kind": "column", "name": "a", "eval": "1"}},
        {"kind": "and", "all": [{"kind": "or"}]},
        {"all": []},
    ],
)
def test_what_it_has_no_word_for_is_refused(condition: object) -> None:
    with pytest.raises(ValidationError):
        Rule.model_validate({"sentence": "x", "condition": condition})
