"""Draw why a number moved between two snapshots: what it was, each cause's share, and what it is (S22.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from okrcore.definitions.derived import better_of, unit_of
from okrcore.definitions.goals import Objective
from okrcore.display import clipped, figure
from okrcore.errors import DefinitionError
from okrcore.explanations.changing import explain_change
from okrcore.explanations.explanation import Explanation
from okrcore.scoring.snapshot import Snapshot
from okrcore.surfaces.plots.captions import caption, note, plain, say, source_of
from okrcore.surfaces.plots.figure_style import COLOURS, drawing

_MOST = 12
_REST = "all others"
_HALF = 0.5


@attrs.frozen
class ChangeBar:
    """A bar of a change: where it begins and ends, what is written beside it, and how it is judged."""

    name: str
    start: float
    end: float
    said: str
    tone: str = "fill"


def plot_change(before: Snapshot, after: Snapshot, id: str, *, ax: Any, source: str | None = None) -> Any:
    """Draw what an objective's score, or a KPI by formula, was, what each cause added, and what it is.

    The shares are those of `explain_change`, the largest first: blue for the better, orange for the worse;
    beyond twelve they are one bar. Bars begin at 0. Returns `ax`. Raises UnknownIdError as `explain_change`
    does, DefinitionError for what is observed, since nothing shares its change, MissingExtraError where
    matplotlib is missing.

    >>> import matplotlib.figure, okrcore as okr
    >>> from okrcore.surfaces.stories import story
    >>> spring, now = (okr.evaluate(*story("logistics"), as_of=day) for day in ("2026-03-29", "2026-10-04"))
    >>> ax = matplotlib.figure.Figure((16, 4)).subplots()
    >>> ax = okr.surfaces.plot_change(spring, now, "peak-season", ax=ax)
    >>> ax.get_title(loc="left")
    'Deliver the peak season from our own halls won 18.7 points, most by throughput'
    """
    told = explain_change(before, after, id)
    goal = after.portfolio[id] if id in after.portfolio else before.portfolio[id]
    share = isinstance(goal, Objective)
    if not share and getattr(goal, "formula", None) is None:
        raise DefinitionError(
            f"{id!r} is observed, so nothing shares its change; ask for an objective or a KPI by formula"
        )
    better = 1 if share else better_of(goal, after.portfolio)
    unit = "points of 100" if share else unit_of(goal, after.portfolio)
    scale = 100.0 if share else 1.0
    where = source_of(after) if source is None else source
    with drawing(ax, grid=""):
        below = (
            f"{unit} that each cause added from {before.as_of} to {after.as_of}; they sum to the move".strip()
        )
        if "change" not in told.numbers:
            caption(ax, f"{goal.title or id}: unknown", below, where)
            note(ax, told.sentence)
            return ax
        bars = _bars(told, scale, better, " %" if share else "", before, after)
        caption(ax, _title(goal.title or id, told, scale, unit if not share else "points"), below, where)
        _draw(ax, bars, " %" if share else "")
    return ax


def _bars(
    told: Explanation, scale: float, better: int, suffix: str, before: Snapshot, after: Snapshot
) -> list[ChangeBar]:
    was, now = told.numbers["before"] * scale, told.numbers["after"] * scale
    bars = [ChangeBar(str(before.as_of), 0.0, was, f"{figure(was, 3)}{suffix}")]
    at = was
    shares = sorted(told.shares.items(), key=lambda one: (-abs(one[1]), one[0]))
    kept, rest = shares[:_MOST], shares[_MOST:]
    if rest:
        kept = [*shares[: _MOST - 1], (_REST, sum(share for _, share in shares[_MOST - 1 :]))]
    for name, share in kept:
        step = share * scale
        tone = "fill" if not step * better else "good" if step * better > 0 else "bad"
        bars.append(
            ChangeBar(name, at, at + step, f"{step:+,.3g}" if abs(step) < 100 else f"{step:+,.0f}", tone)
        )
        at += step
    return [*bars, ChangeBar(str(after.as_of), 0.0, now, f"{figure(now, 3)}{suffix}")]


def _title(name: str, told: Explanation, scale: float, unit: str) -> str:
    """Return how far it moved, and what brought most of that."""
    change = told.numbers["change"] * scale
    if not change:
        return f"{name} did not move"
    moved = f"{name} {'won' if change > 0 else 'lost'} {figure(abs(change), 3)} {unit}".rstrip()
    top = max(sorted(told.shares), key=lambda one: told.shares[one] * change, default=None)
    part = 0.0 if top is None else told.shares[top] * scale / change
    if top is None or part <= 0:
        return moved
    return f"{moved}, {'most' if part > _HALF else 'the largest part'} by {top}"


def _draw(ax: Any, bars: Sequence[ChangeBar], suffix: str) -> None:
    from matplotlib.ticker import FuncFormatter

    ends = [end for bar in bars for end in (bar.start, bar.end)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = (high - low) or 1.0
    for row, bar in enumerate(bars):
        ax.barh(
            [-row],
            [bar.end - bar.start],
            left=[bar.start],
            height=0.52,
            color=COLOURS[bar.tone],
            gid=bar.tone,
        )
        right = max(bar.start, bar.end)
        whole = row in (0, len(bars) - 1)
        colour = "ink" if whole else "soft" if bar.tone == "fill" else bar.tone
        say(ax, bar.said, (right, -row), (5, 0), bold=whole, colour=colour, gid="amount")
        if row + 1 < len(bars):
            ax.plot(
                [bar.end, bar.end],
                [-row - 0.26, -row - 0.74],
                color=COLOURS["rule"],
                linewidth=0.9,
                gid="step",
            )
    ax.set_yticks([-row for row in range(len(bars))], [plain(clipped(bar.name, 28)) for bar in bars])
    ax.tick_params(axis="y", labelcolor=COLOURS["ink"])
    ax.set_ylim(-len(bars) + 0.5, 0.5)
    ax.set_xlim(low - (room * 0.1 if low < 0 else 0), high + room * 0.12)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{figure(number, 6)}{suffix}"))
    if low < 0:
        ax.axvline(0, color=COLOURS["rule"], linewidth=0.8)
