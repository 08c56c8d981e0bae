"""Define the evidence on one link: what two series say about it (S9)."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs

from okrcore.display import brief, card, effect, figure, fragment, number
from okrcore.display.blocks import Whisker

WORST_FIRST = ("refuted", "decayed", "opposed", "undecided", "supported")
"""What the evidence on a link can say, in the one order of reviews, reports and `okrcore links`."""


@attrs.frozen(kw_only=True)
class LagEvidence:
    """What the data say at one lag, for pictures.

    `correlation` of the innovations, -1..1, raw sign, with `df` degrees of freedom. A link is significant
    where some lag's correlation is beyond its `critical` value on the side asked (corrected for the lags
    looked at), and refuted where the `upper` bound of the effect as asked is below the smallest effect of
    interest at every lag. `interval`, -1..1, holds for all lags looked at together, and leaves out 0 where
    the lag is significant. `bound` is the one-sided bound that decided, raw sign: of the side asked, of the
    other one where that is significant, and of the side of the correlation where both were asked.
    """

    lag: int
    correlation: float
    df: float
    critical: float
    upper: float
    interval: tuple[float, float]
    bound: float


@attrs.frozen(kw_only=True, repr=False)
class LinkEvidence:
    """Evidence on one link: "the source leads the target by `lag` periods".

    `link` is the link's id, None for bare series. `verdict`, the first that holds: "undecided" (too little
    data, or `note` says what else explains it) | "refuted" (below `smallest_effect` at every lag) |
    "supported" | "opposed" (significant with the opposite sign: a conflict) | "undecided"; "decayed" was
    supported and has ended. `sign` is the one asked for, 0 both.

    `lag` is in periods of the grid, `lag_set` all lags the data cannot tell from it. `effect` is the
    correlation there, -1..1, raw sign, and `interval` that of the strongest effect over all lags asked: it
    leaves out 0 where the link is supported or opposed. Both are of the direction that the verdict names.
    `slope` is in target units per source unit (an elasticity where logs were taken). These are None where
    the series hold no information (flat, no overlap). `per_lag` holds every lag that was asked.

    `p_value` is corrected for the lags, 0..1; look at it once. `q_value` is corrected for all links that
    were assessed together as well, None for one alone. `e_value` may be looked at every period and
    supports at 20; it is at most 1 where the verdict is refuted, or undecided for a reason. `n` counts the
    common periods, `df` the degrees of freedom left. `decayed_at` is the first period without the link: an
    index into the series, a date where a calendar is known. `needed` says how many more periods would
    decide with 80 % probability, were the link as strong as it looks: 0 when decided, None when unknown.
    `basis` is "innovations", or "level" for a persistent source of a nearly white target. `note` says why
    nothing was decided, or what else to know.
    """

    verdict: str
    lag: int | None
    lag_set: tuple[int, ...]
    effect: float | None
    interval: tuple[float, float] | None
    slope: float | None
    p_value: float
    e_value: float
    n: int
    df: float
    needed: int | None
    decayed_at: int | date | None = None
    link: str | None = None
    sign: int = 1
    lags: tuple[int, ...] = ()
    period: str = "period"
    p_opposite: float = 1.0
    inflation: float = 1.0
    basis: str = "innovations"
    q_value: float | None = None
    note: str = ""
    smallest_effect: float = 0.3
    per_lag: tuple[LagEvidence, ...] = ()

    def as_row(self) -> dict[str, Any]:
        """Return its columns as a row of a table."""
        names = ("link", "verdict", "lag", "effect", "p_value", "q_value", "e_value", "n", "needed", "note")
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        return brief(self, f"{self.link or 'two series'}: {self.headline}")

    def _repr_html_(self) -> str:
        named = self.link or "two series"
        picture = None
        if self.effect is not None and self.interval is not None:
            picture = Whisker(self.effect, *self.interval, self.smallest_effect)
        facts = {
            "lag": f"{self.lag} {self.period}{'' if self.lag == 1 else 's'}" if self.lag is not None else "",
            "effect": "" if self.effect is None else effect(self.effect, *(self.interval or ())),
            "p, once": number(self.p_value),
            "e-value": f"{number(self.e_value)} of 20",
            "n": str(self.n),
            "slope": "" if self.slope is None else figure(self.slope),
            "periods that would decide": str(self.needed) if self.needed else "",
        }
        shown = card(
            "link", named, title=f"{named}: {self.headline}", word=self.verdict, sentence=self.note,
            picture=picture, facts=facts.items(),
        )  # fmt: skip
        return fragment(f"evidence on {named}", shown)

    @property
    def headline(self) -> str:
        """The verdict in a few words, without its numbers.

        >>> LinkEvidence(verdict="refuted", lag=4, lag_set=(4,), effect=0.03, interval=(-0.2, 0.25),
        ...              slope=0.1, p_value=0.6, e_value=0.2, n=104, df=97.0, needed=0).headline
        'does not lead'
        """
        by = f" by {self.lag} {self.period}{'' if self.lag == 1 else 's'}" if self.lag else ""
        words = {
            "supported": f"leads{by}" if by else "moves with it",
            "opposed": f"leads the other way{by}" if by else "moves the other way",
            "refuted": "does not lead",
            "decayed": "no longer leads",
        }
        few = "undecided" if self.note and self.needed is None else "too little data"
        return words.get(self.verdict, few)

    @property
    def sentence(self) -> str:
        """The verdict in words; it says "leads" ("moves with" at lag 0) and never "causes".

        >>> LinkEvidence(verdict="refuted", lag=4, lag_set=(4,), effect=0.03, interval=(-0.2, 0.25),
        ...              slope=0.1, p_value=0.6, e_value=0.2, n=104, df=97.0, needed=0,
        ...              lags=(2, 3, 4)).sentence
        'does not lead at lags 2..4: effect +0.03 (95 % interval -0.20..+0.25), p 0.6, n 104'
        """
        if self.effect is None or self.interval is None or self.lag is None:
            return f"undecided: {self.note or 'the series hold no information'}"
        p = self.p_opposite if self.verdict == "opposed" else self.p_value
        q = "" if self.q_value is None or self.verdict != "supported" else f", q {_probability(self.q_value)}"
        numbers = (
            f"effect {self.effect:+.2f} (95 % interval {self.interval[0]:+.2f}..{self.interval[1]:+.2f}),"
            f" p {_probability(p)}{q}, n {self.n}"
        )
        at, by = _at(self.lags), f"by {self.lag} {self.period}{'' if self.lag == 1 else 's'}"
        leads, led = (f"leads {by}", f"led {by}") if self.lag else ("moves with it", "moved with it")
        note = f"; {self.note}" if self.note else ""
        words = {
            "supported": f"{leads}: {numbers}{note}",
            "opposed": f"{leads} against the declared sign: {numbers}{note}",
            "refuted": f"does not lead {at}: {numbers}{note}",
            "decayed": f"{led} until {self.decayed_at}: {numbers}",
        }
        more = f"; about {self.needed} more {self.period}s would decide" if self.needed else ""
        if self.verdict == "undecided" and self.needed is None and self.note:
            return f"undecided {at}: {self.note} (effect {self.effect:+.2f}, n {self.n})"
        return words.get(self.verdict, f"undecided {at}: {numbers}{note}{more}")


def _at(lags: tuple[int, ...]) -> str:
    if not lags:
        return "at the lags asked"
    return f"at lag {lags[0]}" if len(lags) == 1 else f"at lags {lags[0]}..{lags[-1]}"


def _probability(p: float) -> str:
    return "below 0.0001" if p < 1e-4 else f"{p:.2g}"
