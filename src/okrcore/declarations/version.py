"""Hold one version of what was declared: the portfolio, its two times, who and why, its line and hash."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import attrs
from attrs import field

from okrcore.declarations.amendment import Amendment
from okrcore.declarations.amendments import compare_portfolios
from okrcore.definitions.portfolio import Portfolio
from okrcore.frozen import FrozenDict
from okrcore.history.instants import end_of


@attrs.frozen(kw_only=True, eq=False)
class Version:
    """What was declared from `at` on, known from `recorded_at` on; made by `Declarations.append`.

    `by` and `why` say who changed what, and for which reason; `authors` and `reasons` name them by subject
    where they differ. `backdated` says that a later one was declared before. `observations` is the root of
    the observations at its time, "" where none was kept.
    """

    portfolio: Portfolio = field(repr=False)
    at: dt.date | dt.datetime
    recorded_at: dt.date | dt.datetime
    by: str = ""
    why: str = ""
    authors: Mapping[str, str] = field(default=FrozenDict(), repr=False)
    reasons: Mapping[str, str] = field(default=FrozenDict(), repr=False)
    backdated: bool = False
    observations: str = field(default="", repr=False)
    line: bytes = field(repr=False)
    """The canonical line that the chain of hashes is taken over."""
    hash: bytes = field(repr=False)
    """SHA-256 of the hash before it, followed by its line."""

    def amendments(self, before: Version) -> tuple[Amendment, ...]:
        """Return what it changed in another version, with its date, authors and reasons."""
        return compare_portfolios(
            before.portfolio,
            self.portfolio,
            at=self.at,
            by={"": self.by, **self.authors},
            why={"": self.why, **self.reasons},
        )

    def as_plain(self) -> dict[str, Any]:
        """Return its public form: its times, who and why, and what it changed, as documents hold it."""
        names = ("at", "recorded_at", "by", "why", "authors", "reasons", "backdated", "observations")
        return {name: getattr(self, name) for name in names} | {"changes": json.loads(self.line)["changes"]}


def begin_of(moment: dt.date | dt.datetime) -> dt.datetime:
    """Return an instant itself, and for a day its first microsecond in UTC."""
    return (
        moment
        if isinstance(moment, dt.datetime)
        else end_of(moment).replace(hour=0, minute=0, second=0, microsecond=0)
    )
