"""Settle what a command works on: what it was told, and for the rest `[tool.okrcore]`; and read it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import attrs

from okrcore.definitions.ignores import to_ignores
from okrcore.errors import DocumentError
from okrcore.surfaces.cli.screen import stage
from okrcore.surfaces.configuration import Config, read_config
from okrcore.surfaces.facts_opened import open_rates
from okrcore.surfaces.goals_opened import Goals, open_goals
from okrcore.surfaces.ignore_lines import read_ignores
from okrcore.units.rates import Rates


def settled(arguments: Namespace, *, nearest: bool = True) -> Config:
    """Return what the configuration file says, with what the command line says in its place.

    What is ignored on the command line is ignored beside what the file ignores. `nearest` False: only a file
    that the command line names counts.
    """
    file = getattr(arguments, "config", None)
    config = read_config(file, Path.cwd()) if file or nearest else Config()
    given = {
        name: value
        for name in ("files", "history", "journal", "rates", "policy", "select", "fail_on", "baseline")
        if (value := getattr(arguments, name, None))
    }
    lists = {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    if "select" in lists:
        lists["select"] = tuple(code for text in lists["select"] for code in text.split(",") if code)
    more = to_ignores(read_ignores(getattr(arguments, "ignore", None) or (), "--ignore"))
    return attrs.evolve(config, **{**given, **lists, "ignore": (*config.ignore, *more)})


def read_goals(config: Config) -> Goals:
    """Return the goals, numbers and answers that a configuration names."""
    with stage("reading documents and history"):
        return open_goals(named(config), config.history, config.journal)


def read_all(config: Config) -> tuple[Goals, Rates | None]:
    """Return what `read_goals` does, and the exchange rates that are named."""
    goals = read_goals(config)
    return goals, open_rates(config.rates)


def named(config: Config) -> tuple[str, ...]:
    """Return the documents that are named; raises DocumentError that says how to get one where none is."""
    if not config.files:
        raise DocumentError(
            "no document is named; give FILE, or files in [tool.okrcore] of pyproject.toml"
            " (okrcore init writes a first document)"
        )
    return config.files
