"""A portfolio whose texts try to break out of what shows them: markup, scripts, signs that move a cursor."""

from __future__ import annotations

from functools import cache

import okrcore as okr

MARKUP = "</td></style><script>alert(1)</script>\"' onload=x javascript:y {{7*7}}"
EVIL = f"e\x1b[31m\x07{MARKUP}\u202e\u2028"


@cache
def poisoned_week() -> okr.Review:
    """Return a week in which every text of whatever it shows is hostile."""
    who, team, kpi, goal = (f"{MARKUP} {word}" for word in ("who", "team", "kpi", "goal"))
    work, hall = f"{MARKUP} work", f"{MARKUP} hall"
    cycle = okr.Cycle(id=f"{MARKUP} 2026", start="2026-01-01", end="2026-12-31")
    made = okr.Portfolio.of(
        okr.Team(id=team, title=EVIL, lead=who),
        okr.Team(id="other", title=EVIL, lead=who),
        okr.Owner(id=who, title=EVIL, team=team),
        okr.Owner(id=f"{who} 2", title=EVIL, team="other"),
        cycle,
        okr.Objective(id=goal, title=EVIL, cycle=cycle.id, owner=who, team=team, why=EVIL, tags=(EVIL,)),
        okr.KeyResult(id=f"{goal} kr", objective=goal, title=EVIL, measure=okr.Target(0, 9), measured_by=kpi),
        okr.KeyResult(
            id=f"{goal} list",
            objective=goal,
            title=EVIL,
            measure=okr.Checklist((okr.Item(id=MARKUP, title=EVIL),)),
        ),
        okr.Kpi(
            id=kpi,
            title=EVIL,
            unit="1",
            target=okr.Band(low=5),
            owner=who,
            definition=EVIL,
            category=EVIL,
            cadence="weekly",
            incentivised=True,
        ),
        okr.Kpi(
            id=f"{kpi} 2",
            title=EVIL,
            target=okr.Band(low=0),
            owner=f"{who} 2",
            cadence="weekly",
            team="other",
            incentivised=True,
        ),
        okr.Link(source=f"{kpi} 2", target=kpi, sign=1, lag="1w..4w", rationale=EVIL, owner=who),
        okr.Initiative(id=work, title=EVIL, owner=who, team=team),
        okr.Milestone(id=hall, initiative=work, title=EVIL, due="2026-02-01", owner=who),
        okr.Milestone(
            id=f"{hall} 2",
            initiative=work,
            title=EVIL,
            due="2026-03-01",
            start="2026-02-02",
            owner=f"{who} 2",
            after=(okr.Dependency(hall),),
        ),
        okr.PriorityTable(columns=[], rules=[], default=okr.Outcome(winner="objective")),
        okr.Link(source=work, target=kpi, sign=1, rationale=EVIL, owner=who),
        okr.Link(source=work, target=f"{kpi} 2", sign=-1, rationale=EVIL, owner=who),
    )
    weeks = okr.weekly("2026-01-04", "2026-06-28")
    seen = [
        okr.Observation(kpi, day, float(at % 5), by=EVIL, source=okr.Source(EVIL, EVIL))
        for at, day in enumerate(weeks)
    ]
    seen += [okr.Observation(f"{kpi} 2", day, float(at % 7)) for at, day in enumerate(weeks)]
    journal = okr.Journal.of([okr.Entry("check-in", f"{goal} kr", who, "2026-06-01", text=EVIL)])
    facts = okr.History.of(seen)
    last = okr.review(made, facts, as_of="2026-05-01", journal=journal)
    return okr.review(made, facts, as_of="2026-07-01", journal=journal, previous=last)
