"""OKR3, reviews: a link that was declared once is looked at again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import numpy as np

from okrcore.definitions.links import Link
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.rule import fault, governance_rule
from okrcore.history.entry import Entry
from okrcore.leading.measured_series import read_signals
from okrcore.schedule.deadlines import HOURS

_REVIEWED = """
    kpis:
      - {id: lanes, title: Lanes recalibrated, unit: lane}
      - {id: speed, title: Parcels an hour, unit: parcel/hour}
    links:
      - {source: lanes, target: speed, sign: 1, lag: 2w..6w, reviewed: 2025-11-17}
    """


@governance_rule(
    "OKR313",
    fix="look at its evidence, keep, change or drop it, and record the review",
    where=lambda rows, context, _: np.full(len(rows), _reviews(context)),
    passes=Example(_REVIEWED, entries=[Entry("link-review", "lanes->speed", "flow-review", "2026-01-19")]),
    fails=Example(_REVIEWED, entries=[]),
)
def link_is_reviewed(
    link: Link, context: Context, *, days: int = HOURS["link-review"] // 24
) -> Iterator[Finding]:
    """A link is reviewed in each cycle, and after it decayed or the definition of an end changed.

    A link that was declared once and never looked at again steers by last year's warehouse: fire and forget.
    A review is the link's `reviewed` date or a link-review in the journal. It is due 14 days into the cycle,
    at once after a decay or a definition break. Where no review is on record at all and there is no journal,
    nothing is known, and nothing said.
    """
    start = context.index.started(link)
    if start is None:
        return
    last = _last_review(link, context)
    since = [(start, "the cycle began")] if (context.day - start).days >= days else []
    if link.id in context.once(_decayed):
        since.append((context.once(_decayed)[link.id], "it decayed"))
    ends = [end for end in (link.source, link.target) if end in context.once(_breaks)]
    since += [(context.once(_breaks)[end], f"the definition of {end} changed") for end in ends]
    if open_ := [f"{what} on {day}" for day, what in sorted(since) if last is None or last < day]:
        seen = f"was last reviewed on {last}" if last else "was never reviewed"
        yield fault(f"{seen}; since then {' and '.join(open_)}", reviewed=last, cycle_start=start)


def _last_review(link: Link, context: Context) -> dt.date | None:
    """Return the day of the last review that is on record by the date."""
    entries = context.journal.entries(link.id, "link-review", context.as_of) if context.journal else ()
    days = [context.day_of(one.at) for one in entries]
    days += [link.reviewed] if link.reviewed and link.reviewed <= context.day else []
    return max(days, default=None)


def _reviews(context: Context) -> bool:
    """Whether reviews are on record at all, in a journal or with any link."""
    return context.journal is not None or any(context.index.count("links", "reviewed").keys() - {None})


def _decayed(context: Context) -> Mapping[str, dt.date]:
    """The day from which each link is without the evidence that it had, where that is known."""
    return {
        one.link: one.decayed_at
        for one in context.evidence
        if one.verdict == "decayed" and one.link and isinstance(one.decayed_at, dt.date)
    }


def _breaks(context: Context) -> Mapping[str, dt.date]:
    """The day from which each end of a link is compared, where its definition changed."""
    if context.history is None:
        return {}
    ends = [end for one in context.portfolio.links for end in (one.source, one.target)]
    found = read_signals(
        context.portfolio, context.history, ends,
        as_of=context.as_of, known_at=context.known_at, rates=context.rates,
    )  # fmt: skip
    return {name: signal.broken for name, signal in found.items() if signal.broken is not None}
