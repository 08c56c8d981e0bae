"""Tell when closed initiatives took their last step, and who confirmed that they are done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from okrcore.definitions.initiatives import Initiative
from okrcore.governance.context import Context
from okrcore.history.entry import Entry


def last_step(initiative: Initiative, context: Context) -> dt.date | None:
    """Return when the last milestone of an initiative was done, else its end; None while that is ahead."""
    steps = context.relations.milestones_of.get(initiative.id, ())
    done = [context.done_days[step.id] for step in steps if step.id in context.done_days]
    days = done or ([initiative.end] if initiative.end else [])
    return max((day for day in days if day <= context.day), default=None)


def confirms(initiative: Initiative) -> Callable[[Entry], bool]:
    """Return what tells whether an entry confirms an initiative: by another than its owner."""
    return lambda one: (
        one.kind == "confirmation" and one.subject == initiative.id and one.by != initiative.owner
    )
