"""Source systems into observations that a machine pulled: files, databases, workbooks, Prometheus, frames."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "sources.pulling": "pull_into Pulled",
        "sources.pull_source": "PullSource",
        "adapters.table_format": "TableFormat",
        "sources.files": "FileSource FrameSource",
        "sources.excel": "ExcelSource",
        "sources.prometheus": "PrometheusSource",
        "sources.sql": "SqlSource duckdb_source postgresql_source sqlite_source",
        "sources.source_files": "load_sources",
        "adapters.number_cells": "NumberFormat",
        "adapters.catalogue.mapping": "ColumnMapping",
        "adapters.catalogue.reader": "Catalogue",
    },
)
