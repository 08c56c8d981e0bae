"""Explain the conflicts that something is a side of, and the decision that covers each (S13, S15)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from okrcore.conflicts.conflict import Conflict, in_order
from okrcore.conflicts.decision import Decision
from okrcore.definitions.days import DAY
from okrcore.definitions.derived import team_of
from okrcore.definitions.digraph import grouped
from okrcore.definitions.tolerances import Tolerance
from okrcore.explanations.explanation import Explanation, ExplanationNotes
from okrcore.explanations.sources_of_value import Ground
from okrcore.frozen import FrozenDict
from okrcore.priorities.s_feel_literals import read

HOUR = DAY // 24


@attrs.frozen(eq=False)
class KnownConflicts:
    """Conflicts by each of their sides, and decisions by the id of their conflict."""

    of: Mapping[str, tuple[Conflict, ...]]
    decided: Mapping[str, Decision]

    @classmethod
    def among(cls, conflicts: Iterable[Conflict], decisions: Iterable[Decision]) -> KnownConflicts:
        """Return the conflicts, those that decisions are about among them, hardest first within a kind."""
        decided = {one.conflict.id: one for one in decisions}
        every = in_order([*(one.conflict for one in decided.values()), *conflicts])
        return cls(
            FrozenDict(grouped((side, one) for one in every for side in one.sides)), FrozenDict(decided)
        )


def conflict_steps(ground: Ground, known: KnownConflicts, id: str, told: set[str]) -> Iterator[Explanation]:
    """Yield a step for each conflict that something is a side of and that was not `told` yet."""
    for conflict in known.of.get(id, ()):
        if conflict.id in told:
            continue
        told.add(conflict.id)
        notes = ExplanationNotes()
        others = [_whose(ground, one) for one in conflict.sides if one != id]
        since, degree = notes.day("since", conflict.since), notes.number("degree", conflict.degree, digits=2)
        notes.say(f"It stands against {' and '.join(others)} since {since}, by degree {degree}")
        below = list(_decisions(ground, known, conflict))
        if not below:
            notes.say("No decision covers it")
        yield notes.explanation(conflict.id, "conflict", title=conflict.sentence, children=below)


def _whose(ground: Ground, id: str) -> str:
    portfolio = ground.snapshot.portfolio
    team = team_of(portfolio[id], portfolio) if id in portfolio else None
    return f"{id} of team {team}" if team else id


def _decisions(ground: Ground, known: KnownConflicts, conflict: Conflict) -> Iterator[Explanation]:
    """Yield the decision on a conflict that is given, and those between its sides that are in force."""
    made = known.decided.get(conflict.id)
    if made is not None:
        yield _decided(made)
    for one in ground.snapshot.portfolio.tolerances:
        if set(one.sides) == set(conflict.sides) and one.holds(ground.today):
            yield _in_force(one)


def _decided(made: Decision) -> Explanation:
    notes = ExplanationNotes()
    by = f"Rule {made.rule}" if made.rule else "The default of the priority table"
    since = notes.day("since", made.since)
    if made.winner is None:
        notes.say(f"No rule decides it, since {since}")
    else:
        notes.say(f"{by} decides for {made.winner} over {made.loser}, since {since}")
    if made.escalate is not None:
        hours = notes.number("within", float(read("duration", made.escalate.within)) / HOUR)
        notes.say(f"It is put to {made.escalate.to}, to be decided within {hours} hours")
    return notes.explanation(made.conflict.id, "decision", title=made.why)


def _in_force(held: Tolerance) -> Explanation:
    notes = ExplanationNotes()
    by = f"rule {held.rule}" if held.rule else "the default of the priority table"
    start, end = notes.day("start", held.start), notes.day("end", held.end)
    if held.winner is None:
        to = held.effect.escalate.to if held.effect and held.effect.escalate else "somebody"
        notes.say(f"In force from {start} to {end}: it was put to {to}")
    else:
        notes.say(f"In force from {start} to {end}, by {by}: {held.loser} gives way to {held.winner}")
    return notes.explanation(held.id, "decision", title=held.why)
