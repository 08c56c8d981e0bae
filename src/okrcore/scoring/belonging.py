"""Check that a snapshot given to a function is of the portfolio and the moment that it is asked about."""

from __future__ import annotations

from okrcore.definitions.moments import AsOf, parse_as_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import DefinitionError, Problem, raise_all
from okrcore.scoring.as_of import When
from okrcore.scoring.snapshot import Snapshot


def check_belongs(
    snapshot: Snapshot,
    portfolio: Portfolio,
    *,
    as_of: AsOf | None = None,
    known_at: AsOf | None = None,
    path: str = "snapshot",
) -> None:
    """Raise DefinitionError where a snapshot is of another portfolio, or of another moment than `as_of`.

    The same object, else an equal one, is the same portfolio. Two instants are one moment whatever offset
    they are written in. `as_of` None asks nothing of the moment, `known_at` None nothing of what was known.
    """
    problems = []
    if not isinstance(snapshot, Snapshot):
        kind = type(snapshot).__name__
        raise DefinitionError(f"{path} is of type {kind}, but must be a Snapshot; give what evaluate returns")
    if snapshot.portfolio is not portfolio and snapshot.portfolio != portfolio:
        problems.append(f"{path} is of another portfolio, but must be of the one given; evaluate that one")
    if as_of is not None:
        asked = parse_as_of(as_of)
        if asked != snapshot.as_of:
            said = f"{path} is of {snapshot.as_of.isoformat()}, but must be of {asked.isoformat()}"
            problems.append(f"{said}; evaluate at that moment")
        if (
            known_at is not None
            and When.of(as_of, known_at, portfolio.calendar.timezone).known_at != snapshot.when.known_at
        ):
            problems.append(f"{path} knows what another known_at knew; evaluate with known_at={known_at!r}")
    raise_all([Problem(text, path, kind=DefinitionError) for text in problems])
