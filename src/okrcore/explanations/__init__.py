"""Explain why a goal, KPI or initiative has its status, down to the observations under it."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "explanations.changing": "explain_change",
        "explanations.explaining": "explain",
        "explanations.explanation": "Explanation",
    },
)
