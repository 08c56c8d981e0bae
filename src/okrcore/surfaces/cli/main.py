"""Parse a command line, call the library, and give an exit code.

Exit codes: 0 done and nothing found, 1 something was found that should not be, 2 could not run (the reasons
are on stderr, each with its file, line and column where it has one), 130 interrupted, 141 nobody reads the
output any more. This module imports nothing heavy, so that `--help` is instant; each command imports what it
needs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import okrcore
from okrcore.errors import OkrError

DONE, FAILED, INTERRUPTED, UNREAD = 0, 2, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; `argv` None is what the process was called with.

    Raises SystemExit as argparse does, for --help (0) and for arguments that are none (2).
    """
    arguments = parser().parse_args(argv)
    try:
        from okrcore.surfaces.cli import commands

        code = commands.COMMANDS[arguments.command](arguments)
        sys.stdout.flush()
    except OkrError as error:
        return _fail([str(one) if one.file else f"okrcore: {one}" for one in error.problems])
    except BrokenPipeError:
        _close_quietly()
        return UNREAD
    except OSError as error:
        return _fail([f"okrcore: {error.filename or 'file'}: {error.strerror or error}; check the path"])
    except KeyboardInterrupt:
        return INTERRUPTED
    except (Exception, SystemExit) as error:  # exit code 1 would say that something was found
        return _fail([_unforeseen(error)])
    return code or DONE


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="okrcore",
        description="Is the strategy being executed? Scores OKRs and KPIs, and says why.",
        epilog="Exit codes: 0 done, 1 something should not be, 2 could not run, 130 interrupted.",
    )
    top.add_argument("--version", action="version", version=f"okrcore {okrcore.__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_demo(commands.add_parser("demo", help="two invented organisations, scored and explained"))
    _add_init(commands.add_parser("init", help="write a first portfolio, to replace by your own"))
    _add_score(commands.add_parser("score", help="score goals and KPIs by their observations"))
    _add_check(commands.add_parser("check", help="find what should not be, by governance rules with codes"))
    _add_rules(commands.add_parser("rules", help="list the governance rules of a policy"))
    _add_rule(commands.add_parser("rule", help="explain one governance rule"))
    _add_schema(commands.add_parser("schema", help="write the JSON Schema of documents, for editors"))
    _add_conflicts(commands.add_parser("conflicts", help="list goals that cannot both be served, and decide"))
    _add_ripple(commands.add_parser("ripple", help="tell what late milestones do to all that waits for them"))
    _add_actions(commands.add_parser("actions", help="tell who owes what answer by when"))
    _add_review(commands.add_parser("review", help="tell what needs a decision this week, and what changed"))
    _add_close(commands.add_parser("close", help="end a cycle: close its goals, and carry over what is left"))
    _add_signals(commands.add_parser("signals", help="show what moved beyond chance, and what dipped"))
    _add_priorities(commands.add_parser("priorities", help="verify or compare priority tables"))
    _add_diff(commands.add_parser("diff", help="compare two versions of documents: what is loosened"))
    _add_lsp(commands.add_parser("lsp", help="show an editor findings, scores and ids while you type"))
    _add_mcp(commands.add_parser("mcp", help="answer an assistant's questions about named files"))
    _add_convert(commands.add_parser("convert", help="write documents in another format"))
    _add_import(
        commands.add_parser("import", help="turn a spreadsheet or another tool's export into documents")
    )
    _add_pull(commands.add_parser("pull", help="pull observations from source systems into a ledger"))
    _add_history(commands.add_parser("history", help="show, verify or compare observations"))
    return top


_FILES = ".yaml, .toml or .json, or a folder of them"
_GOALS = f"{_FILES}; or a ledger that keeps what was declared"


def _add_demo(command: argparse.ArgumentParser) -> None:
    command.description = "Tell two stories with 40 weeks of data each: a warehouse, and a software firm."
    command.add_argument("story", nargs="?", choices=("logistics", "software"), help="tell only this one")
    command.add_argument("--as-of", metavar="DATE", help="look from this date of 2026 (default: 2026-10-04)")
    _add_format(command)


def _add_init(command: argparse.ArgumentParser) -> None:
    command.description = "Write a first documented portfolio and its observations into a folder."
    command.add_argument("folder", nargs="?", default="okrs", metavar="FOLDER", help="default: okrs")
    command.add_argument("--as-of", metavar="DATE", help="its cycle is under way then (default: today)")


def _add_score(command: argparse.ArgumentParser) -> None:
    command.description = "Score the goals and KPIs that documents declare."
    _add_facts(command)
    command.add_argument(
        "--dialect", metavar="NAME", help="score as another system does (default: as documented)"
    )
    command.add_argument("--explain", metavar="ID", help="say why this goal or KPI has its status")
    command.add_argument(
        "--since", metavar="DATE", help="add what changed since then, as known then, and why"
    )
    _add_format(command)


def _add_conflicts(command: argparse.ArgumentParser) -> None:
    command.description = "List what documents declare and observations show to be in conflict."
    _add_facts(command)
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
    _add_format(command)


def _add_ripple(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Tell what late milestones do: who is delayed by how much and why, whose buffers take it, what goals"
        " lose, and who owes a notice or a mitigation."
    )
    _add_facts(command)
    command.add_argument(
        "--slip",
        action="append",
        default=[],
        metavar="ID=DAYS",
        help="days of work that a milestone will take longer; may be repeated",
    )
    _add_format(command)


def _add_actions(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Tell who owes what answer by when: audits and adjustments of dips, notices and mitigations of missed"
        " milestones, check-ins, reviews of links, decisions, confirmations, closings."
    )
    _add_facts(command)
    command.add_argument("--since", metavar="DATE", help="ask from here on (default: the first answer)")
    command.add_argument("--owner", metavar="ID", help="only what this owner owes, or what went up to them")
    _add_format(command)


def _add_review(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Review a week on one screen: what needs a decision, by whom and by when; what changed since the last"
        " review; how the goals stand. Its JSON, kept, serves as --previous next week."
    )
    _add_facts(command)
    command.add_argument("--previous", metavar="FILE", help="the last review, as --format json wrote it")
    command.add_argument("--owner", metavar="ID", help="only what is put to this owner, or went up to them")
    command.add_argument("--team", metavar="ID", help="only what is put to this team and those below it")
    command.add_argument("--all", action="store_true", help="everything, however long")
    command.add_argument("--ascii", action="store_true", help="draw in ASCII alone")
    _add_policy(command)
    _add_format(command)


def _add_close(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Show which goals are to be closed and which are, with what they reached. --propose gives the entries"
        " that close them, --into the documents with what is left of them carried over."
    )
    _add_facts(command)
    command.add_argument("--propose", action="store_true", help="write entries for a journal, as JSON lines")
    command.add_argument("--by", metavar="ID", help="who closes them (default: the owner of each)")
    command.add_argument("--into", metavar="CYCLE", help="carry over what was not reached into this cycle")
    command.add_argument(
        "--only", action="append", default=[], metavar="ID", help="carry over this goal alone; may repeat"
    )
    command.add_argument(
        "-o", "--output", metavar="OUT", help="with --propose a .jsonl to append to, with --into a document"
    )
    _add_format(command)


def _add_signals(command: argparse.ArgumentParser) -> None:
    command.description = "Show what moved beyond chance, and what turned for the worse in the last weeks."
    _add_facts(command)
    command.add_argument("--weeks", type=int, default=13, metavar="N", help="dips shown since (default: 13)")
    command.add_argument("--id", metavar="ID", help="the whole chart of one KPI or key result")
    _add_format(command)


def _add_priorities(command: argparse.ArgumentParser) -> None:
    command.description = "Look at the priority table of documents, or at a decision table in DMN XML (.dmn)."
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="prove that every input has one ruling")
    verify.add_argument("files", nargs="+", metavar="FILE", help=f"{_FILES}; or one .dmn")
    compare = actions.add_parser("compare", help="list where two versions decide differently")
    for name in ("old", "new"):
        compare.add_argument(name, metavar=name.upper(), help=f"{_FILES}; or a .dmn")
    for action in (verify, compare):
        action.add_argument("--decision", metavar="ID", help="the decision in a .dmn that has several")
        action.add_argument("--winner", metavar="NAME", help="the output of a .dmn that names the winner")
        action.add_argument(
            "--max-cells", type=int, default=20_000_000, metavar="N", help="how much a proof may look at"
        )
        _add_format(action)


def _add_diff(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Compare two versions of documents, goal by goal. Exit code 1 where a goal was loosened or removed."
    )
    for name in ("old", "new"):
        command.add_argument(name, metavar=name.upper(), help=_GOALS)
    _add_format(command)


def _add_facts(command: argparse.ArgumentParser) -> None:
    """Add what every command takes that judges goals; what is left out is read from [tool.okrcore]."""
    command.add_argument("files", nargs="*", metavar="FILE", help=_GOALS)
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


def _add_check(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Check documents by governance rules. What is not said here is read from [tool.okrcore] of the"
        " nearest pyproject.toml."
    )
    _add_facts(command)
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
    _add_policy(command)


def _add_rules(command: argparse.ArgumentParser) -> None:
    command.description = (
        "List the rules of a policy: code, severity, what they see and need, what should be."
    )
    command.add_argument("--config", metavar="FILE", help="the file that holds [tool.okrcore]")
    _add_policy(command)
    _add_format(command)


def _add_rule(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Explain a rule: why, how to mend what breaks it, an example that passes and one that fails."
    )
    command.add_argument("code", metavar="CODE", help="such as OKR101")
    command.add_argument("--config", metavar="FILE", help="the file that holds [tool.okrcore]")
    _add_policy(command)


def _add_schema(command: argparse.ArgumentParser) -> None:
    command.description = "Write the JSON Schema by which an editor completes and checks documents."
    command.add_argument("-o", "--output", metavar="OUT", help="file to write (default: standard output)")


def _add_lsp(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Serve an editor by the language server protocol, at standard input and output. What to read comes"
        " from the editor's settings, else from [tool.okrcore]."
    )
    command.add_argument("--as-of", metavar="DATE", help="judge at this date or instant (default: today)")
    command.add_argument("--stdio", action="store_true", help="accepted, since editors say it: nothing else")


def _add_mcp(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Serve an assistant by the Model Context Protocol, at standard input and output: tools that only"
        " read, and only the files named here. --as-of is for questions that name no moment."
    )
    _add_facts(command)
    command.add_argument("--policy", metavar="NAME", help="standard, strict, or an installed policy")


def _add_policy(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--policy", metavar="NAME", help="standard, strict, an installed policy, or module:attribute"
    )
    command.add_argument("--allow-code", action="store_true", help="import a policy named module:attribute")


def _add_convert(command: argparse.ArgumentParser) -> None:
    command.description = "Read documents and write them as one, in another format."
    command.add_argument("files", nargs="+", metavar="FILE", help=_FILES)
    command.add_argument("--to", choices=("yaml", "toml", "json"), help="format (default: that of OUT)")
    command.add_argument("-o", "--output", metavar="OUT", help="file to write (default: standard output)")


def _add_import(command: argparse.ArgumentParser) -> None:
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


def _add_pull(command: argparse.ArgumentParser) -> None:
    command.description = "Pull the sources that a file declares; each begins where its last pull ended."
    command.add_argument("config", metavar="CONFIG", help="sources, .toml, .yaml or .json")
    command.add_argument(
        "--ledger", required=True, metavar="FILE", help="where they go; made where it is not"
    )
    command.add_argument("--since", metavar="DATE", help="pull again from here (default: where it ended)")
    command.add_argument("--until", metavar="DATE", help="pull up to here (default: now)")
    _add_format(command)


def _add_history(command: argparse.ArgumentParser) -> None:
    command.description = "Look at observations: a ledger, or a file that score --history reads."
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="list the measures, or all records of one")
    verify = actions.add_parser("verify", help="check every hash of a ledger")
    changed = actions.add_parser("restatements", help="list values that were replaced later")
    for action in (show, verify, changed):
        action.add_argument(
            "file", metavar="FILE", help="a ledger" + ("" if action is verify else ", or a file")
        )
        _add_format(action)
    for action in (show, changed):
        action.add_argument("--measure", metavar="ID", help="only this measure")
    verify.add_argument("--root", metavar="ROOT", help="a root that was kept elsewhere, to begin with")


def _add_format(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def _fail(reasons: Sequence[str]) -> int:
    from okrcore.display import no_command, one_line

    encoding = sys.stderr.encoding or "ascii"
    for reason in reasons:
        line = no_command(one_line(reason)).encode(encoding, "backslashreplace").decode(encoding)
        print(line, file=sys.stderr)
    return FAILED


def _unforeseen(error: BaseException) -> str:
    """Return what is told of an error that nobody foresaw: what it is, and where it arose."""
    from okrcore._log import logger

    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    what = f"{type(error).__name__}: {error}"
    logger(__name__).debug("unforeseen", exc_info=error)
    return (
        f"okrcore: {what}{place}; this is a fault of okrcore, or of a policy of yours: please report it there"
    )


def _close_quietly() -> None:
    """Point standard output at nothing, so that the interpreter does not complain when it flushes."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # no real file below it
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123


if __name__ == "__main__":
    sys.exit(main())
