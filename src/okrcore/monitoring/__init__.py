"""What moved, and what looks wrong: process limits and their signals, and tests of the numbers themselves."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "monitoring.profiles": "Profile PROFILES",
        "monitoring.process_limits": "ProcessLimits",
        "monitoring.signal_rules": """shift_flags trend_flags two_of_three_flags back_filled judged_assurance
            Assurance""",
        "monitoring.signal_table": "signals_of",
        "monitoring.found_dips": "dips",
        "monitoring.dip": "Dip",
        "monitoring.series_chart": "signals Signals SignalPoint Phase",
    },
)
