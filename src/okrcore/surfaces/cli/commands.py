"""Run the commands that score and convert documents."""

from __future__ import annotations

import datetime as dt
from argparse import Namespace
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path

from okrcore.definitions.portfolio import Portfolio
from okrcore.display import outline
from okrcore.documents.dumping import dump, dumps
from okrcore.documents.loading import FORMATS, load
from okrcore.errors import DocumentError, OkrError
from okrcore.explanations.explanation import Explanation
from okrcore.public_form import headed
from okrcore.scoring.evaluation import evaluate
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.scoring.snapshot import Snapshot
from okrcore.surfaces.cli.screen import look, show, show_document, show_json, stage, tables
from okrcore.surfaces.cli.settings import read_all, settled


def score(arguments: Namespace) -> None:
    """Score documents by a history, as of a date."""
    policy, config = dialect(arguments.dialect), settled(arguments)
    goals, rates = read_all(config)
    as_of = moment(arguments.as_of)
    judged = partial(
        evaluate, goals.declared, goals.observed, scoring=policy, rates=rates, journal=goals.journal
    )
    with stage(f"scoring {len(goals.newest.key_results)} key results"):
        snapshot = judged(as_of=as_of, known_at=arguments.known_at)
        why = _explained(snapshot, arguments.explain) if arguments.explain else None
        since = None
        if arguments.since:
            from okrcore.surfaces.cli.since import Since

            then = arguments.since
            since = Since.of(judged(as_of=then, known_at=then), snapshot)
    if arguments.format == "json":
        asked = {"known_at": arguments.known_at, "dialect": arguments.dialect}
        changed = {} if since is None else {"since": since}
        show_json(headed("score", **asked, **tables(snapshot), explanation=why, **changed))
        return
    drawn = look(policy.word)
    lines = snapshot.lines(drawn)
    if why is not None:
        lines += ["", *outline(why.steps(), drawn.columns)]
    if since is not None:
        lines += ["", *since.lines(drawn)]
    if goals.history is None:
        lines += [
            "",
            "No history is given, so nothing is known; name one with --history FILE, such as a CSV file with",
            "the columns measure, at, value and unit (okrcore init writes one).",
        ]
    show(lines)


def convert(arguments: Namespace) -> None:
    """Write documents as one document of another format."""
    output, kind = arguments.output, arguments.to
    if output is None and kind is None:
        raise DocumentError("no format is given; add --to yaml, toml or json, or -o FILE")
    implied = FORMATS.get(Path(output).suffix.lower()) if output else kind
    if output and kind and implied != kind:
        raise DocumentError(f"{output}: its suffix does not say {kind}; change the name, or leave out --to")
    with stage("reading documents"):
        portfolio: Portfolio = load(arguments.files)
    if output:
        dump(portfolio, output)
        return
    show_document(dumps(portfolio, kind))


def moment(given: str | None) -> str | dt.date:
    """Return the date that is asked for, else the day that it is here, which only a surface may ask."""
    return given or dt.date.today()  # noqa: DTZ011


def _explained(snapshot: Snapshot, id: str) -> Explanation:
    from okrcore.explanations.explaining import explain
    from okrcore.governance.context import Context

    known = Context(
        portfolio=snapshot.portfolio,
        as_of=snapshot.as_of,
        known_at=snapshot.when.known,
        history=snapshot.history,
        journal=snapshot.journal,
        scoring=snapshot.scoring,
        rates=snapshot.rates,
        given={"snapshot": snapshot},
    ).pursued
    return explain(snapshot, id, conflicts=known.conflicts, decisions=known.decisions)


def dialect(name: str | None) -> ScoringPolicy:
    """Return the scoring policy of a dialect; None: the project's own."""
    if name is None:
        return ScoringPolicy()
    from okrcore.scoring.dialects import DIALECTS

    if name not in DIALECTS:
        raise OkrError(f"dialect {name!r} is unknown; give one of {', '.join(sorted(DIALECTS))}")
    return DIALECTS[name]


def _of(module: str, name: str) -> Callable[[Namespace], int | None]:
    """Return a command whose module is imported when it runs."""

    def command(arguments: Namespace) -> int | None:
        done: int | None = getattr(import_module(f"okrcore.surfaces.cli.{module}"), name)(arguments)
        return done

    return command


COMMANDS: Mapping[str, Callable[[Namespace], int | None]] = {
    "demo": _of("demo", "demo"),
    "init": _of("first_portfolio", "init"),
    "score": score,
    **{name: _of("check_commands", name) for name in ("check", "rules", "rule", "schema")},
    **{name: _of("decision_commands", name) for name in ("conflicts", "priorities")},
    **{name: _of("schedule_commands", name) for name in ("ripple", "actions")},
    "review": _of("review_command", "review"),
    "report": _of("report_command", "report"),
    "close": _of("close_command", "close"),
    "links": _of("links_command", "links"),
    "signals": _of("signals_command", "signals"),
    **{name: _of("server_commands", name) for name in ("lsp", "mcp")},
    "convert": convert,
    "import": _of("import_command", "import_goals"),
    "diff": _of("diff_command", "diff"),
    **{name: _of("fact_commands", name) for name in ("pull", "history")},
}
