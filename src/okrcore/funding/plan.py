"""Define a funding plan: what to fund, what each initiative gives, what the next unit would buy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from okrcore.display import Rows, brief, card, figure, fragment, grid, one_line, percent
from okrcore.display.blocks import Para
from okrcore.display.notebook import table_listing
from okrcore.frozen import FrozenDict
from okrcore.public_form import headed

_NOTES = 12
_NOTHING: FrozenDict[str, Any] = FrozenDict()


@attrs.frozen(kw_only=True)
class Funding:
    """One initiative that a plan funds.

    `share` is in 0..1, 1 all of it; `cost` is share * cost in the budget's currency, None unknown. `gains`
    says what each goal would lose without this initiative, where that is not 0. What two initiatives both
    close is in neither, so these need not add up to the gains of the plan.
    """

    initiative: str
    share: float
    cost: float | None
    gains: FrozenDict[str, float]

    def as_row(self) -> dict[str, Any]:
        """Return its columns as a row of a table."""
        told = {"initiative": self.initiative, "share": self.share, "cost": self.cost}
        return {**told, "gains": _told(self.gains)}


@attrs.frozen(kw_only=True)
class NextUnit:
    """What more of one budget or capacity would buy, all else as it is.

    `of` is "budget", or "capacity:" and the id of a team or owner. `tier` counts from 1 and is the first
    tier that can gain. All or nothing: `amount` is the least that makes it gain, `gain` by how much, `funds`
    what is then funded anew and `drops` what no longer. In shares: every bit helps, so `amount` is None,
    and `gain` is the price, the tier's gain a unit. `proven` as in `Plan`.
    """

    of: str
    tier: int
    amount: float | None
    gain: float
    funds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    proven: bool = True

    def __str__(self) -> str:
        if self.amount is None:
            return f"each unit more of {self.of}: tier {self.tier} gains {figure(self.gain)}"
        without = f" instead of {', '.join(self.drops)}" if self.drops else ""
        return (
            f"{figure(self.amount)} more of {self.of} funds {', '.join(self.funds)}{without}: "
            f"tier {self.tier} gains {figure(self.gain)}"
        )


def _to_rows(funded: Iterable[Funding]) -> Rows[Funding]:
    return Rows(funded)


@attrs.frozen(kw_only=True, repr=False)
class Plan:
    """Which initiatives to fund, what that gains, and what more would buy; made by `tradeoffs`.

    `gains` are by goal, as shares of its score (0.1: ten points of a hundred), negative where more harm than
    help is funded; `tiers` holds one value a tier. `spent` is in the budget's currency, without costs that
    are unknown. `used` is the most that is asked for at one time, by id of a team or owner with a capacity.

    `left_out` says why each other initiative under way is not funded; `unpriced` are those that no budget
    can be compared with, as they have no cost. `unknown` are the key results without a score, taken as if
    all could be gained and all be lost. `clash` is the smallest set of constraints that cannot hold
    together, empty where the plan is `feasible`; where it is not, nothing is funded. `proven` is False where
    the search was cut short: the plan holds, but a better one may be there.
    """

    funded: Rows[Funding] = attrs.field(default=(), converter=_to_rows)
    left_out: FrozenDict[str, str] = _NOTHING
    unpriced: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    gains: FrozenDict[str, float] = _NOTHING
    tiers: tuple[float, ...] = ()
    budget: float | None = None
    spent: float = 0.0
    capacity: FrozenDict[str, float] = _NOTHING
    used: FrozenDict[str, float] = _NOTHING
    next_units: tuple[NextUnit, ...] = ()
    clash: tuple[str, ...] = ()
    proven: bool = True

    @property
    def feasible(self) -> bool:
        """Whether all constraints hold together."""
        return not self.clash

    def as_plain(self) -> dict[str, Any]:
        """Return the public form: all fields, and whether the plan is feasible."""
        return headed("plan", feasible=self.feasible, **attrs.asdict(self, recurse=False))

    def __repr__(self) -> str:
        return brief(self, next(iter(self._lines())))

    def _repr_html_(self) -> str:
        first, *rest = [line for line in self._lines() if not line.startswith("initiative ")]
        shown = [one.initiative for one in self.funded]
        funded = table_listing(
            {
                "initiative": shown,
                "share": [percent(one.share) for one in self.funded],
                "cost": [figure(one.cost) for one in self.funded],
                "gains": [_told(one.gains) for one in self.funded],
            },
            "initiatives",
        )
        told = [line for line in rest if not any(line.startswith(f"{one_line(name)} ") for name in shown)]
        notes = [Para(line, "note") for line in told[:_NOTES]]
        word = "!" if self.clash else "~" if not self.proven else "+"
        return fragment("plan", [*card("plan", "", title=first, word=word), funded, *notes], wide=True)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.clash:
            yield f"not feasible: {', '.join(self.clash)} cannot hold together"
            return
        of = "" if self.budget is None else f" of {figure(self.budget)}"
        count = len(self.funded) + len(self.left_out) + len(self.unpriced)
        yield f"{len(self.funded)} of {count} initiatives funded, {figure(self.spent)}{of} spent"
        if self.funded:
            yield from grid(
                {
                    "initiative": [one_line(one.initiative) for one in self.funded],
                    "share": [percent(one.share) for one in self.funded],
                    "cost": [figure(one.cost) for one in self.funded],
                    "gains": [one_line(_told(one.gains)) for one in self.funded],
                },
                right=("share", "cost"),
            )
        for number, gain in enumerate(self.tiers, 1):
            yield f"tier {number} gains {figure(gain)}"
        for of, amount in self.used.items():
            yield f"{one_line(of)}: {figure(amount)} of {figure(self.capacity[of])} asked for"
        for names, what in ((self.unpriced, "no cost is known"), (self.unknown, "no score is known")):
            if names:
                yield f"{what}: {one_line(', '.join(names))}"
        yield from (one_line(str(unit)) for unit in self.next_units)
        if not self.proven:
            yield "the search was cut short: a better plan may be there"


def _told(gains: FrozenDict[str, float]) -> str:
    return ", ".join(f"{goal} {'+' * (gain > 0)}{figure(gain)}" for goal, gain in gains.items())
