"""Place each row below the rows that it names: by id, title, order or a cell of alignments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import attrs

from okrcore.adapters.catalogue.row_drafts import Draft
from okrcore.adapters.catalogue.title_ids import Names, slug
from okrcore.definitions.digraph import circles

DEEPEST = 64
_ALIGNED = re.compile(
    r"\(\s*weight:\s*(?P<weight>[0-9]+(?:[.,][0-9]+)?)\s*%?\s*,\s*id:\s*(?P<id>[^()\s]+)\s*\)", re.IGNORECASE
)
_KINDS = {
    "objective": "an objective",
    "key_result": "a key result",
    "kpi": "a KPI",
    "initiative": "an initiative",
    "nothing": "no goal",
}


def place_drafts(drafts: list[Draft], names: Names) -> list[Draft]:
    """Give each draft what is above it; return the drafts with the objectives that only key results name."""
    lookup = DraftLookup.of(drafts)
    last: Draft | None = None
    for draft in drafts:
        if draft.kind == "objective":
            last = draft
        if draft.parent is None and draft.kind != "nothing":
            draft.named = list(_named(draft, lookup, last))
    for draft in drafts:
        _settle(draft)
    drafts = _imply(drafts, names)
    _break_circles(drafts)
    return drafts


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


def read_alignments(text: str) -> tuple[tuple[str, float], ...]:
    """Return the ids and weights in a cell of alignments, as Viva Goals writes it.

    >>> read_alignments("Grow(weight: 14.29%, Id: 2) / Win (again)(weight: 0%, Id: 1)")
    (('2', 14.29), ('1', 0.0))
    """
    return tuple((one["id"], float(one["weight"].replace(",", "."))) for one in _ALIGNED.finditer(text))


def _named(draft: Draft, lookup: DraftLookup, last: Draft | None) -> Iterator[tuple[Draft, float | None]]:
    """Yield the drafts that a row names as above it, each with the weight that is stated there."""
    row = draft.row
    if draft.order:
        above = draft.order.rpartition(".")[0]
        if len(lookup.by_order[draft.order]) > 1:
            fault = f"order {draft.order!r} is that of several rows; number them apart"
            _misplaced(draft, "order", fault)
        elif above:
            yield from _one(draft, "order", above, lookup.by_order.get(above, []), None)
    elif aligned := row.text("alignment"):
        pairs = read_alignments(aligned)
        if not pairs:
            _misplaced(draft, "alignment", "names no id and weight; write it like Title(weight: 50%, Id: 7)")
        for name, weight in pairs:
            yield from _one(draft, "alignment", name, lookup.find(name), weight)
    elif text := row.text("parent"):
        several = row.texts("parent") if not lookup.find(text) else (text,)
        for name in several:
            yield from _one(draft, "parent", name, lookup.find(name), None)
    elif draft.kind == "key_result" and (text := row.text("objective")):
        if found := lookup.find(text, "objective"):  # else it is declared by its name
            yield from _one(draft, "objective", text, found, None)
    elif draft.kind == "key_result" and row.mapping.parent_above and last is not None:
        yield last, None


def _one(
    draft: Draft, role: str, name: str, found: list[Draft], weight: float | None
) -> Iterator[tuple[Draft, float | None]]:
    if len(found) != 1:
        fault = "several rows" if found else "no row"
        _misplaced(draft, role, f"{name!r} is the name of {fault}; give the id of one")
    elif found[0] is draft:
        _misplaced(draft, role, "the row is said to be above itself; name another")
    else:
        yield found[0], weight


def _settle(draft: Draft) -> None:
    """Give a draft the parents that its kind can have: an objective several, a key result one."""
    fitting = [
        place for target, weight in draft.named if (place := _fitting(draft, target, weight)) is not None
    ]
    unique = list({id(parent): (parent, weight) for parent, weight in reversed(fitting)}.values())[::-1]
    if not unique:
        return
    draft.misplaced = False
    if draft.kind != "objective" and len(unique) > 1:
        unique.sort(key=lambda one: -(one[1] or 0.0))
        others = ", ".join(repr(parent.id) for parent, _ in unique[1:])
        what = draft.kind.replace("_", " ")
        draft.row.note(
            _role(draft),
            f"is below {len(unique)} rows, and a {what} is below one: it stands below {unique[0][0].id!r},"
            f" the others ({others[:200]}) are left out",
        )
    (draft.parent, draft.weight), *rest = unique
    if draft.kind == "objective":
        draft.also = [(parent, 1.0 if weight is None else weight) for parent, weight in rest]
    for parent in (draft.parent, *(parent for parent, _ in draft.also)):
        parent.holds.append(draft)


def _fitting(draft: Draft, target: Draft, weight: float | None) -> tuple[Draft, float | None] | None:
    """Return what a draft can stand below; a key result gives way to its objective, without weight."""
    wanted = FITTING[draft.kind]
    if target.kind in wanted:
        return target, weight
    fault = f"{target.id!r} is {_KINDS[target.kind]}, and holds no {draft.kind.replace('_', ' ')}"
    lifted = _lifted(target) if _may_be_lifted(draft, target) else None
    if lifted is None or lifted is draft:
        _misplaced(draft, _role(draft), f"{fault}; name another row")
        return None
    draft.row.note(
        _role(draft), f"{fault}; it stands below {lifted.id!r}, which that belongs to, without weight"
    )
    return lifted, 0.0


FITTING: Mapping[str, tuple[str, ...]] = {
    "objective": ("objective",),
    "key_result": ("objective",),
    "kpi": ("kpi",),
    "initiative": ("objective", "key_result", "kpi"),
}
"""What can be above each kind."""


def _may_be_lifted(draft: Draft, target: Draft) -> bool:
    """Tell whether a draft below a key result may stand below the objective of that instead."""
    named = draft.kind == "key_result" and not draft.order
    return target.kind == "key_result" and (draft.kind == "objective" or named)


def _lifted(draft: Draft) -> Draft | None:
    """Return the objective that a key result belongs to."""
    for _ in range(DEEPEST):
        if draft.kind == "objective":
            return draft
        above = draft.parent or next((one for one, _ in draft.named), None)
        if draft.kind != "key_result" or above is None:
            return None
        draft = above
    return None


def _role(draft: Draft) -> str:
    roles = ("order", "alignment", "parent", "objective")
    return next((role for role in roles if draft.row.cell(role) is not None), "parent")


def _misplaced(draft: Draft, role: str, message: str) -> None:
    """Note why a draft is not below a row."""
    draft.misplaced = True
    left = "; the key result is left out" if draft.kind == "key_result" else ""
    draft.row.note(role, message + left)


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
    """Take the last step out of each circle of objectives, and each further parent that would make one."""
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
    for draft in by_id.values():
        kept = []
        for parent, weight in draft.also:
            if draft is parent or _is_above(draft, parent):
                draft.row.note(
                    _role(draft), f"below {parent.id!r} it would be below itself; that is left out"
                )
                parent.holds.remove(draft)
            else:
                kept.append((parent, weight))
        draft.also = kept


def _is_above(draft: Draft, other: Draft) -> bool:
    """Tell whether a draft stands anywhere above another one."""
    waiting, seen = [other], set[int]()
    while waiting:
        one = waiting.pop()
        if one is draft:
            return True
        if id(one) not in seen:
            seen.add(id(one))
            waiting += [above for above in (one.parent, *(parent for parent, _ in one.also)) if above]
    return False
