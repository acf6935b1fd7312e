"""Loads named queries from the SQL files of a package: no SQL stands anywhere else.

A query begins with `-- name: <name>`, followed by comment lines that say what it is for.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: *([a-z][a-z0-9_]*) *$", re.MULTILINE)


@cache
def load_queries(package: str, file: str = "queries.sql") -> Mapping[str, str]:
    """Return the queries of a package by name.

    Raises
    ------
    ValueError : a name stands twice, or a query has no line of purpose.
    """
    parts = _NAME.split(files(package).joinpath(file).read_text(encoding="utf-8"))
    queries: dict[str, str] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        if name in queries:
            raise ValueError(f"{package}/{file}: query {name} stands twice")
        if not body.lstrip().startswith("--"):
            raise ValueError(f"{package}/{file}: query {name} has no line that says what it is for")
        queries[name] = f"/* {package}.{name} */ {_without_comments(body)}"
    return queries


def _without_comments(body: str) -> str:
    lines = [line for line in body.splitlines() if not line.lstrip().startswith("--")]
    return "\n".join(lines).strip().rstrip(";")
