"""Where facts come from: spreadsheets, exports of other tools, files and queries of observations."""

from okrcore.adapters.catalogue.mapping import ColumnMapping as ColumnMapping
from okrcore.adapters.catalogue.reader import Catalogue as Catalogue
from okrcore.adapters.catalogue.reader import read_catalogue as read_catalogue
from okrcore.adapters.dmn.decision_table import read_dmn as read_dmn
from okrcore.adapters.history_input import read_history as read_history
from okrcore.adapters.journal_input import read_journal as read_journal
from okrcore.adapters.number_cells import NumberFormat as NumberFormat
from okrcore.adapters.rates_input import read_rates as read_rates
