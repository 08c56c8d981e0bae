"""A KPI says from when on its process is another one, in code and in documents."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import okrcore as okr
from okrcore.definitions import Rebase

SORTER = Rebase(start="2026-04-01", why="the new sorter is in")
MERGED = Rebase(start="2025-01-01", why="two sites count as one")


def test_they_stand_in_order_of_time_and_come_as_mappings_too() -> None:
    kpi = okr.Kpi(id="up", title="Up", rebased=[SORTER, MERGED])
    assert kpi.rebased == (MERGED, SORTER)
    assert okr.Kpi(id="up", title="Up", rebased=[{"start": "2026-04-01", "why": SORTER.why}]).rebased == (
        SORTER,
    )


def test_documents_say_it() -> None:
    text = "kpis: [{id: up, title: Up, rebased: [{start: 2026-04-01, why: the new sorter is in}]}]"
    portfolio = okr.loads("okrcore: 1\n" + text)
    assert portfolio["up"].rebased == (SORTER,)
    assert okr.loads(okr.dumps(portfolio)) == portfolio
    assert portfolio["up"].rebased[0].start == dt.date(2026, 4, 1)
    assert "rebased" in str(okr.json_schema())


@pytest.mark.parametrize(
    ("rebased", "text"),
    [
        ([SORTER, SORTER], "two entries that start 2026-04-01"),
        ([{"start": "2026-04-01", "why": " "}], "why is empty"),
        (["2026-04-01"], "rebased"),
    ],
)
def test_what_is_no_rebase_is_refused(rebased: list[Any], text: str) -> None:
    with pytest.raises(okr.DefinitionError, match=text):
        okr.Kpi(id="up", title="Up", rebased=rebased)


def test_documents_name_the_line_of_one_without_a_reason() -> None:
    with pytest.raises(okr.DocumentError, match="why"):
        okr.loads("okrcore: 1\nkpis:\n  - {id: up, title: Up, rebased: [{start: 2026-04-01}]}\n")
