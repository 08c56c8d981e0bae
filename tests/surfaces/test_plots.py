"""Pictures say in their title what is to be seen, draw the numbers of the value, and touch nothing else."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.errors import DefinitionError, MissingExtraError, UnknownIdError
from okrcore.surfaces.plots.line_ends import pushed_apart
from okrcore.surfaces.stories import story

matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
Draw = Callable[[Any], Any]

NOW = dt.date(2026, 10, 4)
PORTFOLIO, HISTORY = story("logistics")
TREND = okr.evaluate_many(PORTFOLIO, HISTORY, as_of=okr.weekly("2026-01-04", NOW))
SNAPSHOT = TREND[len(TREND) - 1]
SPRING = okr.evaluate(PORTFOLIO, HISTORY, as_of="2026-03-29")
EVIDENCE = okr.assess_links(PORTFOLIO, HISTORY, as_of=NOW)
OUTLOOK = okr.outlook(SNAPSHOT, evidence=EVIDENCE, paths=400)
RIPPLE = okr.ripple(PORTFOLIO, as_of=NOW, history=HISTORY)
DECISIONS = okr.resolve(
    okr.find_conflicts(PORTFOLIO, HISTORY, as_of=NOW, snapshot=SNAPSHOT), PORTFOLIO, snapshot=SNAPSHOT
)
UPTIME = okr.signals(
    HISTORY.series("sorter-uptime"), better="higher", target=okr.Band(low=98), rebase=["2026-05-24"]
)
PICTURES: dict[str, Draw] = {
    "key result": lambda ax: okr.surfaces.plot_key_result(TREND, "throughput", ax=ax, outlook=OUTLOOK),
    "checklist": lambda ax: okr.surfaces.plot_key_result(TREND, "pilot-steps", ax=ax),
    "KPI": lambda ax: okr.surfaces.plot_kpi(SNAPSHOT, "sorter-uptime", ax=ax),
    "lags": lambda ax: okr.surfaces.plot_lags(EVIDENCE[0], ax=ax),
    "signals": lambda ax: okr.surfaces.plot_signals(UPTIME, ax=ax, title="Uptime", unit="%", target=98.0),
    "change": lambda ax: okr.surfaces.plot_change(SPRING, SNAPSHOT, "peak-season", ax=ax),
    "ripple": lambda ax: okr.surfaces.plot_ripple(RIPPLE, ax=ax),
    "conflicts": lambda ax: okr.surfaces.plot_conflicts(DECISIONS, ax=ax),
    "strategy": lambda ax: okr.surfaces.plot_strategy(SNAPSHOT, ax=ax, evidence=EVIDENCE),
}
pictures = pytest.mark.parametrize("draw", PICTURES.values(), ids=list(PICTURES))


def axes(width: float = 7.6, height: float = 3.6) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((width, height))
    FigureCanvasAgg(figure)
    return figure.subplots()


def title(ax: Any) -> str:
    return str(ax.get_title(loc="left")).replace("\n", " ")


def texts(ax: Any, gid: str) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in ax.texts if text.get_gid() == gid]


def drawn(ax: Any, gid: str) -> list[Any]:
    return [line for line in ax.lines if line.get_gid() == gid]


def day(number: float) -> dt.date:
    from matplotlib.dates import num2date

    found: dt.date = num2date(number).date()
    return found


# ------------------------------------------------------------------ every picture


@pictures
def test_a_picture_is_drawn_into_the_axes_that_were_given_and_nothing_else_changes(draw: Draw) -> None:
    from matplotlib import pyplot as plt

    before, figures, ax = dict(matplotlib.rcParams), plt.get_fignums(), axes()
    assert draw(ax) is ax
    assert dict(matplotlib.rcParams) == before
    assert plt.get_fignums() == figures
    assert ax.figure.axes == [ax], "a second axis"
    assert ax.get_legend() is None
    assert title(ax)


@pictures
def test_a_picture_is_small_and_draws_the_same_twice(draw: Draw) -> None:
    def svg() -> str:
        ax, file = axes(), io.StringIO()
        draw(ax)
        with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "one"}):
            ax.figure.savefig(file, format="svg", metadata={"Date": None})
        return file.getvalue()

    assert svg() == svg()
    assert len(svg()) < 64_000


@pictures
@pytest.mark.parametrize("width", [3.5, 7.6])
def test_texts_at_the_ends_of_lines_do_not_overlap(draw: Draw, width: float) -> None:
    ax = axes(width)
    draw(ax)
    ax.figure.canvas.draw()
    ends = [text.get_window_extent() for text in ax.texts if text.get_gid() == "end"]
    heights = sorted((box.y0, box.y1) for box in ends)
    assert all(one[1] <= other[0] + 1 for one, other in pairwise(heights))


@given(
    st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(1, 50)), max_size=12),
)
def test_labels_that_are_pushed_apart_keep_their_order_and_move_only_where_they_must(
    labels: list[tuple[float, float]],
) -> None:
    labels.sort()
    wanted, heights = [at for at, _ in labels], [height for _, height in labels]
    found = pushed_apart(wanted, heights)
    gaps = [
        (b - a) - (one + other) / 2
        for a, b, one, other in zip(found, found[1:], heights, heights[1:], strict=False)
    ]
    assert all(gap >= -1e-6 for gap in gaps)
    free = [
        b - a >= (one + other) / 2
        for a, b, one, other in zip(wanted, wanted[1:], heights, heights[1:], strict=False)
    ]
    if all(free):
        assert found == pytest.approx(wanted, abs=1e-6)
    assert sum(found) == pytest.approx(sum(wanted), abs=1e-3)


def test_texts_of_strangers_are_texts() -> None:
    """A dollar sign begins no formula, a control character ends no line."""
    hostile = "$\\frac{1$ <script>\x1b[31m \u202e\nsecond"
    goal = okr.Objective(id="o", title=hostile, cycle="2026")
    result = okr.KeyResult(id="k", objective="o", title=hostile, measure=okr.Target(0, 10), unit="")
    kpi = okr.Kpi(id="$x_{$", title=hostile, target=okr.Band(low=1))
    history = okr.History.of_columns(["k", "$x_{$"], [dt.date(2026, 2, 1)] * 2, [3.0, 2.0])
    portfolio = okr.Portfolio.of(okr.Cycle.year(2026), goal, result, kpi)
    trend = okr.evaluate_many(portfolio, history, as_of=["2026-03-01", "2026-04-01"])
    chart = okr.signals([1.0] * 3)
    plots: list[Draw] = [
        lambda ax: okr.surfaces.plot_key_result(trend, "k", ax=ax),
        lambda ax: okr.surfaces.plot_kpi(trend[1], "$x_{$", ax=ax),
        lambda ax: okr.surfaces.plot_signals(chart, ax=ax, title=hostile, unit=hostile, source=hostile),
        lambda ax: okr.surfaces.plot_change(trend[0], trend[1], "o", ax=ax, source=hostile),
    ]
    for draw in plots:
        ax = axes()
        draw(ax)
        ax.figure.canvas.draw()
        said = [text.get_text() for text in (*ax.texts, ax.title, ax._left_title)]
        assert not any("\x1b" in one or "\u202e" in one for one in said)


def test_matplotlib_is_loaded_by_a_picture_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import sys, okrcore as okr; okr.surfaces.plot_lags; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'okrcore\[plots\]'"):
        okr.surfaces.plot_lags(EVIDENCE[0], ax=object())


# ------------------------------------------------------------------ a key result


def test_a_key_result_is_drawn_as_it_was_evaluated() -> None:
    ax = okr.surfaces.plot_key_result(TREND, "throughput", ax=axes(), outlook=OUTLOOK)
    assert title(ax) == "20 % more parcels an hour by year-end: under 1 in 100 to get there"
    assert texts(ax, "below") == ["parcel/hour, 2026; 49 % of the way where 76 % is due, so off-track"]
    (line,), (plan,) = drawn(ax, "values"), drawn(ax, "plan")
    values = [state.key_result("throughput").value for state in TREND]
    assert line.get_ydata().tolist() == values
    assert [day(x) for x in line.get_xdata()] == list(TREND.as_of)
    assert [*plan.get_ydata()] == [10_000, 12_000]
    assert [day(x) for x in plan.get_xdata()] == [dt.date(2026, 1, 1), dt.date(2026, 12, 31)]
    (mark,) = drawn(ax, "off-track")
    assert mark.get_marker() == "s"
    assert texts(ax, "last") == ["10,987 on 4 Oct"]
    forecast = OUTLOOK["throughput"].forecast
    assert forecast is not None
    (middle,) = drawn(ax, "middle")
    assert tuple(middle.get_ydata()) == (values[-1], *forecast.fan[0.5])
    assert [day(x) for x in middle.get_xdata()] == [NOW, *forecast.ends]
    low, high = forecast.quantiles[0.1], forecast.quantiles[0.9]
    assert texts(ax, "end")[0] == f"{low:,.0f} to {high:,.0f} 8 of 10 paths"
    assert texts(ax, "source") == ["Source: history 206:b47487e3, as of 2026-10-04. okrcore 0.1.0"]


def test_a_plan_runs_by_its_waypoints() -> None:
    portfolio, history = story("software")
    trend = okr.evaluate_many(portfolio, history, as_of=okr.weekly("2026-01-04", NOW))
    goal, year = portfolio["enterprise-arr"], portfolio["2026"]
    ax = okr.surfaces.plot_key_result(trend, goal.id, ax=axes())
    (plan,) = drawn(ax, "plan")
    assert [*plan.get_ydata()] == [one.value for one in goal.measure.planned(year.start, year.end)]
    assert len(plan.get_ydata()) == 2 + len(goal.measure.plan) > 2
    assert title(ax).endswith(": off-track"), "without an outlook the status is the verdict"
    band = okr.surfaces.plot_key_result(trend, "complaints", ax=axes())
    assert not drawn(band, "plan")
    assert texts(band, "end") == ["at most 15"]
    assert "of its periods kept" in texts(band, "below")[0]


@pytest.mark.parametrize(
    ("p", "said"),
    [(0.004, "under 1 in 100"), (0.01, "1 in 100"), (0.5, "50 in 100"), (0.996, "over 99 in 100")],
)
def test_a_chance_is_never_rounded_onto_an_end(p: float, said: str) -> None:
    import attrs

    forecast = OUTLOOK["throughput"].forecast
    assert forecast is not None
    ahead = okr.leading.WeeksAhead(forecast=attrs.evolve(forecast, p_final=p))
    outlook = okr.Outlook({"throughput": ahead})
    ax = okr.surfaces.plot_key_result(TREND, "throughput", ax=axes(), outlook=outlook)
    assert title(ax).endswith(f": {said} to get there")


def test_a_value_that_is_old_stands_where_it_was_observed() -> None:
    ax = okr.surfaces.plot_key_result(TREND, "crews-trained", ax=axes())
    (mark,) = drawn(ax, "no-data")
    assert day(mark.get_xdata()[0]) == dt.date(2026, 5, 29)
    assert mark.get_markerfacecolor() == "#ffffff", "no data is a ring"


def test_a_count_has_no_room_below_0() -> None:
    ax = okr.surfaces.plot_key_result(TREND, "crews-trained", ax=axes())
    assert ax.get_ylim()[0] == 0
    lanes = okr.surfaces.plot_kpi(SNAPSHOT, "lanes-recalibrated", ax=axes())
    assert lanes.get_ylim()[0] == 0


def test_a_key_result_without_a_value_says_so() -> None:
    portfolio = okr.Portfolio.of(
        okr.Cycle.year(2026),
        okr.Objective(id="o", title="O", cycle="2026"),
        okr.KeyResult(id="k", objective="o", title="K", measure=okr.Target(0, 1)),
    )
    trend = okr.evaluate_many(portfolio, okr.History.of(), as_of=["2026-03-01"])
    assert texts(okr.surfaces.plot_key_result(trend, "k", ax=axes()), "note") == ["no value is known"]
    with pytest.raises(UnknownIdError):
        okr.surfaces.plot_key_result(trend, "nobody", ax=axes())
    with pytest.raises(DefinitionError, match="at least one"):
        okr.surfaces.plot_key_result(okr.Trend(()), "k", ax=axes())


# ------------------------------------------------------------------ KPIs and signals


def test_kpis_are_drawn_the_worst_first_under_one_count() -> None:
    from matplotlib.figure import Figure

    grid = okr.surfaces.plot_kpis(SNAPSHOT, axes=Figure((11, 6)).subplots(2, 3).flat)
    assert texts(grid[0], "head") == ["1 of 4 KPIs worsens beyond chance"]
    words = [texts(ax, "word") for ax in grid]
    assert words == [["! worsening"], ["steady"], ["steady"], ["meant to move"], [], []]
    assert [ax.axison for ax in grid] == [True] * 4 + [False] * 2
    few = okr.surfaces.plot_kpis(SNAPSHOT, axes=[axes()], only=["sorter-uptime", "missorted-share"])
    assert texts(few[0], "head") == ["None of 2 KPIs worsen beyond chance; 1 shown"]
    with pytest.raises(UnknownIdError):
        okr.surfaces.plot_kpis(SNAPSHOT, axes=[axes()], only=["throughput"])
    with pytest.raises(DefinitionError, match="axes is empty"):
        okr.surfaces.plot_kpis(SNAPSHOT, axes=[])


def test_a_kpi_has_the_points_and_limits_of_its_signals() -> None:
    ax = okr.surfaces.plot_kpi(SNAPSHOT, "lanes-recalibrated", ax=axes())
    rows = okr.signals_of(PORTFOLIO, HISTORY, as_of=NOW, only=["lanes-recalibrated"]).to_dicts()
    (line,) = drawn(ax, "values")
    assert line.get_ydata().tolist() == [row["value"] for row in rows]
    for meaning, marker in (("concern", "s"), ("improvement", "o")):
        (points,) = drawn(ax, meaning)
        assert points.get_marker() == marker
        assert len(points.get_xdata()) == sum(row["meaning"] == meaning for row in rows)


def test_a_chart_says_its_newest_point_its_rule_and_its_phases() -> None:
    ax = okr.surfaces.plot_signals(
        UPTIME, ax=axes(12), title="Uptime", unit="%", target=okr.Band(low=98), source="scada"
    )
    assert title(ax) == "Uptime: steady; holds its target"
    assert len(drawn(ax, "phase")) == 1
    assert texts(ax, "why") == ["new process since 24 May"]
    assert [line.get_ydata()[0] for line in drawn(ax, "target")] == [98.0]
    assert any(text.startswith("target >= 98") for text in texts(ax, "end"))
    assert texts(ax, "source") == ["scada"]
    rising = okr.signals([*[5.0, 6, 5, 6, 5, 6, 5] * 2, 11.0], better="lower")
    assert title(okr.surfaces.plot_signals(rising, ax=axes(12))) == "Worsening, outside its limits"
    shifted = okr.signals([1.0, 5, 2, 4, 1, 5, 2, 4, 1, 5, 2, 4, *[4.1, 4.3, 4.0, 4.2, 4.1, 4.3, 4.2, 4.1]])
    assert title(okr.surfaces.plot_signals(shifted, ax=axes(12))).startswith("Moving, ")
    few = okr.surfaces.plot_signals(okr.signals([1.0, 2.0]), ax=axes(12))
    assert title(few) == "Too few points for limits"
    assert texts(okr.surfaces.plot_signals(okr.signals([]), ax=axes()), "note") == ["no values"]


# ------------------------------------------------------------------ links, changes, slips, conflicts


def test_every_lag_is_drawn_with_its_interval_and_the_bound_that_decided() -> None:
    ax = okr.surfaces.plot_lags(EVIDENCE[0], ax=axes(12))
    assert title(ax) == "lanes-recalibrated to throughput: leads by 3 weeks"
    assert [line.get_ydata()[0] for line in drawn(ax, "lag")] == [
        one.correlation for one in EVIDENCE[0].per_lag
    ]
    assert [tuple(line.get_ydata()) for line in drawn(ax, "interval")] == [
        one.interval for one in EVIDENCE[0].per_lag
    ]
    assert [line.get_ydata()[0] for line in drawn(ax, "bound")] == [one.bound for one in EVIDENCE[0].per_lag]
    assert ax.get_ylim() == (-1, 1)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2", "3", "4", "5", "6"]
    assert len(texts(ax, "effect")) == 1


@pytest.mark.parametrize("sign", [1, -1, 0])
def test_the_bound_is_drawn_on_the_side_that_decided(sign: int) -> None:
    kpi, noise = np.random.default_rng(3).standard_normal((2, 200))
    found = okr.assess_link(kpi, noise - 0.05 * np.roll(kpi, 1), lags=[1, 2, 3], sign=sign)
    ax = okr.surfaces.plot_lags(found, ax=axes())
    drawn_at = [line.get_ydata()[0] for line in drawn(ax, "bound")]
    assert drawn_at == [one.bound for one in found.per_lag]
    assert {line.get_color() for line in drawn(ax, "bound")} == {"#b8420b"}, "each lag is ruled out"
    side = [sign or np.copysign(1, one.correlation) for one in found.per_lag]
    assert [s * at for s, at in zip(side, drawn_at, strict=True)] == [one.upper for one in found.per_lag]


def test_each_verdict_on_a_link_has_its_words() -> None:
    rng = np.random.default_rng(3)
    kpi, noise = rng.standard_normal((2, 200))
    nothing = okr.assess_link(kpi, noise, lags=[1, 2])
    against = okr.assess_link(kpi, noise - np.roll(kpi, 2), lags=[1, 2])
    flat = okr.assess_link([1.0] * 40, noise[:40], lags=[1])
    short = okr.assess_link(kpi[:15], noise[:15], lags=[1])
    together = okr.assess_link(kpi, noise + kpi, lags=[0])
    said = [
        title(okr.surfaces.plot_lags(one, ax=axes())) for one in (nothing, against, flat, short, together)
    ]
    assert said == [
        "The series does not lead",
        "The series leads the other way by 2 periods",
        "The series undecided",
        "The series too little data",
        "The series moves with it",
    ]


def test_the_bars_of_a_change_begin_at_0_and_sum_to_the_move() -> None:
    ax = okr.surfaces.plot_change(SPRING, SNAPSHOT, "peak-season", ax=axes(12))
    bars = [bar for container in ax.containers for bar in container]
    assert bars[0].get_x() == bars[-1].get_x() == 0
    told = okr.explain_change(SPRING, SNAPSHOT, "peak-season")
    assert bars[0].get_width() == pytest.approx(100 * told.numbers["before"])
    assert bars[-1].get_width() == pytest.approx(100 * told.numbers["after"])
    steps = [bar.get_width() for bar in bars[1:-1]]
    assert sum(steps) == pytest.approx(100 * told.numbers["change"])
    for bar, after in pairwise(bars[1:-1]):
        assert after.get_x() == pytest.approx(bar.get_x() + bar.get_width())
    assert ax.get_xlim()[0] == 0
    assert title(ax) == "Deliver the peak season from our own halls won 18.7 points, most by throughput"
    back = okr.surfaces.plot_change(SNAPSHOT, SPRING, "peak-season", ax=axes(12))
    assert "lost 18.7 points" in title(back)
    still = okr.surfaces.plot_change(SPRING, SPRING, "peak-season", ax=axes(12))
    assert title(still).endswith("did not move")
    with pytest.raises(DefinitionError, match="is observed"):
        okr.surfaces.plot_change(SPRING, SNAPSHOT, "throughput", ax=axes())


def test_a_formula_that_falls_below_0_is_drawn_from_0() -> None:
    sales, cost = (okr.Kpi(id=name, title=name, unit="EUR", cadence="monthly") for name in ("sales", "cost"))
    profit = okr.Kpi(
        id="profit",
        title="Profit",
        better="higher",
        formula=okr.Formula("s - c", {"s": "sales", "c": "cost"}),
    )
    days = [dt.date(2026, 1, 31), dt.date(2026, 2, 28)] * 2
    history = okr.History.of_columns(["sales"] * 2 + ["cost"] * 2, days, [10.0, 4.0, 6.0, 9.0])
    portfolio = okr.Portfolio.of(sales, cost, profit)
    one, other = (okr.evaluate(portfolio, history, as_of=when) for when in ("2026-02-01", "2026-03-01"))
    ax = okr.surfaces.plot_change(one, other, "profit", ax=axes(12))
    assert title(ax) == "Profit lost 9 EUR, most by sales"
    assert texts(ax, "amount") == ["4", "-6", "-3", "-5"]
    assert ax.get_xlim()[0] < -5


def test_slips_are_drawn_at_their_dates() -> None:
    ax = okr.surfaces.plot_ripple(RIPPLE, ax=axes(12))
    assert title(ax) == "Hall 2 recalibrated 37 days late: 2 past due, engineering hit"
    rows = {one.subject: one for one in RIPPLE.impacts}
    strokes = {day(line.get_xdata()[0]) for line in drawn(ax, "due")}
    assert strokes == {one.due for one in rows.values()}
    planned = [bar for bar in ax.patches if bar.get_gid() == "planned"]
    assert {(day(bar.get_x()), day(bar.get_x() + bar.get_width())) for bar in planned} == {
        (one.start, one.finish) for one in rows.values()
    }
    past = [bar for bar in ax.patches if bar.get_gid() == "past due"]
    assert {day(bar.get_x() + bar.get_width()) for bar in past} == {one.expected for one in rows.values()}
    assert texts(ax, "amount") == ["37 d late", "34 d past due"]
    assert texts(ax, "buffer") == ["buffer 3 of 3 d used"]
    work = okr.Initiative(id="work", title="Work")
    steps = {"a": (), "b": (), "c": ("a",)}
    made = [
        okr.Milestone(
            id=name, title=name, initiative="work", due="2026-03-02", start="2026-03-01", after=after
        )
        for name, after in steps.items()
    ]
    two = okr.ripple(okr.Portfolio.of(work, *made), as_of="2026-03-01", slips={"a": 4, "b": 2})
    assert title(okr.surfaces.plot_ripple(two, ax=axes())) == "2 slips: 3 milestones past due"
    none = okr.ripple(okr.Portfolio.of(), as_of=NOW)
    assert title(okr.surfaces.plot_ripple(none, ax=axes())) == "No milestone is late"


def test_conflicts_stand_at_their_winner_and_loser() -> None:
    ax = okr.surfaces.plot_conflicts(DECISIONS, ax=axes(12))
    rows = {label.get_text(): at for at, label in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)}
    columns = {label.get_text(): at for at, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)}
    found = {points.get_gid(): tuple(points.get_offsets()[0]) for points in ax.collections}
    assert set(found) == {one.conflict.id for one in DECISIONS}
    for one in DECISIONS:
        if one.winner and one.loser:
            assert found[one.conflict.id] == (columns[one.loser], rows[one.winner])
    open_ = [one for one in DECISIONS if one.escalates]
    assert title(ax) == f"{len(open_)} of {len(DECISIONS)} conflicts needs managing-director"
    assert title(okr.surfaces.plot_conflicts([], ax=axes(12))) == "No goal is in another's way"


def test_a_strategy_has_a_box_for_each_and_an_arrow_for_each_link() -> None:
    ax = okr.surfaces.plot_strategy(SNAPSHOT, ax=axes(16, 6), evidence=EVIDENCE)
    assert title(ax) == "2 of 5 lead to no goal: preventive-maintenance, sorter-uptime"
    boxes = {box.get_gid(): box for box in ax.patches if box.get_gid()}
    read = {one.measured_by for one in PORTFOLIO.key_results}
    kinds = (PORTFOLIO.objectives, PORTFOLIO.key_results, PORTFOLIO.kpis, PORTFOLIO.initiatives)
    assert set(boxes) == {one.id for kind in kinds for one in kind} - read
    columns = {name: int(box.get_x()) for name, box in boxes.items()}
    assert {columns[one.id] for one in PORTFOLIO.objectives} == {2}
    assert {columns[one.id] for one in PORTFOLIO.key_results} == {1}
    arrows = {text.get_gid() for text in ax.texts if "->" in str(text.get_gid())}
    assert {link.id for link in PORTFOLIO.links} <= arrows | {"lanes-recalibrated->parcels-per-hour"}
    assert {f"{one.id}->{one.objective}" for one in PORTFOLIO.key_results} <= arrows
    assert texts(ax, "verdict") == ["leads by 3 weeks"]
    heights: dict[int, list[float]] = {}
    for box in boxes.values():
        heights.setdefault(int(box.get_x()), []).append(box.get_y())
    assert all(b - a > 0.62 for one in heights.values() for a, b in pairwise(sorted(one)))


def test_a_large_strategy_shows_the_worst_of_it() -> None:
    cycle = okr.Cycle.year(2026)
    goals = [okr.Objective(id=f"o{n:02}", title="", cycle=cycle.id) for n in range(20)]
    results = [
        okr.KeyResult(id=f"k{n:02}", objective=goals[n % 20].id, title="", measure=okr.Target(0, 10))
        for n in range(40)
    ]
    values = [10.0] * 40
    values[7] = values[27] = 0.0
    days = [dt.date(2026, 6, 1)] * 40
    history = okr.History.of_columns([one.id for one in results], days, values)
    snapshot = okr.evaluate(okr.Portfolio.of(cycle, *goals, *results), history, as_of=NOW)
    ax = okr.surfaces.plot_strategy(snapshot, ax=axes(16, 6))
    boxes = [box.get_gid() for box in ax.patches if box.get_gid()]
    assert len(boxes) == 25
    assert {"o07", "k07", "k27"} <= set(boxes)
    assert "25 of 60, those of the worst objectives" in texts(ax, "below")[0]
    assert title(ax) == "No KPI and no initiative is declared to lead to a goal"
    empty = okr.evaluate(okr.Portfolio.of(), okr.History.of(), as_of=NOW)
    assert texts(okr.surfaces.plot_strategy(empty, ax=axes()), "note") == ["nothing is declared"]


def test_a_snapshot_is_no_trend_and_the_error_says_how_to_make_one() -> None:
    now: Any = TREND[len(TREND) - 1]
    with pytest.raises(DefinitionError, match=r"trend is a Snapshot, but must be a Trend; .*evaluate_many"):
        okr.surfaces.plot_key_result(now, "throughput", ax=axes())
