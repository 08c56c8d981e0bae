"""What users test with, as type checkers see it."""

from __future__ import annotations

from typing import Any, assert_type

from hypothesis.strategies import SearchStrategy

import okrcore as okr


def conflicts(found: tuple[okr.Conflict, ...]) -> None:
    assert_type(okr.testing.one(found, kind="opposed", between={"a", "b"}), okr.Conflict)


def built() -> None:
    assert_type(okr.testing.portfolio_of("teams: []"), okr.Portfolio)
    assert_type(okr.testing.series("uptime", [1, None]), tuple[okr.Observation, ...])


def drawn(portfolio: okr.Portfolio) -> None:
    assert_type(okr.testing.kpis(id="uptime"), SearchStrategy[okr.Kpi])
    assert_type(okr.testing.portfolios(table=True), SearchStrategy[okr.Portfolio])
    assert_type(okr.testing.histories(portfolio), SearchStrategy[okr.History])
    assert_type(okr.testing.nearly_valid_documents(), SearchStrategy[dict[str, Any]])
