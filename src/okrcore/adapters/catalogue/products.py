"""What the exports of known OKR tools call their columns: one table, read by the same code as any sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from okrcore.adapters.catalogue.mapping import ColumnMapping
from okrcore.adapters.catalogue.title_ids import slug
from okrcore.errors import DocumentError
from okrcore.frozen import FrozenDict


@attrs.frozen(kw_only=True)
class Product:
    """One tool's export: how its columns map, which must be there, and how it is recognised.

    `required` columns are an error where they are missing; `signature` columns together tell the export from
    others; `ignored` ones are known and hold nothing that a portfolio keeps. `wide` maps roles of repeated
    key results to column names with {n}.
    """

    name: str
    mapping: ColumnMapping
    required: tuple[str, ...]
    signature: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    wide: Mapping[str, str] = FrozenDict()


def _product(
    name: str,
    columns: Mapping[str, str | tuple[str, ...]],
    *,
    required: str,
    signature: str = "",
    ignored: str = "",
    wide: Mapping[str, str] | None = None,
    **settings: Any,
) -> Product:
    return Product(
        name=name,
        mapping=ColumnMapping(columns=columns, system=name, **{"rows": "objective", **settings}),
        required=_listed(required),
        signature=_listed(signature or required),
        ignored=_listed(ignored),
        wide=FrozenDict(wide or {}),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


PRODUCTS: tuple[Product, ...] = (
    _product(
        "appfire",
        {
            "order": "Order",
            "type": "Type",
            "title": "Summary",
            "status": "Status",
            "period": "Period",
            "owner": "Owner",
            "weight": "Weight",
            "tags": ("OKR type", "Labels"),
            "team": "Teams",
            "begin": "Expected start date",
            "end": "Expected end date",
            "start": "Start value",
            "current": "Current value",
            "target": "Target value",
            "why": "Description",
        },
        required="Order, Type, Summary, Status, Period, Owner, Start value, Current value, Target value",
        words={"type": {"Objective": "objective", "Key result": "key_result"}},
        separator=",",
        dates="either",
    ),
    _product(
        "peoplecues",
        {
            "objective": "Objective Title",
            "owner": "Owner_Email_ID",
            "begin": "Start_Date",
            "end": "Due_Date",
            "why": "Description",
            "title": "Metric_Name",
            "unit": "Metric_Type",
            "tags": "Metric_Type",
            "start": "Metric_Start_Value",
            "target": "Metric_Target_Value",
        },
        required="Objective Title, Owner_Email_ID, Start_Date, Due_Date",
        rows="key_result",
        words={"unit": {"Percentage": "%", "Number": "", "Time": "", "Currency": ""}},
    ),
    _product(
        "betterworks",
        {
            "title": "name",
            "type": "type",
            "progress": "progress",
            "begin": "start_date",
            "end": "end_date",
            "owner": "owner_email",
            "tags": "categories",
            "why": "description",
        },
        required="name, type, progress, owner_email",
        words={"type": {"goal": "objective", "milestone": "key_result"}},
        parent_above=True,
        dates="either",
    ),
    _product(
        "cultureamp",
        {
            "title": "name",
            "owner": "email",
            "why": "description",
            "begin": "created_at",
            "end": "due_at",
            "tags": "priority",
            "status": "status",
            "progress": "completion",
        },
        required="email, name",
        signature="email, name, visibility, due_at",
        ignored="visibility, individual_emails",
        wide={"title": "key_result_{n}_title", "progress": "key_result_{n}_completion"},
        progress="share",
        dates="either",
    ),
    _product(
        "mirro",
        {
            "type": "Objective Action",
            "id": "Objective ID",
            "title": "Objective Title",
            "why": "Objective Description",
            "tags": "Objective Type",
            "scope": "Objective Type",
            "scope_value": "Objective Type Value",
        },
        required="Objective Action, Objective ID, Objective Title",
        words={
            "type": {"add": "objective", "update": "objective"},
            "scope": {"organization": "", "department": "team", "team": "team", "individual": "owner"},
        },
    ),
    _product(
        "engagedly",
        {
            "title": "Goal",
            "why": "Notes",
            "id": "Goal Identifier",
            "begin": "Start Date",
            "end": "End Date",
            "owner": "Owner Email ID",
            "status": "Status",
            "tags": "Check-In Type",
        },
        required="Goal, Start Date, End Date, Assigner Email ID, Owner Email ID",
        signature="Goal, Start Date, End Date",
        ignored="Notification Frequency, Assigner, Assigner Email ID",
        dates="either",
    ),
    _product(
        "hrwize",
        {
            "title": "Goal Name",
            "why": "Goal Description",
            "definition": "Goal Description",
            "type": "Goal Category",
            "category": "Goal Type",
            "tags": "Goal Type",
            "unit": "Goal Options",
        },
        required="Goal Name, Goal Type, Goal Category",
        words={
            "type": {"Development": "objective", "KPI": "kpi"},
            "unit": {"Default": "", "1-5": "", "1-10": "", "Percentage": "%", "Target": ""},
        },
    ),
    _product(
        "purview",
        {
            "id": "id",
            "title": "name",
            "why": "description",
            "team": "businessDomainId",
            "type": "type",
            "parent": "parentOkrId",
            "status": "status",
            "at": "updatedAt",
        },
        required="id, name, type",
        signature="id, name, type, businessDomainId",
        ignored="createdAt",
        words={"type": {"Objective": "objective", "KeyResult": "key_result"}},
        constants={"start": 0, "target": 100, "unit": "%"},
    ),
)
"""The tools whose exports `read_catalogue(format=...)` knows."""


def product_named(format: str) -> Product:
    """Return the product of a name, compared without case, space or sign.

    >>> product_named("Culture Amp").name
    'cultureamp'
    """
    wanted = slug(format).replace("-", "") if isinstance(format, str) else ""
    for product in PRODUCTS:
        if wanted == product.name:
            return product
    names = ", ".join(product.name for product in PRODUCTS)
    raise DocumentError(f"format {format!r} is unknown; give one of {names}, or a mapping")


def recognise(columns: Sequence[str]) -> Product:
    """Return the one product whose signature the columns hold; raises DocumentError for none or several."""
    found = [product for product in PRODUCTS if set(product.signature) <= set(columns)]
    if len(found) == 1:
        return found[0]
    which = "those of several tools" if found else "not those of a known tool"
    shown = ", ".join(columns[:12])
    raise DocumentError(f"the columns ({shown[:300]}) are {which}; give a mapping or a format")
