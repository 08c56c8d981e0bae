"""Real release schedules, as they were published and changed: what slipped, and what absorbed it.

The source declares no dependencies. Declared here: the release waits for the code freeze, and is ready as
many days after it as `READY` says; what the first plan leaves beyond that is its buffer.
"""

from __future__ import annotations

import csv
import datetime as dt

import attrs
import pytest

import okrcore as okr
from tests.support.paths import SHARED

FILE = SHARED / "data/k8s_release_schedules/schedules.csv"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"needs {FILE.relative_to(SHARED.parent)}")
READY = {"1.19": 19, "1.31": 21}
"""The first plan of 1.19 left 19 days from code freeze to release; 1.31 was released 21 days after."""


def versions(release: str) -> list[tuple[str, dict[str, dt.date]]]:
    """Return each version of a plan: the day of its commit, and the due date of each row that has one."""
    found: dict[tuple[str, str], dict[str, dt.date]] = {}
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["release"] == release and row["due"]:
                plan = found.setdefault((row["committed"][:10], row["commit"]), {})
                plan[row["what"]] = dt.date.fromisoformat(row["due"])
    return [(committed, plan) for (committed, _), plan in sorted(found.items())]


def due(plan: dict[str, dt.date], words: str) -> dt.date:
    return next(day for what, day in plan.items() if words in what.lower())


def declared(release: str) -> okr.Declarations:
    """Return the versions of a plan, its code freeze and its release."""
    portfolios = []
    for committed, plan in versions(release):
        freeze, out = due(plan, "begin code freeze"), due(plan, f"v{release}.0 released")
        portfolios.append(
            (
                committed,
                okr.Portfolio.of(
                    okr.Calendar(timezone="America/Los_Angeles"),
                    okr.Team(id="features"),
                    okr.Team(id="release-team"),
                    okr.Initiative(id="freeze", title="Features done", team="features"),
                    okr.Initiative(id="ship", title="Ship it", team="release-team"),
                    okr.Milestone(id="code-freeze", initiative="freeze", title="Code freeze", due=freeze),
                    okr.Milestone(
                        id="release",
                        initiative="ship",
                        title="Release",
                        due=out,
                        after=[okr.Dependency("code-freeze", READY[release])],
                    ),
                ),
            )
        )
    return okr.Declarations.of(*portfolios)


def test_in_1_31_the_slack_takes_the_two_weeks_of_the_code_freeze():
    plan = declared("1.31")
    first = plan.at("2024-05-01")
    moved = okr.ripple(first, as_of="2024-06-26", slips={"code-freeze": 14})
    assert (moved.impact("code-freeze").delay_days, moved.absorbed) == (14, ("release-team",))
    release = moved.impact("release")
    assert (release.buffer_days, release.buffer_left, release.expected) == (14, 0, dt.date(2024, 8, 13))
    assert okr.ripple(first, as_of="2024-06-26", slips={"code-freeze": 15}).impact("release").breach_days == 1
    # as it was re-planned, before anything was due: nothing is late, no clock runs
    after = okr.ripple(plan, as_of="2024-07-20")
    assert (after.impacts, after.clocks) == ((), ())


def test_in_1_19_every_slip_of_the_freeze_reached_the_release():
    plan = declared("1.19")
    first = plan.at("2020-04-09")
    seen = []
    for committed, version in versions("1.19")[1:3]:
        slip = (due(version, "begin code freeze") - first["code-freeze"].due).days
        told = okr.ripple(first, as_of=committed, slips={"code-freeze": slip}).impact("release")
        seen.append((slip, told.delay_days, str(told.expected), str(due(version, "v1.19.0 released"))))
    # the release waits at least as long as the freeze; both times the plan took three weeks more for it
    assert seen == [(14, 14, "2020-07-14", "2020-08-04"), (28, 28, "2020-07-28", "2020-08-25")]


def test_against_what_was_first_declared_1_19_was_eight_weeks_late():
    """The last change came the evening before the release was due; a day late on the plan in force then."""
    plan = declared("1.19")
    frozen = attrs.evolve(plan.at()["code-freeze"], done="2020-07-09")
    plan = plan.append(plan.at().with_(frozen), at="2020-08-25T12:00:00-07:00")
    (late,) = okr.ripple(plan, as_of="2020-08-27").impacts
    assert (late.subject, late.delay_days, late.since_first) == ("release", 1, 58)
    done = attrs.evolve(plan.at()["release"], done="2020-08-26")
    kept = okr.ripple(plan.append(plan.at().with_(done), at="2020-08-26"), as_of="2020-09-01")
    assert (kept.impacts, kept.clocks) == ((), ())
