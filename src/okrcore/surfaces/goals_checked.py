"""Check goals that were opened, as a configuration says: select, baseline, pages of rules."""

from __future__ import annotations

import datetime as dt

from okrcore.definitions.moments import AsOf
from okrcore.governance.checking import check_in_full
from okrcore.governance.policy import Policy
from okrcore.surfaces.baseline import Baseline, read_baseline
from okrcore.surfaces.configuration import Config
from okrcore.surfaces.goals_opened import Goals
from okrcore.surfaces.reports import Checked
from okrcore.units.rates import Rates


def check_goals(
    goals: Goals,
    config: Config,
    *,
    policy: Policy,
    as_of: dt.date | dt.datetime,
    known_at: AsOf | None = None,
    rates: Rates | None = None,
) -> Checked:
    """Return what the rules of a policy find, placed, and split by the baseline that a configuration names.

    Raises an OkrError as `check` does, and for a baseline that cannot be read.
    """
    result = check_in_full(
        goals.declared,
        goals.history,
        as_of=as_of,
        known_at=known_at,
        policy=policy,
        select=config.select or None,
        journal=goals.journal,
        rates=rates,
    )
    return Checked.of(
        result,
        policy=policy,
        as_of=as_of,
        places=goals.places,
        before=goals.before,
        baseline=read_baseline(config.baseline) if config.baseline else Baseline(),
        pages=config.rule_pages,
    )
