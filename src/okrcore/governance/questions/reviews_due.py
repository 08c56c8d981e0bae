"""Tell what asks for a review of each link: its cycle began, it decayed, the definition of an end changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from okrcore.definitions.links import Link
from okrcore.governance.context import Context
from okrcore.leading.measured_series import read_signals


def asked_since(link: Link, context: Context) -> tuple[tuple[dt.date, str], ...]:
    """Return each day from which a review is asked for, and why, in order; () where no cycle is under way."""
    start = context.index.started(link)
    if start is None:
        return ()
    found = [(start, "the cycle began")]
    if link.id in context.once(_decayed):
        found.append((context.once(_decayed)[link.id], "it decayed"))
    ends = [end for end in (link.source, link.target) if end in context.once(_breaks)]
    found += [(context.once(_breaks)[end], f"the definition of {end} changed") for end in ends]
    return tuple(sorted(found))


def last_review(link: Link, context: Context) -> dt.date | None:
    """Return the day of the last review of a link that is on record by the date: its own, or an entry's."""
    days = [context.day_of(one.at) for one in context.entries(link.id, "link-review")]
    days += [link.reviewed] if link.reviewed and link.reviewed <= context.day else []
    return max(days, default=None)


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
