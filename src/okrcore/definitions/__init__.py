"""Declare goals, KPIs, initiatives, links, people, time and priorities, as frozen values."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "definitions.people": "Team Owner",
        "definitions.calendar": "Calendar",
        "definitions.cycle": "Cycle",
        "definitions.cadence": "Cadence Period",
        "definitions.moments": "weekly AsOf",
        "definitions.measures": "Target Band Checklist Item Waypoint",
        "definitions.goals": "Objective Contribution KeyResult",
        "definitions.formula": "Formula",
        "definitions.kpis": "Kpi Source DatedBands KpiBands Rebase",
        "definitions.initiatives": "Initiative Demand Milestone Dependency",
        "definitions.links": "Link",
        "definitions.priority_table": "PriorityTable",
        "definitions.portfolio": "Portfolio Definition",
        "definitions.tolerances": "Tolerance",
        "units.rates": "Rates",
    },
)
