"""Dips are found once, at the moment they were shown, and stay what they were."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.definitions.priority_outcomes import Tolerate
from okrcore.monitoring import Dip

FIRST = dt.date(2025, 1, 5)  # a Sunday: the last day of a week
NOON = dt.timedelta(hours=12)


def week(number: int) -> dt.date:
    return FIRST + dt.timedelta(weeks=number)


def at_noon(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)


def uptime(**fields: Any) -> okr.Kpi:
    said = {"id": "uptime", "title": "Uptime", "unit": "%", "cadence": "weekly", "better": "higher", **fields}
    return okr.Kpi(**said)


def recorded(values: Any, id: str = "uptime", late: dict[int, int] | None = None) -> okr.History:
    """One value a week, recorded at noon of the day after, or so many days after."""
    days = {**dict.fromkeys(range(len(values)), 1), **(late or {})}
    return okr.History.of(
        okr.Observation(id, week(n), value, recorded_at=at_noon(week(n) + dt.timedelta(days=days[n])))
        for n, value in enumerate(values)
        if not np.isnan(value)
    )


def steady(n: int, seed: int = 0) -> list[float]:
    return [98 + 0.5 * one for one in np.random.default_rng(seed).uniform(-1, 1, n)]


def known(one: Dip) -> Dip:
    return attrs.evolve(one, end=one.start, standing=False)


WEEK_21 = week(21)

records = st.lists(
    st.tuples(
        st.integers(0, 29),
        st.one_of(st.integers(90, 100), st.integers(60, 100)),
        st.integers(0, 40),
        st.sampled_from(["", "form"]),
    ),
    min_size=20,
    max_size=60,
)


@settings(max_examples=30, deadline=None)
@given(records, st.sampled_from(["latest", "sum", "mean"]), st.integers(10, 33), st.booleans())
def test_what_was_found_stays_whatever_comes_later(
    rows: list[tuple[int, int, int, str]], aggregate: str, looked: int, banded: bool
) -> None:
    """S11.5: dips found at one week are found, the same, at every later one, whatever was recorded since."""
    bands = {"target": okr.Band(low=96), "limit": okr.Band(low=90)} if banded else {}
    portfolio = okr.Portfolio.of(uptime(aggregate=aggregate, **bands))
    history = okr.History()
    for number, value, days, system in rows:
        one = okr.Observation(
            "uptime", week(number), value, recorded_at=at_noon(week(number) + dt.timedelta(days=days)),
            source=okr.Source(system) if system else None,
        )  # fmt: skip
        try:
            history = history.append([one])
        except okr.HistoryError:  # two values at one moment
            continue
    then = week(looked)
    found = okr.dips(portfolio, history, as_of=then, weeks=60)
    as_known = okr.dips(portfolio, history.as_known(then), as_of=then, weeks=60)
    assert found == as_known
    for later in (1, 3, 12):
        after = okr.dips(portfolio, history, as_of=then + dt.timedelta(weeks=later), weeks=60 + later)
        assert [known(one) for one in after if one.shown.date() <= then] == [known(one) for one in found]


def test_a_value_outside_is_a_dip_of_its_week() -> None:
    values = [*steady(20), 90.0, *steady(5, 1)]
    found = okr.dips(okr.Portfolio.of(uptime()), recorded(values), as_of=week(26))
    (one,) = found
    assert (one.subject, one.signal, one.value) == ("uptime", "outside", 90.0)
    assert (one.start, one.period_end, one.end) == (week(20) - dt.timedelta(days=6), week(20), week(20))
    assert one.shown == at_noon(week(20) + dt.timedelta(days=1))
    assert not one.late
    assert one.low is not None
    assert one.low > 90
    assert "outside its limits" in one.sentence


def test_it_is_there_from_the_moment_that_it_is_shown() -> None:
    portfolio, history = okr.Portfolio.of(uptime()), recorded([*steady(20), 90.0])
    before, after = (at_noon(week(20) + dt.timedelta(days=1)) + step for step in (-NOON, NOON))
    assert okr.dips(portfolio, history, as_of=before) == ()
    assert len(okr.dips(portfolio, history, as_of=after)) == 1
    assert okr.dips(portfolio, history, as_of=after, known_at=before) == ()


def test_improvements_and_what_has_no_direction_are_none() -> None:
    better = recorded([*steady(20), 99.9, 99.9])
    assert okr.dips(okr.Portfolio.of(uptime()), better, as_of=week(22)) == ()
    worse = recorded([*steady(20), 90.0])
    assert okr.dips(okr.Portfolio.of(uptime(better=None)), worse, as_of=week(21)) == ()


def test_a_signal_that_goes_on_is_one_dip_and_a_new_one_needs_two_weeks_without() -> None:
    portfolio = okr.Portfolio.of(uptime())
    low = 80.0

    def starts(values: list[float]) -> list[dt.date]:
        return [one.period_end for one in okr.dips(portfolio, recorded(values), as_of=week(40), weeks=40)]

    assert starts([*steady(20), low, low, 98.0, low, *steady(4, 1)]) == [week(20)]
    assert starts([*steady(20), low, 98.2, 98.0, low, *steady(4, 1)]) == [week(20), week(23)]
    (going,) = okr.dips(portfolio, recorded([*steady(20), low, low, low]), as_of=week(23))
    assert (going.period_end, going.end) == (week(20), week(22))


def test_few_points_have_zones_alone() -> None:
    kpi = uptime(target=okr.Band(low=98), limit=okr.Band(low=95))
    found = okr.dips(okr.Portfolio.of(kpi), recorded([98.6, 96.1, 98.4, 94.0]), as_of=week(5))
    assert [(one.period_end, one.before, one.zone, one.signal) for one in found] == [
        (week(1), "healthy", "watch", None),
        (week(3), "healthy", "breached", None),
    ]


def test_a_bound_inside_the_limits_is_missed_by_chance() -> None:
    """S11.5: 25 of 100 stable KPIs no longer dip a week because their target is their mean."""
    values = steady(40, 3)
    kpi = uptime(target=okr.Band(low=98.0), limit=okr.Band(low=97.8))
    rows = okr.evaluate_many(okr.Portfolio.of(kpi), recorded(values), as_of=[week(n) for n in range(14, 41)])
    assert "breached" in rows.table["status"].tolist()
    assert okr.dips(okr.Portfolio.of(kpi), recorded(values), as_of=week(41), weeks=26) == ()


def test_what_a_decision_tolerates_is_none() -> None:
    values = [*steady(20), 95.0, 95.0, *steady(5, 1)]
    kpi = uptime(target=okr.Band(low=97), limit=okr.Band(low=94))
    other = okr.Kpi(id="throughput", title="Throughput")

    def found(first: int, last: int) -> int:
        ruling = okr.Tolerance(
            sides=["uptime", "throughput"], winner="throughput", subject="uptime",
            start=week(first), end=week(last), effect=okr.Effect(tolerate=Tolerate(within="limit")),
        )  # fmt: skip
        portfolio = okr.Portfolio.of(kpi, other, ruling)
        return len(okr.dips(portfolio, recorded(values), as_of=week(27)))

    assert found(30, 40) == 1
    assert found(18, 30) == 0
    worse = recorded([*values[:20], 91.0, *values[21:]])
    ruling = okr.Tolerance(
        sides=["uptime", "throughput"], winner="throughput", subject="uptime",
        start=week(18), end=week(30), effect=okr.Effect(tolerate=Tolerate(within="limit")),
    )  # fmt: skip
    assert len(okr.dips(okr.Portfolio.of(kpi, other, ruling), worse, as_of=week(27))) == 1


def test_the_same_signal_is_quiet_while_its_change_is_not_due() -> None:
    values = [*steady(20), 90.0, 98.0, 98.1, 90.0, *steady(3, 1)]
    history, portfolio = recorded(values), okr.Portfolio.of(uptime())

    def weeks_of(*changes: Any, at: dt.date = WEEK_21) -> list[dt.date]:
        journal = okr.Journal.of([okr.Entry("adjustment", "uptime", "ops", at, changes=changes)])
        found = okr.dips(portfolio, history, as_of=week(28), journal=journal)
        return [one.period_end for one in found]

    assert weeks_of(okr.Change("a spare lane", due=week(25))) == [week(20)]
    assert weeks_of(okr.Change("a spare lane", due=week(22))) == [week(20), week(23)]
    assert weeks_of("no day is promised") == [week(20), week(23)]
    assert weeks_of(okr.Change("before it was seen", due=week(25)), at=week(19)) == [week(20), week(23)]


def test_a_key_result_and_the_kpi_it_reads_share_a_dip() -> None:
    year = okr.Cycle.year(2025)
    goal = okr.Objective(id="steady", title="Run without a stop", cycle=year.id)
    result = okr.KeyResult(
        id="up",
        objective="steady",
        title="98 %",
        measure=okr.Target(95, 98),
        measured_by="uptime",
        owner="coo",
    )
    owners = [okr.Owner(id="coo"), okr.Owner(id="ops")]
    portfolio = okr.Portfolio.of(year, goal, result, *owners, uptime(better=None, owner="ops"))
    (one,) = okr.dips(portfolio, recorded([*steady(20), 90.0]), as_of=week(21))
    assert (one.subject, one.goals, one.owners) == ("uptime", ("up",), ("ops", "coo"))


def test_a_key_result_of_its_own_has_its_own() -> None:
    year = okr.Cycle.year(2025)
    goal = okr.Objective(id="steady", title="Run without a stop", cycle=year.id)
    result = okr.KeyResult(
        id="up", objective="steady", title="98 %", measure=okr.Target(95, 98), cadence="weekly"
    )
    portfolio = okr.Portfolio.of(year, goal, result)
    (one,) = okr.dips(portfolio, recorded([*steady(20), 90.0], "up"), as_of=week(21))
    assert (one.subject, one.zone, one.goals) == ("up", None, ())


def test_late_news_is_listed_as_late() -> None:
    values = [*steady(20), 90.0, *steady(5, 1)]
    (one,) = okr.dips(okr.Portfolio.of(uptime()), recorded(values, late={20: 11}), as_of=week(26))
    assert (one.late, one.period_end) == (True, week(20))
    (one,) = okr.dips(okr.Portfolio.of(uptime()), recorded(values, late={20: 9}), as_of=week(26))
    assert not one.late


def test_a_correction_moves_no_dip_that_was_shown() -> None:
    history = recorded([*steady(20), 90.0, *steady(2, 1)])
    mended = history.append(
        [okr.Observation("uptime", week(20), 98.0, recorded_at=at_noon(week(22) + dt.timedelta(days=2)))]
    )
    portfolio = okr.Portfolio.of(uptime())
    first, second = (okr.dips(portfolio, one, as_of=week(24)) for one in (history, mended))
    assert [known(one) for one in first] == [known(one) for one in second]
    assert len(first) == 1


def test_a_rebase_begins_anew() -> None:
    values = [*steady(20), *(one - 8 for one in steady(10, 1))]
    plain = okr.dips(okr.Portfolio.of(uptime()), recorded(values), as_of=week(31))
    rebased = uptime(rebased=[{"start": week(20) - dt.timedelta(days=3), "why": "another sorter"}])
    assert len(plain) == 1
    assert okr.dips(okr.Portfolio.of(rebased), recorded(values), as_of=week(31)) == ()


def test_a_sum_is_shown_when_its_week_is_complete() -> None:
    """Half a week recorded is no small week."""
    days = [FIRST - dt.timedelta(days=6) + dt.timedelta(days=n) for n in range(7 * 20 + 3)]
    history = okr.History.of(
        okr.Observation("calls", day, 10 + n % 2, recorded_at=at_noon(day + dt.timedelta(days=1)))
        for n, day in enumerate(days)
    )
    kpi = okr.Kpi(id="calls", title="Calls", better="higher", cadence="weekly", aggregate="sum")
    portfolio = okr.Portfolio.of(kpi)
    for day in days[-30:]:
        assert okr.dips(portfolio, history, as_of=at_noon(day) + dt.timedelta(minutes=1)) == ()
        assert okr.dips(portfolio, history, as_of=day) == ()


def test_of_an_engine_values_without_a_time_of_recording_were_recorded_when_their_day_ended() -> None:
    pandas = pytest.importorskip("pandas")
    values = [*steady(20), 90.0]
    rows = {"measure": ["uptime"] * 21, "at": [str(week(n)) for n in range(21)], "value": values}
    frame = okr.History.of_frame(pandas.DataFrame(rows))
    plain = okr.History.of_columns(rows["measure"], rows["at"], values)
    portfolio = okr.Portfolio.of(uptime())
    assert okr.dips(portfolio, frame, as_of=week(21)) == okr.dips(portfolio, plain, as_of=week(21)) != ()
    assert okr.signals_of(portfolio, frame, as_of=week(21)) == okr.signals_of(
        portfolio, plain, as_of=week(21)
    )


def test_a_slip_of_the_decimal_point_is_told_as_one() -> None:
    values = [*steady(20), 9.81, *steady(3, 1)]
    (slip,) = okr.dips(okr.Portfolio.of(uptime()), recorded(values), as_of=week(24))
    (real,) = okr.dips(okr.Portfolio.of(uptime()), recorded([*steady(20), 90.0]), as_of=week(24))
    assert slip.mistyped
    assert not real.mistyped


def test_a_changed_source_begins_new_limits_where_versions_say_when() -> None:
    values = [*steady(20), *(one - 8 for one in steady(10, 1))]
    before = okr.Portfolio.of(uptime(source=okr.Source("scada")))
    after = okr.Portfolio.of(uptime(source=okr.Source("scada-2")))
    declared = okr.Declarations.of((FIRST - dt.timedelta(days=30), before), (week(20) - NOON * 6, after))
    assert len(okr.dips(after, recorded(values), as_of=week(31))) == 1
    assert okr.dips(declared, recorded(values), as_of=week(31)) == ()
    starts = {row["start"] for row in okr.signals_of(declared, recorded(values), as_of=week(31))}
    assert len(starts) == 30


def test_a_formula_dips_by_its_derived_values() -> None:
    sales, cost = (
        okr.Kpi(id=name, title=name, cadence="weekly", aggregate="sum") for name in ("sales", "cost")
    )
    formula = okr.Formula("(s - c) / s", inputs={"s": "sales", "c": "cost"})
    margin = okr.Kpi(id="margin", title="Margin", better="higher", cadence="weekly", formula=formula)
    noise = np.random.default_rng(2).uniform(-1, 1, 20)
    costs = [*(60 + noise), 90.0]
    history = recorded([100.0] * 21, "sales").append(recorded(costs, "cost"))
    found = okr.dips(okr.Portfolio.of(sales, cost, margin), history, as_of=week(22))
    assert [(one.subject, one.signal, one.period_end) for one in found] == [("margin", "outside", week(20))]


def test_what_is_recorded_before_its_period_is_over_is_told_by_its_first_day() -> None:
    """Nobody is told of a period "to" a day that lies ahead."""
    values = [50.0, 52, 49, 51, 50, 48, 51, 20]
    seen = [
        okr.Observation(
            "rate", f"{2010 + n}-06-30", value, recorded_at=dt.datetime(2010 + n, 7, 1, tzinfo=dt.UTC)
        )
        for n, value in enumerate(values)
    ]
    yearly = okr.Kpi(id="rate", title="Rate", cadence="yearly", better="higher", target=okr.Band(low=40))
    portfolio, history = okr.Portfolio.of(yearly), okr.History.of(seen)
    (one,) = okr.dips(portfolio, history, as_of="2017-07-02", weeks=52)
    assert one.is_early
    assert one.period_end == dt.date(2017, 12, 31)
    assert one.sentence.endswith("in the period from 2017-01-01")
    week_later = attrs.evolve(one, shown=dt.datetime(2018, 1, 1, tzinfo=dt.UTC))
    assert not week_later.is_early
    assert week_later.sentence.endswith("in the period to 2017-12-31")
    told = okr.explain(okr.evaluate(portfolio, history, as_of="2017-07-02"), "rate")
    assert "dipped in the period from 2017-01-01, shown on 2017-07-01" in told.sentence
    assert dt.date(2017, 1, 1) in told.dates.values()
