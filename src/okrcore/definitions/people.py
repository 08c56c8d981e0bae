"""Declare teams, and the owners that answer for goals."""

from __future__ import annotations

from typing import Literal

import attrs
from attrs import field

from okrcore.definitions.fields import (
    at_least,
    check,
    each,
    is_id,
    is_text,
    one_of,
    optional,
    report,
    to_float_or_none,
    to_texts,
)


@attrs.frozen(kw_only=True)
class Team:
    """A part of the organisation.

    `parent` is the id of the team above, None at the top. `capacity` is what the team can give in one
    cycle, in the unit its initiatives ask for it (person-weeks, say); None: not counted. `lead` is the id of
    the owner who leads it, and stands above its owners.

    >>> Team(id="operations", parent="enterprise").parent
    'enterprise'
    """

    id: str = field(metadata=check(is_id))
    title: str = field(default="", metadata=check(is_text))
    parent: str | None = field(default=None, metadata=check(optional(is_id)))
    capacity: float | None = field(
        default=None, converter=to_float_or_none, metadata=check(optional(at_least(0)))
    )
    lead: str | None = field(default=None, metadata=check(optional(is_id)))
    formerly: tuple[str, ...] = field(
        default=(), converter=to_texts, metadata=check(each(is_id, unique=True))
    )

    def __attrs_post_init__(self) -> None:
        report(self)


@attrs.frozen(kw_only=True)
class Owner:
    """Who answers for something: a person, a role, a process or a team.

    A link is better owned by a role or a process than by a person: people move on.

    >>> Owner(id="maintenance-lead", kind="role", team="operations").kind
    'role'
    """

    id: str = field(metadata=check(is_id))
    title: str = field(default="", metadata=check(is_text))
    kind: Literal["person", "role", "process", "team"] = field(
        default="person", metadata=check(one_of("person", "role", "process", "team"))
    )
    team: str | None = field(default=None, metadata=check(optional(is_id)))
    formerly: tuple[str, ...] = field(
        default=(), converter=to_texts, metadata=check(each(is_id, unique=True))
    )

    def __attrs_post_init__(self) -> None:
        report(self)
