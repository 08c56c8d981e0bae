"""A portfolio and what is known about it into what rules may ask, each answer made when it is asked for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeVar

import attrs
import numpy as np

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.decision import Decision
from okrcore.conflicts.find import find_conflicts
from okrcore.conflicts.resolve import resolve
from okrcore.conflicts.sides import Scene
from okrcore.definitions.calendar import Cycle
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative, Milestone
from okrcore.definitions.links import Link
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.rates import Rates
from okrcore.errors import TableError
from okrcore.governance.observed import newest_modes
from okrcore.history.columns import History
from okrcore.history.facts import AnyHistory
from okrcore.history.journal import Journal
from okrcore.leading.evidence import LinkEvidence
from okrcore.leading.links import assess_links
from okrcore.scoring.evaluate import codes_of, evaluate
from okrcore.scoring.graph import Floats
from okrcore.scoring.moment import When, to_date
from okrcore.scoring.policy import ScoringPolicy
from okrcore.scoring.reading import Reader
from okrcore.scoring.snapshot import Snapshot
from okrcore.scoring.subjects import roster_of

T = TypeVar("T")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Context:
    """What a rule may ask beside the value that it sees.

    `history` and `journal` are None where there is none; a rule that needs one says so and is skipped then.
    What is derived (`snapshot`, `evidence`, `conflicts`, `decisions`, and the look-ups by id) is made when
    it is first asked for, once for all rules.
    """

    portfolio: Portfolio
    as_of: dt.date | dt.datetime
    history: AnyHistory | None = None
    journal: Journal | None = None
    scoring: ScoringPolicy = ScoringPolicy()
    rates: Rates | None = None
    known_at: dt.date | dt.datetime | None = None
    given: Mapping[str, Any] = attrs.field(factory=dict)
    """What the caller has already: "snapshot", "evidence", "conflicts", "decisions"."""
    _counts: dict[tuple[str, ...], Mapping[Any, int]] = attrs.field(factory=dict)

    @property
    def day(self) -> dt.date:
        """The date that is asked for."""
        return to_date(self.when.day)

    @cached_property
    def when(self) -> When:
        """The moment that is asked for."""
        return When.of(self.as_of, self.known_at)

    @cached_property
    def snapshot(self) -> Snapshot:
        """Every goal and KPI judged at the moment; without a history nothing is known of them."""
        if (found := self.given.get("snapshot")) is not None:
            return found  # type: ignore[no-any-return]
        return evaluate(
            self.portfolio,
            History.of() if self.history is None else self.history,
            as_of=self.as_of,
            known_at=self.known_at,
            scoring=self.scoring,
            rates=self.rates,
            journal=self.journal,
        )

    @cached_property
    def evidence(self) -> tuple[LinkEvidence, ...]:
        """What the series say about each link between measures (S9); empty without a history."""
        if (found := self.given.get("evidence")) is not None:
            return tuple(found)
        if self.history is None:
            return ()
        return assess_links(
            self.portfolio, self.history, as_of=self.as_of, known_at=self.known_at, rates=self.rates
        )

    @cached_property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Every conflict that there is (S13); without a history those of the declarations."""
        if (found := self.given.get("conflicts")) is not None:
            return tuple(found)
        return find_conflicts(
            self.portfolio,
            self.history,
            as_of=self.as_of,
            known_at=self.known_at,
            snapshot=None if self.history is None else self.snapshot,
            rates=self.rates,
            scoring=self.scoring,
            journal=self.journal,
        )

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """What the priority table says about each conflict; empty without a table that is proved."""
        if (found := self.given.get("decisions")) is not None:
            return tuple(found)
        if self.portfolio.priorities is None:
            return ()
        try:
            return resolve(self.conflicts, self.portfolio, snapshot=self.snapshot)
        except TableError:  # a finding of its own
            return ()

    @cached_property
    def opening(self) -> Floats:
        """The value of each key result when its cycle began, in the rows of the snapshot; NaN unknown."""
        snapshot = self.snapshot
        roster = roster_of(self.portfolio)
        reader = Reader(snapshot.history, self.when, self.scoring, self.portfolio.units, self.rates)
        codes = codes_of(self.portfolio, roster, snapshot.history).results
        return reader.read(roster.results, codes, np.minimum(roster.results.start, self.when.day)).value

    @cached_property
    def came_in(self) -> Mapping[str, str]:
        """How the newest number of each KPI with a source came in: "pulled", ..., "" unknown; by id."""
        if self.history is None:
            return {}
        names = [kpi.id for kpi in self.portfolio.kpis if kpi.source]
        return newest_modes(self.history, self.when, names)

    @cached_property
    def scene(self) -> Scene:
        """Sides, teams and time, as the search for conflicts sees them."""
        return Scene(self.portfolio, self.when)

    @cached_property
    def key_results_of(self) -> Mapping[str, tuple[KeyResult, ...]]:
        """The key results of each objective that has any, guardrails among them."""
        return _grouped(self.portfolio.key_results, "objective")

    @cached_property
    def contributors_of(self) -> Mapping[str, tuple[Objective, ...]]:
        """The objectives that contribute to each objective that has such."""
        pairs = [(part.to, goal) for goal in self.portfolio.objectives for part in goal.contributes_to]
        return _gathered(pairs)

    @cached_property
    def links_from(self) -> Mapping[str, tuple[Link, ...]]:
        """The links that begin at each id."""
        return _grouped(self.portfolio.links, "source")

    @cached_property
    def links_to(self) -> Mapping[str, tuple[Link, ...]]:
        """The links that end at each id; those to a key result and to the KPI that measures it are apart."""
        return _grouped(self.portfolio.links, "target")

    @cached_property
    def milestones_of(self) -> Mapping[str, tuple[Milestone, ...]]:
        """The milestones of each initiative that has any."""
        return _grouped(self.portfolio.milestones, "initiative")

    @cached_property
    def waiting_for(self) -> Mapping[str, tuple[Milestone, ...]]:
        """The milestones that come after each milestone that any waits for."""
        return _gathered((step.milestone, one) for one in self.portfolio.milestones for step in one.after)

    @cached_property
    def under_way(self) -> tuple[Initiative, ...]:
        """The initiatives that are under way."""
        return tuple(filter(self.is_under_way, self.portfolio.initiatives))

    @cached_property
    def top_cycles(self) -> tuple[Cycle, ...]:
        """The cycles for which a team without a parent has an objective."""
        tops = {team.id for team in self.portfolio.teams if team.parent is None}
        found = {goal.cycle for goal in self.portfolio.objectives if self.scene.team(goal) in tops}
        return tuple(self.portfolio[name] for name in sorted(found))

    @cached_property
    def measured_with(self) -> Mapping[str, tuple[KeyResult, ...]]:
        """The key results that read each KPI."""
        return _grouped([one for one in self.portfolio.key_results if one.measured_by], "measured_by")

    def count(self, part: str, *fields: str) -> Mapping[Any, int]:
        """Return how many definitions of a part of the portfolio ("kpis") hold each value of a field.

        Of several fields each combination of values is counted, as a tuple.
        """
        if (part, *fields) not in self._counts:
            self._counts[part, *fields] = Counter(map(attrgetter(*fields), getattr(self.portfolio, part)))
        return self._counts[part, *fields]

    def is_under_way(self, initiative: Initiative) -> bool:
        """Return whether an initiative is not closed and has started, or, without a start, is decided on."""
        if initiative.start is not None and initiative.stage != "closed":
            return initiative.start <= self.day
        return initiative.stage in {"decided", "implemented"}

    def owned(self, *parts: str) -> bool:
        """Return whether anything of these parts of the portfolio names an owner."""
        return any(name is not None for part in parts for name in self.count(part, "owner"))

    def find(self, id: str | None) -> Any:
        """Return the definition of an id, None where nothing bears it."""
        return self.portfolio[id] if id is not None and id in self.portfolio else None


def _grouped(values: Iterable[T], field: str) -> Mapping[str, tuple[T, ...]]:
    key = attrgetter(field)
    return _gathered((key(value), value) for value in values)


def _gathered(pairs: Iterable[tuple[str, T]]) -> Mapping[str, tuple[T, ...]]:
    found: dict[str, list[T]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in found.items()}
