"""OKR3, links: each claim that one number moves another is owned, timed, reasoned, not contradicted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from okrcore.conflicts.conflict import Conflict
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.lineage import lineage_of
from okrcore.definitions.links import Lag, Link
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.rulings_between import speaks_for_its_sides, undecided
from okrcore.governance.rule import fault, governance_rule


@governance_rule(
    "OKR305",
    fix="name the role, process or team that acts when the source dips",
    where=lambda rows, context, _: rows.absent("owner"),
    passes="""
        owners: [{id: flow-review, kind: process}]
        kpis:
          - {id: lanes, title: Lanes recalibrated, unit: lane}
          - {id: speed, title: Parcels an hour, unit: parcel/hour}
        links:
          - {source: lanes, target: speed, sign: 1, lag: 2w..6w, owner: flow-review, rationale: Faster belts}
        """,
    fails="""
        owners: [{id: flow-review, kind: process}]
        kpis:
          - {id: lanes, title: Lanes recalibrated, unit: lane}
          - {id: speed, title: Parcels an hour, unit: parcel/hour}
        links:
          - {source: lanes, target: speed, sign: 1, lag: 2w..6w, rationale: Faster belts}
        """,
)
def link_has_an_execution_owner(link: Link) -> Iterator[str]:
    """A link has an execution owner.

    When the leading number dips, that owner is told and acts. Without one the dip is seen by all, and
    by nobody in time.
    """
    yield "has no execution owner"


def _persons(context: Context) -> frozenset[str]:
    return frozenset(owner.id for owner in context.portfolio.owners if owner.kind == "person")


@governance_rule(
    "OKR306",
    fix="give it to the role, process or team that the person acts for",
    where=lambda rows, context, _: rows.among(context.once(_persons), "owner"),
    passes="""
        owners: [{id: flow-review, kind: process}]
        kpis:
          - {id: lanes, title: Lanes recalibrated, unit: lane}
          - {id: speed, title: Parcels an hour, unit: parcel/hour}
        links:
          - {source: lanes, target: speed, sign: 1, lag: 2w..6w, owner: flow-review}
        """,
    fails="""
        owners: [{id: jo-berger, kind: person}]
        kpis:
          - {id: lanes, title: Lanes recalibrated, unit: lane}
          - {id: speed, title: Parcels an hour, unit: parcel/hour}
        links:
          - {source: lanes, target: speed, sign: 1, lag: 2w..6w, owner: jo-berger}
        """,
)
def link_is_owned_by_a_role(link: Link, context: Context) -> Iterator[str]:
    """A link is owned by a role, a process or a team, not by a person.

    People are on holiday, change teams and leave; what they alone answer for stands still then, and nobody
    notices. An owner's kind is "person" unless it is declared.
    """
    yield f"is owned by {link.owner}, a person"


@governance_rule(
    "OKR307",
    severity="info",
    fix="say how long it takes, such as lag: 2w..6w",
    where=lambda rows, context, _: rows.absent("lag") & rows.among(context.scene.kpis, "source"),
    passes="""
        kpis:
          - {id: lanes, title: Lanes recalibrated, unit: lane}
          - {id: speed, title: Parcels an hour, unit: parcel/hour}
        links:
          - {source: lanes, target: speed, sign: 1, lag: 2w..6w}
        """,
    fails="""
        kpis:
          - {id: lanes, title: Lanes recalibrated, unit: lane}
          - {id: speed, title: Parcels an hour, unit: parcel/hour}
        links:
          - {source: lanes, target: speed, sign: 1}
        """,
)
def link_between_measures_has_a_lag(link: Link, context: Context) -> Iterator[str]:
    """A link between measures says how long it takes.

    Without a lag nobody knows when an effect is late. The test has to try 1 to 8 periods, and each lag
    tried costs evidence. Links from initiatives are exempt: work has no series.
    """
    yield "has no lag"


@governance_rule(
    "OKR308",
    severity="info",
    fix="write in one sentence why one moves the other",
    where=lambda rows, context, _: rows.matching("rationale", lambda text: not text.strip()),
    passes="""
        kpis:
          - {id: lanes, title: Lanes recalibrated, unit: lane}
          - {id: speed, title: Parcels an hour, unit: parcel/hour}
        links:
          - {source: lanes, target: speed, sign: 1, lag: 2w..6w, rationale: A recalibrated lane runs faster}
        """,
    fails="""
        kpis:
          - {id: lanes, title: Lanes recalibrated, unit: lane}
          - {id: speed, title: Parcels an hour, unit: parcel/hour}
        links:
          - {source: lanes, target: speed, sign: 1, lag: 2w..6w}
        """,
)
def link_has_a_rationale(link: Link) -> Iterator[str]:
    """A link says why the one number should move the other.

    Two series that go together are a coincidence until somebody names the mechanism; and whoever reviews the
    link has nothing to check against.
    """
    yield "has no rationale"


_PAID = """
    objectives:
      - id: sorting
        title: Sort a fifth more
        cycle: "2026"
        key_results:
          - {id: speed, title: A fifth more, unit: parcel/hour, measure: {target: {start: 100, goal: 120}}}
    kpis:
      - {id: uptime, title: Uptime, unit: "%", target: {low: 98}, incentivised: true}
    initiatives:
      - {id: recalibration, title: Recalibrate the lanes, start: 2026-01-05}
    links:
      - {source: recalibration, target: speed, sign: 1, weight: 0.8}
      - {source: recalibration, target: uptime, sign: -1, weight: 0.4}
    """
_RULED = """
    priorities:
      columns:
        - {name: objective.commitment, values: [committed, aspirational, learning]}
      rules:
        - {id: goal-first, when: {objective.commitment: committed}, then: {winner: objective}}
      default: {winner: kpi}
    """


@governance_rule(
    "OKR315",
    severity="error",
    fix="write the rule that says which of them gives way, and what becomes of the bonus meanwhile",
    passes=Example(_PAID.rstrip() + _RULED, observations=[("speed", "2026-03-01", 104.0)]),
    fails=_PAID,
)
def bonus_against_a_goal_is_ruled(conflict: Conflict, context: Context) -> Iterator[Finding]:
    """Where a committed objective and a bonus pull apart, a rule says in advance which of them gives way.

    Otherwise people are paid to fight the goal that they are told to serve, and whoever is nearer wins: this
    is how the throughput of a warehouse stalls for the uptime of its old sorters. Of several conflicts
    between the same sides one counts. What the table says is unknown without a history.
    """
    if conflict.kind not in ("opposed", "measured") or not speaks_for_its_sides(conflict, context):
        return
    paid = _paid_against(conflict, context)
    reason = undecided(conflict, context) if paid else None
    if paid and reason:
        kpi, result = paid
        yield fault(
            f"the bonus on {kpi} and the committed {result} pull apart, and no rule decides: {reason}",
            kpi=kpi,
            key_result=result,
            degree=conflict.degree,
        )


def _paid_against(conflict: Conflict, context: Context) -> tuple[str, str] | None:
    """Return the KPI with a bonus among the sides, and the key result of a committed objective."""
    for side, other in (conflict.sides, conflict.sides[::-1]):
        value, goal = context.find(side), context.find(other)
        kpi = context.find(value.measured_by) if isinstance(value, KeyResult) else value
        if not (isinstance(kpi, Kpi) and kpi.incentivised and isinstance(goal, KeyResult)):
            continue
        if context.find(goal.objective).commitment == "committed":
            return kpi.id, goal.id
    return None


def _ends(link: Link, context: Context) -> tuple[str, str]:
    return link.source, context.scene.measure(link.target)


def _contradicted(context: Context) -> Mapping[str, str]:
    """Return the first link, by id, that says the opposite of each later one."""
    links = context.portfolio.links
    up, down = ({_ends(link, context) for link in links if link.sign == sign} for sign in (1, -1))
    between: dict[tuple[str, str], list[Link]] = {}
    for link in sorted(links, key=lambda one: one.id) if up & down else ():
        if (ends := _ends(link, context)) in up & down:
            between.setdefault(ends, []).append(link)
    return {
        link.id: other.id
        for found in between.values()
        for at, link in enumerate(found)
        if (other := next((one for one in found[:at] if one.sign != link.sign and _meet(one, link)), None))
    }


def _meet(one: Link, other: Link) -> bool:
    """Whether the lags of two links may overlap; grid periods are compared with each other only."""
    if one.lag is None or other.lag is None:
        return True
    first, second = Lag.parse(one.lag), Lag.parse(other.lag)
    if bool(first.unit) != bool(second.unit):
        return False
    (a, b), (c, d) = first.days, second.days
    return a <= d and c <= b


@governance_rule(
    "OKR319",
    severity="error",
    fix="keep the sign that the evidence supports, or give the two effects lags that do not overlap",
    where=lambda rows, context, _: rows.among(context.once(_contradicted)),
    passes="""
        kpis:
          - {id: lanes, title: Lanes recalibrated, unit: lane}
          - {id: speed, title: Parcels an hour, unit: parcel/hour}
        links:
          - {id: outage, source: lanes, target: speed, sign: -1, lag: 0w..1w, rationale: A lane stands still}
          - {id: gain, source: lanes, target: speed, sign: 1, lag: 2w..6w, rationale: A lane runs faster}
        """,
    fails="""
        kpis:
          - {id: lanes, title: Lanes recalibrated, unit: lane}
          - {id: speed, title: Parcels an hour, unit: parcel/hour}
        links:
          - {id: outage, source: lanes, target: speed, sign: -1, rationale: A lane stands still}
          - {id: gain, source: lanes, target: speed, sign: 1, lag: 2w..6w, rationale: A lane runs faster}
        """,
)
def link_is_not_contradicted(link: Link, context: Context) -> Iterator[Finding]:
    """Two links between the same ends do not say the opposite of each other.

    More of one then means both more and less of the other, and every conflict and forecast that rests on it
    means nothing. A short loss before a long gain is no contradiction: lags that do not overlap may differ.
    A key result stands for the KPI that it reads; the finding is on the later link by id.
    """
    other = context.once(_contradicted)[link.id]
    yield fault(f"says the opposite of {other}", other=other)


def _of_one_number(context: Context) -> frozenset[str]:
    """The links whose ends are a formula and what it is computed from, or a key result and what it reads."""
    lineage, measure = lineage_of(context.portfolio), context.scene.measure
    ends = ((one.id, measure(one.source), measure(one.target)) for one in context.portfolio.links)
    return frozenset(name for name, a, b in ends if a == b or lineage.is_part(a, b))


@governance_rule(
    "OKR322",
    severity="info",
    fix="drop the link: what the formula says needs no evidence; link what moves its input",
    where=lambda rows, context, _: rows.among(context.once(_of_one_number)),
    passes="""
        kpis:
          - {id: sales, title: Sales, unit: EUR, cadence: monthly}
          - {id: cost, title: Cost, unit: EUR, cadence: monthly}
          - {id: visits, title: Visits of customers, unit: visit, cadence: monthly}
          - {id: profit, title: Profit, unit: EUR, formula: {expr: s - c, inputs: {s: sales, c: cost}}}
        links:
          - {source: visits, target: profit, sign: 1}
        """,
    fails="""
        kpis:
          - {id: sales, title: Sales, unit: EUR, cadence: monthly}
          - {id: cost, title: Cost, unit: EUR, cadence: monthly}
          - {id: profit, title: Profit, unit: EUR, formula: {expr: s - c, inputs: {s: sales, c: cost}}}
        links:
          - {source: sales, target: profit, sign: 1}
        """,
)
def link_joins_two_numbers(link: Link, context: Context) -> Iterator[str]:
    """A link does not join a formula with what it is computed from.

    An input moves its formula by arithmetic and at once: that is no claim that numbers could support or
    refute, so its evidence stays undecided for good, and conflicts do not walk it. The same holds of a key
    result and the KPI that it reads.
    """
    yield "joins a formula and what it is computed from, which are no two numbers"
