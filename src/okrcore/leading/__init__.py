"""Does this KPI move before that key result, and will the target be reached?"""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "leading.assess": "assess_link",
        "leading.declared_links": "assess_links",
        "leading.discovery": "discover_links",
        "leading.screening": "screen_links Screen",
        "leading.evidence": "LinkEvidence LagEvidence",
        "leading.weeks_ahead": "Forecast ObjectiveForecast Outlook WeeksAhead Lead",
        "leading.outlooks": "outlook",
        "leading.target_probability": "forecast forecast_many",
    },
)
