"""Judge an initiative twice: is the work done, and does it move what it is meant to move? (S5.7)"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Mapping, Sequence
from operator import attrgetter

import attrs
import numpy as np

from okrcore.definitions.days import day_number, to_date
from okrcore.definitions.derived import span_of
from okrcore.definitions.digraph import by_field
from okrcore.definitions.initiatives import Initiative, Milestone
from okrcore.definitions.links import Link
from okrcore.definitions.measures import direction_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.frozen import FrozenDict
from okrcore.history.backends import MeasureCodes
from okrcore.scoring import kernels
from okrcore.scoring.goal_states import InitiativeState, Statuses
from okrcore.scoring.graph import comparable
from okrcore.scoring.measure_columns import known
from okrcore.scoring.milestones_done import done_ids
from okrcore.scoring.observed import Reader
from okrcore.scoring.reading import Reading
from okrcore.scoring.roster import Roster
from okrcore.scoring.scoring_policy import ACHIEVED, STATUSES, ScoringPolicy, Status
from okrcore.scoring.snapshot_columns import ResultColumns
from okrcore.scoring.tolerated import GOING, Standstill, standstills

Way = tuple[float, float]
"""The share of the way gone, and the share that is due."""
Span = tuple[dt.date | None, dt.date | None]
"""The first and the last day of an initiative."""
_UNKNOWN: Way = (np.nan, np.nan)


def initiative_states(
    portfolio: Portfolio,
    roster: Roster,
    results: ResultColumns,
    kpis: Reading,
    reader: Reader,
    codes: MeasureCodes,
    before: Mapping[str, InitiativeState] = FrozenDict(),
    changed: Container[str] = (),
) -> Mapping[str, InitiativeState]:
    """Return the state of every initiative, by id.

    Those in `before` with none of the `changed` milestones, and links to none of the `changed` goals and
    KPIs, stay as they are, unless something tolerates that work stands still.
    """
    if not portfolio.initiatives:
        return FrozenDict()
    by_id = attrgetter("id")
    milestones = by_field(sorted(portfolio.milestones, key=by_id), "initiative")
    links = by_field(sorted(portfolio.links, key=by_id), "source")
    ways = _Ways(roster, results, kpis, reader, codes)
    frozen = standstills(portfolio, reader) if portfolio.tolerances else {}
    done = done_ids(portfolio, reader.asked) if portfolio.milestones else frozenset()
    states = {}
    for one in portfolio.initiatives:
        own = links.get(one.id, ())
        read = [*(link.target for link in own), *(step.id for step in milestones.get(one.id, ()))]
        if one.id in before and not portfolio.tolerances and not any(name in changed for name in read):
            states[one.id] = before[one.id]
            continue
        still = frozen.get(one.id, GOING)
        states[one.id] = _state(one, milestones.get(one.id, ()), own, ways, still, done)
    return FrozenDict(states)


def _state(
    initiative: Initiative,
    milestones: Sequence[Milestone],
    links: Sequence[Link],
    ways: _Ways,
    still: Standstill,
    done: Container[str],
) -> InitiativeState:
    policy = ways.reader.policy
    day = ways.reader.when.day - still.days  # what is due by then (S15)
    span = span_of(initiative, milestones)
    work, value = _work(milestones, done, day), _value(links, span, ways, day)
    over = span[1] is not None and day > day_number(span[1])
    return InitiativeState(
        goal=initiative,
        implementation=known(work[0]),
        value=known(value[0]),
        statuses=Statuses(_status(work, over, policy), _status(value, over, policy)),
        freeze=still.freeze,
        frozen_days=still.days,
    )


def _status(way: Way, over: bool, policy: ScoringPolicy) -> Status:
    gone, due = np.array([way[0]]), np.array([way[1]])
    no = np.array([False])
    codes = kernels.judge(
        progress=gone,
        score=gone,
        expected=due,
        enough=np.ones(1),
        planned=no,
        banded=no,
        waiting=no,
        over=np.array([over]),
        silent=np.isnan(gone),
        policy=policy,
    )
    return STATUSES[int(codes[0])]


def _work(milestones: Sequence[Milestone], done: Container[str], day: int) -> Way:
    """Return the share of milestone weight that is done and due by `day`; unknown without milestones."""
    given = np.array([milestone.weight for milestone in milestones], dtype=np.float64)
    weight = comparable(given, np.zeros(len(given), dtype=np.int64), 1)
    gone = [m.id in done for m in milestones]
    due = [day_number(m.finish or m.due) <= day for m in milestones]
    total = np.array([weight.sum()])
    shares = [kernels.share(np.array([weight[held].sum()]), total)[0] for held in (gone, due)]
    return float(shares[0]), float(shares[1])


def _value(links: Sequence[Link], span: Span, ways: _Ways, day: int) -> Way:
    """Return the |w|-weighted, sign-adjusted share of the way of what is linked, over those with data."""
    found = [(link, *ways.of(link.target, span, day)) for link in links]
    weighed = [(link, gone, due) for link, gone, due in found if not np.isnan(gone)]
    total = np.array([sum(abs(link.weight) for link, _, _ in weighed)])
    gone = sum(abs(link.weight) * link.sign * raw for link, raw, _ in weighed)
    due = sum(abs(link.weight) * share for link, _, share in weighed)
    return float(kernels.share(np.array([gone]), total)[0]), float(kernels.share(np.array([due]), total)[0])


@attrs.frozen
class _Ways:
    """Looks up how far a linked measure has gone, in raw direction: up is positive, one is the whole way."""

    roster: Roster
    results: ResultColumns
    kpis: Reading
    reader: Reader
    codes: MeasureCodes

    def of(self, target: str, span: Span, day: int) -> Way:
        if target in self.roster.compiled.result_rows:
            return self._result(self.roster.compiled.result_rows[target])
        return self._kpi(self.roster.columns.rows[target], span, day)

    def _result(self, row: int) -> Way:
        if self.results.status[row] > ACHIEVED:
            return _UNKNOWN
        better = direction_of(self.roster.compiled.results[row].measure) or 1  # a closed band: up
        return better * float(self.results.progress[row]), float(self.results.expected[row])

    def _kpi(self, row: int, span: Span, day: int) -> Way:
        """Return the way from the value at the initiative's start to the target; unknown if met by then."""
        kpi = self.roster.columns.kpis[row]
        asked = kpi.bands_at(to_date(day)).target
        begun, ended = span
        if begun is None or asked is None or kpi.direction is None:
            return _UNKNOWN
        goal = asked.low if kpi.direction == "higher" else asked.high
        first = day_number(begun)
        start = self.reader.value_on(self.roster.kpis, row, self.codes, first)
        if goal is None or np.isnan(start) or (goal - start) * (1 if kpi.direction == "higher" else -1) <= 0:
            return _UNKNOWN
        value, origin, length = (np.array([x]) for x in (self.kpis.value[row], start, abs(goal - start)))
        due = 0.0
        if ended is not None:
            now, begin, end = (np.array([float(x)]) for x in (day, first, day_number(ended)))
            due = float(kernels.elapsed(now, begin, end, self.reader.policy)[0])
        return float(kernels.way(value, origin, length)[0]), due
