"""Find which milestones were missed, on the plan that was in force at their due dates (S17.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import attrs
import numpy as np

from okrcore.declarations.declared_versions import Declarations
from okrcore.declarations.version import begin_of
from okrcore.definitions.days import end_of_day, to_microseconds
from okrcore.definitions.derived import team_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.history.backends import AnyHistory
from okrcore.history.instants import end_of
from okrcore.schedule.delays import DatedPlan
from okrcore.schedule.network import MilestoneNetwork, network_of
from okrcore.schedule.plan_dates import freezes, plan_at
from okrcore.scoring.as_of import When

_EVER = -(2**62)


@attrs.frozen(eq=False)
class InForce:
    """A plan that was in force from one instant to before another, in microseconds since 1970."""

    portfolio: Portfolio
    network: MilestoneNetwork
    plan: DatedPlan
    since: int
    until: int

    @cached_property
    def teams(self) -> tuple[str | None, ...]:
        """The team of each milestone, by row."""
        return tuple(team_of(one, self.portfolio) for one in self.network.milestones)


@attrs.frozen(eq=False)
class Miss:
    """A milestone that was not done at the end of its due date, on the plan in force then."""

    row: int
    missed_at: int
    force: InForce

    @property
    def milestone(self) -> str:
        """The id of the milestone."""
        return self.force.network.ids[self.row]


def plans_in_force(
    declared: Declarations, history: AnyHistory | None, when: When, observed: Mapping[str, int]
) -> Iterator[InForce]:
    """Yield the plan of each version that was known by the moment, in order of time.

    `observed` gives the day of what is done, whichever version says so.
    """
    now = when.instant(when.zone)
    known = None if when.known is None else end_of(when.known)
    versions = sorted(
        (one for one in declared if known is None or begin_of(one.recorded_at) <= known),
        key=lambda one: begin_of(one.at),
    )
    begins = [to_microseconds(begin_of(one.at)) for one in versions]
    for one, since, until in zip(versions, [_EVER, *begins[1:]], [*begins[1:], now + 1], strict=True):
        if since > now:
            return
        network = network_of(one.portfolio)
        plan = plan_at(network, when, observed, freezes(one.portfolio, history, when))
        yield InForce(one.portfolio, network, plan, since, min(until, now + 1))


def misses(forces: Iterable[InForce], when: When) -> Iterator[Miss]:
    """Yield every miss, by version and id; one that was missed, re-dated and missed again twice.

    What a version moves out of sight of a due date that was not over yet is no miss; what it moves, re-dates
    or leaves out afterwards stays one.
    """
    gone: frozenset[str] = frozenset()  # missed in the version before
    declared: Mapping[str, int] = {}
    for force in forces:
        plan, network = force.plan, force.network
        late = np.flatnonzero((plan.due <= when.day) & (plan.over > plan.due)).tolist()
        ends = {network.ids[row]: end_of_day(int(plan.due[row]), when.zone) for row in late}
        over = {name: end for name, end in ends.items() if end < force.until}
        for name in sorted(over):
            end = over[name]
            if end >= force.since or name not in declared:
                yield Miss(network.rows[name], end, force)
            elif name not in gone:  # its due date was moved into the past
                yield Miss(network.rows[name], force.since, force)
        gone, declared = frozenset(over), network.rows
