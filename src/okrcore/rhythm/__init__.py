"""Rhythm: who owes what by when, what it answers, and what a week has to say."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "rhythm.acting": "actions",
        "rhythm.action": "Action",
        "rhythm.audit": "Audit LedGoal",
        "rhythm.reviewing": "review",
        "rhythm.review_result": "Review",
        "rhythm.needed_decision": "NeededDecision",
        "rhythm.messages": "Message",
    },
)
