"""Rows into drafts: what each declares, under which id, and below which other row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import attrs

from okrcore.adapters.catalogue.mapping import ColumnMapping
from okrcore.adapters.catalogue.row_values import Notes, RowValues
from okrcore.adapters.catalogue.title_ids import Names, slug
from okrcore.adapters.sheet import Sheet
from okrcore.definitions.digraph import circles
from okrcore.definitions.fields import is_id


@attrs.define(eq=False)
class Draft:
    """A row on its way to a definition: `kind` is "objective", "key_result" or "kpi"."""

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
    misplaced: bool = False
    """What is above it has been noted as a fault."""
    holds: list[Draft] = attrs.Factory(list)


def draft_rows(
    sheet: Sheet, mapping: ColumnMapping, notes: Notes, names: Names, wide: Mapping[str, str]
) -> list[Draft]:
    """Return a draft for each row that declares something, with ids and parents settled.

    Ids that the rows give come first, then those made from titles, in order; a title that another row has
    too gets a number and is noted. `wide` maps roles to the names of repeated columns
    ("key_result_{n}_title"): each n that has a cell is a key result below its row.
    """
    drafts: list[Draft] = []
    for row in sheet.rows:
        reading = RowValues(row, mapping, notes)
        draft = _draft(reading)
        if draft:
            drafts += [draft, *_repeated(draft, wide)]
    drafts = _name(drafts, names)
    _place(drafts)
    drafts = _imply(drafts, names)
    _break_circles(drafts)
    return drafts


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


def _place(drafts: list[Draft]) -> None:
    """Give each draft the row above it, where one is named."""
    lookup = DraftLookup.of(drafts)
    last: Draft | None = None
    for draft in drafts:
        if draft.kind == "objective":
            last = draft
        if draft.parent is None and draft.kind != "nothing":
            draft.parent = _parent(draft, lookup, last)
        if draft.parent:
            draft.parent.holds.append(draft)


@attrs.frozen(eq=False)
class DraftLookup:
    """Drafts by what rows may call them."""

    by_key: Mapping[str, Draft]
    by_title: Mapping[str, list[Draft]]
    by_order: Mapping[str, list[Draft]]
    by_id: Mapping[str, Draft]

    @classmethod
    def of(cls, drafts: list[Draft]) -> DraftLookup:
        """Return the lookup of all drafts."""
        titles: dict[str, list[Draft]] = {}
        orders: dict[str, list[Draft]] = {}
        for draft in drafts:
            titles.setdefault(draft.title.casefold(), []).append(draft)
            orders.setdefault(draft.order, []).append(draft)
        return cls(
            {draft.key: draft for draft in drafts if draft.key},
            titles,
            orders,
            {draft.id: draft for draft in drafts},
        )

    def find(self, text: str, kind: str | None = None) -> list[Draft]:
        """Return the drafts that a text names: by id, else by title, else by the anchor behind "#"."""
        if text in self.by_key:
            return [self.by_key[text]]
        named = [one for one in self.by_title.get(text.casefold(), ()) if kind in (None, one.kind)]
        if named or "#" not in text:
            return named
        anchor = self.by_id.get(slug(text.rpartition("#")[2]))
        return [anchor] if anchor else []


def _parent(draft: Draft, lookup: DraftLookup, last: Draft | None) -> Draft | None:
    role, found = "parent", None
    if draft.order:
        role = "order"
        above = draft.order.rpartition(".")[0]
        if len(lookup.by_order[draft.order]) > 1:
            return _misplaced(
                draft, role, f"order {draft.order!r} is that of several rows; number them apart"
            )
        found = lookup.by_order.get(above, []) if above else None
        named = above
    elif named := draft.row.text("parent"):
        found = lookup.find(named)
    elif draft.kind == "key_result" and (named := draft.row.text("objective")):
        role, found = "objective", lookup.find(named, "objective")
        if not found:
            return None  # it is declared by its name
    elif draft.kind == "key_result" and draft.row.mapping.parent_above:
        return last
    if found is None:
        return None  # at the top
    if len(found) != 1:
        fault = "several rows" if found else "no row"
        return _misplaced(draft, role, f"{named!r} is the name of {fault}; give the id of one")
    return _fitting(draft, found[0], role)


def _fitting(draft: Draft, parent: Draft, role: str) -> Draft | None:
    """Return the parent, unless the two kinds do not go together."""
    if parent is draft:
        return _misplaced(draft, role, "the row is said to be above itself; name another")
    if parent.kind != ("kpi" if draft.kind == "kpi" else "objective"):
        fault = f"{parent.id!r} is {_KINDS[parent.kind]}, and holds no {draft.kind.replace('_', ' ')}"
        return _misplaced(draft, role, f"{fault}; name another row")
    return parent


_KINDS = {"objective": "an objective", "key_result": "a key result", "kpi": "a KPI", "nothing": "no goal"}


def _misplaced(draft: Draft, role: str, message: str) -> Draft | None:
    """Note why a draft has no parent, and return none."""
    draft.misplaced = True
    left = "; the key result is left out" if draft.kind == "key_result" else ""
    draft.row.note(role, message + left)
    return None


def _imply(drafts: list[Draft], names: Names) -> list[Draft]:
    """Add the objectives that key results name and no row declares; drop rows that declare nothing else."""
    implied: dict[str, Draft] = {}
    kept, last = [], ""
    for draft in drafts:
        if draft.kind == "nothing" or (draft.kind == "key_result" and not (draft.parent or draft.misplaced)):
            text = draft.row.text("objective") or (last if draft.row.mapping.parent_above else "")
            last = text
            if text and text.casefold() not in implied:
                prefix = draft.row.mapping.prefixes.get("objective", "")
                wanted = prefix + (slug(text) or f"objective-{draft.row.row.line}")
                name, _ = names.claim([wanted, f"{wanted}-objective"])
                above = Draft(draft.row, "objective", text, id=name, implied=True)
                implied[text.casefold()] = above
                kept.append(above)
            if text and draft.kind == "key_result":
                draft.parent = implied[text.casefold()]
                draft.parent.holds.append(draft)
        if draft.kind != "nothing":
            kept.append(draft)
    return kept


def _break_circles(drafts: list[Draft]) -> None:
    """Take the last step out of each circle of objectives."""
    by_id = {draft.id: draft for draft in drafts if draft.kind == "objective"}
    edges = {name: [draft.parent.id] for name, draft in by_id.items() if draft.parent}
    for circle in circles(edges):
        draft = by_id[circle[-1]]
        if draft.parent:
            way = " is below ".join(map(repr, [*circle, circle[0]]))
            draft.row.note(
                "parent", f"{way}: a circle; this row stands without a parent, correct one of them"
            )
            draft.parent.holds.remove(draft)
            draft.parent = None
