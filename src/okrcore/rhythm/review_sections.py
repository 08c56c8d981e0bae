"""Lay out a review as blocks: what needs somebody first, then what changed, goals, and where the rest is."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator

import attrs

from okrcore.definitions.days import day_in, timezone, to_instant
from okrcore.display import counted, deadline, time_left, weekday
from okrcore.display.blocks import AskedItem, Block, Facts, Items, Para, Section
from okrcore.display.drawing import Step
from okrcore.errors import TableError
from okrcore.history.history import History
from okrcore.priorities.fingerprint import table_hash
from okrcore.rhythm.changed_rows import changes_grid
from okrcore.rhythm.coming_dates import coming_dates
from okrcore.rhythm.goal_rows import goals_grid
from okrcore.rhythm.needed_decision import NeededDecision
from okrcore.rhythm.review_filter import asked_people
from okrcore.rhythm.review_headline import headline, named
from okrcore.rhythm.review_result import Review
from okrcore.schedule.deadlines import FORTNIGHT
from okrcore.scoring.trend import Trend


@attrs.frozen(kw_only=True)
class ScreenBudget:
    """How many questions, changes and goals are shown one by one; what is left out is counted."""

    asks: int = 7
    changes: int = 7
    goals: int = 12


WHOLE = ScreenBudget(asks=10**6, changes=10**6, goals=10**6)
"""Everything, however long."""


def review_sections(
    review: Review, budget: ScreenBudget = ScreenBudget(), year: Trend | None = None
) -> tuple[Block, ...]:
    """Return the blocks of a review, in the order in which they are read; `year` is its `year_of`."""
    return (
        Para(_moments(review), "kicker"),
        Para(headline(review), "headline"),
        Section("Needs a decision", _asks(review, budget.asks), name="decide", aside="who, by when"),
        Section("Since the last review", _changes(review, budget.changes), name="changes", titled=False),
        Section("Goals", _goals(review, budget.goals, year), name="goals", titled=False),
        Section("Elsewhere", [Facts(_facts(review))], name="rest", titled=False),
    )


def _moments(review: Review) -> str:
    """Return whose review it is, of which week, and which was the last one."""
    portfolio, zone = review.portfolio, review.snapshot.when.zone
    tops = [team for team in portfolio.teams if team.parent is None]
    who = (tops[0].title or tops[0].id) if len(tops) == 1 else "All teams"
    day = day_in(review.as_of, zone)
    since = "" if review.since is None else f", last review {day_in(review.since, zone)}"
    return f"{who}, week {day.isocalendar().week}, as of {weekday(day)[:3]} {day}{since}"


# What needs somebody


def _asks(review: Review, most: int) -> Iterator[Block]:
    needed = review.decisions_needed
    if needed:
        news = new_decisions(review)
        yield Items(
            [asked_item(one, review, "new" if one.id in news else "") for one in needed[:most]],
            left_out(needed[most:]),
        )


def new_decisions(review: Review) -> frozenset[str]:
    """Return the ids of the decisions that the review before did not ask for; none without one."""
    rows = review.differences.to_dicts() if len(review.differences) else []
    return frozenset(row["id"] for row in rows if (row["kind"], row["change"]) == ("decision", "new"))


def asked_item(
    one: NeededDecision, review: Review, news: str = "", reasons: Iterable[Step] = ()
) -> AskedItem:
    """Return a decision as it is asked; `reasons` open under it on a page."""
    now = to_instant(review.snapshot.when.instant(review.snapshot.when.zone))
    return AskedItem(
        verb=one.ask,
        asks=one.question,
        evidence=one.evidence,
        owner=_asked_of(one),
        due=due_text(one.due, review),
        left=time_left(one.due - now),
        late=one.overdue,
        word=one.mark,
        news=news,
        about=_title(one, review),
        reasons=tuple(reasons),
    )


def _asked_of(one: NeededDecision) -> str:
    """Return who answers, and how many others it waits for."""
    others = len({*one.owners} - {one.owner})
    return f"{one.owner or 'nobody'}{f' and {others} more' if others else ''}"


def _title(one: NeededDecision, review: Review) -> str:
    """Return the title of the one thing it is about, where its question does not have it."""
    (first, *others), portfolio = one.subjects, review.portfolio
    if others or first not in portfolio:
        return ""
    title: str = getattr(portfolio[first], "title", "")
    return title if title not in one.question else ""


def due_text(due: dt.datetime, review: Review) -> str:
    """Return when something is due by the clock of the organisation; what ends with a day, at 24:00."""
    return deadline(_ending(due.astimezone(timezone(review.snapshot.when.zone))))


def _ending(due: dt.datetime) -> dt.datetime:
    """Return the moment without its last microsecond, so that what ends with a day ends at midnight."""
    return due + dt.timedelta(microseconds=due.microsecond == 999_999)


def left_out(left: tuple[NeededDecision, ...]) -> str:
    """Return how many decisions are not shown, whether one is overdue, and whom they wait for."""
    if not left:
        return ""
    late = sum(one.overdue for one in left)
    said = f"{late} overdue" if late else "none overdue"
    owners = Counter(one.owner or "nobody" for one in left)
    ranked = sorted(owners.items(), key=lambda pair: (-pair[1], pair[0]))
    told = [f"{name} {count}" for name, count in ranked[:3]]
    if rest := ranked[3:]:
        told.append(f"{counted(len(rest), 'other')} {sum(count for _, count in rest)}")
    return f"{len(left)} more, {said}: {', '.join(told)}. okrcore review --all"


# What changed, and goals


def _changes(review: Review, most: int) -> Iterator[Block]:
    if review.since is not None:
        grid = changes_grid(review, most)
        if grid.rows:
            yield grid
        else:
            yield Para(
                f"Nothing that matters changed since {day_in(review.since, review.snapshot.when.zone)}."
            )


def _goals(review: Review, most: int, year: Trend | None) -> Iterator[Block]:
    if review.portfolio.objectives:
        yield goals_grid(review, most, year)


# What else there is


def _facts(review: Review) -> Iterator[tuple[str, str]]:
    if moved := _signals(review):
        yield "KPIs", moved
    if review.not_updated:
        told = f"no check-in for {FORTNIGHT} days, which are asked for where there is no cadence"
        yield "No cadence", f"{named(review.not_updated)}: {told}"
    if not review.decisions_needed and (ahead := _ahead(review)):
        yield "Next", ahead
    day = day_in(review.as_of, review.snapshot.when.zone)
    held = sum(one.holds(day) for one in review.portfolio.tolerances)
    rules = len({one.code for one in review.findings})
    found = f"{counted(len(review.findings), 'finding')} in {counted(rules, 'rule')}"
    more = "More: okrcore check, okrcore actions, okrcore review --all."
    yield "Elsewhere", f"{counted(held, 'decision')} in force, {found}. {more}"
    yield "From", _provenance(review)


def _signals(review: Review) -> str:
    """Return which KPIs move beyond chance, worse ones first, and how many are steady."""
    portfolio = review.portfolio
    kpis = {one.id for one in portfolio.kpis}
    rows = [row for row in review.signals.to_dicts() if row["id"] in kpis] if len(review.signals) else []
    words = {"concern": "! {} worsening", "improvement": "+ {} improving"}
    told = [
        f"{words[meaning].format(row['id'])} ({row['signal']})"
        for meaning in words
        for row in rows
        if row["meaning"] == meaning
    ]
    steady = sum(row["signal"] is None for row in rows)
    shown = told[:3] + ([f"{len(told) - 3} more that move"] if len(told) > 3 else [])
    return "; ".join([*shown, f"{steady} steady"]) + "." if rows else ""


def _ahead(review: Review) -> str:
    """Return the next two things that are due, of whoever it is kept for."""
    asks = review.owner, review.team
    people = None if asks == (None, None) else asked_people(review.portfolio, *asks)
    told = [
        f"{weekday(one.day)} {one.kind} {'of' if one.kind == 'due date' else 'on'} {one.subject}"
        f" ({one.owner or 'nobody'})"
        for one in coming_dates(review, people)[:2]
    ]
    return f"{'; '.join(told)}." if told else ""


def _provenance(review: Review) -> str:
    """Return what everything can be rechecked by: roots, the hash of the table, the version."""
    from okrcore import __version__

    snapshot = review.snapshot
    parts = []
    if isinstance(snapshot.history, History):
        parts.append(f"history {_short(snapshot.history.recorded.root)}")
    if snapshot.journal is not None:
        parts.append(f"journal {_short(snapshot.journal.recorded.root)}")
    if review.portfolio.priorities is not None:
        try:
            parts.append(f"table {table_hash(review.portfolio.priorities)[:8]}")
        except TableError:
            parts.append("a table that cannot be read")
    known = f", as known at {snapshot.when.known}" if snapshot.when.known is not None else ""
    return f"{', '.join([*parts, f'okrcore {__version__}'])}{known}."


def _short(root: str) -> str:
    count, _, name = root.partition(":")
    return f"{count}:{name[:8]}"
