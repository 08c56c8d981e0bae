"""Answer what rules ask of a portfolio and what is known about it, each answer made when it is asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeVar

import attrs

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.decision import Decision
from okrcore.conflicts.earlier import Past
from okrcore.conflicts.find import conflicts_in
from okrcore.conflicts.resolution import proof_of, resolve
from okrcore.conflicts.sides import Scene
from okrcore.declarations.declared_versions import Declarations
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.days import day_in, to_date
from okrcore.definitions.digraph import grouped
from okrcore.definitions.moments import AsOf, parse_as_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.pursued import idle_goals, pursued
from okrcore.definitions.relations import Relations
from okrcore.errors import TableError
from okrcore.frozen import FrozenDict
from okrcore.governance.definition_index import Index
from okrcore.governance.records.single_records import Recorded
from okrcore.history.backends import AnyHistory
from okrcore.history.entry import Entry
from okrcore.history.history import History
from okrcore.history.journal import Journal
from okrcore.leading.declared_links import assess_links
from okrcore.leading.evidence import LinkEvidence
from okrcore.priorities.table_report import TableReport
from okrcore.schedule.ripple_result import Ripple
from okrcore.schedule.rippling import ripple
from okrcore.scoring.as_of import When
from okrcore.scoring.closings import closings_at, taken_out
from okrcore.scoring.evaluation import evaluate
from okrcore.scoring.milestones_done import done_day, observed_days
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.scoring.snapshot import Snapshot
from okrcore.units.rates import Rates

T = TypeVar("T")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Context:
    """What a rule may ask beside the value that it sees.

    `history`, `journal` and `declarations` (the versions of which `portfolio` is the one in force) are None
    where there is none; a rule that needs one says so and is skipped then. Goals that are not active are in
    `idle` and `declared` alone (S21.5), closed ones in `closings`. What is derived (`snapshot`, `evidence`,
    `conflicts`, `decisions`, and the look-ups of `index`) is made when it is first asked for, once for all
    rules; `once` does the same for what a rule derives.
    """

    portfolio: Portfolio
    as_of: dt.date | dt.datetime
    history: AnyHistory | None = None
    journal: Journal | None = None
    scoring: ScoringPolicy = ScoringPolicy()
    rates: Rates | None = None
    known_at: dt.date | dt.datetime | None = None
    declarations: Declarations | None = None
    given: Mapping[str, Any] = attrs.field(factory=dict)
    """What the caller has already: "snapshot", "dips", "evidence", "conflicts", "decisions", "ripple"; and
    "past", what was made of earlier days when less was known."""
    declared: Portfolio = attrs.field(default=attrs.Factory(attrgetter("portfolio"), takes_self=True))
    """All that is declared, where `portfolio` is what is pursued of it."""
    _made: dict[Any, Any] = attrs.field(factory=dict)

    @property
    def day(self) -> dt.date:
        """The date that is asked for, of what has no cycle."""
        return to_date(self.when.day)

    def day_of(self, moment: AsOf) -> dt.date:
        """Return the day of a date, or which one an instant is in the calendar's zone (A3)."""
        given = moment if isinstance(moment, dt.date) else parse_as_of(moment, "moment")
        return day_in(given, self.when.zone)

    def day_in(self, cycle: Cycle) -> dt.date:
        """Return which day it is in a cycle: in its own zone, else the calendar's (A3)."""
        return self.scene.day_in(cycle)

    def is_running(self, cycle: Cycle) -> bool:
        """Return whether a cycle has begun and not ended, in its zone."""
        return self.scene.is_running(cycle)

    @cached_property
    def idle(self) -> Mapping[str, str]:
        """The goals that are not pursued, by id, with their stages (S21.5)."""
        return idle_goals(self.portfolio)

    @cached_property
    def closings(self) -> Mapping[str, Entry]:
        """The closing in force of each goal that is closed, by id (S21.6)."""
        return closings_at(self.portfolio, self.journal, self.when)

    @cached_property
    def pursued(self) -> Context:
        """The same of what is pursued alone, which is what rules are asked of; itself where that is all.

        What was postponed or cancelled by a closing is left out; what ended by one stays, for it counts.
        """
        return self._of(pursued(self.portfolio, taken_out(self.closings)))

    @cached_property
    def with_drafts(self) -> Context:
        """The same of what is pursued, and of drafts."""
        return self._of(pursued(self.portfolio, taken_out(self.closings), drafts=True))

    def _of(self, portfolio: Portfolio) -> Context:
        if portfolio is self.portfolio:
            return self
        given = {name: value for name, value in self.given.items() if name not in {"snapshot", "evidence"}}
        if (evidence := self.given.get("evidence")) is not None:
            given["evidence"] = [one for one in evidence if one.link in portfolio]
        return attrs.evolve(self, portfolio=portfolio, given=given, declared=self.declared, made={})

    @cached_property
    def when(self) -> When:
        """The moment that is asked for."""
        return When.of(self.as_of, self.known_at, self.portfolio.calendar.timezone)

    @cached_property
    def snapshot(self) -> Snapshot:
        """Every goal and KPI judged at the moment; without a history nothing is known of them."""
        if (found := self.given.get("snapshot")) is not None:
            return found  # type: ignore[no-any-return]
        whole = self.portfolio is self.declared
        return evaluate(
            self.declarations if whole and self.declarations is not None else self.portfolio,
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
        past = Past(
            portfolio=self.portfolio,
            history=History.of() if self.history is None else self.history,
            when=self.when,
            known_at=self.known_at,
            scoring=self.scoring,
            rates=self.rates,
            journal=self.journal,
            now=self.snapshot,
            before=self.given.get("past"),
        )
        return past.before if past.before is not None and past.before.is_of(past) else past

    @property
    def records(self) -> History | None:
        """The history where its single records are at hand; None of one that stays in a dataframe."""
        return self.history if isinstance(self.history, History) else None

    @cached_property
    def recorded(self) -> Recorded:
        """The single records of the history: by whom, from where and when; none of a frame."""
        return Recorded.of(self.history, self.when)

    def entries(self, subject: str | None = None, kind: str | None = None) -> tuple[Entry, ...]:
        """Return what was answered by the moment, in order of time; empty without a journal."""
        if self.journal is None:
            return ()
        return self.journal.entries(subject, kind, until=self.as_of, zone=self.when.zone)

    def entries_about(self, subjects: Iterable[str]) -> tuple[Entry, ...]:
        """Return what was answered about any of these, or under a kind and one of these, in order of time.

        "measured:a|b" is about a conflict: it is found by that id, and by its joined sides "a|b". Cost goes
        with what is found, once all that was answered was looked through.
        """
        held = {place: one for name in subjects for place, one in self._by_subject.get(name, ())}
        return tuple(held[place] for place in sorted(held))

    @cached_property
    def _by_subject(self) -> Mapping[str, tuple[tuple[int, Entry], ...]]:
        return grouped(
            (name, (place, one))
            for place, one in enumerate(self.entries())
            for name in {one.subject, one.subject.partition(":")[2]} - {""}
        )

    @cached_property
    def ripple(self) -> Ripple:
        """What slipped milestones do, and the clocks of those that were missed."""
        if (found := self.given.get("ripple")) is not None:
            return found  # type: ignore[no-any-return]
        return ripple(
            self.declared if self.declarations is None else self.declarations,
            as_of=self.as_of,
            known_at=self.known_at,
            history=self.history,
            journal=self.journal,
        )

    @cached_property
    def observed_days(self) -> Mapping[str, int]:
        """The day on which each milestone was observed to be done, as a day number."""
        ids = {one.id for one in self.portfolio.milestones}
        return observed_days(ids, self.history, self.when)

    @cached_property
    def done_days(self) -> Mapping[str, dt.date]:
        """The day on which each milestone was done by the moment: as declared, else as observed."""
        days = ((one.id, done_day(one, self.observed_days, self.when)) for one in self.portfolio.milestones)
        return FrozenDict({name: to_date(day) for name, day in days if day is not None})

    @cached_property
    def evidence(self) -> tuple[LinkEvidence, ...]:
        """What the series say about each link between measures; empty without a history."""
        if (found := self.given.get("evidence")) is not None:
            return tuple(found)
        if self.history is None:
            return ()
        return assess_links(
            self.portfolio,
            self.history,
            as_of=self.as_of,
            known_at=self.known_at,
            rates=self.rates,
            journal=self.journal,
        )

    @cached_property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Every conflict that there is; without a history those of the declarations."""
        if (found := self.given.get("conflicts")) is not None:
            return tuple(found)
        asked = self.pursued
        return conflicts_in(asked.scene, None if self.history is None else asked.past, rates=asked.rates)

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
    def index(self) -> Index:
        """What the definitions say of each other."""
        return Index(self.scene)

    @property
    def relations(self) -> Relations:
        """Who is under, measured by and linked to whom."""
        return self.scene.relations

    @cached_property
    def scene(self) -> Scene:
        """Sides, teams and time, as the search for conflicts sees them."""
        return Scene(self.portfolio, self.when, self.closings)

    @cached_property
    def proof(self) -> tuple[str, TableReport]:
        """Hash and proof of the priority table; "" and an empty report where there is none."""
        table = self.portfolio.priorities
        return ("", TableReport()) if table is None else proof_of(table)

    def find(self, id: str | None) -> Any:
        """Return the definition of an id, None where nothing bears it."""
        return self.portfolio[id] if id is not None and id in self.portfolio else None

    def once(self, make: Callable[..., T], *arguments: Any) -> T:
        """Return what a function makes of this context and arguments; made when it is first asked for."""
        key = (make, *arguments)
        if key not in self._made:
            self._made[key] = make(self, *arguments)
        found: T = self._made[key]
        return found
