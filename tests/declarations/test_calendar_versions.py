"""A version keeps the calendar that it was declared with (A1, S21.1)."""

import okrcore as okr
from okrcore import Calendar, Cycle, Declarations, Portfolio


def test_a_changed_calendar_is_a_version_and_an_amendment() -> None:
    first = Portfolio.of(Cycle.year(2026))
    second = first.with_(Calendar(timezone="Asia/Tokyo", holidays=["2026-01-01"]))
    said = Declarations.of().append(first, at="2026-01-01").append(second, at="2026-02-01")
    assert said.at("2026-01-15").calendar == Calendar()
    assert said.at("2026-02-15") == second
    found = [(one.subject, one.kind) for one in okr.compare_portfolios(first, second)]
    assert found == [("calendar", "changed")]
