"""Draw on the site what pages name in a comment, `<!-- shown: state -->`: outputs of a notebook, pictures."""

from __future__ import annotations

import io
import re
from functools import cache
from typing import Any

import okrcore as okr
from okrcore.surfaces.stories import story

NAMED = re.compile(r"<!-- shown: (.+?) -->")


def shown(text: str) -> str:
    """Return the text of a page with what its comments name; other pages as they are."""
    return NAMED.sub(lambda found: f"```{{raw}} html\n{_spaced(_drawn()[found[1]])}\n```", text)


def _spaced(html: str) -> str:
    return f'<div style="margin:1em 0">{html}</div>'


@cache
def _drawn() -> dict[str, str]:
    """Return each output by its name, as HTML."""
    portfolio, history = story("logistics")
    trend = okr.evaluate_many(portfolio, history, as_of=okr.weekly("2026-01-04", "2026-10-04"))
    now, evidence = trend[-1], okr.assess_links(portfolio, history, as_of="2026-10-04")
    ahead = okr.outlook(now, evidence=evidence)
    outputs = {"state": now["throughput"], "snapshot": now, "evidence": evidence[0]}
    return {
        **{name: value._repr_html_() for name, value in outputs.items()},
        "key result": _picture(okr.surfaces.plot_key_result, trend, "throughput", outlook=ahead),
        "KPIs": _picture(okr.surfaces.plot_kpis, now, grid=(2, 2)),
        "lags": _picture(okr.surfaces.plot_lags, evidence[0]),
        "strategy": _picture(okr.surfaces.plot_strategy, now, evidence=evidence, high=6.0),
    }


def _picture(plot: Any, *values: Any, grid: tuple[int, int] = (1, 1), high: float = 3.6, **more: Any) -> str:
    """Return a picture as SVG on light paper, which shrinks with the page."""
    import matplotlib.pyplot as plt

    with plt.style.context({**okr.surfaces.STYLE, "svg.hashsalt": "okrcore"}):
        several = grid != (1, 1)
        size = (9.0, 6.0 if several else high)
        figure, axes = plt.subplots(*grid, figsize=size, gridspec_kw={"hspace": 0.8})
        plot(*values, **({"axes": axes.flat} if several else {"ax": axes}), **more)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
        plt.close(figure)
    svg = file.getvalue()
    named = f'<svg role="img" aria-label="{plot.__name__}" style="width:100%;height:auto" '
    return "".join(svg[svg.index("<svg") :].split("\n")).replace("<svg ", named, 1)
