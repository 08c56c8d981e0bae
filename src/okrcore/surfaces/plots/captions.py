"""Write what a picture says around its axes: a title, a line below it, and where the numbers are from."""

from __future__ import annotations

from typing import Any

import okrcore
from okrcore.display import clipped, one_line, wrapped
from okrcore.history.history import History
from okrcore.scoring.snapshot import Snapshot
from okrcore.surfaces.plots.figure_style import COLOURS, SMALL, halo

_TITLE, _PANEL, _BELOW, _SOURCE = 12, 10.5, 9.5, 8
_MOST_LINES = 2


def caption(
    ax: Any, title: str, below: str = "", source: str = "", *, foot: float = 30, panel: bool = False
) -> None:
    """Write the title and the line below it over `ax`, and the source `foot` points under it.

    Lines are broken at the width of the axes; what does not fit into two is cut, of a `panel` into one.
    """
    size, most = (_PANEL, 1) if panel else (_TITLE, _MOST_LINES)
    lines = fitted(ax, below, _BELOW)
    rise = 1.35 * _BELOW * len(lines)
    said = "\n".join(map(plain, fitted(ax, title, size, bold=True, most=most)))
    ax.set_title(
        said, loc="left", pad=11 + rise, fontsize=size, fontweight="bold", color=COLOURS["ink"],
        linespacing=1.2,
    )  # fmt: skip
    say(ax, "\n".join(lines), (0, 1), (0, 7), size=_BELOW, va="bottom", within="axes", gid="below")
    where = "\n".join(fitted(ax, source, _SOURCE))
    say(ax, where, (0, 0), (0, -foot), size=_SOURCE, va="top", within="axes", gid="source")


def say(
    ax: Any,
    text: str,
    at: tuple[float, float],
    by: tuple[float, float] = (0, 0),
    *,
    gid: str,
    colour: str = "soft",
    size: float = SMALL,
    bold: bool = False,
    ha: str = "left",
    va: str = "center",
    within: str = "data",
    over: bool = False,
) -> None:
    """Write a text, of one or more lines, `by` so many points away from a place in the data or the axes.

    `over` lines it has a halo, so that they do not run through it. No text writes nothing.
    """
    if not text:
        return
    ax.annotate(
        "\n".join(map(plain, text.split("\n"))), at, xytext=by, textcoords="offset points", ha=ha, va=va,
        xycoords="axes fraction" if within == "axes" else "data", annotation_clip=False, fontsize=size,
        fontweight="bold" if bold else "normal", color=COLOURS[colour], linespacing=1.25, gid=gid, zorder=5,
        path_effects=halo() if over else None,
    )  # fmt: skip


def fitted(ax: Any, text: str, size: float, *, bold: bool = False, most: int = _MOST_LINES) -> list[str]:
    """Return a text as at most so many lines that are about as wide as the axes."""
    inches = ax.get_window_extent().width / ax.figure.dpi
    columns = max(int(inches * 72 / (size * (0.58 if bold else 0.5))), 16)
    lines = wrapped(one_line(text), columns) if text else []
    if len(lines) > most:
        lines = [*lines[: most - 1], clipped(" ".join(lines[most - 1 :]), columns)]
    return lines


def plain(text: str) -> str:
    """Return a text on one line, whose dollar signs are no formula to matplotlib."""
    return one_line(text).replace("$", r"\$")


def source_of(snapshot: Snapshot) -> str:
    """Return where the numbers of a snapshot are from: the root of its history, the moment, the version."""
    root = snapshot.history.recorded.root if isinstance(snapshot.history, History) else ""
    count, _, digest = root.partition(":")
    history = f"history {count}:{digest[:8]}, " if digest else ""
    return f"Source: {history}as of {snapshot.as_of}. okrcore {okrcore.__version__}"


def note(ax: Any, text: str) -> None:
    """Write in the middle of empty axes why there is nothing to draw."""
    ax.set_xticks([])
    ax.set_yticks([])
    say(ax, "\n".join(fitted(ax, text, SMALL)), (0.5, 0.5), ha="center", within="axes", gid="note")
