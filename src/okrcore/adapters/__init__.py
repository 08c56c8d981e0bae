"""Where facts come from: spreadsheets, exports of other tools, files and queries of observations."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "adapters.catalogue.reader": "Catalogue read_catalogue",
        "adapters.catalogue.mapping": "ColumnMapping",
        "adapters.number_cells": "NumberFormat",
        "adapters.dmn.decision_table": "read_dmn",
        "adapters.history_input": "read_history",
        "adapters.journal_input": "read_journal",
        "adapters.rates_input": "read_rates",
    },
)
