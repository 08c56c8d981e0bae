"""Add the arguments that several commands take."""

from __future__ import annotations

import argparse

FILES = ".yaml, .toml or .json, or a folder of them"
GOALS = f"{FILES}; or a ledger that keeps what was declared"


def add_facts(command: argparse.ArgumentParser) -> None:
    """Add what every command takes that judges goals; what is left out is read from [tool.okrcore]."""
    command.add_argument("files", nargs="*", metavar="FILE", help=GOALS)
    for name, text in (
        ("history", "observations"),
        ("journal", "answers given"),
        ("rates", "exchange rates, in place of those in documents"),
    ):
        command.add_argument(
            f"--{name}", action="append", default=[], metavar="FILE", help=f"{text}; may be repeated"
        )
    command.add_argument("--as-of", metavar="DATE", help="judge at this date or instant (default: today)")
    command.add_argument("--known-at", metavar="DATE", help="count what was recorded by then (default: all)")
    command.add_argument("--config", metavar="FILE", help="the file that holds [tool.okrcore]")


def add_format(command: argparse.ArgumentParser) -> None:
    """Add --format text or json."""
    command.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def add_policy(command: argparse.ArgumentParser) -> None:
    """Add which policy is asked, and whether its code may be imported."""
    command.add_argument(
        "--policy", metavar="NAME", help="standard, strict, an installed policy, or module:attribute"
    )
    command.add_argument("--allow-code", action="store_true", help="import a policy named module:attribute")
