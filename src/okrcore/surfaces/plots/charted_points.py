"""Draw the points of a series over the limits of chance, which stop where values cannot go."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Any

import attrs

from okrcore.definitions.measures import Band
from okrcore.display import Table
from okrcore.surfaces.plots.figure_style import COLOURS, dot
from okrcore.surfaces.plots.value_axes import number_of

_TONES = {"improvement": "good", "concern": "bad", "neutral": "doubt"}


@attrs.frozen
class ChartedPoint:
    """A point as it is drawn: its place, value, limits and judgement; limits None where there are none."""

    at: float
    value: float
    low: float | None
    mean: float | None
    high: float | None
    meaning: str | None


def draw_points(ax: Any, points: Sequence[ChartedPoint], size: float = 6) -> None:
    """Draw values as a line over the limits of chance, and the points that are more than chance."""
    draw_limits(ax, points)
    places, values = [one.at for one in points], [one.value for one in points]
    ax.plot(places, values, color=COLOURS["data"], linewidth=1.4, marker="o", markersize=2.5, gid="values")
    for meaning, tone in _TONES.items():
        some = [one for one in points if one.meaning == meaning]
        if some:
            ax.plot(
                [one.at for one in some],
                [one.value for one in some],
                **dot(tone, size),
                gid=meaning,
                clip_on=False,
            )


def draw_limits(ax: Any, points: Sequence[ChartedPoint]) -> None:
    """Draw where values fall by chance, as steps around each point."""
    edges = edges_of([one.at for one in points])
    for known, run in groupby(range(len(points)), key=lambda at: points[at].low is not None):
        some = list(run)
        if not known:
            continue
        x = [edge for at in some for edge in (edges[at], edges[at + 1])]
        low, mean, high = (
            [line for at in some for line in [getattr(points[at], name)] * 2]
            for name in ("low", "mean", "high")
        )
        ax.fill_between(x, low, high, color=COLOURS["limit"], linewidth=0, gid="limits", zorder=0.5)
        ax.plot(x, mean, color=COLOURS["rule"], linewidth=0.8, gid="mean", zorder=1)


def within_reach(points: Sequence[ChartedPoint], unit: str) -> list[ChartedPoint]:
    """Return points whose limits stop where values cannot go: counts at 0, percents at 0 and 100."""
    values = [one.value for one in points]
    percent = unit == "%" and all(0 <= value <= 100 for value in values)
    least = 0.0 if percent or all(value >= 0 and value.is_integer() for value in values) else -math.inf
    most = 100.0 if percent else math.inf

    def cut(limit: float | None) -> float | None:
        return None if limit is None else min(max(limit, least), most)

    return [attrs.evolve(one, low=cut(one.low), high=cut(one.high)) for one in points]


def points_of(table: Table) -> list[ChartedPoint]:
    """Return the rows of `signals_of`, of one id, as they are drawn: each at the last day of its period."""
    return [
        ChartedPoint(
            number_of(row["end"]), row["value"], row["low"], row["mean"], row["high"], row["meaning"]
        )
        for row in table
    ]


def bounds_of(target: float | Band | None) -> list[float]:
    """Return the bounds that a target is drawn at."""
    return [bound for _, bound in signed(target)]


def signed(target: float | Band | None) -> list[tuple[str, float]]:
    """Return each bound of a target with the sign that says which side of it is asked for."""
    if isinstance(target, Band):
        return [
            (sign, bound) for sign, bound in ((">=", target.low), ("<=", target.high)) if bound is not None
        ]
    return [] if target is None else [("", float(target))]


def edges_of(places: Sequence[float]) -> list[float]:
    """Return the middles between places, and as much before the first and after the last."""
    if len(places) < 2:
        return [places[0] - 0.5, places[0] + 0.5] if places else []
    middles = [(one + other) / 2 for one, other in pairwise(places)]
    return [2 * places[0] - middles[0], *middles, 2 * places[-1] - middles[-1]]
