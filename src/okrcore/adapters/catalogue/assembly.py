"""Drafts into definitions, observations and entries: what can be built is, what cannot is noted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import attrs

from okrcore.adapters.catalogue.people_cells import People
from okrcore.adapters.catalogue.row_drafts import Draft
from okrcore.adapters.catalogue.row_measures import Measured, read_key_result, read_kpi
from okrcore.adapters.catalogue.row_values import Notes, RowValues
from okrcore.adapters.catalogue.spans import period_of, settle_cycles
from okrcore.adapters.catalogue.title_ids import Names
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.goals import Contribution, KeyResult, Objective
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.links import Link
from okrcore.definitions.measures import Band
from okrcore.errors import OkrError
from okrcore.history.entry import Entry


@attrs.define(eq=False)
class Harvest:
    """What one file gave: definitions by id, values by measure and day, entries."""

    definitions: dict[str, Any] = attrs.Factory(dict)
    values: dict[tuple[str, dt.date], tuple[float, str]] = attrs.Factory(dict)
    entries: list[Entry] = attrs.Factory(list)

    def add(self, row: RowValues, role: str, build: Callable[[], Any]) -> bool:
        """Keep what `build` makes; note its faults at the row where it refuses."""
        try:
            made = build()
        except OkrError as error:
            for problem in error.problems:
                row.note(role, f"{problem.message}; it is left out")
            return False
        self.definitions[made.id] = made
        return True

    def observe(
        self, row: RowValues, measure: str, day: dt.date, value: float, column: str, unit: str = ""
    ) -> None:
        """Keep a value; a second one for the same day that differs is noted."""
        known = self.values.setdefault((measure, day), (value, unit))
        if known != (value, unit):
            message = f"{measure!r} has {known[0]:g} for {day} already, and {value:g} is left out; keep one"
            row.notes.add(row.row, column, message)


def assemble(drafts: list[Draft], notes: Notes, names: Names) -> Harvest:
    """Return the definitions of all drafts with the teams, owners and cycles that they name.

    A key result without an objective, or a row whose definition is refused, is noted and left out; a team
    or owner that cannot be told is noted and left empty.
    """
    harvest, people = Harvest(), People(names)
    cycles = settle_cycles(drafts, notes)
    renamed = _claim_cycles(cycles, names)
    for draft in drafts:
        if draft.kind == "objective":
            _objective(draft, renamed[cycles[draft.id]], harvest, people, names)
    for draft in drafts:
        if draft.kind == "key_result":
            _key_result(draft, cycles, harvest, people)
        elif draft.kind == "kpi":
            _kpi(draft, harvest, people)
    _link(drafts, harvest, names)
    used = {cycle.id: cycle for cycle in renamed.values()}
    harvest.definitions = {**used, **people.found, **harvest.definitions}
    return harvest


def _claim_cycles(cycles: Mapping[str, Cycle], names: Names) -> dict[Cycle, Cycle]:
    """Return each cycle under an id of its own."""
    found = dict.fromkeys(cycles.values())
    return {cycle: attrs.evolve(cycle, id=names.claim([cycle.id, f"{cycle.id}-cycle"])[0]) for cycle in found}


def _objective(draft: Draft, cycle: Cycle, harvest: Harvest, people: People, names: Names) -> None:
    row = draft.row
    rows = [one.row for one in draft.holds if draft.implied] or [row]
    above = (Contribution(draft.parent.id, _weight(row)),) if draft.parent else ()
    built = harvest.add(
        row,
        "title",
        lambda: Objective(
            id=draft.id,
            title=draft.title,
            cycle=cycle.id,
            owner=_agreed(rows, "owner", people.owner),
            team=_agreed(rows, "team", people.team),
            contributes_to=above,
            why=_agreed(rows, "why", lambda one: one.text("why")) or "",
            tags=() if draft.implied else row.texts("tags"),
        ),
    )
    if not built or draft.implied:
        return
    _status(draft, harvest, people)
    role = next((role for role in ("target", "progress", "current") if row.given(role)), None)
    if role is None:
        return
    if draft.holds:
        row.note(
            role,
            f"the numbers of {draft.id!r} are left out: what is below it scores it; make them a key result",
        )
        return
    own = read_key_result(row)
    if own.measure is not None:
        name, _ = names.claim([f"{draft.id}-progress"])
        _measured(row, name, draft.id, draft.title, own, None, harvest, people)


def _agreed(rows: list[RowValues], role: str, read: Callable[[RowValues], str | None]) -> str | None:
    """Return what all rows say; None where they differ."""
    if len({str(row.cell(role)).casefold() for row in rows}) > 1:
        return None
    return read(rows[0]) if rows else None


def _key_result(draft: Draft, cycles: Mapping[str, Cycle], harvest: Harvest, people: People) -> None:
    if draft.parent is None or draft.parent.id not in harvest.definitions:
        if not draft.misplaced:
            draft.row.note("title", "the key result has no objective above it and is left out; name one")
        return
    measured = read_key_result(draft.row)
    if measured.measure is None:
        if draft.row.cell("target") is None:
            draft.row.note("target", "a key result needs a number to reach, and is left out; give a target")
        return
    due = _due(draft.row, cycles[draft.parent.id])
    if _measured(draft.row, draft.id, draft.parent.id, draft.title, measured, due, harvest, people):
        _status(draft, harvest, people)


def _measured(
    row: RowValues,
    name: str,
    objective: str,
    title: str,
    measured: Measured,
    due: dt.date | None,
    harvest: Harvest,
    people: People,
) -> bool:
    """Keep a key result and its values."""
    built = harvest.add(
        row,
        "target",
        lambda: KeyResult(
            id=name,
            objective=objective,
            title=title,
            measure=measured.measure,  # type: ignore[arg-type]  # the caller has one
            owner=people.owner(row),
            unit=measured.unit,
            weight=_weight(row),
            guardrail=row.flag("guardrail"),
            due=due,
            tags=row.texts("tags"),
        ),
    )
    for day, value, column in measured.values if built else ():
        harvest.observe(row, name, day, value, column)
    return built


def _due(row: RowValues, cycle: Cycle) -> dt.date | None:
    """Return the day that a key result is due, where that is not the end of its objective's cycle."""
    own = period_of(row)
    if own is None or own.end == cycle.end:
        return None
    if own.end < cycle.start:
        row.note(
            "end", f"is due on {own.end}, before its objective begins on {cycle.start}; correct one of them"
        )
        return None
    return own.end


def _kpi(draft: Draft, harvest: Harvest, people: People) -> None:
    row = draft.row
    measured = read_kpi(row)
    way = row.way()

    def build(bands: Mapping[str, Band]) -> Kpi:
        return Kpi(
            id=draft.id,
            title=draft.title,
            unit=measured.unit,
            target=bands.get("target"),
            limit=bands.get("limit"),
            worst=bands.get("worst"),
            better=way,
            owner=people.owner(row),
            team=people.team(row),
            category=row.text("category"),
            incentivised=row.flag("incentivised"),
            guardrail=row.flag("guardrail"),
            watchers=people.watchers(row),
            definition=row.text("definition"),
            target_text=measured.words,
        )

    bands = measured.bands
    try:
        build(bands)
    except OkrError as error:
        row.note("limit", f"{error}; limit and worst are left out")
        bands = {name: band for name, band in bands.items() if name == "target"}
    if harvest.add(row, "title", lambda: build(bands)):
        _status(draft, harvest, people)
        for day, value, column in measured.values:
            harvest.observe(row, draft.id, day, value, column)


def _status(draft: Draft, harvest: Harvest, people: People) -> None:
    """Keep the declared status as a check-in: reported, never computed with (S5.6)."""
    row = draft.row
    status = row.text("status")
    if not status:
        return
    at = row.at()
    if at is None:
        row.notes.count(row.mapping.column("status") or "", UNDATED_STATUS)
        return
    by = people.owner(row) or row.mapping.system or "import"
    harvest.entries.append(Entry("check-in", draft.id, by, at, status=status))


UNDATED_STATUS = "{n} statuses have no date and are left out; say when they were declared: at=..."


def _weight(row: RowValues) -> float:
    weight = row.number("weight")
    if weight is None:
        return 1.0
    if weight[0] < 0:
        row.note("weight", f"{weight[0]:g} is below 0, and 1 is taken; give 0 or more")
        return 1.0
    return weight[0]


def _link(drafts: list[Draft], harvest: Harvest, names: Names) -> None:
    """Turn the parents of KPIs into links, where the mapping says which sign they have."""
    for draft in drafts:
        if draft.kind != "kpi" or draft.parent is None or draft.id not in harvest.definitions:
            continue
        sign = draft.row.mapping.parent_sign
        if sign is None:
            column = draft.row.mapping.column("parent") or draft.row.mapping.column("order") or ""
            message = "{n} KPIs have a parent, which is left out; set parent_sign to make links of them"
            draft.row.notes.count(column, message)
            continue
        name = f"{draft.id}->{draft.parent.id}"
        if draft.parent.id not in harvest.definitions:
            continue
        if name in names.taken:
            draft.row.note("parent", f"the id {name!r} of the link to it is taken; rename what has it")
        else:
            harvest.add(
                draft.row, "parent", partial(Link, source=draft.id, target=draft.parent.id, sign=sign)
            )
