"""Lay out links: what the numbers say about each that they can test, as an effect with its interval."""

from __future__ import annotations

from okrcore.display import clipped, counted, effect, number
from okrcore.display.blocks import Grid, GridColumn, GridRow, Lines, Row, Say, Section, Whisker
from okrcore.leading.evidence import WORST_FIRST, LinkEvidence
from okrcore.rhythm.review_result import Review

MOST_LINKS = 15
_SUPPORTS = 20
_LEDE = (
    "A dot is the effect, the whisker its 95 % interval for all lags searched. Inside the shaded part an"
    ' effect is too small to manage by. "Leads" never means "causes".'
)


def links(review: Review) -> Section:
    """Return at most 15 links that were tested, those against what was declared first, and what was not."""
    declared = {link.id: link for link in review.portfolio.links}
    tested = [one for one in review.evidence if one.link in declared and one.effect is not None]
    tested.sort(key=lambda one: (WORST_FIRST.index(one.verdict), one.link or ""))
    untested = sorted(declared.keys() - {one.link for one in tested})
    rows = [_row(one, declared[one.link or ""]) for one in tested[:MOST_LINKS]]
    more = [f"{MOST_LINKS} of {len(tested)} tested links shown."] if len(tested) > MOST_LINKS else []
    if untested:
        some = ", ".join(clipped(name, 60) for name in untested[:8])
        rest = f" and {len(untested) - 8} more" if len(untested) > 8 else ""
        more.append(f"Declared, with no series that can be compared: {some}{rest}.")
    columns = (
        GridColumn("Link, owner", "name"),
        GridColumn("Verdict", "val"),
        GridColumn("Effect, -1 to 1", "pic"),
        GridColumn("Effect, evidence", "say"),
        GridColumn("Declared", "zon"),
    )
    grid = Grid(
        columns=columns, rows=rows, caption="Links that numbers can test", kind="links", more=" ".join(more)
    )
    return Section(
        "What leads what", [grid] if rows or more else [], name="links", lede=_LEDE if rows else ""
    )


def _row(one: LinkEvidence, link: object) -> GridRow:
    low, high = one.interval or (-1.0, 1.0)
    source, target, owner, lag = (getattr(link, name) for name in ("source", "target", "owner", "lag"))
    asked = {1: "+", -1: "-"}.get(getattr(link, "sign", 0), "either way")
    lags = f", {lag}" if lag is not None else ""
    few = f"; {counted(one.needed, one.period)} to go" if one.needed else ""
    return GridRow(
        [
            Lines(Row(Say(source, "code"), Say("to"), Say(target, "code")), Say(owner or "nobody", "soft")),
            Say(one.headline, "strong" if one.verdict != "undecided" else "plain"),
            Whisker(one.effect or 0.0, low, high, one.smallest_effect, tested=one.verdict != "undecided"),
            Lines(
                Say(effect(one.effect or 0.0, low, high), "number"),
                Say(f"n {one.n}, e {number(one.e_value)} of {_SUPPORTS}{few}", "soft"),
            ),
            Say(f"{asked}{lags}", "soft"),
        ],
        word=one.verdict,
        label=one.headline,
    )
