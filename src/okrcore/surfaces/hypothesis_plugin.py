"""Register our types with hypothesis when it is imported, if `okrcore.testing` is in use."""

from __future__ import annotations

import sys


def register() -> None:
    """Register the strategies if `okrcore.testing` is imported; where it comes later it does so itself."""
    if "okrcore.testing" in sys.modules:
        from okrcore.testing import strategies as strategies
