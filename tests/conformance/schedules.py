"""Critical-path cases to a verdict a case: does the library's schedule have the published floats?

`run.py` calls `judge` for the kinds in `KINDS`. Durations and precedence are declared as milestones that all
begin at once; the ripple says when each can begin, and those are the planned dates whose slacks are asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from okrcore import Initiative, Milestone, OkrError, Portfolio, ripple

KINDS = ("schedule_network", "schedule_floats")
FIRST = dt.date(2026, 1, 1)
BEFORE = FIRST - dt.timedelta(1)


def judge(case: Mapping[str, Any]) -> tuple[str, str]:
    """Return ("passed" | "failed", the line that differs)."""
    given, wanted = case["inputs"]["tasks"], case["expected"]
    tasks = {
        name: (task["duration"], task["after"]) if isinstance(task, dict) else tuple(task)
        for name, task in given.items()
    }
    try:
        got = _answer(tasks)
    except OkrError as error:
        return "failed", f"{case['id']}: refused: {error}"
    known = {name: value for name, value in wanted.items() if name in got}
    found = {name: _asked(got[name], value) for name, value in known.items()}
    same = bool(known) and found == known
    return ("passed", "") if same else ("failed", f"{case['id']}: expected {known!r}, got {found!r}")


def _asked(got: Any, wanted: Any) -> Any:
    """Return of what was got the rows that the published table has."""
    return {name: got.get(name) for name in wanted} if isinstance(wanted, dict) else got


def _answer(tasks: Mapping[str, tuple[int, Any]]) -> dict[str, Any]:
    at_once = ripple(_portfolio(tasks, dict.fromkeys(tasks, 0)), as_of=BEFORE)
    begins = dict.fromkeys(tasks, 0) | {one.subject: int(one.start_delay_days) for one in at_once.impacts}
    planned = {row["id"]: row for row in ripple(_portfolio(tasks, begins), as_of=BEFORE).schedule}
    table = {
        name: {
            "ES": _days(row["start"]),
            "EF": _days(row["finish"]),
            "LS": _days(row["latest_start"]),
            "LF": _days(row["latest_start"]) + tasks[name][0],
            "slack": int(row["total_slack"]),
        }
        for name, row in planned.items()
    }
    critical = [name for name in tasks if planned[name]["critical"]]
    return {
        "project": max(row["EF"] for row in table.values()),
        "critical": sorted(critical, key=lambda name: begins[name]),
        "table": table,
        "total_float": {name: row["total_slack"] for name, row in planned.items()},
        "free_float": {name: row["free_slack"] for name, row in planned.items()},
    }


def _portfolio(tasks: Mapping[str, tuple[int, Any]], begins: Mapping[str, int]) -> Portfolio:
    steps = [
        Milestone(
            id=name,
            initiative="work",
            title=name,
            start=FIRST + dt.timedelta(begins[name]),
            due=FIRST + dt.timedelta(begins[name] + length),
            after=after,
        )
        for name, (length, after) in tasks.items()
    ]
    return Portfolio.of(Initiative(id="work", title="Work"), *steps)


def _days(day: dt.date) -> int:
    return (day - FIRST).days
