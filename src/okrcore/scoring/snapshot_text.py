"""Draw snapshots on a screen: goals as a tree with bars, KPIs with zones, health over time."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from okrcore.definitions.kpis import KpiBands
from okrcore.definitions.measures import Band, Checklist, Target
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import (
    Table,
    apart,
    bar,
    clipped,
    counted,
    figure,
    grid,
    mark,
    percent,
    spark,
    stroke,
    width,
    wrapped,
)
from okrcore.scoring.scoring_policy import STATUSES, ZONES, ScoringPolicy

TextRow = Mapping[str, Any]
TextColumns = dict[str, list[str]]
Bands = Mapping[str, KpiBands]


@attrs.frozen(kw_only=True)
class Look:
    """How it is drawn: how many columns and rows, in block signs or ASCII, and the words for statuses."""

    columns: int = 100
    rows: int = 60
    blocks: bool = False
    word: Callable[[str], str] = str


PLAIN = Look()
HealthRow = tuple[str, Sequence[float | None], Sequence[str], float | None, float | None]
"""An id, its numbers and statuses at each moment, and the ends of its spark (None: its own range)."""


def overview(
    as_of: dt.date | dt.datetime,
    portfolio: Portfolio,
    objectives: Table,
    key_results: Table,
    kpis: Table,
    initiatives: Table,
    bands: Bands,
    look: Look = PLAIN,
    scoring: ScoringPolicy | None = None,
) -> list[str]:
    """Return the tables of a snapshot as lines of text; what has no rows is left out.

    KPIs are shown with the `bands` that each is judged by.

    No score is rounded across one that decides a status by `scoring` (None: the defaults), no value across
    the goal or band that it is judged by.
    """
    goals, policy = [*goal_rows(portfolio, objectives, key_results)], scoring or ScoringPolicy()
    drawn = [goal_texts(row, depth, portfolio, look, policy) for depth, row in goals[: look.rows]]
    sections = [
        _section(drawn, len(goals), look),
        _section([kpi_texts(row, bands[row["id"]], look) for row in _first(kpis, look)], len(kpis), look),
        _section([initiative_texts(row, look) for row in _first(initiatives, look)], len(initiatives), look),
    ]
    lines = wrapped(
        f"As of {as_of}: {counted_goals(objectives, key_results, kpis, bands, look)}.", look.columns
    )
    for section in sections:
        lines += ["", *section] if section else []
    return lines


def health(
    moments: Sequence[dt.date | dt.datetime],
    rows: Iterable[HealthRow],
    look: Look = PLAIN,
) -> list[str]:
    """Return series over time as lines: id, a spark of the numbers, a sign for each status, the last word.

    Where there are more moments than fit, every second, third ... of them is shown, always with the last.
    """
    step = -(-2 * len(moments) // max(look.columns - 40, 2)) or 1
    shown = range((len(moments) - 1) % step, len(moments), step)
    names = ("", "health", _ruler([moments[at] for at in shown]), "status", "now")
    columns: TextColumns = {name: [] for name in names}
    for name, numbers, statuses, low, high in rows:
        texts = (
            mark(statuses[-1]),
            clipped(name, 22),
            spark([numbers[at] for at in shown], low=low, high=high, blocks=look.blocks),
            "".join(mark(statuses[at]) for at in shown),
            look.word(statuses[-1]),
        )
        for column, text in zip(names, texts, strict=True):
            columns[column].append(text)
    return [clipped(line, look.columns) for line in grid(columns)]


def _ruler(moments: Sequence[dt.date | dt.datetime]) -> str:
    """Return one sign a moment: the first letter of a month where it begins."""
    months = [moment.month for moment in moments]
    return "".join(
        "JFMAMJJASOND"[month - 1] if at == 0 or months[at - 1] != month else " "
        for at, month in enumerate(months)
    ).ljust(len("health"))


def counted_goals(objectives: Table, key_results: Table, kpis: Table, bands: Bands, look: Look) -> str:
    """Return how many goals and KPIs there are of each status and zone."""
    zones = [row["zone"] if bands[row["id"]].target else _NO_TARGET for row in kpis.select("id", "zone")]
    parts = []
    for name, found, order in (
        ("objective", objectives["status"].tolist(), STATUSES),
        ("key result", key_results["status"].tolist(), STATUSES),
        ("KPI", zones, (*ZONES, _NO_TARGET)),
    ):
        if found:
            count = Counter(found)
            each = ", ".join(f"{count[word]} {look.word(word)}" for word in order if count[word])
            parts.append(f"{counted(len(found), name)}: {each}")
    return "; ".join(parts) or "nothing is declared"


def goal_rows(portfolio: Portfolio, objectives: Table, key_results: Table) -> Iterator[tuple[int, TextRow]]:
    """Yield (depth, row) of every goal: an objective under the first that it contributes to, by id."""
    rows = {row["id"]: row for row in objectives}
    results: dict[str, list[TextRow]] = {}
    for row in key_results:
        results.setdefault(row["objective"], []).append(row)
    parents = {
        goal.id: min((to.to for to in goal.contributes_to), default=None) for goal in portfolio.objectives
    }
    below: dict[str | None, list[str]] = {}
    for name in sorted(rows, reverse=True):
        below.setdefault(parents[name], []).append(name)
    waiting = [(0, name) for name in below.get(None, ())]
    while waiting:
        depth, name = waiting.pop()
        yield depth, rows[name]
        yield from ((depth + 1, row) for row in results.get(name, ()))
        waiting += [(depth + 1, child) for child in below.get(name, ())]


def goal_texts(
    row: TextRow, depth: int, portfolio: Portfolio, look: Look, scoring: ScoringPolicy
) -> Mapping[str, str]:
    """Return what is written of a goal, by column; no number is rounded across what it is judged by."""
    note = goal_value(row, portfolio)
    return {
        "": mark(row["status"]),
        "goal": "  " * min(depth, 6) + clipped(row["id"], 24),
        "title": row["title"],
        f"{stroke(look.blocks)} due now": bar(row["score"], row["expected"], blocks=look.blocks),
        "score": scoring.score_text(row["score"]),
        "status": look.word(row["status"]),
        "value": clipped(note, 28),
    }


def goal_value(row: TextRow, portfolio: Portfolio) -> str:
    """Return the value of a key result with its unit, and of an objective how much is known."""
    if "value" not in row:
        return "" if row["coverage"] >= 1 else f"{percent(row['coverage'])} known"
    if row["value"] is None:
        return ""
    old = f", {row['observed_at']}" if row["stale"] and row["observed_at"] else ""
    measure = portfolio[row["id"]].measure
    if isinstance(measure, Checklist):
        return f"{percent(row['value'])} done{old}"
    asked = measure.goal if isinstance(measure, Target) else measure
    return f"{_beside(row['value'], asked)} {row['unit']}".rstrip() + old


def kpi_value(row: TextRow, bands: KpiBands) -> str:
    """Return the value of a KPI with its unit, "-" where it is unknown."""
    return "-" if row["value"] is None else f"{_beside(row['value'], *bands)} {row['unit']}".rstrip()


def _beside(value: float, *asked: Band | float | None) -> str:
    """Return a number with digits enough to tell it from the bounds and goals that it is judged by."""
    bands = [(one.low, one.high) if isinstance(one, Band) else (one,) for one in asked]
    return apart(value, *(bound for band in bands for bound in band if bound is not None), digits=4)[0]


def kpi_texts(row: TextRow, bands: KpiBands, look: Look) -> Mapping[str, str]:
    """Return what is written of a KPI, by column; its value is never rounded across a band."""
    target = bands.target
    value = kpi_value(row, bands)
    return {
        "": mark(row["zone"]) if target else " ",
        "KPI": clipped(row["id"], 26),
        "title": row["title"],
        "value": clipped(value, 28),
        "target": range_text(target),
        "zone": look.word(row["zone"]) if target else "-",
        "observed": str(row["observed_at"] or "-"),
    }


def range_text(band: Band | None) -> str:
    """Return a band in words; "-" for none.

    >>> range_text(Band(low=98)), range_text(Band(low=1, high=2)), range_text(None)
    ('>= 98', '1 to 2', '-')
    """
    if band is None:
        return "-"
    low, high = (None if bound is None else figure(bound) for bound in (band.low, band.high))
    return f"{low} to {high}" if low and high else f">= {low}" if low else f"<= {high}"


def initiative_texts(row: TextRow, look: Look) -> Mapping[str, str]:
    """Return what is written of an initiative, by column."""
    return {
        "": mark(row["value_status"]),
        "initiative": clipped(row["id"], 26),
        "title": row["title"],
        "work done": f"{percent(row['implementation'])} {look.word(row['implementation_status'])}",
        "effect": f"{percent(row['value'])} {look.word(row['value_status'])}",
    }


_RIGHT = {"score"}
_NARROWEST = 10
_NO_TARGET = "without target"


def _section(rows: Sequence[Mapping[str, str]], total: int, look: Look) -> list[str]:
    """Return rows of text as lines; titles give way until a line fits, or are left out."""
    if not rows:
        return []
    columns: TextColumns = {name: [row[name] for row in rows] for name in rows[0]}
    taken = sum(
        max(width(text) for text in (name, *texts)) + 2 for name, texts in columns.items() if name != "title"
    )
    room = look.columns - taken
    if room < _NARROWEST:
        del columns["title"]
    else:
        columns["title"] = [clipped(text, room) for text in columns["title"]]
    lines = [clipped(line, look.columns) for line in grid(columns, _RIGHT)]
    return lines + ([f"... {total - len(rows)} more"] if total > len(rows) else [])


def _first(table: Table, look: Look) -> Table:
    return table.take(slice(look.rows))
