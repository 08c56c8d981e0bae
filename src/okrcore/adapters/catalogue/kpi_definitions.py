"""Turn drafts of KPIs into KPIs and links, and drafts of initiatives into initiatives."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from okrcore.adapters.catalogue.check_in_entries import add_entries
from okrcore.adapters.catalogue.harvest import Harvest
from okrcore.adapters.catalogue.people_cells import People
from okrcore.adapters.catalogue.row_drafts import Draft
from okrcore.adapters.catalogue.row_measures import read_kpi
from okrcore.adapters.catalogue.row_values import RowValues
from okrcore.adapters.catalogue.spans import period_of
from okrcore.adapters.catalogue.title_ids import Names, slug
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.joined_ids import link_id
from okrcore.definitions.kpis import Kpi, Source
from okrcore.definitions.links import Link
from okrcore.definitions.measures import Band
from okrcore.errors import OkrError


def add_kpi(draft: Draft, harvest: Harvest, people: People) -> None:
    """Keep a KPI, its values and what was said of it."""
    row = draft.row
    measured = read_kpi(row)
    way, cadence, aggregate = row.way(), row.cadence(), row.aggregate()
    source = Source(row.text("source")) if row.text("source") else None
    initiative = named_initiative(row, harvest, people)

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
            source=source,
            cadence=cadence,
            aggregate=aggregate,
            initiative=initiative,
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
        add_entries(draft, harvest, people)
        for day, value, column in measured.values:
            harvest.observe(row, draft.id, day, value, column)


def add_initiative(draft: Draft, harvest: Harvest, people: People) -> None:
    """Keep an initiative with a link to the key result or KPI that it is below."""
    row, time = draft.row, period_of(draft.row)
    built = harvest.add(
        row,
        "title",
        lambda: Initiative(
            id=draft.id,
            title=draft.title,
            owner=people.owner(row),
            team=people.team(row),
            start=None if time is None else time.start,
            end=None if time is None else time.end,
        ),
    )
    if not built:
        return
    add_entries(draft, harvest, people)
    if any(row.given(role) for role in ("target", "progress", "current")):
        row.notes.count(row.mapping.column("type") or "", NUMBERS)
    parent = draft.parent
    if parent is not None and parent.kind == "objective":
        row.notes.count(row.mapping.column("alignment") or row.mapping.column("parent") or "", UNTIED)
    elif parent is not None and parent.id in harvest.definitions:
        harvest.add(row, "parent", partial(Link, source=draft.id, target=parent.id, sign=1))


NUMBERS = "{n} initiatives have numbers, which are left out: an initiative moves key results and has none"
UNTIED = "{n} initiatives are below an objective, which no link says; link them to the key results they move"


def named_initiative(row: RowValues, harvest: Harvest, people: People) -> str | None:
    """Return the id of the initiative that a row names, which is declared by that."""
    text = row.text("initiative")
    if not text:
        return None
    prefix = row.mapping.prefixes.get("initiative", "")
    for wanted in (f"{prefix}{slug(text)}", f"{prefix}{slug(text)}-initiative"):
        known = harvest.definitions.get(wanted)
        if isinstance(known, Initiative):
            return known.id
        if wanted and known is None and wanted not in people.names.taken:
            people.names.claim([wanted])
            harvest.add(row, "initiative", partial(Initiative, id=wanted, title=text))
            return wanted
    row.note("initiative", f"the id made of {text!r} is taken; rename it")
    return None


def link_kpis(drafts: list[Draft], harvest: Harvest, names: Names) -> None:
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
        name = link_id(draft.id, draft.parent.id)
        if draft.parent.id not in harvest.definitions:
            continue
        if name in names.taken:
            draft.row.note("parent", f"the id {name!r} of the link to it is taken; rename what has it")
        else:
            harvest.add(
                draft.row, "parent", partial(Link, source=draft.id, target=draft.parent.id, sign=sign)
            )
