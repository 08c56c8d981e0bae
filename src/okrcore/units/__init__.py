"""Units: unit texts read strictly, exact conversions, dated exchange rates; here alone pint is imported."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "units.rates": "Rates convert",
        "units.quantities": "from_quantity to_quantity",
    },
)
