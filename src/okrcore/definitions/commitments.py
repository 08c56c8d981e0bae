"""List how firmly an objective can be meant, for what reads scoring policies and no goals."""

from __future__ import annotations

COMMITMENTS = ("committed", "aspirational", "learning")
"""How firmly an objective is meant, the firmest first."""
