"""Fifty-two weekly reviews of a company of 300 goals: how much they ask for, what they see, what they cost.

`python benchmarks/review.py [--goals N]` prints floors as held or missed; the exit code is 1 where one is.
The calm year moves by chance alone, and people answer; the other has a KPI that drops, a goal that falls
behind, a source that dies, a milestone that is missed and somebody who checks in no more, in known weeks.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.support.companies import checked_in, company, numbers, replies, week_day

import okrcore as okr

WEEKS = 52
MISSED: list[str] = []


def floor(name: str, value: float, *, least: float | None = None, most: float | None = None) -> None:
    held = (least is None or value >= least) and (most is None or value <= most)
    bound = f">= {least:g}" if least is not None else f"<= {most:g}"
    print(f"    floor {'held  ' if held else 'MISSED'} {name}: {value:.4g} ({bound})")
    if not held:
        MISSED.append(name)


def year(portfolio: okr.Portfolio, facts: okr.History, silent: str | None = None) -> list[okr.Review]:
    """The reviews of each Sunday by what was known then; everybody answers within the week but the silent."""
    journal, found = okr.Journal.of(checked_in(portfolio, week_day(0))), list[okr.Review]()
    for week in range(WEEKS):
        day, gone = week_day(week), {silent} if silent and week > 9 else ()
        journal = journal.append(checked_in(portfolio, day, gone))
        last = found[-1] if found else None
        found.append(okr.review(portfolio, facts, as_of=day, known_at=day, journal=journal, previous=last))
        journal = journal.append(replies(found[-1].actions, day))
    return found


def first(found: list[okr.Review], cause: str) -> float:
    """The week in which a cause is told first, 99 where it is not."""
    weeks = (at for at, one in enumerate(found) if cause in {line.id for line in one.decisions_needed})
    return next(weeks, 99)


def calm(goals: int) -> None:
    print(f"a calm year of {goals} goals")
    started = time.process_time()
    found = year(company(goals), numbers(goals, WEEKS))
    taken = (time.process_time() - started) / WEEKS
    asked = [len(one.decisions_needed) for one in found]
    print(
        f"    {sum(asked) / WEEKS:.2f} questions a week, at most {max(asked)}; {taken:.2f} s of CPU a review"
    )
    floor("questions a week", sum(asked) / WEEKS, most=8)
    owed = [[name for line in one.decisions_needed for name in line.actions] for one in found]
    floor("causes told twice in a week", sum(len(each) - len(set(each)) for each in owed), most=0)
    floor("seconds of CPU a review", taken, most=5)


def troubled(goals: int) -> None:
    print(f"a year of {goals} goals with planted troubles")
    friday = week_day(30) - dt.timedelta(days=2)
    slip = (
        okr.Initiative(id="cut-over", title="Cut-over", team="t1", owner="lead1"),
        okr.Initiative(id="pilots", title="Pilots", team="t2", owner="lead2"),
        okr.Milestone(id="live", initiative="cut-over", title="Live", due=friday),
        okr.Milestone(
            id="pilot", initiative="pilots", title="Pilot", start=friday, due=week_day(36), after=["live"]
        ),
    )
    changed: dict[str, Mapping[int, float]] = {
        "s3": {20: -14.0},
        "p8": dict.fromkeys(range(12, 40), -2.0),
        **{f"p{at}": {26: float("nan")} for at in range(goals) if at % 6 == 1},
    }
    found = year(company(goals, *slip), numbers(goals, WEEKS, changed=changed), silent="w5")
    asked = [len(one.decisions_needed) for one in found]
    print(f"    {sum(asked) / WEEKS:.2f} questions a week, at most {max(asked)}")
    for what, cause, week, grace in (
        ("a KPI that drops in week 20", "measure:s3", 20, 0),
        ("a goal that falls behind from week 12 on", "measure:p8", 12, 6),
        ("a source that dies after week 25", "source:crm", 26, 1),
        ("a milestone that is missed in week 30", "slip:live", 30, 0),
    ):
        floor(f"{what}: seen in", first(found, cause), most=week + grace)
    silent = [
        at for at, one in enumerate(found) if any("k5" in line.subjects for line in one.decisions_needed)
    ]
    floor("somebody checks in no more from week 10 on: seen in", min(silent, default=99), most=12)
    floor("questions a week", sum(asked) / WEEKS, most=8)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--goals", type=int, default=300)
    goals = options.parse_args().goals
    calm(goals)
    troubled(goals)
    return 1 if MISSED else 0


if __name__ == "__main__":
    sys.exit(main())
