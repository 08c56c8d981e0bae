"""Find where a history keeps the measures that a portfolio reads, once for every moment."""

from __future__ import annotations

import attrs

from okrcore.history.backends import AnyHistory, MeasureCodes, facts_of
from okrcore.scoring.roster import Roster


@attrs.frozen(eq=False)
class HistoryCodes:
    """Where a history keeps what a roster reads."""

    results: MeasureCodes
    kpis: MeasureCodes
    result_samples: MeasureCodes
    kpi_samples: MeasureCodes


def codes_of(roster: Roster, history: AnyHistory) -> HistoryCodes:
    """Return the codes of all measures, which serve every moment."""
    facts = facts_of(history)
    return HistoryCodes(
        results=facts.codes(roster.results.measures),
        kpis=facts.codes(roster.kpis.measures),
        result_samples=facts.codes(roster.key_results.samples.counts.measures),
        kpi_samples=facts.codes(roster.kpi_samples.counts.measures),
    )
