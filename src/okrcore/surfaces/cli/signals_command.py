"""Run the command about signals: what moved beyond chance, and what turned for the worse."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from okrcore.definitions.moments import parse_as_of
from okrcore.display import clipped, counted, indented, wrapped
from okrcore.errors import OkrError
from okrcore.monitoring.dip import Dip
from okrcore.monitoring.found_dips import dips
from okrcore.monitoring.signal_table import newest_points, signals_of
from okrcore.public_form import headed
from okrcore.surfaces.cli.commands import moment
from okrcore.surfaces.cli.screen import look, show, show_json, stage
from okrcore.surfaces.cli.settings import read_all, settled


def signals(arguments: Namespace) -> None:
    """List what dipped in the last weeks, and how each KPI and key result lies within its limits.

    With --id the whole chart of one of them.
    """
    config = settled(arguments)
    if arguments.weeks < 1:
        raise OkrError(f"weeks is {arguments.weeks}, but must be 1 or more; give such as --weeks 13")
    goals, rates = read_all(config)
    as_of, known_at = parse_as_of(moment(arguments.as_of)), arguments.known_at
    only = [arguments.id] if arguments.id else None
    with stage("charting"):
        points = signals_of(
            goals.declared,
            goals.observed,
            as_of=as_of,
            known_at=known_at,
            only=only,
            rates=rates,
            journal=goals.journal,
        )
        found = dips(
            goals.declared, goals.observed, as_of=as_of, known_at=known_at, weeks=arguments.weeks,
            journal=goals.journal,
            only=only, rates=rates,
        )  # fmt: skip
    shown = points if arguments.id else newest_points(points)
    if arguments.format == "json":
        moments = {"as_of": as_of, "known_at": known_at, "weeks": arguments.weeks}
        show_json(headed("signals", **moments, dips=found, points=shown))
        return
    lines = _told(found, f"As of {as_of}, in the last {counted(arguments.weeks, 'week')}")
    most = None if arguments.id else look().rows
    lines += ["", *(shown.lines(most) if len(shown) else ["Nothing is observed."])]
    if goals.history is None:
        lines += ["", "No history is given, so nothing is known; name one with --history FILE."]
    show(lines)


def _told(found: Sequence[Dip], when: str) -> list[str]:
    drawn = look()
    lines = wrapped(f"{when}: {counted(len(found), 'dip') if found else 'no dips'}.", drawn.columns)
    for one in found[: drawn.rows]:
        late = ", as late news" if one.late else ""
        lines += ["", clipped(one.sentence, drawn.columns)]
        limits = "" if one.low is None else f", limits {one.low:.4g} to {one.high:.4g}"
        told = f"value {one.value:.4g}{limits}; shown {one.shown:%Y-%m-%d %H:%M} UTC{late}"
        told += f"; goals {', '.join(one.goals)}" if one.goals else ""
        told += f"; {', '.join(one.owners)}" if one.owners else ""
        lines += indented(wrapped(told, drawn.columns - 4), 4)
    if len(found) > drawn.rows:
        lines += ["", f"... {len(found) - drawn.rows} more; --format json has all"]
    return lines
