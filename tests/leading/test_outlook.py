"""The weeks ahead of a snapshot: each key result's probability of reaching its goal (S10)."""

from __future__ import annotations

import datetime as dt
import pickle
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import okrcore as okr
from okrcore.documents import to_dict
from okrcore.errors import UnknownIdError
from okrcore.leading.model_pool import crps, pool
from okrcore.leading.outlooks import outlook
from okrcore.leading.paths_by_kind import ObservedPast, simulate
from okrcore.leading.target_probability import forecast
from okrcore.leading.weeks_ahead import Forecast, WeeksAhead
from okrcore.surfaces.stories import LAST, story

Floats = NDArray[np.float64]
CYCLE = okr.Cycle.year(2026)
GOAL = okr.Objective(id="o", title="O", cycle="2026")
FIRST = dt.date(2025, 9, 7)  # a Sunday: a value a week, and the week has ended
WEEKS = 40
AS_OF = FIRST + dt.timedelta(days=7 * (WEEKS - 1))
LEFT = (dt.date(2026, 12, 27) - AS_OF).days // 7  # the last whole week of the year ends on that Sunday
seeds = st.integers(0, 10_000)
few = settings(max_examples=15)


def sundays(count: int = WEEKS, first: dt.date = FIRST) -> list[dt.date]:
    return [first + dt.timedelta(days=7 * k) for k in range(count)]


def result(id: str = "kr", measure: Any = None, **more: Any) -> okr.KeyResult:
    measure = measure or okr.Target(0, 10)
    return okr.KeyResult(id=id, objective="o", title=id, measure=measure, **{"cadence": "weekly", **more})


def observed(series: dict[str, Floats], **more: Any) -> okr.History:
    names = [name for name, values in series.items() for _ in values]
    days = [day for values in series.values() for day in sundays(len(values))]
    return okr.History.of_columns(names, days, np.concatenate(list(series.values())), **more)


def walk(seed: int, n: int = WEEKS) -> Floats:
    rng = np.random.default_rng(seed)
    return np.asarray(np.cumsum(rng.standard_normal(n)) + 0.1 * np.arange(n))


def ahead(
    one: okr.KeyResult, values: Floats, *more: Any, as_of: dt.date = AS_OF, **options: Any
) -> WeeksAhead:
    portfolio = okr.Portfolio.of(CYCLE, GOAL, one, *more)
    measure = one.measured_by or one.id
    snapshot = okr.evaluate(portfolio, observed({measure: values}, **options), as_of=as_of)
    return outlook(snapshot, paths=400)[one.id]


def certain(one: WeeksAhead) -> Forecast:
    assert one.forecast is not None, one.note
    return one.forecast


def timeless(one: WeeksAhead) -> Forecast:
    """The forecast as of a series without a calendar."""
    return attrs.evolve(certain(one), ends=())


# ------------------------------------------------------------------ the series is asked as it should be


@few
@given(seeds, st.floats(-5, 15))
def test_a_key_result_is_forecast_from_its_own_measure_until_its_due_date(seed: int, goal: float) -> None:
    """S10.1: the same as `forecast` on its weeks, for as many whole weeks as are left until it is due."""
    values = walk(seed)
    target = okr.Target(-20, goal)
    alone = forecast(values, goal=target, periods=LEFT, paths=400, season=365.25 / 7)
    assert timeless(ahead(result(measure=target), values)) == alone
    kpi = okr.Kpi(id="kpi", title="K", cadence="weekly")
    assert timeless(ahead(result(measure=target, measured_by="kpi", cadence=None), values, kpi)) == alone
    sooner = result(measure=target, due=AS_OF + dt.timedelta(days=27))
    assert timeless(ahead(sooner, values)).periods == 3
    monthly = timeless(ahead(result(measure=target, cadence="monthly"), values))
    assert (monthly.n, monthly.periods) == (9, 7)  # September to May; June to December are ahead


@few
@given(st.lists(seeds, min_size=2, max_size=4, unique=True), st.randoms(use_true_random=False))
def test_company_and_order_change_nothing(chosen: list[int], order: Any) -> None:
    """S0.5: bit for bit the same alone, together, and in any order."""
    results = [result(f"kr{seed}", okr.Target(-50, seed % 7)) for seed in chosen]
    history = observed({f"kr{seed}": walk(seed, WEEKS - seed % 3) for seed in chosen})

    def of(*some: okr.KeyResult) -> dict[str, WeeksAhead]:
        return dict(outlook(evaluated(history, *some), paths=200))

    together = of(*results)
    order.shuffle(results)
    assert of(*results) == together
    for one in results:
        assert of(one)[one.id] == together[one.id]


def evaluated(history: okr.History, *results: Any, as_of: Any = AS_OF, **options: Any) -> okr.Snapshot:
    return okr.evaluate(okr.Portfolio.of(CYCLE, GOAL, *results), history, as_of=as_of, **options)


def test_the_seed_decides() -> None:
    """S0.5."""
    snapshot = evaluated(observed({"kr": walk(1)}), result(measure=okr.Target(-50, 5)))
    one, again, other = (outlook(snapshot, seed=seed) for seed in (3, 3, 4))
    assert one == again
    assert one != other


def test_an_outlook_is_a_table_of_its_ids_and_refuses_others() -> None:
    snapshot = evaluated(observed({"kr": walk(1)}), result(measure=okr.Target(-50, 5)), result("late"))
    found = outlook(snapshot, paths=200)
    known, unknown, objective = found.table.to_dicts()
    ahead = certain(found["kr"])
    assert (known["id"], known["p_final"], known["p_touch"]) == ("kr", ahead.p_final, ahead.p_touch)
    assert (known["low"], known["median"], known["high"]) == tuple(
        ahead.quantiles[q] for q in (0.1, 0.5, 0.9)
    )
    assert (unknown["id"], unknown["p_final"], unknown["note"]) == ("late", None, found["late"].note)
    achieved = found["o"].achieved
    assert achieved is not None
    assert (objective["id"], objective["p_final"], objective["high"]) == (
        "o",
        achieved.p_final,
        achieved.scores[0.9],
    )
    assert str(found) == str(found.table)
    assert found.get("x") is None
    with pytest.raises(UnknownIdError, match="'x' has no outlook"):
        found["x"]


def test_outlooks_pickle_and_become_plain() -> None:
    found = outlook(evaluated(observed({"kr": walk(1)}), result()), paths=200)
    assert pickle.loads(pickle.dumps(found)) == found
    assert to_dict(found["kr"])["forecast"]["p_final"] == certain(found["kr"]).p_final


# ------------------------------------------------------------------ what a cycle holds already


@few
@given(seeds, st.sampled_from(["sum", "mean", "max", "min"]))
def test_what_the_cycle_holds_counts(seed: int, aggregate: Any) -> None:
    """S2.7: the goal is compared with the sum (mean, max, min) of the whole cycle, not with a week."""
    rng = np.random.default_rng(seed)
    values = rng.poisson(5, WEEKS).astype(float)
    inside = values[[day.year == 2026 for day in sundays()]]
    spread = {"sum": (0, 5 * (len(inside) + LEFT)), "mean": (0, 5), "max": (0, 9), "min": (9, 1)}
    target = okr.Target(*spread[aggregate])
    found = certain(ahead(result(measure=target, aggregate=aggregate, unit="deal"), values))
    now = {"sum": inside.sum(), "mean": inside.mean(), "max": inside.max(), "min": inside.min()}[aggregate]
    middle = found.quantiles[0.5]
    if aggregate == "sum":
        assert middle - now == pytest.approx(values.mean() * LEFT, rel=0.3)
        assert found.p_final == found.p_touch  # counts do not shrink, and a sum of them does not fall
    elif aggregate == "mean":
        assert (
            abs(middle - now) < abs(certain(ahead(result(measure=target), values)).quantiles[0.5] - now) + 1
        )
    elif aggregate == "max":
        assert found.quantiles[0.1] >= now
        assert found.p_final == found.p_touch
    else:
        assert found.quantiles[0.9] <= now


def test_the_sum_of_counts_is_no_random_walk() -> None:
    """S10.3: the sum of 13 weeks that merely scatter is known better than random walks say, and holds."""
    counts = np.random.default_rng(1).poisson(5.0, (60, 52 + 13)).astype(float)
    came, errors, wide = counts[:, 52:].sum(axis=1), np.zeros(2), []
    kinds: list[str] = []
    observed = [ObservedPast(history=row[:52], periods=13, total=True) for row in counts]
    for place, drawn in simulate(observed, paths=400):
        kinds.append(drawn.kind)
        walks = pool(counts[place][None, :52], 13, seed=0, paths=400)[0]
        totals = [paths.sum(axis=1) for paths in (drawn.paths, walks)]
        errors += [crps(total[None], float(came[place]))[0] for total in totals]
        low, high = np.quantile(totals[0], (0.1, 0.9))
        wide.append(low <= came[place] <= high)
    assert kinds.count("counts") >= 57
    assert 0.75 <= np.mean(wide) <= 0.95
    assert errors[0] <= 0.8 * errors[1]


def test_a_sum_reached_already_stays_reached() -> None:
    found = certain(
        ahead(result(measure=okr.Target(0, 20), aggregate="sum", unit="deal"), np.full(WEEKS, 2.0))
    )
    assert found.p_final == pytest.approx(400.5 / 401)


IMPOSSIBLE, SAFE = 0.5 / 401, 400.5 / 401


@pytest.mark.parametrize(
    ("commitment", "missed", "band", "low", "high"),
    [
        ("committed", 0, "share", 0.9, SAFE),
        ("committed", 1, "share", IMPOSSIBLE, IMPOSSIBLE),  # every period is asked for, and one is lost
        ("committed", 1, "share-of-planned", IMPOSSIBLE, IMPOSSIBLE),
        ("committed", 1, "latest", 0.8, SAFE),
        ("aspirational", 1, "share", 0.8, SAFE),  # seven in ten are enough
        ("aspirational", 21, "share", IMPOSSIBLE, IMPOSSIBLE),
    ],
)
def test_a_band_asks_for_the_share_that_its_commitment_needs(
    commitment: Any, missed: int, band: Any, low: float, high: float
) -> None:
    """S2.4, S5.3: met periods so far and ahead together must be enough for the whole cycle."""
    goal = okr.Objective(id="o", title="O", cycle="2026", commitment=commitment)
    values = np.where(np.arange(WEEKS) % 2, 98.6, 98.7)
    values[WEEKS - 1 - missed : WEEKS - 1] -= 0.6
    portfolio = okr.Portfolio.of(CYCLE, goal, result(measure=okr.Band(low=98.2)))
    if not missed:
        portfolio = okr.Portfolio.of(CYCLE, goal, result(measure=okr.Band(low=95)))
    scoring = okr.ScoringPolicy(band=band)
    snapshot = okr.evaluate(portfolio, observed({"kr": values}), as_of=AS_OF, scoring=scoring)
    found = certain(outlook(snapshot, paths=400)["kr"])
    assert low - 1e-12 <= found.p_final <= high + 1e-12


def test_a_share_that_is_safe_is_safe() -> None:
    """S2.4: with seven of ten periods met and a week to go, an aspirational band cannot be lost."""
    goal = okr.Objective(id="o", title="O", cycle="2026", commitment="aspirational")
    one = result(measure=okr.Band(low=98), due=AS_OF + dt.timedelta(days=9))
    values = np.r_[np.full(WEEKS - 3, 99.0), 50.0, 20.0, 99.0]
    snapshot = okr.evaluate(okr.Portfolio.of(CYCLE, goal, one), observed({"kr": values}), as_of=AS_OF)
    found = certain(outlook(snapshot, paths=400)["kr"])
    assert found.p_final == SAFE
    assert found.p_touch < SAFE


# ------------------------------------------------------------------ limits and units


@few
@given(seeds)
def test_percents_and_counts_stay_what_they_are(seed: int) -> None:
    """Issue: a percent cannot pass 100 and a count not below 0; growth rates and balances may."""
    near = 99.5 - np.abs(walk(seed)) / 4
    low = np.abs(walk(seed)) / 4
    top = certain(ahead(result(measure=okr.Target(0, 99), unit="%"), near)).quantiles[0.9]
    free = certain(ahead(result(measure=okr.Target(0, 99)), near)).quantiles[0.9]
    growth = certain(ahead(result(measure=okr.Target(0, 120), unit="%"), near)).quantiles[0.9]
    assert top <= 100
    assert free == growth
    for unit, bounded in (("customer", True), ("parcel/hour", True), ("EUR", False), ("", False)):
        found = certain(ahead(result(measure=okr.Target(9, 1), unit=unit), low)).quantiles
        assert min(found.values()) >= 0 or not bounded
    debt = certain(ahead(result(measure=okr.Target(9, -99), unit="customer"), low)).quantiles
    assert debt == certain(ahead(result(measure=okr.Target(9, -99)), low)).quantiles


@few
@given(seeds)
def test_units_do_not_matter(seed: int) -> None:
    """S10.1, S1.3: observed in hours, wanted in minutes."""
    values = np.abs(walk(seed)) + 1
    plain = certain(ahead(result(measure=okr.Target(20, 2), unit="hour"), values))
    minutes = certain(ahead(result(measure=okr.Target(1200, 120), unit="minute"), values, unit="hour"))
    kpi = okr.Kpi(id="kpi", title="K", unit="hour")
    read = result(measure=okr.Target(1200, 120), unit="minute", measured_by="kpi")
    for other in (minutes, certain(ahead(read, values, kpi))):
        assert other.p_final == pytest.approx(plain.p_final, abs=0.006)
        assert other.quantiles[0.5] == pytest.approx(60 * plain.quantiles[0.5], rel=1e-6)


# ------------------------------------------------------------------ where nobody can tell


@pytest.mark.parametrize(
    ("one", "values", "says"),
    [
        (result(measure=okr.Checklist(["a", "b"]), cadence=None), walk(0), "a checklist has no series"),
        (result(), walk(0, 7), "kr has 7 known periods; a forecast needs 8"),
        (result("other"), walk(0), "other has no observations"),
        (result(due=AS_OF - dt.timedelta(days=30)), walk(0), "it was due on"),
        (result(due=AS_OF + dt.timedelta(days=5)), walk(0), "no whole week is left until"),
        (result(measure=okr.Target(None, 1.0)), np.ones(WEEKS), "direction 'at_least' or 'at_most'"),
    ],
)
def test_what_cannot_be_forecast_says_why(one: okr.KeyResult, values: Floats, says: str) -> None:
    """S10.2, and issue: checklists are refused with a reason, too little history is said."""
    snapshot = evaluated(observed({"kr": values}), one)
    found = outlook(snapshot, paths=40)[one.id]
    assert found is not None
    assert found.forecast is None
    assert found.note.startswith("No forecast: ")
    assert says in found.note
    assert np.isnan(outlook(snapshot, paths=40).table["p_final"]).all()


def test_short_histories_are_said_to_be_short() -> None:
    """S10.2."""
    found = certain(ahead(result(), walk(3, 12), as_of=sundays(12)[-1]))
    assert "too little to beat a base rate" in found.note


def test_what_was_not_known_then_is_not_used() -> None:
    """S8.1: a later correction does not exist at `known_at`."""
    values = walk(4)
    late = observed({"kr": values}).append(
        okr.Observation("kr", day, 99.0, recorded_at=AS_OF + dt.timedelta(days=40)) for day in sundays()[-6:]
    )
    then = outlook(evaluated(late, result(), known_at=AS_OF + dt.timedelta(days=1)), paths=200)
    assert then == outlook(evaluated(observed({"kr": values}), result()), paths=200)
    assert then != outlook(evaluated(late, result()), paths=200)


@pytest.mark.parametrize("known_at", [None, LAST, "2026-06-01"])
def test_a_history_on_a_dataframe_engine_gives_the_same(known_at: Any) -> None:
    """S8.6: two backends, one behaviour."""
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    pytest.importorskip("narwhals", reason="narwhals is not installed")
    portfolio, history = story("logistics")
    rows = [(o.measure, o.at.isoformat(), o.value, o.unit, o.recorded_at) for o in history]
    frame = pandas.DataFrame(rows, columns=["measure", "at", "value", "unit", "recorded_at"])
    frame["recorded_at"] = pandas.to_datetime(frame["recorded_at"], utc=True)
    here, there = (
        outlook(okr.evaluate(portfolio, one, as_of=LAST, known_at=known_at), paths=200)
        for one in (history, okr.History.of_frame(frame))
    )
    assert here == there


def test_a_series_before_its_definition_changed_is_another() -> None:
    """S8.4."""
    days, values = sundays(), walk(5)
    texts = ["gross"] * 20 + ["net"] * 20
    history = okr.History.of_columns(["kr"] * WEEKS, days, values, definition=texts)
    found = outlook(evaluated(history, result()), paths=200)["kr"]
    assert certain(found).n == 20
    rows = history.window_rows(history.codes(["kr"]), 0, 0, 10**6, 10**18)[1]
    codes = history.definitions(rows)
    assert (codes[:20] == codes[0]).all()
    assert (codes[20:] == codes[-1]).all()
    assert codes[0] != codes[-1]
    assert history.definitions(np.array([-1])).tolist() == [-1]


@pytest.mark.parametrize("name", ["logistics", "software"])
def test_the_stories_have_an_outlook(name: str) -> None:
    """Where the demo says off-track, the weeks ahead do not say otherwise."""
    portfolio, history = story(name)
    snapshot = okr.evaluate(portfolio, history, as_of=LAST)
    found = outlook(snapshot)
    assert {result.id for result in portfolio.key_results} <= set(found)
    for result in portfolio.key_results:
        forecast = found[result.id].forecast
        if forecast is not None and snapshot.key_result(result.id).status == "off-track":
            assert forecast.p_final < 0.1
        if forecast is not None:
            assert len(forecast.ends) == forecast.periods == len(forecast.fan[0.5])
            assert okr.evaluate(portfolio, history, as_of=LAST).as_of < forecast.ends[0]
            assert list(forecast.ends) == sorted(forecast.ends)
            assert forecast.ends[-1] <= portfolio["2026"].end


# ------------------------------------------------------------------ what nobody reported


@pytest.mark.parametrize("missing", [(2,), (2, 4), (4, 5, 6)])
@pytest.mark.parametrize("scale", [1.0, 250.0])
def test_months_that_nobody_reported_are_no_zeros_in_a_sum(missing: tuple[int, ...], scale: float) -> None:
    """S0.2: 100 a month, some never reported: the year ends at 1,200, not at what was reported."""
    months = [dt.date(2025 + k // 12, k % 12 + 1, 28) for k in range(22)]
    values = scale * np.random.default_rng(1).normal(100, 1, 22)
    kept = [k for k in range(22) if k - 12 not in missing]
    history = okr.History.of_columns(["kr"] * len(kept), [months[k] for k in kept], values[kept])
    one = result(measure=okr.Target(0, 1150 * scale), aggregate="sum", cadence="monthly")
    found = certain(outlook(evaluated(history, one, as_of="2026-10-31"), paths=400)["kr"])
    assert found.p_final > 0.9
    assert found.quantiles[0.1] < 1200 * scale < found.quantiles[0.9] * 1.01
    assert f"{len(missing)} missing periods were filled in" in found.note
    too_far = attrs.evolve(one, measure=okr.Target(0, 1300 * scale))
    assert certain(outlook(evaluated(history, too_far, as_of="2026-10-31"), paths=400)["kr"]).p_final < 0.05


def test_a_lost_feed_is_no_quiet_week() -> None:
    """S0.2: a week of which two days were observed is owed as a whole, and not counted twice."""
    days = [dt.date(2026, 1, 5) + dt.timedelta(days=k) for k in range(7 * 20)]
    whole = [day for day in days if not 100 < (day - days[0]).days <= 104]
    one = result(measure=okr.Target(0, 3640), aggregate="sum")
    quantiles = []
    for some in (days, whole):
        history = okr.History.of_columns(["kr"] * len(some), some, [10.0] * len(some))
        snapshot = evaluated(history, one, as_of=days[-1])
        quantiles.append(certain(outlook(snapshot, paths=400)["kr"]).quantiles[0.5])
    assert quantiles[1] == pytest.approx(quantiles[0], rel=1e-9)


def test_the_year_to_date_of_a_sheet_is_forecast_as_such() -> None:
    """S10.1: in January last December's total is no success, in September the pace counts."""
    months = [dt.date(2024 + k // 12, k % 12 + 1, 28) for k in range(36)]
    series = np.random.default_rng(2).normal(100, 3, 36).reshape(3, 12).cumsum(axis=1).ravel()
    history = okr.History.of_columns(["kr"] * 36, months, series)
    for as_of in ("2026-01-20", "2026-03-31", "2026-09-30"):
        for goal, low, high in ((1150.0, 0.75, 1.0), (1300.0, 0.0, 0.15)):
            one = result(measure=okr.Target(0, goal), cadence="monthly")
            found = certain(outlook(evaluated(history, one, as_of=as_of), paths=400)["kr"])
            assert found.kind == "year-to-date"
            assert low <= found.p_final <= high


@pytest.mark.parametrize(("cap", "low", "high"), [(24, 0.0, 0.05), (36, 0.2, 0.8), (60, 0.95, 1.0)])
def test_a_cap_is_compared_with_the_whole_cycle(cap: float, low: float, high: float) -> None:
    """S10.1: 3 incidents a month: at most 24 in the year is lost, at most 36 is about even."""
    months = [dt.date(2024 + k // 12, k % 12 + 1, 28) for k in range(30)]
    incidents = np.tile([3.0, 1.0, 5.0, 2.0, 4.0, 3.0], 5)[np.random.default_rng(1).permutation(30)]
    incidents[24:] = [3, 1, 5, 2, 4, 3]
    history = okr.History.of_columns(["kr"] * 30, months, incidents)
    one = result(
        measure=okr.Band(high=cap, over="cycle"), aggregate="sum", cadence="monthly", unit="incident"
    )
    found = certain(outlook(evaluated(history, one, as_of="2026-06-30"), paths=600)["kr"])
    assert low <= found.p_final <= high
    achieved = outlook(evaluated(history, one, as_of="2026-06-30"), paths=600)["o"].achieved
    assert achieved is not None
    assert achieved.p_final == found.p_final


@given(
    st.lists(st.dates(CYCLE.start, dt.date(2026, 2, 20)), max_size=4, unique=True),
    st.sampled_from(["sum", "mean", "max", "min", "latest"]),
    st.sampled_from([None, "weekly", "monthly", "yearly"]),
    st.sampled_from([okr.Target(0, 10), okr.Band(high=5), okr.Band(high=10, over="cycle")]),
)
def test_the_first_numbers_of_a_goal_are_told_to_be_too_few(days, aggregate, cadence, measure):
    """S10: also before its first period has ended."""
    goal = result(measure=measure, aggregate=aggregate, cadence=cadence)
    history = okr.History.of(okr.Observation("kr", day, 3) for day in days)
    snapshot = okr.evaluate(okr.Portfolio.of(CYCLE, GOAL, goal), history, as_of="2026-02-20")
    (row,) = (row for row in outlook(snapshot).table.to_dicts() if row["id"] == "kr")
    assert row["p_final"] is None
    assert row["note"].startswith("No forecast")
