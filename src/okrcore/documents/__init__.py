"""Read and write portfolios as YAML, TOML and JSON, with the place of every fault."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "documents.loading": "Place from_dict load load_with_places loads",
        "documents.plain": "to_dict",
        "documents.schema": "json_schema",
        "documents.dumping": "dump dumps",
    },
)
