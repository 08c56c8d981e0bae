"""Draw KPIs side by side: each over the limits of chance, the ones that worsen first (S7, S11)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import attrs

from okrcore.definitions.derived import unit_of
from okrcore.display import counted, figure
from okrcore.errors import DefinitionError
from okrcore.monitoring.series_chart import moving
from okrcore.monitoring.signal_table import signals_of
from okrcore.scoring.snapshot import Snapshot
from okrcore.surfaces.plots.captions import caption, note, say, source_of
from okrcore.surfaces.plots.charted_points import (
    ChartedPoint,
    bounds_of,
    draw_points,
    points_of,
    signed,
    within_reach,
)
from okrcore.surfaces.plots.figure_style import COLOURS, TINY, drawing
from okrcore.surfaces.plots.value_axes import day_of, days_axis, values_axis

_WORST_FIRST = ("worsening", "moving", "improving", "steady", "too few points", "meant to move", "no value")
_TONES = {"worsening": "bad", "improving": "good", "moving": "doubt"}
_SIGNS = {"worsening": "! ", "improving": "+ ", "moving": "~ "}


def plot_kpi(snapshot: Snapshot, id: str, *, ax: Any) -> Any:
    """Draw a KPI's periods over the limits of chance, and its target in dashes; return `ax`.

    The line below the title holds its value, unit and target, and whether it is improving, worsening or
    steady: points that are more than chance are discs (better), squares (worse) or diamonds (no direction is
    known). A KPI that a key result under way reads is meant to move, and has no limits. Raises UnknownIdError
    where `id` is no KPI's, MissingExtraError where matplotlib is missing.

    >>> import matplotlib.figure, okrcore as okr
    >>> from okrcore.surfaces.stories import story
    >>> snapshot = okr.evaluate(*story("logistics"), as_of="2026-10-04")
    >>> ax = okr.surfaces.plot_kpi(snapshot, "sorter-uptime", ax=matplotlib.figure.Figure((16, 4)).subplots())
    >>> ax.get_title(loc="left")
    'Uptime of the running sorters'
    """
    with drawing(ax):
        _draw(ax, snapshot, id, _points(snapshot, [id])[id])
    return ax


def plot_kpis(
    snapshot: Snapshot, *, axes: Iterable[Any], only: Iterable[str] | None = None, source: str | None = None
) -> list[Any]:
    """Draw KPIs, one an axes, those that worsen first, over a title that counts them; return the axes.

    `only` some of them, by id. What has no axes is counted; axes without a KPI are left blank. Each is drawn
    as by `plot_kpi`. Raises UnknownIdError for an id of no KPI, DefinitionError for no axes at all.

    >>> import matplotlib.figure, okrcore as okr
    >>> from okrcore.surfaces.stories import story
    >>> snapshot = okr.evaluate(*story("logistics"), as_of="2026-10-04")
    >>> axes = okr.surfaces.plot_kpis(snapshot, axes=matplotlib.figure.Figure().subplots(2, 2).flat)
    >>> [ax.get_title(loc="left").split()[0] for ax in axes]
    ['Lanes', 'Parcels', 'Uptime', 'Parcels']
    """
    places = list(axes)
    if not places:
        raise DefinitionError("axes is empty, but must hold an axes for each KPI; give some")
    ids = [kpi.id for kpi in snapshot.portfolio.kpis] if only is None else list(dict.fromkeys(only))
    points = _points(snapshot, ids)
    words = {name: _word(snapshot, name, points[name]) for name in ids}
    order = sorted(ids, key=lambda name: (_WORST_FIRST.index(words[name]), name))
    for ax in places[len(order) :]:
        ax.set_axis_off()
    for ax, name in zip(places, order, strict=False):
        with drawing(ax):
            _draw(ax, snapshot, name, points[name])
    with drawing(places[0], grid=""):
        _head(places, list(words.values()), len(order), source_of(snapshot) if source is None else source)
    return places


def _points(snapshot: Snapshot, ids: list[str]) -> dict[str, list[ChartedPoint]]:
    for name in ids:
        snapshot.kpi(name)
    table = signals_of(
        snapshot.portfolio, snapshot.history, as_of=snapshot.as_of, known_at=snapshot.when.known, only=ids,
        rates=snapshot.rates,
    )  # fmt: skip
    return {name: points_of(table.take(table["id"] == name)) for name in ids}


def _word(snapshot: Snapshot, id: str, points: list[ChartedPoint]) -> str:
    if not points:
        return "no value"
    if snapshot.kpi(id).recovering:
        return "meant to move"
    return "too few points" if points[-1].low is None else moving(points[-1].meaning)


def _draw(ax: Any, snapshot: Snapshot, id: str, points: list[ChartedPoint]) -> None:
    state = snapshot.kpi(id)
    word, target = _word(snapshot, id, points), state.bands.target
    unit = unit_of(state.goal, snapshot.portfolio)
    value = "-" if state.value is None else f"{figure(state.value)} {unit}".rstrip()
    asked = " to ".join(f"{sign} {figure(bound)}" for sign, bound in signed(target))
    caption(ax, state.goal.title or id, ", ".join(filter(None, (value, asked))), panel=True)
    tone = _TONES.get(word)
    said = _SIGNS.get(word, "") + word
    say(
        ax, said, (1, 1), (0, 7), ha="right", va="bottom", within="axes", gid="word", bold=tone is not None,
        colour=tone or "soft",
    )  # fmt: skip
    if not points:
        note(ax, "no value is known")
        return
    if state.recovering:
        points = [attrs.evolve(one, low=None, mean=None, high=None, meaning=None) for one in points]
    points = within_reach(points, unit)
    limits = [limit for one in points for limit in (one.low, one.high)]
    bounds = bounds_of(target)
    values_axis(ax, [*(one.value for one in points), *limits, *bounds], unit=unit)
    step = dt.timedelta(days=1)
    days_axis(ax, day_of(points[0].at) - step, day_of(points[-1].at) + step)
    draw_points(ax, points, 5)
    for bound in bounds:
        ax.axhline(bound, color=COLOURS["ink"], linewidth=1.2, linestyle=(0, (4, 2)), gid="target")


def _head(places: list[Any], words: list[str], asked: int, source: str) -> None:
    """Write over the first axes what all of them say, and the source under the last row."""
    worse, all_of = words.count("worsening"), counted(len(words), "KPI")
    verb = "worsens" if worse == 1 else "worsen"
    cut = "" if asked <= len(places) else f"; {len(places)} shown"
    said = f"{worse if worse else 'None'} of {all_of} {verb} beyond chance{cut}"
    say(
        places[0],
        said,
        (0, 1),
        (0, 46),
        size=12.5,
        bold=True,
        colour="ink",
        va="bottom",
        within="axes",
        gid="head",
    )
    where = "; ".join(filter(None, (source, "dashes: target; grey: where values fall by chance")))
    corners = [ax.get_position() for ax in places]
    lowest = min(range(len(places)), key=lambda at: (round(corners[at].y0, 3), corners[at].x0))
    say(places[lowest], where, (0, 0), (0, -30), size=TINY, va="top", within="axes", gid="source")
