"""List what differs between two snapshots: one row a goal or KPI and what of it is another (S22.6)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from okrcore.definitions.derived import better_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import Table, apart, figure, fragment
from okrcore.display.notebook import table_listing
from okrcore.display.tags import Html
from okrcore.scoring.kernels import SLACK
from okrcore.scoring.scoring_policy import STATUSES, ZONES
from okrcore.scoring.snapshot import Snapshot

ChangeWord = Literal["better", "worse", "new", "gone", "other"]
"""What a difference is."""

_WORDS = ("status", "zone")
_NUMBERS = ("score", "value", "coverage", "outlook")
_PARTS = {"objectives": "objective", "key_results": "key result", "kpis": "KPI"}


class Differences(Table):
    """What differs between two snapshots, as a table; made by `compare_snapshots`.

    Columns: `id`, `kind` (objective, key result, KPI), `what` differs (status, zone, score, value, coverage,
    outlook; of what is new or gone all of it), `before` and `after` as text, `change` (better, worse, new,
    gone, other), and `before_value` and `after_value`, NaN for what is no number or unknown.
    """

    def _repr_html_(self) -> Html:
        told = self.select("id", "kind", "what", "before", "after", "change")
        return fragment("differences", [table_listing(told.data, "differences", worst_first=True)], wide=True)

    @classmethod
    def of(cls, rows: Iterable[DifferenceRow]) -> Differences:
        """Return the table of some differences, in their order."""
        listed, names = [*rows], DifferenceRow._fields
        data = {name: np.array([getattr(row, name) for row in listed], dtype=object) for name in names[:6]}
        for name in names[6:]:
            data[name] = np.array([getattr(row, name) for row in listed], dtype=np.float64)
        return cls(data)


class DifferenceRow(NamedTuple):
    """One row of `Differences`."""

    id: str
    kind: str
    what: str
    before: str
    after: str
    change: ChangeWord
    before_value: float = np.nan
    after_value: float = np.nan


class Standing(NamedTuple):
    """How one goal or KPI stands, as far as it is compared; None is unknown, or nothing that it has."""

    kind: str
    status: str | None
    zone: str | None
    score: float | None
    value: float | None
    coverage: float | None
    outlook: float | None = None


class Ahead(Protocol):
    """What an outlook holds of one goal: the chance that it is met is `p_final` of either."""

    @property
    def forecast(self) -> Any:
        """The forecast of a key result, or None."""

    @property
    def achieved(self) -> Any:
        """The forecast of an objective, or None."""


def compare_snapshots(
    before: Snapshot,
    after: Snapshot,
    *,
    outlooks: tuple[Mapping[str, Ahead], Mapping[str, Ahead]] | None = None,
) -> Differences:
    """Return what goals and KPIs have otherwise in the snapshot `after` than in the one `before`, by id.

    A status or zone is better or worse by its order (early and not started are neither), a score and a
    coverage by its size, a value by the direction of its goal or KPI, and other where nothing says which way
    is better, or one side is unknown. Given `outlooks` of both moments, what `outlook` returns, the
    chance that a goal is met is compared too; it is simulated, so that a little more or less says nothing.
    Digits of a number past the twelfth say nothing. Cost in proportion to goals and KPIs.

    >>> from okrcore import Cycle, History, KeyResult, Objective, Observation, Portfolio, Target, evaluate
    >>> year = Cycle.year(2026)
    >>> goal = Objective(id="grow", title="Grow", cycle=year.id)
    >>> arr = KeyResult(id="arr", objective="grow", title="ARR", measure=Target(0, 10))
    >>> history = History.of([Observation("arr", "2026-04-01", 2), Observation("arr", "2026-05-01", 4)])
    >>> april, may = (evaluate(Portfolio.of(year, goal, arr), history, as_of=f"2026-0{n}-02") for n in (4, 5))
    >>> [(row["id"], row["what"], row["change"]) for row in compare_snapshots(april, may)][3:]
    [('grow', 'status', 'better'), ('grow', 'score', 'better')]
    """
    old, new = ({part: getattr(one, part) for part in _PARTS} for one in (before, after))
    then, now = standings_in(old), standings_in(new)
    if outlooks is not None:
        then, now = _with_chances(then, outlooks[0]), _with_chances(now, outlooks[1])
    return Differences.of(differences_of(then, now, after.portfolio))


def _with_chances(standings: Mapping[str, Standing], ahead: Mapping[str, Ahead]) -> dict[str, Standing]:
    """Return the standings with the chance that each goal is met, where it is forecast."""
    found = {name: one.forecast or one.achieved for name, one in ahead.items()}
    chances = {name: one.p_final for name, one in found.items() if one is not None}
    return {name: one._replace(outlook=chances.get(name)) for name, one in standings.items()}


def standings_in(tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, Standing]:
    """Return how each goal and KPI stands, by id: by the tables of a snapshot, or of its public form."""
    return {
        row["id"]: Standing(
            kind,
            row.get("status"),
            row.get("judged_zone"),
            row.get("score"),
            row.get("value"),
            row.get("coverage"),
        )
        for part, kind in _PARTS.items()
        for row in tables[part]
    }


def differences_of(
    old: Mapping[str, Standing], new: Mapping[str, Standing], portfolio: Portfolio
) -> Iterator[DifferenceRow]:
    """Yield what differs, by id; the portfolio says which way is better of what is there now."""
    for name in sorted({*old, *new}):
        if name not in old:
            yield DifferenceRow(name, new[name].kind, new[name].kind, "", _word(new[name]), "new")
        elif name not in new:
            yield DifferenceRow(name, old[name].kind, old[name].kind, _word(old[name]), "", "gone")
        else:
            yield from _between(name, old[name], new[name], portfolio)


def _between(name: str, old: Standing, new: Standing, portfolio: Portfolio) -> Iterator[DifferenceRow]:
    for what in _WORDS:
        one, other = getattr(old, what), getattr(new, what)
        if one != other:
            yield DifferenceRow(name, new.kind, what, one or "", other or "", _by_order(one, other))
    for what in _NUMBERS:
        one, other = getattr(old, what), getattr(new, what)
        if not _same(one, other, 0.0 if what == "value" else SLACK):
            better = better_of(portfolio[name], portfolio) if what == "value" else 1
            word: ChangeWord = "other"
            if one is not None and other is not None and better:
                word = "better" if (other - one) * better > 0 else "worse"
            numbers = [np.nan if number is None else float(number) for number in (one, other)]
            yield DifferenceRow(name, new.kind, what, *_beside(one, other), word, *numbers)


def _same(one: float | None, other: float | None, least: float) -> bool:
    """Return whether two numbers are one, but for digits that say nothing."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=SLACK, abs_tol=least)


def _beside(one: float | None, other: float | None) -> tuple[str, str]:
    """Return two numbers that differ with as many digits as show it, "" for one that is unknown."""
    if one is None or other is None:
        return "" if one is None else figure(one), "" if other is None else figure(other)
    before, after = apart(one, other, digits=4)
    return before, after


def _word(state: Standing) -> str:
    return state.status or state.zone or ""


def _by_order(one: str | None, other: str | None) -> ChangeWord:
    """Return whether a status or zone is better than another: both are listed from the worst on."""
    for words in (_JUDGED, _KNOWN_ZONES):
        if one in words and other in words:
            return "better" if words.index(other) > words.index(one) else "worse"
    return "other"


_JUDGED = tuple(status for status in STATUSES if status not in {"early", "not-started"})
_KNOWN_ZONES = tuple(zone for zone in ZONES if zone != "unknown")
