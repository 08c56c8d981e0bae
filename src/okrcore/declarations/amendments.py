"""Compare two versions of a portfolio, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from okrcore.declarations.amendment import Amendment, AmendmentKind
from okrcore.declarations.judgements import PARTS, Sides, judged
from okrcore.definitions.portfolio import Definition, Portfolio
from okrcore.definitions.tolerances import Tolerance
from okrcore.display import Rows
from okrcore.history.instants import Moment, to_moment

WHOLE: Mapping[str, AmendmentKind] = {
    "priorities": "changed",
    "units": "changed",
    "calendar": "changed",
    "rates": "recorded",
}
"""What belongs to the whole portfolio, and the kind of its amendments."""


def compare_portfolios(
    old: Portfolio,
    new: Portfolio,
    *,
    at: Moment | None = None,
    by: str | Mapping[str, str] = "",
    why: str | Mapping[str, str] = "",
) -> Rows[Amendment]:
    """Return how `new` differs from `old`, by subject and field; empty where they declare the same (S21.3).

    A definition of another id that names the old one in `formerly` was renamed. `at`, `by` and `why` are
    those of the change; a mapping names them by subject, with "" for all others. Cost in proportion to the
    number of definitions; those that both versions share are passed by.

    >>> from okrcore.definitions.cycle import Cycle
    >>> from okrcore.definitions.goals import KeyResult, Objective
    >>> from okrcore.definitions.measures import Target
    >>> year, goal = Cycle.year(2026), Objective(id="o", title="Sort faster", cycle="2026")
    >>> share = KeyResult(id="share", objective="o", title="Same-day share", measure=Target(90, 96))
    >>> old = Portfolio.of(year, goal, share)
    >>> new = old.with_(attrs.evolve(share, measure=Target(90, 92)))
    >>> [(one.subject, one.field, one.before, one.after, one.kind) for one in compare_portfolios(old, new)]
    [('share', 'measure.goal', 96.0, 92.0, 'loosened')]
    """
    moment = None if at is None else to_moment(at)
    found = [*_of_definitions(old, new), *_of_wholes(old, new)]
    return Rows(
        attrs.evolve(one, at=moment, by=_said(by, one.subject), why=_said(why, one.subject))
        for one in sorted(found, key=lambda one: (one.subject, one.field))
    )


def _said(words: str | Mapping[str, str], subject: str) -> str:
    return words if isinstance(words, str) else words.get(subject, words.get("", ""))


def _of_definitions(old: Portfolio, new: Portfolio) -> Iterator[Amendment]:
    before, after = ({one.id: one for one in portfolio.definitions} for portfolio in (old, new))
    renamed = {
        name: one.id
        for one in new.definitions
        if one.id not in before
        for name in getattr(one, "formerly", ())
        if name in before and name not in after and type(before[name]) is type(one)
    }
    for name, was in before.items():
        other = after.get(renamed.get(name, name))
        if other is was:
            continue
        if other is None or type(other) is not type(was):
            yield _whole(name, was, None)
        else:
            yield from _of_pair(was, other, old, new)
    taken = set(renamed.values())
    for name, one in after.items():
        if name not in taken and type(before.get(name)) is not type(one):
            yield _whole(name, None, one)


def _whole(name: str, before: Definition | None, after: Definition | None) -> Amendment:
    kind: AmendmentKind = "removed" if after is None else "added"
    if isinstance(before or after, Tolerance):
        kind = "recorded"
    return Amendment(subject=name, field="", before=before, after=after, kind=kind)


def _of_pair(before: Definition, after: Definition, old: Portfolio, new: Portfolio) -> Iterator[Amendment]:
    sides, kind = Sides(before=before, after=after, old=old, new=new), type(after)
    for name, was, now in _differences(before, after):
        if name == "formerly":
            continue
        if name == "id":
            yield Amendment(subject=after.id, field=name, before=was, after=now, kind="renamed")
            continue
        said = "recorded" if kind is Tolerance else judged(kind, name).judge(was, now, sides)
        yield Amendment(subject=after.id, field=name, before=was, after=now, kind=said)


def _differences(before: Any, after: Any, within: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield the path of each field that differs, with both values; parts of one type are entered."""
    for field in attrs.fields(type(before)):
        was, now = getattr(before, field.name), getattr(after, field.name)
        if was == now:
            continue
        if type(was) is type(now) and type(was) in PARTS and within == "" and field.name == "measure":
            yield from _differences(was, now, f"{field.name}.")
        else:
            yield f"{within}{field.name}", was, now


def _of_wholes(old: Portfolio, new: Portfolio) -> Iterator[Amendment]:
    for name, kind in WHOLE.items():
        was, now = getattr(old, name, None), getattr(new, name, None)
        same = set(was or ()) == set(now or ()) if name == "units" else was == now
        if not same:
            yield Amendment(subject=name, field="", before=was, after=now, kind=kind)
