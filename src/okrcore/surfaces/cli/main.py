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
from okrcore.surfaces.cli import file_arguments as files
from okrcore.surfaces.cli import goal_arguments as goals

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
    added = top.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser
    files.add_demo(added("demo", help="two invented organisations, scored and explained"))
    files.add_init(added("init", help="write a first portfolio, to replace by your own"))
    goals.add_score(added("score", help="score goals and KPIs by their observations"))
    goals.add_check(added("check", help="find what should not be, by governance rules with codes"))
    files.add_rules(added("rules", help="list the governance rules of a policy"))
    files.add_rule(added("rule", help="explain one governance rule"))
    files.add_schema(added("schema", help="write the JSON Schema of documents, for editors"))
    goals.add_conflicts(added("conflicts", help="list goals that cannot both be served, and decide"))
    goals.add_ripple(added("ripple", help="tell what late milestones do to all that waits for them"))
    goals.add_actions(added("actions", help="tell who owes what answer by when"))
    goals.add_review(added("review", help="tell what needs a decision this week, and what changed"))
    goals.add_report(added("report", help="write the week's review as one page, to read and print"))
    goals.add_close(added("close", help="end a cycle: close its goals, and carry over what is left"))
    goals.add_links(added("links", help="show what the numbers say of each declared link"))
    goals.add_signals(added("signals", help="show what moved beyond chance, and what dipped"))
    files.add_priorities(added("priorities", help="verify or compare priority tables"))
    files.add_diff(added("diff", help="compare two versions of documents: what is loosened"))
    files.add_lsp(added("lsp", help="show an editor findings, scores and ids while you type"))
    files.add_mcp(added("mcp", help="answer an assistant's questions about named files"))
    files.add_convert(added("convert", help="write documents in another format"))
    files.add_import(added("import", help="turn a spreadsheet or another tool's export into documents"))
    files.add_pull(added("pull", help="pull observations from source systems into a ledger"))
    files.add_history(added("history", help="show, verify or compare observations"))
    return top


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
