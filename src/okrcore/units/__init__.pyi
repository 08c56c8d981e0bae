"""Read unit texts strictly, convert exactly, and exchange money at dated rates."""

from okrcore.units.quantities import from_quantity as from_quantity
from okrcore.units.quantities import to_quantity as to_quantity
from okrcore.units.rates import DatedRate as DatedRate
from okrcore.units.rates import Rates as Rates
from okrcore.units.rates import convert as convert
