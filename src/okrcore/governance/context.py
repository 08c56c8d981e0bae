"""A portfolio and what is known about it into what rules may ask, each answer made when it is asked for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeVar

import attrs
import numpy as np

from okrcore.conflicts.conflict import KINDS as CONFLICTS
from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.decision import Decision
from okrcore.conflicts.find import find_conflicts
from okrcore.conflicts.past import Past
from okrcore.conflicts.reach import Reach
from okrcore.conflicts.resolve import proof_of, resolve
from okrcore.conflicts.sides import Scene
from okrcore.conflicts.tables.report import TableReport
from okrcore.definitions.calendar import Cycle
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative, Milestone
from okrcore.definitions.links import Link
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.rates import Rates
from okrcore.definitions.tolerances import Tolerance
from okrcore.errors import TableError
from okrcore.governance.observed import newest_modes
from okrcore.governance.recorded import Recorded
from okrcore.history.columns import History
from okrcore.history.entry import Entry
from okrcore.history.facts import AnyHistory
from okrcore.history.journal import Journal
from okrcore.leading.evidence import LinkEvidence
from okrcore.leading.links import assess_links
from okrcore.leading.multiplicity import benjamini_hochberg
from okrcore.leading.signals import read_signals
from okrcore.scoring.evaluate import codes_of, evaluate
from okrcore.scoring.graph import Floats
from okrcore.scoring.moment import When, to_date
from okrcore.scoring.policy import ScoringPolicy
from okrcore.scoring.reading import Reader
from okrcore.scoring.snapshot import Snapshot
from okrcore.scoring.subjects import roster_of

K = TypeVar("K")
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
    derived: dict[str, Any] = attrs.field(factory=dict)
    """Room for what rules find once for all that they look at."""
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
    def past(self) -> Past:
        """The snapshots of earlier days, each by what was known then; made one by one."""
        return Past(
            portfolio=self.portfolio,
            history=History.of() if self.history is None else self.history,
            when=self.when,
            known_at=self.known_at,
            scoring=self.scoring,
            rates=self.rates,
            journal=self.journal,
            now=self.snapshot,
        )

    @cached_property
    def recorded(self) -> Recorded:
        """The single records of the history: by whom, from where and when; none of a frame."""
        return Recorded.of(self.history, self.when)

    def entries(self, subject: str | None = None, kind: str | None = None) -> tuple[Entry, ...]:
        """Return what was answered by the moment, in order of time; empty without a journal."""
        return () if self.journal is None else self.journal.entries(subject, kind, until=self.as_of)

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

    @cached_property
    def open_goals(self) -> frozenset[str]:
        """The objectives whose cycle has not ended."""
        ended = {cycle.id for cycle in self.portfolio.cycles if cycle.end < self.day}
        return frozenset(goal.id for goal in self.portfolio.objectives if goal.cycle not in ended)

    @cached_property
    def leading(self) -> frozenset[str]:
        """The measures that a link of some weight leads to from another KPI."""
        return self._linked(frozenset(kpi.id for kpi in self.portfolio.kpis))

    @cached_property
    def worked_on(self) -> frozenset[str]:
        """The measures that a link of some weight leads to from an initiative."""
        return self._linked(frozenset(one.id for one in self.portfolio.initiatives))

    @cached_property
    def reach(self) -> Reach:
        """What leads to what, as the search for conflicts sees it."""
        return Reach.of(self.scene)

    @cached_property
    def reaching(self) -> frozenset[str]:
        """All with a path to an objective whose cycle has not ended."""
        return self.reach.to(self.open_goals)

    @cached_property
    def moved(self) -> frozenset[str]:
        """The measures that an initiative under way, or a KPI that names one, has a path to."""
        work = self.scene.initiatives
        return self.reach.onward([*work, *(kpi.id for kpi in self.portfolio.kpis if kpi.initiative in work)])

    @cached_property
    def breaks(self) -> Mapping[str, dt.date]:
        """The day from which each end of a link is compared, where its definition changed (S8.4)."""
        if self.history is None:
            return {}
        ends = [end for one in self.portfolio.links for end in (one.source, one.target)]
        found = read_signals(
            self.portfolio, self.history, ends, as_of=self.as_of, known_at=self.known_at, rates=self.rates
        )
        return {name: signal.broken for name, signal in found.items() if signal.broken is not None}

    @cached_property
    def decayed(self) -> Mapping[str, dt.date]:
        """The day from which each link is without the evidence that it had, where that is known (S9.6)."""
        return {
            one.link: one.decayed_at
            for one in self.evidence
            if one.verdict == "decayed" and one.link and isinstance(one.decayed_at, dt.date)
        }

    @cached_property
    def opposed_q(self) -> Mapping[str, float]:
        """How sure the opposite sign of each tested link is, corrected for all that were tested (S9.5)."""
        tested = [one for one in self.evidence if one.n and one.link]
        _, adjusted = benjamini_hochberg(np.array([one.p_opposite for one in tested]))
        return {one.link: q for one, q in zip(tested, adjusted.tolist(), strict=True) if one.link}

    @cached_property
    def first_between(self) -> Mapping[tuple[str, ...], Conflict]:
        """The conflict that counts of those between the same sides: the first of its kind (S15)."""
        found: dict[tuple[str, ...], Conflict] = {}
        for conflict in sorted(self.conflicts, key=lambda one: (CONFLICTS.index(one.kind), one.id)):
            found.setdefault(tuple(sorted(conflict.sides)), conflict)
        return found

    @cached_property
    def decision_of(self) -> Mapping[str, Decision]:
        """What the priority table says about each conflict, by the conflict's id."""
        return {one.conflict.id: one for one in self.decisions}

    def started(self, link: Link) -> dt.date | None:
        """Return where the cycle that a link counts in starts: its target's; None where none is under way."""
        target = self.find(link.target)
        if isinstance(target, KeyResult):
            first, last = self.scene.span(target)
            return first if first <= self.day <= last else None
        around = [cycle for cycle in self.portfolio.cycles if cycle.start <= self.day <= cycle.end]
        return self.scene.cycle_start() if around else None

    def speaks_for_its_sides(self, conflict: Conflict) -> bool:
        """Return whether a conflict is the one that counts between its sides, so that a pair is told once."""
        first = self.first_between.get(tuple(sorted(conflict.sides)), conflict)
        return first.id == conflict.id

    def undecided(self, conflict: Conflict) -> str | None:
        """Return why no rule decides a conflict; None where one does, or where that cannot be told."""
        if self.portfolio.priorities is None:
            return "there is no priority table"
        if self.history is None and self.given.get("decisions") is None:
            return None
        decision = self.decision_of.get(conflict.id)
        if decision is None:
            return "the priority table is not verified"
        if decision.rule is not None:
            return None
        return "only the default does" if decision.winner is not None else decision.why

    @cached_property
    def proof(self) -> tuple[str, TableReport]:
        """Hash and proof of the priority table; "" and an empty report where there is none."""
        table = self.portfolio.priorities
        return ("", TableReport()) if table is None else proof_of(table, self.portfolio)

    @cached_property
    def tolerances_between(self) -> Mapping[tuple[str, ...], tuple[Tolerance, ...]]:
        """What was decided between the same sides, the last to end last."""
        ordered = sorted(self.portfolio.tolerances, key=lambda one: (one.end, one.start, one.id))
        return _gathered((one.sides, one) for one in ordered)

    def _linked(self, sources: Container[str]) -> frozenset[str]:
        measure = self.scene.measure
        ends = ((one.source, measure(one.target)) for one in self.portfolio.links if one.weight > 0)
        return frozenset(target for source, target in ends if source in sources and source != target)

    def find(self, id: str | None) -> Any:
        """Return the definition of an id, None where nothing bears it."""
        return self.portfolio[id] if id is not None and id in self.portfolio else None


def _grouped(values: Iterable[T], field: str) -> Mapping[str, tuple[T, ...]]:
    key = attrgetter(field)
    return _gathered((key(value), value) for value in values)


def _gathered(pairs: Iterable[tuple[K, T]]) -> Mapping[K, tuple[T, ...]]:
    found: dict[K, list[T]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in found.items()}
