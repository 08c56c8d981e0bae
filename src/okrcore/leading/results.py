"""Define what this room finds: link evidence, forecasts, the weeks ahead of a portfolio (S9, S10)."""

from __future__ import annotations

from datetime import date
from typing import NoReturn

import attrs
import numpy as np

from okrcore.display import Table
from okrcore.errors import UnknownIdError
from okrcore.frozen import FrozenDict

SUPPORTS_AT = 20.0
"""The e-value at which a link that is looked at every week counts as supported (S9.5)."""


@attrs.frozen(kw_only=True)
class LinkEvidence:
    """Evidence on one link: "the source leads the target by `lag` periods".

    `link` is the link's id, None for bare series. `verdict`: "supported" | "opposed" (significant with
    the opposite sign: a conflict) | "refuted" (weaker than the smallest effect of interest at every
    lag) | "undecided" | "decayed" (was supported, has ended). `sign` is the one asked for, 0 both.

    `lag` is in periods of the grid, `lag_set` all lags the data cannot tell from it. `effect` is the
    correlation there, -1..1, raw sign, and `interval` its 95 % interval, honest about the search over
    lags. `slope` is in target units per source unit (an elasticity where logs were taken). These are
    None where the series hold no information (flat, no overlap).

    `p_value` is corrected for the lags, 0..1; look at it once. `q_value` is corrected for all links that
    were assessed together as well, None for one alone. `e_value` may be looked at every period and
    supports at 20. `n` counts the common periods, `df` the degrees of freedom left. `decayed_at` is
    the first period without the link: an index into the series, a date where a calendar is known.
    `needed` says how many more periods would decide with 80 % probability, were the link as strong as it
    looks: 0 when decided, None when unknown. `basis` is "innovations", or "level" for a persistent source
    of a nearly white target. `note` says why nothing was decided, or what else to know.
    """

    verdict: str
    lag: int | None
    lag_set: tuple[int, ...]
    effect: float | None
    interval: tuple[float, float] | None
    slope: float | None
    p_value: float
    e_value: float
    n: int
    df: float
    needed: int | None
    decayed_at: int | date | None = None
    link: str | None = None
    sign: int = 1
    lags: tuple[int, ...] = ()
    period: str = "period"
    p_opposite: float = 1.0
    inflation: float = 1.0
    basis: str = "innovations"
    q_value: float | None = None
    note: str = ""

    @property
    def sentence(self) -> str:
        """The verdict in words; it says "leads" and never "causes".

        >>> LinkEvidence(verdict="refuted", lag=4, lag_set=(4,), effect=0.03, interval=(-0.2, 0.25),
        ...              slope=0.1, p_value=0.6, e_value=0.2, n=104, df=97.0, needed=0,
        ...              lags=(2, 3, 4)).sentence
        'does not lead at lags 2..4: effect +0.03 (95 % interval -0.20..+0.25), p 0.6, n 104'
        """
        lags = f"{self.lags[0]}..{self.lags[-1]}" if self.lags else "the lags asked"
        if self.effect is None or self.interval is None or self.lag is None:
            return f"undecided: {self.note or 'the series hold no information'}"
        numbers = (
            f"effect {self.effect:+.2f} (95 % interval {self.interval[0]:+.2f}..{self.interval[1]:+.2f}),"
            f" p {self.p_value:.2g}, n {self.n}"
        )
        by = f"by {self.lag} {self.period}{'' if self.lag == 1 else 's'}"
        words = {
            "supported": f"leads {by}: {numbers}",
            "opposed": f"leads against the declared sign, {numbers}, p of the opposite {self.p_opposite:.2g}",
            "refuted": f"does not lead at lags {lags}: {numbers}",
            "decayed": f"led {by} until {self.decayed_at}: {numbers}",
        }
        more = f"; about {self.needed} more {self.period}s would decide" if self.needed else ""
        return words.get(self.verdict, f"undecided at lags {lags}: {numbers}{more}")


@attrs.frozen(kw_only=True)
class Forecast:
    """Where a series is heading, as computed; never mixed with a declared confidence (S5.6).

    `p_final`: probability that the goal is met at the last period ahead; for a band, that the value is
    inside for the share of the periods asked for. `p_touch`: that it is met in at least one of the
    periods ahead. Both lie strictly between 0 and 1; `error` is the Monte Carlo standard error of
    `p_final`. `quantiles`: level -> value at the last period. `n` periods of history, `note` says what
    limits the answer ("" for nothing).
    """

    p_final: float
    p_touch: float
    quantiles: FrozenDict[float, float]
    n: int
    periods: int
    error: float
    note: str = ""


@attrs.frozen(kw_only=True)
class Lead:
    """One link into a key result or KPI, as tested, and what the last move of its source lets expect.

    Effects of the last `evidence.lag` periods are still to come. `moved_at` is the first day of that one
    among them in which the source was farthest from what its own past announced, if by more than twice
    its usual surprise; `value` is what it then was and `usual` what was announced. `watched` counts the
    periods looked at, 0 where the lag is unknown or 0. `expected` is the effect on the target, in the
    target's unit, beyond what the target's own past announces, `interval` its 95 % interval, honest about
    the search over lags; it arrives in the periods from `arrives[0]` to `arrives[1]`, both days included.
    These are None unless the source moved and the link is supported, also among all links tested together.
    """

    evidence: LinkEvidence
    source: str
    target: str
    watched: int = 0
    moved_at: date | None = None
    value: float | None = None
    usual: float | None = None
    expected: float | None = None
    interval: tuple[float, float] | None = None
    arrives: tuple[date, date] | None = None


@attrs.frozen(kw_only=True)
class WeeksAhead:
    """The weeks ahead of one key result or KPI.

    `forecast` is None where there is none; `note` then says why. KPIs have none: they have no due date.
    `leads` holds the links into it from KPIs, by id of the link.
    """

    forecast: Forecast | None = None
    note: str = ""
    leads: tuple[Lead, ...] = ()


class Outlook(FrozenDict[str, WeeksAhead]):
    """The weeks ahead of each key result, and of each KPI that a KPI leads, by id; made by `outlook`.

    `explain(snapshot, id, outlook=...)` puts it into words. Asking for an id that has none raises
    UnknownIdError; `get` returns None.
    """

    __slots__ = ()

    def __missing__(self, id: str) -> NoReturn:
        raise UnknownIdError(f"{id!r} has no outlook; ask for a key result, or a KPI that another leads")

    @property
    def table(self) -> Table:
        """One row an id, sorted: the probability of the goal at its due date and on the way, and values.

        `low`, `median` and `high` are the 10, 50 and 90 % quantiles at the due date; numbers are NaN where
        there is no forecast, `note` then says why. `leads` counts the links into it that were tested.
        """
        names = sorted(self)
        ahead = [self[name] for name in names]
        forecasts = [one.forecast for one in ahead]
        quantiles = {"low": 0.1, "median": 0.5, "high": 0.9}
        return Table(
            {
                "id": np.array(names, dtype=object),
                **{
                    name: np.array([getattr(one, name, np.nan) for one in forecasts], float)
                    for name in ("p_final", "p_touch")
                },
                **{
                    name: np.array([one.quantiles[level] if one else np.nan for one in forecasts], float)
                    for name, level in quantiles.items()
                },
                "leads": np.array([len(one.leads) for one in ahead], np.int64),
                "note": np.array([one.forecast.note if one.forecast else one.note for one in ahead], object),
            }
        )

    def __str__(self) -> str:
        return str(self.table)

    def _repr_html_(self) -> str:
        return self.table._repr_html_()
