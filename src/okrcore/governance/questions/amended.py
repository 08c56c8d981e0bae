"""Tell what was amended when, how it stood then, and whether somebody else answers for it (S21.4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import attrs

from okrcore.declarations.amendment import Amendment
from okrcore.declarations.amendments import compare_portfolios
from okrcore.declarations.originals import SETTLING, named_as, settled_on
from okrcore.declarations.version import Version, begin_of
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.derived import cycle_of, due_of, series_of, stage_of
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.portfolio import Portfolio
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.rule import fault
from okrcore.history.entry import Entry
from okrcore.history.former_names import present_ids
from okrcore.history.history import History
from okrcore.scoring.evaluation import evaluate
from okrcore.scoring.goal_states import KeyResultState, ObjectiveState
from okrcore.scoring.snapshot import Snapshot

REASON_DAYS = 7
"""How many days before or after an amendment an entry gives its reason."""
FAILING = ("off-track", "missed")


@attrs.frozen(eq=False, kw_only=True)
class Revision:
    """One version after the one before it, both under the ids of today, and what it amended.

    `moment` is from when on it was in force and known, `day` its day: one that was backdated counts from
    when it was recorded.
    """

    before: Portfolio
    after: Portfolio
    moment: dt.date | dt.datetime
    day: dt.date
    born: dict[str, dt.date]
    """The day on which each definition was first declared, and each goal active."""
    amendments: tuple[Amendment, ...]

    def settled(self, id: str) -> bool:
        """Return whether a definition had been declared for good: 14 days into its cycle, and after it came.

        False of what was not there before, of a goal that was not active, and of what is no definition, such
        as the calendar.
        """
        if id not in self.born or id not in self.before:
            return False
        value = self.before[id]
        own = isinstance(value, KeyResult | Objective)
        if own and stage_of(value, self.before) != "active":
            return False
        cycle = cycle_of(value, self.before) if own else value
        begun = settled_on(cycle) if isinstance(cycle, Cycle) else dt.date.min
        return self.day >= max(begun, self.born[id] + SETTLING)


def revisions(context: Context, weeks: int) -> tuple[Revision, ...]:
    """Return what was amended in the last `weeks`, in order of time; empty without versions."""
    first = context.day - dt.timedelta(weeks=min(weeks, context.day.toordinal() // 7))
    return tuple(one for one in context.once(_revisions) if first <= one.day <= context.day)


def _revisions(context: Context) -> tuple[Revision, ...]:
    if context.declarations is None:
        return ()
    steps = context.declarations.steps(until=context.as_of, known_at=context.known_at)
    born: dict[str, dt.date] = {}
    versions = [*(before for before, _ in steps[:1]), *(after for _, after in steps)]
    present = present_ids(context.declared)
    named = [named_as(present, one.portfolio) for one in versions]
    for version, portfolio in zip(versions, named, strict=True):
        for one in portfolio.definitions:
            if not isinstance(one, KeyResult | Objective) or stage_of(one, portfolio) == "active":
                born.setdefault(one.id, context.day_of(version.at))
    pairs = zip(named, named[1:], versions[1:], strict=False)
    return tuple(_revision(context, before, after, version, born) for before, after, version in pairs)


def _revision(
    context: Context, before: Portfolio, after: Portfolio, version: Version, born: dict[str, dt.date]
) -> Revision:
    moment = max(version.at, version.recorded_at, key=begin_of)
    return Revision(
        before=before,
        after=after,
        moment=moment,
        day=context.day_of(moment),
        born=born,
        amendments=compare_portfolios(
            before,
            after,
            at=version.at,
            by={"": version.by, **version.authors},
            why={"": version.why, **version.reasons},
        ),
    )


def stood(context: Context, revision: Revision, *, after: bool = False) -> Snapshot:
    """Return how all stood when it was amended, by the version before (or after), as known then."""
    return context.once(_stood, revision, after)


def _stood(context: Context, revision: Revision, after: bool) -> Snapshot:
    return evaluate(
        revision.after if after else revision.before,
        History.of() if context.history is None else context.history,
        as_of=revision.moment,
        known_at=revision.moment,
        scoring=context.scoring,
        rates=context.rates,
        journal=context.journal,
    )


def status_then(context: Context, revision: Revision, id: str) -> str:
    """Return the status of a goal under the version before, when it was amended; "" of what is no goal."""
    snapshot = stood(context, revision)
    if id not in snapshot:
        return ""
    state = snapshot[id]
    return state.status if isinstance(state, KeyResultState | ObjectiveState) else ""


def is_failing(context: Context, revision: Revision, id: str) -> bool:
    """Return whether a goal was off-track or missed under the version before, when it was amended."""
    return status_then(context, revision, id) in FAILING


def is_dropped(context: Context, revision: Revision, one: Amendment) -> bool:
    """Return whether an amendment takes out or cancels a goal that was failing and not over.

    A key result that went with its failing objective is told with that.
    """
    value = revision.before[one.subject]
    gone = one.kind == "removed" or (one.field == "stage" and one.after == "cancelled")
    if not (gone and isinstance(value, KeyResult | Objective)):
        return False
    if isinstance(value, KeyResult) and value.objective not in revision.after:
        return False
    return revision.day <= due_of(value, revision.before) and is_failing(context, revision, one.subject)


def successors(context: Context, revision: Revision, id: str) -> list[str]:
    """Return the key results that came within 14 days of a revision with the measure of one that went."""
    went = revision.before[id]
    if not isinstance(went, KeyResult):
        return []
    near = [one for one in context.once(_revisions) if abs(one.day - revision.day) <= SETTLING]
    came = ((other, one) for other in near for one in other.after.key_results if one.id not in other.before)
    return sorted({one.id for other, one in came if one.id != id and _measures(one, other, went, revision)})


def _measures(one: KeyResult, other: Revision, went: KeyResult, revision: Revision) -> bool:
    series = series_of(one, other.after).id
    same_title = one.title.strip().casefold() == went.title.strip().casefold() != ""
    return series == series_of(went, revision.before).id or same_title


def scores(context: Context, revision: Revision, id: str) -> dict[str, Any]:
    """Return the score of a goal before and after an amendment, at its moment; empty without a history."""
    if context.history is None:
        return {}
    told: dict[str, Any] = {}
    for name, after in (("score_before", False), ("score_after", True)):
        snapshot = stood(context, revision, after=after)
        told[name] = getattr(snapshot[id], "score", None) if id in snapshot else None
    return {} if told["score_before"] == told["score_after"] else told


def told_of(one: Amendment, words: str, **evidence: Any) -> Finding:
    """Return the finding that an amendment is worth a look, with its values as evidence."""
    values: dict[str, Any] = (
        {"field": one.field, "before": one.before, "after": one.after} if one.field else {}
    )
    values |= {"why": one.why} if one.why else {}
    bare = attrs.evolve(one, why="").said
    return fault(f"worth a look: {bare}, {words}", subject=one.subject, **values, **evidence)


def judged_by(portfolio: Portfolio, id: str) -> str | None:
    """Return the owner whose work a definition judges: its own, else that of the objective it is part of."""
    value = portfolio[id]
    above = getattr(value, "objective", None) or getattr(value, "initiative", None)
    owner: str | None = getattr(value, "owner", None)
    return owner or (portfolio[above].owner if above else None)


def unanswered(context: Context, revision: Revision, one: Amendment) -> str:
    """Return what an amendment lacks, in words: a reason, or somebody else than who is judged by it; else "".

    Reasons are those of the version, and of entries "amendment" about its subject within 7 days.
    """
    entries = answers(context, revision, one)
    if not one.why and not entries:
        return "no reason is given"
    side = revision.before if one.subject in revision.before else revision.after
    owner = judged_by(side, one.subject)
    if owner is not None and {one.by, *(entry.by for entry in entries)} == {owner}:
        return f"nobody but {owner!r}, whom it judges, answers for it"
    return ""


def answers(context: Context, revision: Revision, one: Amendment) -> list[Entry]:
    """Return the entries that give the reason of an amendment: about its subject, within 7 days."""
    return [
        entry
        for entry in context.entries(one.subject, "amendment")
        if entry.text and abs((context.day_of(entry.at) - revision.day).days) <= REASON_DAYS
    ]


def left_alone(context: Context, weeks: int) -> Iterator[tuple[Revision, Amendment, str]]:
    """Yield each amendment of a settled definition that nobody else answers for, and what it lacks."""
    for revision in revisions(context, weeks):
        for one in revision.amendments:
            if revision.settled(one.subject) and (lack := unanswered(context, revision, one)):
                yield revision, one, lack
