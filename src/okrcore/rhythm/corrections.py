"""Tell which dips a corrected number took back: asked again as if right from the first (S18.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from okrcore.definitions.days import to_microseconds
from okrcore.definitions.portfolio import Portfolio
from okrcore.history.history import History
from okrcore.history.observation import Observation
from okrcore.monitoring.dip import Dip
from okrcore.monitoring.found_dips import dips
from okrcore.scoring.as_of import When

_ALL = 520


def withdrawn(portfolio: Portfolio, history: History, found: Sequence[Dip], when: When) -> Mapping[Dip, int]:
    """Return when each dip was taken back that the numbers, as known now, do not show, in microseconds.

    Only dips of measures whose values were restated after they were shown are asked again.
    """
    until = when.known_at
    restated: dict[str, int] = {}
    for name in {one.subject for one in found}:
        times = [
            to_microseconds(one.after.recorded_at)
            for one in history.restatements(name)
            if until is None or to_microseconds(one.after.recorded_at) <= until
        ]
        if times:
            restated[name] = max(times)
    asked = [one for one in found if restated.get(one.subject, -1) > to_microseconds(one.shown)]
    if not asked:
        return {}
    names = {one.subject for one in asked}
    right = History.of(one for name in sorted(names) for one in _as_known(history, name, until))
    again = dips(portfolio, right, as_of=when.as_of, known_at=when.known, weeks=_ALL)
    still = {(one.subject, one.start) for one in again}
    return {one: restated[one.subject] for one in asked if (one.subject, one.start) not in still}


def _as_known(history: History, name: str, until: int | None) -> list[Observation]:
    """Return the records of a measure with each restated value in place of the first, as if recorded then."""
    first: dict[tuple[object, str], Observation] = {}
    for one in history.observations(name):
        if until is not None and to_microseconds(one.recorded_at) > until:
            continue
        key = one.at, one.source.system if one.source else ""
        known = first.get(key)
        kept = one if known is None else attrs.evolve(one, recorded_at=known.recorded_at)
        first[key] = kept
    return list(first.values())
