"""Hold all definitions of an organisation as one immutable value in which every id resolves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs
from attrs import field

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.derived_cache import DerivedCache
from okrcore.definitions.fields import shown, to_tuple
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative, Milestone
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.links import Link
from okrcore.definitions.people import Owner, Team
from okrcore.definitions.priority_table import PriorityTable
from okrcore.definitions.references import dependents, problems_of, unknown_id
from okrcore.definitions.tolerances import Tolerance
from okrcore.errors import DefinitionError, DuplicateIdError, Problem, UnknownIdError, raise_all
from okrcore.frozen import FrozenDict
from okrcore.units.rates import Rates

Definition = Cycle | Team | Owner | Objective | KeyResult | Kpi | Initiative | Milestone | Link | Tolerance
Part = Definition | PriorityTable | Calendar
"""What a portfolio is made of: definitions, at most one priority table and at most one calendar."""

KINDS: dict[type, str] = {
    Cycle: "cycles",
    Team: "teams",
    Owner: "owners",
    Objective: "objectives",
    KeyResult: "key_results",
    Kpi: "kpis",
    Initiative: "initiatives",
    Milestone: "milestones",
    Link: "links",
    Tolerance: "tolerances",
}
"""Each type of definition and the attribute of a portfolio that lists it."""


@attrs.frozen(kw_only=True, eq=False)
class Portfolio:
    """What an organisation has declared: made by `Portfolio.of`, changed by `with_` and `without`.

    Every id is unique, whatever its type (S0.7), and resolves; nothing contributes to itself (S4.2). Each
    part is a tuple in the order of declaration; `portfolio[id]` finds one definition. Two portfolios are
    equal when they declare the same, in whatever order. Versions share what they do not change.

    >>> team = Team(id="operations")
    >>> portfolio = Portfolio.of(team, Owner(id="lead", team="operations"))
    >>> portfolio["lead"].team, len(portfolio), portfolio.with_(Team(id="sales")).teams[0] is team
    ('operations', 2, True)
    """

    cycles: tuple[Cycle, ...] = ()
    teams: tuple[Team, ...] = ()
    owners: tuple[Owner, ...] = ()
    objectives: tuple[Objective, ...] = ()
    key_results: tuple[KeyResult, ...] = ()
    kpis: tuple[Kpi, ...] = ()
    initiatives: tuple[Initiative, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    links: tuple[Link, ...] = ()
    tolerances: tuple[Tolerance, ...] = ()
    priorities: PriorityTable | None = None
    units: tuple[str, ...] = ()
    calendar: Calendar = field(factory=Calendar)
    rates: Rates | None = None
    """Exchange rates: facts, no part of what was declared; `rates=` of a function replaces all of them."""
    _index: FrozenDict[str, Definition] = field(repr=False)
    _derived: DerivedCache = field(factory=DerivedCache, repr=False)

    @classmethod
    def of(cls, *definitions: Part, units: Iterable[str] = (), rates: Rates | None = None) -> Portfolio:
        """Return the portfolio of these definitions; `units` names further counts ("pallet") (S1.1).

        A `Calendar` and a `PriorityTable` may be among them. `rates` are those by which evaluation exchanges
        money where it is given none (`with_rates`).

        Raises one error that holds every problem: UnknownIdError, DuplicateIdError, CyclicAlignmentError or
        UnitError where all are of that kind, else DefinitionError. Cost in proportion to their number.
        """
        named: object = to_tuple(units)
        if not isinstance(named, tuple):
            raise DefinitionError(f"units is {shown(units)}; give a list of counts")
        distinct = tuple(dict.fromkeys(named)) if all(isinstance(name, str) for name in named) else named
        empty = cls(index=FrozenDict(), units=distinct).with_rates(rates)
        return empty._grown(definitions, replace=False)

    def with_(self, *definitions: Part) -> Portfolio:
        """Return a portfolio with these definitions added, or put in place of those of the same id.

        Only the given definitions and those that depend on them are checked, so the cost lies mostly in
        copying one index.
        """
        return self._grown(definitions, replace=True)

    def with_rates(self, rates: Rates | None) -> Portfolio:
        """Return a portfolio with these exchange rates in place of all it has; it stays equal to this one."""
        if rates is not None and not isinstance(rates, Rates):
            raise DefinitionError(f"rates is {shown(rates)}, but must be Rates; make them with Rates.of(...)")
        return self._version(rates=rates)

    def rates_or(self, given: Rates | None) -> Rates | None:
        """Return the rates that a caller gave, which replace the portfolio's whole; else the portfolio's."""
        return self.rates if given is None else given

    def without(self, *ids: str) -> Portfolio:
        """Return a portfolio without these definitions; raises UnknownIdError where something needs one."""
        known = [isinstance(name, str) and name in self._index for name in ids]
        raise_all(
            [
                unknown_id(name, "without", self._index)
                for name, there in zip(ids, known, strict=True)
                if not there
            ]
        )
        gone = set(ids)
        index = FrozenDict({name: value for name, value in self._index.items() if name not in gone})
        changed = {type(self._index[name]) for name in gone}
        parts: dict[str, Any] = {
            KINDS[kind]: tuple(value for value in getattr(self, KINDS[kind]) if value.id not in gone)
            for kind in changed
        }
        result = self._version(index=index, **parts)
        raise_all(problems_of(index.values(), index, self.priorities, self.units))
        return result

    def _grown(self, definitions: Iterable[Part], *, replace: bool) -> Portfolio:
        problems: list[Problem] = []
        index: dict[str, Definition] = dict(self._index)
        tables = [value for value in definitions if isinstance(value, PriorityTable)]
        if len(tables) > 1:
            problems.append(
                Problem("two priority tables are given; keep one", "priorities", kind=DefinitionError)
            )
        calendars = [value for value in definitions if isinstance(value, Calendar)]
        if len(calendars) > 1:
            problems.append(Problem("two calendars are given; keep one", "calendar", kind=DefinitionError))
        fresh: dict[str, Definition] = {}
        moved: set[type] = set()
        for value in definitions:
            if isinstance(value, PriorityTable | Calendar):
                continue
            if type(value) not in KINDS:
                message = f"{shown(value)} is no definition; give values such as Objective, KeyResult or Kpi"
                problems.append(Problem(message, kind=DefinitionError))
                continue
            if value.id in fresh or (value.id in index and not replace):
                first = type(fresh.get(value.id) or index[value.id]).__name__
                message = (
                    f"{type(value).__name__} {value.id!r}: a {first} has this id already; rename one of them"
                )
                problems.append(Problem(message, value.id, kind=DuplicateIdError))
                continue
            if value.id in index and type(index[value.id]) is not type(value):
                moved.add(type(index[value.id]))
            fresh[value.id] = value
            index[value.id] = value
        frozen = FrozenDict(index)
        changed = moved | {type(value) for value in fresh.values()}
        parts: dict[str, Any] = {
            KINDS[kind]: tuple(_evolved(getattr(self, KINDS[kind]), fresh, kind)) for kind in changed
        }
        if tables:
            parts["priorities"] = tables[0]
        if calendars:
            parts["calendar"] = calendars[0]
        result = self._version(index=frozen, **parts)
        checked = frozen.values() if moved else [*fresh.values(), *dependents(fresh, self._index)]
        table = tables[0] if tables else self.priorities if moved else None
        problems += problems_of(checked, frozen, table, self.units)
        raise_all(problems)
        return result

    def _version(self, **parts: Any) -> Portfolio:
        return attrs.evolve(self, derived=self._derived.after(set(parts)), **parts)

    def __getitem__(self, id: str) -> Any:
        """Return the definition of any kind; raises UnknownIdError with the nearest id there is."""
        try:
            return self._index[id]
        except (KeyError, TypeError):
            raise UnknownIdError(unknown_id(id, "", self._index)) from None

    def __contains__(self, id: object) -> bool:
        return id in self._index

    def __iter__(self) -> Iterator[Definition]:
        return iter(self._index.values())

    def __len__(self) -> int:
        return len(self._index)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Portfolio):
            return NotImplemented
        mine, theirs = (
            (self._index, self.priorities, set(self.units), self.calendar),
            (other._index, other.priorities, set(other.units), other.calendar),
        )
        return mine == theirs

    def __hash__(self) -> int:
        return hash(frozenset(self._index))

    def __reduce__(self) -> tuple[Any, ...]:
        tables = () if self.priorities is None else (self.priorities,)
        return _restore, ((*self._index.values(), *tables, self.calendar), self.units, self.rates)


def _evolved(old: Iterable[Any], fresh: Mapping[str, Any], kind: type) -> Iterator[Any]:
    seen = set()
    for value in old:
        seen.add(value.id)
        replaced: Any = fresh.get(value.id, value)
        if type(replaced) is kind:
            yield replaced
    yield from (value for name, value in fresh.items() if type(value) is kind and name not in seen)


def _restore(definitions: tuple[Part, ...], units: tuple[str, ...], rates: Rates | None) -> Portfolio:
    return Portfolio.of(*definitions, units=units, rates=rates)
