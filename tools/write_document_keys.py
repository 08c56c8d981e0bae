"""Write docs/reference/document-keys.md: every key, and what its definition says of it. Run: make pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

import okrcore as okr
from okrcore.documents.layout import SECTIONS
from okrcore.units import rates

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "document-keys.md"
OPENING = """\
# Keys of documents

Every key that a [document](documents.md) may have, in the order in which it is written. Keys that are not
*needed* may be left out. `make pages` writes this page from the code that reads documents; S and A numbers
are clauses of [semantics](../explanation/semantics.md).
"""
Schema = Mapping[str, Any]
COMMON = {
    "id": "Its name in other definitions, in observations and in findings; unique in the portfolio.",
    "title": "What people read.",
    "owner": "The id of an owner: who answers for it.",
    "team": "The id of a team.",
    "unit": "A unit of [the registry](units.md), or one of the document's own `units`.",
    "cadence": "How often it is observed.",
    "source": "Where the numbers come from.",
    "why": "The reason, for people.",
    "rationale": "The reason, for people.",
    "tags": "Words of your own, which nothing here reads.",
    "formerly": "Ids that it had before: what was recorded under them is read as its own.",
}
"""What a key means wherever it stands, where a definition's own text says no more."""


def page() -> str:
    """Return the text of the page."""
    schema = okr.json_schema()
    parts = [OPENING, *_document(schema)]
    for name, entry in schema["$defs"].items():
        if "." not in name:
            parts += _definition(name, entry)
    return "\n".join(parts)


def _document(schema: Schema) -> Iterator[str]:
    yield from ("## Document", "", "| key | holds |", "| --- | --- |")
    for key, entry in schema["properties"].items():
        says = entry.get("description")
        yield f"| `{key}` | {says or _form(entry)} |"
    yield ""


def _definition(name: str, entry: Schema) -> Iterator[str]:
    text = entry.get("description", "")
    section = next((key for key, kind in SECTIONS.items() if kind.__name__ == name), None)
    yield from (f"## {name}", "", text.split("\n\n")[0].replace("\n", " "), "")
    if section:
        yield f"An entry of `{section}`.\n"
    keyed = _keyed(entry)
    if keyed is not entry:
        short = [_form(one) for one in entry.get("anyOf", [entry]) if one is not keyed]
        yield f"Written as {' or '.join(short)}{', or with these keys:' if keyed else '.'}\n"
    needed = keyed.get("required", ())
    for key, form in keyed.get("properties", {}).items():
        told = _default(name, key)
        notes = ["needed" if key in needed else told] if key in needed or told else []
        yield from (f"### {name}: {key}", "", f"{'; '.join([_form(form), *notes])}.", "")
        if says := _sentences(text, key) or COMMON.get(key):
            yield from (says, "")


def _keyed(entry: Schema) -> Schema:
    """Return the form of an entry that has keys; of an entry that has none, an empty one."""
    return next((one for one in [entry, *entry.get("anyOf", ())] if "properties" in one), {})


def _form(entry: Schema) -> str:
    if "$ref" in entry:
        name = entry["$ref"].rpartition("/")[2].rpartition(".")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in entry:
        return " or ".join(dict.fromkeys(map(_form, entry["anyOf"])))
    if "enum" in entry:
        return " or ".join(f"`{word}`" for word in entry["enum"])
    kinds = entry.get("type", "anything")
    if kinds == "array":
        if "prefixItems" in entry:
            return f"[{', '.join(map(_form, entry['prefixItems']))}]"
        return f"a list, each {_form(entry['items'])}" if "items" in entry else "a list"
    if kinds == "object":
        if "properties" in entry:
            return " or ".join(f"`{key}: ` {_form(one)}" for key, one in entry["properties"].items())
        return f"keys of your own, each {_form(entry['additionalProperties'])}"
    words = {"string": "text", "integer": "a whole number", "boolean": "`true` or `false`", "null": "nothing"}
    words["number"] = "a number"
    if entry.get("format") == "date":
        return "a date"
    return " or ".join(words.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _default(name: str, key: str) -> str:
    """Return what a key that is left out means, where it is a word, a number or a flag."""
    kinds = (getattr(room, name, None) for room in (okr.definitions, okr.priorities, rates))
    field = attrs.fields_dict(next(filter(None, kinds))).get(key)
    if not field or not isinstance(field.default, str | int | float) or field.default == "":
        return ""
    shown = str(field.default).lower() if isinstance(field.default, bool) else f"{field.default}"
    return f"`{shown}` where it is left out"


def _sentences(text: str, key: str) -> str:
    """Return what the definition's text says of one of its keys."""
    body = " ".join(text.split())
    return " ".join(one for one in re.split(r"(?<=[.)]) (?=[A-Z`])", body) if f"`{key}`" in one)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
