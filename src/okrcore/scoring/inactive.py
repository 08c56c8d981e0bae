"""Say which goals are not pursued: they keep their numbers, and have neither score nor weight (S21.5)."""

from __future__ import annotations

import attrs

from okrcore.frozen import freeze_fields
from okrcore.scoring.graph import Flags, NodeCodes

PURSUED = -1
"""In place of a status, where a goal is pursued."""


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class Inactive:
    """The status of each key result and objective that is not pursued, PURSUED for the others."""

    results: NodeCodes
    objectives: NodeCodes

    @property
    def idle_results(self) -> Flags:
        """Which key results are not pursued."""
        idle: Flags = self.results != PURSUED
        return idle

    @property
    def idle_objectives(self) -> Flags:
        """Which objectives are not pursued."""
        idle: Flags = self.objectives != PURSUED
        return idle
