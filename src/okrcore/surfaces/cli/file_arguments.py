"""Add the arguments of the commands that write, read, compare or serve documents, tables and observations."""

from __future__ import annotations

import argparse

from okrcore.surfaces.cli.shared_arguments import FILES, GOALS, add_facts, add_format, add_policy


def add_demo(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore demo` takes."""
    command.description = "Tell two stories with 40 weeks of data each: a warehouse, and a software firm."
    command.add_argument("story", nargs="?", choices=("logistics", "software"), help="tell only this one")
    command.add_argument("--as-of", metavar="DATE", help="look from this date of 2026 (default: 2026-10-04)")
    add_format(command)


def add_init(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore init` takes."""
    command.description = "Write a first documented portfolio and its observations into a folder."
    command.add_argument("folder", nargs="?", default="okrs", metavar="FOLDER", help="default: okrs")
    command.add_argument("--as-of", metavar="DATE", help="its cycle is under way then (default: today)")


def add_priorities(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore priorities` takes."""
    command.description = "Look at the priority table of documents, or at a decision table in DMN XML (.dmn)."
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="prove that every input has one ruling")
    verify.add_argument("files", nargs="+", metavar="FILE", help=f"{FILES}; or one .dmn")
    compare = actions.add_parser("compare", help="list where two versions decide differently")
    for name in ("old", "new"):
        compare.add_argument(name, metavar=name.upper(), help=f"{FILES}; or a .dmn")
    for action in (verify, compare):
        action.add_argument("--decision", metavar="ID", help="the decision in a .dmn that has several")
        action.add_argument("--winner", metavar="NAME", help="the output of a .dmn that names the winner")
        action.add_argument(
            "--max-cells", type=int, default=20_000_000, metavar="N", help="how much a proof may look at"
        )
        add_format(action)


def add_diff(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore diff` takes."""
    command.description = (
        "Compare two versions of documents, goal by goal. Exit code 1 where a goal was loosened or removed."
    )
    for name in ("old", "new"):
        command.add_argument(name, metavar=name.upper(), help=GOALS)
    add_format(command)


def add_rules(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore rules` takes."""
    command.description = (
        "List the rules of a policy: code, severity, what they see and need, what should be."
    )
    command.add_argument("--config", metavar="FILE", help="the file that holds [tool.okrcore]")
    add_policy(command)
    add_format(command)


def add_rule(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore rule` takes."""
    command.description = (
        "Explain a rule: why, how to mend what breaks it, an example that passes and one that fails."
    )
    command.add_argument("code", metavar="CODE", help="such as OKR101")
    command.add_argument("--config", metavar="FILE", help="the file that holds [tool.okrcore]")
    add_policy(command)


def add_schema(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore schema` takes."""
    command.description = "Write the JSON Schema by which an editor completes and checks documents."
    command.add_argument("-o", "--output", metavar="OUT", help="file to write (default: standard output)")


def add_lsp(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore lsp` takes."""
    command.description = (
        "Serve an editor by the language server protocol, at standard input and output. What to read comes"
        " from the editor's settings, else from [tool.okrcore]."
    )
    command.add_argument("--as-of", metavar="DATE", help="judge at this date or instant (default: today)")
    command.add_argument("--stdio", action="store_true", help="accepted, since editors say it: nothing else")


def add_mcp(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore mcp` takes."""
    command.description = (
        "Serve an assistant by the Model Context Protocol, at standard input and output: tools that only"
        " read, and only the files named here. --as-of is for questions that name no moment."
    )
    add_facts(command)
    command.add_argument("--policy", metavar="NAME", help="standard, strict, or an installed policy")


def add_convert(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore convert` takes."""
    command.description = "Read documents and write them as one, in another format."
    command.add_argument("files", nargs="+", metavar="FILE", help=FILES)
    command.add_argument("--to", choices=("yaml", "toml", "json"), help="format (default: that of OUT)")
    command.add_argument("-o", "--output", metavar="OUT", help="file to write (default: standard output)")


def add_import(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore import` takes."""
    command.description = (
        "Write what an export holds as documents, and a page of what was changed and left out."
    )
    command.add_argument("file", metavar="FILE", help=".csv, .tsv, .xlsx or .json; of dbt also .yml")
    command.add_argument("folder", nargs="?", default="okrs", metavar="FOLDER", help="default: okrs")
    command.add_argument(
        "--from",
        dest="tool",
        metavar="NAME",
        help="the tool that wrote it, such as viva (default: by its columns)",
    )
    command.add_argument("--mapping", metavar="MAP", help="which column means what: .toml, .yaml or .json")
    command.add_argument("--at", metavar="DATE", help="the day of the export, where its values have none")


def add_pull(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore pull` takes."""
    command.description = "Pull the sources that a file declares; each begins where its last pull ended."
    command.add_argument("config", metavar="CONFIG", help="sources, .toml, .yaml or .json")
    command.add_argument(
        "--ledger", required=True, metavar="FILE", help="where they go; made where it is not"
    )
    command.add_argument("--since", metavar="DATE", help="pull again from here (default: where it ended)")
    command.add_argument("--until", metavar="DATE", help="pull up to here (default: now)")
    add_format(command)


def add_history(command: argparse.ArgumentParser) -> None:
    """Add what `okrcore history` takes."""
    command.description = "Look at observations: a ledger, or a file that score --history reads."
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="list the measures, or all records of one")
    verify = actions.add_parser("verify", help="check every hash of a ledger")
    changed = actions.add_parser("restatements", help="list values that were replaced later")
    for action in (show, verify, changed):
        action.add_argument(
            "file", metavar="FILE", help="a ledger" + ("" if action is verify else ", or a file")
        )
        add_format(action)
    for action in (show, changed):
        action.add_argument("--measure", metavar="ID", help="only this measure")
    verify.add_argument("--root", metavar="ROOT", help="a root that was kept elsewhere, to begin with")
