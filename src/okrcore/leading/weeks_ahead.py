"""Define the weeks ahead of a portfolio: forecasts, and what a leading KPI lets expect (S9, S10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NoReturn

import attrs
import numpy as np

from okrcore.display import Rows, Table, Tabular, brief, card, cell, counted, figure, fragment, percent
from okrcore.display.blocks import Block, Spark
from okrcore.display.blocks.series_pictures import thinned
from okrcore.display.notebook import table_listing
from okrcore.errors import UnknownIdError
from okrcore.frozen import FrozenDict
from okrcore.leading.evidence import LinkEvidence

_POINTS = 40


@attrs.frozen(kw_only=True, repr=False)
class Forecast:
    """Where a series is heading, as computed; never mixed with a declared confidence (S5.6).

    `p_final`: probability that the goal is met at the last period ahead; for a band, that the value is
    inside for the share of the periods asked for. `p_touch`: that it is met in at least one of the
    periods ahead. Both lie strictly between 0 and 1; `error` is the Monte Carlo standard error of
    `p_final`. `quantiles`: level -> value at the last period; `fan`: level -> value at each of the `periods`
    ahead, and `ends` the last day of each, empty for a series without a calendar. `n` periods of history.
    `kind` of the series: "level", "counts", "atom" (sits at a limit), "constant", "running-sum",
    "year-to-date", or "given" for sample paths of the caller's. `note` says what the answer rests on and does
    not know ("" for nothing).
    """

    p_final: float
    p_touch: float
    quantiles: FrozenDict[float, float]
    n: int
    periods: int
    error: float
    note: str = ""
    fan: FrozenDict[float, tuple[float, ...]] = attrs.field(factory=FrozenDict)
    kind: str = "level"
    ends: tuple[date, ...] = ()

    @property
    def headline(self) -> str:
        """How likely the goal is met, in a few words."""
        return f"{percent(self.p_final)} likely to be met{f' by {self.ends[-1]}' if self.ends else ''}"

    def blocks(self) -> tuple[Block, ...]:
        """Return its card: the chance, the middle of the paths ahead, and what lies between them."""
        facts = {
            "on the way": percent(self.p_touch),
            "8 of 10 paths": _span(self.quantiles, 0.1, 0.9),
            "half of them": _span(self.quantiles, 0.25, 0.75),
            "middle": figure(self.quantiles.get(0.5)),
            "periods": f"{self.periods} ahead, {self.n} of history",
        }
        middle = thinned(self.fan.get(0.5, ()), _POINTS)
        picture = Spark(values=tuple(middle), label="the middle of the paths ahead") if middle else None
        return card(
            "forecast", "", title=self.headline, sentence=self.note, picture=picture, facts=facts.items()
        )  # fmt: skip

    def __repr__(self) -> str:
        return brief(self, self.headline)

    def _repr_html_(self) -> str:
        return fragment(self.headline, self.blocks())


@attrs.frozen(kw_only=True, repr=False)
class ObjectiveForecast:
    """How likely an objective is achieved when its cycle ends, from the paths of its key results together
    (S10).

    `p_final`: the share of the paths in which its status is achieved (S5.4), strictly between 0 and 1;
    `error` is its Monte Carlo standard error. `scores`: level -> score at the end of the cycle. `together` is
    the largest correlation, by size, of what its key results do not announce of each other, -1..1: good and
    bad weeks come together as they did; 0.0 where they are taken as independent. `key_results` are the ones
    that are forecast; all else counts as it stands, and `note` names it.
    """

    p_final: float
    scores: FrozenDict[float, float]
    together: float
    key_results: tuple[str, ...]
    error: float
    note: str = ""

    @property
    def headline(self) -> str:
        """How likely the objective is achieved, in a few words."""
        return f"{percent(self.p_final)} likely to be achieved"

    def blocks(self) -> tuple[Block, ...]:
        """Return its card: the chance, and what the score will be between."""
        facts = {
            "score, 8 of 10 paths": _span(self.scores, 0.1, 0.9),
            "score, middle": figure(self.scores.get(0.5)),
            "key results": ", ".join(self.key_results),
        }
        return card("forecast", "", title=self.headline, sentence=self.note, facts=facts.items())

    def __repr__(self) -> str:
        return brief(self, self.headline)

    def _repr_html_(self) -> str:
        return fragment(self.headline, self.blocks())


def _span(quantiles: Mapping[float, float], low: float, high: float) -> str:
    if low not in quantiles or high not in quantiles:
        return ""
    return f"{figure(quantiles[low])} to {figure(quantiles[high])}"


@attrs.frozen(kw_only=True, repr=False)
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

    def as_row(self) -> dict[str, Any]:
        """Return its columns as a row of a table."""
        told = {"verdict": self.evidence.verdict, "source": self.source, "target": self.target}
        told |= {name: getattr(self, name) for name in ("moved_at", "value", "usual", "expected")}
        return told | {"arrives": " to ".join(map(str, self.arrives or ()))}

    def __repr__(self) -> str:
        return brief(self, f"{self.source} to {self.target}: {self.evidence.headline}")

    def _repr_html_(self) -> str:
        facts = {name: cell(value) for name, value in self.as_row().items() if value not in (None, "")}
        title = f"{self.source} to {self.target}: {self.evidence.headline}"
        return fragment(title, card("lead", "", title=title, word=self.evidence.verdict, facts=facts.items()))


def _to_rows(leads: Iterable[Lead]) -> Rows[Lead]:
    return Rows(leads)


@attrs.frozen(kw_only=True, repr=False)
class WeeksAhead:
    """The weeks ahead of one key result, objective or KPI.

    `forecast` is a key result's, `achieved` an objective's, None where there is none; `note` then says why.
    KPIs have neither: they have no due date. `leads` holds the links into it from KPIs, by id of the link.
    """

    forecast: Forecast | None = None
    achieved: ObjectiveForecast | None = None
    note: str = ""
    leads: Rows[Lead] = attrs.field(default=(), converter=_to_rows)

    def __repr__(self) -> str:
        told = self.forecast or self.achieved
        return brief(self, told.headline if told else "no forecast", counted(len(self.leads), "lead"))

    def _repr_html_(self) -> str:
        told = self.forecast or self.achieved
        shown = told.blocks() if told else card("forecast", "", title="no forecast", sentence=self.note)
        links = table_listing(self.leads.table.data, "links")
        return fragment("weeks ahead", [*shown, links], wide=bool(self.leads))


class Outlook(Tabular, FrozenDict[str, WeeksAhead]):
    """The weeks ahead of each key result and objective, and of each KPI that a KPI leads, by id.

    `explain(snapshot, id, outlook=...)` puts it into words. Asking for an id that has none raises
    UnknownIdError; `get` returns None.
    """

    __slots__ = ()

    def __missing__(self, id: str) -> NoReturn:
        raise UnknownIdError(f"{id!r} has no outlook; ask for a goal, or a KPI that another leads")

    @property
    def table(self) -> Table:
        """One row an id, sorted: the probability of the goal at its due date and on the way, and values.

        `low`, `median` and `high` are the 10, 50 and 90 % quantiles at the due date, of an objective those of
        its score; numbers are NaN where there is no forecast, `note` then says why. `leads` counts the links
        into it that were tested.
        """
        names = sorted(self)
        ahead = [self[name] for name in names]
        forecasts = [one.forecast or one.achieved for one in ahead]
        values = [
            one.quantiles if isinstance(one, Forecast) else one.scores if one else {} for one in forecasts
        ]
        quantiles = {"low": 0.1, "median": 0.5, "high": 0.9}
        return Table(
            {
                "id": np.array(names, dtype=object),
                **{
                    name: np.array([getattr(one, name, np.nan) for one in forecasts], float)
                    for name in ("p_final", "p_touch")
                },
                **{
                    name: np.array([one.get(level, np.nan) for one in values], float)
                    for name, level in quantiles.items()
                },
                "leads": np.array([len(one.leads) for one in ahead], np.int64),
                "note": np.array(
                    [made.note if made else one.note for made, one in zip(forecasts, ahead, strict=True)],
                    dtype=object,
                ),
            }
        )

    def __str__(self) -> str:
        return str(self.table)

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> str:
        return self.table._repr_html_()
