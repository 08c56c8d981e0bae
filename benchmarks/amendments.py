"""Count what the rules about amendments find in years of weekly edits whose intent is known.

    python benchmarks/amendments.py [--years 10]

Each year an invented organisation of the two stories edits its goals twice a week. Three kinds of years:
"answered": edits of all kinds, those that make a goal easier or take one out with a reason by somebody else;
"blind": the same edits without any reason, whatever the state of the goal; "bent": one of six ways to look
better a week, without a reason. Prints findings per 100 weeks by rule; in answered years each is a false one.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import attrs

import okrcore as okr
from okrcore.surfaces.stories import FIRST, STORIES, WEEKS, story

CODES = tuple(f"OKR{number}" for number in range(515, 522))
POLICY = okr.STANDARD.with_parameters({code: {"weeks": 60} for code in CODES})
FAILING, WELL = ("off-track", "missed"), ("early", "on-track", "achieved")
BOARD = okr.Owner(id="the-board", kind="role")
Changed = list[Any]
"""Changed definitions; a text among them is an id taken out."""
Edit = Callable[[okr.Portfolio, okr.Snapshot, random.Random], Changed]


def main() -> None:
    """Draw the years, check each once, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--years", type=int, default=10)
    years = parser.parse_args().years
    print(
        f"{'':10} {'weeks':>6} {'edits':>6} {'found':>6}  " + "  ".join(CODES) + "   findings per 100 weeks"
    )
    for kind in ("answered", "blind", "bent"):
        counts, weeks, edits, caught = Counter[str](), 0, 0, 0
        for seed in range(years):
            for name in STORIES:
                declared, history = year(name, kind, seed)
                found = okr.check(
                    declared,
                    history,
                    as_of=last_day(),
                    policy=POLICY,
                    select=CODES,
                    journal=okr.Journal.of([]),
                )
                counts.update(one.code for one in found)
                days = [one.at for one in declared][1:]
                weeks, edits = weeks + WEEKS, edits + len(days)
                caught += sum(any(str(day) in one.message for one in found) for day in days)
        rates = "  ".join(f"{100 * counts[code] / weeks:6.1f}" for code in CODES)
        shown = f"{kind:10} {weeks:6} {edits:6} {caught / max(edits, 1):6.0%}"
        print(f"{shown}  {rates}   {100 * counts.total() / weeks:8.1f}")


def last_day() -> dt.date:
    """Return the day of the last week."""
    return FIRST + dt.timedelta(weeks=WEEKS - 1)


def year(name: str, kind: str, seed: int) -> tuple[okr.Declarations, okr.History]:
    """Return the versions of one year, and its numbers."""
    portfolio, history = story(name, seed=seed)
    portfolio = portfolio.with_(BOARD)
    chance = random.Random(f"{name} {kind} {seed}")
    declared = okr.Declarations.of((dt.date(2025, 12, 1), portfolio))
    for week in range(1, WEEKS):
        day = FIRST + dt.timedelta(weeks=week)
        for edit in chance.sample(BENT if kind == "bent" else FAIR, 1 if kind == "bent" else 2):
            snapshot = okr.evaluate(portfolio, history, as_of=day, known_at=day)
            try:
                changed = edit(portfolio, snapshot, chance)
                after = portfolio.with_(*(one for one in changed if not isinstance(one, str)))
                after = after.without(*(one for one in changed if isinstance(one, str)))
            except okr.OkrError:  # a definition that cannot be, or others refer to what would go
                continue
            why = "agreed at the review" if kind == "answered" else ""
            declared, portfolio = declared.append(after, at=day, by=BOARD.id, why=why), after
    return declared, history


def some_result(portfolio: okr.Portfolio, chance: random.Random) -> okr.KeyResult:
    """Return a key result with a target."""
    aims = [
        one
        for one in portfolio.key_results
        if isinstance(one.measure, okr.Target) and one.measure.start is not None
    ]
    return chance.choice(aims)


def scaled(result: okr.KeyResult, share: float) -> okr.KeyResult:
    """Return a key result that asks for another share of its way."""
    aim: Any = result.measure
    goal = aim.start + (aim.goal - aim.start) * share
    return attrs.evolve(result, measure=attrs.evolve(aim, goal=goal, plan=(), curve=()))


def standing(
    portfolio: okr.Portfolio, snapshot: okr.Snapshot, statuses: tuple[str, ...]
) -> list[okr.KeyResult]:
    """Return the key results that stand so."""
    return [one for one in portfolio.key_results if snapshot.key_result(one.id).status in statuses]


def retitled(portfolio: okr.Portfolio, snapshot: okr.Snapshot, chance: random.Random) -> Changed:
    one = chance.choice(portfolio.key_results)
    return [attrs.evolve(one, title=f"{one.title}.")]


def raised(portfolio: okr.Portfolio, snapshot: okr.Snapshot, chance: random.Random) -> Changed:
    return [scaled(some_result(portfolio, chance), 1.1)]


def lowered(portfolio: okr.Portfolio, snapshot: okr.Snapshot, chance: random.Random) -> Changed:
    return [scaled(some_result(portfolio, chance), 0.8)]


def added(portfolio: okr.Portfolio, snapshot: okr.Snapshot, chance: random.Random) -> Changed:
    one = some_result(portfolio, chance)
    return [
        attrs.evolve(
            one,
            id=f"{one.id}-{chance.randrange(10**6)}",
            title=f"Another {chance.random()}",
            measured_by=None,
        )
    ]


def taken_out(portfolio: okr.Portfolio, snapshot: okr.Snapshot, chance: random.Random) -> Changed:
    return [chance.choice(portfolio.key_results).id]


def weighed(portfolio: okr.Portfolio, snapshot: okr.Snapshot, chance: random.Random) -> Changed:
    return [attrs.evolve(chance.choice(portfolio.key_results), weight=chance.choice([0.5, 1.0, 2.0, 3.0]))]


def moved(portfolio: okr.Portfolio, snapshot: okr.Snapshot, chance: random.Random) -> Changed:
    if not portfolio.milestones:
        return []
    one = chance.choice(portfolio.milestones)
    return [attrs.evolve(one, due=one.due + dt.timedelta(days=chance.choice([-14, 14, 28])))]


def banded(portfolio: okr.Portfolio, snapshot: okr.Snapshot, chance: random.Random) -> Changed:
    planned = [one for one in portfolio.kpis if one.target is not None]
    return [widened(chance.choice(planned), chance.choice([-0.02, 0.02]))] if planned else []


def widened(kpi: okr.Kpi, share: float) -> okr.Kpi:
    """Return a KPI whose target asks for less, or with a negative share for more."""
    band: Any = kpi.target
    low = None if band.low is None else band.low - abs(band.low) * share
    high = None if band.high is None else band.high + abs(band.high) * share
    return attrs.evolve(kpi, target=okr.Band(low=low, high=high))


def easier_silently(portfolio: okr.Portfolio, snapshot: okr.Snapshot, chance: random.Random) -> Changed:
    failing = [one for one in standing(portfolio, snapshot, FAILING) if isinstance(one.measure, okr.Target)]
    return [scaled(chance.choice(failing), 0.6)] if failing else []


def dropped(portfolio: okr.Portfolio, snapshot: okr.Snapshot, chance: random.Random) -> Changed:
    failing = standing(portfolio, snapshot, FAILING)
    return [chance.choice(failing).id] if failing else []


def weight_to_the_good(portfolio: okr.Portfolio, snapshot: okr.Snapshot, chance: random.Random) -> Changed:
    failing = standing(portfolio, snapshot, FAILING)
    return [attrs.evolve(one, weight=0.1) for one in failing if one.weight != 0.1][:1]


def band_to_the_value(portfolio: okr.Portfolio, snapshot: okr.Snapshot, chance: random.Random) -> Changed:
    breached = [one for one in portfolio.kpis if one.target and snapshot.kpi(one.id).zone == "breached"]
    return [widened(chance.choice(breached), 0.1)] if breached else []


def begun_anew(portfolio: okr.Portfolio, snapshot: okr.Snapshot, chance: random.Random) -> Changed:
    failing = standing(portfolio, snapshot, FAILING)
    if not failing:
        return []
    one = chance.choice(failing)
    return [one.id, attrs.evolve(one, id=f"{one.id}-anew-{chance.randrange(10**6)}")]


def later_once_missed(portfolio: okr.Portfolio, snapshot: okr.Snapshot, chance: random.Random) -> Changed:
    late = [one for one in portfolio.milestones if one.done is None and one.due < snapshot.as_of]
    return [attrs.evolve(one, due=snapshot.as_of + dt.timedelta(days=28)) for one in late[:1]]


FAIR: list[Edit] = [retitled, raised, lowered, added, taken_out, weighed, moved, banded]
BENT: list[Edit] = [
    easier_silently,
    dropped,
    weight_to_the_good,
    band_to_the_value,
    begun_anew,
    later_once_missed,
]

if __name__ == "__main__":
    main()
