"""Name what a portfolio's priority table may ask of a conflict, and what each answer is."""

from __future__ import annotations

from okrcore.frozen import FrozenDict

PRIORITY_INPUTS = FrozenDict(
    {
        "conflict.degree": "how hard the conflict is, 0 to 1",
        "conflict.kind": "targets, opposed, measured, divergent, disconnected or contention",
        "days_left": "days until the goal is due, 0 or more",
        "objective.id": "id of the objective, of a key result the one it belongs to",
        "objective.commitment": "committed, aspirational or learning",
        "objective.team": "id of the team that answers for the objective",
        "objective.owner": "id of the objective's owner",
        "objective.status": "status of the objective",
        "objective.score": "score of the objective",
        "kpi.id": "id of the side in the role of the KPI",
        "kpi.category": "category of the KPI; other where it has none",
        "kpi.zone": "healthy, watch, breached or unknown, as measured",
        "kpi.satisfaction": "satisfaction of the KPI, 0 to 1",
        "kpi.incentivised": "whether a bonus hangs on it",
        "kpi.guardrail": "whether it is a guardrail",
        "kpi.team": "id of the team that answers for it",
        "kpi.owner": "id of its owner",
    }
)
"""Each input by its name; the goal of a conflict has the role of the objective, the other side of the KPI."""
