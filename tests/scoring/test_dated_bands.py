"""Bands planned by date: a period is judged by those at its end (A11)."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore import (
    Band,
    Calendar,
    Cycle,
    DefinitionError,
    History,
    KeyResult,
    Kpi,
    Objective,
    Observation,
    Portfolio,
    Tolerance,
    dumps,
    evaluate,
    explain,
    find_conflicts,
    loads,
)
from okrcore.definitions import DatedBands
from okrcore.definitions.days import day_number
from okrcore.priorities import Effect, Tolerate

CADENCES = st.sampled_from([None, "daily", "weekly", "monthly", "FREQ=MONTHLY;BYDAY=1MO"])
AGGREGATES = st.sampled_from(["latest", "mean", "sum", "max"])
NEW_YEAR = dt.date(2026, 1, 1)
DAYS = st.integers(0, 200).map(lambda n: NEW_YEAR + dt.timedelta(n))
RECORDS = st.lists(st.tuples(DAYS, st.integers(0, 10)), max_size=12, unique_by=lambda one: one[0])
BANDS = {"target": Band(low=6), "limit": Band(low=4), "worst": Band(low=0)}


def history(records: list[tuple[dt.date, int]]) -> History:
    return History.of([Observation("up", day, value) for day, value in records])


def judged(kpi: Kpi, records: list[tuple[dt.date, int]], day: dt.date) -> tuple[object, ...]:
    state = evaluate(Portfolio.of(kpi), history(records), as_of=day).kpi("up")
    return state.value, state.zone, state.judged_zone, state.satisfaction, state.bands


def kpi(**fields: object) -> Kpi:
    return Kpi(id="up", title="Up", **fields)  # type: ignore[arg-type]


@given(RECORDS, CADENCES, AGGREGATES, DAYS)
def test_bands_from_before_all_time_are_the_kpis_own(
    records: list[tuple[dt.date, int]], cadence: str | None, aggregate: str, day: dt.date
) -> None:
    plain = kpi(cadence=cadence, aggregate=aggregate, **BANDS)
    dated = kpi(cadence=cadence, aggregate=aggregate, dated=[DatedBands(start="1900-01-01", **BANDS)])
    assert judged(plain, records, day) == judged(dated, records, day)


@given(RECORDS, st.sampled_from(["weekly", "monthly"]), AGGREGATES, DAYS, DAYS)
def test_a_kpi_is_judged_like_a_plain_one_with_the_bands_of_the_periods_end(
    records: list[tuple[dt.date, int]], cadence: str, aggregate: str, start: dt.date, day: dt.date
) -> None:
    own, later = Band(low=3), Band(low=7)
    found = judged(
        kpi(cadence=cadence, aggregate=aggregate, target=own, dated=[DatedBands(start=start, target=later)]),
        records,
        day,
    )
    seen = [one for one, _ in records if one <= day]
    if not seen:
        assert found[1] == "unknown"
        return
    ends = [
        last
        for _, last in Calendar().periods(
            kpi(cadence=cadence).cadence, day_number(NEW_YEAR) - 40, day_number(day) + 40
        )
    ]
    newest, now = day_number(max(seen)), day_number(day)
    end = next(last for last in ends if last >= newest)
    if aggregate == "latest":
        end = min(end, now)
    elif end > now:
        end = max(last for last in ends if last <= now)
    expected = later if end >= day_number(start) else own
    assert found == judged(kpi(cadence=cadence, aggregate=aggregate, target=expected), records, day)


@pytest.mark.parametrize(
    ("day", "zone"), [("2026-03-31", "healthy"), ("2026-04-15", "healthy"), ("2026-05-01", "breached")]
)
def test_a_stricter_year_does_not_judge_the_month_before_it(day: str, zone: str) -> None:
    stricter = DatedBands(start="2026-04-01", target=Band(low=9))
    one = kpi(cadence="monthly", target=Band(low=5), dated=[stricter])
    facts = [(dt.date(2026, 3, 31), 7), (dt.date(2026, 4, 30), 7)]
    snapshot = evaluate(Portfolio.of(one), history(facts), as_of=day)
    assert snapshot.kpi("up").zone == zone
    text = str(explain(snapshot, "up"))
    assert ("at least 9" in text) == (zone == "breached")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"dated": [DatedBands(start="2026-01-01", target=Band(high=1))]}, "which way is better"),
        ({"dated": [DatedBands(start="2026-01-01", target=Band(low=1))] * 2}, "two entries"),
        ({"dated": ["2026-01-01"]}, "dated"),
    ],
)
def test_bands_that_contradict_each_other_are_refused(fields: dict[str, object], words: str) -> None:
    with pytest.raises(DefinitionError, match=words):
        kpi(target=Band(low=5), **fields)


def test_an_entry_is_checked_like_the_bands_of_a_kpi() -> None:
    with pytest.raises(DefinitionError, match="does not enclose"):
        DatedBands(start="2026-01-01", target=Band(low=1), limit=Band(low=2))


@given(st.permutations(range(4)), DAYS)
def test_entries_count_by_their_dates_in_whatever_order_they_stand(order: list[int], day: dt.date) -> None:
    entries = [
        DatedBands(start=NEW_YEAR + dt.timedelta(50 * n), target=Band(low=float(n + 1))) for n in range(4)
    ]
    shuffled = kpi(dated=[entries[n] for n in order])
    begun = [one for one in entries if one.start <= day]
    assert shuffled.bands_at(day).target == (begun[-1].target if begun else None)
    assert shuffled == kpi(dated=entries)


def test_documents_hold_them() -> None:
    entries = [DatedBands(start="2026-04-01", target=Band(low=9), limit=Band(low=8))]
    portfolio = Portfolio.of(kpi(target=Band(low=5), dated=entries))
    for form in ("yaml", "toml", "json"):
        assert loads(dumps(portfolio, format=form), format=form) == portfolio


def test_targets_conflict_only_while_the_band_holds() -> None:
    year = Cycle.year(2026)
    goal = Objective(id="o", title="O", cycle=year.id)
    less = KeyResult(
        id="less", objective="o", title="Less", measure=Band(high=6), measured_by="up", due="2026-06-30"
    )

    def found(start: str) -> list[tuple[str, ...]]:
        one = kpi(target=Band(low=5), dated=[DatedBands(start=start, target=Band(low=9))])
        portfolio = Portfolio.of(year, goal, less, one)
        return [c.sides for c in find_conflicts(portfolio, as_of="2026-02-01") if c.kind == "targets"]

    assert found("2026-06-30") == [("less", "up")]
    assert found("2026-07-01") == []


def test_a_tolerance_widens_the_bands_of_the_period() -> None:
    later = DatedBands(start="2026-04-01", target=Band(low=9), limit=Band(low=8))
    one = kpi(cadence="monthly", target=Band(low=7), limit=Band(low=5), dated=[later])
    held = Tolerance(
        sides=["up", "other"], start="2026-01-01", end="2026-12-31", winner="other", subject="up",
        effect=Effect(tolerate=Tolerate(within="limit")),
    )  # fmt: skip
    facts = history([(dt.date(2026, 3, 31), 6), (dt.date(2026, 4, 30), 6)])
    portfolio = Portfolio.of(one, Kpi(id="other", title="Other"), held)
    words = [
        evaluate(portfolio, facts, as_of=day).kpi("up").judged_zone for day in ("2026-04-01", "2026-05-01")
    ]
    assert words == ["healthy", "breached"]
