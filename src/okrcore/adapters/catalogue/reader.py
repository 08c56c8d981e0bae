"""Read a spreadsheet or another tool's export: portfolio, history, a problem for each row not read."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from okrcore.adapters.catalogue.assembly import assemble
from okrcore.adapters.catalogue.harvest import Harvest
from okrcore.adapters.catalogue.mapping import ColumnMapping, to_mapping
from okrcore.adapters.catalogue.product_kit import Product
from okrcore.adapters.catalogue.products import product_named, recognise
from okrcore.adapters.catalogue.row_alignment import place_drafts
from okrcore.adapters.catalogue.row_drafts import draft_rows
from okrcore.adapters.catalogue.row_measures import read_observed
from okrcore.adapters.catalogue.row_values import Notes, RowValues
from okrcore.adapters.catalogue.semantic_metrics import SEMANTIC_FORMATS, read_metrics
from okrcore.adapters.catalogue.title_ids import Names
from okrcore.adapters.column_ranges import columns_of
from okrcore.adapters.frame_chunks import is_frame
from okrcore.adapters.frame_sheet import sheet_of_frame
from okrcore.adapters.sheet import LARGEST, Sheet, read_sheet
from okrcore.adapters.table_records import TableLayout
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import DocumentError, Problem
from okrcore.frozen import FrozenDict
from okrcore.history.history import History
from okrcore.history.journal import Journal


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Catalogue:
    """What a file gave: the portfolio, the observations, the statuses that somebody declared, and the rest.

    `problems` holds one `Problem` for each row or cell that could not be read, with file, line and column,
    in order of lines; what concerns the whole file comes first. Declared statuses are check-ins in
    `journal`: reported, never computed with (S5.6). `rows` is how many rows the table has; `unread` says of
    how many cells nothing was read, by the name of their column.
    """

    portfolio: Portfolio
    history: History
    problems: tuple[Problem, ...] = ()
    journal: Journal = attrs.field(factory=Journal)
    rows: int = 0
    unread: Mapping[str, int] = FrozenDict()

    def __repr__(self) -> str:
        return (
            f"<Catalogue of {len(self.portfolio)} definitions, {len(self.history)} observations,"
            f" {len(self.problems)} problems>"
        )


def read_catalogue(
    path: str | os.PathLike[str] | Any,
    mapping: ColumnMapping | Mapping[str, Any] | str | os.PathLike[str] | None = None,
    format: str | None = None,
    *,
    at: dt.date | str | None = None,
    max_bytes: int = LARGEST,
) -> Catalogue:
    """Return what a table of goals or indicators holds: .csv, .tsv, .json (records), .xlsx, or a dataframe.

    `mapping` says which column means what: a `ColumnMapping`, a dict, or the path of a TOML, JSON or YAML
    file. `format` names the tool that exported the file: "appfire", "peoplecues", "betterworks",
    "cultureamp", "mirro", "engagedly", "hrwize" or "purview"; a dict or a file as `mapping` then adds to
    what is known of it. With neither, the columns must be those of one known tool. "dbt" and "osi" read the
    metrics of a semantic layer in YAML or JSON, whose own words also tell it: each is a KPI, whose definition
    says how it is computed.

    `at` is the day of the export: current values, progress and statuses have no date of their own, and are
    left out without one.

    What can be read is read, and nothing is guessed: each row or cell that says something else than its
    column is for is a problem, and costs no other row. Text is taken as text: control characters become
    spaces, a formula stays the characters that it is. Ids are those of the id column, else made from titles:
    letters and digits in small letters, all else one hyphen, a title that comes again with a number.

    Raises DocumentError where there is no table, it has more than `max_bytes`, or a required column is
    missing; DefinitionError for a faulty mapping; MissingExtraError for .xlsx without openpyxl. Cost in
    proportion to the cells.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "kpis.csv")
    ...     _ = file.write_text("KPI,Target,2025\\nUptime,at least 98%,97.5%\\nMorale,TBD,\\n")
    ...     columns = {"title": "KPI", "target": "Target"}
    ...     found = read_catalogue(file, {"columns": columns, "observations": {"2025": "2025-12-31"}})
    >>> found.portfolio["uptime"].target.low, found.history.latest("uptime", "2026-01-01").value
    (98.0, 97.5)
    >>> [(problem.line, problem.message) for problem in found.problems]
    [(3, "'TBD': no target is set yet; set one, or leave the cell empty")]
    """
    if format in SEMANTIC_FORMATS:
        if mapping is not None or at is not None:
            raise DocumentError(f"format {format!r} has no columns and no values; leave mapping and at out")
        return _of_metrics(path, max_bytes)
    unsaid = format is None and mapping is None and isinstance(path, str | os.PathLike)
    if unsaid and Path(path).suffix.lower() in (".yml", ".yaml"):  # no table is YAML
        return _of_metrics(path, max_bytes)
    product = None if format is None else product_named(format)
    if product and isinstance(mapping, ColumnMapping):
        raise DocumentError(
            "mapping and format are both given; give one, or a dict or a file that adds to the format"
        )
    known = product.mapping if product else None
    if mapping is not None:
        known = to_mapping(mapping, known)
    if is_frame(path):
        sheet = sheet_of_frame(path)
    else:
        sheet = read_sheet(Path(path), known.layout if known else TableLayout(), max_bytes)
    if known is None:
        try:
            product = recognise(sheet.columns)
        except DocumentError:
            if not unsaid or Path(path).suffix.lower() != ".json":
                raise
            with contextlib.suppress(DocumentError):
                return _of_metrics(path, max_bytes)
            raise
        known = product.mapping
        if known.layout != TableLayout() and not is_frame(path):
            sheet = read_sheet(Path(path), known.layout, max_bytes)
    if at is not None:
        known = attrs.evolve(known, at=at)
    if known.periods:
        periods = columns_of(known.periods, sheet.columns)
        known = attrs.evolve(known, observations={**periods, **known.observations})
    _check_columns(sheet, known, product)
    notes = Notes(sheet.file)
    for _ in sheet.merged:
        notes.count("", MERGED)
    if product:
        _note_unknown(sheet, known, product, notes)
    return _catalogue(sheet, known, notes, _harvest(sheet, known, product, notes))


def _of_metrics(path: Any, max_bytes: int) -> Catalogue:
    read = read_metrics(path, max_bytes)
    return Catalogue(
        portfolio=Portfolio.of(*read.kpis.values()),
        history=History(),
        problems=read.problems,
        rows=read.metrics,
        unread=FrozenDict(read.unread),
    )


MERGED = (
    "{n} areas of cells are merged, and only the first of each has the value;"
    " set merged to fill to give it to all of them"
)


def _check_columns(sheet: Sheet, mapping: ColumnMapping, product: Product | None) -> None:
    needed = product.required if product else mapping.used
    missing = sorted(set(needed) - set(sheet.columns))
    if missing:
        shown = ", ".join(sheet.columns[:40])
        raise DocumentError(
            [
                Problem(
                    f"column {name!r} is missing; the file has {shown[:500]}",
                    file=sheet.file,
                    line=sheet.heading,
                    kind=DocumentError,
                )
                for name in missing
            ]
        )


def _note_unknown(sheet: Sheet, mapping: ColumnMapping, product: Product, notes: Notes) -> None:
    known = {*mapping.used, *product.required, *product.signature, *product.ignored}
    repeated = [pattern.split("{n}") for pattern in product.wide.values()]
    for name in sheet.columns:
        wide = any(
            name.startswith(head)
            and name.endswith(tail)
            and name[len(head) : len(name) - len(tail)].isdecimal()
            for head, tail in repeated
        )
        if name not in known and not wide:
            notes.count(name, f"column {name!r} is not one that {product.name} is known for, and is not read")


def _harvest(sheet: Sheet, mapping: ColumnMapping, product: Product | None, notes: Notes) -> Harvest:
    if mapping.rows == "observation":
        harvest = Harvest()
        for row, value, unit in read_observed(RowValues(row, mapping, notes) for row in sheet.rows):
            _observe(row, value, unit, harvest)
        return harvest
    names = Names()
    drafts = draft_rows(sheet, mapping, notes, names, product.wide if product else {})
    drafts = place_drafts(drafts, names)
    return assemble(drafts, notes, names)


def _observe(row: RowValues, value: float, unit: str, harvest: Harvest) -> None:
    """Keep the observation that a row of a long table holds."""
    measure, day = row.text("measure"), row.at()
    if not measure or day is None:
        row.note("measure" if not measure else "at", "the value has no measure or no date; give both")
        return
    name = row.mapping.prefixes.get("kpi", "") + measure
    harvest.observe(row, name, day, value, row.mapping.column("value") or "", unit)


def _catalogue(sheet: Sheet, mapping: ColumnMapping, notes: Notes, harvest: Harvest) -> Catalogue:
    measures = [measure for measure, _ in harvest.values]
    history = History.of_columns(
        measures,
        [day for _, day in harvest.values],
        [value for value, _ in harvest.values.values()],
        unit=[unit for _, unit in harvest.values.values()],
        system=mapping.system,
        mode=mapping.mode,
    )
    return Catalogue(
        portfolio=Portfolio.of(*harvest.definitions.values(), units=mapping.units),
        history=history if measures else History(),
        problems=(*sheet.problems, *notes.all(sheet.heading, sheet.columns)),
        journal=Journal.of(harvest.entries),
        rows=len(sheet.rows),
        unread=FrozenDict(_unread(sheet, mapping)),
    )


def _unread(sheet: Sheet, mapping: ColumnMapping) -> dict[str, int]:
    """Return how many cells each column has that nothing reads."""
    counts = {name: 0 for name in sheet.columns if name not in mapping.used}
    for row in sheet.rows:
        for name in row.cells:
            if name in counts:
                counts[name] += 1
    return {name: count for name, count in counts.items() if count}
