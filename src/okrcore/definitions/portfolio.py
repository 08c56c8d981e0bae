"""Hold all definitions of an organisation as one immutable value in which every id resolves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import attrs
from attrs import field

from okrcore.definitions.argument_checks import check_arguments
from okrcore.definitions.calendar import Calendar
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.declared_units import DeclaredUnits
from okrcore.definitions.derived_cache import DerivedCache
from okrcore.definitions.fields import an, is_a, optional, shown, to_tuple
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.ignores import Ignore, to_ignores
from okrcore.definitions.initiatives import Initiative, Milestone
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.links import Link
from okrcore.definitions.people import Owner, Team
from okrcore.definitions.priority_table import PriorityTable
from okrcore.definitions.references import dependents, problems_of, unknown_id
from okrcore.definitions.renaming import named_anew
from okrcore.definitions.tolerances import Tolerance
from okrcore.errors import DefinitionError, DuplicateIdError, Problem, UnknownIdError, raise_all
from okrcore.frozen import FrozenDict
from okrcore.units.rates import Rates

Definition = Cycle | Team | Owner | Objective | KeyResult | Kpi | Initiative | Milestone | Link | Tolerance
"""Everything with an id of its own."""

D = TypeVar("D")

Part = Definition | PriorityTable | Calendar | DeclaredUnits | Rates
"""What a portfolio is made of: definitions, one table, calendar and set of rates at most, further counts."""

ONCE: dict[type, str] = {PriorityTable: "priorities", Calendar: "calendar", Rates: "rates"}
"""Each type that a portfolio holds one of at most, and the attribute that holds it."""

_MANY = {"priorities": "priority tables", "calendar": "calendars", "rates": "sets of rates"}

UNSAID: dict[str, Any] = {"priorities": None, "calendar": Calendar(), "rates": None, "units": ()}
"""What these attributes hold where nothing is said."""

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


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Portfolio:
    """What an organisation has declared: made by `Portfolio.of`, changed by `with_` and `without`.

    Every id is unique, whatever its type (S0.7), and resolves; nothing contributes to itself (S4.2). Each
    part is a tuple in the order of declaration; `portfolio[id]` finds one definition. Two portfolios are
    equal when they declare the same, in whatever order. Versions share what they do not change. Iterating
    yields all that is declared: the definitions, then priority table, calendar and further counts.

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
    waivers: tuple[Ignore, ...] = ()
    """What comments in its documents accept of findings; no part of what was declared either."""
    _index: FrozenDict[str, Definition] = field(repr=False)
    _derived: DerivedCache = field(factory=DerivedCache, repr=False)

    @classmethod
    def of(cls, *definitions: Part, units: Iterable[str] = (), rates: Rates | None = None) -> Portfolio:
        """Return the portfolio of these definitions; `units` names further counts ("pallet") (S1.1).

        A `Calendar`, a `PriorityTable` and `Rates` may be among them: iterating over a portfolio yields all
        that it says, so `Portfolio.of(*portfolio)` equals it. `rates` are those by which evaluation exchanges
        money where it is given none (`with_rates`).

        Raises one error that holds every problem: UnknownIdError, DuplicateIdError, CyclicAlignmentError or
        UnitError where all are of that kind, else DefinitionError. Cost in proportion to their number.
        """
        return cls(index=FrozenDict()).with_rates(rates)._grown(definitions, units, replace=False)

    def with_(self, *definitions: Part, units: Iterable[str] = ()) -> Portfolio:
        """Return a portfolio with these definitions added, or put in place of those of the same id and type.

        A priority table takes the place of the one there is; `units` are added. Only the given definitions
        and those that depend on them are checked, so the cost lies mostly in copying one index. Raises
        DuplicateIdError where a definition of another type has the id, and what `of` raises.
        """
        return self._grown(definitions, units, replace=True)

    def with_rates(self, rates: Rates | None) -> Portfolio:
        """Return a portfolio with these exchange rates in place of all it has; it stays equal to this one."""
        if rates is not None and not isinstance(rates, Rates):
            raise DefinitionError(f"rates is {shown(rates)}, but must be Rates; make them with Rates.of(...)")
        return self._version(rates=rates)

    def with_waivers(self, waivers: Iterable[Ignore]) -> Portfolio:
        """Return a portfolio that accepts these findings in place of all it has; it stays equal to this one.

        Raises DefinitionError for what is no `Ignore`.
        """
        return self._version(waivers=to_ignores(waivers))

    def rates_or(self, given: Rates | None) -> Rates | None:
        """Return the rates that a caller gave, which replace the portfolio's whole; else the portfolio's.

        Raises DefinitionError for what are none.
        """
        check_arguments(rates=(given, optional(is_a(Rates))))
        return self.rates if given is None else given

    def without(self, *ids: str) -> Portfolio:
        """Return a portfolio without these definitions; raises UnknownIdError where something needs one.

        "priorities", "calendar", "rates" and "units" name what there is one of, where no definition has that
        id.
        """
        known = [isinstance(name, str) and name in self for name in ids]
        raise_all(
            [
                unknown_id(name, "without", self._index)
                for name, there in zip(ids, known, strict=True)
                if not there
            ]
        )
        gone = set(ids)
        index = FrozenDict({name: value for name, value in self._index.items() if name not in gone})
        changed = {type(self._index[name]) for name in gone & self._index.keys()}
        parts: dict[str, Any] = {
            KINDS[kind]: tuple(value for value in getattr(self, KINDS[kind]) if value.id not in gone)
            for kind in changed
        }
        for name in gone - self._index.keys():
            parts[name] = UNSAID[name]
        result = self._version(index=index, **parts)
        raise_all(problems_of(index.values(), index, result.priorities, result.units))
        return result

    def merged(self, other: Portfolio) -> Portfolio:
        """Return what both portfolios declare; what they declare alike is declared once.

        Raises DuplicateIdError that names every id that they declare differently, DefinitionError where
        they hold two priority tables or calendars, and what `of` raises for what does not fit together.

        >>> sales, crew = Portfolio.of(Team(id="all"), Team(id="sales")), Portfolio.of(Team(id="all"))
        >>> len(sales.merged(crew.with_(Team(id="crew", parent="all"))))
        3
        """
        problems = []
        for one in other.definitions:
            mine = self._index.get(one.id, one)
            if mine != one:
                said = f"{type(mine).__name__} {one.id!r} is declared differently"
                if type(mine) is not type(one):
                    here, there = (an(type(side).__name__) for side in (mine, one))
                    said = f"{one.id!r} is {here} here and {there} there"
                problems.append(
                    Problem(f"{said}; make them equal, or rename one", one.id, kind=DuplicateIdError)
                )
        mine_once, theirs_once = ({one.id: one for one in side._settings()} for side in (self, other))
        problems += [
            Problem(f"two {_MANY[name]} are given; keep one", name, kind=DefinitionError)
            for name in ONCE.values()
            if name in mine_once and mine_once[name] != theirs_once.get(name, mine_once[name])
        ]
        raise_all(problems)
        fresh = [one for one in other.definitions if one.id not in self._index]
        both = dict.fromkeys((*self.waivers, *other.waivers))
        grown = self.with_(*fresh, *theirs_once.values()).with_rates(other.rates_or(self.rates))
        return grown.with_waivers(both)

    def renamed(self, ids: Mapping[str, str]) -> Portfolio:
        """Return the portfolio with other ids, {old: new}, wherever they are named.

        Each renamed definition keeps its old id in `formerly`, by which `evaluate` and the others find what
        was observed and answered under it; an id that is taken back leaves `formerly` again. Links and
        rulings whose id is made of those of others are renamed with them. Raises UnknownIdError for an old id
        that is none, DuplicateIdError that names every new id that is taken.

        >>> portfolio = Portfolio.of(Team(id="ops"), Owner(id="ann", team="ops"))
        >>> renamed = portfolio.renamed({"ops": "operations"})
        >>> renamed["ann"].team, renamed["operations"].formerly
        ('operations', ('ops',))
        """
        if not isinstance(ids, Mapping):
            raise DefinitionError(f"ids is {shown(ids)}, but must be a mapping; give {{old: new}}")
        new = {old: name for old, name in ids.items() if old != name}
        problems = [unknown_id(old, "renamed", self._index) for old in new if old not in self._index]
        taken = Counter(new.values())
        formers = {name: one.id for one in self.definitions for name in one.formerly}
        for old, name in new.items():
            holder = self._index.get(name)
            if holder is not None or taken[name] > 1:
                kind = "definition" if holder is None else type(holder).__name__
                said = f"{name!r} is the id of another {kind}; give {shown(old)} an id that is free"
                problems.append(Problem(said, f"renamed.{old}", kind=DuplicateIdError))
            elif formers.get(name, old) != old:
                said = f"{name!r} was the id of {formers[name]!r}; give {shown(old)} an id that is free"
                problems.append(Problem(said, f"renamed.{old}", kind=DuplicateIdError))
        raise_all(problems)
        waivers = [attrs.evolve(one, subject=new.get(one.subject or "", one.subject)) for one in self.waivers]
        renamed = Portfolio.of(*(named_anew(one, new) for one in self), rates=self.rates)
        return renamed.with_waivers(waivers)

    def _grown(self, definitions: Iterable[Part], units: Iterable[str], *, replace: bool) -> Portfolio:
        problems: list[Problem] = []
        index: dict[str, Definition] = dict(self._index)
        counts: list[Any] = [*self.units, *_names(units)]
        fresh: dict[str, Definition] = {}
        once: dict[str, Any] = {}
        for value in definitions:
            kind = type(value)
            if isinstance(value, DeclaredUnits):
                counts += value.names
            elif kind in ONCE:
                if once.setdefault(ONCE[kind], value) != value:
                    said = f"two {_MANY[ONCE[kind]]} are given; keep one"
                    problems.append(Problem(said, ONCE[kind], kind=DefinitionError))
            elif kind not in KINDS:
                message = f"{shown(value)} is no definition; give values such as Objective, KeyResult or Kpi"
                problems.append(Problem(message, kind=DefinitionError))
            else:
                held = fresh.get(value.id) or self._index.get(value.id)
                if held is not None and (not replace or value.id in fresh or type(held) is not kind):
                    first = type(held).__name__
                    message = (
                        f"{kind.__name__} {value.id!r}: {an(first)} has this id already; rename one of them"
                    )
                    problems.append(Problem(message, value.id, kind=DuplicateIdError))
                    continue
                one: Any = value
                fresh[value.id] = index[value.id] = one
        frozen = FrozenDict(index)
        parts: dict[str, Any] = {
            KINDS[kind]: tuple(_evolved(getattr(self, KINDS[kind]), fresh, kind))
            for kind in {type(value) for value in fresh.values()}
        }
        names = tuple(dict.fromkeys(counts)) if all(isinstance(one, str) for one in counts) else tuple(counts)
        if names != self.units:
            parts["units"] = names
        result = self._version(index=frozen, **parts, **once)
        checked = [*fresh.values(), *dependents(fresh, self._index)]
        problems += problems_of(checked, frozen, once.get("priorities"), result.units)
        raise_all(problems)
        return result

    def _version(self, **parts: Any) -> Portfolio:
        return attrs.evolve(self, derived=self._derived.after(set(parts)), **parts)

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """Everything that has an id of its own, in the order of declaration."""
        return tuple(self._index.values())

    def __getitem__(self, id: str) -> Any:
        """Return the definition of any kind; raises UnknownIdError with the nearest id there is.

        To a type checker it is of any type; `key_result(id)` and the like know theirs.
        """
        try:
            return self._index[id]
        except (KeyError, TypeError):
            for one in self._settings():
                if one.id == id:
                    return one
            raise UnknownIdError(unknown_id(id, "", self._index)) from None

    def key_result(self, id: str) -> KeyResult:
        """Return one key result; raises UnknownIdError where `id` is none's."""
        return self._one(KeyResult, "key result", id)

    def objective(self, id: str) -> Objective:
        """Return one objective; raises UnknownIdError where `id` is none's."""
        return self._one(Objective, "objective", id)

    def kpi(self, id: str) -> Kpi:
        """Return one KPI; raises UnknownIdError where `id` is none's."""
        return self._one(Kpi, "KPI", id)

    def initiative(self, id: str) -> Initiative:
        """Return one initiative; raises UnknownIdError where `id` is none's."""
        return self._one(Initiative, "initiative", id)

    def _one(self, kind: type[D], name: str, id: str) -> D:
        found = self[id]
        if not isinstance(found, kind):
            raise UnknownIdError(
                f"{id!r} is {an(type(found).__name__)}, but must be {an(name)}; correct the id"
            )
        return found

    def __contains__(self, id: object) -> bool:
        return id in self._index or any(one.id == id for one in self._settings())

    def __iter__(self) -> Iterator[Part]:
        """Yield all that is declared: every definition, then priority table, calendar and further counts."""
        yield from self._index.values()
        yield from self._settings()

    def __len__(self) -> int:
        """Return the number of definitions."""
        return len(self._index)

    def _settings(self) -> Iterator[PriorityTable | Calendar | Rates | DeclaredUnits]:
        """What a portfolio holds one of, each with the key that it has in a document for an id."""
        yield from (one for name in ONCE.values() if (one := getattr(self, name)) != UNSAID[name])
        if self.units:
            yield DeclaredUnits(self.units)

    def __repr__(self) -> str:
        """Return how many there are of each kind: what they say is in `to_dict`."""
        counts = [(name.replace("_", " "), len(getattr(self, name))) for name in KINDS.values()]
        parts = [
            f"{count} {name if count > 1 else name.removesuffix('s')}" for name, count in counts if count
        ]
        parts += [one.id for one in self._settings()]
        return f"<Portfolio of {', '.join(parts) or 'nothing'}>"

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
        return _restore, (self.waivers, *self)


def _names(units: Iterable[str]) -> Iterable[Any]:
    named: object = to_tuple(units)
    if not isinstance(named, tuple):
        raise DefinitionError(f"units is {shown(units)}; give a list of counts")
    return named


def _evolved(old: Iterable[Any], fresh: Mapping[str, Any], kind: type) -> Iterator[Any]:
    seen = set()
    for value in old:
        seen.add(value.id)
        replaced: Any = fresh.get(value.id, value)
        if type(replaced) is kind:
            yield replaced
    yield from (value for name, value in fresh.items() if type(value) is kind and name not in seen)


def _restore(waivers: tuple[Ignore, ...], *declared: Part) -> Portfolio:
    return Portfolio.of(*declared).with_waivers(waivers)
