"""OKR4, rhythm, what does not move: open goals that have not left their own noise (S11.6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from okrcore.definitions.days import to_date
from okrcore.definitions.derived import cycle_of
from okrcore.definitions.measures import Target
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.answered import kin
from okrcore.governance.rule import fault, governance_rule
from okrcore.governance.rules.okr4_rhythm.freshness import LANES
from okrcore.history.entry import Entry
from okrcore.leading.ended_periods import EndedPeriods, ended_periods
from okrcore.monitoring.number_quality import stalled
from okrcore.scoring.goal_states import KeyResultState
from okrcore.scoring.scoring_policy import ACHIEVED, STATUSES

_FIRST = dt.date(2026, 4, 12)


def _weeks(*values: float) -> list[tuple[str, str, float]]:
    return [
        ("throughput", str(_FIRST + dt.timedelta(weeks=week)), value) for week, value in enumerate(values)
    ]


_STILL = _weeks(10300, 10420, 10390, 10310, 10400, 10330, 10380, 10360, 10320, 10410, 10350, 10370)


@governance_rule(
    "OKR431",
    needs="history",
    fix="decide what is to move it, by whom and by when, and record it as an adjustment; or change the goal",
    passes=Example(
        LANES,
        observations=_STILL,
        entries=[Entry("adjustment", "throughput", "coo", "2026-06-12", changes=["two lanes a week"])],
    ),
    fails=Example(LANES, observations=_STILL, entries=[]),
)
def open_goal_moves(state: KeyResultState, context: Context, *, periods: int = 8) -> Iterator[Finding]:
    """A key result under way leaves its own noise within 8 periods, or somebody says what is to move it.

    Stagnation is quiet: no week is worse than the one before, and after half a year nothing has happened.
    Asked are targets that are not achieved and whose latest or mean value is read; the last 8 ended periods
    have stalled where neither their later half nor a line through them differs by more than 2 standard
    errors of their moving ranges. An adjustment with changes in these periods answers it.
    """
    result = state.goal
    cycle = cycle_of(result, context.portfolio)
    if not isinstance(result.measure, Target) or result.aggregate not in ("latest", "mean"):
        return
    if not context.is_running(cycle) or state.status == STATUSES[ACHIEVED] or context.history is None:
        return
    found = context.once(_targets).get(result.id)
    if found is None:
        return
    doubt = stalled(found.values, periods=periods)
    if doubt is None:
        return
    since = to_date(found.edges[doubt.at])
    changed = (
        one for name in kin(context, result.id) for one in context.entries(name, "adjustment") if one.changes
    )
    if since >= cycle.start and not any(context.day_of(one.at) >= since for one in changed):
        yield fault(doubt.what, since=since, n=doubt.n, progress=state.progress)


def _targets(context: Context) -> Mapping[str, EndedPeriods]:
    """The ended periods of all key results with a target, read at once."""
    assert context.history is not None
    ids = [one.id for one in context.portfolio.key_results if isinstance(one.measure, Target)]
    return ended_periods(
        context.portfolio, context.history, ids, as_of=context.as_of, known_at=context.known_at,
        rates=context.rates, journal=context.journal,
    )  # fmt: skip
