"""Review a portfolio once: everything that a week has to say, and the few decisions that it needs (S18.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from okrcore.declarations.in_force import AnyPortfolio, portfolio_at, versions_of
from okrcore.definitions.argument_checks import check_arguments
from okrcore.definitions.fields import is_a
from okrcore.definitions.moments import AsOf, parse_as_of
from okrcore.documents.plain import to_dict
from okrcore.governance.checking import checked
from okrcore.governance.context import Context
from okrcore.governance.policy import Policy
from okrcore.governance.presets import STANDARD
from okrcore.history.backends import AnyHistory
from okrcore.history.derivation import with_derived
from okrcore.history.journal import Journal, followed_journal
from okrcore.monitoring.found_dips import dips
from okrcore.monitoring.signal_table import newest_points, signals_of
from okrcore.rhythm.acting import actions, first_asked
from okrcore.rhythm.escalations import proposed_escalations
from okrcore.rhythm.judged_concerns import judged_concerns
from okrcore.rhythm.messages import messages_of
from okrcore.rhythm.owed_concerns import owed_concerns
from okrcore.rhythm.review_changes import changes_between, moment_of, stored_review
from okrcore.rhythm.review_parts import checked_parts
from okrcore.rhythm.review_result import Review
from okrcore.rhythm.shared_causes import decisions_of
from okrcore.rhythm.silent_concerns import not_updated, silent_concerns
from okrcore.scoring.as_of import When
from okrcore.scoring.differences import Differences
from okrcore.units.rates import Rates


def review(
    portfolio: AnyPortfolio,
    history: AnyHistory,
    *,
    as_of: AsOf,
    known_at: AsOf | None = None,
    policy: Policy = STANDARD,
    rates: Rates | None = None,
    journal: Journal | None = None,
    previous: Review | Mapping[str, Any] | None = None,
    parts: Mapping[str, Any] | None = None,
) -> Review:
    """Return all that a moment has to say, each part made once, and the few decisions that it needs.

    In order: what was declared and derived, the snapshot, signals, evidence on links, conflicts, what the
    priority table decides, what slips do, findings by the `policy`, who owes what, what differs from the
    `previous` review (a Review, or the mapping that `to_dict` gave of one), whom to tell, and which entries
    to record: escalations alone, so that the same review twice proposes the same. `previous` gives
    `differences` and `since`, and nothing else depends on it.

    `parts` are what the caller has already, {name of a field: its value}: they are checked to be of this
    portfolio, history and moment, and not made again. Nothing but the arguments counts, and nothing is
    stored. Raises DefinitionError for a part or a `previous` that does not belong, and as `evaluate` does.
    Cost of its parts together.

    >>> import okrcore as okr
    >>> goal = okr.Objective(id="grow", title="Grow", cycle="2026", owner="kim")
    >>> deals = okr.KeyResult(id="deals", objective="grow", title="20 deals", measure=okr.Target(0, 20),
    ...                       cadence="weekly")
    >>> made = okr.Portfolio.of(okr.Owner(id="kim"), okr.Cycle.year(2026), goal, deals)
    >>> history = okr.History.of([okr.Observation("deals", "2026-02-20", 3)])
    >>> start = okr.Journal.of([okr.Entry("check-in", "deals", "kim", "2026-02-20")])
    >>> week = review(made, history, as_of="2026-03-15", journal=start)
    >>> for one in week.decisions_needed:
    ...     print(one.owner, one.due.date(), one.overdue, one.question)
    kim 2026-03-11 True 20 deals: where does it stand?
    """
    check_arguments(policy=(policy, is_a(Policy)))
    declared, current = versions_of(portfolio), portfolio_at(portfolio, as_of, known_at)
    when = When.of(as_of, known_at, current.calendar.timezone)
    before = stored_review(previous, current, when)
    earlier = previous.past if isinstance(previous, Review) else None
    history, journal = with_derived(current, history, rates), followed_journal(current, journal)
    given = checked_parts(parts, current, history, when, journal, declared)
    context = Context(
        portfolio=current,
        as_of=parse_as_of(as_of),
        history=history,
        journal=journal,
        scoring=policy.scoring,
        rates=current.rates_or(rates),
        known_at=None if known_at is None else parse_as_of(known_at, "known_at"),
        declarations=declared,
        given={**given, "past": earlier},
    )
    asked: dict[str, Any] = {"as_of": as_of, "known_at": known_at, "rates": rates}
    points = given.get("signals")
    given["signals"] = newest_points(signals_of(portfolio, history, **asked) if points is None else points)
    if "dips" not in given:
        given["dips"] = dips(context.pursued.portfolio, history, journal=journal, **asked)
    for name in ("snapshot", "evidence", "conflicts", "decisions", "ripple"):
        given[name] = getattr(context, name)
    given["past"] = context.pursued.past
    whole = attrs.evolve(context, given=given, made={})
    findings = given["findings"] if "findings" in given else checked(whole, policy).findings
    owed = given.get("actions")
    if owed is None:
        known = {name: given[name] for name in ("dips", "ripple", "evidence", "snapshot")}
        owed = actions(portfolio, history, as_of=as_of, known_at=known_at, journal=journal, parts=known)
    open_questions = [*owed_concerns(whole.pursued, owed), *silent_concerns(whole.pursued, owed)]
    open_questions += judged_concerns(whole.pursued, owed, first_asked(None, journal, when.zone))
    made = Review(
        **{
            name: given[name]
            for name in ("snapshot", "signals", "dips", "evidence", "conflicts", "decisions")
        },
        ripple=given["ripple"],
        findings=findings,
        actions=owed,
        messages=messages_of(owed, given["ripple"]),
        proposed_entries=proposed_escalations(owed, journal, when.as_of),
        decisions_needed=decisions_of(open_questions),
        not_updated=not_updated(whole.pursued, owed),
        past=whole.pursued.past.alone(),
        differences=Differences.of(()),
    )
    if before is None:
        return made
    changed = changes_between(before, to_dict(made), current)
    return attrs.evolve(made, differences=Differences.of(changed), since=moment_of(before))
