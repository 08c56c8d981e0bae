"""Say which portfolio holds at a moment, where versions of one may be given in its place (S21.1)."""

from __future__ import annotations

from okrcore.declarations.declared_versions import Declarations
from okrcore.definitions.moments import AsOf, parse_as_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import DefinitionError

AnyPortfolio = Portfolio | Declarations
"""What may be judged: a portfolio that holds for all time, or versions of one, each from its day on."""


def portfolio_at(declared: AnyPortfolio, as_of: AsOf, known_at: AsOf | None = None) -> Portfolio:
    """Return the portfolio itself, or of versions what was in force at `as_of` and declared by `known_at`.

    Raises DefinitionError for what is neither or no moment, HistoryError before the first version, naming
    its date.

    >>> from okrcore.definitions.people import Team
    >>> sales = Portfolio.of(Team(id="sales"))
    >>> declared = Declarations.of(("2026-03-01", sales), ("2026-05-04", sales.with_(Team(id="support"))))
    >>> len(portfolio_at(declared, "2026-04-30").teams), len(portfolio_at(sales, "2026-04-30").teams)
    (1, 1)
    """
    if isinstance(declared, Portfolio):
        return declared
    if not isinstance(declared, Declarations):
        raise DefinitionError(
            f"portfolio is a {type(declared).__name__}, but must be a Portfolio or Declarations; make it by"
            " Portfolio.of(...), or load one with load(...)"
        )
    known = None if known_at is None else parse_as_of(known_at, "known_at")
    return declared.at(parse_as_of(as_of), known)


def versions_of(declared: AnyPortfolio) -> Declarations | None:
    """Return the versions that were given, None where a portfolio was."""
    return declared if isinstance(declared, Declarations) else None
