"""Rhythm: who owes what by when, and what it answers."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "rhythm.acting": "actions",
        "rhythm.action": "Action",
        "rhythm.audit": "Audit LedGoal",
    },
)
