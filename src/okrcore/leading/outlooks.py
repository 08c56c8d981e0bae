"""Look ahead from a snapshot: how likely its goals are met, and what leads them (S9, S10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import attrs
import numpy as np

from okrcore.definitions.aggregates import reduce
from okrcore.definitions.days import day_number, to_date, to_instant
from okrcore.definitions.derived import cadence_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.links import Link
from okrcore.definitions.measures import Band, Checklist, Target
from okrcore.errors import DefinitionError, HistoryError, Problem, UnknownIdError, raise_all
from okrcore.leading.declared_links import assess_links
from okrcore.leading.evidence import LinkEvidence
from okrcore.leading.leaders import Leader
from okrcore.leading.measured_series import MeasuredSeries, read_signals
from okrcore.leading.paired_series import SeriesPair, pair_of
from okrcore.leading.periods_ahead import Question, Total
from okrcore.leading.surprises import is_supported, lead_of
from okrcore.leading.target_probability import answers
from okrcore.leading.weeks_ahead import Lead, Outlook, WeeksAhead
from okrcore.scoring.snapshot import Snapshot
from okrcore.statistics.distributions import Floats, Ints
from okrcore.units.unit_names import vocabulary
from okrcore.units.unit_text import parse_unit


def outlook(
    snapshot: Snapshot, *, evidence: Iterable[LinkEvidence] | None = None, seed: int = 0, paths: int = 2000
) -> Outlook:
    """Return the weeks ahead of each key result, and of each KPI that a KPI leads, by id.

    A key result's forecast says how likely its goal is met by its due date, from its own measure on its
    calendar grid: what its cycle holds already counts (S2.7), a band asks for the share of periods that its
    commitment needs, percents within 0 to 100 and counts stay there. A supported leading KPI on the same
    grid takes part where it made forecasts of the past better; `forecast.note` says whether it did. Where
    there is no forecast, `note` says why: a checklist, too little history, past its due date.

    `evidence` is what `assess_links` gave, None to assess all links now. Deterministic in `seed`,
    independent of order and company. About 1 ms a key result, 3 ms a link and 50 ms where a leading KPI is
    compared. Raises UnknownIdError for evidence on no link of the portfolio, UnitError as `evaluate` does.

    >>> from okrcore import Cycle, History, Objective, Portfolio, evaluate, weekly
    >>> year, goal = Cycle.year(2026), Objective(id="grow", title="Grow", cycle="2026")
    >>> deals = KeyResult(id="deals", objective="grow", title="", measure=Target(0, 45), cadence="weekly")
    >>> weeks = weekly("2026-01-04", "2026-07-05")
    >>> history = History.of_columns(["deals"] * 27, weeks, np.cumsum(np.tile([0.0, 1.0, 2.0], 9)))
    >>> ahead = outlook(evaluate(Portfolio.of(year, goal, deals), history, as_of="2026-07-05"))["deals"]
    >>> ahead.forecast.periods, 0.2 < ahead.forecast.p_final < 0.8
    (25, True)
    """
    history, portfolio = snapshot.history, snapshot.portfolio
    as_of, rates, known_at = snapshot.as_of, snapshot.rates, _known_at(snapshot)
    if evidence is None:
        evidence = assess_links(portfolio, history, as_of=as_of, known_at=known_at, rates=rates)
    tested = _by_link(snapshot, evidence)
    names = {result.id for result in portfolio.key_results}
    names |= {end for link, _ in tested for end in (link.source, link.target)}
    signals = read_signals(portfolio, history, sorted(names), as_of=as_of, known_at=known_at, rates=rates)
    found: dict[str, WeeksAhead] = {}
    pairs: dict[str, SeriesPair] = {}
    for link, one in tested:
        pair = pair_of(link, signals)
        if pair is not None:
            pairs[link.id] = pair
        before = found.get(link.target, WeeksAhead())
        found[link.target] = attrs.evolve(before, leads=(*before.leads, lead_of(link, one, pair)))
    questions: dict[str, Question] = {}
    for result in portfolio.key_results:
        view = found.get(result.id, WeeksAhead())
        try:
            leader = _leader(view.leads, pairs)
            questions[result.id] = _question(snapshot, result, signals.get(result.id), leader)
        except (DefinitionError, HistoryError) as error:
            view = attrs.evolve(view, note=f"No forecast: {error}")
        found[result.id] = view
    ahead = zip(questions, answers(list(questions.values()), seed=seed, paths=paths), strict=True)
    found |= {name: attrs.evolve(found[name], forecast=forecast) for name, forecast in ahead}
    return Outlook(found)


def _known_at(snapshot: Snapshot) -> dt.datetime | None:
    known = snapshot.when.known_at
    return None if known is None else to_instant(known)


def _by_link(snapshot: Snapshot, evidence: Iterable[LinkEvidence]) -> list[tuple[Link, LinkEvidence]]:
    """The links and their evidence, by id."""
    links = {link.id: link for link in snapshot.portfolio.links}
    given = {one.link: one for one in evidence}
    raise_all(
        [
            Problem(
                f"evidence on link {name!r}, which is no link of this portfolio; leave it out", "evidence"
            )
            for name in given
            if name not in links
        ],
        UnknownIdError,
    )
    return [(links[name], given[name]) for name in sorted(links) if name in given]


def _question(
    snapshot: Snapshot,
    result: KeyResult,
    signal: MeasuredSeries | None,
    leader: tuple[Lead, SeriesPair] | None,
) -> Question:
    """What is asked about one key result; raises DefinitionError or HistoryError for why nothing can be."""
    compiled = snapshot.compiled
    row = compiled.result_rows[result.id]
    due, start = int(compiled.due_day[row]), int(compiled.start_day[compiled.parent[row]])
    if isinstance(result.measure, Checklist):
        raise DefinitionError("a checklist has no series to extrapolate")
    if signal is None:
        raise HistoryError(f"{result.id} has no observations")
    edges = signal.grid.edges(int(signal.days[0]), signal.last)
    periods = len(signal.grid.edges(int(edges[-1]), due)) - 1
    if due <= signal.last:
        raise HistoryError(f"it was due on {to_date(due)}")
    if periods < 1:
        raise HistoryError(f"no whole {signal.grid.period} is left until {to_date(due)}")
    series = signal.on(edges)
    low, high = _limits(result.measure, signal, snapshot.portfolio.units)
    return Question.of(
        series,
        result.measure,
        periods=periods,
        low=low,
        high=high,
        share=_share(snapshot, result, row, start, due, signal.last),
        total=_total(signal, series, start, int(edges[-1])),
        leader=_offered(leader, signal, edges),
        name=result.id,
    )


def _limits(
    measure: Target | Band, signal: MeasuredSeries, declared: tuple[str, ...]
) -> tuple[float | None, float | None]:
    """What values of the unit cannot pass: a count 0, a percent 0 and 100; unless something here did.

    A percent of growth may pass both: one value, start or goal outside shows that it is such.
    """
    terms = parse_unit(signal.unit, declared)
    counts = vocabulary().counts | set(declared)
    percent = set(terms) == {"percent"}
    counted = {name for name, power in terms.items() if power > 0}
    bounds = (measure.start, measure.goal) if isinstance(measure, Target) else (measure.low, measure.high)
    seen = [*signal.values.tolist(), *(bound for bound in bounds if bound is not None)]
    low = 0.0 if min(seen) >= 0 and (percent or (counted and counted <= counts)) else None
    return low, 100.0 if low is not None and percent and max(seen) <= 100 else None


def _total(signal: MeasuredSeries, series: Floats, start: int, end: int) -> Total | None:
    """What the cycle holds in the days from `start` to before `end`; None where only the latest counts."""
    if signal.aggregate == "latest":
        return None
    inside = signal.values[(signal.days >= start) & (signal.days < end)]
    (held,) = reduce(inside, np.array([0, len(inside)]), signal.aggregate)
    nothing = {"max": -np.inf, "min": np.inf}.get(signal.aggregate, 0.0)
    a_period = max(1.0, len(signal.values) / max(1, int(np.isfinite(series).sum())))
    return Total(
        aggregate=signal.aggregate,
        value=float(held) if len(inside) else nothing,
        weight=len(inside) / a_period,
    )


def _share(snapshot: Snapshot, result: KeyResult, row: int, start: int, due: int, last: int) -> float | None:
    """The share of the periods ahead that a band needs for its score to be enough (S2.4, S5.3).

    None where only the last value is judged. Above 1 the goal is out of reach, at 0 or below it is safe.
    """
    policy, cadence = snapshot.scoring, cadence_of(result, snapshot.portfolio)
    if not isinstance(result.measure, Band) or cadence is None or not policy.band.startswith("share"):
        return None
    days = np.array([day_number(day) for day in cadence.edges(to_date(start), to_date(start), to_date(due))])
    planned, ended = (
        max(0, int(np.searchsorted(days, day + 1, side="right")) - 1) for day in (due, min(last, due))
    )
    if planned <= ended:
        raise HistoryError(f"no whole period is left until {to_date(due)}")
    progress = float(np.nan_to_num(snapshot.result_values.progress[row]))
    met = round(progress * (planned if policy.band == "share-of-planned" else ended))
    commitment = snapshot.portfolio[result.objective].commitment
    return (policy.achieved_at[commitment] * planned - met) / (planned - ended)


def _leader(leads: tuple[Lead, ...], pairs: Mapping[str, SeriesPair]) -> tuple[Lead, SeriesPair] | None:
    """The supported lead with the most evidence."""
    able = [one for one in leads if one.evidence.lag and is_supported(one.evidence)]
    best = min(able, key=lambda one: (one.evidence.p_value, one.evidence.link or ""), default=None)
    pair = pairs.get(best.evidence.link or "") if best else None
    return (best, pair) if best and pair else None


def _offered(leader: tuple[Lead, SeriesPair] | None, signal: MeasuredSeries, edges: Ints) -> Leader | None:
    if leader is None or leader[1].grid != signal.grid:
        return None
    lead, pair = leader
    return Leader(series=pair.source.on(edges), lag=lead.evidence.lag or 0, name=lead.source)
