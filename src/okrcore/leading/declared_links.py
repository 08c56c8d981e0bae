"""Judge the evidence on each link of a portfolio by a history (S9)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import partial

import attrs
import numpy as np

from okrcore.declarations.in_force import AnyPortfolio, portfolio_at
from okrcore.definitions.argument_checks import check_arguments, is_count
from okrcore.definitions.days import to_date
from okrcore.definitions.digraph import grouped
from okrcore.definitions.fields import each, is_flag, is_text, optional, to_tuple, within
from okrcore.definitions.lineage import Lineage, lineage_of
from okrcore.definitions.links import Link
from okrcore.definitions.moments import AsOf
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import Rows
from okrcore.errors import Problem, UnknownIdError, raise_all
from okrcore.history.backends import AnyHistory
from okrcore.history.journal import Journal
from okrcore.leading.assess import assess_rows
from okrcore.leading.computed_series import ComputedPairs, computed_pairs
from okrcore.leading.evidence import LinkEvidence
from okrcore.leading.link_verdict import OPPOSED, SUPPORTED, UNDECIDED
from okrcore.leading.measured_series import MeasuredSeries, read_signals
from okrcore.leading.paired_series import SeriesPair, pair_of
from okrcore.statistics.multiplicity import benjamini_hochberg
from okrcore.units.rates import Rates

TOGETHER = 256
"""Links that are assessed at once at most, which bounds the memory."""


def assess_links(
    portfolio: AnyPortfolio,
    history: AnyHistory,
    *,
    as_of: AsOf,
    only: Iterable[str] | None = None,
    known_at: AsOf | None = None,
    controls: Iterable[str] = (),
    alpha: float = 0.05,
    smallest_effect: float = 0.3,
    season: bool = True,
    rates: Rates | None = None,
    journal: Journal | None = None,
    seed: int = 0,
) -> Rows[LinkEvidence]:
    """Return evidence on every link between a KPI and a KPI or key result, in order of declaration.

    Both series are put on the coarser of their two calendar grids, periods that have not ended by `as_of`
    left out (S9.1). `only` names links by id; one from an initiative has no series and stays undecided.
    `controls` names KPIs taken out of both sides. `season` removes the calendar's season (the week of
    daily grids, else the year) once two of them are there. `q_value` is the p-value corrected for all links
    assessed here, by Benjamini-Hochberg; keep those up to .10 (S9.5). `decayed_at` is a date.

    What source and target are to each other decides before any test: one that measures the other, is computed
    from it by a formula, or is a copy, a sum or a product of it in the same period is no link, and the note
    says so.

    Check-ins of the `journal` show that a feed whose silence means 0 lives (A9). A series after a change of
    definition is not compared with the one before (S8.4). Raises UnknownIdError
    for an id in `only` or `controls` that is none. Links whose series lie on the same periods are assessed
    together: about 1 ms each, alone 4 ms.
    """
    only = (only,) if isinstance(only, str) else None if only is None else to_tuple(only)
    drivers = to_tuple(controls)
    check_arguments(
        only=(only, optional(each(is_text))),
        controls=(drivers, each(is_text)),
        alpha=(alpha, within(1e-12, 1 - 1e-12)),
        smallest_effect=(smallest_effect, within(0, 1)),
        season=(season, is_flag),
        seed=(seed, is_count),
    )
    portfolio = portfolio_at(portfolio, as_of, known_at)
    links = _chosen(portfolio, only)
    ends = [end for link in links for end in (link.source, link.target)]
    read = partial(
        read_signals, portfolio, history, as_of=as_of, known_at=known_at, rates=rates, journal=journal
    )
    signals = read([*ends, *drivers])
    found = _assessed(
        [_asked(link, signals, drivers, lineage=lineage_of(portfolio), season=season) for link in links],
        signals,
        alpha=alpha,
        smallest_effect=smallest_effect,
        seed=seed,
    )
    if any(one.lag == 0 and one.verdict in (SUPPORTED, OPPOSED) for one in found):
        everything = [*(kpi.id for kpi in portfolio.kpis), *ends]
        series = read(everything)
        computed = computed_pairs(series.values(), lineage_of(portfolio))
        found = [_if_apart(one, link, series, computed) for one, link in zip(found, links, strict=True)]
    held = [np.nan if one.n == 0 else 1.0 if _explained(one) else one.p_value for one in found]
    _, adjusted = benjamini_hochberg(np.array(held))
    return Rows(
        one if np.isnan(q) else attrs.evolve(one, q_value=q)
        for one, q in zip(found, adjusted.tolist(), strict=True)
    )


def _explained(evidence: LinkEvidence) -> bool:
    """Whether a guard decided: then the p-value counts for nothing."""
    return evidence.verdict == UNDECIDED and evidence.needed is None


def _if_apart(
    evidence: LinkEvidence, link: Link, series: Mapping[str, MeasuredSeries], computed: ComputedPairs
) -> LinkEvidence:
    """The evidence, or that source and target are one number in the same period."""
    if evidence.lag != 0 or evidence.verdict not in (SUPPORTED, OPPOSED):
        return evidence
    kind = computed.kind(series[link.source].measure, series[link.target].measure, 0)
    if not kind:
        return evidence
    note = f"they are one number: the values make a {kind}"
    if kind == "formula":
        note = "they are one number: their formulas share an input"
    return attrs.evolve(
        evidence, verdict=UNDECIDED, note=note, needed=None, e_value=min(evidence.e_value, 1.0)
    )


def _chosen(portfolio: Portfolio, only: Iterable[str] | None) -> list[Link]:
    if only is None:
        kpis = {kpi.id for kpi in portfolio.kpis}
        return [link for link in portfolio.links if link.source in kpis]
    names = set(only)
    known = {link.id for link in portfolio.links}
    raise_all(
        [
            Problem(f"link {name!r} is unknown; give the id of a link, such as 'source->target'", "only")
            for name in sorted(names - known)
        ],
        UnknownIdError,
    )
    return [link for link in portfolio.links if link.id in names]


OWN_PART = "part of its own formula"
"""What evidence notes of a link between a formula and what it is computed from (S22.4)."""


@attrs.frozen(eq=False)
class _Question:
    """A link whose series can be tested: the pair, and all that is asked alike of others beside it."""

    link: Link
    pair: SeriesPair
    controls: tuple[str, ...]
    lags: tuple[int, ...]
    season: float | None

    @property
    def key(self) -> Hashable:
        """What it shares with those that are assessed together with it."""
        grid, edges, link = self.pair.grid, self.pair.edges.tobytes(), self.link
        return grid, edges, self.season, self.lags, link.sign, link.multiplicative, self.controls

    def noted(self, evidence: LinkEvidence) -> LinkEvidence:
        """Return the evidence with the day of a decay, and what broke a series."""
        at, ends = evidence.decayed_at, (self.pair.source, self.pair.target)
        broken = (
            f"{one.id} is compared since its definition changed on {one.broken}"
            for one in ends
            if one.broken is not None
        )
        return attrs.evolve(
            evidence,
            note="; ".join(part for part in (evidence.note, *broken) if part),
            decayed_at=to_date(int(self.pair.edges[at])) if isinstance(at, int) else None,
        )


def _asked(
    link: Link,
    signals: Mapping[str, MeasuredSeries],
    controls: tuple[str, ...],
    *,
    lineage: Lineage,
    season: bool,
) -> _Question | LinkEvidence:
    """Return what there is to test of a link, or why there is nothing."""
    pair = pair_of(link, signals)
    if pair is None:
        missing = link.target if link.source in signals else link.source
        return _untested(link, f"{missing} has no observations")
    source, target = pair.source, pair.target
    if source.measure == target.measure:
        return _untested(link, f"both ends are one number: {source.measure}")
    if lineage.is_part(source.measure, target.measure):
        return _untested(link, "part of its own formula")
    if link.multiplicative and not pair.positive:
        return _untested(link, "declared multiplicative, but values <= 0 have no logarithm")
    drivers = (name for name in controls if name in signals)
    measures = (source.measure, target.measure)
    return _Question(
        link,
        pair,
        tuple(name for name in drivers if signals[name].measure not in measures),
        tuple(pair.grid.lags(link.lag)),
        pair.season if season else None,
    )


def _assessed(
    asked: Sequence[_Question | LinkEvidence],
    signals: Mapping[str, MeasuredSeries],
    *,
    alpha: float,
    smallest_effect: float,
    seed: int,
) -> list[LinkEvidence]:
    """Return the evidence of each, in order; what lies on the same periods is assessed together."""
    found = {at: one for at, one in enumerate(asked) if isinstance(one, LinkEvidence)}
    open_ = ((one.key, (at, one)) for at, one in enumerate(asked) if isinstance(one, _Question))
    for some in grouped(open_).values():
        for begin in range(0, len(some), TOGETHER):
            part = some[begin : begin + TOGETHER]
            _, first = part[0]
            evidence = assess_rows(
                np.array([one.pair.x for _, one in part]),
                np.array([one.pair.y for _, one in part]),
                lags=first.lags,
                links=[one.link.id for _, one in part],
                sign=first.link.sign,
                alpha=alpha,
                smallest_effect=smallest_effect,
                season=first.season,
                calendar=first.pair.calendar,
                log=first.link.multiplicative,
                controls=[signals[name].evened(first.pair.edges) for name in first.controls],
                period=first.pair.grid.period,
                seed=seed,
            )
            found |= {at: one.noted(told) for (at, one), told in zip(part, evidence, strict=True)}
    return [found[at] for at in range(len(asked))]


def _untested(link: Link, note: str) -> LinkEvidence:
    return LinkEvidence(
        verdict=UNDECIDED, lag=None, lag_set=(), effect=None, interval=None, slope=None, p_value=1.0,
        e_value=1.0, n=0, df=0.0, needed=None, link=link.id, sign=link.sign, note=note,
    )  # fmt: skip
