"""Draw what slips do: each milestone as planned and as expected, and what lies past its due date (S17)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import Any

from okrcore.definitions.days import written_day
from okrcore.display import clipped, counted, short_day
from okrcore.schedule.impacts import Impact
from okrcore.schedule.ripple_result import Ripple
from okrcore.surfaces.plots.captions import caption, note, plain, say
from okrcore.surfaces.plots.figure_style import COLOURS, TINY, drawing
from okrcore.surfaces.plots.value_axes import days_axis, number_of

MOST_MILESTONES = 20
_NOBODY, _NAMED = "no team", 3
_BAR = 0.3


def plot_ripple(ripple: Ripple, *, ax: Any, source: str | None = None) -> Any:
    """Draw the milestones that slips reach, by team, as planned and as expected; return `ax`.

    Planned is an outline, expected grey; a stroke is the due date, and what lies past it is hatched. Beside
    each stands how late it is and how much of its buffer is gone. Teams in the order in which they are hit;
    more than 20 milestones are cut to the longest delays, and the line below the title says so. `source` None
    says which moment. Raises MissingExtraError where matplotlib is missing.

    >>> import matplotlib.figure, okrcore as okr
    >>> from okrcore.surfaces.stories import story
    >>> portfolio, history = story("logistics")
    >>> found = okr.ripple(portfolio, as_of="2026-10-04", history=history)
    >>> ax = okr.surfaces.plot_ripple(found, ax=matplotlib.figure.Figure((16, 4)).subplots())
    >>> ax.get_title(loc="left")
    'Hall 2 recalibrated 37 days late: 2 past due, engineering hit'
    """
    told = ripple.impacts[:MOST_MILESTONES]
    with drawing(ax, grid=""):
        below = "Outline: planned; grey: expected; hatched: past the due date (stroke)"
        if len(told) < len(ripple.impacts):
            below += f"; {len(told)} of {len(ripple.impacts)}, the longest delays"
        caption(
            ax,
            _title(ripple),
            below,
            f"Source: milestones as of {ripple.as_of}" if source is None else source,
        )
        if not told:
            note(ax, "no slip reaches a milestone")
            return ax
        rows = list(_rows(told))
        now = written_day(ripple.as_of)
        first = min([now, *(one.start for one in told)])
        last = max([now, *(max(one.expected, one.due) for one in told)])
        room = dt.timedelta(days=max(1, (last - first).days // 40))
        days_axis(ax, first - room, last + room)
        ax.set_ylim(-len(rows) + 0.4, 0.9)
        ax.axvline(number_of(now), color=COLOURS["rule"], linewidth=0.9, linestyle=(0, (2, 2)), gid="now")
        say(ax, f"now, {short_day(now)}", (number_of(now), 0.9), (3, -1), size=TINY, va="top", gid="now")
        for row, (_team, one) in enumerate(rows):
            if one is not None:
                _draw_milestone(ax, -row, one)
        names = [plain(clipped(team if one is None else one.title or one.subject, 32)) for team, one in rows]
        ax.set_yticks([-row for row in range(len(rows))], names)
        for tick, (_, one) in zip(ax.get_yticklabels(), rows, strict=True):
            tick.set_fontstyle("italic" if one is None else "normal")
            tick.set_color(COLOURS["soft"] if one is None else COLOURS["ink"])
    return ax


def _rows(told: tuple[Impact, ...]) -> Iterator[tuple[str, Impact | None]]:
    """Yield each team, and under it its milestones by planned finish."""
    teams: dict[str, list[Impact]] = {}
    for one in sorted(told, key=lambda one: (one.finish, one.subject)):
        teams.setdefault(_NOBODY if one.team is None else one.team, []).append(one)
    for team, members in teams.items():
        yield team, None
        yield from ((team, one) for one in members)


def _draw_milestone(ax: Any, row: float, one: Impact) -> None:
    begin = one.start + dt.timedelta(days=math.ceil(one.start_delay_days))
    start, finish, due = (number_of(day) for day in (one.start, one.finish, one.due))
    begins, ends = min(number_of(begin), number_of(one.expected)), number_of(one.expected)
    ax.barh(
        [row + 0.18], [finish - start], left=[start], height=_BAR, facecolor=COLOURS["paper"],
        edgecolor=COLOURS["rule"], linewidth=0.9, gid="planned",
    )  # fmt: skip
    split = min(max(due, begins), ends)
    ax.barh([row - 0.18], [split - begins], left=[begins], height=_BAR, color=COLOURS["fill"], gid="expected")
    if ends > due:
        ax.barh(
            [row - 0.18], [ends - split], left=[split], height=_BAR, facecolor=COLOURS["paper"],
            edgecolor=COLOURS["bad"], hatch="////", linewidth=1, gid="past due",
        )  # fmt: skip
        if begins > due:
            ax.plot([due, begins], [row - 0.18] * 2, color=COLOURS["rule"], linewidth=0.8)
    ax.plot([due, due], [row - 0.38, row + 0.38], color=COLOURS["ink"], linewidth=1.8, gid="due")
    late = one.breach_days > 0
    place, buffer = (max(ends, due, finish), row), _buffer(one)
    say(
        ax,
        _said(one),
        place,
        (8, 5 if buffer else 0),
        bold=late,
        colour="bad" if late else "ink",
        gid="amount",
    )
    say(ax, buffer, place, (8, -7), size=TINY, gid="buffer")


def _said(one: Impact) -> str:
    if one.breach_days > 0:
        own = one.chain == (one.subject,)
        return f"{one.breach_days:.0f} d {'late' if own else 'past due'}"
    return f"{one.delay_days:.0f} d later, in time" if one.delay_days > 0 else "not moved"


def _buffer(one: Impact) -> str:
    if one.buffer_days is None or one.buffer_eaten is None:
        return ""
    return f"buffer {one.buffer_eaten:.0f} of {one.buffer_days:.0f} d used"


def _title(ripple: Ripple) -> str:
    """Return what slipped, how many milestones it takes past their due dates, and whom it hits."""
    impacts = ripple.impacts
    late = [one for one in impacts if one.breach_days > 0]
    if not impacts:
        return "No milestone is late"
    causes = [one for one in impacts if one.chain == (one.subject,) and one.delay_days > 0]
    if len(causes) == 1:
        head = f"{causes[0].title or causes[0].subject} {causes[0].delay_days:.0f} days late"
    else:
        head = counted(len(causes), "slip") if causes else f"{counted(len(impacts), 'milestone')} reached"
    teams = sorted({one.team for one in impacts if one.team and not one.absorbed})
    hit = f", {_listed(teams)} hit" if teams else ""
    past = counted(len(late), "milestone") if late and len(causes) > 1 else len(late) or "none"
    return f"{head}: {past} past due{hit}"


def _listed(names: list[str]) -> str:
    if len(names) > _NAMED:
        return f"{len(names)} teams"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
