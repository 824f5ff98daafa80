"""One question to a database and nothing that changes it: what passes as a SELECT, and what is refused."""

from __future__ import annotations

import re

from workspace.errors import UserError
from workspace.words import Words

TOKEN = re.compile(
    r"(?P<gap>--[^\n]*|/\*(?!!)(?:(?!/\*).)*?\*/)"
    r"|(?P<text>[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*')"
    r'|(?P<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`)'
    r"|(?P<odd>['\"`]|/\*|\$\w*\$|\\)"
    r"|(?P<rest>[^'\"`/\-$eE\\]+|.)",
    re.DOTALL,
)
CHANGES = re.compile(r"(?<![\w.])(insert|update|delete|merge|into)(?!\w)", re.IGNORECASE)
# Functions that act outside the transaction, and so are not held by its being read-only.
ACTING = re.compile(
    r"(?<!\w)[\"`]?(pg_(?!typeof\b|size_pretty\b|column_size\b)\w+|lo_\w+|dblink\w*|set_config|nextval|setval|sleep"
    r"|benchmark|load_extension|load_file|readfile|writefile|edit|fts3_tokenizer|xp_\w+|sys_\w+|utl_\w+|dbms_\w+"
    r"|query_to_xml\w*|openrowset|opendatasource|openquery)[\"`]?\s*\(",
    re.IGNORECASE,
)


def one_select(query: str) -> str:
    """The query without a last semicolon. Raises UserError with the word that makes it more than one SELECT."""
    parts = [(found.lastgroup, found[0]) for found in TOKEN.finditer(query)]
    odd = next((part for kind, part in parts if kind == "odd"), "")
    # Databases differ on what a backslash before a quote means; a statement could hide behind that.
    slashed = next((part for kind, part in parts if kind == "text" and "\\'" in part), "")
    if odd or slashed:
        raise _refused(odd or slashed, "a quote, comment or escape that databases read differently")
    shown = "".join("" if kind == "gap" else "''" if kind == "text" else part for kind, part in parts)
    bare = "".join('""' if kind == "name" else part for kind, part in parts if kind not in ("gap", "text"))
    if ";" in bare.rstrip().rstrip(";"):
        raise _refused(";", "more than one statement")
    first = re.match(r"[\s(]*(\w+)", bare)
    if first is None or first[1].lower() not in ("select", "with"):
        raise _refused(first[1] if first else "", "it does not begin with SELECT")
    for pattern, why in ((CHANGES, "it would change the data"), (ACTING, "that function acts outside of reading")):
        found = pattern.search(bare if pattern is CHANGES else shown)
        if found:
            raise _refused(found[1], why)
    # Comments go too: one without an end of line would swallow what is put behind it.
    return "".join(" " if kind == "gap" else part for kind, part in parts).rstrip().rstrip(";").rstrip()


def _refused(what: str, why: str) -> UserError:
    return UserError(
        Words(
            f"That query is not a single SELECT: {why} ({what}).", f"这条查询不是单个只读的 SELECT：{why}（{what}）。"
        ),
        Words("Give one SELECT that only reads.", "请给出一条只读取数据的 SELECT。"),
    )
