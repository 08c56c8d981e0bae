"""Draw the lags of a link: what its numbers say at each, and by which bound it was ruled out (S9.4)."""

from __future__ import annotations

from typing import Any

from okrcore.display import number
from okrcore.leading.evidence import LagEvidence, LinkEvidence
from okrcore.surfaces.plots.captions import caption, note, say
from okrcore.surfaces.plots.figure_style import COLOURS, TINY, dot, drawing
from okrcore.surfaces.plots.line_ends import EndLabel, beside

_TOP = 0.72
_TONES = {"supported": "good", "opposed": "bad"}


def plot_lags(evidence: LinkEvidence, *, ax: Any, source: str = "") -> Any:
    """Draw at each lag the correlation, its interval, and the bound that rules the link out; return `ax`.

    The title is the verdict; `source` says under the axes where the numbers are from. The lag that the
    verdict names is filled. Raises MissingExtraError where matplotlib is missing.

    >>> import matplotlib.figure, numpy as np, okrcore as okr
    >>> kpi, noise = np.random.default_rng(0).standard_normal((2, 80))
    >>> found = okr.assess_link(kpi, np.roll(kpi, 3) + noise, lags=range(1, 7))
    >>> okr.surfaces.plot_lags(found, ax=matplotlib.figure.Figure((16, 4)).subplots()).get_title(loc="left")
    'The series leads by 3 periods'
    """
    source_id, _, target = (evidence.link or "").partition("->")
    who = f"{source_id} to {target}:" if target else f"{evidence.link}:" if evidence.link else "The series"
    with drawing(ax):
        caption(ax, f"{who} {evidence.headline}", _below(evidence), source, foot=46)
        if not evidence.per_lag:
            note(ax, evidence.sentence)
            return ax
        low, high = -evidence.smallest_effect, evidence.smallest_effect
        ax.axhspan(low, high, color=COLOURS["limit"], linewidth=0)
        ax.axhline(0, color=COLOURS["rule"], linewidth=0.8)
        for place, one in enumerate(evidence.per_lag):
            _draw_lag(ax, evidence, place, one)
        ax.set_xlim(-0.6, len(evidence.per_lag) - 0.4)
        ax.set_xticks(range(len(evidence.per_lag)), [str(one.lag) for one in evidence.per_lag])
        ax.set_ylim(-1, 1)
        ax.set_yticks(
            [tick / 4 for tick in range(-4, 5)],
            [f"{tick / 4:+.2f}" if tick else "0" for tick in range(-4, 5)],
        )
        answers = f"how much later {target} answers" if target else "how much later the other series answers"
        foot = f"lag in {evidence.period}s: {answers}. Short stroke: the bound by which a lag is ruled out"
        say(ax, foot, (0, 0), (0, -20), size=TINY, va="top", within="axes", gid="foot")
        small = f"(below {evidence.smallest_effect:g})"
        beside(ax, [EndLabel(0.0, ("too small", "to manage by", small))])
    return ax


def _below(evidence: LinkEvidence) -> str:
    what = "the source's level with what" if evidence.basis == "level" else "what"
    past = (
        "the target's own past leaves" if evidence.basis == "level" else "neither series' own past explains"
    )
    lags = f"{len(evidence.per_lag)} lags" if len(evidence.per_lag) != 1 else "the lag"
    numbers = f"n {evidence.n}, e-value {number(evidence.e_value)} of 20"
    return f"Correlation of {what} {past}; bars: 95 % interval for all {lags} together; {numbers}"


def _draw_lag(ax: Any, evidence: LinkEvidence, place: int, one: LagEvidence) -> None:
    named = one.lag == evidence.lag and evidence.verdict in _TONES
    tone = _TONES[evidence.verdict] if named else "none"
    colour = COLOURS[tone] if named else COLOURS["data"]
    ax.plot([place, place], one.interval, color=colour, linewidth=2.4 if named else 1.5, gid="interval")
    refuted = evidence.verdict == "refuted"
    ax.plot(
        [place - 0.09, place + 0.09], [one.bound, one.bound], linewidth=2,
        color=COLOURS["bad"] if refuted else COLOURS["rule"], gid="bound",
    )  # fmt: skip
    look = dot(tone, 8 if named else 6) | {"markeredgecolor": colour, "markeredgewidth": 1.5}
    ax.plot([place], [one.correlation], **look, zorder=3, gid="lag")
    if named and evidence.interval is not None and evidence.effect is not None:
        above = one.interval[1] < _TOP
        low, high = evidence.interval
        said = f"{evidence.effect:+.2f}\n({low:+.2f} to {high:+.2f})"
        spot, va = ((place, one.interval[1]), "bottom") if above else ((place, one.interval[0]), "top")
        say(
            ax, said, spot, (0, 5 if above else -5), colour="ink", bold=True, ha="center", va=va, over=True,
            gid="effect",
        )  # fmt: skip
