"""Check that evidence given to a function is on links of the portfolio that it is asked about."""

from __future__ import annotations

from collections.abc import Iterable

from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.references import unknown_id
from okrcore.errors import DefinitionError, Problem, raise_all
from okrcore.leading.evidence import LinkEvidence


def check_evidence(evidence: Iterable[LinkEvidence], portfolio: Portfolio) -> None:
    """Raise UnknownIdError for evidence on links that the portfolio does not declare.

    Evidence on bare series names no link, and is nobody's.
    """
    problems = []
    links = {link.id: link for link in portfolio.links}
    for row, one in enumerate(evidence):
        path = f"evidence[{row}]"
        if not isinstance(one, LinkEvidence):
            kind = type(one).__name__
            said = f"{path} is of type {kind}, but must be a LinkEvidence; give what assess_links returns"
            problems.append(Problem(said, path, kind=DefinitionError))
        elif one.link is not None and one.link not in links:
            problems.append(unknown_id(one.link, path, links))
    raise_all(problems)
