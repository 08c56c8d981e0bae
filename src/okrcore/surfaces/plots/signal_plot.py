"""Draw a process behaviour chart: values, the limits of chance, and which points are more than that (S11)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from okrcore.definitions.days import written_day
from okrcore.definitions.measures import Band
from okrcore.display import figure, short_day
from okrcore.monitoring.series_chart import Signals
from okrcore.monitoring.signal_words import ASSURANCE_WORDS, RULE_WORDS
from okrcore.surfaces.plots.captions import caption, note, say
from okrcore.surfaces.plots.charted_points import (
    ChartedPoint,
    bounds_of,
    draw_points,
    edges_of,
    signed,
    within_reach,
)
from okrcore.surfaces.plots.figure_style import COLOURS, drawing
from okrcore.surfaces.plots.line_ends import EndLabel, beside
from okrcore.surfaces.plots.value_axes import days_axis, number_of, values_axis


def plot_signals(
    chart: Signals,
    *,
    ax: Any,
    title: str = "",
    unit: str = "",
    target: float | Band | None = None,
    source: str = "",
) -> Any:
    """Draw the points of a chart over the limits of chance; return `ax`.

    A point that is an improvement is a blue disc, a concern an orange square, one of no known direction a
    diamond. Limits begin anew where the chart has a new phase, which is named. `title` says what is charted,
    `unit` its unit; `target`, as given to `signals`, is drawn in dashes; `source` stands under the axes.
    Raises MissingExtraError where matplotlib is missing.

    >>> import matplotlib.figure, okrcore as okr
    >>> weeks = [52, 50, 51, 49, 50, 51, 48, 52, 50, 49, 51, 50, 50, 57]
    >>> chart = okr.signals(weeks, better="lower", target=53)
    >>> ax = okr.surfaces.plot_signals(chart, ax=matplotlib.figure.Figure((16, 4)).subplots(), title="Queue")
    >>> ax.get_title(loc="left")
    'Queue: worsening, outside its limits; hits and misses its target'
    """
    with drawing(ax):
        points = within_reach([_charted(one.at, one) for one in chart.points], unit)
        what = f"{title}: " if title else ""
        said = f"{what}{_judged(chart)}"
        caption(ax, said[:1].upper() + said[1:], _below(chart, unit), source)
        if not points:
            note(ax, "no values")
            return ax
        bounds = bounds_of(target)
        limits = [limit for one in points for limit in (one.low, one.high)]
        values_axis(ax, [*(one.value for one in points), *limits, *bounds], unit=unit)
        _place_axis(ax, chart)
        draw_points(ax, points)
        for bound in bounds:
            ax.axhline(bound, color=COLOURS["ink"], linewidth=1.2, linestyle=(0, (4, 2)), gid="target")
        _name_phases(ax, chart)
        last = points[-1]
        words = (("upper limit", last.high), ("mean", last.mean), ("lower limit", last.low))
        labels = [EndLabel(at, (f"{figure(at)} {word}",)) for word, at in words if at is not None]
        labels += [
            EndLabel(bound, (f"target {sign} {figure(bound)}".strip(),), COLOURS["ink"])
            for sign, bound in signed(target)
        ]
        beside(ax, labels)
    return ax


def _charted(at: Any, one: Any) -> ChartedPoint:
    return ChartedPoint(_place(at), one.value, one.low, one.mean, one.high, one.meaning)


def _judged(chart: Signals) -> str:
    """Return what the newest point is, by which rule, and whether the process meets its target."""
    held = f"; {ASSURANCE_WORDS[chart.assurance]}" if chart.assurance else ""
    if not chart.points or chart.points[-1].low is None:
        return f"too few points for limits{held}"
    last = chart.points[-1]
    if last.signal is None:
        return f"{chart.word}{held}"
    return f"{chart.word}, {_run(chart)}{RULE_WORDS[last.signal]}{held}"


def _run(chart: Signals) -> str:
    """Return how many points the run or trend at the end has, as a text before its rule."""
    last = chart.points[-1]
    if last.signal not in ("trend", "shift"):
        return ""
    length = 0
    for one in reversed(chart.points):
        if (one.signal, one.meaning) != (last.signal, last.meaning):
            break
        length += 1
    return f"{length} "


def _below(chart: Signals, unit: str) -> str:
    if not chart.points:
        return unit
    first, last = _ends(chart)
    span = f"points {first} to {last}" if isinstance(first, int) else f"{first} to {last}"
    limits = "grey: where values fall by chance" if chart.points[-1].low is not None else ""
    return "; ".join(filter(None, (f"{unit}, {span}" if unit else span, limits)))


def _place_axis(ax: Any, chart: Signals) -> None:
    first, last = _ends(chart)
    if isinstance(first, int):
        ax.set_xlim(first - 0.5, last + 0.5)
    else:
        half = dt.timedelta(days=max(1, (last - first).days // 2 // len(chart.points)))
        days_axis(ax, first - half, last + half)


def _name_phases(ax: Any, chart: Signals) -> None:
    top = ax.get_ylim()[1]
    places = [_place(one.at) for one in chart.points]
    edges = dict(zip([one.at for one in chart.points], edges_of(places), strict=False))
    for phase in chart.phases[1:]:
        place = edges[phase.start]
        ax.axvline(place, color=COLOURS["rule"], linewidth=0.9, gid="phase")
        start = phase.start
        since = f"point {start}" if isinstance(start, int) else short_day(written_day(start))
        why = f":\n{phase.why}" if phase.why else ""
        say(ax, f"new process since {since}{why}", (place, top), (4, 0), va="top", gid="why", over=True)


def _ends(chart: Signals) -> tuple[Any, Any]:
    """Return the days of the first and the last point, or their numbers."""
    ends: list[Any] = [chart.points[at].at for at in (0, -1)]
    first, last = ends if isinstance(ends[0], int) else map(written_day, ends)
    return first, last


def _place(moment: Any) -> float:
    return float(moment) if isinstance(moment, int) else number_of(written_day(moment))
