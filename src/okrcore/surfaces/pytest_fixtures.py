"""The documents that a run of pytest names into fixtures of its tests; read when the first test asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from okrcore.definitions.portfolio import Portfolio
    from okrcore.history.facts import AnyHistory
    from okrcore.history.journal import Journal
    from okrcore.scoring.snapshot import Snapshot
    from okrcore.surfaces.pytest_inputs import Inputs


class Fixtures:
    """A plugin of a run that names documents."""

    def __init__(self, inputs: Callable[[], Inputs]) -> None:
        self._inputs = inputs

    @pytest.fixture(scope="session")
    def _okr_inputs(self) -> Inputs:
        from okrcore.errors import OkrError

        held, fault = self._inputs(), ""
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
        from okrcore.history.columns import History

        return _okr_inputs.context.history or History.of()

    @pytest.fixture(scope="session")
    def okr_journal(self, _okr_inputs: Inputs) -> Journal:
        """What was answered; empty where no journal is given."""
        from okrcore.history.journal import Journal

        return _okr_inputs.context.journal or Journal.of()

    @pytest.fixture(scope="session")
    def okr_as_of(self, _okr_inputs: Inputs) -> dt.date | dt.datetime:
        """The date or instant that is asked for."""
        return _okr_inputs.context.as_of

    @pytest.fixture(scope="session")
    def okr_snapshot(self, _okr_inputs: Inputs) -> Snapshot:
        """The portfolio judged at that moment."""
        return _okr_inputs.context.snapshot
