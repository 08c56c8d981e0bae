"""Tell what a link's evidence and its source's last weeks let expect of its target (S9, S20)."""

from __future__ import annotations

import attrs
import numpy as np

from okrcore.definitions.days import to_date
from okrcore.definitions.links import Link
from okrcore.leading.arguments import checked_season
from okrcore.leading.evidence import LinkEvidence
from okrcore.leading.link_verdict import SUPPORTED
from okrcore.leading.paired_series import SeriesPair
from okrcore.leading.weeks_ahead import Lead
from okrcore.statistics.distributions import Floats, normal_quantile
from okrcore.statistics.regression import own_lags, partial_slope
from okrcore.statistics.scale import far_exponent
from okrcore.statistics.whitening import trend_columns, whiten

MOVED = 2.0
DISCOVERY = 0.10


def lead_of(link: Link, evidence: LinkEvidence, pair: SeriesPair | None) -> Lead:
    """Return what `evidence` on `link` and the series of `pair` say about the periods to come; see `Lead`."""
    plain = Lead(evidence=evidence, source=link.source, target=link.target)
    lag = evidence.lag
    if pair is None or not lag or evidence.effect is None or len(pair.x) <= lag:
        return plain
    columns = trend_columns(len(pair.x), checked_season(pair.season))
    x, y = (np.log(v) for v in (pair.x, pair.y)) if link.multiplicative else (pair.x, pair.y)
    watched = attrs.evolve(plain, watched=lag)
    if far_exponent(x) or far_exponent(y):  # of such numbers no surprise has a size
        return watched
    usual = _announced(x, columns, 0 if evidence.basis == "level" else _order(x, columns))
    surprise = x - usual
    recent = surprise[-lag:]
    spread = np.sqrt(np.nanmean(surprise**2)) if np.isfinite(surprise).any() else 0.0
    if not np.isfinite(recent).any() or not spread:
        return plain
    place = len(x) - lag + int(np.nanargmax(np.abs(recent)))
    size = float(surprise[place])
    if abs(size) < MOVED * spread:
        return watched
    told = np.exp(usual[place]) if link.multiplicative else usual[place]
    share = pair.source.shares(pair.edges)[place]
    moved = attrs.evolve(
        watched,
        moved_at=to_date(pair.edges[place]),
        value=float(pair.x[place] * share),
        usual=float(told * share),
    )
    slopes = [_slope(x, y, k, _order(y, columns), columns) for k in evidence.lag_set]
    if not is_supported(evidence) or evidence.slope is None or None in slopes:
        return moved
    reach = normal_quantile(1.0 - 0.025 / len(evidence.lags)) * np.sqrt(evidence.inflation)
    ends = [slope + side * reach * error for slope, error in filter(None, slopes) for side in (-1.0, 1.0)]
    now = float(pair.y[np.isfinite(pair.y)][-1])
    centre, low, high = (
        now * np.expm1(size * slope) if link.multiplicative else size * slope
        for slope in (evidence.slope, min(ends), max(ends))
    )
    first = max(place + evidence.lag_set[0], len(x))
    return attrs.evolve(
        moved,
        expected=float(centre),
        interval=(float(min(low, high)), float(max(low, high))),
        arrives=pair.days(first, max(place + evidence.lag_set[-1], first)),
    )


def is_supported(evidence: LinkEvidence) -> bool:
    """Return whether a link is supported, and stays so among all that were tested with it (S9.5)."""
    return evidence.verdict == SUPPORTED and (evidence.q_value is None or evidence.q_value <= DISCOVERY)


def _order(series: Floats, columns: Floats) -> int:
    return int(whiten(series[None], columns).order[0])


def _announced(series: Floats, columns: Floats, order: int) -> Floats:
    """What the trend, the season and `order` own lags announce of each period, NaN where they are unknown."""
    design = np.hstack([columns, own_lags(series, order)])
    known = np.isfinite(design).all(axis=1) & np.isfinite(series)
    out = np.full(len(series), np.nan)
    if known.sum() > design.shape[1]:
        weights = np.linalg.lstsq(design[known], series[known], rcond=None)[0]
        out[known] = design[known] @ weights
    return out


def _slope(x: Floats, y: Floats, lag: int, order: int, columns: Floats) -> tuple[float, float] | None:
    """Slope of y on x `lag` periods before, given y's own past, and its standard error; None: too little."""
    before = np.full(len(x), np.nan)
    before[lag:] = x[: len(x) - lag]
    return partial_slope(y, before, np.hstack([columns, own_lags(y, order)]))
