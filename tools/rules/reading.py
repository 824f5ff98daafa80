"""A person's rules: read from a file or from what they said, shown back as sentences, refused where senseless."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from tools.rules.clauses import propose
from tools.rules.evaluation import columns, evaluate, plain_name, values_of
from tools.rules.examples import Examples, contradiction, examples_of, refusal
from tools.rules.words import describe
from workspace.errors import UserError
from workspace.rules import Rule
from workspace.words import Words, language_of

__all__ = [
    "Examples",
    "columns",
    "contradiction",
    "describe",
    "evaluate",
    "examples_of",
    "plain_name",
    "propose",
    "read_rules",
    "refusal",
    "values_of",
]


def read_rules(path: Path) -> tuple[Rule, ...]:
    """rules.yaml: a list of sentences, or of {sentence, condition}, or such a list under `rules`.

    Raises UserError where the file is absent or no YAML, a sentence can't be read as a rule, a rule can never fail or
    never pass, or two contradict each other.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _unusable(path, Words("there is no such file", "找不到这个文件")) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        said = str(error).splitlines()[0]
        raise _unusable(path, Words(f"it is not YAML ({said})", f"它不是 YAML（{said}）")) from error
    listed = raw.get("rules") if isinstance(raw, dict) else raw
    if not isinstance(listed, list) or not listed:
        raise _unusable(path, Words("it holds no list of rules", "里面没有规则列表"))
    rules = tuple(_read_rule(path, number, item) for number, item in enumerate(listed, 1))
    if pair := contradiction(rules):
        said = f"“{pair[0].sentence}”, “{pair[1].sentence}”"
        raise _unusable(path, Words(f"no row can obey both: {said}", f"这两条规则无法同时满足：{said}"))
    return rules


def _read_rule(path: Path, number: int, item: object) -> Rule:
    try:
        rule = Rule(sentence=item) if isinstance(item, str) else Rule.model_validate(_with_sentence(item))
    except ValidationError as error:
        first = error.errors()[0]
        said = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise _unusable(path, Words(f"rule {number}: {said}", f"第 {number} 条：{said}")) from error
    if rule.condition is None:
        rule = Rule(sentence=rule.sentence, condition=propose(rule.sentence, language_of(rule.sentence)))
    if rule.condition is None:
        raise _unusable(
            path,
            Words(
                f"I can't turn rule {number} into a check: {rule.sentence}",
                f"第 {number} 条无法变成可检查的条件：{rule.sentence}",
            ),
        )
    if problem := refusal(rule.condition):
        raise _unusable(path, Words(f"rule {number}: {problem.en}", f"第 {number} 条：{problem.zh}"))
    return rule


def _with_sentence(item: object) -> object:
    """A rule given as a bare tree gets the sentence that describes it."""
    if not isinstance(item, dict) or "sentence" in item or "condition" not in item:
        return item
    rule = Rule.model_validate({"sentence": "", **item})
    return {**item, "sentence": describe(rule.condition, "en")} if rule.condition else item


def _unusable(path: Path, why: Words) -> UserError:
    return UserError(
        Words(f"The rules in {path.name} can't be used: {why.en}.", f"无法使用 {path.name} 里的规则：{why.zh}。"),
        Words(
            'Write one rule a line, such as - "the answer has at most 50 words", or a sentence with its condition.',
            "每行写一条规则，例如 - “回答不超过50字”，或者写句子并附上 condition。",
        ),
    )
