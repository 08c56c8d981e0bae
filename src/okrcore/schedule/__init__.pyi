"""Schedule: what a slipped milestone delays, by how much and for whom, and who owes an answer by when."""

from okrcore.schedule.deadlines import Owed as Owed
from okrcore.schedule.impacts import Clock as Clock
from okrcore.schedule.impacts import Impact as Impact
from okrcore.schedule.ripple_result import Ripple as Ripple
from okrcore.schedule.rippling import ripple as ripple
