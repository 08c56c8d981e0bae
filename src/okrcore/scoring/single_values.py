"""Score one value at a time, through the same kernels: children, a status, a satisfaction."""

from __future__ import annotations

import math
from collections.abc import Iterable

import attrs
import numpy as np

from okrcore.definitions.commitments import COMMITMENTS
from okrcore.definitions.fields import is_number
from okrcore.definitions.measures import Band
from okrcore.errors import DefinitionError
from okrcore.scoring import kernels, rollup
from okrcore.scoring.graph import Graph, RollupEdges, lay_out
from okrcore.scoring.measure_columns import known
from okrcore.scoring.scoring_policy import STATUSES, ScoringPolicy, Status


@attrs.frozen(kw_only=True)
class Score:
    """A score with what is known of it; None is unknown.

    `coverage` is the known share of the weight; `low` and `high` are the score with every unknown child at
    0 and at 1 (S4.3).
    """

    score: float | None
    coverage: float
    low: float
    high: float


def roll_up(
    children: Iterable[tuple[float | Score | None, float]], scoring: ScoringPolicy = ScoringPolicy()
) -> Score:
    """Return the weighted mean of (score, weight) children; a None score is unknown and left out (S4.1).

    A child may be a `Score`, which brings its own coverage and bounds. Children are summed in the given
    order; in the order of their ids the result equals `evaluate` to the last bit. Raises DefinitionError for
    a weight that is negative or not finite, and for a score that is not finite.

    >>> roll_up([(0.5, 1), (1.0, 3), (None, 4)])
    Score(score=0.875, coverage=0.5, low=0.4375, high=0.9375)
    """
    pairs = list(children)
    scores = [child if isinstance(child, Score) else _leaf(child) for child, _ in pairs]
    weights = np.array([_finite(weight, "weight") for _, weight in pairs], dtype=np.float64)
    if (weights < 0).any():
        raise DefinitionError(f"weight {weights.min():g} is negative; give 0 or more")
    leaves = np.array([math.nan if s.score is None else s.score for s in scores], dtype=np.float64)
    order, slots, tails = lay_out(np.array([len(pairs)] if pairs else [], dtype=np.int64))
    edges = RollupEdges(None, slots, tails, None, weights[order])
    graph = Graph(edges, (), np.zeros(1) + edges.total.sum(), np.full(1, float(len(pairs))))
    raw = rollup.average(leaves[order], graph, scoring, scoring.rollup_clamp)
    cut = kernels.clamp(leaves, scoring.rollup_clamp)
    bounds = [
        [1.0 if s.score is not None and s.coverage == 1 else s.coverage for s in scores],
        [c if s.coverage == 1 else s.low for c, s in zip(cut.tolist(), scores, strict=True)],
        [c if s.coverage == 1 else s.high for c, s in zip(cut.tolist(), scores, strict=True)],
    ]
    unknown = bool(np.isnan(raw[0]))
    own = np.array([[float(not unknown)], [0.0 if unknown else raw[0]], [1.0 if unknown else raw[0]]])
    coverage, low, high = rollup.nominal(np.array(bounds).reshape(3, -1)[:, order], own, graph)[:, 0]
    shown = kernels.rounded(np.array([raw[0], np.fmin(low, raw[0]), np.fmax(high, raw[0])]), scoring)
    return Score(score=known(shown[0]), coverage=float(coverage), low=float(shown[1]), high=float(shown[2]))


def _leaf(score: float | None) -> Score:
    if score is None or (isinstance(score, float) and math.isnan(score)):
        return Score(score=None, coverage=0.0, low=0.0, high=1.0)
    number = _finite(score, "score")
    return Score(score=number, coverage=1.0, low=number, high=number)


def _finite(number: object, name: str) -> float:
    if fault := is_number(number):
        raise DefinitionError(f"{name} {fault}")
    return float(number)  # type: ignore[arg-type]


def status(
    progress: float | None,
    expected: float,
    scoring: ScoringPolicy = ScoringPolicy(),
    *,
    commitment: str = "committed",
    over: bool = False,
    planned: bool = False,
) -> Status:
    """Return the status of a progress against the share that is expected by now (S5.1 to S5.3).

    `over` is after the due date; `planned` says that `expected` comes from a plan, so that differences are
    judged. None is no-data. `scoring.word` gives a dialect's own word for the result.

    >>> status(0.72, 0.8), status(0.5, 0.8), status(0.65, 1.0, over=True), status(None, 0.5)
    ('on-track', 'off-track', 'missed', 'no-data')
    """
    if commitment not in COMMITMENTS:
        raise DefinitionError(f"commitment {commitment!r} is unknown; give one of {', '.join(COMMITMENTS)}")
    gone = np.array([math.nan if progress is None else _finite(progress, "progress")])
    no = np.array([False])
    codes = kernels.judge(
        progress=gone,
        score=kernels.rounded(kernels.clamp(gone, scoring.clamp, scoring.cap), scoring),
        expected=np.array([_finite(expected, "expected")]),
        enough=np.array([scoring.achieved_at[commitment]]),
        planned=np.array([planned]),
        banded=no,
        waiting=no,
        over=np.array([over]),
        silent=np.isnan(gone),
        policy=scoring,
    )
    return STATUSES[int(codes[0])]


def satisfaction(
    value: float | None,
    *,
    target: float | Band,
    limit: float | Band | None = None,
    worst: float | Band | None = None,
) -> float | None:
    """Return the satisfaction of a KPI's value in -1..1 (S7.2; ITU-T Z.151 indicators), None unknown.

    1 at or beyond the target T, 0 at the limit H, -1 at or beyond the worst W, linear between; bands take the
    lower of their two sides. Plain numbers need a limit or a worst, which show what is better. Raises
    DefinitionError where T equals W, where H lies outside T..W, or where H equals T without W.

    >>> satisfaction(46, target=30, limit=90, worst=360)
    0.7333333333333333
    >>> satisfaction(96.5, target=Band(low=98), limit=Band(low=95))
    0.5
    """
    number = np.array([math.nan if value is None else _finite(value, "value")])
    levels = [
        kernels.satisfaction(number, np.array([t]), np.array([h]), np.array([w]), np.array([sense]))[0]
        for (t, h, w), sense in _sides(target, limit, worst)
    ]
    return known(np.min(levels))


def satisfaction_percent(
    value: float | None,
    *,
    target: float | Band,
    limit: float | Band | None = None,
    worst: float | Band | None = None,
    low: int = -100,
) -> int | None:
    """Return the satisfaction on jUCMNav's scale of whole numbers, truncated toward zero (S7.2).

    The scale runs from `low` to 100; `low` is -100, or 0, where the level e becomes e / 2 + 50.

    >>> satisfaction_percent(46, target=30, limit=90, worst=360)
    73
    """
    if low not in (-100, 0):
        raise DefinitionError(f"low {low!r} is no end of the scale; give -100 or 0")
    level = satisfaction(value, target=target, limit=limit, worst=worst)
    if level is None:
        return None
    percent = round(level * 100, 9)
    return math.trunc(percent if low else percent / 2 + 50)


StatusSide = tuple[float, float, float]


def _sides(
    target: float | Band, limit: float | Band | None, worst: float | Band | None
) -> list[tuple[StatusSide, float]]:
    """Return (target, limit, worst) of each bound side, NaN absent, and the sense of what is better."""
    given = {"target": target, "limit": limit, "worst": worst}
    if isinstance(target, Band):
        wrong = [name for name, bound in given.items() if bound is not None and not isinstance(bound, Band)]
        if wrong:
            raise DefinitionError(f"target is a band but {wrong[0]} is a number; give bands or numbers")
        found = []
        for name, sense in (("low", 1.0), ("high", -1.0)):
            bounds = [getattr(bound, name, None) for bound in given.values()]
            if bounds[0] is not None:
                found.append((_checked(bounds, sense), sense))
        return found
    numbers = [None if bound is None else _finite(bound, name) for name, bound in given.items()]
    far = numbers[1] if numbers[2] is None else numbers[2]
    if far is None:
        raise DefinitionError(
            "a number alone does not say what is better; add limit or worst, or give a Band"
        )
    sense = math.copysign(1.0, float(target) - far)
    return [(_checked(numbers, sense), sense)]


def _checked(bounds: list[float | None], sense: float) -> StatusSide:
    target, limit, worst = (math.nan if bound is None else bound for bound in bounds)
    if target == worst:
        raise DefinitionError(f"target {target:g} equals worst, which is no scale; move one of them")
    if (limit - target) * sense > 0 or (worst - limit) * sense > 0 or (worst - target) * sense > 0:
        order = f"target {target:g}, limit {limit:g}, worst {worst:g}"
        raise DefinitionError(f"{order} are out of order; put limit between the other two")
    if target == limit and math.isnan(worst):
        raise DefinitionError(f"limit equals target {target:g}, which is no scale; add worst")
    return target, limit, worst
