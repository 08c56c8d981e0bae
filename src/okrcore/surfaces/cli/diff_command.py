"""Run the command that compares two versions of documents: which goals a change loosens."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from okrcore.declarations.amendment import Amendment, AmendmentKind
from okrcore.declarations.amendments import compare_portfolios
from okrcore.display import indented, one_line, wrapped
from okrcore.documents.loading import Place
from okrcore.documents.plain import to_dict
from okrcore.public_form import headed
from okrcore.surfaces.cli.screen import FOUND, WIDTH, show, show_json, stage
from okrcore.surfaces.goals_opened import open_goals

WORDS: Mapping[AmendmentKind, str] = {
    "loosened": "loosened: easier to reach than before",
    "removed": "removed",
    "changed": "changed: neither easier nor harder by itself",
    "renamed": "renamed",
    "tightened": "tightened: harder to reach than before",
    "added": "added",
    "recorded": "recorded: told, never judged",
}
"""Kinds of amendments in the order in which a reviewer wants to see them, each with its heading."""

Places = Mapping[str, Place]


def diff(arguments: Namespace) -> int:
    """Show how NEW differs from OLD; 1 where a goal was loosened or removed, 0 otherwise."""
    with stage("reading documents"):
        old, new = (open_goals([path]) for path in (arguments.old, arguments.new))
    found, before, after = compare_portfolios(old.newest, new.newest), old.places, new.places
    if arguments.format == "json":
        rows = [_plain(one, before, after) for one in found]
        show_json(headed("diff", amendments=rows))
    else:
        show(list(_lines(found, before, after)))
    return FOUND if any(one.kind in ("loosened", "removed") for one in found) else 0


def _lines(found: Sequence[Amendment], before: Places, after: Places) -> Iterator[str]:
    if not found:
        yield "Both declare the same."
        return
    order = list(WORDS)
    ranked = sorted(found, key=lambda one: (order.index(one.kind), one.subject, one.field))
    for kind, group in groupby(ranked, key=lambda one: one.kind):
        amendments = list(group)
        yield f"{WORDS[kind]} ({len(amendments)})"
        for one in amendments:
            yield from indented(wrapped(one_line(f"{one}{_where(one, before, after)}"), WIDTH - 2))
    yield ""
    counts = {kind: sum(one.kind == kind for one in found) for kind in order}
    yield ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)


def _where(one: Amendment, before: Places, after: Places) -> str:
    """Return where it stands: in the newer documents, else in the older ones."""
    place = after.get(one.subject) or before.get(one.subject)
    return f" ({place.file}:{place.line})" if place and place.file else ""


def _plain(one: Amendment, before: Places, after: Places) -> dict[str, Any]:
    places = {"old": before.get(_older(one)), "new": after.get(one.subject)}
    kept = ("subject", "field", "kind", "before", "after")
    plain = {name: to_dict(getattr(one, name)) for name in kept}
    return plain | {name: to_dict(place) for name, place in places.items()}


def _older(one: Amendment) -> str:
    """Return the subject's id in the older version."""
    return str(one.before) if one.field == "id" else one.subject
