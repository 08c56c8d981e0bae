"""Dress axes for a picture: the style of every plot as one value, used while it is drawn and never after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from okrcore.display.palette import LIGHT
from okrcore.errors import MissingExtraError
from okrcore.frozen import FrozenDict

COLOURS = LIGHT
"""Figures are drawn on light paper."""

STYLE: Mapping[str, Any] = FrozenDict(
    {
        "figure.facecolor": COLOURS["paper"],
        "savefig.bbox": "tight",
        "font.family": "sans-serif",
        "font.sans-serif": ("Segoe UI", "Helvetica Neue", "Arial", "Liberation Sans", "DejaVu Sans"),
        "font.size": 9.5,
        "text.color": COLOURS["ink"],
        "axes.facecolor": COLOURS["paper"],
        "axes.edgecolor": COLOURS["rule"],
        "axes.labelcolor": COLOURS["soft"],
        "axes.labelsize": 9,
        "axes.titlesize": 12,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "grid.color": COLOURS["limit"],
        "grid.linewidth": 0.7,
        "xtick.labelcolor": COLOURS["soft"],
        "ytick.labelcolor": COLOURS["soft"],
        "xtick.color": COLOURS["rule"],
        "ytick.color": COLOURS["rule"],
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "ytick.major.size": 0,
        "lines.linewidth": 1.7,
        "lines.solid_capstyle": "round",
        "legend.frameon": False,
    }
)
"""The look of a figure, for `plt.style.context(STYLE)` around the making of it; never set globally."""

SHAPES: Mapping[str, str] = FrozenDict({"good": "o", "doubt": "D", "bad": "s", "none": "o", "calm": "o"})
"""What a judgement is drawn as, so that no colour says it alone: a disc, a diamond, a square, a ring."""

SMALL, TINY = 9, 8
"""Sizes of labels and of what stands under them, in points."""


@contextmanager
def drawing(ax: Any, *, grid: str = "y") -> Iterator[None]:
    """Draw with the style, on `ax` dressed for it; raises MissingExtraError where matplotlib is missing."""
    try:
        from matplotlib import rc_context
    except ImportError:
        raise MissingExtraError.of("matplotlib", "plots") from None
    with rc_context(dict(STYLE)):
        for side in ("top", "right", "left"):
            ax.spines[side].set_visible(False)
        ax.spines["bottom"].set_color(COLOURS["rule"])
        ax.spines["bottom"].set_linewidth(0.7)
        ax.set_facecolor(COLOURS["paper"])
        ax.set_axisbelow(True)
        ax.grid(False)
        if grid:
            ax.grid(True, axis=grid, color=COLOURS["limit"], linewidth=0.7)
        ax.tick_params(axis="x", color=COLOURS["rule"], labelcolor=COLOURS["soft"], labelsize=SMALL, length=3)
        ax.tick_params(axis="y", color=COLOURS["rule"], labelcolor=COLOURS["soft"], labelsize=SMALL, length=0)
        yield


def halo() -> list[Any]:
    """Return the path effect of a text that lines may run behind."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=3, foreground=COLOURS["paper"])]


def dot(tone: str, size: float = 7) -> dict[str, Any]:
    """Return how a point of a judgement is drawn."""
    colour = COLOURS["data"] if tone == "calm" else COLOURS[tone]
    return {
        "marker": SHAPES[tone],
        "markersize": size * (0.85 if tone == "doubt" else 1),
        "markerfacecolor": COLOURS["paper"] if tone == "none" else colour,
        "markeredgecolor": colour,
        "linestyle": "none",
    }
