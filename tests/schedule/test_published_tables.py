"""Slacks and critical chains are those of published tables of the critical path method (S17.1)."""

from __future__ import annotations

import datetime as dt
import json

import pytest

import okrcore as okr
from tests.support.paths import SHARED

FILE = SHARED / "cases/schedule.json"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"needs {FILE.relative_to(SHARED.parent)}")
FIRST = dt.date(2026, 1, 5)


def tables():
    cases = json.loads(FILE.read_text("utf-8")) if FILE.exists() else []
    return [one for one in cases if one["kind"] == "schedule_floats"]


def planned(tasks) -> okr.Portfolio:
    """Each task begins as soon as what comes before it is over."""
    ends: dict[str, int] = {}
    while len(ends) < len(tasks):
        for name, task in tasks.items():
            if name not in ends and all(one in ends for one in task["after"]):
                ends[name] = task["duration"] + max((ends[one] for one in task["after"]), default=0)
    return okr.Portfolio.of(
        okr.Initiative(id="work", title="Work"),
        *(
            okr.Milestone(
                id=name,
                initiative="work",
                title=name,
                start=FIRST + dt.timedelta(ends[name] - task["duration"]),
                due=FIRST + dt.timedelta(ends[name]),
                after=task["after"],
            )
            for name, task in tasks.items()
        ),
    )


@pytest.mark.parametrize("case", tables(), ids=lambda case: case["id"])
def test_floats_and_the_critical_path_are_those_of_the_table(case):
    expected = case["expected"]
    found = okr.ripple(planned(case["inputs"]["tasks"]), as_of=FIRST)
    rows = {row["id"]: row for row in found.schedule.to_dicts()}
    assert max(row["finish"] for row in rows.values()) == FIRST + dt.timedelta(expected["project"])
    assert {name: rows[name]["total_slack"] for name in expected["total_float"]} == expected["total_float"]
    assert {name: rows[name]["free_slack"] for name in expected["free_float"]} == expected["free_float"]
    assert found.critical == (tuple(expected["critical"]),)
    assert [name for name, row in sorted(rows.items()) if row["critical"]] == expected["critical"]


@pytest.mark.parametrize("case", tables(), ids=lambda case: case["id"])
def test_a_slip_of_the_float_is_absorbed_and_a_day_more_moves_the_end(case):
    expected = case["expected"]
    portfolio = planned(case["inputs"]["tasks"])
    for name, slack in expected["total_float"].items():
        for more in (0, 1):
            rows = okr.ripple(portfolio, as_of=FIRST, slips={name: slack + more}).schedule.to_dicts()
            end = max(row["finish"] + dt.timedelta(row["delay"]) for row in rows)
            assert end == FIRST + dt.timedelta(expected["project"] + more)
