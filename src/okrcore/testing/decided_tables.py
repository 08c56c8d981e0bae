"""Draw priority tables and what they decide; a table is proved by the way it is made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from okrcore.definitions.priority_outcomes import Effect, Escalate, Fund, Outcome, Retarget, Tolerate
from okrcore.definitions.priority_table import Column, Guardrail, PriorityRule, PriorityTable
from okrcore.testing.parts import amounts, dates, flags, ids, make, numbers, pick, pick_some, texts, up_to

ZONES = ("healthy", "watch", "breached", "unknown")
CATEGORIES = ("safety", "financial", "operational", "other")


_within = st.sampled_from(["limit", "worst"])
_until = st.just("cycle-end") | dates
_incentives = st.sampled_from(["kept", "suspended", "re-based"])
_times = st.sampled_from(["24h", "5d", "1w"])
_winners = st.sampled_from(["objective", "kpi"])
_forbidden = st.sampled_from([["objective"], ["kpi"]])
_zones = st.sampled_from(ZONES).map(lambda zone: {"kpi.zone": zone})
_categories = st.sampled_from(CATEGORIES).map(lambda category: {"kpi.category": category})


def tolerate(draw: DrawFn, /, **fields: Any) -> Tolerate:
    """Return how a losing KPI is judged; `fields` fixes fields, by a value or a strategy each."""
    return make(draw, Tolerate, {"within": _within, "until": _until, "incentive": _incentives}, fields)


def escalate(draw: DrawFn, /, **fields: Any) -> Escalate:
    """Return a question to an owner; `fields` as for tolerate."""
    return make(draw, Escalate, {"to": ids, "within": _times}, fields)


def effect(draw: DrawFn, *, owners: Sequence[str] = ()) -> Effect:
    """Return an effect of one of the five kinds; `owners` are the ids that may be asked, none: any."""
    match draw(up_to(4)):
        case 0:
            return Effect(freeze="initiative")
        case 1:
            return Effect(tolerate=tolerate(draw))
        case 2:
            return Effect(retarget=Retarget(goal=draw(numbers)))
        case 3:
            return Effect(fund=Fund(amount=draw(amounts)))
    return Effect(escalate=escalate(draw, to=pick(draw, owners) if owners else ids))


def outcome(draw: DrawFn, *, owners: Sequence[str] = ()) -> Outcome:
    """Return what a rule decides; `owners` as for effects."""
    given = effect(draw, owners=owners) if draw(flags) else None
    return Outcome(winner=draw(_winners), effect=given, why=draw(texts))


def column(draw: DrawFn, /, **fields: Any) -> Column:
    """Return a column of any kind; `fields` as for tolerate."""
    low, high = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
    kinds: list[dict[str, Any]] = [
        {"values": ZONES[: 1 + draw(up_to(3))]},
        {"kind": "number", "low": 0, "high": pick(draw, [None, 1, 100])},
        {"kind": "integer", "low": pick(draw, [None, 0]), "high": 366},
        {"kind": "date", "low": low, "high": high},
        {"kind": "duration", "low": "0h", "high": "30d"},
    ]
    return make(draw, Column, {"name": ids, **pick(draw, kinds)}, fields)


def priority_rule(draw: DrawFn, /, **fields: Any) -> PriorityRule:
    """Return a rule that asks for one column; `fields` as for tolerate."""
    return make(draw, PriorityRule, {"id": ids, "when": _zones, "then": outcome(draw)}, fields)


def guardrail(draw: DrawFn, /, **fields: Any) -> Guardrail:
    """Return what no rule may decide; `fields` as for tolerate."""
    asked = escalate(draw) if draw(flags) else None
    defaults = {"id": ids, "when": _categories, "forbid": _forbidden, "escalate": asked}
    return make(draw, Guardrail, defaults, fields)


def priority_table(draw: DrawFn, *, proved: bool = True, owners: Sequence[str] = ()) -> PriorityTable:
    """Return a table about the zone and category of a KPI and the days that are left.

    A proved one passes `verify_table`: no two of its rules share a zone. Others are well-formed, but may
    have rules that overlap, or lack a default. `owners` are the ids that may be asked, none: any.
    """
    days = Column(name="days_left", kind="integer", low=0, high=366)
    zone, category = Column(name="kpi.zone", values=ZONES), Column(name="kpi.category", values=CATEGORIES)
    left, rules = list(ZONES), list[PriorityRule]()
    for n in range(draw(up_to(3))):
        zones = pick_some(draw, left, 2) or left[:1]
        left = [one for one in left if one not in zones]
        when = {"kpi.zone": ", ".join(zones)}
        if cell := pick(draw, ["", "< 30", ">= 30", "[7..90]"]):
            when["days_left"] = cell
        if not proved and draw(flags):
            del when["kpi.zone"]
        rules.append(PriorityRule(id=f"P{n}", when=when, then=outcome(draw, owners=owners)))
        if not left:
            break
    known = any(one.then.winner == "objective" for one in rules)
    to = pick(draw, owners) if owners else ids
    return PriorityTable(
        columns=[zone, category, days],
        rules=rules,
        guardrails=[guardrail(draw, id="G1", forbid=["objective"], escalate=escalate(draw, to=to))]
        if known and draw(flags)
        else [],
        default=outcome(draw, owners=owners) if proved or draw(flags) else None,
    )


tolerates, escalates, effects = st.composite(tolerate), st.composite(escalate), st.composite(effect)
outcomes, columns = st.composite(outcome), st.composite(column)
priority_rules, guardrails = st.composite(priority_rule), st.composite(guardrail)
priority_tables = st.composite(priority_table)
