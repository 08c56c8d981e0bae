"""Where facts come from: spreadsheets, exports of other tools, files and queries of observations."""

from okrcore.adapters.catalogue import Catalogue, read_catalogue
from okrcore.adapters.cells import NumberFormat
from okrcore.adapters.dmn.table import read_dmn
from okrcore.adapters.history_input import read_history
from okrcore.adapters.journal_input import read_journal
from okrcore.adapters.mapping import ColumnMapping

__all__ = [
    "Catalogue",
    "ColumnMapping",
    "NumberFormat",
    "read_catalogue",
    "read_dmn",
    "read_history",
    "read_journal",
]
