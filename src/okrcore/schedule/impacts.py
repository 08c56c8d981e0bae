"""Describe what a slip does: to each milestone that it reaches, and who owes whom an answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs

from okrcore.display import brief, card, cell, figure, fragment
from okrcore.frozen import freeze_fields
from okrcore.schedule.deadlines import Owed


@attrs.frozen(kw_only=True, repr=False, field_transformer=freeze_fields)
class Impact:
    """What reaches one milestone: who it concerns, how much, how soon and why (S17.2).

    `delay_days` is how much later than planned it will be done, `breach_days` how far past its due date.
    `buffer_days` is the time that the plan leaves after what it waits for, at the dependency that bites
    most, and `buffer_left` what is left of it; None where nothing that it waits for is late. One that is
    `done` was so late and grows no later. It bites in
    `bites_in` days from the moment, when the milestone was to start; below 0 it has begun to. `chain` runs
    from the `cause` to the subject, of more than 50 the cause and the last ones; the cause is a milestone, or
    the id of the decision that froze one.
    `drivers` are all ties of the last step. `since_first` is how many days later it is expected than first
    declared, None where the portfolio alone was given. `absorbed`: its buffer takes all of it.
    """

    subject: str
    title: str
    owner: str | None
    team: str | None
    watchers: tuple[str, ...]
    start: dt.date
    finish: dt.date
    """Planned, moved by days that stood still."""
    due: dt.date
    expected: dt.date
    """When it will be done, as things are."""
    delay_days: float
    breach_days: float
    start_delay_days: float
    buffer_days: float | None
    buffer_left: float | None
    bites_in: float
    cause: str
    chain: tuple[str, ...]
    drivers: tuple[str, ...]
    frozen_days: int = 0
    since_first: float | None = None
    done: bool = False

    def as_row(self) -> dict[str, Any]:
        """Return its columns as a row of a table."""
        names = (
            "subject",
            "title",
            "team",
            "owner",
            "due",
            "expected",
            "delay_days",
            "breach_days",
            "buffer_left",
        )
        return {"state": self.state} | {name: getattr(self, name) for name in (*names, "bites_in", "cause")}

    @property
    def state(self) -> str:
        """Overdue where it is past its due date, late where its delay is in time, met where none is left."""
        return "overdue" if self.breach_days > 0 else "late" if not self.absorbed else "met"

    def __repr__(self) -> str:
        return brief(self, self.subject, f"{figure(self.delay_days)} d late", f"expected {self.expected}")

    def _repr_html_(self) -> str:
        used = f"{figure(self.buffer_eaten)} of {figure(self.buffer_days)} days used"
        facts = {
            "due": str(self.due),
            "expected": str(self.expected),
            "past its due date": f"{figure(self.breach_days)} days" if self.breach_days else "",
            "buffer": "" if self.buffer_days is None else used,
            "owner": self.owner or "",
            "team": cell(self.team),
            "by": " > ".join(self.chain),
        }
        title = f"{self.title or self.subject}: {figure(self.delay_days)} days late"
        shown = card("milestone", self.subject, title=title, word=self.state, facts=facts.items())
        return fragment(f"milestone {self.subject}", shown)

    @property
    def absorbed(self) -> bool:
        """Whether nothing of the slip is left after its buffer."""
        return self.delay_days == 0 and self.start_delay_days == 0

    @property
    def buffer_eaten(self) -> float | None:
        """How many days of the buffer are gone; None where nothing that it waits for is late."""
        if self.buffer_days is None or self.buffer_left is None:
            return None
        return self.buffer_days - self.buffer_left


@attrs.frozen(kw_only=True, repr=False, field_transformer=freeze_fields)
class Clock:
    """What one affected team is owed, and owes, once a milestone was missed (S17.3).

    `cause` was missed at `missed_at`, the end of its due date on the plan in force then. The team's clocks
    start then, or when the delay outgrew its buffer: it must be told (`notice`) and record what it does
    about it (`mitigation`), each within 24 hours.
    """

    cause: str
    team: str
    subjects: tuple[str, ...]
    missed_at: dt.datetime
    notice: Owed
    mitigation: Owed

    def as_row(self) -> dict[str, Any]:
        """Return its columns as a row of a table."""
        told = {"state": self.state, "cause": self.cause, "team": self.team}
        return {**told, "notice": self.notice.state, "mitigation": self.mitigation.state, "due": self.due}

    @property
    def state(self) -> str:
        """The worse of the two answers' states: overdue, open, late, met."""
        order = ("met", "late", "open", "overdue")
        return max((self.notice.state, self.mitigation.state), key=order.index)

    @property
    def due(self) -> dt.datetime:
        """When the mitigation is due."""
        return self.mitigation.due

    def __repr__(self) -> str:
        return brief(self, f"{self.team} on {self.cause}", self.state)

    def _repr_html_(self) -> str:
        owed = {"notice": self.notice, "mitigation": self.mitigation}
        facts = {name: f"{one.state}, due {one.due:%Y-%m-%d %H:%M} UTC" for name, one in owed.items()}
        title = f"{self.team} is owed, and owes, an answer on {self.cause}"
        shown = card("clock", self.cause, title=title, word=self.state, facts=facts.items())
        return fragment(f"clock of {self.team} on {self.cause}", shown)
