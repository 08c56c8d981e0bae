"""OKR5, integrity, processes: limits that begin anew while a number is bad (S11.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import attrs

from okrcore.definitions.days import day_number, end_of_day, to_microseconds
from okrcore.definitions.kpis import Kpi, Rebase
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.answered import answered_from, answers_dip, within
from okrcore.governance.questions.readers import days_before
from okrcore.governance.rule import fault, governance_rule
from okrcore.history.entry import Change, Entry
from okrcore.monitoring.dip import Dip
from okrcore.monitoring.found_dips import dips

_REBASED = """
    kpis:
      - id: uptime
        title: Uptime of the sorters
        unit: "%"
        cadence: weekly
        better: higher
        rebased: [{start: 2026-06-15, why: A new sorter}]
    """
_STEADY = (98.2, 98.0, 98.3, 97.9, 98.1, 98.2, 97.8, 98.0, 98.1, 98.3, 97.9, 98.2, 98.0, 97.9, 98.1, 98.2)
_WORSE = [
    ("uptime", (dt.date(2026, 2, 1) + dt.timedelta(weeks=week)).isoformat(), value)
    for week, value in enumerate((*_STEADY, 98.0, 98.1, 95.4, 95.6, 95.3, 95.5))
]


class _Excused(NamedTuple):
    """A concern that stood when a KPI's limits began anew."""

    rebase: Rebase
    dip: Dip


@governance_rule(
    "OKR525",
    needs=("history", "journal"),
    fix="record the adjustment that made it another process, or take the new start of its limits back",
    where=lambda rows, context, set_to: rows.among(context.once(_excused, set_to["weeks"])),
    passes=Example(
        _REBASED,
        observations=_WORSE,
        entries=[
            Entry(
                "adjustment", "uptime", "maintenance-lead", "2026-06-10",
                changes=[Change("a new sorter", due=dt.date(2026, 6, 15))],
            )
        ],
    ),
    fails=Example(_REBASED, observations=_WORSE, entries=[]),
)  # fmt: skip
def limits_do_not_begin_anew_amid_a_concern(
    kpi: Kpi, context: Context, *, weeks: int = 13
) -> Iterator[Finding]:
    """Limits begin anew inside a running concern only after an adjustment.

    With new limits what was alarming is usual at once. Where a change made it another process, somebody
    decided on that change and said so; where nobody did, the chart was adjusted and not the work. Asked are
    the starts of new limits of the last `weeks`, and whether a concern then stood by the limits before.
    """
    for rebase, dip in context.once(_excused, weeks)[kpi.id]:
        yield fault(
            f"had its limits begin anew on {rebase.start} ({rebase.why}), while a concern stood that began "
            f"on {dip.start}, and no adjustment came before",
            start=rebase.start, concern=dip.start, signal=dip.signal,
        )  # fmt: skip


def _excused(context: Context, weeks: int) -> Mapping[str, list[_Excused]]:
    """Return the KPIs with a new start of limits that stopped a concern nobody had adjusted anything for."""
    if context.history is None:
        return {}
    first = days_before(context.day, 7 * weeks)
    found: dict[str, list[_Excused]] = {}
    for kpi in context.portfolio.kpis:
        for rebase in kpi.rebased:
            if not first <= rebase.start <= context.day:
                continue
            for dip in _standing(context, kpi, rebase):
                if not _adjusted(context, kpi, rebase, dip):
                    found.setdefault(kpi.id, []).append(_Excused(rebase, dip))
    return found


def _standing(context: Context, kpi: Kpi, rebase: Rebase) -> Iterator[Dip]:
    """Yield the concerns that stood on the day before limits began anew, by the limits until then."""
    day = rebase.start - dt.timedelta(days=1)
    assert context.history is not None
    before = attrs.evolve(kpi, rebased=[one for one in kpi.rebased if one.start < rebase.start])
    seen = dips(
        context.portfolio.with_(before), context.history, as_of=day, weeks=53, only=[kpi.id],
        journal=context.journal, rates=context.rates,
    )  # fmt: skip
    yield from [one for one in seen if one.standing and one.signal is not None][-1:]


def _adjusted(context: Context, kpi: Kpi, rebase: Rebase, dip: Dip) -> bool:
    """Whether an adjustment answers a concern before the limits began anew."""
    zone = context.portfolio.calendar.timezone
    opens = answered_from(dip.start, dip.period_end, to_microseconds(dip.shown), zone)
    closes = end_of_day(day_number(rebase.start), zone)
    answers = answers_dip(context, kpi.id).among(context)
    return any(within(one, opens, closes, zone) for one in answers)
