"""Define a concern: one open question with its cause, before what shares a cause becomes one line."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import attrs

from okrcore.rhythm.action import Action
from okrcore.rhythm.needed_decision import Ask, DecisionKind


@attrs.frozen(kw_only=True)
class Concern:
    """One open question about one subject.

    `cause` names its own cause. `shared` are wider causes that it may have in common with others, the widest
    first: what each is called, and how it is said.
    """

    kind: DecisionKind
    cause: str
    subject: str
    ask: Ask
    question: str
    evidence: str
    owner: str | None
    due: dt.datetime
    overdue: bool
    mark: Literal["!", "~", "?"] = "!"
    shared: tuple[tuple[str, str], ...] = ()
    actions: tuple[Action, ...] = ()
