"""Lay out KPIs: breaches and signals first, each within the limits of its process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from okrcore.display import counted
from okrcore.display.blocks import Grid, GridColumn, GridRow, Lines, Marked, Say, Section, Xmr
from okrcore.monitoring.series_chart import moving
from okrcore.monitoring.signal_rules import judged_assurance
from okrcore.monitoring.signal_table import signals_of
from okrcore.monitoring.signal_words import ASSURANCE_WORDS, RULE_WORDS
from okrcore.rhythm.review_result import Review
from okrcore.scoring.scoring_policy import ZONES
from okrcore.scoring.snapshot_text import kpi_value, range_text
from okrcore.surfaces.review_page.week_blocks import owner_text

MOST_KPIS = 24
MOST_POINTS = 60
_MEANINGS = ("concern", "neutral", "improvement", None)
_LEDE = (
    "Grey band: where values fall by chance. Blue discs improve, orange squares worsen; anything else is"
    " noise. A step in the band is a new process."
)
Row = Mapping[str, Any]


def kpis(review: Review) -> Section:
    """Return at most 24 KPIs, breaches and signals first, and how many more there are."""
    snapshot = review.snapshot
    newest = {row["id"]: row for row in review.signals}
    listed = sorted(snapshot.kpis, key=lambda row: _rank(row, newest.get(row["id"])))
    shown = listed[:MOST_KPIS]
    charted = _charted(review, [row["id"] for row in shown])
    rows = [_row(review, row, charted.get(row["id"], ())) for row in shown]
    columns = (
        GridColumn("KPI, owner", "name"),
        GridColumn("Now, target", "val"),
        GridColumn("Zone", "zon"),
        GridColumn("Limits of the process", "pic"),
        GridColumn("Signal, and what to expect", "say"),
    )
    left = len(listed) - len(shown)
    more = (
        f"And {counted(left, 'KPI')}, those without a signal last: okrcore signals has all." if left else ""
    )
    grid = Grid(columns=columns, rows=rows, caption=f"KPIs on {review.as_of}", kind="kpis", more=more)
    return Section("KPIs", [grid] if rows else [], name="kpis", lede=_LEDE)


def _rank(row: Row, newest: Row | None) -> tuple[object, ...]:
    meaning = newest["meaning"] if newest else None
    zone = row["judged_zone"]
    bad = ("breached", "watch").index(zone) if zone in ("breached", "watch") else len(ZONES)
    return bad, _MEANINGS.index(meaning), row["id"]


def _charted(review: Review, ids: Sequence[str]) -> Mapping[str, Sequence[Row]]:
    snapshot = review.snapshot
    table = signals_of(
        snapshot.portfolio if snapshot.declared is None else snapshot.declared,
        snapshot.history,
        as_of=review.as_of,
        known_at=snapshot.when.known,
        only=ids,
        rates=snapshot.rates,
        journal=snapshot.journal,
    )
    found: dict[str, list[Row]] = {}
    for row in table:
        found.setdefault(row["id"], []).append(row)
    return {name: rows[-MOST_POINTS:] for name, rows in found.items()}


def _row(review: Review, row: Row, points: Sequence[Row]) -> GridRow:
    state = review.snapshot.kpi(row["id"])
    kpi, target = state.goal, state.bands.target
    word = review.snapshot.scoring.word
    paid = "bonus" if kpi.incentivised else None
    zone = row["judged_zone"] if target else ""
    asked = f"target {range_text(target)}" if target else "no target"
    return GridRow(
        [
            Lines(Say(kpi.title or kpi.id), Say(owner_text([kpi.owner, paid]), "soft")),
            Lines(Say(kpi_value(row, state.bands)), Say(asked, "soft")),
            Say(word(zone) if zone else "", "strong" if zone == "breached" else "plain"),
            _picture(kpi.title or kpi.id, points, state.recovering),
            _signal(state, points),
        ],
        word=zone,
        label=word(zone) if zone else None,
    )


def _picture(title: str, points: Sequence[Row], meant: bool) -> Xmr | Say:
    if len(points) < 2:
        return Say("too little for a picture", "soft")
    held = [{**one, "low": None, "high": None, "meaning": None} if meant else one for one in points]
    moved = moving(held[-1]["meaning"])
    return Xmr(
        values=tuple(one["value"] for one in held),
        low=tuple(_within(one["low"], held) for one in held),
        high=tuple(one["high"] for one in held),
        meanings=tuple(one["meaning"] or "" for one in held),
        label=f"{title}: {moved}",
    )


def _within(low: float | None, points: Sequence[Row]) -> float | None:
    """Return a limit that stops at 0 where no value lies below it."""
    return None if low is None else max(low, 0.0) if all(one["value"] >= 0 for one in points) else low


def _signal(state: Any, points: Sequence[Row]) -> Lines | Say:
    if state.recovering:
        return Say("meant to move, so no limits", "soft")
    if not points or points[-1]["low"] is None:
        return Say("too few values for limits", "soft")
    last = points[-1]
    moved = moving(last["meaning"])
    rule = ""
    if last["signal"]:
        run = 0
        for one in reversed(points):
            if (one["signal"], one["meaning"]) != (last["signal"], last["meaning"]):
                break
            run += 1
        rule = RULE_WORDS[last["signal"]]
        rule = f"{run} {rule}" if last["signal"] in ("trend", "shift") else rule
    held = judged_assurance(last["low"], last["high"], state.bands.target, None)
    told = ", ".join(filter(None, (rule, ASSURANCE_WORDS[held] if held else "")))
    return Lines(Marked("~" if moved == "moving" else moved, label=moved), Say(told, "soft"))
