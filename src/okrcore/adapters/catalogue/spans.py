"""Find the time that each objective is set for: its own, the mapping's, or that of what is below it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from okrcore.adapters.catalogue.cycle_words import UNDATED, between, read_period
from okrcore.adapters.catalogue.row_drafts import Draft
from okrcore.adapters.catalogue.row_values import Notes, RowValues
from okrcore.adapters.cells import Refused
from okrcore.definitions.cycle import Cycle

DEEPEST = 64
Span = tuple[dt.date, dt.date]


def settle_cycles(drafts: list[Draft], notes: Notes) -> Mapping[str, Cycle]:
    """Return the cycle of each objective, by its id.

    An objective without a time of its own takes the mapping's `cycle`, else the span of what is below it,
    which is noted; where nothing tells a time it is put in the cycle "undated", which expects nothing.
    """
    own = {id(draft): None if draft.implied and draft.holds else period_of(draft.row) for draft in drafts}
    spans: dict[int, Span] = {}
    for draft in drafts:
        cycle, above = own[id(draft)], draft.parent
        for _ in range(DEEPEST):
            if cycle is None or above is None or own[id(above)]:
                break
            first, last = spans.get(id(above), (cycle.start, cycle.end))
            spans[id(above)] = min(first, cycle.start), max(last, cycle.end)
            above = above.parent
    cycles = {}
    for draft in drafts:
        if draft.kind == "objective":
            same = _agreed(draft, own)
            cycles[draft.id] = (
                own[id(draft)] or same or draft.row.mapping.cycle or _from_below(draft, spans, notes)
            )
    return cycles


def _agreed(draft: Draft, own: Mapping[int, Cycle | None]) -> Cycle | None:
    """Return the one time that everything below an objective which no row declares is set for."""
    times = {own[id(one)] for one in draft.holds} if draft.implied else set()
    found = times.pop() if len(times) == 1 else None
    return found if found is not None and found.start < found.end else None


def period_of(row: RowValues) -> Cycle | None:
    """Return the time that a row names: its period, else its two dates, else its end alone as one day.

    Words for a period that are not known are noted, and leave the dates as they are; a known period is
    taken, and dates outside of it are noted.
    """
    try:
        if text := row.text("period"):
            period = read_period(text, row.mapping.fiscal_start_month)
            _note_outside(row, text, period)
            return period
    except Refused as refused:
        dated = row.cell("begin") is not None and row.cell("end") is not None
        row.note("period", f"{refused}{'; the two dates are taken' if dated else ''}")
    begin, end = row.date("begin"), row.date("end")
    if end is None:
        return None
    try:
        return between(begin or end, end)
    except Refused as refused:
        row.note("end", str(refused))
        return None


def _note_outside(row: RowValues, text: str, period: Cycle) -> None:
    """Note the dates of a row that do not lie in the period that it names."""
    for role in ("begin", "end"):
        day = row.date(role)
        if day is not None and not period.start <= day <= period.end:
            message = f"{day} is not in the period {text!r}, which is taken; correct one of them"
            row.note(role, message)


def _from_below(draft: Draft, spans: Mapping[int, Span], notes: Notes) -> Cycle:
    if id(draft) in spans:
        cycle = between(*spans[id(draft)])
        draft.row.note(
            "period", f"no period is given; {draft.id!r} takes the span of what is below it, {cycle.id}"
        )
        return cycle
    column = draft.row.mapping.column("period") or draft.row.mapping.column("end") or ""
    notes.count(
        column,
        "{n} objectives have no period and are in the cycle 'undated', which expects nothing; name a column"
        " as period, or set cycle in the mapping",
    )
    return UNDATED
