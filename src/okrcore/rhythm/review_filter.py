"""Keep of a review what concerns one owner or team: what they are asked, owe and are told."""

from __future__ import annotations

import attrs

from okrcore.definitions.derived import team_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.relations import Relations
from okrcore.display import Rows
from okrcore.errors import UnknownIdError
from okrcore.rhythm.review_result import Review


def concerning(review: Review, *, owner: str | None = None, team: str | None = None) -> Review:
    """Return the review with what an owner is asked, or a team and those below it; None asks for all.

    A decision that waits for several of them is kept whole by each. Decisions, actions, messages and proposed
    entries are kept where they are put, or went up, to them; all else says what it says of everybody. Raises
    UnknownIdError for an id that no owner or team has.
    """
    if owner is None and team is None:
        return review
    people = asked_people(review.portfolio, owner, team)
    kept = Rows(one for one in review.actions if people & {one.owner, one.escalated_to})
    names = {one.id for one in kept}
    return attrs.evolve(
        review,
        owner=owner,
        team=team,
        actions=kept,
        decisions_needed=Rows(
            one
            for one in review.decisions_needed
            if people & {one.owner, *one.owners} or names & {*one.actions}
        ),
        messages=Rows(one for one in review.messages if one.to in people),
        proposed_entries=tuple(one for one in review.proposed_entries if one.subject in names),
    )


def asked_people(portfolio: Portfolio, owner: str | None, team: str | None) -> frozenset[str]:
    """Return the owners that are asked about: one, or those of a team and of the teams below it.

    Raises UnknownIdError for an id that no owner or team has.
    """
    for name, kind, known in (("owner", owner, portfolio.owners), ("team", team, portfolio.teams)):
        if kind is not None and kind not in {one.id for one in known}:
            raise UnknownIdError(f"{name} is {kind!r}, but must be the id of one; correct it")
    relations = Relations(portfolio)
    return frozenset(
        one.id
        for one in portfolio.owners
        if owner in (None, one.id)
        and (team is None or team in relations.teams_above(team_of(one, portfolio)))
    )
