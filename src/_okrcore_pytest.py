"""Options of pytest into collected documents: a test for each rule and each subject that it looks at (S16).

pytest loads this in every host that has the library installed, so it stands outside the package and imports
nothing of it: all else is in `okrcore.surfaces.pytest_items`, for runs that name documents.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from okrcore.governance.policy import Policy
    from okrcore.surfaces.pytest_inputs import Inputs

SUFFIXES = (".yaml", ".yml", ".toml", ".json")
GIVEN: pytest.StashKey[tuple[Path, ...]] = pytest.StashKey()
INPUTS: pytest.StashKey[Inputs] = pytest.StashKey()
CHOICES = {"okr_fail_on": ("warning", "error", "info"), "okr_items": ("subject", "rule")}
"""What two of the ini options may be, the default first."""


class Hooks:
    """What a host's conftest.py may define."""

    @pytest.hookspec(firstresult=True)
    def pytest_okr_policy(self, config: pytest.Config) -> Policy | None:
        """Return the policy to check by, with rules of your own perhaps; None leaves it to okr_policy."""


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks."""
    pluginmanager.add_hookspecs(Hooks)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, each with an ini option of the same meaning."""
    group = parser.getgroup("okrcore", "goals and KPIs")
    for name, metavar, text in (
        ("okr", "FILE", "check this document, or folder of them, as tests"),
        ("okr-history", "FILE", "observations"),
        ("okr-journal", "FILE", "what was answered"),
        ("okr-select", "CODES", "only rules of these codes or prefixes, parted by commas"),
    ):
        group.addoption(f"--{name}", action="append", default=[], metavar=metavar, help=f"{text}; may repeat")
    group.addoption("--okr-as-of", metavar="DATE", help="check at this date or instant (default: today)")
    group.addoption("--okr-policy", metavar="NAME", help="which rules: standard (default), strict, ...")
    parser.addini("okr_files", "documents to check as tests", type="paths")
    parser.addini("okr_history", "files of observations", type="paths")
    parser.addini("okr_journal", "files of what was answered", type="paths")
    parser.addini("okr_select", "codes or prefixes of rules", type="args")
    parser.addini("okr_as_of", "date or instant to check at", default="")
    parser.addini("okr_policy", "standard, strict, or one that a package offers", default="")
    parser.addini("okr_ignore", "what is accepted: CODE[ SUBJECT][ until DATE]: reason", type="linelist")
    for name, words in CHOICES.items():
        parser.addini(name, f"{' or '.join(words)} (default: {words[0]})", default=words[0])


def pytest_configure(config: pytest.Config) -> None:
    """Add the documents to what is collected, unless something else is named on the command line."""
    given = paths(config, "okr", "okr_files")
    config.stash[GIVEN] = tuple(given)
    if not given:
        return
    from okrcore.surfaces.pytest_fixtures import Fixtures

    config.pluginmanager.register(Fixtures(lambda: inputs(config)))
    for name, words in CHOICES.items():
        if config.getini(name) not in words:
            raise pytest.UsageError(f"{name} is {config.getini(name)!r}; give {' or '.join(words)}")
    if not (config.option.okr_as_of or config.getini("okr_as_of")):
        config.option.okr_as_of = f"{dt.date.today()} today"  # noqa: DTZ011 - the same day in every worker
    if config.option.okr or config.args_source is not pytest.Config.ArgsSource.ARGS:
        named = [_absolute(config, arg.partition("::")[0]) for arg in config.args]
        files = [file for path in given for file in _files(path)]
        if not set(named) & set(files):
            config.args += map(str, files)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say what is checked, and as of which day."""
    given = config.stash[GIVEN]
    if not given:
        return None
    names = ", ".join(os.path.relpath(path, config.invocation_params.dir) for path in given)
    day, _, today = as_of(config).partition(" ")
    return f"okrcore: {names} as of {day}{' (today)' if today else ''}"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a document that the options name."""
    for given in parent.config.stash[GIVEN]:
        if file_path == given or (given in file_path.parents and file_path.suffix.lower() in SUFFIXES):
            return Document.from_parent(parent, path=file_path)
    return None


class Document(pytest.File):
    """One document; its tests are those about what it declares, and in the first document all others."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Read all documents and check them, once a process."""
        from okrcore.surfaces.pytest_items import collect

        return collect(self, inputs(self.config))


def paths(config: pytest.Config, option: str, ini: str) -> list[Path]:
    """Return the paths of an option, relative to where pytest was called, or else of an ini option."""
    found: Iterable[str] = getattr(config.option, option)
    return [_absolute(config, path) for path in found] or config.getini(ini)


def as_of(config: pytest.Config) -> str:
    """Return the date that is asked for; where none is, the day on which pytest began, and " today"."""
    return str(config.option.okr_as_of or config.getini("okr_as_of"))


def inputs(config: pytest.Config) -> Inputs:
    """Return what the options name, the same for all tests of a process."""
    if INPUTS not in config.stash:
        from okrcore.surfaces.pytest_inputs import Inputs

        config.stash[INPUTS] = Inputs(
            documents=config.stash[GIVEN],
            history=tuple(paths(config, "okr_history", "okr_history")),
            journal=tuple(paths(config, "okr_journal", "okr_journal")),
            as_of=as_of(config).partition(" ")[0],
            select=tuple(config.option.okr_select or config.getini("okr_select")),
            policy=str(config.option.okr_policy or config.getini("okr_policy")),
            ignore=tuple(config.getini("okr_ignore")),
            own=config.hook.pytest_okr_policy(config=config),
            root=config.rootpath,
            base=config.invocation_params.dir,
        )
    return config.stash[INPUTS]


def _absolute(config: pytest.Config, path: str) -> Path:
    return Path(os.path.normpath(config.invocation_params.dir / path))


def _files(path: Path) -> list[Path]:
    """Return a file, or what may be documents in a folder; hidden ones are passed by."""
    if not path.is_dir():
        return [path]
    inside = [file for file in sorted(path.rglob("*")) if file.suffix.lower() in SUFFIXES and file.is_file()]
    return [file for file in inside if not any(part[0] == "." for part in file.relative_to(path).parts)]
