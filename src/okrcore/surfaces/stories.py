"""Generate two invented organisations: portfolios from documents, weeks from a seeded generator.

Everything in the numbers has a cause: what one series does to another is written below as plain arithmetic
with a delay, plus noise that remembers itself. Nothing is added afterwards to make a test come out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from importlib import resources
from typing import NamedTuple

import attrs
import numpy as np
import numpy.typing as npt

from okrcore.definitions.kpis import Source
from okrcore.definitions.portfolio import Portfolio
from okrcore.documents.loading import loads
from okrcore.errors import DefinitionError
from okrcore.history.history import History
from okrcore.history.observation import Observation

Floats = npt.NDArray[np.float64]
FIRST, LAST = dt.date(2026, 1, 4), dt.date(2026, 10, 4)
"""The first and the last of the Sundays on which a week's numbers are taken."""
WEEKS = (LAST - FIRST).days // 7 + 1
Granted = Mapping[dt.date, bool]
"""For a week that ends on a Sunday: whether operations lets sorters be stopped in it."""


class Story(NamedTuple):
    """What an organisation declared and what was observed there."""

    portfolio: Portfolio
    history: History


def story(name: str, *, seed: int = 2026, weeks: int = WEEKS) -> Story:
    """Return the story "logistics" or "software": a portfolio and its observations, 40 weeks to 2026-10-04.

    The same seed gives the same history, bit for bit; another seed another run of the same organisation.
    More `weeks` only add to it. Raises DefinitionError for an unknown name. About 30 ms, most of it reading
    the document.

    >>> portfolio, history = story("logistics")
    >>> history.latest("crews-trained", "2026-10-04").at
    datetime.date(2026, 5, 29)
    """
    if name not in STORIES:
        raise DefinitionError(f"story {name!r} is unknown; give one of {', '.join(STORIES)}")
    text = resources.files("okrcore").joinpath(f"data/stories/{name}.okr.yaml").read_text("utf-8")
    portfolio = loads(text)
    return Story(portfolio, observed(name, portfolio, seed=seed, weeks=weeks))


def observed(
    name: str, portfolio: Portfolio, *, seed: int = 2026, weeks: int = WEEKS, granted: Granted | None = None
) -> History:
    """Return what was observed in a story; what is `granted` for a week changes no week before it.

    Where nothing is said of a week, operations of "logistics" lets sorters be stopped until late May, and
    next to never after that. "software" asks nobody.
    """
    weekly, typed = STORIES[name](_Year(seed, weeks), granted or {})
    sources = {kpi.id: kpi.source for kpi in portfolio.kpis}
    records = [one for one in typed if one.at <= _sunday(weeks - 1)]
    for measure, values in weekly.items():
        source = sources.get(measure) or Source(_SYSTEMS.get(measure, "warehouse"))
        records += [Observation(measure, _sunday(k), x, source=source) for k, x in enumerate(values.tolist())]
    return History.of(records)


_SYSTEMS = {"pilots-converted": "crm", "screens-redesigned": "tracker", "complaints": "helpdesk"}
"""Where the numbers of key results come from that no KPI measures."""

Numbers = tuple[Mapping[str, Floats], tuple[Observation, ...]]
"""Series with one value a week, and what people typed in."""


def _logistics(year: _Year, granted: Granted) -> Numbers:
    closed = year.since(dt.date(2026, 5, 24))  # operations grants next to no stops for the bonus year's rest
    planned = np.where(year.weeks == 0, 0.0, np.where(closed, 0.25, 2.3))
    for week, day in enumerate(year.sundays):
        if day in granted:
            planned[week] = 2.3 * granted[day]
    lanes = year.counts("lanes", planned)
    settling = (0.0, 0.0, 0.15, 0.4, 0.25, 0.15, 0.05)  # a lane runs faster 2 to 6 weeks later
    gained = 20 * np.cumsum(_delayed(lanes, settling))
    parcels = 10_030 + gained + year.noise("parcels", keeps=0.4, size=13)
    outages = 0.4 * _delayed(lanes, (0.35, 0.65))  # stops of this week, and restarts in the next
    repaired = 0.1 * year.since(dt.date(2026, 6, 24)) + 0.1 * year.since(dt.date(2026, 9, 18))
    uptime = 98.75 + repaired - outages + year.noise("uptime", keeps=0.3, size=0.14)
    missorted = 0.6 + year.noise("missorted", keeps=0.5, size=0.05)
    same_day = 90 + (parcels - 10_000) * 0.0026 + year.noise("same-day", keeps=0.5, size=0.25)
    weekly: dict[str, Floats] = {
        "lanes-recalibrated": lanes,
        "parcels-per-hour": np.round(parcels),
        "sorter-uptime": np.round(uptime.clip(max=99.9), 2),
        "missorted-share": np.round(missorted, 2),
        "same-day-share": np.round(same_day, 2),
    }
    trained = {(1, 30): 6, (2, 27): 13, (3, 31): 19, (4, 30): 24, (5, 29): 31}  # then nobody asked again
    typed = [
        _typed("crews-trained", dt.date(2026, *day), count, "head-of-operations")
        for day, count in trained.items()
    ]
    signed = _typed("pilot-steps#night-shift", dt.date(2026, 3, 19), 1, "head-of-engineering")
    return weekly, (*typed, signed)


def _software(year: _Year, _: Granted) -> Numbers:
    weeks = year.weeks
    redesign = year.since(dt.date(2026, 3, 23))  # product works on the redesign alone
    started = year.counts("pilots", np.where(weeks < 30, 0.45, 0.2))
    asked = year.counts("asked", np.where(weeks < 4, 1.0, 2.2))
    answered = year.counts("answered", np.where(redesign, 1.2, 1.9))
    blocking, signed, running = np.zeros((3, year.count))
    draw = year.shares("signing")
    waiting, before = 4.0, 3.0
    for week in range(year.count):
        before = blocking[week] = max(0.0, before + asked[week] - answered[week])
        patience = max(0.0, 1 - blocking[max(week - 3, 0)] / 12)  # nobody signs over open requirements
        signed[week] = float(waiting >= 1 and draw[week] < 0.3 * patience)
        waiting = running[week] = waiting + started[week] - signed[week]
    size = 170_000 * np.exp(year.noise("contracts", keeps=0.0, size=0.3))
    grown = 6_000 * np.maximum(0.0, 1 - _delayed(blocking, (0.0, 0.2, 0.3, 0.3, 0.2)) / 20)
    revenue = 2_000_000 + np.cumsum(signed * size + grown + year.noise("revenue", keeps=0.3, size=7_000))
    released = 0.08 * (year.since(dt.date(2026, 3, 20)) + year.since(dt.date(2026, 6, 12)))
    tour = 73 + 0.12 * weeks + 25 * released + year.noise("tour", keeps=0.4, size=0.8)
    weekly: dict[str, Floats] = {
        "arr-enterprise": np.round(revenue, -2),
        "pilots-running": running,
        "blocking-requests": blocking,
        "ui-satisfaction": np.round(4.32 + released + year.noise("csat", keeps=0.5, size=0.02), 2),
        "page-load": np.round(760 - 2.5 * weeks - 400 * released + year.noise("load", keeps=0.4, size=9)),
        "onboarding-completed": np.round(tour, 1),
        "pilots-converted": np.cumsum(signed),
        "screens-redesigned": np.minimum(48.0, np.cumsum(year.counts("screens", np.full(year.count, 0.97)))),
        "complaints": year.counts("complaints", 9 - 20 * released),
    }
    return weekly, ()


STORIES: Mapping[str, Callable[[_Year, Granted], Numbers]] = {"logistics": _logistics, "software": _software}


@attrs.frozen
class _Year:
    """So many weeks of a year, and draws by name: each series has a generator of its own.

    So a new series changes no other, and more weeks change none before them.
    """

    seed: int
    count: int

    @property
    def weeks(self) -> npt.NDArray[np.int64]:
        """The weeks, counted from 0."""
        return np.arange(self.count)

    @property
    def sundays(self) -> list[dt.date]:
        """The Sundays on which they end."""
        return [_sunday(week) for week in range(self.count)]

    def since(self, day: dt.date) -> Floats:
        """Return 1 for each week that ends on or after the day, 0 before."""
        return np.array([float(sunday >= day) for sunday in self.sundays])

    def counts(self, name: str, mean: Floats) -> Floats:
        """Return one count a week (Poisson)."""
        return self._generator(name).poisson(mean).astype(np.float64)

    def shares(self, name: str) -> Floats:
        """Return one number from 0 to 1 a week."""
        return self._generator(name).random(self.count)

    def noise(self, name: str, *, keeps: float, size: float) -> Floats:
        """Return first-order autoregressive noise: each week keeps a share of the one before."""
        shocks = self._generator(name).standard_normal(self.count) * size
        for week in range(1, self.count):
            shocks[week] += keeps * shocks[week - 1]
        return shocks

    def _generator(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, *name.encode()])


def _delayed(values: Floats, shares: tuple[float, ...]) -> Floats:
    """Return what arrives each week when `shares` of a week's value arrive 0, 1, 2 ... weeks later."""
    return np.convolve(values, shares)[: len(values)]


def _sunday(week: int) -> dt.date:
    return FIRST + dt.timedelta(days=7 * week)


def _typed(measure: str, at: dt.date, value: float, by: str) -> Observation:
    known = dt.datetime(at.year, at.month, at.day, 12, tzinfo=dt.UTC) + dt.timedelta(days=2)
    return Observation(measure, at, value, recorded_at=known, source=Source("form", mode="manual"), by=by)
