"""Lay out what late milestones do: each that moved as planned and as expected, on one axis of days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from okrcore.definitions.days import written_day
from okrcore.display import counted, short_day
from okrcore.display.blocks import Grid, GridColumn, GridRow, Lines, Ruler, Say, Section, Track
from okrcore.rhythm.review_result import Review
from okrcore.schedule.impacts import Impact
from okrcore.surfaces.review_page.week_blocks import owner_text

MOST_MILESTONES = 20
_HOW = "Outline: as planned. Grey: as expected now. Orange, hatched: past its due date, the tall stroke."


def slips(review: Review) -> Section:
    """Return at most 20 milestones that moved, the longest delays first, and how many buffers took."""
    moved = [one for one in review.ripple.impacts if not one.absorbed]
    shown = moved[:MOST_MILESTONES]
    if not shown:
        return Section("What a slip does", [])
    now = written_day(review.as_of)
    first = min([now, *(one.start for one in shown)])
    last = max([now, *(max(one.expected, one.due) for one in shown)])
    room = max(1, (last - first).days // 40)
    span = _Span(first - dt.timedelta(days=room), last + dt.timedelta(days=room))
    rows = [_row(one, span, now) for one in sorted(shown, key=lambda one: (one.finish, one.subject))]
    columns = (
        GridColumn("Milestone, owner", "name"),
        GridColumn("When", "pic", picture=Ruler(span.months(), span.place(now))),
        GridColumn("Due, expected", "val"),
        GridColumn("What it means", "say"),
    )
    left = len(moved) - len(shown)
    grid = Grid(
        columns=columns,
        rows=rows,
        caption=_HOW,
        kind="tracks",
        shows_caption=True,
        more=f"And {counted(left, 'milestone')} more, with shorter delays: okrcore ripple has all."
        if left
        else "",
    )
    return Section("What a slip does", [grid], name="slips", lede=_told(review, moved))


class _Span:
    """Days as shares of what all tracks have in common."""

    def __init__(self, first: dt.date, last: dt.date) -> None:
        self.first, self.last = first, last

    def place(self, day: dt.date) -> float:
        return (day - self.first).days / max((self.last - self.first).days, 1)

    def months(self) -> Iterator[tuple[float, str]]:
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month
        step = max(1, months // 8)
        for at in range(1, months + 1):
            year, month = divmod(self.first.year * 12 + self.first.month - 1 + at, 12)
            if at % step == 0:
                day = dt.date(year, month + 1, 1)
                yield self.place(day), short_day(day).partition(" ")[2]


def _told(review: Review, moved: list[Impact]) -> str:
    past = sum(one.breach_days > 0 for one in moved)
    teams = sorted({one.team for one in moved if one.team})
    taken = sum(one.absorbed for one in review.ripple.impacts)
    parts = [f"{counted(len(moved), 'milestone')} late, {past} past the due date"]
    if teams:
        parts.append(
            f"in {', '.join(teams[:6])}" + (f" and {len(teams) - 6} more teams" if len(teams) > 6 else "")
        )
    buffers = f" Buffers take the delay of {taken}." if taken else ""
    return f"{' '.join(parts)}.{buffers}"


def _row(one: Impact, span: _Span, now: dt.date) -> GridRow:
    bad = one.breach_days > 0
    late = (
        f"{one.breach_days:.0f} d past due" if bad else f"{one.delay_days:.0f} d later, still by its due date"
    )
    if one.done:
        late = f"done {one.delay_days:.0f} d late"
    elif one.chain == (one.subject,) and one.delay_days and one.expected <= now:
        late = f"{one.delay_days:.0f} d late, and counting"
    after = one.chain[-2] if len(one.chain) > 1 else ""
    eaten = one.buffer_eaten
    told = []
    if eaten is not None and one.buffer_days:
        told.append(f"buffer {eaten:.0f} of {one.buffer_days:.0f} d used")
    if one.bites_in > 0 and not one.done:
        told.append(f"bites in {one.bites_in:.0f} d")
    track = Track(
        planned=(span.place(one.start), span.place(one.finish)),
        expected=(
            span.place(one.start + dt.timedelta(days=round(one.start_delay_days))),
            span.place(one.expected),
        ),
        due=span.place(one.due),
        now=span.place(now),
        label=f"planned {one.start} to {one.finish}, due {one.due}, expected {one.expected}",
    )
    return GridRow(
        [
            Lines(Say(one.title or one.subject), Say(owner_text([one.owner or "nobody", one.team]), "soft")),
            track,
            Lines(
                Say(f"{short_day(one.due)} to {short_day(one.expected)}", "number"),
                Say(f"after {after}" if after else "the cause", "soft"),
            ),
            Lines(Say(late, "strong" if bad else "plain"), Say(", ".join(told), "soft")),
        ],
        word="!" if bad else "~",
        label=late,
    )
