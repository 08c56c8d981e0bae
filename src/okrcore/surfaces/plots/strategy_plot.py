"""Draw what is meant to lead to what, from KPIs and initiatives to objectives, and what the numbers say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from okrcore.conflicts.reachable import Reach
from okrcore.conflicts.sides import Scene
from okrcore.definitions.derived import series_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.pursued import pursued
from okrcore.display import clipped, mark, tone
from okrcore.display.listing import worst
from okrcore.leading.evidence import LinkEvidence
from okrcore.scoring.snapshot import Snapshot
from okrcore.surfaces.plots.captions import caption, note, say, source_of
from okrcore.surfaces.plots.figure_style import COLOURS, SMALL, TINY, drawing

MOST_NODES = 25
"""How many goals, KPIs and initiatives a picture holds."""
_HEADS = ("KPIs and initiatives", "Key results", "Objectives")
_WIDE, _HIGH, _MARK, _NAMED = 0.7, 0.62, 0.06, 3
_SAID = {
    "supported": ("good", "solid", 2.4),
    "opposed": ("bad", "solid", 2.4),
    "refuted": ("bad", "dotted", 1.4),
}
_DECLARED = ("rule", "dashed", 1.2)


@attrs.frozen
class StrategyNode:
    """A goal, KPI or initiative in a picture: its column, title, judgement, and whether it leads anywhere."""

    id: str
    column: int
    title: str
    word: str
    leads: bool = True


def plot_strategy(
    snapshot: Snapshot, *, ax: Any, evidence: Iterable[LinkEvidence] = (), source: str | None = None
) -> Any:
    """Draw what is declared to lead to what, up to the objectives; return `ax`.

    A KPI that a key result reads is drawn as that key result. `evidence` of `assess_links` says how a link is
    drawn: thick where the numbers support it, orange where they show the opposite sign, dotted where they
    rule it out, dashed where it is declared alone or undecided. A broken frame leads to no objective. It
    holds 25 boxes: of more those of the worst objectives, and the line below the title says so. What is not
    pursued is left out. Raises MissingExtraError where matplotlib is missing.

    >>> import matplotlib.figure, okrcore as okr
    >>> from okrcore.surfaces.stories import story
    >>> snapshot = okr.evaluate(*story("logistics"), as_of="2026-10-04")
    >>> ax = matplotlib.figure.Figure((16, 6)).subplots()
    >>> okr.surfaces.plot_strategy(snapshot, ax=ax).get_title(loc="left")
    '2 of 5 lead to no goal: preventive-maintenance, sorter-uptime'
    """
    portfolio = pursued(snapshot.portfolio, snapshot.not_pursued)
    every = _nodes(snapshot, portfolio)
    edges = _edges(portfolio, every, {one.link: one for one in evidence if one.link})
    shown = _kept(every, edges)
    with drawing(ax, grid=""):
        caption(
            ax,
            _title(every),
            _below(snapshot, every, shown),
            source_of(snapshot) if source is None else source,
        )
        ax.set_xticks([])
        ax.spines["bottom"].set_visible(False)
        if not shown:
            note(ax, "nothing is declared")
            return ax
        places = _places(shown, edges)
        ax.set_xlim(-0.02, 2.98)
        ax.set_ylim(0, max(height for _, height in places.values()) + 1.1)
        ax.set_yticks([])
        top = ax.get_ylim()[1]
        for column, head in enumerate(_HEADS):
            say(ax, head, (column, top), (0, -2), va="top", gid="head")
        for edge in edges:
            if edge[0] in places and edge[1] in places:
                _draw_edge(ax, places, edge)
        for one in shown:
            _draw_node(ax, places[one.id], one)
    return ax


Edge = tuple[str, str, LinkEvidence | None, bool]
"""From, to, what the numbers say, and whether it is a link: what is not one belongs together."""


def _nodes(snapshot: Snapshot, portfolio: Portfolio) -> list[StrategyNode]:
    goals = [one.id for one in portfolio.objectives]
    leading = Reach.of(Scene(portfolio, snapshot.when, snapshot.closings)).to(goals)
    read = {series_of(one, portfolio).id for one in portfolio.key_results}
    found = [
        StrategyNode(one.id, 2, one.title, snapshot.objective(one.id).status) for one in portfolio.objectives
    ]
    found += [
        StrategyNode(one.id, 1, one.title, snapshot.key_result(one.id).status)
        for one in portfolio.key_results
    ]
    for kpi in portfolio.kpis:
        if kpi.id not in read:
            state = snapshot.kpi(kpi.id)
            zone = state.judged_zone if state.bands.target else ""
            found.append(StrategyNode(kpi.id, 0, kpi.title, zone, kpi.id in leading))
    for work in portfolio.initiatives:
        status = snapshot.initiative(work.id).statuses.implementation
        found.append(StrategyNode(work.id, 0, work.title, status, work.id in leading))
    return [attrs.evolve(one, title=one.title or one.id) for one in found]


def _edges(
    portfolio: Portfolio, nodes: Sequence[StrategyNode], said: Mapping[str, LinkEvidence]
) -> list[Edge]:
    readers: dict[str, list[str]] = {}
    for result in portfolio.key_results:
        readers.setdefault(series_of(result, portfolio).id, []).append(result.id)
    known = {one.id for one in nodes}
    found: list[Edge] = []
    for link in portfolio.links:
        ends = [link.target] if link.target in known else readers.get(link.target, [])
        starts = [link.source] if link.source in known else readers.get(link.source, [])
        found += [(start, end, said.get(link.id), True) for start in starts for end in ends if start != end]
    found += [(one.id, one.objective, None, False) for one in portfolio.key_results]
    found += [(one.id, to.to, None, False) for one in portfolio.objectives for to in one.contributes_to]
    return found


def _kept(nodes: Sequence[StrategyNode], edges: Sequence[Edge]) -> list[StrategyNode]:
    """Return what is drawn: the worst objectives, each with what leads to it, as long as there is room."""
    if len(nodes) <= MOST_NODES:
        return list(nodes)
    sources: dict[str, list[str]] = {}
    for start, end, _, _ in edges:
        sources.setdefault(end, []).append(start)
    goals = [one for one in nodes if one.column == 2]
    order: dict[str, None] = {}
    for at in worst([one.word for one in goals], len(goals)):
        waiting = [goals[at].id]
        while waiting:
            name = waiting.pop()
            if name not in order:
                order[name] = None
                waiting += sorted(sources.get(name, ()), reverse=True)
    order |= dict.fromkeys(one.id for one in nodes)
    kept = set(list(order)[:MOST_NODES])
    return [one for one in nodes if one.id in kept]


def _places(shown: Sequence[StrategyNode], edges: Sequence[Edge]) -> dict[str, tuple[int, float]]:
    """Return the column and height of each box: as high as what it leads to, spread over the whole height."""
    columns = [[one for one in shown if one.column == column] for column in range(3)]
    high = max(map(len, columns))
    places: dict[str, tuple[int, float]] = {}
    for column in (2, 1, 0):
        members = columns[column]
        if column < 2:
            members = sorted(members, key=lambda one: (-_aim(one.id, places, edges), one.id))
        step = high / max(len(members), 1)
        for row, one in enumerate(members):
            places[one.id] = column, high - (row + 0.5) * step
    return places


def _aim(name: str, places: Mapping[str, tuple[int, float]], edges: Sequence[Edge]) -> float:
    heights = [places[end][1] for start, end, _, _ in edges if start == name and end in places]
    return sum(heights) / len(heights) if heights else -1.0


def _draw_edge(ax: Any, places: Mapping[str, tuple[int, float]], edge: Edge) -> None:
    start, end, told, is_link = edge
    (left, low), (right, high) = places[start], places[end]
    colour, line, wide = _SAID.get(told.verdict, _DECLARED) if told else _DECLARED
    if not is_link:
        line, wide = "solid", 1.0
    same = left == right
    begin, finish = (left + _WIDE, low), (right + (_WIDE if same else 0.0), high)
    bend = (0.35 if high > low else -0.35) if same else 0.0
    look = {"arrowstyle": "-|>", "color": COLOURS[colour], "linewidth": wide, "linestyle": line, "shrinkA": 1}
    ax.annotate(
        "", finish, xytext=begin, arrowprops={**look, "shrinkB": 1, "connectionstyle": f"arc3,rad={bend}"},
        gid=f"{start}->{end}", annotation_clip=False,
    )  # fmt: skip
    if is_link and told and told.verdict in ("supported", "opposed"):
        middle = ((begin[0] + finish[0]) / 2, (low + high) / 2)
        say(ax, told.headline, middle, colour=colour, size=TINY, ha="center", over=True, gid="verdict")


def _draw_node(ax: Any, place: tuple[int, float], one: StrategyNode) -> None:
    from matplotlib.patches import Rectangle

    column, height = place
    frame = ("rule", "-", 1.0) if one.leads else ("bad", (0, (4, 2)), 1.5)
    box = Rectangle(
        (column, height - _HIGH / 2), _WIDE, _HIGH, facecolor=COLOURS["wash" if column == 2 else "paper"],
        edgecolor=COLOURS[frame[0]], linestyle=frame[1], linewidth=frame[2], gid=one.id, zorder=2,
    )  # fmt: skip
    ax.add_patch(box)
    judged = tone(one.word)
    colour = judged if judged in ("good", "bad", "doubt", "none") else "soft"
    say(ax, mark(one.word).strip(), (column + 0.03, height), bold=True, colour=colour, gid="mark")
    inches = ax.get_window_extent().width / ax.figure.dpi
    room = int(inches / 3 * (_WIDE - _MARK - 0.05) * 72 / (SMALL * (0.58 if column == 2 else 0.52)))
    title = clipped(one.title, max(room, 8))
    say(ax, title, (column + _MARK + 0.02, height), colour="ink", bold=column == 2, gid="title")


def _title(nodes: Sequence[StrategyNode]) -> str:
    leaders = [one for one in nodes if one.column == 0]
    lost = sorted(one.id for one in leaders if not one.leads)
    if not leaders:
        return "No KPI and no initiative is declared to lead to a goal"
    if not lost:
        return f"All {len(leaders)} lead to a goal" if len(leaders) > 1 else "It leads to a goal"
    more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    verb = "leads" if len(lost) == 1 else "lead"
    return f"{len(lost)} of {len(leaders)} {verb} to no goal: {', '.join(lost[:_NAMED])}{more}"


def _below(snapshot: Snapshot, every: Sequence[StrategyNode], shown: Sequence[StrategyNode]) -> str:
    cut = f"{len(shown)} of {len(every)}, those of the worst objectives; " if len(shown) < len(every) else ""
    legend = (
        "thick: supported by the numbers; dashed: declared; dotted: ruled out; broken frame: leads to no goal"
    )
    return f"{snapshot.as_of}; {cut}{legend}"
