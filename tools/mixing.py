"""A source as a specification or a file of its own names it: a kind, and the options of that kind."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from tools.base import Source, tool
from workspace.errors import UserError
from workspace.words import Words


def source_of(kind: str, options: Mapping[str, object]) -> Source:
    """Raises UserError with the kinds there are, or with the option that does not fit."""
    found = tool(Source, kind)  # type: ignore[type-abstract]
    try:
        return found.model_validate(dict(options))
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or kind
        known = ", ".join(found.model_fields)
        raise UserError(
            Words(
                f"The source of kind {kind} has a fault at {where}: {first['msg']}.",
                f"{kind} 数据来源的 {where} 有误：{first['msg']}。",
            ),
            Words(f"It takes: {known}.", f"可用的选项：{known}。"),
        ) from None
