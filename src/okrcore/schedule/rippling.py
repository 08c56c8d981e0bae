"""Compute what slipped milestones do to all that waits for them (S17.2)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from okrcore.declarations.in_force import AnyPortfolio, portfolio_at, versions_of
from okrcore.definitions.fields import at_least, shown
from okrcore.definitions.moments import AsOf
from okrcore.definitions.references import unknown_id
from okrcore.errors import DefinitionError, Problem, raise_all
from okrcore.frozen import frozen
from okrcore.history.backends import AnyHistory
from okrcore.history.derivation import with_derived
from okrcore.history.journal import Journal, followed_journal
from okrcore.schedule.delays import delays
from okrcore.schedule.network import MilestoneNetwork, joined, network_of
from okrcore.schedule.plan_dates import freezes, plan_at
from okrcore.schedule.ripple_result import Ripple
from okrcore.schedule.working_lags import Days
from okrcore.scoring.as_of import When
from okrcore.scoring.milestones_done import observed_days


def ripple(
    portfolio: AnyPortfolio,
    *,
    as_of: AsOf,
    known_at: AsOf | None = None,
    slips: Mapping[str, float] | None = None,
    history: AnyHistory | None = None,
    journal: Journal | None = None,
) -> Ripple:
    """Return what slipped milestones do to all that waits for them, at a moment (S17).

    A milestone slips by what was observed: open past its planned finish, or done after it; and by `slips`,
    {id: days of work added}, 0 or more. `history` tells what was done ("<milestone>" of 1 or more) where
    no date is declared, and which decisions still freeze work; `journal` holds the notices and mitigations.
    With Declarations the plan is that in force at `as_of`, clocks run on the plan in force at each due date,
    and `since_first` counts from what was first declared. `known_at` None filters nothing.

    Raises DefinitionError for a slip of what is no milestone, or below 0, and for a moment that is none. What
    is asked of the result is computed when it is asked for; cost in proportion to what the slips touch, once
    the network of a portfolio is laid out.

    >>> from okrcore import Initiative, Milestone, Portfolio
    >>> work = Initiative(id="work", title="Work")
    >>> one = Milestone(id="one", initiative="work", title="One", due="2026-03-02")
    >>> two = Milestone(id="two", initiative="work", title="Two", due="2026-03-09", after=["one"])
    >>> found = ripple(Portfolio.of(work, one, two), as_of="2026-03-01", slips={"one": 10})
    >>> [(impact.subject, impact.delay_days) for impact in found.impacts]
    [('one', 10.0), ('two', 3.0)]
    """
    declared, current = versions_of(portfolio), portfolio_at(portfolio, as_of, known_at)
    history, journal = with_derived(current, history), followed_journal(current, journal)
    when = When.of(as_of, known_at, current.calendar.timezone)
    network = network_of(current)
    added = _slips(network, slips or {})
    observed = observed_days(network.rows, history, when)
    still = freezes(current, history, when)
    plan = plan_at(network, when, observed, still)
    seeds = joined(len(added), plan.late, np.flatnonzero(added))
    return Ripple(
        portfolio=current,
        declarations=declared,
        when=when,
        history=history,
        journal=journal,
        network=network,
        plan=plan,
        slips=frozen(added),
        delays=delays(network, plan, added, seeds),
        observed=observed,
        still=still,
    )


def _slips(network: MilestoneNetwork, slips: Mapping[str, float]) -> Days:
    """Return the slip of each row; raises one error that names every fault."""
    if not isinstance(slips, Mapping):
        raise DefinitionError(f"slips is {shown(slips)}, but must be a mapping; give {{milestone: days}}")
    problems, added = [], np.zeros(len(network.milestones))
    for name, days in slips.items():
        path = f"slips.{name}"
        if not isinstance(name, str) or name not in network.rows:
            problems.append(unknown_id(name, path, network.rows))
        elif fault := at_least(0)(days):
            said = f"{fault.partition(';')[0]}, but must be days, 0 or more; leave out what is not late"
            problems.append(Problem(said, path, kind=DefinitionError))
        else:
            added[network.rows[name]] = float(days)
    raise_all(problems)
    return added
