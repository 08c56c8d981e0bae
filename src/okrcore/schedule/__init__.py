"""Schedule: what a slipped milestone delays, by how much and for whom, and who owes an answer by when."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "schedule.rippling": "ripple",
        "schedule.ripple_result": "Ripple",
        "schedule.impacts": "Clock Impact",
        "schedule.deadlines": "Owed",
    },
)
