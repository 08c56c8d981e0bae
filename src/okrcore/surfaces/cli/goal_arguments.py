"""Add the arguments of the commands that judge goals by observations."""

from __future__ import annotations

import argparse

from okrcore.surfaces.cli.shared_arguments import add_facts, add_format, add_policy


def add_score(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore score` takes."""
    command.description = "Score the goals and KPIs that documents declare."
    add_facts(command)
    command.add_argument(
        "--dialect", metavar="NAME", help="score as another system does (default: as documented)"
    )
    command.add_argument("--explain", metavar="ID", help="say why this goal or KPI has its status")
    command.add_argument(
        "--since", metavar="DATE", help="add what changed since then, as known then, and why"
    )
    add_format(command)


def add_check(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore check` takes."""
    command.description = (
        "Check documents by governance rules. What is not said here is read from [tool.okrcore] of the"
        " nearest pyproject.toml."
    )
    add_facts(command)
    command.add_argument(
        "--select", action="append", default=[], metavar="CODES", help="only these codes or prefixes"
    )
    command.add_argument(
        "--ignore", action="append", default=[], metavar="TEXT",
        help="what is accepted: 'CODE[ SUBJECT][ until DATE]: reason'; may be repeated",
    )  # fmt: skip
    command.add_argument(
        "--fail-on", choices=("error", "warning", "info", "never"), help="least severity for exit code 1"
    )
    command.add_argument(
        "--against", action="append", default=[], metavar="OLD",
        help="what was declared before: documents, a folder or a ledger; amendments are looked at, too",
    )  # fmt: skip
    command.add_argument("--baseline", metavar="FILE", help="findings that are accepted already")
    command.add_argument("--write-baseline", action="store_true", help="accept today's findings")
    command.add_argument("--diff", action="store_true", help="show what --fix would change, and stop")
    command.add_argument(
        "--fix", action="store_true", help="add missing ids, put order and white space right, then check"
    )
    command.add_argument("-o", "--output", metavar="OUT", help="file to write (default: standard output)")
    command.add_argument(
        "--format",
        choices=("text", "json", "sarif", "github", "junit"),
        default="text",
        help="default: text",
    )
    add_policy(command)


def add_conflicts(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore conflicts` takes."""
    command.description = "List what documents declare and observations show to be in conflict."
    add_facts(command)
    command.add_argument(
        "--kind", action="append", default=[], metavar="KIND", help="only conflicts of this kind; repeatable"
    )
    command.add_argument("--dialect", metavar="NAME", help="score as another system does")
    command.add_argument("--decide", action="store_true", help="add what the priority table decides")
    command.add_argument("--table", metavar="FILE", help="decide by the table of this document or .dmn")
    command.add_argument("--decision", metavar="ID", help="the decision in a .dmn that has several")
    command.add_argument("--winner", metavar="NAME", help="the output of a .dmn that names the winner")
    command.add_argument(
        "--capacity",
        action="append",
        default=[],
        metavar="ID=AMOUNT",
        help="what a team or owner has; may repeat",
    )
    command.add_argument("--budget", type=float, metavar="AMOUNT", help="what all costs together may be")
    command.add_argument(
        "--q", type=float, default=0.10, metavar="SHARE", help="false ones among the measured (default: 0.10)"
    )
    command.add_argument(
        "--periods", type=int, default=3, metavar="N", help="period ends that make a divergence (default: 3)"
    )
    command.add_argument("--no-season", action="store_true", help="leave the calendar's season in the series")
    add_format(command)


def add_ripple(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore ripple` takes."""
    command.description = (
        "Tell what late milestones do: who is delayed by how much and why, whose buffers take it, what goals"
        " lose, and who owes a notice or a mitigation."
    )
    add_facts(command)
    command.add_argument(
        "--slip",
        action="append",
        default=[],
        metavar="ID=DAYS",
        help="days of work that a milestone will take longer; may be repeated",
    )
    add_format(command)


def add_actions(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore actions` takes."""
    command.description = (
        "Tell who owes what answer by when: audits and adjustments of dips, notices and mitigations of missed"
        " milestones, check-ins, reviews of links, decisions, confirmations, closings."
    )
    add_facts(command)
    command.add_argument("--since", metavar="DATE", help="ask from here on (default: the first answer)")
    command.add_argument("--owner", metavar="ID", help="only what this owner owes, or what went up to them")
    add_format(command)


def add_review(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore review` takes."""
    command.description = (
        "Review a week on one screen: what needs a decision, by whom and by when; what changed since the last"
        " review; how the goals stand. Its JSON, kept, serves as --previous next week."
    )
    add_facts(command)
    command.add_argument("--previous", metavar="FILE", help="the last review, as --format json wrote it")
    command.add_argument("--owner", metavar="ID", help="only what is put to this owner, or went up to them")
    command.add_argument("--team", metavar="ID", help="only what is put to this team and those below it")
    command.add_argument("--all", action="store_true", help="everything, however long")
    command.add_argument("--ascii", action="store_true", help="draw in ASCII alone")
    add_policy(command)
    add_format(command)


def add_report(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore report` takes."""
    command.description = (
        "Write the review of a date as one HTML file without scripts or requests: what needs somebody, what"
        " changed, goals, KPIs, links, conflicts, slips and findings, each with its reason."
    )
    add_facts(command)
    command.add_argument("-o", "--output", metavar="FILE", help="write to this file (default: the output)")
    command.add_argument("--previous", metavar="FILE", help="the last review, as JSON: what changed since")
    command.add_argument("--title", metavar="TEXT", help="the title (default: that of the team above all)")
    add_policy(command)


def add_close(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore close` takes."""
    command.description = (
        "Show which goals are to be closed and which are, with what they reached. --propose gives the entries"
        " that close them, --into the documents with what is left of them carried over."
    )
    add_facts(command)
    command.add_argument("--propose", action="store_true", help="write entries for a journal, as JSON lines")
    command.add_argument("--by", metavar="ID", help="who closes them (default: the owner of each)")
    command.add_argument("--into", metavar="CYCLE", help="carry over what was not reached into this cycle")
    command.add_argument(
        "--only", action="append", default=[], metavar="ID", help="carry over this goal alone; may repeat"
    )
    command.add_argument(
        "-o", "--output", metavar="OUT", help="with --propose a .jsonl to append to, with --into a document"
    )
    add_format(command)


def add_links(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore links` takes."""
    command.description = "Show what the numbers say of each declared link, and which pairs lead undeclared."
    add_facts(command)
    command.add_argument(
        "--id", action="append", default=[], metavar="ID", help="only this link; may be repeated"
    )
    command.add_argument("--discover", action="store_true", help="add the pairs of which one leads the other")
    command.add_argument(
        "--lags", default="1..8", metavar="LOW..HIGH", help="periods that --discover tries (default: 1..8)"
    )
    command.add_argument(
        "--q", type=float, default=0.10, metavar="SHARE", help="false ones among those found (default: 0.10)"
    )
    add_format(command)


def add_signals(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore signals` takes."""
    command.description = "Show what moved beyond chance, and what turned for the worse in the last weeks."
    add_facts(command)
    command.add_argument("--weeks", type=int, default=13, metavar="N", help="dips shown since (default: 13)")
    command.add_argument("--id", metavar="ID", help="the whole chart of one KPI or key result")
    add_format(command)
