"""Unrelated pairs that share what real KPIs share: a calendar, one event, rare events, a change of unit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from okrcore.leading.calendar_effects import calendar_columns

Floats = NDArray[np.float64]
Rng = np.random.Generator
YEAR = 365.25 / 7
MONDAY = 17_896  # 2018-12-31, as a day number
MONTHLY = (1, 2, 3)
WEEKLY = (1, 2, 3, 4)


class Nuisance(NamedTuple):
    """How a pair is drawn, (B, n) each, on weeks or months, and at which lags it is asked."""

    draw: Callable[[Rng, int, int], tuple[Floats, Floats]]
    sizes: tuple[int, ...] = (52, 104, 156)
    lags: tuple[int, ...] = WEEKLY
    monthly: bool = False

    def calendar(self, n: int) -> Floats:
        """What the calendar held in each of n periods."""
        return calendar_columns(months(n) if self.monthly else MONDAY + 7 * np.arange(n + 1))

    @property
    def season(self) -> float:
        return 12.0 if self.monthly else YEAR


def months(n: int) -> NDArray[np.int64]:
    starts = [dt.date(2018 + k // 12, k % 12 + 1, 1) for k in range(n + 1)]
    return np.array([day.toordinal() - dt.date(1970, 1, 1).toordinal() for day in starts])


def remembering(rng: Rng, batch: int, n: int, keeps: float) -> Floats:
    out = rng.standard_normal((batch, n + 60))
    for t in range(1, n + 60):
        out[:, t] += keeps * out[:, t - 1]
    return np.asarray(out[:, 60:])


def white(rng: Rng, batch: int, n: int) -> Floats:
    return rng.standard_normal((batch, n))


def both(draw: Callable[[Rng, int, int], Floats]) -> Callable[[Rng, int, int], tuple[Floats, Floats]]:
    return lambda rng, batch, n: (draw(rng, batch, n), draw(rng, batch, n))


def shared(
    first: Callable[[int], Floats], later: int = 1, noise: Callable[[Rng, int, int], Floats] = white
) -> Callable[[Rng, int, int], tuple[Floats, Floats]]:
    """Noise, and one and the same course in both, `later` periods apart."""

    def draw(rng: Rng, batch: int, n: int) -> tuple[Floats, Floats]:
        course = first(n + later)
        return noise(rng, batch, n) + course[later:], noise(rng, batch, n) + course[:n]

    return draw


def feast(column: int, size: float) -> Callable[[int], Floats]:
    return lambda n: size * (calendar_columns(MONDAY - 7 + 7 * np.arange(n + 1))[:, column] > 2)


def step(size: float) -> Callable[[int], Floats]:
    return lambda n: size * (np.arange(n) >= n // 2)


def dip(n: int) -> Floats:
    return -5.0 * ((np.arange(n) >= n // 2) & (np.arange(n) < n // 2 + 8))


def ramp(n: int) -> Floats:
    return np.clip((np.arange(n) - n // 2) / (n / 8), 0, 1) * 6.0


def blow(n: int) -> Floats:
    return -15.0 * (np.arange(n) == n // 2)


def christmas(size: float) -> Callable[[Rng, int, int], tuple[Floats, Floats]]:
    def draw(rng: Rng, batch: int, n: int) -> tuple[Floats, Floats]:
        day = (MONDAY + 7 * np.arange(n) + 3).astype("datetime64[D]")
        of_year = (day - day.astype("datetime64[Y]")).astype(int)
        x, y = (((of_year >= start) & (of_year < start + 21)) * size for start in (328, 342))
        return white(rng, batch, n) + x, white(rng, batch, n) + y

    return draw


def peaks(rng: Rng, batch: int, n: int) -> tuple[Floats, Floats]:
    month = np.arange(n) % 12
    return 10 + 6 * (month == 10) + white(rng, batch, n), 100 + 40 * (month == 11) + 5 * white(rng, batch, n)


def rough(rng: Rng, batch: int, n: int) -> tuple[Floats, Floats]:
    profile = np.array([-3, -2, 0, 1, 2, 3, 1, -1, 0, -2, 4, 5.0])
    month = np.arange(n) % 12
    return profile[month] + white(rng, batch, n), profile[month - 1] + white(rng, batch, n)


def totals(column: int, scatter: float) -> Callable[[Rng, int, int], tuple[Floats, Floats]]:
    def draw(rng: Rng, batch: int, n: int) -> tuple[Floats, Floats]:
        days = calendar_columns(months(n))[:, column]
        return tuple(size * days * (1 + scatter * white(rng, batch, n)) for size in (100, 50))  # type: ignore[return-value]

    return draw


def smooth(rng: Rng, batch: int, n: int) -> tuple[Floats, Floats]:
    t = np.arange(n)
    x, y = (2 * np.sin(2 * np.pi * (t - later) / YEAR) for later in (0, 1))
    return remembering(rng, batch, n, 0.3) + x, remembering(rng, batch, n, 0.3) + y


def rare(rate: float) -> Callable[[Rng, int, int], tuple[Floats, Floats]]:
    return both(lambda rng, batch, n: rng.poisson(rate, (batch, n)).astype(float))


def coin(rate: float) -> Callable[[Rng, int, int], tuple[Floats, Floats]]:
    return both(lambda rng, batch, n: (rng.random((batch, n)) < rate).astype(float))


def agreed_level(rng: Rng, batch: int, n: int) -> Floats:
    """A service level that is 100 % in 85 of 100 periods."""
    missed = np.round(rng.exponential(1.0, (batch, n)), 1)
    return np.where(rng.random((batch, n)) < 0.15, 100 - missed, 100.0)


def many_zeros(rng: Rng, batch: int, n: int) -> Floats:
    return np.where(rng.random((batch, n)) < 0.7, 0.0, rng.gamma(2, 1, (batch, n)))


def other_unit(rng: Rng, batch: int, n: int) -> tuple[Floats, Floats]:
    x, y = rng.normal(100, 10, (2, batch, n))
    x[:, n // 2 :] *= 1000
    y[:, n // 2 + 2 :] *= 1000
    return x, y


def louder(rng: Rng, batch: int, n: int) -> Floats:
    return white(rng, batch, n) * np.where(np.arange(n) < n // 2, 1, 4)


def louder_in_summer(rng: Rng, batch: int, n: int) -> Floats:
    return white(rng, batch, n) * np.exp(1.2 * np.sin(2 * np.pi * np.arange(n) / 12))


def rolling(width: int) -> Callable[[Rng, int, int], Floats]:
    def draw(rng: Rng, batch: int, n: int) -> Floats:
        total = np.cumsum(np.c_[np.zeros(batch), white(rng, batch, n + width - 1)], axis=1)
        return np.asarray((total[:, width:] - total[:, :-width]) / width)

    return draw


def to_date(rng: Rng, batch: int, n: int) -> Floats:
    flow = rng.gamma(20, 5, (batch, n))
    years = np.arange(n) // 12
    return np.hstack([np.cumsum(flow[:, years == year], axis=1) for year in np.unique(years)])


def steps_anywhere(rng: Rng, batch: int, n: int) -> Floats:
    return white(rng, batch, n) + 6 * (np.arange(n) >= rng.integers(8, n - 8, batch)[:, None])


LONG = (52, 104, 156, 520, 2000)
FEASTS = (104, 156, 208, 520)
YEARS = (36, 60, 96)
NUISANCES: dict[str, Nuisance] = {
    "white": Nuisance(both(white), (26, *LONG)),
    "AR .5": Nuisance(both(lambda rng, b, n: remembering(rng, b, n, 0.5)), (26, *LONG)),
    "AR .9": Nuisance(both(lambda rng, b, n: remembering(rng, b, n, 0.9)), (26, *LONG)),
    "random walks": Nuisance(both(lambda rng, b, n: remembering(rng, b, n, 1.0)), LONG),
    "common trend": Nuisance(shared(lambda n: np.linspace(-2, 2, n)), (26, *LONG)),
    "smooth season": Nuisance(smooth, (52, 78, 104, 156, 520)),
    "November and December peaks": Nuisance(peaks, YEARS, MONTHLY, monthly=True),
    "rough profile of the year": Nuisance(rough, YEARS, MONTHLY, monthly=True),
    "Christmas, 12 sd": Nuisance(christmas(12), (52, *FEASTS)),
    "Christmas, 2 sd": Nuisance(christmas(2), (52, *FEASTS)),
    "Easter": Nuisance(shared(feast(2, 8)), FEASTS),
    "Black Friday": Nuisance(shared(feast(3, 8)), FEASTS),
    "totals of months": Nuisance(totals(0, 0.01), YEARS, (0, 1), monthly=True),
    "totals of working days": Nuisance(totals(1, 0.02), YEARS, (0, 1), monthly=True),
    "Poisson .02": Nuisance(rare(0.02), LONG),
    "Poisson .1": Nuisance(rare(0.1), LONG),
    "Poisson .3": Nuisance(rare(0.3), LONG),
    "Poisson 1": Nuisance(rare(1), LONG),
    "Poisson 3": Nuisance(rare(3), LONG),
    "flag .1": Nuisance(coin(0.1), LONG),
    "flag .5": Nuisance(coin(0.5), LONG),
    "zeros in 70 %": Nuisance(both(many_zeros)),
    "100 % in 85 %": Nuisance(both(agreed_level)),
    "heavy tails, t2": Nuisance(both(lambda rng, b, n: rng.standard_t(2, (b, n)))),
    "lognormal": Nuisance(both(lambda rng, b, n: rng.lognormal(0, 1.5, (b, n)))),
    "one freak value": Nuisance(shared(blow), (26, 52, 104, 156)),
    "one freak value, AR .9": Nuisance(
        shared(blow, noise=lambda rng, b, n: remembering(rng, b, n, 0.9)), (26, 52, 104, 156)
    ),
    "shared shift, 6 sd": Nuisance(shared(step(6)), (26, 52, 104, 156)),
    "shared shift, 2 sd": Nuisance(shared(step(2)), (26, 52, 104, 156)),
    "shared dip of 8": Nuisance(shared(dip)),
    "shared ramp": Nuisance(shared(ramp)),
    "walks with a shared shift": Nuisance(
        shared(step(8), noise=lambda rng, b, n: remembering(rng, b, n, 1.0))
    ),
    "shifts anywhere": Nuisance(both(steps_anywhere), (26, 52, 104)),
    "both in another unit": Nuisance(other_unit),
    "scale x4 half way": Nuisance(both(louder)),
    "scale by the season": Nuisance(both(louder_in_summer), YEARS, MONTHLY, monthly=True),
    "rolling means of 4": Nuisance(both(rolling(4))),
    "rolling means of 12": Nuisance(both(rolling(12))),
    "year to date, lag 0": Nuisance(both(to_date), YEARS, (0,), monthly=True),
    "year to date, lags 1-3": Nuisance(both(to_date), YEARS, MONTHLY, monthly=True),
    "months in 4 weeks each": Nuisance(
        both(lambda rng, b, n: np.repeat(white(rng, b, n // 4 + 1), 4, axis=1)[:, :n])
    ),
}
"""By name; what no two series can tell apart (see the docs) has no promise in the tests."""
