"""Lay out what a week asks for: its sentence, the decisions it needs, clocks that run, and what changed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from okrcore.definitions.days import timezone, to_instant
from okrcore.display import counted, deadline, percent, time_left, weekday
from okrcore.display.blocks import (
    AskedItem,
    Block,
    Grid,
    GridColumn,
    GridRow,
    Items,
    Lines,
    Marked,
    Row,
    Say,
    Section,
)
from okrcore.display.drawing import Step
from okrcore.explanations.explaining import explain_on
from okrcore.explanations.sources_of_value import Ground
from okrcore.rhythm.needed_decision import NeededDecision
from okrcore.rhythm.review_result import Review
from okrcore.schedule.deadlines import Owed

MOST_ASKS = MOST_CHANGES = 7
MOST_CLOCKS = 10
LEAST_POINTS = 0.03
"""A score that moves by less is no news."""
_REASONS = 3
_STATE_WORDS = {"open": "running"}
_ORDER = ("new", "worse", "better", "resolved", "gone", "other")


def headline(review: Review) -> str:
    """Return one sentence or two that are enough if nothing else is read."""
    asked = review.decisions_needed
    late = sum(one.overdue for one in asked)
    verb = "needs" if len(asked) == 1 else "need"
    needed = (
        f"{counted(len(asked), 'thing')} {verb} an answer or a decision"
        if asked
        else "Nothing needs a decision"
    )
    overdue = f", {late} of them overdue" if late else ""
    return f"{needed}{overdue}. {_objectives(review)}".rstrip()


def _objectives(review: Review) -> str:
    word = review.snapshot.scoring.word
    found = review.snapshot.objectives["status"].tolist()
    if not found:
        return ""
    most, often = min(Counter(found).items(), key=lambda pair: (-pair[1], pair[0]))
    if often == len(found):
        whole = {1: "The objective is", 2: "Both objectives are"}.get(often, f"All {often} objectives are")
        return f"{whole} {word(most)}."
    bad = sum(status in ("missed", "off-track") for status in found)
    if not bad:
        return f"None of {len(found)} objectives is off-track."
    return f"{bad} of {len(found)} objectives {'is' if bad == 1 else 'are'} off-track or missed."


def decisions(review: Review, ground: Ground) -> Section:
    """Return what needs somebody, at most seven questions in the order of the review."""
    asked = review.decisions_needed
    late = sum(one.overdue for one in asked)
    rest = Counter(one.owner or "nobody" for one in asked[MOST_ASKS:])
    most = ", ".join(
        f"{name} {count}" for name, count in sorted(rest.items(), key=lambda it: (-it[1], it[0]))[:5]
    )
    more = f"{MOST_ASKS} of {len(asked)} shown. The others wait for {most}." if rest else ""
    items = [_asked(review, one, ground) for one in asked[:MOST_ASKS]]
    lede = f"{len(asked)} open, {late} overdue. Overdue answers first." if asked else ""
    blocks: list[Block] = (
        [Items(items, more)] if items else [Items((), "No answer is owed, and no conflict is open.")]
    )
    return Section("Needs a decision", blocks, name="decide", lede=lede, aside="who, by when")


def _asked(review: Review, one: NeededDecision, ground: Ground) -> AskedItem:
    now = _now(review)
    news = {row["id"]: row["change"] for row in review.differences if row["kind"] == "decision"}
    return AskedItem(
        verb=one.ask,
        asks=one.question,
        evidence=one.evidence,
        owner=one.owner or "nobody",
        due=local_deadline(review, one.due),
        left=time_left(one.due - now),
        late=one.overdue,
        word=one.mark,
        news="new" if news.get(one.id) == "new" else "",
        reasons=tuple(_reasons(review, one, ground)),
    )


def _reasons(review: Review, one: NeededDecision, ground: Ground) -> Iterator[Step]:
    """Yield why it is asked: the reasons of what it is about, and what its actions say."""
    said = {conflict.id: conflict.sentence for conflict in review.conflicts}
    said |= {found.link: found.sentence for found in review.evidence if found.link is not None}
    for subject in one.subjects[:_REASONS]:
        if subject in said:
            yield 0, subject, said[subject]
        elif subject in review.snapshot:
            why = explain_on(ground, subject, depth=0, limit=1)
            yield 0, f"{why.kind} {subject}", why.sentence
    because = dict.fromkeys(action.because for action in review.actions if action.id in one.actions)
    yield from ((0, "", text) for text in list(because)[:_REASONS])
    if len(one.subjects) > _REASONS:
        yield 0, "", f"And {len(one.subjects) - _REASONS} more: {', '.join(one.subjects[_REASONS:][:12])}"


def clocks(review: Review) -> Section:
    """Return who was to be told and to answer within a day of a missed milestone."""
    found = sorted(
        review.ripple.clocks,
        key=lambda one: (one.mitigation.state in ("met", "late"), one.missed_at, one.cause, one.team),
    )
    portfolio = review.portfolio
    rows = [
        GridRow(
            [
                Lines(
                    Row(Say(one.team, "strong"), Say(one.cause, "code")),
                    Say((portfolio[one.team].lead or "") if one.team in portfolio else "", "soft"),
                ),
                _owed(review, one.notice),
                _owed(review, one.mitigation),
            ]
        )
        for one in found[:MOST_CLOCKS]
    ]
    columns = (GridColumn("Who, about", "name"), GridColumn("Told", "say"), GridColumn("Answered", "say"))
    grid = Grid(
        columns=columns,
        rows=rows,
        caption="24 h clocks after a missed milestone",
        kind="clocks",
        more=f"{MOST_CLOCKS} of {len(found)} shown, open ones first." if len(found) > MOST_CLOCKS else "",
    )
    lede = "Each team that a missed milestone hits is told, and answers, within 24 h."
    return Section("24 h clocks", [grid] if rows else [], name="clocks", lede=lede)


def _owed(review: Review, one: Owed) -> Lines:
    if one.entry is not None:
        return Lines(Marked(one.state), Say(f"{one.entry.at}: {one.entry.by}", "soft"))
    left = "" if one.left is None else f", {time_left(one.left)}"
    return Lines(
        Marked(one.state, label=_STATE_WORDS.get(one.state, one.state)),
        Say(f"{local_deadline(review, one.due)}{left}", "soft"),
    )


def changes(review: Review) -> Section:
    """Return what is otherwise than in the review before: at most seven, what is new and worse first."""
    if review.since is None:
        return Section("Since the last review", [])
    told = list(_news(review))
    counts = Counter(word for word, *_ in told)
    listed = ", ".join(f"{counts[word]} {word}" for word in _ORDER if counts[word]) or "Nothing changed"
    rest = Counter(word for word, *_ in told[MOST_CHANGES:])
    left = ", ".join(f"{rest[word]} {word}" for word in _ORDER if rest[word])
    rows = [GridRow([Marked(word), Say(name, "code"), Say(how)]) for word, name, how in told[:MOST_CHANGES]]
    grid = Grid(
        columns=(GridColumn("Change", "name"), GridColumn("What", "say"), GridColumn("How", "say")),
        rows=rows,
        caption=f"Changes since {review.since}",
        kind="moves",
        more=f"{sum(rest.values())} more: {left}."
        if rest
        else ""
        if rows
        else "Nothing that is more than noise.",
    )
    lede = f"{listed}, since {weekday(review.since)}."
    return Section("Since the last review", [grid], name="changes", lede=lede)


def _news(review: Review) -> Iterator[tuple[str, str, str]]:
    """Yield word, id and how of what is news, once a subject, in the order in which it is told."""
    found: dict[str, tuple[str, str, str]] = {}
    for row in review.differences:
        word, how = row["change"], _how(review, row)
        if not how:
            continue
        if word == "gone" and row["kind"] in ("decision", "conflict", "milestone"):
            word = "resolved"
        name = row["id"].partition(":")[2] if row["kind"] in ("decision", "conflict") else row["id"]
        found.setdefault(name, (word, name, how))
    yield from sorted(found.values(), key=lambda one: (_ORDER.index(one[0]), one[1]))


def _how(review: Review, row: dict[str, object]) -> str:
    what, before, after = row["what"], row["before"], row["after"]
    word = review.snapshot.scoring.word
    match what:
        case "needed":
            return str(after or before)
        case "expected":
            return f"expected {after} (was {before})" if before and after else f"expected {after or before}"
        case "status" | "zone" if before and after:
            return f"{word(str(after))} (was {word(str(before))})"
        case "verdict" | "ruling" if before and after:
            return f"{what} {after} (was {before})"
        case "score":
            old, new = row["before_value"], row["after_value"]
            if isinstance(old, float) and isinstance(new, float) and abs(new - old) >= LEAST_POINTS:
                return f"{percent(new)} of the way (was {percent(old)})"
            return ""
        case "value" | "coverage":
            return ""
    return f"{row['kind']} {after or before}".rstrip()


def _now(review: Review) -> dt.datetime:
    when = review.snapshot.when
    return to_instant(when.instant(when.zone))


def local_deadline(review: Review, due: dt.datetime) -> str:
    """Return when something is due by the clock of the organisation; the end of a day is 24:00."""
    whole = due + dt.timedelta(microseconds=1)
    here = due.astimezone(timezone(review.snapshot.when.zone))
    if whole.astimezone(here.tzinfo).time() == dt.time():
        here = whole.astimezone(here.tzinfo)
    return deadline(here)


def owner_text(names: Iterable[str | None]) -> str:
    """Return owners, or what else is said beside them, apart by commas; nobody where there is none."""
    told: Sequence[str] = [name for name in names if name]
    return ", ".join(told) or "nobody"
