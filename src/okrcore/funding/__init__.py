"""Choose which initiatives to fund: a mixed-integer program over a portfolio, solved exactly (S19)."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "funding.fund": "tradeoffs",
        "funding.plan": "Plan Funding NextUnit",
    },
)
