"""Look ahead from a snapshot: how likely its goals are met, and what leads them (S9, S10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
from numpy.typing import ArrayLike

from okrcore.definitions.argument_checks import check_arguments, is_count
from okrcore.definitions.days import to_instant
from okrcore.definitions.fields import each, is_a, optional, to_tuple
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.links import Link
from okrcore.definitions.references import unknown_id
from okrcore.errors import DefinitionError, HistoryError, Problem, UnknownIdError, raise_all
from okrcore.leading.declared_links import assess_links
from okrcore.leading.evidence import LinkEvidence
from okrcore.leading.goal_questions import question_on
from okrcore.leading.measured_series import MeasuredSeries, read_signals
from okrcore.leading.objectives_ahead import objectives_ahead, trees_of
from okrcore.leading.paired_series import SeriesPair, pair_of
from okrcore.leading.periods_ahead import Question
from okrcore.leading.shared_shocks import in_step
from okrcore.leading.surprises import is_supported, lead_of
from okrcore.leading.target_probability import answers
from okrcore.leading.weeks_ahead import Forecast, Lead, Outlook, WeeksAhead
from okrcore.scoring.snapshot import Snapshot


def outlook(
    snapshot: Snapshot,
    *,
    evidence: Iterable[LinkEvidence] | None = None,
    seed: int = 0,
    paths: int = 2000,
    futures: Mapping[str, ArrayLike] | None = None,
) -> Outlook:
    """Return the weeks ahead of each key result and objective, and of each KPI that a KPI leads, by id.

    A key result's forecast says how likely its goal is met by its due date, from its own measure on its
    calendar grid: what its cycle holds already counts (S2.7), a band asks for the share of periods that its
    commitment needs, percents within 0 to 100 and counts stay there. A supported leading KPI on the same
    grid takes part where it made forecasts of the past better; `forecast.note` says whether it did. Where
    there is no forecast, `note` says why: a checklist, too little history, past its due date. Periods of the
    cycle that nobody reported are forecast too, never 0. An objective's `achieved` says how likely it is
    achieved when its cycle ends, from the paths of all key results under it together.

    `evidence` is what `assess_links` gave, None to assess all links now. `futures` holds sample paths of your
    own (paths, periods left) by key result. Deterministic in `seed`, independent of order and company. About
    8 ms a key result, 3 ms a link and 50 ms where a leading KPI is compared. Raises UnknownIdError for
    evidence on no link of the portfolio, and for futures of what is no key result.

    >>> import numpy as np
    >>> from okrcore import Cycle, History, KeyResult, Objective, Portfolio, Target, evaluate, weekly
    >>> year, goal = Cycle.year(2026), Objective(id="grow", title="Grow", cycle="2026")
    >>> deals = KeyResult(id="deals", objective="grow", title="", measure=Target(0, 52), cadence="weekly")
    >>> weeks = weekly("2026-01-04", "2026-07-05")
    >>> history = History.of_columns(["deals"] * 27, weeks, np.cumsum(np.tile([0.0, 1.0, 2.0], 9)))
    >>> ahead = outlook(evaluate(Portfolio.of(year, goal, deals), history, as_of="2026-07-05"))
    >>> ahead["deals"].forecast.periods, 0.2 < ahead["deals"].forecast.p_final < 0.8
    (25, True)
    >>> ahead["grow"].achieved.p_final == ahead["deals"].forecast.p_final
    True
    """
    evidence = None if evidence is None else to_tuple(evidence)
    check_arguments(
        snapshot=(snapshot, is_a(Snapshot)),
        evidence=(evidence, optional(each(is_a(LinkEvidence)))),
        seed=(seed, is_count),
        paths=(paths, is_count),
        futures=(futures, optional(is_a(Mapping))),
    )
    portfolio = snapshot.portfolio
    rows = snapshot.compiled.key_results
    raise_all([unknown_id(name, "futures", rows) for name in futures or () if name not in rows])
    if evidence is None:
        evidence = assess_links(portfolio, snapshot.history, **_known(snapshot))
    tested = _by_link(snapshot, evidence)
    found, questions, signals = _asked(snapshot, portfolio.key_results, tested, futures)
    told = dict(zip(questions, answers(list(questions.values()), seed=seed, paths=paths), strict=True))
    found |= {name: attrs.evolve(found[name], forecast=one.forecast) for name, one in told.items()}
    joint = in_step(told, signals, trees_of(snapshot.compiled), seed=seed, paths=paths)
    return Outlook(found | objectives_ahead(snapshot, told, joint, paths=paths))


def forecasts_of(
    snapshot: Snapshot,
    ids: Iterable[str],
    evidence: Iterable[LinkEvidence],
    *,
    seed: int = 0,
    paths: int = 2000,
) -> Mapping[str, Forecast]:
    """Return the forecasts of some key results, each as `outlook` gives it; those without one are left out.

    Raises UnknownIdError for an id that is none's, and for evidence on no link of the portfolio.
    """
    results = [snapshot.key_result(name).goal for name in dict.fromkeys(ids)]
    names = {one.id for one in results}
    tested = [pair for pair in _by_link(snapshot, evidence) if pair[0].target in names]
    _, questions, _ = _asked(snapshot, results, tested)
    told = answers(list(questions.values()), seed=seed, paths=paths)
    return {name: one.forecast for name, one in zip(questions, told, strict=True)}


def _asked(
    snapshot: Snapshot,
    results: Iterable[KeyResult],
    tested: Sequence[tuple[Link, LinkEvidence]],
    futures: Mapping[str, ArrayLike] | None = None,
) -> tuple[dict[str, WeeksAhead], dict[str, Question], Mapping[str, MeasuredSeries]]:
    """Return what leads whom and why there is no forecast, what is asked of key results, and all series."""
    names = {result.id for result in results}
    names |= {end for link, _ in tested for end in (link.source, link.target)}
    signals = read_signals(snapshot.portfolio, snapshot.history, sorted(names), **_known(snapshot))
    found: dict[str, WeeksAhead] = {}
    pairs: dict[str, SeriesPair] = {}
    for link, one in tested:
        pair = pair_of(link, signals)
        if pair is not None:
            pairs[link.id] = pair
        before = found.get(link.target, WeeksAhead())
        found[link.target] = attrs.evolve(before, leads=(*before.leads, lead_of(link, one, pair)))
    questions: dict[str, Question] = {}
    for result in results:
        view = found.get(result.id, WeeksAhead())
        try:
            leader = _leader(view.leads, pairs)
            given = futures.get(result.id) if futures else None
            questions[result.id] = question_on(snapshot, result, signals.get(result.id), leader, given)
        except (DefinitionError, HistoryError) as error:
            view = attrs.evolve(view, note=f"No forecast: {error}")
        found[result.id] = view
    return found, questions, signals


def _known(snapshot: Snapshot) -> dict[str, Any]:
    known = snapshot.when.known_at
    return {
        "as_of": snapshot.as_of,
        "known_at": None if known is None else to_instant(known),
        "rates": snapshot.rates,
        "journal": snapshot.journal,
    }


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


def _leader(leads: tuple[Lead, ...], pairs: Mapping[str, SeriesPair]) -> tuple[Lead, SeriesPair] | None:
    """The supported lead with the most evidence."""
    able = [one for one in leads if one.evidence.lag and is_supported(one.evidence)]
    best = min(able, key=lambda one: (one.evidence.p_value, one.evidence.link or ""), default=None)
    pair = pairs.get(best.evidence.link or "") if best else None
    return (best, pair) if best and pair else None
