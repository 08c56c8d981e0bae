"""Define a journal entry, one answer that somebody gave: a check-in, an adjustment, a notice, a review."""

from __future__ import annotations

import datetime as dt
import math
import numbers
from collections.abc import Iterable

import attrs
from attrs import field

from okrcore.definitions.fields import is_text, to_day_or_none
from okrcore.errors import HistoryError, Problem
from okrcore.history.instants import Moment, to_moment

KINDS = (
    "check-in",
    "adjustment",
    "mitigation",
    "notice",
    "link-review",
    "confirmation",
    "answer",
    "closing",
    "amendment",
    "audit",
    "decision",
    "escalation",
)
"""What an entry may be (S18, S21); "answer" is what a learning key result was asked for (S5.3)."""

OUTCOMES = ("achieved", "partly", "missed", "postponed", "cancelled", "reopened")
"""How a goal may be closed, and that it is open again (S21.6)."""


@attrs.frozen
class Change:
    """What changes, by whom and by when; `by` "" is who made the entry, `due` None is not said."""

    what: str
    by: str = field(default="", kw_only=True)
    due: dt.date | None = field(default=None, converter=to_day_or_none, kw_only=True)


@attrs.frozen(init=False)
class Entry:
    """One answer that somebody gave at a moment; never edited (S18).

    `subject` is the id that it is about, `team` the team it speaks for (a notice or mitigation).
    `changes` say what changes; a text stands for a Change that names neither whom nor when. An entry
    without changes explains, but closes nothing. `status` and `confidence` (0 to 1) are declared, never
    computed (S5.6); a status is a word of your own, and OKR514 tells the words that no list knows. A closing
    says its `outcome`, and perhaps the `score` that people gave (1.0 is the goal reached); no other kind has
    them (S21.6). An amendment says in `text` why a goal was changed (S21.4).

    >>> Entry("adjustment", "throughput", "lane-lead", "2026-03-02", changes=["one lane a night"]).changes
    (Change(what='one lane a night', by='', due=None),)

    Raises HistoryError with every fault.
    """

    kind: str
    subject: str
    by: str
    at: dt.date | dt.datetime
    text: str = field(kw_only=True)
    changes: tuple[Change, ...] = field(kw_only=True)
    status: str | None = field(kw_only=True)
    confidence: float | None = field(kw_only=True)
    team: str | None = field(kw_only=True)
    outcome: str | None = field(kw_only=True, default=None)
    score: float | None = field(kw_only=True, default=None)

    def __init__(
        self,
        kind: str,
        subject: str,
        by: str,
        at: Moment,
        *,
        text: str = "",
        changes: Iterable[Change | str] = (),
        status: str | None = None,
        confidence: float | None = None,
        team: str | None = None,
        outcome: str | None = None,
        score: float | None = None,
    ) -> None:
        faults = [] if kind in KINDS else [f"kind is {kind!r}; give one of {', '.join(KINDS)}"]
        for name, word in (
            ("subject", subject),
            ("by", by),
            ("text", text),
            ("status", status),
            ("team", team),
        ):
            needed = name in {"subject", "by"}
            if fault := None if word is None and name in {"status", "team"} else is_text(word):
                faults.append(f"{name} {fault}")
            elif word == "" and name != "text":
                faults.append(f"{name} is empty; {'name it' if needed else 'leave it out'}")
        moment: dt.date | dt.datetime = dt.date.min
        try:
            moment = to_moment(at)
        except HistoryError as error:
            faults.append(str(error))
        changed, wrong = _changes(changes)
        sure, unsure = _confidence(confidence)
        faults += wrong + unsure + _closing_faults(kind, outcome, score)
        if faults:
            where = f"entry {kind!r} about {subject!r}"
            raise HistoryError([Problem(f"{where}: {fault}", kind=HistoryError) for fault in faults])
        self.__attrs_init__(
            kind,
            subject,
            by,
            moment,
            text=text,
            changes=changed,
            status=status,
            confidence=sure,
            team=team,
            outcome=outcome,
            score=None if score is None else float(score) + 0.0,
        )


def _changes(changes: object) -> tuple[tuple[Change, ...], list[str]]:
    if isinstance(changes, str) or not isinstance(changes, Iterable):
        return (), [f"changes is {changes!r}; give a list"]
    listed = tuple(Change(one) if isinstance(one, str) else one for one in changes)
    faults = [
        f"changes[{place}] is {one!r}; give a Change with text in what and by, and a date or None in due"
        for place, one in enumerate(listed)
        if not (
            isinstance(one, Change)
            and one.what
            and not is_text(one.what)
            and not is_text(one.by)
            and (one.due is None or (isinstance(one.due, dt.date) and not isinstance(one.due, dt.datetime)))
        )
    ]
    return listed, faults


def _closing_faults(kind: object, outcome: object, score: object) -> list[str]:
    if kind != "closing":
        given = [name for name, value in (("outcome", outcome), ("score", score)) if value is not None]
        return [f"{name} is given, but only a closing has one; leave it out" for name in given]
    faults = []
    if outcome not in OUTCOMES:
        faults.append(f"outcome is {outcome!r}, but must be one of {', '.join(OUTCOMES)}")
    if score is not None and (
        isinstance(score, bool) or not isinstance(score, numbers.Real) or not math.isfinite(score)
    ):
        faults.append(f"score is {score!r}, but must be a finite number; 1.0 is the goal reached")
    return faults


def _confidence(value: object) -> tuple[float | None, list[str]]:
    if value is None:
        return None, []
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not 0 <= float(value) <= 1:
        return None, [f"confidence is {value!r}; give a number from 0 to 1, so 7 out of 10 is 0.7"]
    return float(value) + 0.0, []
