"""Report values that lack something: one finding each where few do, one for the portfolio where most do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from okrcore.findings import Finding
from okrcore.governance.rule import fault
from okrcore.governance.subjects import WHOLE

FEW = 10
"""So many are always named one by one."""


def slips_or_practice(lacking: Sequence[Any], of: int, each: str, together: str) -> Iterator[Finding]:
    """Yield what `each` of the `lacking` values has to hear, or once what they have `together`.

    Where more than ten, and more than half of all, lack something, nobody forgot it: it is how the
    organisation works, and one finding with the count says more than hundreds. `together` is what follows
    "30 of 40".

    >>> from okrcore import Kpi
    >>> kpis = [Kpi(id=f"kpi-{n}", title="") for n in range(30)]
    >>> [one.message for one in slips_or_practice(kpis, 40, "names no source", "KPIs name no source")]
    ['30 of 40 KPIs name no source']
    """
    if len(lacking) > FEW and 2 * len(lacking) > of:
        names = tuple(sorted(one.id for one in lacking)[:3])
        yield fault(
            f"{len(lacking)} of {of} {together}", subject=WHOLE, count=len(lacking), of=of, first=names
        )
        return
    for one in lacking:
        yield fault(each, subject=one.id)
