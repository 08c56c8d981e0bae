"""Show a snapshot and a trend as tables of at most 20 rows, the worst first, with the targets beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from okrcore.display import Table, clipped, counted, mark
from okrcore.display.blocks.block import Block, Para
from okrcore.display.blocks.grid_rows import GridColumn, GridRow
from okrcore.display.blocks.inks import Ink, Lines, Say
from okrcore.display.blocks.series_pictures import Spark, thinned
from okrcore.display.blocks.shapes import Bar
from okrcore.display.listing import MOST_ROWS, Listing, worst
from okrcore.display.notebook import card
from okrcore.scoring.snapshot import Snapshot
from okrcore.scoring.snapshot_text import (
    HealthRow,
    Look,
    TextRow,
    counted_goals,
    goal_rows,
    goal_texts,
    initiative_texts,
    kpi_texts,
)
from okrcore.scoring.trend import Trend

_COLUMNS, _TITLE, _POINTS = 1000, 80, 24


def snapshot_blocks(snapshot: Snapshot) -> Iterator[Block]:
    """Yield a snapshot: how many goals stand how, then goals, KPIs and initiatives."""
    look = Look(columns=_COLUMNS, word=snapshot.scoring.word)
    goals, results, kpis, work = (
        snapshot.objectives,
        snapshot.key_results,
        snapshot.kpis,
        snapshot.initiatives,
    )
    bands = {kpi.id: kpi.bands for kpi in snapshot.portfolio.kpis}
    sentence = f"{counted_goals(goals, results, kpis, bands, look)}."
    yield from card("snapshot", str(snapshot.as_of), sentence=sentence[:1].upper() + sentence[1:])
    count = len(goals) + len(results)
    tree = (
        goal_rows(snapshot.portfolio, goals, results) if count <= MOST_ROWS else _worst_goals(goals, results)
    )
    told = (
        (goal_texts(row, depth, snapshot.portfolio, look, snapshot.scoring), row, depth)
        for depth, row in tree
    )
    heads = ("goal", "due now", "score", "value", "status")
    yield _listing(heads, [_goal(*one) for one in told], "goals", count)
    judged = [
        row["judged_zone"] if bands[row["id"]].target else "" for row in kpis.select("id", "judged_zone")
    ]
    rows = [(judged[at], kpis.take(slice(at, at + 1)).to_dicts()[0]) for at in worst(judged)]
    shown = [_kpi(kpi_texts(row, snapshot.kpi(row["id"]).bands, look), row, word) for word, row in rows]
    yield _listing(("KPI", "value", "target", "zone", "observed"), shown, "KPIs", len(kpis))
    work = snapshot.initiatives
    order = worst(work["value_status"].tolist())
    moved = [_initiative(initiative_texts(row, look), row) for row in work.take(np.array(order, np.int64))]
    yield _listing(("initiative", "work done", "effect"), moved, "initiatives", len(work))
    if snapshot.problems:
        yield Para(f"{counted(len(snapshot.problems), 'observation')} could not be read: .problems", "note")


def trend_blocks(trend: Trend) -> Iterator[Block]:
    """Yield health over time: of each goal and KPI a picture, and how it stood at the last moments."""
    moments = trend.as_of
    if not moments:
        yield Para("A trend without moments.")
        return
    span = f"{moments[0]} to {moments[-1]}"
    yield from card("trend", span, sentence=f"{counted(len(moments), 'moment')}.")
    ids, words = trend.ids, _words(trend[len(moments) - 1])
    now = [words.get(name, "") for name in ids]
    found = [_health(trend.row(ids[at]), span) for at in worst(now)]
    yield _listing(
        ("goal", "health", f"last {min(len(moments), MOST_ROWS)}", "now"), found, "health", len(ids)
    )


def _words(snapshot: Snapshot) -> dict[str, str]:
    """Return the status of each goal, and the zone of each KPI that has a target, by id."""
    found: dict[str, str] = {}
    for table in (snapshot.objectives, snapshot.key_results):
        found |= dict(zip(table["id"].tolist(), table["status"].tolist(), strict=True))
    aimed = {kpi.id for kpi in snapshot.portfolio.kpis if kpi.target}
    zones = zip(snapshot.kpis["id"].tolist(), snapshot.kpis["zone"].tolist(), strict=True)
    return found | {name: zone for name, zone in zones if name in aimed}


def _worst_goals(goals: Table, results: Table) -> Iterator[tuple[int, TextRow]]:
    """Yield the worst of all goals, each at depth 0."""
    words = [*goals["status"].tolist(), *results["status"].tolist()]
    for at in worst(words):
        table, row = (goals, at) if at < len(goals) else (results, at - len(goals))
        yield 0, table.take(slice(row, row + 1)).to_dicts()[0]


def _goal(texts: Mapping[str, str], row: TextRow, depth: int) -> GridRow:
    bar, score = Bar(row["score"], row["expected"], texts["score"]), Say(texts["score"], "number")
    cells = (_named(row), bar, score, Say(texts["value"], "number"), Say(texts["status"]))
    return GridRow(cells, word=row["status"], depth=depth, strong="value" not in row)


def _kpi(texts: Mapping[str, str], row: TextRow, word: str) -> GridRow:
    told = (Say(texts[name], "number") for name in ("value", "target", "zone", "observed"))
    return GridRow((_named(row), *told), word=word)


def _initiative(texts: Mapping[str, str], row: TextRow) -> GridRow:
    return GridRow((_named(row), Say(texts["work done"]), Say(texts["effect"])), word=row["value_status"])


def _health(row: HealthRow, span: str) -> GridRow:
    name, numbers, statuses, _, _ = row
    picture = Spark(values=tuple(thinned(numbers, _POINTS)), label=f"{name}, {span}", status=statuses[-1])
    strip = "".join(mark(status) for status in statuses[-MOST_ROWS:])
    cells = (Say(clipped(name, _TITLE), "code"), picture, Say(strip, "code"), Say(statuses[-1]))
    return GridRow(cells, word=statuses[-1])


def _named(row: TextRow) -> Ink:
    name = Say(clipped(row["id"], _TITLE), "code")
    return Lines(Say(clipped(row["title"], _TITLE)), name) if row["title"] else name


def _listing(heads: Sequence[str], rows: Sequence[GridRow], caption: str, count: int) -> Listing:
    return Listing([GridColumn(name) for name in heads], rows, caption, count, "the worst first")
