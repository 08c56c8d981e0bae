"""Score amendments: what each did to the score of its goal at its moment (S21.3)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from okrcore.declarations.amendment import Amendment
from okrcore.declarations.declared_versions import Declarations
from okrcore.declarations.version import Version
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.moments import AsOf
from okrcore.history.backends import AnyHistory
from okrcore.history.journal import Journal
from okrcore.scoring.evaluation import evaluate
from okrcore.scoring.goal_states import KeyResultState, ObjectiveState
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.scoring.snapshot import Snapshot
from okrcore.units.rates import Rates


def score_amendments(
    declarations: Declarations,
    history: AnyHistory,
    *,
    since: AsOf | None = None,
    until: AsOf | None = None,
    known_at: AsOf | None = None,
    scoring: ScoringPolicy = ScoringPolicy(),
    rates: Rates | None = None,
    journal: Journal | None = None,
) -> tuple[Amendment, ...]:
    """Return the amendments from `since` to `until` with the score of each goal before and after.

    Both scores are of the moment of the amendment, by what was known then: the same numbers under the older
    version and under the newer one, so that they differ by nothing but the amendment. None for what is no
    goal, has no number, or is not there on that side. `known_at` leaves out versions that were not known.
    Cost: two evaluations a version that changed a goal.

    >>> import okrcore as okr
    >>> goal = okr.Objective(id="sort", title="Sort faster", cycle="2026")
    >>> def firm(aim):
    ...     share = okr.KeyResult(id="share", objective="sort", title="Share", measure=okr.Target(90, aim))
    ...     return okr.Portfolio.of(okr.Cycle.year(2026), goal, share)
    >>> declared = okr.Declarations.of(("2026-01-01", firm(98)), ("2026-05-04", firm(94)))
    >>> history = okr.History.of([okr.Observation("share", "2026-04-30", 92)])
    >>> [(one.subject, one.score_before, one.score_after) for one in score_amendments(declared, history)]
    [('share', 0.25, 0.5)]
    """
    found: list[Amendment] = []
    for before, after in declarations.steps(since, until, known_at):
        amendments = after.amendments(before)
        goals = {one.id for side in (before, after) for one in _goals(side)}
        if not any(one.subject in goals for one in amendments):
            found += amendments
            continue
        sides = (
            evaluate(
                one.portfolio, history, as_of=after.at, known_at=after.at, scoring=scoring, rates=rates,
                journal=journal,
            )
            for one in (before, after)
        )  # fmt: skip
        found += _scored(amendments, *sides)
    return tuple(found)


def _goals(version: Version) -> Iterator[KeyResult | Objective]:
    yield from version.portfolio.objectives
    yield from version.portfolio.key_results


def _scored(amendments: tuple[Amendment, ...], before: Snapshot, after: Snapshot) -> Iterator[Amendment]:
    older = {one.subject: str(one.before) for one in amendments if one.field == "id"}
    for one in amendments:
        yield attrs.evolve(
            one,
            score_before=_score(before, older.get(one.subject, one.subject)),
            score_after=_score(after, one.subject),
        )


def _score(snapshot: Snapshot, subject: str) -> float | None:
    if subject not in snapshot:
        return None
    state = snapshot[subject]
    return state.score if isinstance(state, KeyResultState | ObjectiveState) else None
