"""Label lines at their right ends, pushed apart so that no two labels overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from okrcore.surfaces.plots.captions import plain
from okrcore.surfaces.plots.figure_style import COLOURS, SMALL

_LINE = 1.3


@attrs.frozen
class EndLabel:
    """What stands at the end of a line: its height in the axes' unit, and its lines of text."""

    at: float
    lines: tuple[str, ...]
    colour: str = COLOURS["soft"]
    bold: bool = False


def beside(ax: Any, labels: Iterable[EndLabel]) -> None:
    """Write labels at the right of `ax`, each as near to its height as the others allow.

    Limits of the axes must be set before.
    """
    told = sorted(labels, key=lambda one: one.at)
    points = 72 / ax.figure.dpi
    heights = [_LINE * SMALL * len(one.lines) for one in told]
    wanted = [ax.transData.transform((0, one.at))[1] * points for one in told]
    for one, want, place in zip(told, wanted, pushed_apart(wanted, heights), strict=True):
        ax.annotate(
            "\n".join(map(plain, one.lines)), (1, one.at), xycoords=("axes fraction", "data"),
            xytext=(5, place - want), textcoords="offset points", ha="left", va="center", fontsize=SMALL,
            color=one.colour, fontweight="bold" if one.bold else "normal", linespacing=1.2, gid="end",
            annotation_clip=False,
        )  # fmt: skip


def pushed_apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Return the nearest middles to `wanted`, which rises, that leave each its height.

    Those that would overlap stand together, around the mean of what they want (isotonic regression).

    >>> pushed_apart([0, 1, 50], [10, 10, 10])
    [-4.5, 5.5, 50.0]
    """
    below = [sum(heights[:at]) + height / 2 for at, height in enumerate(heights)]
    groups: list[tuple[float, int]] = []  # the mean of what a group wants, and how many it has
    for want, offset in zip(wanted, below, strict=True):
        mean, count = want - offset, 1
        while groups and groups[-1][0] > mean:
            before, others = groups.pop()
            mean, count = (before * others + mean * count) / (others + count), others + count
        groups.append((mean, count))
    starts = [mean for mean, count in groups for _ in range(count)]
    return [start + offset for start, offset in zip(starts, below, strict=True)]
