"""Map columns of a table to what they mean: a typed value, also from a dict or a TOML or JSON file."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

import attrs
from attrs import field

from okrcore.adapters.catalogue.roles import is_mapping, mapping_faults
from okrcore.adapters.cells import to_texts
from okrcore.adapters.date_cells import DATE_ORDERS, DateOrder
from okrcore.adapters.number_cells import NumberFormat
from okrcore.adapters.regular_files import read_at_most
from okrcore.adapters.table_records import TableLayout
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.fields import (
    check,
    each,
    is_a,
    is_date,
    is_flag,
    is_text,
    one_of,
    optional,
    report,
)
from okrcore.definitions.moments import from_iso
from okrcore.documents.loading import READERS, from_dict
from okrcore.documents.nodes import Fields, Limits, Node, Unreadable
from okrcore.documents.plain import to_dict
from okrcore.documents.source_text import SourceText, decode
from okrcore.documents.source_text import check as check_text
from okrcore.documents.structure import structured
from okrcore.errors import DocumentError, raise_all
from okrcore.frozen import FrozenDict, frozen_mapping

RowPolicy = Literal["kpi", "key_result", "objective", "observation"]
Constant = str | float | bool
T = TypeVar("T")


def _columns(values: Any) -> Any:
    if not isinstance(values, Mapping):
        return values
    return FrozenDict({k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


def _words(values: Any) -> Any:
    return (
        frozen_mapping({key: frozen_mapping(inner) for key, inner in values.items()})
        if isinstance(values, Mapping)
        else values
    )


def _dates(values: Any) -> Any:
    if not isinstance(values, Mapping):
        return values
    return FrozenDict({name: _to_date(day) for name, day in values.items()})


def _to_date(day: Any) -> Any:
    if isinstance(day, str):
        try:
            return from_iso(day)
        except ValueError:
            return day
    return day


def _is_month(value: object) -> str | None:
    good = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 12
    return None if value is None or good else f"is {value!r}; give 1 to 12"


def _is_sign(value: object) -> str | None:
    good = value is None or (value in (1, -1) and isinstance(value, int) and not isinstance(value, bool))
    return None if good else f"is {value!r}; give 1 or -1"


@attrs.frozen(kw_only=True)
class ColumnMapping:
    """Which column of a table means what, and how its cells are written.

    `rows` is what a row declares (a `type` column may say otherwise). `columns` maps roles to column names;
    `ROLES` tells them all. `words` maps the words of a role's cells to what they mean, in any case:
    {"direction": {"Up": "higher"}}; a word that is not listed is reported. `constants` gives a role the same
    value in every row that has no cell for it. `observations` maps columns to the day that they are values
    of; `periods` are ranges of columns called by periods, each of its last day: "Jan 2025..Dec 2025".
    `prefixes` go before the ids made for a "team", "owner", "objective", "key_result" or "kpi".

    `numbers` is how numbers are written. `dates`: "iso", "day-first", "month-first", or "either" for dates
    that can be read in one way only. `fiscal_start_month` is needed to read FY23. `cycle` is that of
    objectives without a period. `at` is the day of current values, progress and status. `progress` says
    whether 1 is one percent or the whole. `parent_above`: a key result that names no objective belongs to
    that of the row above. `parent_sign` turns the parents of KPIs into links of that sign.
    `system` and `mode` are the source of the observations. `separator` parts several texts in one cell,
    `separators` those of single roles; of `several` owners or teams in a cell "none" is taken, or the
    "first". `nested` says what the lists inside JSON records declare ({"key_results": "key_result"}), by the
    same columns. `values_from_progress`: the value of a target is what its progress makes of start and goal.
    `delimiter`, `encoding`, `sheet`, `records`, `heading`, `merged` and `short_rows` say where the table is,
    as in `TableLayout`.

    >>> columns = {"title": "Indicator", "target": "Goal"}
    >>> mapping = ColumnMapping(columns=columns, observations={"2025": "2025-12-31"})
    >>> mapping.rows, mapping.observations["2025"]
    ('kpi', datetime.date(2025, 12, 31))
    """

    rows: RowPolicy = field(
        default="kpi", metadata=check(one_of("kpi", "key_result", "objective", "observation"))
    )
    columns: Mapping[str, str | tuple[str, ...]] = field(
        factory=dict, converter=_columns, metadata=check(is_mapping)
    )
    words: Mapping[str, Mapping[str, str]] = field(factory=dict, converter=_words, metadata=check(is_mapping))
    constants: Mapping[str, Constant] = field(
        factory=dict, converter=frozen_mapping, metadata=check(is_mapping)
    )
    observations: Mapping[str, dt.date] = field(factory=dict, converter=_dates, metadata=check(is_mapping))
    periods: tuple[str, ...] = field(
        default=(), converter=to_texts, metadata=check(each(is_text, unique=True))
    )
    units: tuple[str, ...] = field(default=(), converter=to_texts, metadata=check(each(is_text, unique=True)))
    prefixes: Mapping[str, str] = field(factory=dict, converter=frozen_mapping, metadata=check(is_mapping))
    numbers: NumberFormat = field(factory=NumberFormat, metadata=check(is_a(NumberFormat)))
    dates: DateOrder = field(default="iso", metadata=check(one_of(*DATE_ORDERS)))
    fiscal_start_month: int | None = field(default=None, metadata=check(_is_month))
    cycle: Cycle | None = field(default=None, metadata=check(optional(is_a(Cycle))))
    at: dt.date | None = field(default=None, converter=_to_date, metadata=check(optional(is_date)))
    progress: Literal["percent", "share"] = field(
        default="percent", metadata=check(one_of("percent", "share"))
    )
    parent_above: bool = field(default=False, metadata=check(is_flag))
    parent_sign: Literal[1, -1] | None = field(default=None, metadata=check(_is_sign))
    system: str = field(default="", metadata=check(is_text))
    mode: Literal["pulled", "derived", "manual"] = field(
        default="manual", metadata=check(one_of("pulled", "derived", "manual"))
    )
    separator: str = field(default=";", metadata=check(is_text))
    separators: Mapping[str, str] = field(factory=dict, converter=frozen_mapping, metadata=check(is_mapping))
    several: Literal["none", "first"] = field(default="none", metadata=check(one_of("none", "first")))
    nested: Mapping[str, RowPolicy] = field(
        factory=dict, converter=frozen_mapping, metadata=check(is_mapping)
    )
    values_from_progress: bool = field(default=False, metadata=check(is_flag))
    delimiter: str | None = field(default=None, metadata=check(optional(is_text)))
    encoding: str | None = field(default=None, metadata=check(optional(is_text)))
    sheet: str | None = field(default=None, metadata=check(optional(is_text)))
    records: str | None = field(default=None, metadata=check(optional(is_text)))
    heading: int | str | None = None
    merged: Literal["first", "fill"] = "first"
    short_rows: Literal["refuse", "blank"] = "refuse"

    def __attrs_post_init__(self) -> None:
        report(self)
        report(self, [*mapping_faults(self), *self.layout.faults()])

    @classmethod
    def load(cls, path: str | os.PathLike[str], base: ColumnMapping | None = None) -> ColumnMapping:
        """Return the mapping that a TOML, JSON or YAML file holds; faults carry file and line.

        The file adds to `base`, where one is given: to each of its mappings, in place of its other fields.
        """
        return load_as(cls, path, "a mapping", base)

    @property
    def layout(self) -> TableLayout:
        """Where in the file the table stands."""
        return TableLayout(**{one.name: getattr(self, one.name) for one in attrs.fields(TableLayout)})

    def column(self, role: str) -> str | None:
        """Return the column of a role, the first where there are several; None for none."""
        name = self.columns.get(role)
        return name if isinstance(name, str) or name is None else next(iter(name), None)

    @property
    def used(self) -> frozenset[str]:
        """The columns that are read."""
        names = [(name,) if isinstance(name, str) else name for name in self.columns.values()]
        return frozenset(name for group in names for name in group).union(self.observations)


def load_as(cls: type[T], path: str | os.PathLike[str], what: str, base: T | None = None) -> T:
    """Return the value of an attrs class that a TOML, JSON or YAML file holds; faults carry file and line.

    What the file leaves out is as in `base`.
    """
    file = Path(path)
    kind = {".toml": "toml", ".json": "json", ".yaml": "yaml", ".yml": "yaml"}.get(file.suffix.lower())
    if kind is None:
        raise DocumentError(f"{file}: {what} is a .toml, .json or .yaml file; rename it")
    limits = attrs.evolve(Limits(), max_bytes=1_000_000)
    content = read_at_most(file, limits.max_bytes, "leave out what is not needed")
    source = SourceText(decode(content), str(file))
    try:
        check_text(source.text, limits)
        source.root = READERS[kind](source, limits)
        if base is not None:
            known = READERS["json"](SourceText(json.dumps(to_dict(base))), limits)
            source.root = _added_nodes(known, source.root)
    except Unreadable as stop:
        source.fault(stop.message, stop.at)
    own: Any = cls
    value = None if source.root is None else structured(own, source.root, source)
    raise_all(source.problems(), DocumentError)
    assert isinstance(value, cls), "what cannot be read leaves a problem"
    return value


def to_mapping(
    mapping: ColumnMapping | Mapping[str, Any] | str | os.PathLike[str], base: ColumnMapping | None = None
) -> ColumnMapping:
    """Return a mapping from a value, a dict or a file.

    A dict or a file adds to `base`, if there is one: to each of its mappings, in place of its other fields.
    """
    if isinstance(mapping, ColumnMapping):
        return mapping
    if isinstance(mapping, Mapping):
        return from_dict(ColumnMapping, _added(to_dict(base) if base is not None else {}, to_dict(mapping)))
    if isinstance(mapping, str | os.PathLike):
        return ColumnMapping.load(mapping, base)
    raise DocumentError(f"mapping is a {type(mapping).__name__}; give a ColumnMapping, a dict, or a path")


def _added(known: Any, given: Any) -> Any:
    """Return what is given, added to what is known: inside mappings key by key."""
    if not isinstance(known, dict) or not isinstance(given, dict):
        return given
    return {**known, **{key: _added(known.get(key), value) for key, value in given.items()}}


def _added_nodes(known: Node | None, given: Node) -> Node:
    """Return the same of what files hold."""
    if not isinstance(known, Fields) or not isinstance(given, Fields):
        return given
    entries = {key: _added_nodes(known.entries.get(key), node) for key, node in given.entries.items()}
    return attrs.evolve(given, entries={**known.entries, **entries})
