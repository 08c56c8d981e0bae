"""Tell what kind of series is to be forecast: a sum to date, counts, one at its limit, a level (S10.1)."""

from __future__ import annotations

from typing import Literal

import attrs
import numpy as np

from okrcore.statistics.distributions import Floats, Ints

SeriesKind = Literal["constant", "atom", "counts", "level"]
ATOM_SHARE, MOST_COUNTED = 0.2, 20.0
TREND_T, OUTBURST = 4.0, 8.0
LEAST_CUMULATIVE = 12


def kind_of(values: Floats) -> SeriesKind:
    """Return the kind of known `values`, in order of time.

    "constant": never moved. "atom": at its highest or lowest value in a fifth of the periods or more, and
    twice as often as at any other, or a flag of two values. "counts": few whole events a period, scattered as
    events are (a head count is not), without a clear trend or an outburst. "level": all else.

    >>> kind_of(np.full(9, 100.0)), kind_of(np.r_[np.full(30, 100.0), 97.2, 99.1])
    ('constant', 'atom')
    >>> kind_of(np.array([0.0, 2, 1, 0, 0, 3, 1, 0])), kind_of(np.linspace(0, 1, 20))
    ('counts', 'level')
    """
    if values.min() == values.max():
        return "constant"
    if are_counts(values):
        return "level" if _has_trend(np.sqrt(values)) or _has_outburst(values) else "counts"
    return "level" if atom_of(values) is None else "atom"


def atom_of(values: Floats) -> float | None:
    """Return the limit that `values` sit at; None where they do not."""
    found, count = np.unique(values, return_counts=True)
    place = int(count.argmax())
    if not (place in (0, len(found) - 1) and count[place] >= ATOM_SHARE * len(values)):
        return None
    if len(found) > 2 and count[place] < 2 * np.delete(count, place).max():
        return None
    return float(found[place])


def are_whole(values: Floats) -> bool:
    """Return whether all of `values` are whole numbers."""
    return bool((values == np.rint(values)).all())


def are_counts(values: Floats) -> bool:
    """Return whether `values` are few whole events a period: none below 0, scattered as events are or more.

    Of noughts and ones alone only few ones are: of many, Poisson counts would have shown a two.
    """
    mean = float(values.mean())
    if not (values.min() >= 0 and are_whole(values) and mean <= MOST_COUNTED):
        return False
    if values.max() <= 1:
        return bool(len(values) * (1.0 - np.exp(-mean) * (1.0 + mean)) < 3.0)
    return bool((np.diff(values) ** 2).mean() >= mean / 2)


def _has_outburst(values: Floats) -> bool:
    """Whether one count is none as the others are (3 typed as 300), which freaks of a level can deal with."""
    *others, most = np.sort(values).tolist()
    usual = float(np.mean(others))
    return bool(most > 3 * others[-1] and most > usual + OUTBURST * np.sqrt(usual + 1.0))


def _has_trend(values: Floats) -> bool:
    t = np.arange(len(values)) - (len(values) - 1) / 2
    slope = float(t @ values) / float(t @ t)
    rest = values - values.mean() - slope * t
    error = np.sqrt(max(float(rest @ rest) / max(len(values) - 2, 1), 1e-12) / float(t @ t))
    return bool(abs(slope) > TREND_T * error)


@attrs.frozen(kw_only=True, eq=False)
class RunningSum:
    """How a series adds up: where in its history it began anew (`restarts`), and after how many periods
    (`every`).

    `every` is 0 where it never begins anew, as far as one knows.
    """

    restarts: Ints
    every: float

    def increments(self, history: Floats) -> Floats:
        """Return what each period but the first added: evenly over a gap, NaN where a sum ended unseen."""
        added = np.full(len(history), np.nan)
        known, anew = np.flatnonzero(~np.isnan(history)), set(self.restarts.tolist())
        for before, after in zip(known[:-1].tolist(), known[1:].tolist(), strict=True):
            if after not in anew:
                added[before + 1 : after + 1] = (history[after] - history[before]) / (after - before)
            elif after == before + 1:
                added[after] = history[after]
        return added[1:]

    def added_up(self, now: float, length: int, steps: Floats) -> Floats:
        """Return the sums to date (..., periods) after a history of `length`, that stands at `now`."""
        out, value = np.empty_like(steps), np.full(steps.shape[:-1], now)
        anew = self._restarts_ahead(length, steps.shape[-1])
        for k in range(steps.shape[-1]):
            value = steps[..., k] + (0.0 if k in anew else value)
            out[..., k] = value
        return out

    def _restarts_ahead(self, length: int, periods: int) -> set[int]:
        if not self.every:
            return set()
        cycles = np.arange(1, 2 + int((length + periods) / self.every))
        return set((np.rint(self.restarts[-1] + cycles * self.every) - length).astype(int).tolist())


def running_sum(history: Floats, season: float = 0.0) -> RunningSum | None:
    """Return how `history` (NaN in gaps) adds up, None where it is no sum to date.

    A year to date falls to about one period's share at even distances, and nowhere else; of a single fall the
    distance is `season`, if known. A running sum never falls, and grows in a fifth of the periods or more.

    >>> year = np.tile(np.arange(100.0, 1300.0, 100.0), 3)
    >>> found = running_sum(year)
    >>> found.restarts.tolist(), found.every, found.increments(year)[:3].tolist()
    ([12, 24], 12.0, [100.0, 100.0, 100.0])
    >>> running_sum(np.random.default_rng(0).standard_normal(40)) is None
    True
    """
    places = np.flatnonzero(~np.isnan(history))
    known = history[places]
    if len(known) < LEAST_CUMULATIVE:
        return None
    step = np.diff(known)
    falls = np.flatnonzero(step < 0)
    if not len(falls):
        return RunningSum(restarts=np.zeros(0, np.int64), every=0.0) if _grows(step) else None
    return _year_to_date(places[falls + 1], known, step, falls, season)


def sums_to_date(history: Floats, least: int = 6) -> bool:
    """Return whether `history` (NaN in gaps) reads like sums to date, from `least` known periods on.

    Its first value, and that after each fall, is about one period's share; in between it never falls. What
    each period brings is not told from a few growing amounts that begin with almost nothing.

    >>> sums_to_date(np.array([90.0, 200, 310, 390, 500, 615]))
    True
    >>> sums_to_date(np.array([90.0, 95, 99, 104, 110, 112]))
    False
    """
    known = history[~np.isnan(history)]
    if len(known) < least:
        return False
    step = np.diff(known)
    falls = np.flatnonzero(step < 0)
    share = float(np.median(step[step >= 0])) if (step >= 0).any() else 0.0
    begins = known[[0]] if not len(falls) else known[falls + 1]
    if len(falls) and _year_to_date(falls + 1, known, step, falls, 0.0) is None:
        return False
    steady = step[step >= 0].mean() > 0.7 * step[step >= 0].std()
    return bool(known.min() >= 0 and share > 0 and steady and (begins <= 2.0 * share).all())


def _grows(step: Floats) -> bool:
    """Whether steps that are never below 0 are those of a sum: twelve rises, or as even as sums are."""
    rises = step > 0
    return bool(rises.mean() >= 0.2 and (rises.sum() >= 12 or step.mean() > 0.7 * step.std()))


def _year_to_date(
    restarts: Ints, known: Floats, step: Floats, falls: Ints, season: float
) -> RunningSum | None:
    usual = step[step >= 0]
    if (usual > 0).mean() < 0.5:
        return None
    small = known[falls + 1] <= 2.0 * usual.max()
    high = known[falls] >= 3.0 * np.median(usual)
    if known.min() < 0 or not (small & high & (known[falls + 1] < known[falls] / 2)).all():
        return None
    apart = np.diff(restarts)
    if len(apart):
        even = apart.max() - apart.min() <= 1 and apart.min() >= 4
        return RunningSum(restarts=restarts, every=float(apart.mean())) if even else None
    return RunningSum(restarts=restarts, every=season if season >= 4 else 0.0)
