"""Source systems into observations that a machine pulled: files, databases, workbooks, Prometheus, frames."""

from okrcore.adapters.catalogue.mapping import ColumnMapping as ColumnMapping
from okrcore.adapters.catalogue.reader import Catalogue as Catalogue
from okrcore.adapters.number_cells import NumberFormat as NumberFormat
from okrcore.adapters.table_format import TableFormat as TableFormat
from okrcore.sources.excel import ExcelSource as ExcelSource
from okrcore.sources.files import FileSource as FileSource
from okrcore.sources.files import FrameSource as FrameSource
from okrcore.sources.prometheus import PrometheusSource as PrometheusSource
from okrcore.sources.pull_source import PullSource as PullSource
from okrcore.sources.pulling import Pulled as Pulled
from okrcore.sources.pulling import pull_into as pull_into
from okrcore.sources.source_files import load_sources as load_sources
from okrcore.sources.sql import SqlSource as SqlSource
from okrcore.sources.sql import duckdb_source as duckdb_source
from okrcore.sources.sql import postgresql_source as postgresql_source
from okrcore.sources.sql import sqlite_source as sqlite_source
