"""Build drafts: what can be a definition, observation or entry becomes one, what cannot is noted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

import attrs

from okrcore.adapters.catalogue.check_in_entries import add_entries
from okrcore.adapters.catalogue.harvest import Harvest
from okrcore.adapters.catalogue.kpi_definitions import add_initiative, add_kpi, link_kpis, named_initiative
from okrcore.adapters.catalogue.people_cells import People
from okrcore.adapters.catalogue.row_drafts import Draft
from okrcore.adapters.catalogue.row_measures import Measured, read_key_result
from okrcore.adapters.catalogue.row_values import Notes, RowValues
from okrcore.adapters.catalogue.spans import period_of, settle_cycles
from okrcore.adapters.catalogue.stage_words import read_stage
from okrcore.adapters.catalogue.title_ids import Names
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.goals import Contribution, KeyResult, Objective, Stage
from okrcore.definitions.links import Link
from okrcore.definitions.measures import Checklist, Item


def assemble(drafts: list[Draft], notes: Notes, names: Names) -> Harvest:
    """Return the definitions of all drafts with the teams, owners and cycles that they name.

    A key result without an objective, or a row whose definition is refused, is noted and left out; one
    without a number is kept as a draft; a team or owner that cannot be told is noted and left empty.
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
            add_kpi(draft, harvest, people)
    for draft in drafts:
        if draft.kind == "initiative":
            add_initiative(draft, harvest, people)
    link_kpis(drafts, harvest, names)
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
    above: tuple[Contribution, ...] = (
        () if draft.parent is None else (Contribution(draft.parent.id, _weight(draft)),)
    )
    above += tuple(Contribution(parent.id, weight) for parent, weight in draft.also)
    built = harvest.add(
        row,
        "title",
        lambda: Objective(
            id=draft.id,
            title=draft.title,
            cycle=cycle.id,
            commitment=_commitment(row),
            stage="active" if draft.implied else read_stage(row),
            owner=_agreed(rows, "owner", people.owner),
            team=_agreed(rows, "team", people.team),
            contributes_to=above,
            why=_agreed(rows, "why", lambda one: one.text("why")) or "",
            tags=() if draft.implied else row.texts("tags"),
        ),
    )
    if not built or draft.implied:
        return
    add_entries(draft, harvest, people)
    role = next((role for role in ("target", "progress", "current") if row.given(role)), "")
    if not role and not any(name in row.row.cells for name in row.observations):
        return
    if any(_weight(one) > 0 for one in draft.holds if one.kind in ("objective", "key_result")):
        row.note(
            role,
            f"the numbers of {draft.id!r} are left out: what is below it scores it; make them a key result",
        )
        return
    own = read_key_result(row)
    if own.measure is None and own.values:
        row.note(role, f"the values of {draft.id!r} are left out: nothing says what to reach; give a target")
    if own.measure is not None:
        name, _ = names.claim([f"{draft.id}-progress"])
        _measured(row, name, draft.id, draft.title, own, None, 1.0, "active", harvest, people)


def _agreed(rows: list[RowValues], role: str, read: Callable[[RowValues], str | None]) -> str | None:
    """Return what all rows say; None where they differ."""
    if len({str(row.cell(role)).casefold() for row in rows}) > 1:
        return None
    return read(rows[0]) if rows else None


def _key_result(draft: Draft, cycles: Mapping[str, Cycle], harvest: Harvest, people: People) -> None:
    if draft.parent is None or draft.parent.id not in harvest.definitions:
        if not draft.misplaced:
            draft.row.note("title", ABOVE)
        return
    measured = read_key_result(draft.row)
    due = _due(draft.row, cycles[draft.parent.id])
    weight, stage = _weight(draft), read_stage(draft.row)
    if measured.measure is None:
        draft.row.note("target", NO_NUMBER)
        measured = attrs.evolve(measured, measure=Checklist([Item(id="done", title=draft.title)]))
        stage = "draft" if stage == "active" else stage
    if _measured(
        draft.row, draft.id, draft.parent.id, draft.title, measured, due, weight, stage, harvest, people
    ):
        add_entries(draft, harvest, people)
        initiative = named_initiative(draft.row, harvest, people)
        if initiative:
            harvest.add(draft.row, "initiative", partial(Link, source=initiative, target=draft.id, sign=1))


NO_NUMBER = "a key result needs a number to reach, and is kept as a draft until it has one; give a target"
ABOVE = (
    "the key result has no objective above it and is left out; name one, or set parent_above where it belongs"
    " to that of the row above (merged to fill, where cells are merged)"
)


def _measured(
    row: RowValues,
    name: str,
    objective: str,
    title: str,
    measured: Measured,
    due: dt.date | None,
    weight: float,
    stage: Stage,
    harvest: Harvest,
    people: People,
) -> bool:
    """Keep a key result and its values."""
    measure = measured.measure
    assert measure is not None, "the caller has one"
    built = harvest.add(
        row,
        "target",
        lambda: KeyResult(
            id=name,
            objective=objective,
            title=title,
            measure=measure,
            owner=people.owner(row),
            unit=measured.unit,
            weight=weight,
            stage=stage,
            guardrail=row.flag("guardrail") and not isinstance(measured.measure, Checklist),
            cadence=row.cadence(),
            aggregate=row.aggregate(),
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


def _commitment(row: RowValues) -> Literal["committed", "aspirational", "learning"]:
    found = row.word("commitment", "committed", "aspirational", "learning")
    return "aspirational" if found == "aspirational" else "learning" if found == "learning" else "committed"


def _weight(draft: Draft) -> float:
    """Return the weight that a draft has in what is above it, as stated there or in its row."""
    if draft.weight is not None:
        return draft.weight
    weight = draft.row.number("weight")
    if weight is None:
        return 1.0
    if weight[0] < 0:
        draft.row.note("weight", f"{weight[0]:g} is below 0, and 1 is taken; give 0 or more")
        return 1.0
    return weight[0]
