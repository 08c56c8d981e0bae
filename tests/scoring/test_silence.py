"""No rows is 0 as far as the feed is known to live, and unknown beyond (A9)."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore import (
    Band,
    Calendar,
    Cycle,
    DefinitionError,
    Entry,
    History,
    Journal,
    KeyResult,
    Kpi,
    Objective,
    Observation,
    Portfolio,
    Target,
    dumps,
    evaluate,
    explain,
    loads,
)
from okrcore.definitions import Cadence, Source
from okrcore.definitions.days import day_number, to_date

YEAR = Cycle.year(2026)
DAYS = st.integers(-40, 300).map(lambda n: YEAR.start + dt.timedelta(n))
NOW = st.integers(0, 300).map(lambda n: YEAR.start + dt.timedelta(n))
ROWS = st.dictionaries(DAYS, st.integers(0, 5), max_size=6)
CADENCES = st.sampled_from(["weekly", "monthly", "quarterly"])
SCADA = Source("scada")


def falls(**fields: Any) -> Kpi:
    given: dict[str, Any] = {
        "cadence": "monthly",
        "aggregate": "sum",
        "source": SCADA,
        "zero_when_silent": True,
    } | fields
    bands = {"target": Band(high=0), "limit": Band(high=2)}
    return Kpi(id="falls", title="Falls", **bands, **given)


OTHER = Kpi(id="parcels", title="Parcels", source=SCADA)
GOAL = Objective(id="safe", title="Safe", cycle=YEAR.id)


def counted(**fields: Any) -> KeyResult:
    return KeyResult(
        id="few", objective="safe", title="Few", measure=Target(0, 10), measured_by="falls",
        aggregate="sum", **fields,
    )  # fmt: skip


def history(rows: dict[dt.date, int], others: dict[dt.date, int]) -> History:
    found = [Observation("falls", day, value) for day, value in rows.items()]
    return History.of(found + [Observation("parcels", day, value) for day, value in others.items()])


def told(days: list[dt.date]) -> Journal:
    return Journal.of([Entry("check-in", "falls", "ana", day) for day in days])


def periods(cadence: str, until: dt.date) -> list[tuple[dt.date, dt.date]]:
    """Return the periods that are over, from well before the first row of any test."""
    first = day_number(YEAR.start) - 120
    found = Calendar().periods(Cadence(cadence), first, day_number(until))
    return [(to_date(one), to_date(last)) for one, last in found]


@given(ROWS, ROWS, st.lists(DAYS, max_size=2), CADENCES, NOW)
def test_a_kpi_has_the_last_period_that_was_observed_or_known_to_be_silent(
    rows: dict[dt.date, int], others: dict[dt.date, int], checks: list[dt.date], cadence: str, now: dt.date
) -> None:
    seen = [day for day in (*rows, *others, *checks) if day <= now]
    lived = max(seen, default=dt.date.min)
    portfolio = Portfolio.of(falls(cadence=cadence), OTHER)
    state = evaluate(portfolio, history(rows, others), as_of=now, journal=told(checks)).kpi("falls")
    expected = None
    for first, last in periods(cadence, now):
        inside = [value for day, value in rows.items() if first <= day <= last]
        if inside or last <= lived:
            expected = sum(inside)
    assert state.value == expected


@given(ROWS, ROWS, st.lists(DAYS, max_size=2), CADENCES, NOW)
def test_a_key_result_counts_silent_periods_as_observed_and_as_nothing(
    rows: dict[dt.date, int], others: dict[dt.date, int], checks: list[dt.date], cadence: str, now: dt.date
) -> None:
    seen = [day for day in (*rows, *others, *checks) if day <= now]
    lived = max(seen, default=dt.date.min)
    portfolio = Portfolio.of(YEAR, GOAL, falls(cadence=cadence), OTHER, counted())
    state = evaluate(portfolio, history(rows, others), as_of=now, journal=told(checks)).key_result("few")
    inside = [value for day, value in rows.items() if YEAR.start <= day <= now]
    assert state.value == (sum(inside) if inside or lived >= YEAR.start else None)
    ended = [(first, last) for first, last in periods(cadence, now) if last >= YEAR.start]
    known = [last <= lived or any(first <= day <= last for day in rows) for first, last in ended]
    if ended:
        assert state.coverage == pytest.approx(sum(known) / len(ended))


@given(ROWS, ROWS, NOW)
def test_a_band_meets_its_silent_periods(
    rows: dict[dt.date, int], others: dict[dt.date, int], now: dt.date
) -> None:
    """As if every silent month had been reported as 0 on its last day."""
    lived = max((day for day in (*rows, *others) if day <= now), default=dt.date.min)
    zeros = {
        last: 0
        for first, last in periods("monthly", now)
        if last <= lived and not any(first <= day <= last for day in rows)
    }
    one = KeyResult(
        id="few", objective="safe", title="Few", measure=Band(high=1), measured_by="falls", aggregate="sum"
    )
    quiet = Portfolio.of(YEAR, GOAL, falls(), OTHER, one)
    plain = Portfolio.of(YEAR, GOAL, falls(zero_when_silent=False), OTHER, one)
    found = evaluate(quiet, history(rows, others), as_of=now).key_result("few")
    reported = evaluate(plain, history(rows | zeros, others), as_of=now).key_result("few")
    if dt.date(2026, 1, 31) <= min(now, lived):  # before that, the value of the cycle itself is known
        assert (found.progress, found.coverage) == (reported.progress, reported.coverage)


@given(ROWS, ROWS, NOW)
def test_without_the_flag_nothing_is_made_up(
    rows: dict[dt.date, int], others: dict[dt.date, int], now: dt.date
) -> None:
    portfolio = Portfolio.of(falls(zero_when_silent=False), OTHER)
    alone = evaluate(portfolio, history(rows, {}), as_of=now).kpi("falls")
    assert evaluate(portfolio, history(rows, others), as_of=now).kpi("falls").value == alone.value


QUIET = {dt.date(2026, 3, 10): 2}


@pytest.mark.parametrize(
    ("others", "checks", "known_at", "value"),
    [
        ([], [], None, 2),
        (["2026-05-31"], [], None, 0),
        (["2026-05-30"], [], None, 0),
        ([], ["2026-04-30"], None, 0),
        ([], ["2026-04-29"], None, 2),
        (["2026-05-31"], [], "2026-04-01", 2),
    ],
)
def test_only_what_is_known_by_then_shows_that_the_feed_lives(
    others: list[str], checks: list[str], known_at: str | None, value: float
) -> None:
    portfolio = Portfolio.of(falls(), OTHER)
    facts = history(QUIET, {dt.date.fromisoformat(day): 1 for day in others})
    journal = told([dt.date.fromisoformat(day) for day in checks])
    snapshot = evaluate(portfolio, facts, as_of="2026-06-02", known_at=known_at, journal=journal)
    state = snapshot.kpi("falls")
    assert (state.value, state.stale) == (value, value == 2 and not checks)
    if state.zone == "healthy":
        assert "Nothing came in" in str(explain(snapshot, "falls"))


def test_rows_that_name_the_system_show_it_whatever_they_measure() -> None:
    facts = history(QUIET, {}).append([Observation("speed", "2026-05-31", 3, source=SCADA)])
    assert evaluate(Portfolio.of(falls()), facts, as_of="2026-06-02").kpi("falls").value == 0
    named = falls(source=None)
    assert evaluate(Portfolio.of(named), facts, as_of="2026-06-02").kpi("falls").value == 2
    own = facts.append([Observation("falls", "2026-03-20", 1, source=SCADA)])
    assert evaluate(Portfolio.of(named), own, as_of="2026-06-02").kpi("falls").value == 0


def test_a_latest_value_is_0_after_a_silent_period() -> None:
    one = falls(aggregate="latest")
    facts = history(QUIET, {dt.date(2026, 4, 30): 1})
    assert evaluate(Portfolio.of(one, OTHER), facts, as_of="2026-04-30").kpi("falls").value == 0
    assert evaluate(Portfolio.of(one, OTHER), facts, as_of="2026-04-29").kpi("falls").value == 2


@pytest.mark.parametrize("aggregate", ["mean", "max", "min"])
def test_silence_is_no_level(aggregate: str) -> None:
    with pytest.raises(DefinitionError, match="zero_when_silent"):
        falls(aggregate=aggregate)


def test_documents_hold_it() -> None:
    portfolio = Portfolio.of(YEAR, GOAL, falls(), OTHER, counted(zero_when_silent=True))
    assert loads(dumps(portfolio, format="toml"), format="toml") == portfolio


@pytest.mark.parametrize(("at", "value"), [("2026-04-30T23:00:00Z", 2), ("2026-05-01T01:00:00Z", 0)])
def test_an_instant_shows_the_feed_until_the_day_before(at: str, value: float) -> None:
    quiet = history(QUIET, {})
    sibling = quiet.append([Observation("parcels", at, 1)])
    named = quiet.append([Observation("speed", at, 1, source=SCADA)])
    checked = Journal.of([Entry("check-in", "falls", "ana", at)])
    for facts, journal in ((sibling, None), (named, None), (quiet, checked)):
        snapshot = evaluate(Portfolio.of(falls(), OTHER), facts, as_of="2026-05-20", journal=journal)
        assert snapshot.kpi("falls").value == value


@pytest.mark.parametrize(("known_at", "value"), [("2026-05-09", 2), ("2026-05-10", 0)])
def test_a_row_of_the_system_counts_from_when_it_was_recorded(known_at: str, value: float) -> None:
    late = Observation("speed", "2026-04-30", 1, source=SCADA, recorded_at="2026-05-10T08:00:00Z")
    facts = history(QUIET, {}).append([late])
    snapshot = evaluate(Portfolio.of(falls()), facts, as_of="2026-05-20", known_at=known_at)
    assert snapshot.kpi("falls").value == value
