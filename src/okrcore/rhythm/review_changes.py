"""List what differs between two reviews, of which the earlier one may be its stored form (S18.5)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from okrcore.conflicts.conflict import conflict_id
from okrcore.definitions.fields import shown
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.moments import from_iso
from okrcore.definitions.portfolio import Portfolio
from okrcore.documents.plain import to_dict
from okrcore.errors import DefinitionError
from okrcore.governance.questions.words import some
from okrcore.history.former_names import present_ids
from okrcore.leading.evidence import WORST_FIRST
from okrcore.public_form import KIND_KEY
from okrcore.rhythm.review_result import KIND, Review
from okrcore.scoring.as_of import When
from okrcore.scoring.differences import ChangeWord, DifferenceRow, Standing, differences_of, standings_in

T = TypeVar("T")
Plain = Mapping[str, Any]


def stored_review(previous: Review | Plain | None, portfolio: Portfolio, when: When) -> Plain | None:
    """Return the plain form of an earlier review of a portfolio.

    Raises DefinitionError for what is none, for what concerns one owner or team alone, for a later one, and
    for one that names no goal, KPI or initiative of the portfolio.
    """
    if previous is None:
        return None
    plain = to_dict(previous) if isinstance(previous, Review) else previous
    if not isinstance(plain, Mapping) or plain.get(KIND_KEY) != KIND:
        raise DefinitionError(
            f"previous is of type {type(previous).__name__}, but must be a Review, or what to_dict gives of"
            " one; leave it out for the first review"
        )
    if whose := [f"{name} {shown(plain[name])}" for name in ("owner", "team") if plain.get(name) is not None]:
        raise DefinitionError(
            f"previous is what concerns {' and '.join(whose)}, but must be a whole review, since what is left"
            " out would be new; write one with okrcore review --format json, without --owner and --team"
        )
    try:
        last = When.of(from_iso(plain["as_of"]), zone=when.zone)
        whole = all(_is_standing(*one) for one in standings_in(plain["snapshot"]).items())
        whole = whole and all(_are_texts(part(plain)) for part in (_verdicts, _rulings, _expected, _asked))
        held = _held(plain)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        whole = False
    if not whole:
        raise DefinitionError(
            "previous is not whole, but must be all that to_dict gives of a Review; store it unchanged"
        )
    if last.instant(when.zone) > when.instant(when.zone):
        raise DefinitionError(f"previous is of {last.as_of}, but must be of before {when.as_of}; swap them")
    known = _known(portfolio)
    if held and known and known.isdisjoint(held):
        raise DefinitionError(
            f"previous is about {some(sorted(held))}, none of which this portfolio has, but must be about"
            " some of its goals, KPIs or initiatives; give a review of this one, or leave it out"
        )
    return plain


def _held(plain: Plain) -> set[str]:
    """Return the ids of the goals, KPIs and initiatives that a stored review is about."""
    return {*standings_in(plain["snapshot"]), *(row["id"] for row in plain["snapshot"]["initiatives"])}


def _known(portfolio: Portfolio) -> set[str]:
    """Return the ids of goals, KPIs and initiatives, and those that they had before."""
    ours: tuple[Objective | KeyResult | Kpi | Initiative, ...] = (
        *portfolio.objectives,
        *portfolio.key_results,
        *portfolio.kpis,
        *portfolio.initiatives,
    )
    return {name for one in ours for name in (one.id, *one.formerly)}


def _is_standing(name: object, one: Standing) -> bool:
    words = (name, one.kind, one.status or "", one.zone or "")
    numbers = (number for number in (one.score, one.value, one.coverage) if number is not None)
    return all(isinstance(word, str) for word in words) and all(map(math.isfinite, numbers))


def _are_texts(part: Mapping[str, str]) -> bool:
    return all(isinstance(text, str) for pair in part.items() for text in pair)


def moment_of(plain: Plain) -> dt.date | dt.datetime:
    """Return the moment that a stored review is of."""
    return from_iso(plain["as_of"])


def changes_between(before: Plain, after: Plain, portfolio: Portfolio) -> Iterator[DifferenceRow]:
    """Yield what is otherwise: decisions needed, dates of milestones, verdicts, rulings; goals and KPIs.

    A decision is new, or gone where nothing asks for it any more; a milestone is expected earlier (better) or
    later (worse) than before; a link's verdict is worse where it no longer holds. A goal, KPI, milestone or
    link that was renamed is the same one.
    """
    ids = present_ids(portfolio)

    def renamed(old: Mapping[str, T]) -> Mapping[str, T]:
        return {ids.get(name, name): one for name, one in old.items()} if ids else old

    yield from _listed("decision", "needed", _asked(before), _asked(after), lambda one, other: None)
    yield from _listed("milestone", "expected", renamed(_expected(before)), _expected(after), _by_date)
    yield from _listed("link", "verdict", renamed(_verdicts(before)), _verdicts(after), _by_verdict)
    yield from _listed("conflict", "ruling", _rulings(before), _rulings(after), lambda one, other: "other")
    old, new = renamed(standings_in(before["snapshot"])), standings_in(after["snapshot"])
    yield from differences_of(old, new, portfolio)


def _listed(
    kind: str, what: str, old: Mapping[str, str], new: Mapping[str, str], word: Any
) -> Iterator[DifferenceRow]:
    for name in sorted({*old, *new}):
        one, other = old.get(name, ""), new.get(name, "")
        change: ChangeWord | None = (
            "new"
            if name not in old
            else "gone"
            if name not in new
            else word(one, other)
            if one != other
            else None
        )
        if change is not None:
            yield DifferenceRow(name, kind, what, one, other, change)


def _asked(plain: Plain) -> dict[str, str]:
    return {one["id"]: one["question"] for one in plain["decisions_needed"]}


def _expected(plain: Plain) -> dict[str, str]:
    return {one["subject"]: one["expected"] for one in plain["ripple"]["impacts"]}


def _verdicts(plain: Plain) -> dict[str, str]:
    return {one["link"]: one["verdict"] for one in plain["evidence"] if one["link"] is not None}


def _rulings(plain: Plain) -> dict[str, str]:
    decided = {one["conflict"]: one["winner"] or "nobody" for one in plain["decisions"]}
    found = (conflict_id(one["kind"], one["sides"]) for one in plain["conflicts"])
    return {name: decided.get(name, "undecided") for name in found}


def _by_date(one: str, other: str) -> ChangeWord:
    return "worse" if other > one else "better"


def _by_verdict(one: str, other: str) -> ChangeWord:
    if one in WORST_FIRST and other in WORST_FIRST:
        return "worse" if WORST_FIRST.index(other) < WORST_FIRST.index(one) else "better"
    return "other"
