"""Ask all rules about integrity at once: what asks for a review, never an accusation (S12)."""

from __future__ import annotations

from okrcore.declarations.declared_versions import Declarations
from okrcore.declarations.in_force import AnyPortfolio
from okrcore.definitions.moments import AsOf
from okrcore.display import Rows
from okrcore.findings import Finding
from okrcore.governance.checking import check
from okrcore.governance.presets import STRICT
from okrcore.history.backends import AnyHistory
from okrcore.history.journal import Journal
from okrcore.units.rates import Rates


def integrity(
    portfolio: AnyPortfolio,
    history: AnyHistory,
    *,
    as_of: AsOf,
    known_at: AsOf | None = None,
    journal: Journal | None = None,
    declarations: Declarations | None = None,
    rates: Rates | None = None,
) -> Rows[Finding]:
    """Return what the rules of family OKR5 find: `check(select=["OKR5"])` under the policy STRICT.

    The evidence of each holds its statistic, n and p-value, or a plain count. Each test has a floor on n, and
    over all measures asked the false discovery rate is held at .05. They are signals for review: what has
    more than one explanation is worded so. `declarations` say what was declared when: then goalposts that
    moved are told, too (they may stand in place of the portfolio).

    >>> import okrcore as okr
    >>> calls = okr.Kpi(id="calls", title="Calls", unit="call", cadence="weekly")
    >>> form = okr.Source("form", mode="manual")
    >>> numbers = [410, 455, 530, 490, 365, 613, 745, 280, 500, 625, 330, 420, 555]
    >>> history = okr.History.of(
    ...     okr.Observation("calls", day, number, source=form)
    ...     for day, number in zip(okr.weekly("2026-01-04", "2026-03-29"), numbers))
    >>> [one.code for one in integrity(okr.Portfolio.of(calls), history, as_of="2026-03-31")]
    ['OKR512']
    """
    return check(
        portfolio if declarations is None else declarations, history, as_of=as_of, known_at=known_at,
        policy=STRICT, select=["OKR5"], journal=journal, rates=rates,
    )  # fmt: skip
