"""Draw a key result: its values over time, its plan and target, and where its series is heading (S5, S10)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from okrcore.definitions.days import written_day
from okrcore.definitions.derived import due_of, start_of, unit_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.measures import Checklist, Target
from okrcore.display import figure, percent, short_day, tone
from okrcore.errors import DefinitionError
from okrcore.leading.weeks_ahead import Forecast, Outlook
from okrcore.scoring.goal_states import KeyResultState
from okrcore.scoring.state_cards import way_gone
from okrcore.scoring.trend import Trend
from okrcore.surfaces.plots.captions import caption, note, say, source_of
from okrcore.surfaces.plots.figure_style import COLOURS, dot, drawing
from okrcore.surfaces.plots.line_ends import EndLabel, beside
from okrcore.surfaces.plots.value_axes import days_axis, number_of, values_axis, years

_RARE, _EDGE = 0.01, 0.12
_ENDS = (0.1, 0.9)
_FANS = ((*_ENDS, "fan"), (0.25, 0.75, "fan2"))


def plot_key_result(
    trend: Trend, id: str, *, ax: Any, outlook: Outlook | None = None, source: str | None = None
) -> Any:
    """Draw the values of a key result against its plan and its target, and the weeks ahead; return `ax`.

    `trend` is what `evaluate_many` gave: its moments are the points of the line, the last one is now. Of an
    `outlook` on that moment the forecast is drawn as a fan: 8 of 10 paths in light grey, 5 of 10 in dark, the
    middle in dashes. The title says how it stands, or how likely its goal is. `source` None says which
    history the numbers are from. Raises UnknownIdError where `id` is no key result's, DefinitionError for
    what is no trend, or one without moments, MissingExtraError where matplotlib is missing.

    >>> import matplotlib.figure, okrcore as okr
    >>> from okrcore.surfaces.stories import story
    >>> days = okr.weekly("2026-01-04", "2026-10-04")
    >>> trend = okr.evaluate_many(*story("logistics"), as_of=days)
    >>> ax = matplotlib.figure.Figure((16, 4)).subplots()
    >>> okr.surfaces.plot_key_result(trend, "throughput", ax=ax).get_title(loc="left")
    '20 % more parcels an hour by year-end: off-track'
    """
    if not isinstance(trend, Trend):
        raise DefinitionError(
            f"trend is a {type(trend).__name__}, but must be a Trend; make one with evaluate_many(...)"
        )
    if not len(trend):
        raise DefinitionError("trend is without moments, but must have at least one; give as_of some")
    now = trend[len(trend) - 1]
    state = now.key_result(id)
    goal, portfolio = state.goal, now.portfolio
    first, due = start_of(goal, portfolio), due_of(goal, portfolio)
    unit = "share" if isinstance(goal.measure, Checklist) else unit_of(goal, portfolio)
    ahead = outlook.get(id) if outlook is not None else None
    forecast = ahead.forecast if ahead is not None else None
    where = source_of(now) if source is None else source
    with drawing(ax):
        caption(
            ax,
            f"{goal.title or id}: {_verdict(state, forecast)}",
            _below(state, unit, first, due),
            where,
        )
        days, values = _line(trend, (id, *goal.formerly))
        if not values:
            note(ax, "no value is known")
            return ax
        fan = forecast if forecast is not None and forecast.ends else None
        plan = _plan(goal, first, due)
        bounds = _bounds(goal)
        heights = [*values, *(value for _, value in plan), *(bound for _, bound in bounds)]
        heights += [value for level in _ENDS for value in (fan.fan[level] if fan else ())]
        values_axis(ax, heights, unit=unit)
        days_axis(ax, min(first, days[0]), max([due, days[-1], *(fan.ends if fan else ())]))
        ax.axvline(
            number_of(written_day(now.as_of)),
            color=COLOURS["rule"],
            linewidth=0.9,
            linestyle=(0, (2, 2)),
            gid="now",
        )
        for _, bound in bounds:
            ax.axhline(bound, color=COLOURS["ink"], linewidth=1.2, gid="target")
        if plan:
            _draw_plan(ax, plan)
        if fan is not None:
            _draw_fan(ax, fan, days[-1], values[-1])
        ax.plot([*map(number_of, days)], values, color=COLOURS["data"], linewidth=1.9, gid="values")
        place = number_of(days[-1])
        ax.plot(
            [place],
            [values[-1]],
            **dot(tone(state.status) or "calm", 8),
            zorder=4,
            gid=state.status,
            clip_on=False,
        )
        _name_last(ax, goal, days, values)
        labels = [
            EndLabel(bound, (f"{sign} {_said(goal, bound)}",), COLOURS["ink"]) for sign, bound in bounds
        ]
        if fan is not None:
            low, high = (fan.fan[level][-1] for level in _ENDS)
            ends = dict.fromkeys((_said(goal, low), _said(goal, high)))
            labels.append(EndLabel((low + high) / 2, (" to ".join(ends), "8 of 10 paths")))
        beside(ax, labels)
    return ax


def _verdict(state: KeyResultState, forecast: Forecast | None) -> str:
    """Return the chance of getting there, or the status where that is all there is."""
    if forecast is None or state.status in ("achieved", "missed"):
        return state.status
    chance = forecast.p_final
    if chance < _RARE:
        return "under 1 in 100 to get there"
    return "over 99 in 100 to get there" if chance > 1 - _RARE else f"{chance * 100:.0f} in 100 to get there"


def _below(state: KeyResultState, unit: str, first: dt.date, due: dt.date) -> str:
    named = "share done" if unit == "share" else unit
    return f"{', '.join(filter(None, (named, years(first, due))))}; {way_gone(state)}"


def _said(goal: KeyResult, value: float) -> str:
    return percent(value) if isinstance(goal.measure, Checklist) else figure(value)


def _line(trend: Trend, names: tuple[str, ...]) -> tuple[list[dt.date], list[float]]:
    """Return each value that was the newest at a moment, at the day on which it was observed."""
    found: dict[dt.date, float] = {}
    for snapshot in trend:
        state = next((snapshot.key_result(name) for name in names if name in snapshot), None)
        if state is not None and state.value is not None:
            found[written_day(state.observed_at or snapshot.as_of)] = state.value
    return sorted(found), [found[day] for day in sorted(found)]


def _plan(goal: KeyResult, first: dt.date, due: dt.date) -> list[tuple[dt.date, float]]:
    if isinstance(goal.measure, Checklist):
        return [(first, 0.0), (due, 1.0)]
    if not isinstance(goal.measure, Target) or goal.measure.start is None:
        return []
    return [(one.date, one.value) for one in goal.measure.planned(first, due)]


def _bounds(goal: KeyResult) -> list[tuple[str, float]]:
    if isinstance(goal.measure, Target):
        return [("target", goal.measure.goal)]
    if isinstance(goal.measure, Checklist):
        return [("all", 1.0)]
    named = (("at least", goal.measure.low), ("at most", goal.measure.high))
    return [(sign, bound) for sign, bound in named if bound is not None]


def _draw_plan(ax: Any, plan: list[tuple[dt.date, float]]) -> None:
    places, values = [number_of(day) for day, _ in plan], [value for _, value in plan]
    ax.plot(places, values, color=COLOURS["soft"], linewidth=1.6, linestyle=(0, (1, 3)), gid="plan")
    at = places[-2] + 0.72 * (places[-1] - places[-2])
    height = values[-2] + 0.72 * (values[-1] - values[-2])
    ha = "right" if values[-1] >= values[-2] else "left"
    say(ax, "plan", (at, height), (-7 if ha == "right" else 7, 5), ha=ha, va="bottom", over=True, gid="plan")


def _draw_fan(ax: Any, forecast: Forecast, day: dt.date, value: float) -> None:
    places = [number_of(one) for one in (day, *forecast.ends)]
    for low, high, shade in _FANS:
        ends = ([value, *forecast.fan[level]] for level in (low, high))
        ax.fill_between(places, *ends, color=COLOURS[shade], linewidth=0, gid=shade)
    ax.plot(
        places,
        [value, *forecast.fan[0.5]],
        color=COLOURS["data"],
        linewidth=1.2,
        linestyle=(0, (3, 2)),
        gid="middle",
    )


def _name_last(ax: Any, goal: KeyResult, days: list[dt.date], values: list[float]) -> None:
    """Name the last value on the side where fewer of the values before it are."""
    (low, high), value = ax.get_ylim(), values[-1]
    height = (value - low) / (high - low)
    recent = values[-max(len(values) // 4, 2) : -1]
    above = sum(one < value for one in recent) > sum(one > value for one in recent)
    if not _EDGE < height < 1 - _EDGE:
        above = height < _EDGE
    said, place = f"{_said(goal, value)} on {short_day(days[-1])}", (number_of(days[-1]), value)
    by, va = ((-4, 9), "bottom") if above else ((-4, -9), "top")
    say(ax, said, place, by, colour="ink", bold=True, ha="right", va=va, over=True, gid="last")
