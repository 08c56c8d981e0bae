"""Find conflicts between goals and KPIs, and decide them by priority tables."""

from okrcore.conflicts.applied import apply as apply
from okrcore.conflicts.conflict import Conflict as Conflict
from okrcore.conflicts.decision import Decision as Decision
from okrcore.conflicts.decision import Decisions as Decisions
from okrcore.conflicts.find import find_conflicts as find_conflicts
from okrcore.conflicts.resolution import resolve as resolve
from okrcore.conflicts.resolution import resolve_many as resolve_many
