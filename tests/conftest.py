"""Hypothesis without deadlines: a slow machine is no failing law."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "okrcore", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, max_examples=60
)
settings.load_profile("okrcore")
