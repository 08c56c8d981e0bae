"""Tell the two stories on a screen or two: what was declared, what the numbers say, what is overlooked."""

from __future__ import annotations

import datetime as dt
from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.days import written_day
from okrcore.definitions.moments import parse_as_of, weekly
from okrcore.display import outline, wrapped
from okrcore.explanations.explaining import explain
from okrcore.public_form import headed
from okrcore.scoring.evaluation import evaluate
from okrcore.scoring.snapshot import Snapshot
from okrcore.scoring.trend import Trend, evaluate_many
from okrcore.surfaces.cli.demo_decisions import AskedConflict, logistics_decided, software_decided
from okrcore.surfaces.cli.demo_outline import plain_verdicts, verdict_steps
from okrcore.surfaces.cli.screen import look, show, show_json, stage, tables
from okrcore.surfaces.stories import FIRST, LAST, STORIES, story
from okrcore.surfaces.story_reviews import ReviewedYear, reviewed_year, year_lines, year_plain


@attrs.frozen(kw_only=True)
class Telling:
    """How a story is told: title, what it is about, what to look at, what is explained, what is decided."""

    title: str
    about: str
    shown: tuple[str, ...]
    see: str
    explained: str
    decided: str


TELLINGS: Mapping[str, Telling] = {
    "logistics": Telling(
        title="Logistics: two teams are paid for opposite things",
        about="The company wants a fifth more parcels an hour by year-end, so engineering recalibrates "
        "lanes. Operations has a bonus on 98 % uptime, and every recalibration stops a sorter for a while.",
        shown=("throughput", "lanes-recalibrated", "parcels-per-hour", "sorter-uptime"),
        see="While lanes are recalibrated, throughput climbs weeks later and uptime dips below its target. "
        "From June on operations grants next to no stops: uptime is green again, the bonus safe, and "
        "throughput stands still.",
        explained="throughput",
        decided="Asked for conflicts between goals every Sunday, by what was known then. Here people do as "
        "the priority table decides: from then on operations lets sorters be stopped again.",
    ),
    "software": Telling(
        title="Software: everything is green except the goal",
        about="The board wants revenue from large companies. Pilots start well and then wait for sign-on "
        "and audit log, while the product team redesigns the interface.",
        shown=(
            "enterprise-arr",
            "pilots-converted",
            "pilots-running",
            "blocking-requests",
            "ui-satisfaction",
            "page-load",
            "onboarding-completed",
        ),
        see="The numbers of the interface are green in every week of the year, and a bonus hangs on one of "
        "them. No link leads from it to what the board wants.",
        explained="ui-satisfaction",
        decided="Asked at the end of every month, by what was known then, which green numbers lead nowhere.",
    ),
}


REVIEWED = (
    "Reviewed every Sunday, by what was known then, where nobody answers: in which week each problem is asked"
    " about, and at the end of which month a report in red and green has it. No such report has conflicts,"
    " links and silence."
)


def demo(arguments: Namespace) -> None:
    """Tell the stories as text or JSON; both end in the first week of October 2026 unless asked otherwise."""
    names = [arguments.story] if arguments.story else list(STORIES)
    as_of = parse_as_of(arguments.as_of) if arguments.as_of else LAST
    told = []
    for name in names:
        with stage(f"scoring {name}, week by week"):
            snapshot, trend = _scored(name, as_of)
        with stage(f"looking for conflicts in {name}"):
            decided = _decided(name, trend.as_of)
        with stage(f"reviewing {name}, week by week"):
            told.append((name, snapshot, trend, decided, reviewed_year(name, len(trend))))
    if arguments.format == "json":
        stories = [_plain(*one) for one in told]
        show_json(headed("demo", stories=stories))
        return
    lines: list[str] = []
    for one in told:
        lines += _told(*one)
    lines += [
        "Look back with: okrcore demo --as-of 2026-05-10",
        "Your own: okrcore score FILE... --history FILE",
    ]
    show(lines)


def _scored(name: str, as_of: dt.date | dt.datetime) -> tuple[Snapshot, Trend]:
    portfolio, history = story(name)
    day = written_day(as_of)
    days = [one for one in weekly(FIRST, LAST) if one <= day] or [FIRST]
    snapshot = evaluate(portfolio, history, as_of=as_of)
    return snapshot, evaluate_many(portfolio, history, as_of=days)


def _decided(name: str, sundays: Sequence[dt.date]) -> Sequence[AskedConflict]:
    """Ask "logistics" on each Sunday, "software" at each month's end and on the last of them."""
    if name == "logistics":
        return logistics_decided(len(sundays))
    months = Cadence("monthly").periods(FIRST.replace(day=1), sundays[-1])
    return software_decided([min(month.end - dt.timedelta(1), sundays[-1]) for month in months])


def _told(
    name: str, snapshot: Snapshot, trend: Trend, decided: Sequence[AskedConflict], year: ReviewedYear
) -> list[str]:
    telling, drawn = TELLINGS[name], look()
    return [
        telling.title,
        "=" * len(telling.title),
        *wrapped(telling.about, drawn.columns),
        "",
        *snapshot.lines(drawn),
        "",
        *trend.lines(drawn, only=telling.shown),
        "",
        *([*wrapped(telling.see, drawn.columns), ""] if trend.as_of[-1] == LAST else []),
        *outline(explain(snapshot, telling.explained).steps(), drawn.columns),
        "",
        *wrapped(telling.decided, drawn.columns),
        "",
        *outline(verdict_steps(decided, snapshot), drawn.columns),
        "",
        *wrapped(REVIEWED, drawn.columns),
        "",
        *year_lines(year, drawn.columns),
        "",
    ]


def _plain(
    name: str, snapshot: Snapshot, trend: Trend, decided: Sequence[AskedConflict], year: ReviewedYear
) -> Mapping[str, Any]:
    telling = TELLINGS[name]
    health = [
        {"id": name, "status": trend.statuses(name), "score": _scores(trend, name)} for name in telling.shown
    ]
    return {
        "name": name,
        "title": telling.title,
        **tables(snapshot),
        "health": {"as_of": trend.as_of, "goals": health},
        "explanation": explain(snapshot, telling.explained),
        "decided": plain_verdicts(decided),
        "reviewed": year_plain(year),
    }


def _scores(trend: Trend, id: str) -> tuple[float | None, ...]:
    """Return the score of a goal, or the satisfaction of a KPI, at each moment."""
    return tuple(getattr(one[id], "score", getattr(one[id], "satisfaction", None)) for one in trend)
