"""Chart one series: its limits, its signals, and whether the process meets its target (S11)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import attrs
import numpy as np
from numpy.typing import ArrayLike

from okrcore.definitions.days import day_number
from okrcore.definitions.derived import KPI_DIRECTIONS
from okrcore.definitions.measures import Band
from okrcore.display import Table, Tabular, counted, figure
from okrcore.display.blocks import Xmr
from okrcore.display.listing import MOST_ROWS
from okrcore.errors import DefinitionError, HistoryError
from okrcore.history.results import Series
from okrcore.monitoring.process_chart import SIGNALS, Signal, judged_points
from okrcore.monitoring.process_limits import Floats, ProcessLimits, RowLimits, row_limits
from okrcore.monitoring.profiles import Profile, profile_of
from okrcore.monitoring.seasonal_rows import Season, season_of
from okrcore.monitoring.signal_rules import Assurance, Better, judged_assurance
from okrcore.public_form import headed

Meaning = Literal["improvement", "concern", "neutral"]
Moment = int | dt.date | dt.datetime
_DRAWN = 60


@attrs.frozen(kw_only=True)
class SignalPoint:
    """One point of a chart: its value, its limits, None where there are too few points, and its signal.

    `signal` is "outside", "trend", "two-of-three", "shift", or None for what chance brings; `meaning` says
    of a signal whether it is an improvement or a concern, neutral where no direction is known.
    """

    at: Moment
    value: float
    low: float | None
    mean: float | None
    high: float | None
    signal: Signal | None = None
    meaning: Meaning | None = None


@attrs.frozen(kw_only=True)
class Phase:
    """A stretch of a series with limits of its own, from the point `start` on, and why it begins there.

    `limits` are those of its level, None with fewer than 6 points; `trial` where there are fewer than 13.
    `autocorrelation` is that of neighbours, None without limits; where `widened` it is so strong that only
    points outside widened limits count.
    """

    start: Moment
    why: str
    n: int
    limits: ProcessLimits | None
    trial: bool
    autocorrelation: float | None
    widened: bool


@attrs.frozen(kw_only=True, repr=False)
class Signals(Tabular):
    """A process behaviour chart; printed, it is the table of its points.

    `assurance` says of the last phase whether it meets its target left to itself, None without target or
    direction; `trial` and `autocorrelation` are those of the last phase too.
    """

    points: tuple[SignalPoint, ...]
    phases: tuple[Phase, ...]
    assurance: Assurance | None
    season: float | None = None

    @property
    def word(self) -> str:
        """What the newest point says: improving, worsening, moving (no direction is known) or steady."""
        return moving(self.points[-1].meaning if self.points else None)

    @property
    def trial(self) -> bool:
        """Whether the last phase has fewer points than limits should rest on."""
        return not self.phases or self.phases[-1].trial

    @property
    def autocorrelation(self) -> float | None:
        """The lag-1 autocorrelation of the last phase; None with too few points."""
        return self.phases[-1].autocorrelation if self.phases else None

    @property
    def table(self) -> Table:
        """The points as a table: at, value, low, mean, high, signal, meaning."""
        names = ("at", "value", "low", "mean", "high", "signal", "meaning")
        columns = {name: [getattr(point, name) for point in self.points] for name in names}
        numbers = {"value", "low", "mean", "high"}
        return Table(
            {
                name: np.array(column, dtype=np.float64 if name in numbers else object)
                for name, column in columns.items()
            }
        )

    def as_plain(self) -> dict[str, Any]:
        """Return the public form: its points as rows, and what holds of the whole chart."""
        names = ("phases", "assurance", "trial", "autocorrelation", "season")
        return headed("signals", points=self.table, **{name: getattr(self, name) for name in names})

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> str:
        from okrcore.display.notebook import card, fragment, table_listing

        last = self.points[-1] if self.points else None
        facts = {
            "newest value": "" if last is None else figure(last.value),
            "limits": ""
            if last is None or last.low is None
            else f"{figure(last.low)} to {figure(last.high)}",
            "signal": (last.signal if last else None) or "",
            "target": self.assurance or "",
            "points": f"{len(self.points)} in {counted(len(self.phases), 'phase')}",
        }
        word = {"improving": "improving", "worsening": "worsening"}.get(self.word, "steady")
        shown = card("chart", "", title=self.word, word=word, picture=self._picture(), facts=facts.items())
        newest = self.table.take(slice(max(len(self.points) - MOST_ROWS, 0), None))
        listing = table_listing(newest.data, "points")
        listing = attrs.evolve(listing, count=len(self.points), order="the newest")
        return fragment(f"chart, {self.word}", [*shown, listing], wide=True)

    def _picture(self) -> Xmr | None:
        shown = self.points[-_DRAWN:]
        if not shown:
            return None
        return Xmr(
            values=tuple(one.value for one in shown), low=tuple(one.low for one in shown),
            high=tuple(one.high for one in shown), meanings=tuple(one.meaning or "" for one in shown),
            label=f"{len(shown)} points, {self.word}",
        )  # fmt: skip


@np.errstate(over="ignore", invalid="ignore")
def signals(
    series: ArrayLike | Series,
    *,
    better: Better | None = None,
    target: float | Band | None = None,
    limits: int | ProcessLimits | Sequence[float] | None = None,
    rebase: Iterable[Any] = (),
    profile: Profile | str = "nhs",
    season: float | None = None,
) -> Signals:
    """Return which points of a series are more than chance, by the rules of process behaviour (S11.2).

    `series` holds one value a period, NaN for none, or is what a history's `series` gives. Limits are the
    mean +- 2.66 mean moving ranges, moving ranges of 3.267 times their mean or more dropped once. The first
    rule that holds names a point: outside; 7 that rise or fall; 2 of 3 in the outer third; 7 on one side.
    `better` makes of it an improvement or a concern. `limits` fixes them: a number of first points to take
    them from, a `ProcessLimits`, or (low, high). `rebase` holds where new limits begin, positions in a plain
    list, else dates, or values with `start` and `why` as `Kpi.rebased` has. `season` is a length in periods;
    where two full ones show it the limits move with it. `profile` names another rule book, or is one. Raises
    HistoryError for what are no numbers, DefinitionError for limits, places or names that are none.
    Source: Wheeler, Understanding Variation (1993); NHS England, Making Data Count.

    >>> weeks = [52, 50, 51, 49, 50, 51, 48, 52, 50, 49, 51, 50, 50, 57]
    >>> chart = signals(weeks, better="lower", target=53)
    >>> chart.points[-1].signal, chart.points[-1].meaning, chart.assurance
    ('outside', 'concern', 'hit-and-miss')
    """
    book = profile_of(profile)
    times, values = _series(series)
    if better not in ("higher", "lower", None):
        raise DefinitionError(f"better is {better!r}, but must be 'higher', 'lower' or None; name one")
    if season is not None and not (np.isfinite(season) and season >= 2):
        raise DefinitionError(f"season is {season!r}, but must be at least 2 periods; leave it out for none")
    known = np.flatnonzero(~np.isnan(values))
    points: list[SignalPoint] = []
    phases: list[Phase] = []
    cuts = _cuts(rebase, times, len(values))
    for (first, why), (last, _) in zip(cuts, [*cuts[1:], (len(values), "")], strict=True):
        some = known[(known >= first) & (known < last)]
        if len(some):
            found, phase = _phase(values, times, (first, last), some, why, book, limits, better, season)
            points += found
            phases.append(phase)
    ends = phases[-1].limits if phases else None
    low, high = (ends.low, ends.high) if ends else (np.nan, np.nan)
    return Signals(
        points=tuple(points),
        phases=tuple(phases),
        assurance=judged_assurance(low, high, target, better),
        season=season,
    )


def meaning_of(side: int, better: int) -> Meaning:
    """Return what a signal on a side, +1 above, means where `better` is up, +1, down, -1, or unknown, 0."""
    return "neutral" if better == 0 else "improvement" if side == better else "concern"


def moving(meaning: str | None) -> str:
    """Return the word for a process whose newest point has this meaning, None for what chance brings.

    >>> moving("concern"), moving(None)
    ('worsening', 'steady')
    """
    return {"improvement": "improving", "concern": "worsening", "neutral": "moving"}.get(
        meaning or "", "steady"
    )


def _phase(
    values: Floats,
    times: Sequence[Moment],
    span: tuple[int, int],
    some: Any,
    why: str,
    book: Profile,
    limits: int | ProcessLimits | Sequence[float] | None,
    better: Better | None,
    season: float | None,
) -> tuple[list[SignalPoint], Phase]:
    first, last = span
    stretch = values[None, first:last]
    swing = season_of(stretch, season)
    at = some - first
    rows = swing.out_of(stretch)[:, at]
    many = limits if isinstance(limits, int) else None
    if many is not None and many < 2:
        raise DefinitionError(f"limits is {many}, but must be at least 2 points; give more, or ProcessLimits")
    found = row_limits(rows[:, :many], book, swing.error)
    if limits is not None and many is None:
        found = _fixed(limits, found)
    codes, side = judged_points(rows, found, book, whole=True)
    lines = [
        swing.into(np.repeat(one[:, None], stretch.shape[1], axis=1))[0, at]
        for one in (found.low, found.mean, found.high)
    ]
    sense = KPI_DIRECTIONS[better]
    points = []
    for i, place in enumerate(some.tolist()):
        low, mean, high = (None if np.isnan(line[i]) else float(line[i]) for line in lines)
        code = int(codes[0, i])
        points.append(
            SignalPoint(
                at=times[place],
                value=float(values[place]),
                low=low,
                mean=mean,
                high=high,
                signal=SIGNALS[code - 1] if code else None,
                meaning=meaning_of(int(side[0, i]), sense) if code else None,
            )
        )
    return points, _summary(times[int(some[0])], why, len(some), found, swing, book)


def _summary(start: Moment, why: str, n: int, found: RowLimits, swing: Season, book: Profile) -> Phase:
    level = (found.low, found.mean, found.high)
    low, mean, high = (float(np.exp(one[0]) if swing.logs[0] else one[0]) for one in level)
    some = not np.isnan(mean)
    return Phase(
        start=start,
        why=why,
        n=n,
        limits=ProcessLimits(low, mean, high) if some else None,
        trial=int(found.n[0]) < book.least,
        autocorrelation=float(found.autocorrelation[0]) if some else None,
        widened=bool(found.guarded[0]),
    )


def _fixed(given: Any, found: RowLimits) -> RowLimits:
    """The limits that somebody fixed, of a process whose persistence is as found."""
    try:
        numbers = (
            [given.low, given.mean, given.high] if isinstance(given, ProcessLimits) else [*map(float, given)]
        )
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) == 2:
        numbers.insert(1, (numbers[0] + numbers[1]) / 2)
    if len(numbers) != 3 or not numbers[0] < numbers[1] < numbers[2]:
        raise DefinitionError(
            f"limits is {given!r}, but must be a number of first points, ProcessLimits(low, mean, high), or "
            "(low, high), in this order; give one of these"
        )
    low, mean, high = (np.array([one]) for one in numbers)
    return attrs.evolve(found, low=low, mean=mean, high=high, guarded=np.zeros(1, dtype=np.bool_))


def _series(series: ArrayLike | Series) -> tuple[Sequence[Moment], Floats]:
    try:
        values = np.array(getattr(series, "values", series), dtype=np.float64)
    except (TypeError, ValueError):
        raise HistoryError("series holds what is no number; give one number (or NaN) a period") from None
    if values.ndim != 1:
        raise HistoryError(f"series has {values.ndim} dimensions, but must have one; give a value a period")
    if np.isinf(values).any():
        place = int(np.flatnonzero(np.isinf(values))[0])
        raise HistoryError(f"series is infinite at position {place}; drop that value, or mark it as NaN")
    return (series.times if isinstance(series, Series) else range(len(values))), values


def _cuts(rebase: Iterable[Any], times: Sequence[Moment], n: int) -> list[tuple[int, str]]:
    """Where phases begin, each with its reason; the first at the first point."""
    dated = not isinstance(times, range)
    days = [_day(time) for time in times] if dated else []
    found: dict[int, str] = {0: ""}
    for one in rebase:
        start, why = getattr(one, "start", one), getattr(one, "why", "")
        if dated and not isinstance(start, int):
            place = int(np.searchsorted(days, _day(start)))
        elif not dated and isinstance(start, int) and not isinstance(start, bool) and 0 <= start <= n:
            place = start
        else:
            asked = "a date" if dated else f"a position from 0 to {n}"
            raise DefinitionError(
                f"rebase holds {start!r}, but must hold {asked}; give one where limits begin"
            )
        if place < n:
            found[place] = why or found.get(place, "")
    return sorted(found.items())


def _day(moment: Any) -> int:
    if isinstance(moment, dt.datetime):
        return day_number(moment.date())
    try:
        return day_number(dt.date.fromisoformat(moment) if isinstance(moment, str) else moment)
    except (TypeError, ValueError, AttributeError):
        raise DefinitionError(
            f"rebase holds {moment!r}, but must hold dates; give the day as 2026-01-31"
        ) from None
