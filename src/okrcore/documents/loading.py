"""Load a portfolio from files, folders and texts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

import attrs

from okrcore._log import logger
from okrcore.definitions.portfolio import Portfolio
from okrcore.documents.json_reader import read_json
from okrcore.documents.layout import VERSION_KEY
from okrcore.documents.nodes import Fields, Limits, Node, Unreadable, descend, from_plain
from okrcore.documents.scalar_nodes import BAD
from okrcore.documents.sections import Origin, assemble
from okrcore.documents.source_text import SourceText, check, decode, read_bytes, too_large
from okrcore.documents.structure import structured
from okrcore.documents.toml_reader import read_toml
from okrcore.documents.waiver_comments import remarks
from okrcore.documents.yaml_reader import read_yaml
from okrcore.errors import DocumentError, raise_all

_LOG = logger(__name__)
Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
Format = Literal["yaml", "toml", "json"]
T = TypeVar("T")

READERS: Mapping[str, Callable[[SourceText, Limits], Node]] = {
    "yaml": read_yaml,
    "toml": read_toml,
    "json": read_json,
}
FORMATS: Mapping[str, Format] = {".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".json": "json"}


def load(paths: Paths, *, max_bytes: int = Limits().max_bytes) -> Portfolio:
    """Return the portfolio that files and folders declare together.

    A file is read as YAML (.yaml, .yml), TOML or JSON by its suffix. In a folder and the folders below it,
    files of these suffixes are read where they are named *.okr.yaml (.okr.toml, ...) or have the version key
    `okrcore` at their top and no `kind`, which marks what the command line writes; hidden files and folders,
    and links to folders, are passed by. The order is that of `paths`, inside a folder that of the names. Ids
    resolve across all files.

    Raises one error with every fault of all files, each with file, line and column (TOML: line):
    DocumentError, another OkrError that all faults share, or DefinitionError where they are mixed (S0.4). A
    file of more than `max_bytes`, and one that cannot be opened, is a fault as well. Cost in proportion to
    the text.
    """
    return assemble(_sources(paths, attrs.evolve(Limits(), max_bytes=max_bytes)))[0]


def loads(text: str | bytes, format: Format = "yaml", *, max_bytes: int = Limits().max_bytes) -> Portfolio:
    """Return the portfolio that one text declares; errors as for `load`, without a file.

    >>> loads("{okrcore: 1, teams: [{id: operations}]}").teams[0].id
    'operations'
    """
    if format not in READERS:
        raise DocumentError(f"format {format!r} is unknown; give one of {', '.join(READERS)}")
    limits = attrs.evolve(Limits(), max_bytes=max_bytes)
    source = SourceText(decode(text) if isinstance(text, bytes) else text.removeprefix("\ufeff"))
    return assemble([_parsed(source, format, limits)])[0]


def from_dict(type: type[T], mapping: Mapping[str, Any]) -> T:
    """Return the value of an attrs class that plain values describe, as `to_dict` gives them.

    The value is equal to the one that was written, and hashes alike; in a witness and in evidence, ISO dates
    become dates. The reading is as strict as that of documents: unknown keys, wrong types and missing fields
    arrive in one error, each with its path. DefinitionError where the form of the type is not all that it
    holds, as that of a Snapshot, History, Plan or Decision: docs/reference/documents.md lists them.

    >>> from okrcore.definitions.measures import Band
    >>> from_dict(Band, {"low": 98})
    Band(low=98.0, high=None, tolerance=None, over='period')
    """
    source = SourceText()
    try:
        source.root = from_plain(mapping)
    except Unreadable as stop:
        raise DocumentError(stop.message) from None
    if type is Portfolio:
        return assemble([source])[0]  # type: ignore[return-value]  # T is Portfolio
    kind: Any = type
    value = structured(kind, source.root, source)
    raise_all(source.problems())
    assert value is not BAD, "what cannot be read leaves a problem"
    return value  # type: ignore[no-any-return]


@attrs.frozen
class Place:
    """Where a definition stands: file name, line and column from 1 (column None in TOML)."""

    file: str | None
    line: int | None
    column: int | None


def load_with_places(paths: Paths) -> tuple[Portfolio, dict[str, Place]]:
    """Return what `load` returns, and where each id stands, for surfaces that point into files.

    A definition without an id of its own (a link, a tolerance) stands where it begins, and so does the
    priority table, under "priorities".
    """
    portfolio, origins = assemble(_sources(paths, Limits()))
    return portfolio, places_of(origins)


def places_of(origins: Mapping[str, Origin]) -> dict[str, Place]:
    """Return where each id stands, of the origins that `assemble` gives."""
    return {
        name: Place(origin.source.name, *origin.source.place(descend(origin.node, "id").at))
        for name, origin in origins.items()
    }


def sources_of(paths: Paths, *, max_bytes: int = Limits().max_bytes) -> tuple[SourceText, ...]:
    """Return the documents that `load` reads for these paths, in order, each read as far as it can be."""
    return tuple(_sources(paths, attrs.evolve(Limits(), max_bytes=max_bytes)))


def sources_with(paths: Paths, texts: Mapping[str, str]) -> tuple[SourceText, ...]:
    """Return the documents that `load` reads for these paths, each in `texts` with that text.

    `texts` are by real path; what none of the paths leads to, or no file holds yet, is among the documents
    where it is one by its name or its version key.
    """
    found = {os.path.realpath(one.name or ""): one for one in sources_of(paths)}
    for real, text in texts.items():
        kind = FORMATS.get(Path(real).suffix.lower())
        if kind is None:
            continue
        name = (found[real].name if real in found else None) or real
        source = _parsed(SourceText(text.removeprefix("\ufeff"), name), kind, Limits())
        if real in found or Path(Path(real).stem).suffix == ".okr" or _is_document(source, kind):
            found[real] = source
    folders = {str(folder) for real in texts for folder in Path(real).parents}
    return tuple(one for real, one in found.items() if real not in folders and not os.path.isdir(real))  # noqa: PTH112


def reread(source: SourceText, text: str) -> SourceText:
    """Return a document of the same file that holds another text."""
    return _parsed(SourceText(text, source.name), FORMATS[Path(source.name or "").suffix.lower()], Limits())


def _sources(paths: Paths, limits: Limits) -> Iterator[SourceText]:
    if not isinstance(paths, Iterable | os.PathLike):
        raise DocumentError(
            f"paths is {paths!r:.80}, but must be a path or a list of paths; name a file or a folder"
        )
    given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if not given:
        raise DocumentError("no path is given; name a file or a folder")
    seen: set[str] = set()
    for path in given:
        if not os.fspath(path):
            raise DocumentError("a path is '', but must name a file or a folder; give '.' for this folder")
    for path in map(Path, given):
        if os.path.isdir(path):  # noqa: PTH112 - unlike Path.is_dir it never raises
            files = [(file, True) for file in _files(path)]
            taken = [source for file, inside in files if (source := _source(file, limits, inside, seen))]
            if not taken:
                yield _failed(
                    path, "no document is in this folder; name one *.okr.yaml, or begin it with okrcore: 1"
                )
            yield from taken
        elif source := _source(path, limits, False, seen):
            yield source


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() in FORMATS:
                yield Path(root, name)


def _source(path: Path, limits: Limits, in_folder: bool, seen: set[str]) -> SourceText | None:
    """Return the parsed document of a file; None where it was read before, or is no document of a folder."""
    kind = FORMATS.get(path.suffix.lower())
    try:
        if kind is None and path.stat():
            return _failed(path, f"suffix is {path.suffix!r}, but must be one of {', '.join(FORMATS)}")
        data = read_bytes(path, limits.max_bytes)
        real = os.path.realpath(path)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        return _failed(path, f"cannot be opened: {reason}; check the path")
    if real in seen:
        return None
    text = decode(data)
    named = not in_folder or Path(path.stem).suffix == ".okr"
    if not named and VERSION_KEY not in text:
        return None
    assert kind is not None, "another suffix was refused"
    large = len(data) > limits.max_bytes
    source = (
        _failed(path, too_large(path.stat().st_size, limits), text)
        if large
        else _parsed(SourceText(text, str(path)), kind, limits)
    )
    if not named and not _is_document(source, kind):
        return None
    seen.add(real)
    _LOG.debug("read %s: %d bytes, %d faults", path, len(data), len(source.faults))
    return source


def _is_document(source: SourceText, format: Format) -> bool:
    """Say whether a text has the version key at its top and no kind, as far as it can be read."""
    if source.root is not None:
        keys = source.root.entries if isinstance(source.root, Fields) else {}
        return VERSION_KEY in keys and "kind" not in keys
    versioned, kind = (
        re.search(_TOP[format].format(key), source.text, re.M) for key in (VERSION_KEY, "kind")
    )
    return bool(versioned) and not kind


_TOP = {
    "yaml": r"^(?:\{{\s*+)?+[\"']?{}[\"']?\s*+:",
    "toml": r"\A(?:(?!\[)[^\n]*+\n)*?[\"']?{}[\"']?[ \t]*+=",
    "json": r'\A\s*+\{{\s*+(?:"okrcore"\s*+:\s*+1\s*+,\s*+)?"{}"\s*+:',
}
"""Where a key stands at the top of what cannot be read; in JSON as the first key, or the one after it."""


def _parsed(source: SourceText, format: Format, limits: Limits) -> SourceText:
    source.columns = format != "toml"
    try:
        check(source.text, limits)
        source.root = READERS[format](source, limits)
        source.remarks = remarks(source.text, format)
    except Unreadable as stop:
        source.fault(stop.message, stop.at)
    return source


def _failed(path: Path, message: str, text: str = "") -> SourceText:
    source = SourceText(text, str(path))
    source.fault(message, -1)
    return source
