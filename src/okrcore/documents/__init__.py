"""Documents of definitions: YAML, TOML and JSON into a portfolio and back, with the place of every fault."""

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
