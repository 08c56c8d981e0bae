"""Word who owes what by when as lines of text: what is overdue first, each with its owner and its date."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence

from okrcore.display import counted, indented, one_line, time_left, wrapped
from okrcore.rhythm.action import Action

COLUMNS = 100
MOST = 30
"""How many actions of one state are told one by one."""
_TITLES = {
    "overdue": "Overdue",
    "open": "Open",
    "withdrawn": "Withdrawn: the number was corrected",
    "late": "Answered late",
    "met": "Answered in time",
}


def lines(found: Sequence[Action], now: dt.datetime, columns: int = COLUMNS) -> list[str]:
    """Return a screen of text; `now` is the instant from which the time that is left counts."""
    told = []
    for text in _texts(found, now):
        deep = len(text) - len(text.lstrip())
        drawn = wrapped(one_line(text), columns - deep)
        told += indented(drawn[:1], deep) + indented(drawn[1:], deep + 2 * bool(deep)) if text else [""]
    return told


def _texts(found: Sequence[Action], now: dt.datetime) -> Iterator[str]:
    counts = Counter(one.state for one in found)
    owed = counts["open"] + counts["overdue"]
    if not owed:
        yield "Nobody owes an answer."
    else:
        yield f"{counted(owed, 'answer')} owed, {counts['overdue']} overdue."
    for state, title in _TITLES.items():
        listed = [one for one in found if one.state == state]
        if not listed:
            continue
        yield ""
        yield f"{title} ({len(listed)})"
        yield from indented([_line(one, now) for one in listed[:MOST]])
        if len(listed) > MOST:
            rest = Counter(one.owner or "nobody" for one in listed[MOST:])
            most = ", ".join(f"{name} {count}" for name, count in sorted(rest.items(), key=_often)[:5])
            yield f"  and {len(listed) - MOST} more: {most}; JSON has all"


def _often(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


def _line(one: Action, now: dt.datetime) -> str:
    who = one.owner or "nobody"
    if one.answer is not None:
        return f"{one.kind} {one.subject}: {one.answer.by} on {one.answer.at}"
    up = f", now {one.escalated_to}" if one.escalated_to else ""
    left = "" if one.state == "withdrawn" else f", {time_left(one.due - now)}"
    return f"{one.kind}: {one.what} {who}{left}{up} ({one.because})"
