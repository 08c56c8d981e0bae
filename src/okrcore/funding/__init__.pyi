"""Choose which initiatives to fund: a mixed-integer program over a portfolio, solved exactly (S19)."""

from okrcore.funding.fund import tradeoffs as tradeoffs
from okrcore.funding.plan import Funding as Funding
from okrcore.funding.plan import NextUnit as NextUnit
from okrcore.funding.plan import Plan as Plan
