"""OKR3, evidence: what the series say about each declared link between measures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from okrcore.definitions.days import DAYS_IN
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.rule import fault, governance_rule
from okrcore.leading.declared_links import OWN_PART
from okrcore.leading.evidence import LinkEvidence
from okrcore.statistics.multiplicity import benjamini_hochberg

_WEEKS = 156

_LANES = """
    objectives:
      - id: sorting
        title: Sort a fifth more
        cycle: "2026"
        key_results:
          - id: speed
            title: Sort a fifth more
            unit: parcel/hour
            cadence: weekly
            measure: {target: {start: 100, goal: 120}}
    kpis:
      - {id: lanes, title: Lanes recalibrated, unit: lane, cadence: weekly}
    links:
      - {source: lanes, target: speed, sign: 1, lag: 2w}
    """


def _weeks(
    effect: float = 0.0, *, until: int = _WEEKS, measures: tuple[str, ...] = ("lanes", "speed")
) -> list[tuple[str, str, float]]:
    """Return three years of Sundays: lanes at random, and speed, which follows them two weeks later."""
    made = np.random.default_rng(9)
    lanes = made.normal(5, 1, _WEEKS)
    speed = 100 + made.normal(0, 1, _WEEKS)
    speed[2:until] += effect * (lanes[: until - 2] - 5)
    days = [dt.date(2026, 6, 28) - dt.timedelta(weeks=_WEEKS - 1 - week) for week in range(_WEEKS)]
    series = {"lanes": lanes, "speed": speed}
    return [
        (name, day.isoformat(), round(float(series[name][week]), 2))
        for week, day in enumerate(days)
        for name in measures
    ]


@governance_rule(
    "OKR309",
    fix="record both ends on one rhythm, or drop the link",
    passes=Example(_LANES, observations=lambda: _weeks(1.0)),
    fails=Example(_LANES, observations=lambda: _weeks(measures=("lanes",))),
)
def link_can_be_tested(
    evidence: LinkEvidence, context: Context, *, least: int = 20, days: int = 28
) -> Iterator[Finding]:
    """A link between measures has the numbers that a test takes.

    What was never tested is believed or not, as it suits. A test takes 20 common periods. Said is
    where the ends have no period in common 28 days into the cycle, and where 20 periods of it have passed and
    fewer are common, so that waiting alone will not help. Nothing else that is undecided is a fault; of
    a formula and what it is computed from see OKR322.
    """
    start = _cycle_start(evidence, context)
    if evidence.verdict != "undecided" or evidence.n >= least or start is None:
        return
    if evidence.note == OWN_PART:  # see OKR322
        return
    passed = (context.day - start).days
    if evidence.n == 0 and passed >= days:
        yield fault(f"was never tested: {evidence.note or 'its ends have no period in common'}", n=0)
    elif evidence.n and passed >= least * DAYS_IN.get(evidence.period, np.inf):
        yield fault(
            f"cannot be tested: its ends share {evidence.n} {evidence.period}s, and a test takes {least}",
            n=evidence.n,
            least=least,
        )


def _cycle_start(evidence: LinkEvidence, context: Context) -> dt.date | None:
    """Return where the cycle starts that a link counts in; None where it is not under way."""
    link = context.find(evidence.link)
    return None if link is None else context.index.started(link)


@governance_rule(
    "OKR310",
    fix="drop the link, or say under which condition it holds and link that",
    passes=Example(_LANES, observations=lambda: _weeks(1.0)),
    fails=Example(_LANES, observations=lambda: _weeks()),
)
def link_is_not_refuted(evidence: LinkEvidence) -> Iterator[Finding]:
    """A link that the series rule out is no longer declared.

    Refuted means: at every lag that was declared the effect is below the smallest of interest, 0.3.
    Whoever pushes the source for the target's sake works in vain. In the example that passes, speed follows
    the lanes after two weeks; in the one that fails it does not.
    """
    if evidence.verdict == "refuted":
        lags = f"{evidence.lags[0]}..{evidence.lags[-1]}" if evidence.lags else "declared"
        yield fault(
            f"is ruled out: at lags {lags} no effect of interest is left, n {evidence.n} {evidence.period}s",
            effect=evidence.effect,
            lags=evidence.lags,
            n=evidence.n,
        )


@governance_rule(
    "OKR311",
    fix="turn the sign around, or say what was overlooked; until then push neither for the other's sake",
    passes=Example(_LANES, observations=lambda: _weeks(1.0)),
    fails=Example(_LANES, observations=lambda: _weeks(-1.0)),
)
def link_is_not_opposed(evidence: LinkEvidence, context: Context, *, q: float = 0.10) -> Iterator[Finding]:
    """A link does not say the opposite of what the series say.

    More of the source goes with less of what it is meant to serve: whoever acts on the link does harm, and
    two goals are in conflict. `q` is the share of false ones among all that are told, by
    Benjamini and Hochberg over all links that were tested. In the example that fails, speed falls two
    weeks after more lanes.
    """
    if evidence.verdict == "opposed" and context.once(_opposed_q).get(evidence.link or "", 1.0) <= q:
        yield fault(evidence.sentence, p_opposite=evidence.p_opposite, **_numbers(evidence))


@governance_rule(
    "OKR312",
    fix="find out what changed, and review the link",
    passes=Example(_LANES, observations=lambda: _weeks(2.0)),
    fails=Example(_LANES, observations=lambda: _weeks(2.0, until=90)),
)
def link_has_not_decayed(evidence: LinkEvidence) -> Iterator[Finding]:
    """A link still holds.

    It was supported, and its evidence ended at a date: a process was changed, a limit reached, or the
    number is reached in another way now. What leaned on it leans on nothing. In the example that fails, speed
    follows the lanes until March 2025.
    """
    if evidence.verdict == "decayed":
        yield fault(evidence.sentence, decayed_at=evidence.decayed_at, **_numbers(evidence))


def _numbers(evidence: LinkEvidence) -> dict[str, Any]:
    return {name: getattr(evidence, name) for name in ("effect", "interval", "lag", "n", "p_value")}


def _opposed_q(context: Context) -> Mapping[str, float]:
    """How sure the opposite sign of each tested link is, corrected for all that were tested."""
    tested = [one for one in context.evidence if one.n and one.link]
    _, adjusted = benjamini_hochberg(np.array([one.p_opposite for one in tested]))
    return {one.link: q for one, q in zip(tested, adjusted.tolist(), strict=True) if one.link}
