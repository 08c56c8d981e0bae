"""Run the commands about governance: check documents, list the rules, explain one, write the schema."""

from __future__ import annotations

import datetime as dt
import json
import sys
from argparse import Namespace

from okrcore.definitions.moments import parse_as_of
from okrcore.display import counted
from okrcore.documents.dumping import replace_file
from okrcore.documents.schema import json_schema
from okrcore.errors import DocumentError
from okrcore.governance.pages import explain_rule, rules_table
from okrcore.governance.policy import Policy
from okrcore.public_form import headed
from okrcore.surfaces.baseline import Baseline, write_baseline
from okrcore.surfaces.cli.screen import FOUND, show, show_document, show_json, stage
from okrcore.surfaces.cli.settings import named, read_all, settled
from okrcore.surfaces.configuration import Config, policy_of
from okrcore.surfaces.goals_checked import check_goals
from okrcore.surfaces.goals_opened import compared_with
from okrcore.surfaces.reports import FORMATS, Checked


def check(arguments: Namespace) -> int:
    """Check documents by a policy; 0 where nothing new is wrong, 1 otherwise."""
    config = settled(arguments)
    policy = policy_of(config, allow_code=arguments.allow_code)
    if arguments.fix or arguments.diff:
        changed = _fixed(config, write_it=arguments.fix)
        if arguments.diff:
            return FOUND if changed else 0
    checked = _checked(config, policy, arguments)
    if arguments.write_baseline:
        return _baseline(config, checked)
    report = FORMATS[arguments.format](checked)
    text = f"{report}\n" if report else ""
    if arguments.output:
        replace_file(arguments.output, text.encode())
    elif arguments.format == "text":
        show([report])
    else:
        show_document(text)
    return FOUND if checked.fails(config.fail_on) else 0


def rules(arguments: Namespace) -> None:
    """List the rules of a policy."""
    policy = policy_of(settled(arguments), allow_code=arguments.allow_code)
    table = rules_table(policy)
    if arguments.format == "json":
        show_json(headed("rules", rules=table))
    else:
        show([*table.lines(), "", f"{len(table)} rules; explain one with: okrcore rule CODE"])


def rule(arguments: Namespace) -> None:
    """Explain one rule, as the policy sets it."""
    policy = policy_of(settled(arguments), allow_code=arguments.allow_code)
    show(explain_rule(arguments.code, policy).splitlines())


def schema(arguments: Namespace) -> None:
    """Write the JSON Schema of documents, for editors."""
    text = json.dumps(json_schema(), indent=2) + "\n"
    if arguments.output:
        replace_file(arguments.output, text.encode())
    else:
        show_document(text)


def _checked(config: Config, policy: Policy, arguments: Namespace) -> Checked:
    goals, rates = read_all(config)
    as_of = parse_as_of(arguments.as_of or dt.date.today())  # noqa: DTZ011 - a surface may ask what day it is
    goals = compared_with(goals, arguments.against, as_of)
    with stage(f"asking {len(policy.rules)} rules"):
        known_at = arguments.known_at
        return check_goals(goals, config, policy=policy, as_of=as_of, known_at=known_at, rates=rates)


def _baseline(config: Config, checked: Checked) -> int:
    if config.baseline is None:
        raise DocumentError("no baseline is named; give --baseline FILE, or baseline in [tool.okrcore]")
    findings = checked.result.findings
    write_baseline(config.baseline, Baseline.of(findings))
    show([f"{counted(len(findings), 'finding')} accepted from now on, in {config.baseline}"])
    return 0


def _fixed(config: Config, *, write_it: bool) -> bool:
    from okrcore.surfaces.cli.fix import fix, write

    found = [one for one in fix(named(config)) if one.diff]
    for one in found:
        print("\n".join(one.diff), file=sys.stdout if not write_it else sys.stderr)
        if write_it:
            write(one)
    return bool(found)
