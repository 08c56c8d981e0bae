"""Draw who goes before whom: each conflict at its winner and its loser, as large as its degree (S13, S14)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from okrcore.conflicts.decision import Decision
from okrcore.display import clipped, counted
from okrcore.surfaces.plots.captions import caption, note, plain, say
from okrcore.surfaces.plots.figure_style import COLOURS, TINY, drawing

MOST_SIDES = 12
_SMALLEST, _LARGEST = 300.0, 1500.0


def plot_conflicts(decisions: Iterable[Decision], *, ax: Any, source: str = "") -> Any:
    """Draw each decision where its winner's row meets its loser's column; return `ax`.

    A disc is as large as the conflict's degree. A diamond, in doubt, is one that nobody may decide by rule:
    its sides stand in their order. Of more than 12 winners or losers those with the hardest conflicts are
    drawn, and the line below the title says so.
    Raises MissingExtraError where matplotlib is missing.

    >>> import matplotlib.figure, okrcore as okr
    >>> from okrcore.surfaces.stories import story
    >>> portfolio, history = story("logistics")
    >>> now = okr.evaluate(portfolio, history, as_of="2026-10-04")
    >>> found = okr.find_conflicts(portfolio, history, as_of="2026-10-04", snapshot=now)
    >>> decided = okr.resolve(found, portfolio, snapshot=now)
    >>> ax = okr.surfaces.plot_conflicts(decided, ax=matplotlib.figure.Figure((16, 4)).subplots())
    >>> ax.get_title(loc="left")
    '1 of 3 conflicts needs managing-director'
    """
    all_of = sorted(decisions, key=lambda one: (not one.escalates, -one.conflict.degree, one.conflict.id))
    with drawing(ax, grid=""):
        kept, rows, columns = _kept(all_of)
        caption(ax, _title(all_of), _below(all_of, kept), source, foot=10)
        ax.spines["bottom"].set_visible(False)
        if not kept:
            note(ax, "no conflict was found")
            return ax
        for row in range(len(rows)):
            ax.axhline(-row, color=COLOURS["limit"], linewidth=1, zorder=0)
        for column in range(len(columns)):
            ax.axvline(column, color=COLOURS["limit"], linewidth=1, zorder=0)
        for one in kept:
            winner, loser = _sides(one)
            _draw(ax, columns.index(loser), -rows.index(winner), one)
        ax.set_xlim(-0.6, len(columns) - 0.4)
        ax.set_ylim(-len(rows) + 0.3, 0.6)
        ax.set_yticks([-row for row in range(len(rows))], [plain(clipped(name, 24)) for name in rows])
        ax.set_xticks(range(len(columns)), [plain(clipped(name, 22)) for name in columns])
        ax.tick_params(axis="both", labelcolor=COLOURS["ink"], length=0)
        ax.tick_params(axis="x", labelrotation=0 if len(columns) < 5 else 30)
    return ax


def _sides(one: Decision) -> tuple[str, str]:
    """Return who goes before whom; the sides in their order where nobody wins."""
    if one.winner is not None and one.loser is not None:
        return one.winner, one.loser
    return one.conflict.sides[0], one.conflict.sides[-1]


def _kept(decisions: Sequence[Decision]) -> tuple[list[Decision], list[str], list[str]]:
    """Return the decisions that are drawn, with their rows and columns in order."""
    kept: list[Decision] = []
    rows: list[str] = []
    columns: list[str] = []
    for one in decisions:
        winner, loser = _sides(one)
        if len({*rows, winner}) > MOST_SIDES or len({*columns, loser}) > MOST_SIDES:
            continue
        kept.append(one)
        rows += [winner] if winner not in rows else []
        columns += [loser] if loser not in columns else []
    return kept, rows, columns


def _draw(ax: Any, column: int, row: int, one: Decision) -> None:
    degree, open_ = one.conflict.degree, one.escalates
    size = _SMALLEST + (_LARGEST - _SMALLEST) * degree
    ax.scatter(
        [column], [row], s=[size], marker="D" if open_ else "o", zorder=2, gid=one.conflict.id,
        facecolor=COLOURS["paper" if open_ else "fan"], edgecolor=COLOURS["doubt" if open_ else "rule"],
        linewidth=1.6 if open_ else 0.9,
    )  # fmt: skip
    say(ax, f"{degree:.2f}", (column, row), ha="center", colour="ink", gid="degree")
    to = f"\nto {one.escalate.to}" if open_ and one.escalate else ""
    reach = size**0.5 / 2 * (1.35 if open_ else 1)
    place = (column, row)
    say(ax, f"{one.conflict.kind}{to}", place, (0, -reach - 2), size=TINY, ha="center", va="top", gid="kind")


def _title(decisions: Sequence[Decision]) -> str:
    """Return how many conflicts need somebody, and whom; else that rules decided all of them."""
    asked = [one for one in decisions if one.escalates]
    if not decisions:
        return "No goal is in another's way"
    if not asked:
        return f"{counted(len(decisions), 'conflict')}, decided by rule"
    people = sorted({one.escalate.to for one in asked if one.escalate})
    whom = people[0] if len(people) == 1 else "somebody" if not people else f"{len(people)} people"
    verb = "needs" if len(asked) == 1 else "need"
    return f"{len(asked)} of {counted(len(decisions), 'conflict')} {verb} {whom}"


def _below(decisions: Sequence[Decision], kept: Sequence[Decision]) -> str:
    rules = sorted({one.rule for one in kept if one.rule and not one.escalates})
    by = f" by rule {rules[0]}" if len(rules) == 1 else ""
    asked = "; a diamond: no rule may decide" if any(one.escalates for one in kept) else ""
    cut = f"; {len(kept)} of {len(decisions)}, the hardest" if len(kept) < len(decisions) else ""
    return f"Row goes before column{by}; number and size: degree, 1 the hardest{asked}{cut}"
