"""Find what turned worse, and who answered it within 7 x 24 h of when it was shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import attrs

from okrcore.definitions.days import to_microseconds
from okrcore.definitions.derived import cycle_of, series_of
from okrcore.definitions.goals import KeyResult
from okrcore.governance.context import Context
from okrcore.governance.questions.answered import answered_from, kin, within
from okrcore.history.entry import Entry
from okrcore.monitoring.dip import Dip
from okrcore.monitoring.found_dips import dips
from okrcore.monitoring.found_setbacks import setbacks
from okrcore.monitoring.setback import Setback
from okrcore.schedule.deadlines import due_after

Part = Literal["kpis", "key_results"]

FAILING = ("missed", "off-track", "no-data")
"""Statuses that have not recovered."""
WEEKS = 13
"""How far back what turned worse is looked for."""


@attrs.frozen
class Turn:
    """A KPI or key result that turned worse in a period, `first` to `last`: `what`, in words.

    It was to be seen from `shown` on. An adjustment answers it from `opens`, when the period began but at
    most 7 x 24 h before it ended or was shown, to `deadline`, 7 x 24 h of the organisation's clocks after it
    was (microseconds since 1970). Where it has `healed`, it has since recovered by itself.
    """

    id: str
    first: dt.date
    last: dt.date
    what: str
    evidence: Mapping[str, Any]
    zone: str
    shown: dt.datetime
    opens: int
    deadline: int
    healed: bool = False

    @classmethod
    def of(
        cls, one: Dip | Setback, evidence: Mapping[str, Any], zone: str, context: Context, healed: bool
    ) -> Turn:
        """Return what a dip or a setback is to those who ask for its answer, in a zone."""
        shown = to_microseconds(one.shown)
        return cls(
            id=one.subject,
            first=one.start,
            last=one.period_end,
            what=one.what,
            evidence={key: value for key, value in evidence.items() if value is not None},
            zone=zone,
            shown=one.shown,
            opens=answered_from(one.start, one.period_end, shown, zone),
            deadline=due_after("adjustment", shown, context.portfolio.calendar),
            healed=healed,
        )


def turns(context: Context, part: Part, weeks: int) -> dict[str, list[Turn]]:
    """Return what turned worse in the last `weeks`, by id.

    A KPI turns with its dips, a key result with those of its own series and with its setbacks, while its
    cycle is under way. What one number showed is one turn: of the KPI that a key result reads where that
    dipped by then, else of the key result, by its status. Late news has no clock, and a number that looks
    mistyped asks for a confirmation: both are left out. Found once for all rules.
    """
    return context.once(_dips if part == "kpis" else _of_results, weeks)


def status_turns(context: Context, weeks: int = WEEKS) -> dict[str, list[Turn]]:
    """Return the key results whose status turned to off-track or missed in the last `weeks`, by id."""
    return context.once(_status_turns, weeks)


def answers(turn: Turn, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the adjustments that answer a turn in time: those that say what changes."""
    return tuple(one for one in entries if within(one, turn.opens, turn.deadline, turn.zone))


def awaits_confirmation(context: Context, one: Dip | Setback) -> bool:
    """Whether a number looks mistyped that nobody has confirmed: OKR231 asks for that first."""
    if not one.mistyped:
        return False
    entries = (entry for name in kin(context, one.subject) for entry in context.entries(name, "confirmation"))
    return not any(context.day_of(entry.at) >= one.start for entry in entries)


def _dips(context: Context, weeks: int) -> dict[str, list[Turn]]:
    found: dict[str, list[Turn]] = {}
    for one in context.once(_all_dips, weeks):
        if one.late or awaits_confirmation(context, one):
            continue
        said = {"signal": one.signal, "before": one.before, "after": one.zone, "shown": one.shown}
        zone = context.portfolio.calendar.timezone
        turn = Turn.of(one, said, zone, context, healed=not one.standing)
        found.setdefault(one.subject, []).append(turn)
    return found


def _of_results(context: Context, weeks: int) -> dict[str, list[Turn]]:
    dipped = {(one.subject, context.day_of(one.shown)) for one in context.once(_all_dips, weeks)}
    every = context.once(_dips, weeks).items()
    found = {name: turned for name, turned in every if isinstance(context.portfolio[name], KeyResult)}
    for name, turned in status_turns(context, weeks).items():
        series = series_of(context.portfolio[name], context.portfolio).id
        if series == name:  # told by its status
            days = {context.day_of(one.shown) for one in turned}
            own = [one for one in found.get(name, ()) if context.day_of(one.shown) not in days]
            found[name] = [*turned, *own]
        elif kept := [one for one in turned if (series, context.day_of(one.shown)) not in dipped]:
            found[name] = kept
    return found


def _status_turns(context: Context, weeks: int) -> dict[str, list[Turn]]:
    portfolio = context.portfolio
    if context.history is None:
        return {}
    found: dict[str, list[Turn]] = {}
    for one in setbacks(
        portfolio,
        context.history,
        as_of=context.as_of,
        known_at=context.known_at,
        weeks=weeks,
        scoring=context.scoring,
        journal=context.journal,
        rates=context.rates,
    ):
        cycle = cycle_of(portfolio[one.subject], portfolio)
        if not context.is_running(cycle) or awaits_confirmation(context, one):
            continue
        said = {"before": one.before, "after": one.status, "shown": one.shown}
        healed = context.snapshot.key_result(one.subject).status not in FAILING
        turn = Turn.of(one, said, portfolio.calendar.zone_of(cycle), context, healed=healed)
        found.setdefault(one.subject, []).append(turn)
    return found


def _all_dips(context: Context, weeks: int) -> tuple[Dip, ...]:
    if context.history is None:
        return ()
    if weeks == WEEKS and (given := context.given.get("dips")) is not None:
        return tuple(given)
    return dips(
        context.portfolio,
        context.history,
        as_of=context.as_of,
        known_at=context.known_at,
        weeks=weeks,
        journal=context.journal,
        rates=context.rates,
    )
