"""Write :since, :until and :measures of a query as one driver takes them: text, and values beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from okrcore.errors import HistoryError
from okrcore.history.instants import Moment, span

MOST_MEASURES = 10_000
"""So many measures are asked for at a time."""

_TOKEN = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/ | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ | ::"""
    r"""| :(?P<name>since|until|measures)\b | (?P<percent>%)""",
    re.DOTALL | re.VERBOSE,
)


def names_of(query: str) -> frozenset[str]:
    """Return which of since, until and measures a query asks for.

    >>> sorted(names_of("select ':until' from t where day >= :since -- :measures"))
    ['since']
    """
    return frozenset(found["name"] for found in _TOKEN.finditer(query) if found["name"])


def bound(
    query: str,
    style: str,
    measures: Sequence[str] | None,
    since: Moment | None,
    until: Moment | None,
) -> tuple[str, Sequence[Any] | dict[str, Any]]:
    """Return the query in a driver's parameter style (PEP 249), and the values of its parameters.

    :since and :until are ISO text: the day that `since` falls on in UTC, and the end of that of `until`,
    so that text, dates and times compare well; what lies outside the window is left out afterwards.
    :measures becomes one parameter a measure, for `in (:measures)`. Text in quotes and comments stays.

    >>> query = "select * from t where kpi in (:measures) and day >= :since"
    >>> bound(query, "qmark", ["a", "b"], "2026-01-05", None)
    ('select * from t where kpi in (?, ?) and day >= ?', ['a', 'b', '2026-01-05'])
    """
    asked = names_of(query)
    if not asked:
        return query, ()
    if "measures" in asked and measures is None:
        raise HistoryError("the query asks for :measures but none are given; give measures")
    texts = {
        "since": "0001-01-01" if since is None else span(since, "since")[1].date().isoformat(),
        "until": f"{'9999-12-31' if until is None else span(until, 'until')[2].date()}T23:59:59.999999+00:00",
    }
    values: list[Any] = []

    def placed(value: Any) -> str:
        values.append(value)
        marks = {"qmark": "?", "numeric": f":{len(values)}", "named": f":p{len(values)}"}
        return marks.get(style, "%s")

    def replaced(found: re.Match[str]) -> str:
        if found["name"] == "measures":
            return ", ".join(map(placed, measures or ())) or "null"
        if found["name"]:
            return placed(texts[found["name"]])
        escaped = style in ("format", "pyformat")
        return found[0].replace("%", "%%") if escaped else found[0]

    text = _TOKEN.sub(replaced, query)
    return text, {f"p{n}": value for n, value in enumerate(values, 1)} if style == "named" else values
