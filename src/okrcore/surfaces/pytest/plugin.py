"""Collect documents that a run of pytest names as tests of what they declare, and offer fixtures."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from okrcore.definitions.portfolio import Portfolio
    from okrcore.history.backends import AnyHistory
    from okrcore.history.journal import Journal
    from okrcore.scoring.snapshot import Snapshot
    from okrcore.surfaces.pytest.options import Inputs

SUFFIXES = (".yaml", ".yml", ".toml", ".json")
CHOICES = {"okr_fail_on": ("warning", "error", "info"), "okr_items": ("subject", "rule")}
"""What two of the ini options may be."""


class Document(pytest.File):
    """One document; its tests are those about what it declares, and in the first document all others."""

    def __init__(self, *, documents: Documents, **more: Any) -> None:
        super().__init__(**more)
        self.documents = documents

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Read all documents and check them, once a process."""
        from okrcore.surfaces.pytest.items import collect

        return collect(self, self.documents.inputs())


class Documents:
    """The plugin of such a run: hooks and fixtures; nothing is read before the first test asks.

    The documents join what is collected, unless something else is named on the command line.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self._inputs: Inputs | None = None
        self.given = self._paths("okr", "okr_files")
        for name, words in CHOICES.items():
            if config.getini(name) not in words:
                raise pytest.UsageError(f"{name} is {config.getini(name)!r}; give {' or '.join(words)}")
        if not (config.option.okr_as_of or config.getini("okr_as_of")):
            config.option.okr_as_of = f"{dt.date.today()} today"  # noqa: DTZ011 - the same in every worker
        if config.option.okr or config.args_source is not pytest.Config.ArgsSource.ARGS:
            named = [self._absolute(arg.partition("::")[0]) for arg in config.args]
            files = [file for path in self.given for file in _files(path)]
            if not set(named) & set(files):
                config.args += [str(file) for file in files if not self._is_walked(file, named)]

    def _is_walked(self, file: Path, folders: Iterable[Path]) -> bool:
        """Whether pytest comes by a file in folders: named beside its folder, pytest 8 runs it alone."""
        skipped = self.config.getini("norecursedirs")
        return any(
            folder in file.parents
            and not any(fnmatch(part, one) for part in file.relative_to(folder).parts[:-1] for one in skipped)
            for folder in folders
        )

    def inputs(self) -> Inputs:
        """Return what the options name, the same for all tests of a process.

        No property: pytest 8 looks at those of every plugin, and would read all in each run.
        """
        if self._inputs is None:
            self._inputs = self._read()
        return self._inputs

    def _read(self) -> Inputs:
        from okrcore.surfaces.pytest.options import Inputs

        config, option = self.config, self.config.option
        return Inputs(
            documents=tuple(self.given),
            history=tuple(self._paths("okr_history", "okr_history")),
            journal=tuple(self._paths("okr_journal", "okr_journal")),
            rates=tuple(self._paths("okr_rates", "okr_rates")),
            against=tuple(self._paths("okr_against", "okr_against")),
            known_at=str(option.okr_known_at or config.getini("okr_known_at")),
            as_of=self._as_of.partition(" ")[0],
            select=tuple(option.okr_select or config.getini("okr_select")),
            policy=str(option.okr_policy or config.getini("okr_policy")),
            ignore=tuple(config.getini("okr_ignore")),
            own=config.hook.pytest_okr_policy(config=config),
            root=config.rootpath,
            base=config.invocation_params.dir,
        )

    def pytest_report_header(self) -> str:
        """Say what is checked, and as of which day."""
        names = ", ".join(os.path.relpath(path, self.config.invocation_params.dir) for path in self.given)
        day, _, today = self._as_of.partition(" ")
        return f"okrcore: {names} as of {day}{' (today)' if today else ''}"

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect a document that the options name."""
        for given in self.given:
            if file_path == given or (given in file_path.parents and file_path.suffix.lower() in SUFFIXES):
                return Document.from_parent(parent, path=file_path, documents=self)
        return None

    @property
    def _as_of(self) -> str:
        """The date that is asked for; where none is, the day on which pytest began, and " today"."""
        return str(self.config.option.okr_as_of or self.config.getini("okr_as_of"))

    def _paths(self, option: str, ini: str) -> list[Path]:
        """Return the paths of an option, relative to where pytest was called, or else of an ini option."""
        found: Iterable[str] = getattr(self.config.option, option)
        return [self._absolute(path) for path in found] or self.config.getini(ini)

    def _absolute(self, path: str) -> Path:
        return Path(os.path.normpath(self.config.invocation_params.dir / path))

    @pytest.fixture(scope="session")
    def _okr_inputs(self) -> Inputs:
        from okrcore.errors import OkrError

        held, fault = self.inputs(), ""
        try:
            held.read()
        except OkrError as error:
            fault = held.told(error)
        if fault:
            pytest.fail(fault, pytrace=False)
        return held

    @pytest.fixture(scope="session")
    def okr_portfolio(self, _okr_inputs: Inputs) -> Portfolio:
        """The portfolio that `--okr` or okr_files names."""
        return _okr_inputs.portfolio

    @pytest.fixture(scope="session")
    def okr_history(self, _okr_inputs: Inputs) -> AnyHistory:
        """What was observed; empty where no history is given."""
        from okrcore.history.history import History

        return _okr_inputs.context.history or History.of()

    @pytest.fixture(scope="session")
    def okr_journal(self, _okr_inputs: Inputs) -> Journal:
        """What was answered; empty where no journal is given."""
        from okrcore.history.journal import Journal

        journal = _okr_inputs.context.journal
        return Journal.of() if journal is None else journal

    @pytest.fixture(scope="session")
    def okr_as_of(self, _okr_inputs: Inputs) -> dt.date | dt.datetime:
        """The date or instant that is asked for."""
        return _okr_inputs.context.as_of

    @pytest.fixture(scope="session")
    def okr_snapshot(self, _okr_inputs: Inputs) -> Snapshot:
        """The portfolio judged at that moment."""
        return _okr_inputs.context.snapshot


def _files(path: Path) -> list[Path]:
    """Return a file, or what may be documents in a folder; hidden ones are passed by."""
    if not path.is_dir():
        return [path]
    inside = [file for file in sorted(path.rglob("*")) if file.suffix.lower() in SUFFIXES and file.is_file()]
    return [file for file in inside if not any(part[0] == "." for part in file.relative_to(path).parts)]
