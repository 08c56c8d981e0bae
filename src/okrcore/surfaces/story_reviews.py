"""Review the stories week by week, with people who answer and people who do not: what is seen when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import attrs

from okrcore.definitions.days import written_day
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import grid, wrapped
from okrcore.frozen import freeze_fields
from okrcore.history.entry import Entry
from okrcore.history.journal import Journal
from okrcore.rhythm.needed_decision import NeededDecision
from okrcore.rhythm.review_result import Review
from okrcore.rhythm.reviewing import review
from okrcore.surfaces.stories import FIRST, story

_WEEK = dt.timedelta(days=7)
_UNMOVED = ("signals", "evidence", "conflicts", "decisions")
_APART = 4
"""What was gone for so many weeks is asked about anew."""
RED = frozenset({"off-track", "missed", "breached"})
"""What a report of traffic lights calls red; it has no colour for all else that a review asks about."""


@attrs.frozen(kw_only=True)
class FirstSeen:
    """A problem: in which week, and on which Sunday, a review asked about it first; when a report showed red.

    `red` is the last Sunday of the month in whose report anything that it is about was red, None where none
    was, up to where the same is asked about anew. No report shows conflicts, links and silence.
    """

    week: int
    day: dt.date
    decision: NeededDecision
    red: dt.date | None


@attrs.frozen(kw_only=True, eq=False, field_transformer=freeze_fields)
class ReviewedYear:
    """A story reviewed every Sunday: how much was asked, with and without answers, and what was seen when."""

    asked: tuple[int, ...]
    answered: tuple[int, ...]
    seen: tuple[FirstSeen, ...]


@lru_cache(maxsize=4)
def reviewed_year(name: str, weeks: int) -> ReviewedYear:
    """Return a story reviewed on so many Sundays, each by what was known then. About 0.2 s a week."""
    silent = reviews(name, weeks, answers=False)
    busy = reviews(name, weeks, answers=True, beside=silent)
    return ReviewedYear(
        asked=tuple(len(one.decisions_needed) for one in silent),
        answered=tuple(len(one.decisions_needed) for one in busy),
        seen=tuple(first_seen(silent)),
    )


def reviews(name: str, weeks: int, *, answers: bool, beside: Sequence[Review] = ()) -> tuple[Review, ...]:
    """Return the reviews of so many Sundays; where people answer, they do so before the next one.

    `beside` are those of the same Sundays with other answers, which move no number: what says nothing of
    answers is taken from them.
    """
    portfolio, history = story(name)
    first = portfolio.key_results[0]
    journal = Journal.of([Entry("check-in", first.id, first.owner or "nobody", FIRST)])
    found: list[Review] = []
    for week in range(weeks):
        day = FIRST + week * _WEEK
        found.append(
            review(
                portfolio,
                history,
                as_of=day,
                known_at=day,
                journal=journal,
                previous=found[-1] if found else None,
                parts={"findings": (), **_unmoved(beside[week] if beside else None)},
            )
        )
        if answers:
            journal = journal.append(_answers(found[-1], portfolio, day))
    return tuple(found)


def _unmoved(beside: Review | None) -> Mapping[str, Any]:
    return {} if beside is None else {name: getattr(beside, name) for name in _UNMOVED}


def first_seen(found: Sequence[Review]) -> Iterator[FirstSeen]:
    """Yield each problem where it is asked about first, and anew where it was gone for four weeks.

    That nobody checked in is none.
    """
    begun: dict[str, list[tuple[int, NeededDecision]]] = {}
    last: dict[str, int] = {}
    for week, one in enumerate(found):
        for line in one.decisions_needed:
            if line.kind != "check-in" or line.mark == "?":
                if week - last.get(line.id, -_APART - 1) > _APART:
                    begun.setdefault(line.id, []).append((week, line))
                last[line.id] = week
    months = {(_day(one).year, _day(one).month): week for week, one in enumerate(found)}.values()
    rows = []
    for every in begun.values():
        ends = [week for week, _ in every[1:]] + [len(found)]
        for (week, line), end in zip(every, ends, strict=True):
            names = _about(line, found[week].portfolio)
            red = (at for at in months if week - _APART <= at < end and _is_red(found[at], names))
            at = next(red, None)
            day = None if at is None else _day(found[at])
            rows.append(FirstSeen(week=week + 1, day=_day(found[week]), decision=line, red=day))
    yield from sorted(rows, key=lambda row: (row.week, row.decision.id))


def _about(line: NeededDecision, portfolio: Portfolio) -> frozenset[str]:
    """What of a line a report has lights for: goals and KPIs, and the key results that read them."""
    names = {name for name in line.subjects if name in portfolio}
    return frozenset(names | {one.id for one in portfolio.key_results if one.measured_by in names})


def _is_red(one: Review, names: Iterable[str]) -> bool:
    states = (one.snapshot[name] for name in names if name in one.snapshot)
    return any(
        {getattr(state, "status", None), getattr(state, "judged_zone", None)} & RED for state in states
    )


def _day(one: Review) -> dt.date:
    return written_day(one.as_of)


def _answers(made: Review, portfolio: Portfolio, day: dt.date) -> Iterator[Entry]:
    """What people record who answer all that a review asks them, and check in on every key result."""
    for result in portfolio.key_results:
        yield Entry("check-in", result.id, result.owner or "nobody", day)
    for action in made.actions:
        if action.is_open and action.kind != "check-in":
            yield _reply(action.kind, action.subject, action.owner or "nobody", day, action.team)
    for line in made.decisions_needed:
        kind = {"goal": "adjustment", "conflict": "decision", "link": "link-review"}.get(line.kind)
        if kind is not None:
            yield _reply(kind, line.subjects[0], line.owner or "nobody", day)


def _reply(kind: str, subject: str, by: str, day: dt.date, team: str | None = None) -> Entry:
    more: Mapping[str, Any] = {
        "adjustment": {"changes": ["what was decided this week"]},
        "mitigation": {"changes": ["what was decided this week"], "team": team},
        "notice": {"team": team},
        "closing": {"outcome": "partly"},
    }
    return Entry(kind, subject, by, day, **more.get(kind, {"text": "looked at with all whom it concerns"}))


def year_lines(year: ReviewedYear, columns: int) -> list[str]:
    """Return what was seen when as a table, and how much was asked with and without answers."""
    table = {
        "week": [str(one.week) for one in year.seen],
        "seen on": [one.day.isoformat() for one in year.seen],
        "what a review asked that Sunday": [one.decision.question for one in year.seen],
        "red at month's end": ["never" if one.red is None else f"{one.red:%Y-%m}" for one in year.seen],
    }
    silent, busy = (_mean(each) for each in (year.asked, year.answered))
    told = (
        f"Where nobody answers, {silent} questions wait in a week, at most {max(year.asked, default=0)};"
        f" where people answer and check in, {busy}, at most {max(year.answered, default=0)}."
    )
    return [*([*grid(table, right={"week"}), ""] if year.seen else []), *wrapped(told, columns)]


def year_plain(year: ReviewedYear) -> Mapping[str, Any]:
    """Return the same as plain values."""
    seen = [
        {"week": one.week, "day": one.day, "kind": one.decision.kind, "id": one.decision.id,
         "question": one.decision.question, "red": one.red}
        for one in year.seen
    ]  # fmt: skip
    return {"seen": seen, "asked": year.asked, "answered": year.answered}


def _mean(counts: Sequence[int]) -> str:
    return f"{sum(counts) / max(len(counts), 1):.1f}"
