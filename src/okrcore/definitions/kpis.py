"""Declare KPIs with their bands, and the sources of their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Literal

import attrs
from attrs import field

from okrcore.definitions.aggregates import Aggregate
from okrcore.definitions.cadence import Cadence
from okrcore.definitions.fields import (
    check,
    each,
    is_a,
    is_flag,
    is_id,
    is_text,
    one_of,
    optional,
    report,
    to_texts,
)
from okrcore.definitions.goals import is_aggregate, is_cadence, to_cadence
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


WORDS: dict[int, Literal["higher", "lower"] | None] = {1: "higher", -1: "lower", 0: None}


@attrs.frozen(kw_only=True)
class Kpi:
    """A number that is watched all the time, with up to three nested bands (S7.1).

    Inside `target` it is healthy, inside `limit` acceptable, beyond `worst` as bad as it gets. `better`
    is read from the bands where it is None (S7.3). `guards` names the objectives that a guardrail holds
    down while it is breached (S5.5); `season` is the cycle that it follows, None: found where two full ones
    show it; `watchers` names the teams to be told. `definition` says how the
    number is made, `target_text` a target that is words and no band ("to be set").

    >>> Kpi(id="uptime", title="Uptime", unit="%", target=Band(low=98), limit=Band(low=95)).direction
    'higher'
    """

    id: str = field(metadata=check(is_id))
    title: str = field(metadata=check(is_text))
    unit: str = field(default="", metadata=check(is_text))
    target: Band | None = field(default=None, metadata=check(optional(is_a(Band))))
    limit: Band | None = field(default=None, metadata=check(optional(is_a(Band))))
    worst: Band | None = field(default=None, metadata=check(optional(is_a(Band))))
    better: Literal["higher", "lower"] | None = field(
        default=None, metadata=check(optional(one_of("higher", "lower")))
    )
    owner: str | None = field(default=None, metadata=check(optional(is_id)))
    initiative: str | None = field(default=None, metadata=check(optional(is_id)))
    team: str | None = field(default=None, metadata=check(optional(is_id)))
    source: Source | None = field(default=None, metadata=check(optional(is_a(Source))))
    cadence: Cadence | None = field(default=None, converter=to_cadence, metadata=check(is_cadence))
    aggregate: Aggregate = field(default="latest", metadata=check(is_aggregate))
    season: Literal["week", "year"] | None = field(
        default=None, metadata=check(optional(one_of("week", "year")))
    )
    category: str = field(default="", metadata=check(is_text))
    incentivised: bool = field(default=False, metadata=check(is_flag))
    guardrail: bool = field(default=False, metadata=check(is_flag))
    guards: tuple[str, ...] = field(default=(), converter=to_texts, metadata=check(each(is_id, unique=True)))
    watchers: tuple[str, ...] = field(
        default=(), converter=to_texts, metadata=check(each(is_id, unique=True))
    )
    definition: str = field(default="", metadata=check(is_text))
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
        if self.better is not None or self.target is None:
            return self.better
        return WORDS[direction_of(self.target)]

    def _faults(self) -> Iterable[tuple[str, str]]:
        for name in ("target", "limit", "worst"):
            band = getattr(self, name)
            if isinstance(band, Band) and band.is_cap:
                yield (
                    name,
                    f"{name} is over a cycle, which a KPI has not; leave over out, or make it a key result",
                )
        if self.target is None and (self.limit or self.worst):
            yield "target", "limit and worst need a target inside them; add target"
            return
        bands = [(name, band) for name in ("target", "limit", "worst") if (band := getattr(self, name))]
        for (inner_name, inner), (outer_name, outer) in pairwise(bands):
            if not _inside(inner, outer):
                yield outer_name, f"{outer_name} does not enclose {inner_name}; widen it"
        if self.target and self.limit and not self.worst and _touch(self.target, self.limit):
            yield "limit", "limit equals target, which is no scale; add worst, or leave limit out"
        if self.target and self.worst and _touch(self.target, self.worst):
            yield "worst", "worst equals target, which is no scale; widen it"
        if self.guards and not self.guardrail:
            yield "guards", "guards names objectives but guardrail is false; set guardrail: true"


def _inside(inner: Band, outer: Band) -> bool:
    low = outer.low is None or (inner.low is not None and inner.low >= outer.low)
    return low and (outer.high is None or (inner.high is not None and inner.high <= outer.high))


def _touch(inner: Band, outer: Band) -> bool:
    return (inner.low is not None and inner.low == outer.low) or (
        inner.high is not None and inner.high == outer.high
    )
