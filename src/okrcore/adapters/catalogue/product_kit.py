"""Describe the export of one tool: how its columns map, and how it is recognised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from okrcore.adapters.catalogue.mapping import ColumnMapping
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


def product(
    name: str,
    columns: Mapping[str, str | tuple[str, ...]],
    *,
    required: str,
    signature: str = "",
    ignored: str = "",
    wide: Mapping[str, str] | None = None,
    **settings: Any,
) -> Product:
    """Return a tool's export; lists of columns are one text, parted by commas."""
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
