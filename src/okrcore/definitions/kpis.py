"""Declare KPIs with their bands, and the sources of their numbers."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import attrs
from attrs import field

from okrcore.definitions.aggregates import Aggregate
from okrcore.definitions.argument_checks import to_asked_day
from okrcore.definitions.cadence import Cadence
from okrcore.definitions.fields import (
    FIRST_DAY,
    check,
    each,
    is_a,
    is_date,
    is_flag,
    is_id,
    is_number,
    is_text,
    one_of,
    optional,
    report,
    to_day,
    to_float_or_none,
    to_texts,
    to_tuple,
)
from okrcore.definitions.formula import Formula
from okrcore.definitions.goals import (
    SAME_MOMENT,
    is_aggregate,
    is_cadence,
    moment_faults,
    silence_faults,
    to_cadence,
)
from okrcore.definitions.measures import Band, direction_of


@attrs.frozen
class Source:
    """The system that a number comes from, and how: pulled by machine, derived, or typed in (S8.2).

    `query` is text for people and for the host; nothing here executes it.

    >>> Source("scada").mode
    'pulled'
    """

    system: str = field(metadata=check(is_text))
    query: str = field(default="", metadata=check(is_text))
    mode: Literal["pulled", "derived", "manual"] = field(
        default="pulled", metadata=check(one_of("pulled", "derived", "manual"))
    )

    def __attrs_post_init__(self) -> None:
        report(self)


class KpiBands(NamedTuple):
    """The bands that a KPI is judged by on a day, from the inside out; None where one is not declared."""

    target: Band | None = None
    limit: Band | None = None
    worst: Band | None = None

    def faults(self) -> Iterable[tuple[str, str]]:
        """Yield (field, fault) of bands that are no scale: over a cycle, not nested, or of no width."""
        for name, band in zip(self._fields, self, strict=True):
            if isinstance(band, Band) and band.is_cap:
                yield (
                    name,
                    f"{name} is over a cycle, which a KPI has not; leave over out, or make it a key result",
                )
        target, limit, worst = self
        if target is None and (limit or worst):
            yield "target", "limit and worst need a target inside them; add target"
            return
        bands = [(name, band) for name, band in zip(self._fields, self, strict=True) if band]
        for (inner_name, inner), (outer_name, outer) in pairwise(bands):
            if not _inside(inner, outer):
                yield outer_name, f"{outer_name} does not enclose {inner_name}; widen it"
        if target and limit and not worst and _touch(target, limit):
            yield "limit", "limit equals target, which is no scale; add worst, or leave limit out"
        if target and worst and _touch(target, worst):
            yield "worst", "worst equals target, which is no scale; widen it"


@attrs.frozen(kw_only=True)
class DatedBands:
    """The bands of a KPI from the day `start` on, until the next entry: all of them, none is inherited (A11).

    >>> DatedBands(start="2027-01-01", target=Band(low=99)).bands.limit is None
    True
    """

    start: dt.date = field(converter=to_day, metadata=check(is_date))
    target: Band = field(metadata=check(is_a(Band)))
    limit: Band | None = field(default=None, metadata=check(optional(is_a(Band))))
    worst: Band | None = field(default=None, metadata=check(optional(is_a(Band))))

    def __attrs_post_init__(self) -> None:
        report(self)
        report(self, self.bands.faults())

    @property
    def bands(self) -> KpiBands:
        """What the entry asks for, without its date."""
        return KpiBands(self.target, self.limit, self.worst)


@attrs.frozen(kw_only=True)
class Rebase:
    """Say that from the day `start` on a process is another one, and why: its limits begin anew (S11.3).

    >>> Rebase(start="2026-04-01", why="the new sorter is in").start
    datetime.date(2026, 4, 1)
    """

    start: dt.date = field(converter=to_day, metadata=check(is_date))
    why: str = field(metadata=check(is_text))

    def __attrs_post_init__(self) -> None:
        report(self)
        report(self, [] if self.why.strip() else [("why", "why is empty; say what changed the process")])


def _by_start(values: Iterable[Any]) -> Any:
    given: Any = to_tuple(values)
    sortable = isinstance(given, tuple) and all(isinstance(one, DatedBands | Rebase) for one in given)
    return tuple(sorted(given, key=lambda one: one.start)) if sortable else given


def _to_rebased(values: Iterable[Any]) -> Any:
    given: Any = to_tuple(values)
    if not isinstance(given, tuple):
        return given
    return _by_start(Rebase(**one) if isinstance(one, Mapping) else one for one in given)


WORDS: dict[int, Literal["higher", "lower"] | None] = {1: "higher", -1: "lower", 0: None}


@attrs.frozen(kw_only=True)
class Kpi:
    """A number that is watched all the time, with up to three nested bands (S7.1).

    Inside `target` it is healthy, inside `limit` acceptable, beyond `worst` as bad as it gets. `better`
    is read from the bands where it is None (S7.3). `guards` names the objectives that a guardrail holds
    down while it is breached (S5.5). `dated` plans other bands by date, all in one direction: `bands_at` says
    which hold on a day (A11). `zero_when_silent`: no rows is 0 while its feed
    is known to live (A9). Records of one moment correct each other; with `same_moment` "add", of a sum,
    each author has a count of their own (A12). `season` is the cycle that it follows, None: found where two
    full ones show it. `rebased` says from when on its process is another one, and why (S11.3). `watchers`
    names the teams to be told. `sample` is the id of a measure that counts cases: with fewer than
    `min_sample` of them behind its value the zone is unknown (A11). `definition` says how the number is made
    in words, `formula` how it is computed from others: then nothing is read under its own id, its unit is ""
    or what the formula's converts to, and its periods are those of its cadence, else of the coarsest
    input's (S22). `target_text` is a target that is words and no band ("to be set").

    >>> Kpi(id="uptime", title="Uptime", unit="%", target=Band(low=98), limit=Band(low=95)).direction
    'higher'
    """

    id: str = field(metadata=check(is_id))
    title: str = field(metadata=check(is_text))
    unit: str = field(default="", metadata=check(is_text))
    target: Band | None = field(default=None, metadata=check(optional(is_a(Band))))
    limit: Band | None = field(default=None, metadata=check(optional(is_a(Band))))
    worst: Band | None = field(default=None, metadata=check(optional(is_a(Band))))
    dated: tuple[DatedBands, ...] = field(
        default=(), converter=_by_start, metadata=check(each(is_a(DatedBands)))
    )
    better: Literal["higher", "lower"] | None = field(
        default=None, metadata=check(optional(one_of("higher", "lower")))
    )
    owner: str | None = field(default=None, metadata=check(optional(is_id)))
    initiative: str | None = field(default=None, metadata=check(optional(is_id)))
    team: str | None = field(default=None, metadata=check(optional(is_id)))
    source: Source | None = field(default=None, metadata=check(optional(is_a(Source))))
    cadence: Cadence | None = field(default=None, converter=to_cadence, metadata=check(is_cadence))
    aggregate: Aggregate = field(default="latest", metadata=check(is_aggregate))
    same_moment: Literal["correct", "add"] = field(default="correct", metadata=check(one_of(*SAME_MOMENT)))
    zero_when_silent: bool = field(default=False, metadata=check(is_flag))
    season: Literal["week", "year"] | None = field(
        default=None, metadata=check(optional(one_of("week", "year")))
    )
    rebased: tuple[Rebase, ...] = field(default=(), converter=_to_rebased, metadata=check(each(is_a(Rebase))))
    sample: str | None = field(default=None, metadata=check(optional(is_id)))
    min_sample: float | None = field(
        default=None, converter=to_float_or_none, metadata=check(optional(is_number))
    )
    category: str = field(default="", metadata=check(is_text))
    incentivised: bool = field(default=False, metadata=check(is_flag))
    guardrail: bool = field(default=False, metadata=check(is_flag))
    guards: tuple[str, ...] = field(default=(), converter=to_texts, metadata=check(each(is_id, unique=True)))
    watchers: tuple[str, ...] = field(
        default=(), converter=to_texts, metadata=check(each(is_id, unique=True))
    )
    definition: str = field(default="", metadata=check(is_text))
    formula: Formula | None = field(default=None, metadata=check(optional(is_a(Formula))))
    target_text: str = field(default="", metadata=check(is_text))
    formerly: tuple[str, ...] = field(
        default=(), converter=to_texts, metadata=check(each(is_id, unique=True))
    )

    def __attrs_post_init__(self) -> None:
        report(self)
        report(self, self._faults())

    @property
    def direction(self) -> Literal["higher", "lower"] | None:
        """Which way is better: as declared, else from the open side of the bands, else None (S7.3)."""
        first = self.target or next((one.target for one in self.dated), None)
        return self.better if self.better or first is None else WORDS[direction_of(first)]

    @property
    def bands(self) -> KpiBands:
        """The bands before the first date in `dated`, and for all time without one."""
        return KpiBands(self.target, self.limit, self.worst)

    @property
    def is_judged(self) -> bool:
        """Whether there is ever a target, and so a zone."""
        return self.target is not None or bool(self.dated)

    @property
    def planned(self) -> tuple[DatedBands, ...]:
        """Everything that is asked for, from when on, in order of time; () where there is never a target."""
        if self.target is None:
            return self.dated
        first = DatedBands(start=FIRST_DAY, target=self.target, limit=self.limit, worst=self.worst)
        return (first, *self.dated)

    def bands_at(self, day: dt.date | str) -> KpiBands:
        """Return the bands that hold on a day: of the newest entry of `dated` that has begun, else its own.

        >>> stricter = DatedBands(start="2027-01-01", target=Band(low=99))
        >>> kpi = Kpi(id="up", title="Up", target=Band(low=98), dated=[stricter])
        >>> kpi.bands_at(dt.date(2026, 12, 31)).target.low, kpi.bands_at(dt.date(2027, 1, 1)).target.low
        (98.0, 99.0)
        """
        begun = bisect_right(self.dated, to_asked_day(day), key=lambda one: one.start)
        return self.dated[begun - 1].bands if begun else self.bands

    def _faults(self) -> Iterable[tuple[str, str]]:
        yield from self.bands.faults()
        yield from silence_faults(self.zero_when_silent, self.aggregate)
        yield from moment_faults(self.same_moment, self.aggregate)
        if (self.sample is None) != (self.min_sample is None):
            given, lacking = ("sample", "min_sample") if self.min_sample is None else ("min_sample", "sample")
            yield given, f"{given} is given without {lacking}; give both, or leave both out"
        if self.min_sample is not None and self.min_sample <= 0:
            yield "min_sample", f"min_sample is {self.min_sample:g}; give a number above 0"
        if self.sample == self.id:
            yield "sample", f"sample is {self.id!r}, the KPI itself; name a measure that counts its cases"
        for name, entries in (("dated", self.dated), ("rebased", self.rebased)):
            starts = [one.start for one in entries]
            for start in {start for start, other in pairwise(starts) if start == other}:
                yield name, f"{name} has two entries that start {start}; keep one"
        targets = [self.target, *(one.target for one in self.dated)]
        if len({direction_of(target) for target in targets if target}) > 1:
            yield (
                "dated",
                "dated turns around which way is better; give bands with the same open side, or another KPI",
            )
        if self.formula is not None:
            if self.zero_when_silent:
                yield "zero_when_silent", "zero_when_silent is given beside formula; say it of its inputs"
            if self.same_moment != "correct":
                yield "same_moment", "same_moment is given beside formula; say it of its inputs"
            if self.id in self.formula.inputs.values():
                yield "formula.inputs", f"formula reads {self.id!r} itself: a circle; use prev of its inputs"
        if self.guards and not self.guardrail:
            yield "guards", "guards names objectives but guardrail is false; set guardrail: true"


def _inside(inner: Band, outer: Band) -> bool:
    low = outer.low is None or (inner.low is not None and inner.low >= outer.low)
    return low and (outer.high is None or (inner.high is not None and inner.high <= outer.high))


def _touch(inner: Band, outer: Band) -> bool:
    return (inner.low is not None and inner.low == outer.low) or (
        inner.high is not None and inner.high == outer.high
    )
