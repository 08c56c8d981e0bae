"""Small inputs whose answer anybody can work out by hand: each was once answered otherwise."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import pytest

from okrcore import (
    Band,
    Calendar,
    Cycle,
    Entry,
    Formula,
    History,
    Journal,
    KeyResult,
    Kpi,
    Objective,
    Observation,
    Portfolio,
    Target,
    Team,
    evaluate,
    explain,
)
from okrcore.errors import DuplicateIdError

YEAR = Cycle.year(2026)
QUARTER = Cycle(id="q1", start="2026-01-01", end="2026-03-31")
SPRING = Cycle(id="q2", start="2026-04-01", end="2026-06-30")


def goal(id: str = "o", cycle: Cycle = YEAR, **more: Any) -> Objective:
    return Objective(id=id, title=id, cycle=cycle.id, **more)


def result(id: str, measure: Any, objective: str = "o", **more: Any) -> KeyResult:
    return KeyResult(id=id, objective=objective, title=id, measure=measure, **more)


def seen(*rows: tuple[str, str, float], **more: Any) -> History:
    return History.of(Observation(*row, **more) for row in rows)


INCIDENTS = {"aggregate": "sum", "cadence": "weekly"}


def test_at_most_five_incidents_a_week_is_asked_of_each_week() -> None:
    """Weeks of 6 and of 8 are both above 5, whoever reads the number; weeks of 3 are all inside."""
    kpi = Kpi(id="inc", title="Incidents", target=Band(high=5), **INCIDENTS)  # type: ignore[arg-type]
    reader = result("k", Band(high=5), measured_by="inc", **INCIDENTS)
    days = ("2026-01-02", 3), ("2026-01-03", 3), ("2026-01-09", 4), ("2026-01-10", 4)
    found = evaluate(
        Portfolio.of(QUARTER, goal(cycle=QUARTER), kpi, reader),
        seen(*(("inc", *day) for day in days)),
        as_of="2026-01-15",
    )
    assert (found.kpi("inc").value, found.kpi("inc").zone) == (8, "breached")
    assert (found["k"].value, found["k"].progress, found["k"].status) == (8, 0, "off-track")
    weeks = [("g", str(dt.date(2026, 1, 2) + dt.timedelta(7 * week)), 3) for week in range(6)]
    guarded = Portfolio.of(
        QUARTER,
        goal(cycle=QUARTER),
        result("g", Band(high=5), guardrail=True, **INCIDENTS),
        result("t", Target(0, 10)),
    )
    found = evaluate(guarded, seen(*weeks, ("t", "2026-02-10", 5)), as_of="2026-02-14")
    assert (found["g"].value, found["g"].progress, found["o"].status) == (3, 1, "on-track")


def test_nine_a_quarter_is_more_than_five_and_three_a_month_no_more_than_24() -> None:
    months = [("k", str(dt.date(2026, month, 28)), 3) for month in range(1, 13)]
    for cadence, high, status in (
        ("quarterly", 5, "missed"),
        ("monthly", 24, "achieved"),
        ("quarterly", 9, "achieved"),
    ):
        band = result("k", Band(high=high), aggregate="sum", cadence=cadence)
        found = evaluate(Portfolio.of(YEAR, goal(), band), seen(*months), as_of="2027-01-05")
        assert found["k"].status == status
    cap = result("k", Band(high=24, over="cycle"), aggregate="sum", cadence="monthly")
    found = evaluate(Portfolio.of(YEAR, goal(), cap), seen(*months), as_of="2027-01-05")
    assert (found["k"].value, found["k"].status) == (36, "missed")


def test_the_evening_of_the_last_day_is_not_over() -> None:
    """22:00 of 31 March in New York is 1 April in UTC; the quarter of New York still runs."""
    cycle = Cycle(id="q1", start="2026-01-01", end="2026-03-31", timezone="America/New_York")
    portfolio = Portfolio.of(cycle, goal(cycle=cycle), result("k", Target(0, 100)))
    evening = dt.datetime(2026, 4, 1, 2, tzinfo=dt.UTC)
    local = evening.astimezone(zoneinfo.ZoneInfo("America/New_York"))
    found = [evaluate(portfolio, seen(("k", "2026-03-30", 95)), as_of=one) for one in (evening, local)]
    assert found[0]["k"].status == found[1]["k"].status == "on-track"


def test_the_next_quarter_waits_and_changes_nothing() -> None:
    def quarter(cycle: Cycle) -> list[Any]:
        under = goal(f"o-{cycle.id}", cycle, contributes_to=["year"])
        return [cycle, under, result(f"k-{cycle.id}", Target(0, 10), under.id)]

    now = Portfolio.of(YEAR, goal("year"), *quarter(QUARTER))
    history = seen(("k-q1", "2026-03-15", 8.5))
    planned = now.with_(*quarter(SPRING))
    before, after = (evaluate(one, history, as_of="2026-03-16") for one in (now, planned))
    said = [(one["year"].status, one["year"].score, one["year"].coverage) for one in (before, after)]
    assert said[0] == said[1] == ("on-track", 0.85, 1.0)
    assert after["o-q2"].status == "not-started"


def test_an_accident_in_autumn_does_not_undo_the_spring() -> None:
    accidents = Kpi(
        id="s", title="Accidents", target=Band(high=0), guardrail=True, guards=["o"], cadence="monthly"
    )
    portfolio = Portfolio.of(SPRING, goal(cycle=SPRING), result("a", Target(0, 10)), accidents)
    history = seen(("a", "2026-06-30", 10), ("s", "2026-06-30", 0))
    assert evaluate(portfolio, history, as_of="2026-07-01")["o"].status == "achieved"
    assert (
        evaluate(portfolio, history.append(seen(("s", "2026-09-30", 3))), as_of="2026-10-01")["o"].status
        == "achieved"
    )


def test_a_month_whose_number_is_not_in_yet_is_no_miss() -> None:
    band = result("b", Band(high=5), cadence="monthly")
    history = History.of(
        Observation("b", f"2026-0{month}-28", 1, recorded_at=f"2026-0{month + 1}-02T08:00:00Z")
        for month in range(1, 6)
    )
    portfolio = Portfolio.of(YEAR, goal(), band)
    for day in ("2026-02-28", "2026-03-01", "2026-03-31", "2026-04-02"):
        found = evaluate(portfolio, history, as_of=day, known_at=day)
        assert found["b"].status == "on-track", day
    months = seen(("b", "2026-01-31", 1), ("b", "2026-02-28", 1))
    told = explain(evaluate(portfolio, months, as_of="2026-10-01"), "b").text
    assert "2 of " in told
    assert "not observed" in told


def test_one_number_serves_two_goals() -> None:
    shared = result("b", Target(0, 10), "p", measured_by="a")
    portfolio = Portfolio.of(YEAR, goal(), goal("p"), result("a", Target(0, 5)), shared)
    found = evaluate(portfolio, seen(("a", "2026-05-01", 3)), as_of="2026-05-10")
    assert (found["a"].progress, found["b"].value, found["b"].progress) == (0.6, 3, 0.3)


def test_a_team_takes_no_kpis_place() -> None:
    with pytest.raises(DuplicateIdError):
        Portfolio.of(Kpi(id="growth", title="Growth")).with_(Team(id="growth"))


def test_a_kpi_has_the_calendars_days_whoever_reads_it() -> None:
    """08:00 in Tokyo is the evening before in UTC; on 10 March its value is that of 10 March."""
    zone = zoneinfo.ZoneInfo("Asia/Tokyo")
    history = History.of(
        Observation("kp", dt.datetime(2026, 3, day, 8, tzinfo=zone), day) for day in range(1, 20)
    )
    kpi = Kpi(id="kp", title="K", target=Band(low=1), aggregate="sum", cadence="daily")
    around = [QUARTER, goal(cycle=QUARTER), result("r", Target(0, 9), measured_by="kp")]
    for more in ([], around[:2], around):
        portfolio = Portfolio.of(kpi, Calendar(timezone="Asia/Tokyo"), *more)
        assert evaluate(portfolio, history, as_of="2026-03-10").kpi("kp").value == 10


def test_a_rate_of_two_days_is_one_of_sums() -> None:
    """2 of 4 and 900 of 1000 are 902 of 1004, no mean of 50 % and 90 %."""
    parts = [Kpi(id=name, title=name, aggregate="sum", cadence="monthly") for name in ("good", "all")]
    share = Kpi(
        id="rate", title="R", unit="%", cadence="monthly",
        formula=Formula("good / total", {"good": "good", "total": "all"}),
    )  # fmt: skip
    history = seen(
        ("good", "2026-03-02", 2),
        ("all", "2026-03-02", 4),
        ("good", "2026-03-03", 900),
        ("all", "2026-03-03", 1000),
    )
    found = evaluate(Portfolio.of(*parts, share), history, as_of="2026-03-31")
    assert found.kpi("rate").value == pytest.approx(100 * 902 / 1004)


def test_no_incident_is_none_where_silence_says_so() -> None:
    journal = Journal.of([Entry("check-in", "k", "ann", "2026-06-30T12:00:00Z")])
    for silent, value, status in ((False, None, "no-data"), (True, 0, "on-track")):
        band = result("k", Band(high=5), aggregate="sum", cadence="monthly", zero_when_silent=silent)
        found = evaluate(Portfolio.of(YEAR, goal(), band), History(), as_of="2026-06-30", journal=journal)
        assert (found["k"].value, found["k"].status) == (value, status)
