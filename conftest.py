"""What tests and examples run with: pytest within pytest, and hypothesis without deadlines.

A slow machine is no failing law. `--hypothesis-profile=explore` looks for new examples, at random and longer.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

settings.register_profile(
    "okrcore", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, max_examples=60
)
settings.register_profile("explore", settings.get_profile("okrcore"), derandomize=False, max_examples=200)
settings.load_profile("okrcore")
