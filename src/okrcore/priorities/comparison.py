"""Compare two versions of a priority table: the regions in which they decide differently (S14.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import and_
from typing import Any

import attrs

from okrcore.definitions.priority_table import PriorityTable
from okrcore.errors import TableError
from okrcore.frozen import FrozenDict
from okrcore.priorities.axes import Axis
from okrcore.priorities.compiled_table import CompiledTable, compile_table
from okrcore.priorities.hit_policies import BY_ROW, overridden_by, ranking_of, same
from okrcore.priorities.intervals import Line, join
from okrcore.priorities.regions import Box, Budget, RegionGrid, boxes_of, merged, peel, size
from okrcore.priorities.s_feel import write_cell
from okrcore.priorities.table_report import frozen
from okrcore.priorities.table_rulings import Ruling, decide_table, refuse_circles, rule_on


@attrs.frozen(kw_only=True)
class Difference:
    """One region in which two versions of a table rule differently.

    `witness` is one point {column: value} in it, `region` all of it {column: cell}. `before` and `after` are
    the rulings there, None where a version has rules that clash.
    """

    witness: Mapping[str, Any] = attrs.field(converter=frozen)
    region: Mapping[str, str] = attrs.field(converter=frozen)
    before: Ruling | None
    after: Ruling | None

    def __str__(self) -> str:
        where = "; ".join(f"{name}: {cell}" for name, cell in self.region.items()) or "anything"
        return f"{where}: {_told(self.before)} -> {_told(self.after)}"


def compare_tables(
    old: PriorityTable, new: PriorityTable, *, max_cells: int = 20_000_000
) -> tuple[Difference, ...]:
    """Return where two versions of a table differ in winner or effect, exactly; empty where they never do.

    Ids and reasons do not count. A column that one version lacks matches anything there; a value outside one
    version's domain is a missing input to it. Only regions that a change can touch are looked at.

    Raises TableError for tables that cannot be read, for a column of two kinds, and past `max_cells`.

    >>> from okrcore import Outcome, PriorityRule

    >>> from okrcore.priorities import Column
    >>> def version(limit):
    ...     early = PriorityRule(id="P1", when={"days_left": f"< {limit}"}, then=Outcome(winner="objective"))
    ...     days = Column(name="days_left", kind="integer", low=0)
    ...     return PriorityTable(columns=[days], rules=[early], default=Outcome(winner="kpi"))
    >>> [difference] = compare_tables(version(30), version(45))
    >>> print(difference)
    days_left: [30..44]: kpi by default -> objective by P1
    """
    versions = compile_table(old), compile_table(new)
    for version in versions:
        refuse_circles(version)
    axes = _joined_axes(*versions)
    rows = [_on_joined(version, axes) for version in versions]
    domains = [axis.domain for axis in axes]
    grids = [
        RegionGrid.of(domain, (row[place] for side in rows for row in side))
        for place, domain in enumerate(domains)
    ]
    boxes = [boxes_of(grids, side) for side in rows]
    found: dict[tuple[object, ...], list[Box]] = {}
    search = _Search(versions=versions, budget=Budget(max_cells), plain=_plain(*versions))
    for box, *rulings in search.run(tuple(grid.inside for grid in grids), boxes):
        found.setdefault(tuple((_told(one), _decision(one)) for one in rulings), []).append(box)
    return tuple(_difference(versions, axes, grids, box) for parts in found.values() for box in merged(parts))


def _difference(
    versions: Sequence[CompiledTable], axes: Sequence[Axis], grids: Sequence[RegionGrid], box: Box
) -> Difference:
    lines = {axis: grid.line(bits) for axis, grid, bits in zip(axes, grids, box, strict=True)}
    witness = {axis.name: axis.witness(line) for axis, line in lines.items()}
    before, after = (_asked(version.table, witness) for version in versions)
    region = {axis.name: write_cell(line, axis) for axis, line in lines.items() if line != axis.domain}
    return Difference(witness=witness, region=region, before=before, after=after)


def _asked(table: PriorityTable, inputs: Mapping[str, Any]) -> Ruling | None:
    try:
        return decide_table(table, inputs)
    except TableError:
        return None


DifferenceRow = tuple[int, Box]
"""The number of a row and what it takes of the box looked at."""


@attrs.frozen(kw_only=True, eq=False)
class _Search:
    """The search for differences. Row numbers are those of a table; one more row stands for its domain."""

    versions: tuple[CompiledTable, CompiledTable]
    budget: Budget
    plain: bool

    def run(
        self, domain: Box, boxes: Sequence[Sequence[Box]]
    ) -> Iterator[tuple[Box, Ruling | None, Ruling | None]]:
        """Yield disjoint boxes with the two rulings there, where these differ."""
        todo = [(domain, [list(enumerate(side)) for side in boxes])]
        while todo:
            box, sides = todo.pop()
            self.budget.spend(sum(len(side) + 1 for side in sides) * (len(box) + 1))
            parts = [
                [(row, part) for row, given in side if all(part := tuple(map(and_, box, given)))]
                for side in sides
            ]
            if self.plain and self._unchanged(box, parts):
                continue
            partial = [part for side in parts for _, part in side if part != box]
            if partial:
                changed = {part for _, part in parts[0]} ^ {part for _, part in parts[1]}
                pivot = max(partial, key=lambda part: (part in changed, size(part), part))
                todo += [(piece, parts) for piece in (pivot, *peel(box, pivot))]
                continue
            before, after = (
                self._ruling(version, side) for version, side in zip(self.versions, parts, strict=True)
            )
            if _decision(before) != _decision(after):
                yield box, before, after

    def _unchanged(self, box: Box, parts: Sequence[Sequence[DifferenceRow]]) -> bool:
        """Whether both versions have the same rows in the box, so that nothing in it can differ."""
        seen = [
            [_meaning(version, row, part) for row, part in side]
            for version, side in zip(self.versions, parts, strict=True)
        ]
        if self.versions[0].policy not in BY_ROW:
            seen = [sorted(side, key=lambda meaning: str(meaning[:2])) for side in seen]
        if seen[0] != seen[1]:
            return False
        old, new = (version.table for version in self.versions)
        rules = len(old.rules)
        return same(old.default, new.default) or any(part == box for row, part in parts[0] if row < rules)

    def _ruling(self, version: CompiledTable, side: Sequence[DifferenceRow]) -> Ruling | None:
        """The ruling where all rows of a side match throughout."""
        domain = len(version.boxes)
        rows = sum(1 << row for row, _ in side)
        missing = () if rows >> domain & 1 else tuple(axis.name for axis in version.axes)
        try:
            return rule_on(version, rows & ~(1 << domain), missing, FrozenDict())
        except TableError:
            return None


def _joined_axes(old: CompiledTable, new: CompiledTable) -> list[Axis]:
    """The columns of both, each with the domain of either."""
    axes = {axis.name: axis for axis in old.axes}
    for axis in new.axes:
        before = axes.setdefault(axis.name, axis)
        if before.kind != axis.kind:
            raise TableError(
                f"column {axis.name!r} holds {before.kind}s in one version and {axis.kind}s in the other; "
                "compare tables whose columns hold the same"
            )
        labels = FrozenDict({name: place for place, name in enumerate({**before.labels, **axis.labels})})
        domain = join([((0, 0), (len(labels), 0))]) if labels else join([*before.domain, *axis.domain])
        axes[axis.name] = attrs.evolve(before, domain=domain, labels=labels)
    return list(axes.values())


def _on_joined(version: CompiledTable, axes: Sequence[Axis]) -> list[tuple[Line, ...]]:
    """The rows of a table on joined axes, last its domain; a cell that takes all of its axis takes all."""
    place = {axis.name: index for index, axis in enumerate(version.axes)}

    def line(row: Sequence[Line], axis: Axis) -> Line:
        if axis.name not in place:
            return axis.domain
        own = version.axes[place[axis.name]]
        given = row[place[axis.name]]
        if given == own.domain and row is not domain:
            return axis.domain
        return _relabelled(given, own, axis) if axis.labels else given

    domain = tuple(axis.domain for axis in version.axes)
    return [tuple(line(row, axis) for axis in axes) for row in (*version.lines, domain)]


def _relabelled(line: Line, own: Axis, axis: Axis) -> Line:
    names = list(own.labels)
    places = [
        axis.labels[names[place]] for (low, _), (high, _) in line for place in range(int(low), int(high))
    ]
    return join(((place, 0), (place + 1, 0)) for place in places)


def _plain(old: CompiledTable, new: CompiledTable) -> bool:
    """Whether the same rows mean the same ruling in both: same policy, ranking and overrides."""
    ids = dict.fromkeys(rule.id for version in (old, new) for rule in version.table.rules)
    place = {name: index for index, name in enumerate(ids)}
    relations = [
        overridden_by(version.table, place) if version.policy in "UA" else ranking_of(version.table)
        for version in (old, new)
    ]
    return old.policy == new.policy and relations[0] == relations[1]


def _meaning(version: CompiledTable, row: int, part: Box) -> tuple[object, ...]:
    """What a row says in a box, its reason apart."""
    table = version.table
    if row == len(version.boxes):
        return "domain", "", part
    if row < len(table.rules):
        rule = table.rules[row]
        return "rule", rule.id, part, rule.then.winner, rule.then.effect
    guardrail = table.guardrails[row - len(table.rules)]
    return "guardrail", guardrail.id, part, frozenset(guardrail.forbid), guardrail.escalate


def _decision(ruling: Ruling | None) -> object:
    return ruling and (ruling.winner, ruling.effect, ruling.winners)


def _told(ruling: Ruling | None) -> str:
    if ruling is None:
        return "rules that clash"
    if ruling.forbidden or ruling.missing:
        return f"nobody, escalates as {ruling.why}"
    return f"{ruling.winner or 'nobody'} by {ruling.rule or 'default'}{', escalates' * ruling.escalates}"
