"""Lay out conflicts and what was decided about them: what somebody has to decide first."""

from __future__ import annotations

import datetime as dt

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.decision import Decision
from okrcore.display import counted
from okrcore.display.blocks import Grid, GridColumn, GridRow, Ink, Lines, Marked, Row, Say, Section
from okrcore.rhythm.review_result import Review

MOST_CLASHES = 8
MOST_SIDES = 4
_LEDE = "Decided by the priority table, which was proved before anybody needed it; the rest goes to a person."


def clashes(review: Review) -> Section:
    """Return at most eight conflicts: those that nobody may decide by rule, new ones, then the hardest."""
    decided = {one.conflict.id: one for one in review.decisions}
    since = review.since

    def rank(one: Conflict) -> tuple[object, ...]:
        decision = decided.get(one.id)
        settled = decision is not None and not decision.escalates
        return settled, since is not None and str(one.since) < str(since), -one.degree, one.id

    listed = sorted(review.conflicts, key=rank)
    ends = {frozenset(one.sides): one.end for one in review.portfolio.tolerances}
    rows = [_row(one, decided.get(one.id), ends.get(frozenset(one.sides))) for one in listed[:MOST_CLASHES]]
    left = len(listed) - len(rows)
    columns = (
        GridColumn("Who goes first, and why it clashes", "name"),
        GridColumn("Kind, degree", "val"),
        GridColumn("Decided by", "say"),
        GridColumn("State", "zon"),
    )
    grid = Grid(
        columns=columns,
        rows=rows,
        caption="Conflicts",
        kind="clashes",
        more=f"And {counted(left, 'conflict')} more: okrcore conflicts has all." if left else "",
    )
    return Section("Conflicts and decisions", [grid] if rows else [], name="conflicts", lede=_LEDE)


def _row(one: Conflict, decision: Decision | None, until: dt.date | None) -> GridRow:
    cells: list[Ink] = [
        Lines(_sides(one, decision), Say(one.sentence, "soft")),
        Lines(Say(one.kind), Say(f"degree {one.degree:.2f}, since {one.since}", "soft")),
    ]
    if decision is None:
        cells += [Say("no priority table", "soft"), Marked("open", label="undecided")]
    elif decision.escalates:
        up = decision.escalate
        cells += [
            Lines(
                Say(f"to {up.to} within {up.within}" if up else "nobody is named"), Say(decision.why, "soft")
            ),
            Marked("escalated"),
        ]
    else:
        rule = Row(Say("rule"), Say(decision.rule, "code")) if decision.rule else Say("the default")
        state = Marked("in force") if decision.standing else Marked("new", label="decided")
        cells += [
            Lines(rule, Say(decision.why, "soft")),
            Lines(state, Say(f"until {until}" if until else f"since {decision.since}", "soft")),
        ]
    return GridRow(cells)


def _sides(one: Conflict, decision: Decision | None) -> Ink:
    if decision is not None and decision.winner is not None and decision.loser is not None:
        return Row(Say(decision.winner, "code"), Say("before"), Say(decision.loser, "code"))
    names = one.sides[:MOST_SIDES]
    inks: list[Ink] = [Say(names[0], "code")]
    for name in names[1:]:
        inks += [Say("or"), Say(name, "code")]
    more = len(one.sides) - len(names)
    return Row(*inks, Say(f"and {more} more" if more else ""))
