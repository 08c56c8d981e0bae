"""Documents of definitions: YAML, TOML and JSON into a portfolio and back, with the place of every fault."""

from okrcore.documents.plain import to_dict
from okrcore.documents.reading import Place, from_dict, load, load_with_places, loads
from okrcore.documents.schema import json_schema
from okrcore.documents.writing import dump, dumps

__all__ = [
    "Place",
    "dump",
    "dumps",
    "from_dict",
    "json_schema",
    "load",
    "load_with_places",
    "loads",
    "to_dict",
]
