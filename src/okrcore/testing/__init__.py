"""Test one's own governance: assertions and builders, and hypothesis strategies on first use.

The strategies need hypothesis (`pip install 'okrcore[testing]'`). Once this package and hypothesis are both
imported, in whichever order, `st.from_type` knows every definition.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from okrcore.testing.assertions import (
    assert_proved,
    assert_rules,
    check_rule_agrees,
    check_rule_examples,
    one,
)
from okrcore.testing.builders import portfolio_of, series

if TYPE_CHECKING:
    from okrcore.testing.strategies import (
        NearlyValid,
        bands,
        calendars,
        checklists,
        cycles,
        entries,
        histories,
        initiatives,
        journals,
        key_results,
        kpis,
        links,
        measures,
        milestones,
        nearly_valid,
        nearly_valid_documents,
        objectives,
        observations,
        owners,
        policies,
        portfolios,
        priority_tables,
        targets,
        teams,
        tolerances,
    )

__all__ = [
    "NearlyValid", "assert_proved", "assert_rules", "bands", "calendars", "check_rule_agrees",
    "check_rule_examples", "checklists", "cycles", "entries", "histories", "initiatives", "journals",
    "key_results", "kpis", "links", "measures",
    "milestones", "nearly_valid", "nearly_valid_documents", "objectives", "observations", "one", "owners",
    "policies", "portfolio_of", "portfolios", "priority_tables", "series", "targets", "teams", "tolerances",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'okrcore.testing' has no attribute {name!r}")
    from okrcore.testing import strategies

    value = globals()[name] = getattr(strategies, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if "hypothesis" in sys.modules:
    from okrcore.testing import strategies as _registered  # noqa: F401 - importing it registers
