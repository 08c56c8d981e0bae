"""Draw what was observed and answered: about any measure, or about those of a portfolio."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from okrcore.definitions.cycle import Cycle
from okrcore.definitions.joined_ids import item_id
from okrcore.definitions.measures import Band, Checklist, Target
from okrcore.definitions.portfolio import Portfolio
from okrcore.history.entry import KINDS, OUTCOMES, Change, Entry
from okrcore.history.history import History
from okrcore.history.journal import Journal
from okrcore.history.observation import Observation
from okrcore.testing.parts import (
    LETTERS,
    dates,
    gaps,
    ids,
    make,
    maybe,
    numbers,
    pick,
    shares,
    sources,
    texts,
    up_to,
)
from okrcore.units.rates import Rates

instants = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 12, 31), timezones=st.just(dt.UTC))  # noqa: DTZ001


_when, _maybe_instant, _maybe_date = dates | instants, maybe(instants), maybe(dates)
_maybe_source, _maybe_share = maybe(sources()), maybe(shares)
_kinds = st.sampled_from(KINDS)
_outcomes = st.sampled_from(OUTCOMES)


def observation(draw: DrawFn, /, **fields: Any) -> Observation:
    """Return an observation at a day or an instant; `fields` fixes fields, by a value or a strategy each."""
    defaults = {
        "measure": ids,
        "at": _when,
        "value": numbers,
        "recorded_at": _maybe_instant,
        "source": _maybe_source,
        "by": texts,
    }
    return make(draw, Observation, defaults, fields)


@st.composite
def histories(draw: DrawFn, portfolio: Portfolio, *, chance: float = 0.75) -> History:
    """Return histories of a portfolio: some values of some measures, in and around its cycles.

    Each measure is observed with a `chance`, on up to 6 days, some of them corrected later.
    """
    found = []
    days = _days(portfolio)
    for measure, values in _measures(portfolio).items():
        if draw(shares) > chance:
            continue
        for day in dict.fromkeys(draw(days) for _ in range(draw(up_to(6)))):
            found.append(Observation(measure, day, draw(values)))
            if draw(up_to(9)) == 9:
                later = day + dt.timedelta(days=1 + draw(up_to(9)))
                found.append(Observation(measure, day, draw(values), recorded_at=later))
    return History.of(found)


def entry(draw: DrawFn, /, **fields: Any) -> Entry:
    """Return an answer of any kind; `fields` as for observations."""
    chosen = fields.get("kind", _kinds)
    kind = chosen if isinstance(chosen, str) else draw(chosen)
    defaults = {
        "subject": ids,
        "by": ids,
        "at": _when,
        "text": texts,
        "changes": _changes,
        "confidence": _maybe_share,
    }
    if kind == "closing":
        defaults |= {"outcome": _outcomes, "score": _maybe_share}
    return make(draw, Entry, defaults, {**fields, "kind": kind})


@st.composite
def journals(draw: DrawFn, portfolio: Portfolio) -> Journal:
    """Return journals of a portfolio: up to 6 answers about what it declares, in and around its cycles."""
    about = sorted(value.id for value in portfolio.definitions)
    teams = [None, *(team.id for team in portfolio.teams)]
    days = _days(portfolio)
    return Journal.of(
        entry(draw, subject=pick(draw, about), at=days, team=pick(draw, teams)) for _ in range(draw(up_to(6)))
    )


def changes() -> SearchStrategy[Change]:
    """Return what an answer changes."""
    return st.builds(Change, st.text(LETTERS, min_size=1, max_size=12), by=texts, due=_maybe_date)


_changes = st.lists(changes(), max_size=1)
observations, entries = st.composite(observation), st.composite(entry)


@st.composite
def rates(draw: DrawFn) -> Rates:
    """Return exchange rates between three currencies, on some days."""
    days = draw(st.lists(dates, min_size=1, max_size=4, unique=True))
    pairs = st.sampled_from([("EUR", "USD"), ("GBP", "USD")])
    return Rates.of([(day, *draw(pairs), draw(gaps)) for day in days])


def _days(portfolio: Portfolio) -> SearchStrategy[dt.date]:
    spans = portfolio.cycles or (Cycle.year(2026),)
    first = min(one.start for one in spans) - dt.timedelta(days=20)
    return up_to((max(one.end for one in spans) - first).days + 20).map(
        lambda day: first + dt.timedelta(days=day)
    )


def _measures(portfolio: Portfolio) -> dict[str, SearchStrategy[float]]:
    """Return each measure that is observed, and values that are likely to matter for it."""
    found: dict[str, SearchStrategy[float]] = {}
    for result in portfolio.key_results:
        if isinstance(result.measure, Checklist):
            found |= {item_id(result.id, item.id): _done for item in result.measure.items}
        elif not result.measured_by:
            found[result.id] = _near(result.measure)
    return found | {kpi.id: _near(kpi.target) for kpi in portfolio.kpis}


_done = st.sampled_from([0.0, 1.0])


def _near(measure: Target | Band | None) -> SearchStrategy[float]:
    match measure:
        case Target(start=start, goal=goal):
            first = goal if start is None else start
            return shares.map(lambda share: first + 1.2 * share * (goal - first)) | numbers
        case Band(low=low, high=high):
            return st.sampled_from([bound for bound in (low, high) if bound is not None]) | numbers
    return numbers
