"""Read unit texts strictly, convert exactly, and exchange money at dated rates."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "units.rates": "DatedRate Rates convert",
        "units.quantities": "from_quantity to_quantity",
    },
)
