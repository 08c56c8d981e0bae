"""Build the JSON Schema (draft 2020-12) of documents, for editors and validators."""

from __future__ import annotations

import datetime as dt
import inspect
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.fields import is_id
from okrcore.definitions.priority_table import PriorityTable
from okrcore.documents.layout import (
    ALWAYS_SHORT,
    CALENDAR,
    EDITORS_KEY,
    NESTED,
    RATES,
    SECTIONS,
    SHORT,
    TABLE,
    TAGS,
    UNITS,
    VERSION,
    VERSION_KEY,
)
from okrcore.documents.structure import field_kinds
from okrcore.units.rates import DatedRate

Schema = dict[str, Any]

_PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    type(None): {"type": "null"},
    dt.date: {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    dt.datetime: {"type": "string", "format": "date-time"},
    Any: {},
}


def json_schema() -> Schema:
    """Return the JSON Schema of a document: one `$defs` entry a definition, described by its docstring.

    What it cannot see, `load` does: dangling ids, circles, units, dates out of order. YAML words that a
    field takes as text although they look like something else (`title: 2026`) want quotes to pass it.

    >>> json_schema()["required"]
    ['okrcore']
    """
    defs: dict[str, Schema] = {}
    sections: Schema = {
        EDITORS_KEY: {"type": "string", "description": "Where editors find this schema."},
        VERSION_KEY: {"const": VERSION, "description": "The version of the document's layout."},
        UNITS: {"type": "array", "items": {"type": "string"}, "description": "Names of further counts."},
    }
    for section, kind in SECTIONS.items():
        sections[section] = {"type": "array", "items": _of(kind, defs)}
    sections[TABLE] = _of(PriorityTable, defs)
    sections[CALENDAR] = _of(Calendar, defs)
    sections[RATES] = {"type": "array", "items": _of(DatedRate, defs)}
    for holder, (key, kind, field) in NESTED.items():
        entry = defs[kind.__name__]
        inner = dict(entry, required=[name for name in entry["required"] if name != field])
        defs[f"{holder.__name__}.{kind.__name__}"] = inner
        ref = {"$ref": f"#/$defs/{holder.__name__}.{kind.__name__}"}
        defs[holder.__name__]["properties"][key] = {"type": "array", "items": ref}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "okrcore document",
        "type": "object",
        "required": [VERSION_KEY],
        "additionalProperties": False,
        "properties": sections,
        "$defs": defs,
    }


def _of(kind: Any, defs: dict[str, Schema]) -> Schema:
    """Return the schema of a type; classes go to `defs` once."""
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (Union, types.UnionType):
        return _any_of(inner, defs)
    if attrs.has(origin):
        if origin.__name__ not in defs:
            defs[origin.__name__] = {}  # held, should the class contain itself
            defs[origin.__name__] = _class(origin, defs)
        return {"$ref": f"#/$defs/{origin.__name__}"}
    if issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of(inner[1], defs)}
    if inner[-1] is Ellipsis:
        return {"type": "array", "items": _of(inner[0], defs)}
    return _row([_of(one, defs) for one in inner])


def _any_of(kinds: tuple[Any, ...], defs: dict[str, Schema]) -> Schema:
    tags = TAGS.get(frozenset(kinds) - {type(None)})
    if not tags:
        schemas = [_of(kind, defs) for kind in kinds]
        if all(schema.keys() == {"type"} for schema in schemas):
            return {"type": [schema["type"] for schema in schemas]}
        return {"anyOf": schemas}
    tagged = {tag: _of(cls, defs) for tag, cls in tags.items()}
    choice = {
        "type": "object",
        "properties": tagged,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    return {"anyOf": [choice, {"type": "null"}]} if type(None) in kinds else choice


def _class(cls: Any, defs: dict[str, Schema]) -> Schema:
    kinds = field_kinds(cls)
    fields = [field for field in attrs.fields(cls) if field.init]
    required = [
        field.alias
        for field in fields
        if field.default is attrs.NOTHING and type(None) not in get_args(kinds[field.alias])
    ]
    properties: dict[str, Schema] = {}
    for field in fields:
        schema = properties[field.alias] = _of(kinds[field.alias], defs)
        if is_id in field.metadata.get("checks", ()) and field.default is attrs.NOTHING:
            schema["minLength"] = 1
        if field.default and isinstance(field.default, str | bool | float):
            schema["default"] = field.default
    full: Schema = {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": properties,
    }
    short = [_of(kinds[name], defs) for name in SHORT.get(cls, ())]
    forms = [short[0] if len(short) == 1 else _row(short)] if short else []
    text = {"description": inspect.cleandoc(cls.__doc__ or "").partition("\n\n>>>")[0]}
    if cls in ALWAYS_SHORT and isinstance(kinds[SHORT[cls][0]], type):
        return text | forms[0]
    return text | ({"anyOf": [*forms, full]} if forms else full)


def _row(schemas: list[Schema]) -> Schema:
    length = len(schemas)
    return {"type": "array", "prefixItems": schemas, "minItems": length, "maxItems": length}
