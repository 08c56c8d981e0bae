"""Read `[tool.okrcore]` of a pyproject.toml: files, policy, what is ignored and why."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal

import attrs

from okrcore.definitions.ignores import Ignore
from okrcore.documents.nodes import Fields, Limits, Node, Unreadable
from okrcore.documents.scalar_nodes import BAD
from okrcore.documents.source_text import SourceText, check, decode, read_bytes
from okrcore.documents.structure import structured
from okrcore.documents.toml_reader import read_toml
from okrcore.errors import DefinitionError, DocumentError, OkrError, raise_all
from okrcore.governance.pages import PAGES
from okrcore.governance.policy import Policy
from okrcore.governance.presets import STANDARD, STRICT
from okrcore.governance.rule import Severity

PRESETS: Mapping[str, Policy] = {"standard": STANDARD, "strict": STRICT}
GROUP = "okrcore.policies"
"""The entry points by which an installed package offers policies of its own."""

_LIMITS = attrs.evolve(Limits(), max_bytes=1_000_000)
Settings = Mapping[str, str | bool | int | float | tuple[str, ...]]


@attrs.frozen(kw_only=True)
class Config:
    """What `[tool.okrcore]` may hold; paths are relative to its file.

    `policy` is "standard", "strict", the name of an entry point, or "module:attribute" where the caller
    allows code to be imported. `rules` sets rules by code or prefix; `fail_on` is the least severity that
    fails a check. `rule_pages` is the address below which reports and editors link to the page of a rule.
    """

    files: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    journal: tuple[str, ...] = ()
    rates: tuple[str, ...] = ()
    policy: str = "standard"
    select: tuple[str, ...] = ()
    ignore: tuple[Ignore, ...] = ()
    rules: Mapping[str, Settings] = attrs.field(factory=dict)
    fail_on: Severity | Literal["never"] = "warning"
    baseline: str | None = None
    rule_pages: str = PAGES


def read_config(path: str | None, start: Path) -> Config:
    """Return the configuration of a file; None: of the nearest pyproject.toml from `start` upwards, if any.

    Raises DocumentError with file and line for what cannot be read.
    """
    if path is not None:
        return _read(Path(path), needed=True)
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            return _read(file, needed=False)
    return Config()


def policy_of(config: Config, *, allow_code: bool = False) -> Policy:
    """Return the policy that a configuration names, set and with what is ignored as it says."""
    policy = policy_named(config.policy, allow_code=allow_code)
    return policy.with_parameters(config.rules).with_ignored(*config.ignore)


def policy_named(name: str, *, allow_code: bool = False) -> Policy:
    """Return a policy by name: a preset, an entry point of an installed package, or "module:attribute".

    The last imports what the name says, which the caller has to allow. Raises DefinitionError otherwise.
    """
    if name.lower() in PRESETS:
        return PRESETS[name.lower()]
    if ":" in name:
        if not allow_code:
            raise DefinitionError(
                f"policy {name!r} would import code; allow it with --allow-code, or offer the policy as an"
                f" entry point of group {GROUP}"
            )
        return _imported(name)
    offered = {one.name: one for one in entry_points(group=GROUP)}
    if name not in offered:
        known = ", ".join([*PRESETS, *sorted(offered)])
        raise DefinitionError(f"policy {name!r} is unknown; give one of {known}, or module:attribute")
    return _a_policy(offered[name].load(), name)


def _imported(name: str) -> Policy:
    module, _, attribute = name.partition(":")
    try:
        return _a_policy(getattr(import_module(module), attribute), name)
    except OkrError:
        raise
    except (Exception, SystemExit) as error:  # whatever the code does that is imported
        fault = f"{type(error).__name__}: {error}"
        raise DefinitionError(
            f"policy {name!r} cannot be imported: {fault}; correct the name, or that code"
        ) from error


def _a_policy(value: object, name: str) -> Policy:
    if not isinstance(value, Policy):
        raise DefinitionError(f"policy {name!r} is a {type(value).__name__}; give an okrcore.Policy")
    return value


def _read(file: Path, *, needed: bool) -> Config:
    try:
        source = SourceText(decode(read_bytes(file, _LIMITS.max_bytes)), str(file), columns=False)
    except OSError as error:
        raise DocumentError(f"{file}: cannot be opened: {error.strerror or error}; check the path") from error
    node: Node | None = None
    try:
        check(source.text, _LIMITS)
        source.root = node = read_toml(source, _LIMITS)
    except Unreadable as stop:
        source.fault(stop.message, stop.at)
    for key in ("tool", "okrcore"):
        node = node.entries.get(key) if isinstance(node, Fields) else None
    if node is None and needed:
        source.fault("[tool.okrcore] is missing; add it", -1)
    raw: Any = Config() if node is None else structured(Config, node, source)
    raise_all(source.problems(), DocumentError)
    assert raw is not BAD, "what cannot be read leaves a problem"
    config: Config = raw
    return _from(config, file.parent)


def _from(config: Config, folder: Path) -> Config:
    """The configuration with its paths seen from the working directory."""

    def seen(paths: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(folder / path) for path in paths)

    baseline = None if config.baseline is None else str(folder / config.baseline)
    return attrs.evolve(
        config,
        files=seen(config.files),
        history=seen(config.history),
        journal=seen(config.journal),
        rates=seen(config.rates),
        baseline=baseline,
    )
