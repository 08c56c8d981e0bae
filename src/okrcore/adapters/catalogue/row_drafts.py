"""Draft what each row declares, under which id, and below which other row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import attrs

from okrcore.adapters.catalogue.mapping import ColumnMapping
from okrcore.adapters.catalogue.row_values import Notes, RowValues
from okrcore.adapters.catalogue.title_ids import Names, slug
from okrcore.adapters.sheet import Sheet, SheetRow
from okrcore.definitions.fields import is_id


@attrs.define(eq=False)
class Draft:
    """A row on its way to a definition: `kind` is one of `TYPES`, or "nothing"."""

    row: RowValues
    kind: str
    title: str
    key: str = ""
    """The id that the row gives, "" where it is made from the title."""
    id: str = ""
    order: str = ""
    number: int = 0
    """The place of a key result among those that stand side by side in one row, from 1."""
    implied: bool = False
    """An objective that its key results name and no row declares; `row` is that of the first."""
    parent: Draft | None = None
    weight: float | None = None
    """Its weight in what is above it, where that is stated with it."""
    also: list[tuple[Draft, float]] = attrs.Factory(list)
    """Further objectives above an objective, each with its weight there."""
    named: list[tuple[Draft, float | None]] = attrs.Factory(list)
    """What the row names as above it, before it is settled which of that can be."""
    misplaced: bool = False
    """What is above it has been noted as a fault."""
    holds: list[Draft] = attrs.Factory(list)


def draft_rows(
    sheet: Sheet, mapping: ColumnMapping, notes: Notes, names: Names, wide: Mapping[str, str]
) -> list[Draft]:
    """Return a draft for each row that declares something, with ids settled.

    Ids that the rows give come first, then those made from titles, in order; a title that another row has
    too gets a number and is noted. `wide` maps roles to the names of repeated columns
    ("key_result_{n}_title"): each n that has a cell is a key result below its row.
    """
    drafts: list[Draft] = []
    for row in sheet.rows:
        drafts += _drafts(row, mapping, notes, wide)
    return _name(drafts, names)


def _drafts(
    row: SheetRow, mapping: ColumnMapping, notes: Notes, wide: Mapping[str, str], depth: int = 0
) -> Iterable[Draft]:
    """Yield the draft of a row, those that stand side by side in it, and those nested in it."""
    draft = _draft(RowValues(row, mapping, notes))
    if draft:
        yield draft
        yield from _repeated(draft, wide)
    for key, rows in row.nested.items():
        kind = mapping.nested.get(key)
        if kind is None:
            notes.count(key, NESTED.replace("{key}", repr(key)))
        elif depth < DEEPEST:
            columns = {role: name for role, name in mapping.columns.items() if role != "type"}
            own = attrs.evolve(mapping, rows=kind, columns=columns, parent_above=True)
            for inner in rows:
                for child in _drafts(inner, own, notes, {}, depth + 1):
                    child.parent = child.parent or draft
                    if child.parent is draft and draft is not None:
                        draft.holds.append(child)
                    yield child


NESTED = "{n} lists under {key} are passed by; say what they hold with nested, such as {key}: 'key_result'"
DEEPEST = 8


def _draft(row: RowValues) -> Draft | None:
    kind: str | None = row.mapping.rows
    if row.mapping.column("type"):
        kind = row.word("type") or None
        if kind is None:
            if row.cell("type") is None:
                row.note("type", "the row says no type; give one")
            return None
    key, title = _key(row), row.text("title")
    if kind == "key_result" and not title and row.mapping.column("objective"):
        title = row.text("objective") if _says_a_number(row) else ""
        if not title and row.text("objective"):
            return Draft(row, "nothing", "")
    if not title and not key:
        row.note("title", "the row has neither title nor id; give one")
        return None
    if key and (fault := is_id(row.mapping.prefixes.get(kind or "", "") + key)):
        row.note("id", f"the id {fault}")
        return None
    return Draft(row, kind or "", title or key, key, order=row.text("order").rstrip("."))


def _key(row: RowValues) -> str:
    """Return the id that the row gives: its cell as it is, or several cells as one slug."""
    if isinstance(row.mapping.columns.get("id"), tuple):
        return slug(" ".join(row.texts("id")), KEY)
    return row.text("id")


KEY = 200


def _says_a_number(row: RowValues) -> bool:
    return any(row.cell(role) is not None for role in ("target", "progress", "current"))


def _repeated(above: Draft, wide: Mapping[str, str]) -> Iterable[Draft]:
    """Yield a key result for each numbered group of columns that has a cell."""
    if not wide:
        return
    found = set()
    for pattern in wide.values():
        matcher = re.compile(re.escape(pattern).replace(re.escape("{n}"), "([1-9][0-9]{0,2})"))
        found |= {int(match[1]) for name in above.row.row.cells if (match := matcher.fullmatch(name))}
    for n in sorted(found):
        columns = {role: pattern.replace("{n}", str(n)) for role, pattern in wide.items()}
        mapping = attrs.evolve(above.row.mapping, columns=columns, words={}, observations={})
        row = attrs.evolve(above.row, mapping=mapping)
        title = row.text("title")
        if title:
            yield Draft(row, "key_result", title, number=n, parent=above)
        else:
            row.note("title", "the key result has no title; give one")


def _name(drafts: list[Draft], names: Names) -> list[Draft]:
    kept = []
    for draft in drafts:
        if draft.key:
            wanted = draft.row.mapping.prefixes.get(draft.kind, "") + draft.key
            if wanted in names.taken:
                draft.row.note(
                    "id", f"the id {wanted!r} is that of an earlier row, and this row is left out; rename one"
                )
                continue
            draft.id, _ = names.claim([wanted])
        kept.append(draft)
    for draft in kept:
        if draft.key or draft.kind == "nothing":
            continue
        prefix = draft.row.mapping.prefixes.get(draft.kind, "")
        if draft.number and draft.parent:
            draft.id, _ = names.claim([f"{draft.parent.id}-kr-{draft.number}"])
            continue
        wanted = prefix + (slug(draft.title) or f"row-{draft.row.row.line}")
        draft.id, free = names.claim([wanted])
        if not free:
            draft.row.note(
                "title",
                f"an earlier row has the id {wanted!r} too, and this one became {draft.id!r};"
                " give ids, as these follow the order of rows",
            )
    ids = {id(draft) for draft in kept}
    return [draft for draft in kept if draft.parent is None or id(draft.parent) in ids]
