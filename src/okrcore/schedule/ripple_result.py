"""Hold what slips do: impacts, absorbed teams, what goals lose, clocks, slacks; each when it is asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs
import numpy as np

from okrcore.declarations.declared_versions import Declarations
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import Rows, Table, card, fragment
from okrcore.display.notebook import table_listing
from okrcore.history.backends import AnyHistory
from okrcore.history.journal import Journal
from okrcore.public_form import headed
from okrcore.schedule.clocks import clocks_of
from okrcore.schedule.delays import DatedPlan, Delays
from okrcore.schedule.goal_deltas import Delta, goal_deltas
from okrcore.schedule.impacts import Clock, Impact
from okrcore.schedule.misses import InForce, misses, plans_in_force
from okrcore.schedule.network import MilestoneNetwork
from okrcore.schedule.plan_dates import Freezes, dates_of
from okrcore.schedule.row_impacts import RowImpacts
from okrcore.schedule.slacks import Slacks, critical_chains, slacks
from okrcore.schedule.working_lags import Days
from okrcore.scoring.as_of import When

MOST_CHAINS = 100
"""How many chains are told where there are more."""


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Ripple:
    """What slips do to a portfolio's milestones, at a moment; made by `ripple`.

    `impacts`, `absorbed`, `goal_deltas`, `clocks` and `schedule` say it; all the rest is what it was made
    from. Two are equal where they say the same.
    """

    portfolio: Portfolio
    declarations: Declarations | None
    when: When
    history: AnyHistory | None
    journal: Journal | None
    network: MilestoneNetwork
    plan: DatedPlan
    slips: Days
    delays: Delays
    observed: Mapping[str, int]
    still: Freezes

    @property
    def as_of(self) -> dt.date | dt.datetime:
        """The moment that is looked at."""
        return self.when.as_of

    @cached_property
    def impacts(self) -> Rows[Impact]:
        """What reaches each milestone: the longest delays first, then what bites first, then by id.

        What is late itself, what waits for something late, and what a buffer takes the whole delay of; what
        is done is listed where it was late.
        """
        found = map(self._rows.impact, self._rows.told)
        return Rows(sorted(found, key=lambda one: (-one.delay_days, one.bites_in, one.subject)))

    @cached_property
    def absorbed(self) -> tuple[str, ...]:
        """The teams that a delay reaches and whose buffers take all of it, by id; they owe nothing."""
        hit = {one.team for one in self.impacts if not one.absorbed}
        return tuple(sorted({one.team for one in self.impacts if one.team} - hit))

    @cached_property
    def goal_deltas(self) -> Mapping[str, Delta]:
        """The score of each goal that a delay reaches, as planned and as delayed; None: unknown."""
        return goal_deltas(self.portfolio, self.network, self.plan, self.delays, self.history, self.when)

    @cached_property
    def clocks(self) -> Rows[Clock]:
        """What each team that a missed milestone reaches is owed and owes, by when it was missed."""
        if self.declarations is None:
            now = self.when.instant(self.when.zone) + 1
            forces: Iterator[InForce] = iter(
                [InForce(self.portfolio, self.network, self.plan, -(2**62), now)]
            )
        else:
            over = np.flatnonzero(self.plan.fixed).tolist()
            done = {self.network.ids[row]: int(self.plan.over[row]) for row in over}
            forces = plans_in_force(self.declarations, self.history, self.when, {**self.observed, **done})
        entries = () if self.journal is None else self.journal.entries(until=self.as_of, zone=self.when.zone)
        slips = {self.network.ids[row]: float(self.slips[row]) for row in np.flatnonzero(self.slips)}
        return Rows(clocks_of(misses(forces, self.when), slips, entries, self.when))

    @property
    def schedule(self) -> Table:
        """One row a milestone, by id: planned start and finish, latest start, slacks in days, and delays."""
        slack, plan, late = self.slacks, self.plan, self.delays
        names = np.array(self.network.ids, dtype=object)
        table = Table(
            {
                "id": names,
                "start": dates_of(plan.start),
                "finish": dates_of(plan.finish),
                "latest_start": dates_of(slack.latest_start),
                "total_slack": slack.total,
                "free_slack": slack.free,
                "critical": slack.critical,
                "delay": late.finish,
                "breach": np.maximum(plan.finish + late.finish - plan.due, 0.0),
                "done": dates_of(plan.over),
            }
        )
        return table.take(np.argsort(names))

    @cached_property
    def slacks(self) -> Slacks:
        """Latest start and slacks of each row, counted to the last planned finish."""
        return slacks(self.network, self.plan.start, self.plan.finish)

    @property
    def critical(self) -> tuple[tuple[str, ...], ...]:
        """The critical chains, all ties, of ids in order; at most 100."""
        dates = self.plan.start, self.plan.finish
        return tuple(critical_chains(self.network, *dates, self.slacks, MOST_CHAINS))

    def impact(self, id: str) -> Impact:
        """Return what reaches one milestone; raises UnknownIdError where nothing does, or `id` is none's."""
        return self._rows.impact(self._rows.row(id))

    def chains(self, id: str, most: int = MOST_CHAINS) -> tuple[tuple[str, ...], ...]:
        """Return at most `most` chains that explain a delay, all ties: ids, cause first.

        Raises UnknownIdError where nothing reaches `id`.
        """
        return tuple(sorted(self._rows.chains(self._rows.row(id), most)))

    def as_plain(self) -> dict[str, Any]:
        """Return the public form, as `okrcore ripple --format json` gives it."""
        return headed(
            "ripple",
            as_of=self.as_of,
            known_at=self.when.known,
            impacts=self.impacts,
            absorbed=self.absorbed,
            goal_deltas=self.goal_deltas,
            clocks=self.clocks,
            critical=self.critical,
            schedule=self.schedule,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ripple):
            return NotImplemented
        return self is other or (self.when == other.when and _said(self) == _said(other))

    def __hash__(self) -> int:
        return hash((self.when, len(self.network.ids)))

    def __repr__(self) -> str:
        late = sum(not one.absorbed for one in self.impacts)
        return f"<Ripple of {late} delayed milestones as of {self.as_of}>"

    def _repr_html_(self) -> str:
        from okrcore.schedule.ripple_text import summary

        moment = str(self.as_of)
        impacts = table_listing(self.impacts.table.data, "milestones", worst_first=True)
        owed = table_listing(self.clocks.table.data, "clocks", worst_first=True)
        shown = [*card("ripple", moment, sentence=summary(self)), impacts, owed]
        return fragment(f"ripple {moment}", shown, wide=True)

    def __str__(self) -> str:
        from okrcore.schedule.ripple_text import lines

        return "\n".join(lines(self))

    @cached_property
    def _rows(self) -> RowImpacts:
        return RowImpacts(
            portfolio=self.portfolio,
            declarations=self.declarations,
            today=self.when.day,
            network=self.network,
            plan=self.plan,
            slips=self.slips,
            delays=self.delays,
            still=self.still,
        )


def _said(one: Ripple) -> tuple[Any, ...]:
    return one.impacts, one.goal_deltas, one.clocks, one.schedule
