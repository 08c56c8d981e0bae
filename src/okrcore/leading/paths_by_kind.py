"""Simulate what may follow series, each by its kind, those of one shape together (S10.1 to S10.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np

from okrcore.display import percent
from okrcore.leading.event_paths import atom_paths, constant_paths, count_paths
from okrcore.leading.freak_values import freak_values
from okrcore.leading.gap_values import gap_values
from okrcore.leading.leaders import PLAIN, Leader, try_leader
from okrcore.leading.level_paths import level_paths
from okrcore.leading.same_number import unit_break
from okrcore.leading.seasonal_profile import find_season, seasonal_profile, two_cycles
from okrcore.leading.series_kinds import RunningSum, are_counts, are_whole, atom_of, kind_of, running_sum
from okrcore.statistics.distributions import Floats
from okrcore.statistics.scale import far_exponent

LEAST_HISTORY = 8
TOGETHER = 2**22
"""Simulated values held at once: 128 series at 2,000 paths and 13 periods and a few more."""


@attrs.frozen(kw_only=True, eq=False)
class ObservedPast:
    """One series to be continued by `periods`: `history` (n,), NaN in gaps, its first and last value known.

    `season` in periods: None, the calendar's are looked for; below 2, there is none. It is `declared`, or
    only what the calendar lets expect. Paths stay within `low` and `high`. `total`: its periods are to be
    added up, and `owed` (n,) says how much of each gap belongs to the sum. A `leader` takes part where it
    helps.
    """

    history: Floats
    periods: int
    season: float | None = None
    declared: bool = True
    low: float = -np.inf
    high: float = np.inf
    total: bool = False
    owed: Floats | None = None
    leader: Leader | None = None
    exponent: int = 0
    """The values are those that were observed, times 2 to the power of minus this."""

    def near_one(self) -> ObservedPast:
        """Return the past in another unit, a power of 2, where its squares would leave the float range."""
        exponent = far_exponent(self.history)
        if not exponent:
            return self
        low, high = (float(np.ldexp(one, -exponent)) for one in (self.low, self.high))
        history = np.ldexp(self.history, -exponent)
        return attrs.evolve(self, history=history, low=low, high=high, exponent=exponent)


@attrs.frozen(kw_only=True, eq=False)
class SamplePaths:
    """`paths` (paths, periods) of one series, its kind, and notes on what they rest on and do not know.

    `owed` (paths,) is the sum of what was never reported, as far as it is owed.
    """

    paths: Floats
    kind: str
    notes: tuple[str, ...] = ()
    owed: Floats | float = 0.0

    def restored(self, exponent: int) -> SamplePaths:
        """Return the paths times 2 to the power of `exponent`, at most the greatest float there is."""
        if not exponent:
            return self
        with np.errstate(over="ignore", under="ignore"):
            paths, owed = (
                np.nan_to_num(np.ldexp(one, exponent), nan=np.nan) for one in (self.paths, self.owed)
            )
        return attrs.evolve(self, paths=paths, owed=owed)


def simulate(
    series: Sequence[ObservedPast], *, seed: int = 0, paths: int = 2000
) -> Iterator[tuple[int, SamplePaths]]:
    """Yield the place and the sample paths of each of `series`, as they would be alone, to the last bit."""
    near = [one.near_one() for one in series]
    for place, drawn in _simulated(near, seed=seed, paths=paths):
        yield place, drawn.restored(near[place].exponent)


def _simulated(series: Sequence[ObservedPast], *, seed: int, paths: int) -> Iterator[tuple[int, SamplePaths]]:
    plans = _with_seasons([_Plan.of(one, seed) for one in series])
    groups: dict[tuple[object, ...], list[int]] = {}
    for i, plan in enumerate(plans):
        if plan.kind == "level":
            groups.setdefault(plan.shape, []).append(i)
        else:
            yield i, plan.finished(_events(plan, seed=seed, paths=paths), plan.about, seed)
    for members in groups.values():
        first = series[members[0]]
        together = 1 if first.leader else max(1, TOGETHER // (paths * first.periods))
        for part in range(0, len(members), together):
            some = members[part : part + together]
            yield from zip(some, _levels([plans[i] for i in some], seed=seed, paths=paths), strict=True)


@attrs.frozen(kw_only=True, eq=False)
class _Plan:
    """What is simulated in place of `asked`: what each period adds where it is a sum to date, else itself.

    `first` is where a new unit begins, 0 for nowhere. `season` 0.0 is none, `found` whether nobody declared
    it; paths of `history` stay within `low` and `high`, and are whole where `whole`.
    """

    asked: ObservedPast
    history: Floats
    kind: str
    season: float | None
    found: bool
    low: float
    high: float
    whole: bool
    adding: RunningSum | None = None
    first: int = 0

    @classmethod
    def of(cls, asked: ObservedPast, seed: int) -> _Plan:
        """The season stays None where it is to be looked for; counts that a leader announces are a level."""
        history, season, low, high = asked.history, asked.season, asked.low, asked.high
        adding = running_sum(history, season or 0.0)
        if adding is not None and _is_far(adding.increments(history)):
            adding = None
        first = _new_unit(history) if adding is None and asked.leader is None else 0
        history = history[first:]
        if adding is not None:
            history = adding.increments(history)
            history = history[np.isfinite(history).argmax() :]
            season = adding.every or None if season is None else season
            low, high = 0.0 if np.nanmin(history) >= 0 else -np.inf, np.inf
        known = history[~np.isnan(history)]
        kind: str = kind_of(known)
        if kind == "counts" and adding is None and _is_led(asked, seed):
            kind = "level"
        return cls(
            asked=asked,
            history=history,
            kind=kind,
            season=season if kind in {"counts", "level"} else 0.0,
            found=asked.season is None or not asked.declared,
            low=max(low, 0.0) if are_counts(known) else low,
            high=high,
            whole=kind != "constant" and are_whole(known),
            adding=adding,
            first=first,
        )

    @property
    def shape(self) -> tuple[object, ...]:
        gaps, adds_up = bool(np.isnan(self.history).any()), self.asked.total or self.adding is not None
        led = self.asked.leader is not None
        return len(self.history), self.asked.periods, self.season, self.found, gaps, adds_up, led

    @property
    def about(self) -> list[str]:
        """What is said of a series that is no level."""
        known = self.history[~np.isnan(self.history)]
        n = len(known)
        if self.kind == "counts":
            return ["counts of events: whole numbers are forecast"]
        if self.kind == "constant":
            return [f"it never moved in {n} periods: a move is expected once in {n + 2}"]
        atom = atom_of(known)
        at = None if atom is None else float(np.ldexp(atom, self.asked.exponent))
        held = percent(float(np.mean(known == atom)))
        notes = [f"at {at:g} in {held} of the periods: kept as a value of its own"]
        if known[-1] != atom and (known[:-1] == atom).all():
            notes.append("it left that value just now: half of the paths take it for a slip")
        return notes

    def within(self, drawn: Floats) -> Floats:
        """Values of `history` within their limits, and whole where they are."""
        return np.asarray(np.clip(np.rint(drawn) if self.whole else drawn, self.low, self.high))

    def finished(self, drawn: Floats, notes: Sequence[str], seed: int) -> SamplePaths:
        """The paths of `asked` out of those of `history`: within limits, whole, and added up."""
        drawn = self.within(drawn)
        if self.first:
            notes = [f"a jump of unit after {self.first} periods: what came before is left out", *notes]
        if self.asked.leader is not None and (self.kind != "level" or self.adding is not None):
            notes = [*notes, f"{self.asked.leader.name} was not used: it is no level that is forecast"]
        if self.adding is None:
            owed = self.owed(seed, len(drawn))
            return SamplePaths(paths=drawn, kind=self.kind, notes=tuple(notes), owed=owed)
        asked, anew = self.asked, len(self.adding.restarts) > 0
        drawn = self.adding.added_up(float(asked.history[-1]), len(asked.history), drawn)
        said = ["a running sum: what each period adds is forecast"]
        if anew:
            when = f"every {self.adding.every:g} periods" if self.adding.every else "when, nobody knows"
            said = [f"a sum to date that begins anew ({when}): what each period adds is forecast"]
        return SamplePaths(
            paths=np.clip(drawn, asked.low, asked.high),
            kind="year-to-date" if anew else "running-sum",
            notes=(*said, *notes),
        )

    def owed(self, seed: int, paths: int) -> Floats | float:
        """What gaps of `asked` are worth that belong to its sum: (paths,)."""
        weights = self.asked.owed
        if weights is None or not weights.any():
            return 0.0
        season = self.season or 0.0
        drawn = gap_values(self.history, season=season, found=self.found, seed=seed, paths=paths)
        weights = weights[self.first :][np.isnan(self.history)]
        return np.asarray((self.within(drawn) * weights).sum(axis=1))


def _is_far(steps: Floats) -> bool:
    """Whether the last step is no step as the others were: then a slip or a new level is to be thought of."""
    known = steps[~np.isnan(steps)]
    return bool(freak_values(known[None]).last[0] != 0)


def _is_led(asked: ObservedPast, seed: int) -> bool:
    if asked.leader is None:
        return False
    silent = len(asked.leader.series) - len(asked.history)
    trial = try_leader(
        asked.history, asked.leader, asked.periods, silent=silent, seed=seed, total=asked.total
    )
    return trial.form != PLAIN


def _new_unit(history: Floats) -> int:
    """Where a series goes on in another unit, with enough of it to forecast by; 0 for nowhere."""
    places = np.flatnonzero(~np.isnan(history))
    at = unit_break(history)
    return int(places[at]) if at and len(places) - at >= LEAST_HISTORY else 0


def _with_seasons(plans: Sequence[_Plan]) -> list[_Plan]:
    """Look for the season of those whose season is not declared; counts with a season become levels."""
    lengths: dict[int, float] = {}
    groups: dict[tuple[int, int], list[int]] = {}
    for i, plan in enumerate(plans):
        if plan.season is None:
            groups.setdefault((len(plan.history), plan.asked.periods), []).append(i)
    for (_, ahead), members in groups.items():
        found = find_season(np.stack([plans[i].history for i in members]), ahead)
        lengths |= dict(zip(members, found, strict=True))
    return [_settled(plan, lengths.get(i, plan.season or 0.0)) for i, plan in enumerate(plans)]


def _settled(plan: _Plan, season: float) -> _Plan:
    season = season if season >= 2 else 0.0
    if plan.kind != "counts" or not season:
        return attrs.evolve(plan, season=season)
    profile = seasonal_profile(plan.history[None], season, plan.asked.periods, found=plan.found)
    return attrs.evolve(plan, season=season, kind="level" if profile.used[0] else "counts")


def _events(plan: _Plan, *, seed: int, paths: int) -> Floats:
    known = plan.history[~np.isnan(plan.history)]
    periods = plan.asked.periods
    if plan.kind == "constant":
        return constant_paths(known, periods, low=plan.low, high=plan.high, seed=seed, paths=paths)
    if plan.kind == "counts":
        return count_paths(plan.history, periods, seed=seed, paths=paths)
    atom = atom_of(known)
    assert atom is not None
    return atom_paths(plan.history, atom, periods, seed=seed, paths=paths)


def _levels(plans: Sequence[_Plan], *, seed: int, paths: int) -> Iterator[SamplePaths]:
    first = plans[0]
    season = first.season or 0.0
    drawn = level_paths(
        np.stack([plan.history for plan in plans]),
        first.asked.periods,
        season=season,
        found=first.found,
        seed=seed,
        paths=paths,
        total=first.asked.total or first.adding is not None,
        leader=first.asked.leader if first.adding is None else None,
    )
    for row, plan in enumerate(plans):
        notes = []
        notes += _season_note(plan, bool(drawn.seasonal[row]))
        if drawn.freaks[row]:
            notes.append(
                f"{drawn.freaks[row]} values left and came back at once: kept out of level and spread"
            )
        if drawn.jumped[row]:
            notes.append(
                "the last value is far off: half of the paths take it for a slip, half for a new level"
            )
        if drawn.led:
            notes.append(drawn.led)
        yield plan.finished(drawn.paths[row], notes, seed)


def _season_note(plan: _Plan, used: bool) -> list[str]:
    season = plan.season or 0.0
    if used:
        return [f"a season of {season:.4g} periods was used"]
    if season and len(plan.history) < two_cycles(season):
        return [f"shorter than two seasons of {season:.4g} periods: no season is taken into account"]
    return [f"no season of {season:.4g} periods shows"] if season and not plan.found else []
