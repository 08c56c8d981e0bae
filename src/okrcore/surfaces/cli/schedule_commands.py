"""Run the commands about time: what slipped milestones do, and who owes what by when."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from okrcore.definitions.days import to_instant
from okrcore.errors import DefinitionError
from okrcore.public_form import headed
from okrcore.rhythm.acting import actions as owed
from okrcore.rhythm.action_text import lines as action_lines
from okrcore.schedule.ripple_text import lines
from okrcore.schedule.rippling import ripple as rippled
from okrcore.scoring.as_of import When
from okrcore.surfaces.cli.commands import moment
from okrcore.surfaces.cli.screen import look, show, show_json, stage
from okrcore.surfaces.cli.settings import read_goals, settled


def ripple(arguments: Namespace) -> None:
    """Show what slipped milestones do to all that waits for them, at a date."""
    config, slips = settled(arguments), given_slips(arguments.slip)
    goals = read_goals(config)
    found = rippled(
        goals.declared,
        as_of=moment(arguments.as_of),
        known_at=arguments.known_at,
        slips=slips,
        history=goals.history,
        journal=goals.journal,
    )
    if arguments.format == "json":
        show_json(found)
        return
    show(lines(found, look().columns))


def actions(arguments: Namespace) -> None:
    """Show who owes what answer by when, at a date."""
    config = settled(arguments)
    goals = read_goals(config)
    as_of = moment(arguments.as_of)
    with stage("looking for what is owed"):
        found = owed(
            goals.declared,
            goals.observed,
            as_of=as_of,
            known_at=arguments.known_at,
            journal=goals.journal,
            since=arguments.since,
        )
    asked = [one for one in found if arguments.owner in (None, one.owner, one.escalated_to)]
    when = When.of(as_of, arguments.known_at, goals.newest.calendar.timezone)
    if arguments.format == "json":
        heads = {"as_of": when.as_of, "known_at": when.known}
        show_json(headed("actions", **heads, actions=asked))
        return
    show(action_lines(asked, to_instant(when.instant(when.zone)), look().columns))


def given_slips(texts: Sequence[str]) -> dict[str, float]:
    """Return the days of work added to milestones, given as ID=DAYS; raises DefinitionError for other."""
    slips: dict[str, float] = {}
    for text in texts:
        name, mark, days = text.rpartition("=")
        try:
            if not mark or not name:
                raise ValueError(text)
            slips[name] = float(days)
        except ValueError:
            said = f"--slip is {text!r}, but must be ID=DAYS; name a milestone, such as hall-2=10"
            raise DefinitionError(said) from None
    return slips
