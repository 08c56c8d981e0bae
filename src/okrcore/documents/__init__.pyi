"""Read and write portfolios as YAML, TOML and JSON, with the place of every fault."""

from okrcore.documents.dumping import dump as dump
from okrcore.documents.dumping import dumps as dumps
from okrcore.documents.loading import Place as Place
from okrcore.documents.loading import from_dict as from_dict
from okrcore.documents.loading import load as load
from okrcore.documents.loading import load_with_places as load_with_places
from okrcore.documents.loading import loads as loads
from okrcore.documents.plain import to_dict as to_dict
from okrcore.documents.schema import json_schema as json_schema
