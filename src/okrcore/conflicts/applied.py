"""Apply decisions as tolerances of a portfolio: dated, one an effect, ended by another ruling (S15)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import attrs

from okrcore.conflicts.conflict import KINDS
from okrcore.conflicts.decision import Decision
from okrcore.conflicts.resolution import same_ruling
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.derived import series_of
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.relations import Relations
from okrcore.definitions.tolerances import Tolerance

_DAY = dt.timedelta(days=1)


def apply(decisions: Iterable[Decision], portfolio: Portfolio) -> Portfolio:
    """Return the portfolio with what the decisions put in force; the same one where nothing changes.

    Each decision becomes one Tolerance an (effect, loser, winner), from its day to the end of the winner's
    cycle or the effect's own date, both included; what would end before it starts is left out. A tolerance
    of the same ruling that is in force stays as it is, so that applying twice is applying once. Every other
    one between the same sides ends the day before; a freeze goes on until three period ends in a row were
    inside the limit. Of several conflicts between the same sides the latest decision counts, then that of the
    first kind (S13): one decision in force.

    A tolerance that comes back takes the place of its forerunner and counts `renewed`. Cost in proportion to
    decisions and tolerances, and one copy of the portfolio's index where something changes.
    """
    chosen: dict[tuple[str, ...], Decision] = {}
    for decision in decisions:
        sides = tuple(sorted(decision.conflict.sides))
        if sides not in chosen or _rank(decision) < _rank(chosen[sides]):
            chosen[sides] = decision
    between: dict[tuple[str, ...], list[Tolerance]] = {}
    for tolerance in portfolio.tolerances:
        between.setdefault(tolerance.sides, []).append(tolerance)
    gone: list[str] = []
    fresh: list[Tolerance] = []
    for sides in sorted(chosen):
        decision, known = chosen[sides], between.get(sides, [])
        ends, new = _settled(decision, known, portfolio)
        for one, end in ends:
            if end < one.start:
                gone.append(one.id)
            elif end != one.end:
                fresh.append(attrs.evolve(one, end=end))
        fresh += [new] if new else []
    if gone:
        portfolio = portfolio.without(*gone)
    return portfolio.with_(*fresh) if fresh else portfolio


def _rank(decision: Decision) -> tuple[int, int, str, tuple[str, ...]]:
    conflict = decision.conflict
    return -decision.at.toordinal(), KINDS.index(conflict.kind), conflict.id, conflict.path


def _settled(
    decision: Decision, known: list[Tolerance], portfolio: Portfolio
) -> tuple[list[tuple[Tolerance, dt.date]], Tolerance | None]:
    """Return the known tolerances with the day on which each ends now, and the new one, if one is due."""
    at = decision.at
    new = _recorded(decision, portfolio)
    ends, before = [], None
    for one in known:
        over = _over(one, decision)
        if new and one.id == new.id:
            if same_ruling(one, decision) and one.holds(at) and (over is None or over > at):
                new = one
            else:
                before = one
        elif one.holds(at) or one.kind == "freeze":
            ended = min(one.end, over or one.end) if one.kind == "freeze" else at - _DAY
            ends.append((one, ended))
    if new is None or new in known:
        return ends, None
    return ends, _renewed(new, before, decision) if before else new


def _over(one: Tolerance, decision: Decision) -> dt.date | None:
    """The day on which a freeze that the decision knew of ended by itself."""
    thawed = decision.thawed
    return thawed if one.kind == "freeze" and thawed is not None and thawed > one.start else None


def _renewed(new: Tolerance, before: Tolerance, decision: Decision) -> Tolerance:
    """The new one, with what it owes to the one it takes the place of."""
    last = min(before.end, _over(before, decision) or before.end, new.start - _DAY)
    held = max(0, (last - before.start).days + 1)
    return attrs.evolve(new, renewed=before.renewed + 1, days_before=before.days_before + held)


def _recorded(decision: Decision, portfolio: Portfolio) -> Tolerance | None:
    """The tolerance that a decision asks for; None where no time is left for it."""
    effect, winner, loser = decision.effect, decision.winner, decision.loser
    until = effect.tolerate.until if effect and effect.tolerate else "cycle-end"
    end = until if isinstance(until, dt.date) else _cycle_end(decision, portfolio)
    if end < decision.at or len(decision.conflict.sides) < 2:
        return None
    kind = effect.kind if effect else "ruling"
    subject: str | None = None
    if kind == "tolerate" and loser:
        subject = _kpi(loser, portfolio)
    elif kind == "retarget" and loser:
        subject = loser if isinstance(portfolio[loser], KeyResult) else None
    elif kind in ("freeze", "fund"):
        subject = next(_initiatives(decision, portfolio), None)
    return Tolerance(
        sides=decision.conflict.sides,
        winner=winner,
        effect=effect,
        subject=subject,
        rule=decision.rule,
        table_hash=decision.table_hash,
        why=decision.why,
        start=decision.at,
        end=end,
    )


def _kpi(side: str, portfolio: Portfolio) -> str | None:
    """The KPI that is judged: the side itself, or what measures it."""
    value = portfolio[side]
    source = series_of(value, portfolio) if isinstance(value, KeyResult | Kpi) else None
    return source.id if isinstance(source, Kpi) else None


def _initiatives(decision: Decision, portfolio: Portfolio) -> Iterator[str]:
    """The initiatives on the path, one end first; then those of its KPIs, the source's first (S15)."""
    source = decision.conflict.witness.get("source")
    path = [portfolio[name] for name in decision.conflict.path if name in portfolio]
    yield from (value.id for value in path if isinstance(value, Initiative))
    kpis = sorted((value for value in path if isinstance(value, Kpi)), key=lambda kpi: kpi.id != source)
    yield from (kpi.initiative for kpi in kpis if kpi.initiative)


def _cycle_end(decision: Decision, portfolio: Portfolio) -> dt.date:
    """The last day of the winner's cycle, else of the loser's, else of the calendar year.

    A KPI's cycle is that of the key results it measures and the objectives it guards: the first to end of
    those under way, else the last.
    """
    sides = [side for side in (decision.winner, decision.loser) if side] or sorted(decision.conflict.sides)
    for side in sides:
        cycles = [portfolio[goal.cycle] for goal in _goals(side, portfolio)]
        if found := _under_way(cycles, decision.at):
            return found
    return _under_way(portfolio.cycles, decision.at, only=True) or dt.date(decision.at.year, 12, 31)


def _under_way(cycles: Iterable[Cycle], at: dt.date, only: bool = False) -> dt.date | None:
    every = list(cycles)
    now = [cycle.end for cycle in every if cycle.start <= at <= cycle.end]
    if now:
        return min(now)
    return None if only else max((cycle.end for cycle in every), default=None)


def _goals(side: str, portfolio: Portfolio) -> Iterator[Objective]:
    value = portfolio[side]
    if isinstance(value, Objective):
        yield value
    elif isinstance(value, KeyResult):
        yield portfolio[value.objective]
    elif isinstance(value, Kpi):
        measured = Relations(portfolio).measured_with.get(side, ())
        yield from (portfolio[result.objective] for result in measured)
        yield from (portfolio[name] for name in value.guards)
