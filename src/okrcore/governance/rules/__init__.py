"""Collect the catalogue: a folder a family, one function a rule."""

from __future__ import annotations

from collections.abc import Mapping

from okrcore.governance.rule import Rule
from okrcore.governance.rules.okr1_structure import alignment, outcomes, ownership
from okrcore.governance.rules.okr1_structure import counts as structure
from okrcore.governance.rules.okr2_measurement import doubtful_numbers as doubtful
from okrcore.governance.rules.okr2_measurement import reachable_targets as targets
from okrcore.governance.rules.okr2_measurement import units_and_directions as measurement
from okrcore.governance.rules.okr2_measurement import unread_records, values_to_date
from okrcore.governance.rules.okr2_measurement import watched_kpis as kpis
from okrcore.governance.rules.okr2_measurement import where_from as sources
from okrcore.governance.rules.okr3_linkage import link_claims as links
from okrcore.governance.rules.okr3_linkage import link_evidence as evidence
from okrcore.governance.rules.okr3_linkage import link_reviews as reviews
from okrcore.governance.rules.okr3_linkage import reach as linkage
from okrcore.governance.rules.okr4_rhythm import check_ins, follow_up, stalled_goals
from okrcore.governance.rules.okr4_rhythm import freshness as rhythm
from okrcore.governance.rules.okr5_integrity import closed_goals as closed
from okrcore.governance.rules.okr5_integrity import declared_beside_computed as declared
from okrcore.governance.rules.okr5_integrity import dropped_goals as dropped
from okrcore.governance.rules.okr5_integrity import goalposts, rebased_limits
from okrcore.governance.rules.okr5_integrity import patterns as integrity
from okrcore.governance.rules.okr5_integrity import who_recorded as provenance
from okrcore.governance.rules.okr6_priorities import decisions_in_force as decisions
from okrcore.governance.rules.okr6_priorities import table_coverage as priorities
from okrcore.governance.rules.okr7_ripple import missed_milestones
from okrcore.governance.rules.okr7_ripple import waiting as ripple

FAMILIES: Mapping[str, str] = {
    "OKR1": "structure",
    "OKR2": "measurement",
    "OKR3": "linkage",
    "OKR4": "rhythm",
    "OKR5": "integrity",
    "OKR6": "priorities",
    "OKR7": "ripple",
}
"""The beginning of a family's codes, and its name."""

MODULES = (
    *(structure, outcomes, ownership, alignment),
    *(targets, kpis, measurement, sources, unread_records, values_to_date, doubtful),
    *(linkage, links, evidence, reviews),
    *(rhythm, check_ins, follow_up, stalled_goals),
    *(declared, provenance, integrity, goalposts, dropped, closed, rebased_limits),
    *(priorities, decisions),
    *(ripple, missed_milestones),
)

RULES = tuple(
    sorted(
        (value for module in MODULES for value in vars(module).values() if isinstance(value, Rule)),
        key=lambda rule: rule.code,
    )
)
"""Every rule of the catalogue, by code."""
