"""Who gives way: conflicts between goals and KPIs, and the priority tables that decide them."""

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
