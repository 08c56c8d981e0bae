"""Units: unit texts read strictly, exact conversions, dated exchange rates; here alone pint is imported."""

from okrcore.units.quantities import from_quantity as from_quantity
from okrcore.units.quantities import to_quantity as to_quantity
from okrcore.units.rates import Rates as Rates
from okrcore.units.rates import convert as convert
