"""Solve a funding model for its best shares, one goal after another, by HiGHS through scipy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

import attrs
import numpy as np

from okrcore.errors import MissingExtraError
from okrcore.funding.funding_model import SLACK, Bound, Floats, Model

SIZE = 1e2
_TIDY = 1e-6
"""A share nearer to 0 or 1 than this is 0 or 1."""
_BLOCK = 10
"""How many yes-or-no ids one objective can rank by powers of two that HiGHS tells apart."""


@attrs.frozen
class Least:
    """A row: `coefficients` (see `Program.over`) times the variables come to `least` or more."""

    coefficients: Floats
    least: float


@attrs.frozen(eq=False)
class Solution:
    """Shares (n), and whether the search went to its end."""

    shares: Floats
    proven: bool = True


@attrs.frozen(eq=False, kw_only=True)
class Program:
    """A model as a linear program over shares (n), gains of the key results (R), and one further amount.

    The further amount is what the bounds named `relaxed` may be passed by, in their size; without such it
    is 0. It and the gains are counted in hundredths and rows are scaled to a hundred, so that what HiGHS
    takes for equal (1e-6) is 1e-8 of a goal, a budget or a capacity.
    """

    model: Model
    partial: bool
    nodes: int | None

    @property
    def slack(self) -> float:
        """What a value that is kept may lose: nothing in shares, else enough for the search to find a way."""
        return 0.0 if self.partial else SLACK

    def over(self, *, shares: Any = 0.0, gains: Any = 0.0, further: float = 0.0) -> Floats:
        """Return one coefficient a variable, of shares, of gains in 0..1, and of the further amount."""
        count = len(self.model.names)
        found = np.zeros(count + len(self.model.results) + 1)
        found[:count], found[count:-1], found[-1] = shares, gains, further
        return found

    def best(
        self,
        goal: Floats,
        rows: Iterable[Least] = (),
        *,
        low: Floats | None = None,
        high: Floats | None = None,
        relaxed: str | None = None,
    ) -> Solution | None:
        """Return the shares of the largest `goal`; None where none hold, or none were found in time.

        Now and then HiGHS calls a tight problem infeasible that is not, or gives shares that do not hold;
        what it says without its presolve counts then.
        """
        wanted, kept = -goal * (SIZE / _largest(goal)) / self._units, [*rows]
        for presolve in (True, False):
            result = self._solved(wanted, kept, low, high, relaxed, presolve)
            if result.x is not None:
                shares = np.clip(result.x[: len(self.model.names)], 0.0, 1.0)
                near = np.round(shares)
                tidy = np.abs(shares - near) < _TIDY if self.partial else True
                shares = np.where(tidy, near, shares) + 0.0
                if self._holds(shares, kept, relaxed):
                    return Solution(shares, proven=result.status == 0)
        return None

    def price(self, goal: Floats, rows: Iterable[Least], name: str) -> float:
        """Return by how much the largest `goal` grows with a unit more of the bounds of one name."""
        matrix, limits = self._rows(rows, None)
        lower, upper = self._limits(None, None, None)
        result = require_solver().linprog(
            -goal * SIZE / self._units,
            A_ub=matrix,
            b_ub=limits,
            bounds=np.stack([lower, upper], axis=1),
            method="highs",
        )
        marginals = result.ineqlin.marginals[len(self.model.results) :].tolist()
        bounds = zip(self.model.bounds, marginals, strict=False)
        prices = [-marginal * _scale(one) / SIZE for one, marginal in bounds if one.name == name]
        return float(sum(prices))

    def _solved(
        self,
        goal: Floats,
        rows: list[Least],
        low: Floats | None,
        high: Floats | None,
        relaxed: str | None,
        presolve: bool,
    ) -> Any:
        """What HiGHS says."""
        optimize = require_solver()
        matrix, limits = self._rows(rows, relaxed)
        options = {"mip_rel_gap": 0.0, "presolve": presolve}
        if self.nodes is not None:
            options["node_limit"] = self.nodes
        return optimize.milp(
            goal,
            integrality=self.over(shares=float(not self.partial)),
            bounds=optimize.Bounds(*self._limits(low, high, relaxed)),
            constraints=optimize.LinearConstraint(matrix, ub=limits),
            options=options,
        )

    def _holds(self, shares: Floats, rows: list[Least], relaxed: str | None) -> bool:
        """Whether shares hold what HiGHS was asked for, computed anew."""
        model = self.model
        found = self.over(shares=shares, gains=model.moved(shares))
        within = all(
            not one.is_passed(float(one.asks @ shares)) for one in model.bounds if one.name != relaxed
        )
        return within and all(
            row.coefficients @ found >= row.least - SLACK * _largest(row.coefficients) for row in rows
        )

    @property
    def _units(self) -> Floats:
        """How many of a variable make one."""
        units = self.over(gains=SIZE, further=SIZE)
        units[: len(self.model.names)] = 1.0
        return units

    def _rows(self, rows: Iterable[Least], relaxed: str | None) -> tuple[Any, Floats]:
        """What must not be passed: gains come from shares, bounds hold, and `rows`."""
        from scipy import sparse

        model = self.model
        found = []
        for one in model.bounds:
            further = -one.size if one.name == relaxed else 0.0
            found.append((self.over(shares=one.asks, further=further) * _scale(one), one.limit * _scale(one)))
        for row in rows:
            scale = SIZE / _largest(row.coefficients)
            found.append((-row.coefficients * scale, -row.least * scale))
        below = np.array([coefficients for coefficients, _ in found]).reshape(len(found), len(self._units))
        count = len(model.results)
        gains = [
            sparse.csr_array(-SIZE * model.effect),
            sparse.csr_array(sparse.eye(count)),
            sparse.csr_array((count, 1)),
        ]
        matrix = sparse.vstack([sparse.hstack(gains), sparse.csr_array(below / self._units)], format="csc")
        return matrix, np.array([0.0] * count + [limit for _, limit in found])

    def _limits(self, low: Floats | None, high: Floats | None, relaxed: str | None) -> tuple[Floats, Floats]:
        """The least and the most of each variable."""
        model = self.model
        lower = self.over(
            shares=model.required if low is None else low,
            gains=np.minimum(model.effect, 0.0).sum(axis=1) - 1.0,
        )
        beyond = max((one.asks.sum() / one.size for one in model.bounds if one.name == relaxed), default=0.0)
        upper = self.over(shares=1.0 if high is None else high, gains=model.room, further=beyond)
        return lower * self._units, upper * self._units


def _largest(coefficients: Floats) -> float:
    return float(np.abs(coefficients).max(initial=0.0)) or 1.0


def _scale(bound: Bound) -> float:
    return SIZE / bound.size


def require_solver() -> ModuleType:
    """Return scipy.optimize; raises MissingExtraError where it is not installed."""
    try:
        from scipy import optimize
    except ImportError:
        raise MissingExtraError.of("scipy", "tradeoffs") from None
    return optimize  # type: ignore[no-any-return]


def plan(program: Program) -> Solution:
    """Return the shares that are best in the first tier, of these in the second ..., and alike the cheapest.

    Of plans that cost the same the one with the fewest initiatives (in shares: the least of them) stands,
    and of these the one that funds the first id, then the second, and so on. The model must be feasible.
    """
    model = program.model
    rows: list[Least] = []
    answer = Solution(model.required.astype(float))
    for tier in model.tiers:
        answer = step(program, program.over(gains=tier), rows, answer)
        rows.append(held(program, tier, float(tier @ model.moved(answer.shares))))
    for amounts in (model.cost, np.ones(len(model.names))):
        goal = program.over(shares=-amounts)
        answer = step(program, goal, rows, answer)
        reached = float(-amounts @ answer.shares)
        rows.append(Least(goal, reached - program.slack * abs(reached)))
    return _first_ids(program, rows, answer)


def held(program: Program, tier: Floats, value: float) -> Least:
    """Return the row that keeps a tier at the value it has reached."""
    return Least(program.over(gains=tier), value - program.slack * max(1.0, abs(value)))


def step(program: Program, goal: Floats, rows: list[Least], before: Solution, **limits: Any) -> Solution:
    """Return the best shares for one more goal; where the search found none, those there were."""
    if not goal.any():
        return before
    found = program.best(goal, rows, **limits)
    if found is None:
        return attrs.evolve(before, proven=False)
    return attrs.evolve(found, proven=found.proven and before.proven)


def _first_ids(program: Program, rows: list[Least], answer: Solution) -> Solution:
    count = len(program.model.names)
    low, high = program.model.required.astype(float), np.ones(count)
    for block in _blocks(count, 1 if program.partial else _BLOCK):
        if not (answer.shares[block] == 1.0).all():
            ranks = np.zeros(count)
            ranks[block] = 2.0 ** np.arange(len(ranks[block]))[::-1]
            answer = step(program, program.over(shares=ranks), rows, answer, low=low, high=high)
        low[block] = high[block] = answer.shares[block]
    return answer


def _blocks(count: int, length: int) -> Iterator[slice]:
    for first in range(0, count, length):
        yield slice(first, first + length)
