"""Run the command about links: what the numbers say of each that is declared, and which are not declared."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from okrcore.definitions.moments import parse_as_of
from okrcore.display import Rows, Table, clipped, counted, effect, grid, indented, number, wrapped
from okrcore.errors import OkrError
from okrcore.leading.declared_links import assess_links
from okrcore.leading.discovery import discover_links
from okrcore.leading.evidence import WORST_FIRST, LinkEvidence
from okrcore.public_form import headed
from okrcore.surfaces.cli.commands import moment
from okrcore.surfaces.cli.screen import look, show, show_json, stage
from okrcore.surfaces.cli.settings import read_all, settled


def links(arguments: Namespace) -> None:
    """List the evidence on each declared link, worst first; with --discover the pairs that lead, too."""
    lags = _lags(arguments.lags)
    config = settled(arguments)
    goals, rates = read_all(config)
    as_of, known_at = parse_as_of(moment(arguments.as_of)), arguments.known_at
    known = {"as_of": as_of, "known_at": known_at, "rates": rates, "journal": goals.journal}
    with stage("testing links"):
        tested = assess_links(goals.declared, goals.observed, only=arguments.id or None, **known)
        found = (
            discover_links(goals.declared, goals.observed, lags=lags, q=arguments.q, **known)
            if arguments.discover
            else None
        )
    tested = Rows(sorted(tested, key=lambda one: (WORST_FIRST.index(one.verdict), one.link or "")))
    if arguments.format == "json":
        show_json(headed("links", as_of=as_of, known_at=known_at, links=tested, discovered=found))
        return
    lines = _told(tested, f"As of {as_of}")
    if found is not None:
        lines += ["", *_discovered(found)]
    if goals.history is None:
        lines += ["", "No history is given, so nothing is tested; name one with --history FILE."]
    show(lines)


def _told(tested: Sequence[LinkEvidence], when: str) -> list[str]:
    drawn = look()
    counts = {verdict: sum(one.verdict == verdict for one in tested) for verdict in WORST_FIRST}
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    total = f"{counted(len(tested), 'declared link')} ({told})" if tested else "no declared link"
    lines, shown = wrapped(f"{when}: {total}.", drawn.columns), tested[: drawn.rows]
    if not shown:
        return lines
    columns = {
        "link": [clipped(one.link or "", 46) for one in shown],
        "verdict": [one.verdict for one in shown],
        "lag": ["-" if one.lag is None else counted(one.lag, one.period) for one in shown],
        "effect": ["-" if one.effect is None else effect(one.effect) for one in shown],
        "q": [number(one.q_value) for one in shown],
        "n": [str(one.n) for one in shown],
        "needed": [str(one.needed or "-") for one in shown],
    }
    lines += ["", *grid(columns, right={"effect", "q", "n", "needed"})]
    lines += [""]
    for one in shown:
        lines += wrapped(f"{one.link} {one.sentence}", drawn.columns)
    if len(tested) > len(shown):
        lines += ["", f"... {len(tested) - len(shown)} more; --format json has all"]
    return lines


def _discovered(found: Table) -> list[str]:
    if not len(found):
        return ["No pair is found that leads."]
    return [f"{counted(len(found), 'pair')} found:", "", *indented(found.lines(look().rows))]


def _lags(text: str) -> range:
    """Return the lags that `LOW..HIGH` says; raises OkrError for what is not of that form."""
    low, _, high = text.partition("..")
    try:
        return range(int(low), int(high or low) + 1)
    except ValueError:
        raise OkrError(f"lags is {text!r}, but must be periods; give such as --lags 1..8") from None
