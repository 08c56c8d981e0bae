"""Collect all strategies; importing this registers them, so that `st.from_type` knows the types."""

from __future__ import annotations

from okrcore.definitions.cadence import Cadence, Period
from okrcore.definitions.calendar import Calendar
from okrcore.definitions.cycle import Cycle
from okrcore.errors import MissingExtraError

try:
    from hypothesis import strategies as st
except ImportError:
    raise MissingExtraError.of("hypothesis", "testing") from None

from typing import Any

from hypothesis.strategies import SearchStrategy

from okrcore.definitions import goals, people
from okrcore.definitions import initiatives as work
from okrcore.definitions import kpis as watched
from okrcore.definitions import links as edges
from okrcore.definitions import measures as sizes
from okrcore.definitions import priority_outcomes as outcomes
from okrcore.definitions import priority_table as priorities
from okrcore.definitions.formula import Formula
from okrcore.definitions.ignores import Ignore
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.tolerances import Tolerance
from okrcore.governance.policy import Policy
from okrcore.history.entry import Change, Entry
from okrcore.history.history import History
from okrcore.history.journal import Journal
from okrcore.history.observation import Observation
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.testing import decided_tables as rulings
from okrcore.testing import governed, nouns, parts
from okrcore.testing import recorded_facts as facts
from okrcore.testing.decided_tables import priority_tables
from okrcore.testing.faults import NearlyValid, nearly_valid, nearly_valid_documents
from okrcore.testing.governed import policies
from okrcore.testing.nouns import (
    initiatives,
    key_results,
    kpis,
    links,
    milestones,
    objectives,
    tolerances,
)
from okrcore.testing.parts import bands, calendars, checklists, cycles, measures, owners, targets, teams
from okrcore.testing.recorded_facts import entries, histories, journals, observations
from okrcore.testing.whole import portfolios
from okrcore.units.rates import Rates

STRATEGIES: dict[type, SearchStrategy[Any]] = {
    Calendar: calendars(),
    Cycle: cycles(),
    Cadence: parts.cadences,
    Period: parts.periods(),
    people.Team: teams(),
    people.Owner: owners(),
    sizes.Waypoint: parts.waypoints(),
    sizes.Target: targets(),
    sizes.Band: bands(),
    sizes.Item: parts.items(),
    sizes.Checklist: checklists(),
    goals.Contribution: nouns.contributions(),
    goals.Objective: objectives(),
    goals.KeyResult: key_results(),
    watched.Source: parts.sources(),
    watched.Kpi: kpis(),
    Formula: nouns.formulas(),
    watched.DatedBands: nouns.dated_bands(),
    watched.Rebase: nouns.rebases(),
    work.Demand: nouns.demands(),
    work.Initiative: initiatives(),
    work.Dependency: nouns.dependencies(),
    work.Milestone: milestones(),
    edges.Lag: nouns.lags(),
    edges.Link: links(),
    outcomes.Tolerate: rulings.tolerates(),
    outcomes.Escalate: rulings.escalates(),
    outcomes.Retarget: st.builds(outcomes.Retarget, goal=parts.numbers),
    outcomes.Fund: st.builds(outcomes.Fund, amount=parts.amounts),
    outcomes.Effect: rulings.effects(),
    outcomes.Outcome: rulings.outcomes(),
    priorities.Column: rulings.columns(),
    priorities.PriorityRule: rulings.priority_rules(),
    priorities.Guardrail: rulings.guardrails(),
    priorities.PriorityTable: priority_tables(),
    Tolerance: tolerances(),
    Rates: facts.rates(),
    Portfolio: portfolios(),
    Observation: observations(),
    History: portfolios().flatmap(histories),
    Change: facts.changes(),
    Entry: entries(),
    Journal: portfolios().flatmap(journals),
    ScoringPolicy: governed.scoring_policies(),
    Ignore: governed.ignores(),
    Policy: policies(),
}
"""What `st.from_type` gives for each type."""

for _type, _strategy in STRATEGIES.items():
    st.register_type_strategy(_type, _strategy)

__all__ = [
    "STRATEGIES", "NearlyValid", "bands", "calendars", "checklists", "cycles", "entries", "histories",
    "initiatives", "journals", "key_results", "kpis", "links", "measures", "milestones", "nearly_valid",
    "nearly_valid_documents", "objectives", "observations", "owners", "policies", "portfolios",
    "priority_tables", "targets", "teams", "tolerances",
]  # fmt: skip
