"""Tell the conflicts of a story: found when, decided by which rule, and what follows from that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator

import attrs

from okrcore.conflicts.applied import apply
from okrcore.conflicts.conflict import Conflict, ConflictKind
from okrcore.conflicts.decision import Decision
from okrcore.conflicts.find import find_conflicts
from okrcore.conflicts.resolution import resolve
from okrcore.definitions.links import Link
from okrcore.definitions.portfolio import Portfolio
from okrcore.history.backends import AnyHistory
from okrcore.scoring.evaluation import evaluate
from okrcore.scoring.snapshot import Snapshot
from okrcore.surfaces.stories import FIRST, observed, story

HARM = Link(
    source="lanes-recalibrated",
    target="sorter-uptime",
    sign=-1,
    lag="0w..1w",
    owner="flow-review",
    rationale="Every opened lane stops a sorter for a while; found in the numbers",
)
"""What nobody had declared in "logistics", and what is declared once the numbers show it."""
PULLING: Collection[ConflictKind] = ("measured", "opposed")
"""The kinds in which two goals pull on one lever."""
APART: Collection[ConflictKind] = ("divergent", "disconnected")
"""The kinds in which a green number leads nowhere."""
_WEEK = dt.timedelta(days=7)


@attrs.frozen(kw_only=True, eq=False)
class AskedConflict:
    """What was found and decided at the end of a day, by what was known then.

    `portfolio` holds the decisions in force from that day on, and `snapshot` is judged under them.
    """

    day: dt.date
    conflicts: tuple[Conflict, ...]
    decisions: tuple[Decision, ...]
    portfolio: Portfolio
    snapshot: Snapshot


def ask(
    portfolio: Portfolio, history: AnyHistory, day: dt.date, kinds: Collection[ConflictKind]
) -> AskedConflict:
    """Return what is found of some kinds at the end of a day, decided by the priority table and applied."""
    snapshot = evaluate(portfolio, history, as_of=day, known_at=day)
    every = find_conflicts(portfolio, history, as_of=day, known_at=day, snapshot=snapshot)
    found = tuple(one for one in every if one.kind in kinds)
    decisions = resolve(found, portfolio, snapshot=snapshot)
    after = apply(decisions, portfolio)
    if after is not portfolio:
        snapshot = evaluate(after, history, as_of=day, known_at=day)
    return AskedConflict(day=day, conflicts=found, decisions=decisions, portfolio=after, snapshot=snapshot)


def logistics_decided(
    weeks: int, *, seed: int = 2026, kinds: Collection[ConflictKind] = PULLING
) -> tuple[AskedConflict, ...]:
    """Return the logistics story asked on so many Sundays, each on what was decided until then.

    Once the numbers show that recalibrating lanes costs uptime, `HARM` is declared. From then on people do
    as is decided: operations lets sorters be stopped in every week, except while recalibration is frozen.
    So it is another run than the story's own, by the same draws until then. About 20 ms a week.
    """
    portfolio, _ = story("logistics", seed=seed)
    granted: dict[dt.date, bool] = {}
    told: list[AskedConflict] = []
    for week in range(weeks):
        day = FIRST + week * _WEEK
        history = observed("logistics", portfolio, seed=seed, weeks=week + 1, granted=granted)
        told.append(ask(portfolio, history, day, kinds))
        portfolio = told[-1].portfolio
        if HARM.id not in portfolio and any(map(_is_harm, told[-1].conflicts)):
            portfolio = portfolio.with_(HARM)
        if HARM.id in portfolio:
            granted[day + _WEEK] = not _frozen(told[-1])
    return tuple(told)


def software_decided(days: Iterable[dt.date], *, seed: int = 2026) -> tuple[AskedConflict, ...]:
    """Return the software story asked on some days, each on what was decided until then."""
    portfolio, history = story("software", seed=seed)
    told: list[AskedConflict] = []
    for day in days:
        told.append(ask(portfolio, history, day, APART))
        portfolio = told[-1].portfolio
    return tuple(told)


def first_found(told: Iterable[AskedConflict]) -> Iterator[tuple[AskedConflict, Conflict, Decision]]:
    """Yield each conflict where it is found for the first time, with how it was decided."""
    seen: set[str] = set()
    for one in told:
        for conflict, decision in zip(one.conflicts, one.decisions, strict=True):
            if conflict.id not in seen:
                seen.add(conflict.id)
                yield one, conflict, decision


def _frozen(asked: AskedConflict) -> bool:
    """Whether the recalibration stands still in the week to come."""
    over = any(one.thawed is not None for one in asked.decisions)
    return asked.snapshot.initiative("recalibration").freeze is not None and not over


def _is_harm(conflict: Conflict) -> bool:
    """Whether the numbers show that the lever of `HARM` costs its target."""
    ends = (HARM.source, HARM.target)
    return conflict.kind == "measured" and set(ends) <= set(conflict.path)
