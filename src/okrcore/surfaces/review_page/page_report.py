"""Report a review as one page that holds all it shows: no script, no request, for screen and paper."""

from __future__ import annotations

import okrcore
from okrcore.definitions.argument_checks import check_arguments
from okrcore.definitions.days import written_day
from okrcore.definitions.fields import is_text, optional
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import weekday
from okrcore.display.blocks import Facts, Para, Section, Two, html
from okrcore.display.blocks.inks import Marked, Row, Say
from okrcore.errors import DefinitionError, TableError
from okrcore.explanations.sources_of_value import Ground
from okrcore.history.history import History
from okrcore.leading.outlooks import forecasts_of
from okrcore.leading.weeks_ahead import Outlook, WeeksAhead
from okrcore.priorities.fingerprint import table_hash
from okrcore.rhythm.review_headline import headline
from okrcore.rhythm.review_result import Review
from okrcore.scoring.snapshot_text import PLAIN, counted_goals
from okrcore.surfaces.review_page.clash_blocks import clashes
from okrcore.surfaces.review_page.finding_blocks import findings
from okrcore.surfaces.review_page.goal_blocks import goals
from okrcore.surfaces.review_page.goal_choice import chosen_goals
from okrcore.surfaces.review_page.kpi_blocks import kpis
from okrcore.surfaces.review_page.link_blocks import links
from okrcore.surfaces.review_page.page_frame import framed
from okrcore.surfaces.review_page.slip_blocks import slips
from okrcore.surfaces.review_page.week_blocks import changes, clocks, decisions

_KEY = (("+", "good"), ("~", "in doubt"), ("!", "bad"), ("?", "no data"), (".", "early or steady"))


def report(review: Review, *, title: str | None = None, frame: str | None = None) -> str:
    """Return a review as one HTML file: what needs somebody first, then the evidence, then hygiene.

    Its size follows what is drawn, at most 60 goals, 24 KPIs, 15 links, 8 conflicts and 20 milestones, and
    says what is left out; each goal, question and rule opens its reason. It has no script, asks for nothing
    from anywhere, follows light and dark, and prints. `title` None is that of the one team above all others.
    `frame` is the Jinja template of a host's own page, with the names of the standard one. Raises
    MissingExtraError where Jinja is missing, DefinitionError for what is no review and for a frame that
    cannot be drawn. About half a second beyond the review.

    >>> import okrcore as okr
    >>> goal = okr.Objective(id="grow", title="Grow", cycle="2026")
    >>> made = okr.Portfolio.of(okr.Cycle.year(2026), goal)
    >>> page = report(okr.review(made, okr.History.of(), as_of="2026-03-15"), title="A firm")
    >>> page.startswith("<!doctype html>"), "<h1>A firm</h1>" in page
    (True, True)
    """
    if not isinstance(review, Review):
        raise DefinitionError(
            f"review is of type {type(review).__name__}, but must be a Review; make one with review(...)"
        )
    check_arguments(title=(title, optional(is_text)), frame=(frame, optional(is_text)))
    snapshot = review.snapshot
    choice = chosen_goals(review)
    ahead = forecasts_of(snapshot, choice.key_results, review.evidence)
    outlook = Outlook({name: WeeksAhead(forecast=one) for name, one in ahead.items()})
    ground = Ground(snapshot, review.signals, review.dips)
    sections: list[Section | Two] = [
        decisions(review, ground),
        Two(clocks(review), changes(review)),
        goals(review, choice, outlook, ground),
        kpis(review),
        links(review),
        clashes(review),
        slips(review),
        findings(review),
    ]
    named = [part for one in sections for part in ((one.left, one.right) if isinstance(one, Two) else (one,))]
    places = [(one.name, one.title) for one in named if isinstance(one, Section) and one.blocks]
    bands = {row["id"]: snapshot.kpi(row["id"]).bands for row in snapshot.kpis}
    counts = counted_goals(snapshot.objectives, snapshot.key_results, snapshot.kpis, bands, PLAIN)
    return framed(
        frame,
        title=title or _title(review.portfolio),
        as_of=str(review.as_of),
        kicker=_kicker(review),
        headline=headline(review),
        count=f"{counts.replace('; ', '. ')}.",
        places=places,
        body=html(sections),
        foot=html(
            [_provenance(review), Para(Row(*(Marked(sign, label=said) for sign, said in _KEY)), "key")]
        ),
    )


def _title(portfolio: Portfolio) -> str:
    roots = [team for team in portfolio.teams if team.parent is None]
    return (roots[0].title or roots[0].id) if len(roots) == 1 else "Review"


def _kicker(review: Review) -> str:
    day = written_day(review.as_of)
    last = f", last review {review.since}" if review.since else ""
    return f"Weekly review, week {day.isocalendar().week}, as of {weekday(day)[:3]} {review.as_of}{last}"


def _provenance(review: Review) -> Facts:
    """Return what every number can be rechecked by."""
    snapshot = review.snapshot
    return Facts(
        [
            ("history", Say(snapshot.history.recorded.root if isinstance(snapshot.history, History) else "")),
            ("journal", Say("" if snapshot.journal is None else snapshot.journal.recorded.root)),
            ("priority table", Say(_hash(review.portfolio))),
            ("as_of", Say(f"{review.as_of} ({snapshot.when.zone})")),
            (
                "known_at",
                Say("all that is known" if snapshot.when.known is None else str(snapshot.when.known)),
            ),
            ("previous", Say("" if review.since is None else f"review of {review.since}")),
            ("okrcore", Say(okrcore.__version__)),
        ]
    )


def _hash(portfolio: Portfolio) -> str:
    if portfolio.priorities is None:
        return ""
    try:
        return table_hash(portfolio.priorities)
    except TableError:
        return "cannot be read"
