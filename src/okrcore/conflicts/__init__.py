"""Find conflicts between goals and KPIs, and decide them by priority tables."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "conflicts.find": "find_conflicts",
        "conflicts.resolution": "resolve resolve_many",
        "conflicts.applied": "apply",
        "conflicts.decision": "Decision Decisions",
        "conflicts.conflict": "Conflict",
    },
)
