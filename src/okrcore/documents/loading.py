"""Load a portfolio from files, folders and texts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

import attrs

from okrcore.definitions.portfolio import Portfolio
from okrcore.documents.json_reader import read_json
from okrcore.documents.nodes import Limits, Node, Unreadable, descend, from_plain
from okrcore.documents.scalar_nodes import BAD
from okrcore.documents.sections import assemble
from okrcore.documents.source_text import SourceText, check, decode, too_large
from okrcore.documents.structure import reader
from okrcore.documents.toml_reader import read_toml
from okrcore.documents.yaml_reader import read_yaml
from okrcore.errors import DocumentError, raise_all

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
    files of these suffixes are read where they are named *.okr.yaml (.okr.toml, ...) or hold the version key
    `okrcore` at their top; hidden files and folders, and links to folders, are passed by. The order is that
    of `paths`, inside a folder that of the names. Ids resolve across all files.

    Raises one error with every fault of all files, each with file, line and column (TOML: line):
    DocumentError, another OkrError that all faults share, or DefinitionError where they are mixed (S0.4). A
    file of more than `max_bytes`, and one that cannot be opened, is a fault as well. Cost in proportion to
    the text.
    """
    return assemble(_sources(paths, attrs.evolve(Limits(), max_bytes=max_bytes)))[0]


def loads(text: str | bytes, format: Format = "yaml", *, max_bytes: int = Limits().max_bytes) -> Portfolio:
    """Return the portfolio that one text declares; errors as for `load`, without a file.

    >>> loads("{okrcore: 1, teams: [{id: operations}]}").teams
    (Team(id='operations', title='', parent=None, capacity=None),)
    """
    if format not in READERS:
        raise DocumentError(f"format {format!r} is unknown; give one of {', '.join(READERS)}")
    limits = attrs.evolve(Limits(), max_bytes=max_bytes)
    source = SourceText(decode(text) if isinstance(text, bytes) else text.removeprefix("\ufeff"))
    return assemble([_parsed(source, format, limits)])[0]


def from_dict(type: type[T], mapping: Mapping[str, Any]) -> T:
    """Return the value of an attrs class that plain values describe, as `to_dict` gives them.

    The reading is as strict as that of documents: unknown keys, wrong types and missing fields arrive in one
    error, each with its path.

    >>> from okrcore.definitions.measures import Band
    >>> from_dict(Band, {"low": 98})
    Band(low=98.0, high=None, tolerance=None)
    """
    source = SourceText()
    try:
        source.root = from_plain(mapping)
    except Unreadable as stop:
        raise DocumentError(stop.message) from None
    if type is Portfolio:
        return assemble([source])[0]  # type: ignore[return-value]  # T is Portfolio
    kind: Any = type
    value = reader(kind)(source.root, source)
    raise_all(source.problems())
    assert value is not BAD, "what cannot be read leaves a problem"
    return value  # type: ignore[no-any-return]


@attrs.frozen
class Place:
    """Where a definition stands: file name, line and column from 1 (column None in TOML)."""

    file: str | None
    line: int | None
    column: int | None


def load_with_places(
    paths: Paths, *, max_bytes: int = Limits().max_bytes
) -> tuple[Portfolio, dict[str, Place]]:
    """Return what `load` returns, and where each id stands, for surfaces that point into files.

    A definition without an id of its own (a link, a tolerance) stands where it begins, and so does the
    priority table, under "priorities".
    """
    portfolio, origins = assemble(_sources(paths, attrs.evolve(Limits(), max_bytes=max_bytes)))
    places = {
        name: Place(origin.source.name, *origin.source.place(descend(origin.node, "id").at))
        for name, origin in origins.items()
    }
    return portfolio, places


def files_of(paths: Paths) -> list[Path]:
    """Return the files that `load` reads for these paths, in order; of a folder those that are documents."""
    sources = _sources(paths, Limits())
    return [Path(source.name) for source in sources if source.name is not None]


def _sources(paths: Paths, limits: Limits) -> Iterator[SourceText]:
    given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if not given:
        raise DocumentError("no path is given; name a file or a folder")
    seen: set[str] = set()
    for path in map(Path, given):
        if path.is_dir():
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
    real = os.path.realpath(path)
    if real in seen:
        return None
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        return _failed(path, f"suffix {path.suffix!r} is unknown; use one of {', '.join(FORMATS)}")
    try:
        with path.open("rb") as file:
            data = file.read(limits.max_bytes + 1)
    except OSError as error:
        return _failed(path, f"cannot be opened: {error.strerror or error}; check the path")
    source = SourceText(decode(data), str(path))
    if in_folder and Path(path.stem).suffix != ".okr" and not _VERSIONED[kind].search(source.text):
        return None
    seen.add(real)
    if len(data) > limits.max_bytes:
        return _failed(path, too_large(path.stat().st_size, limits))
    return _parsed(source, kind, limits)


_VERSIONED = {
    "yaml": re.compile(r"^(?:\{\s*+)?+[\"']?okrcore[\"']?\s*+:", re.MULTILINE),
    "toml": re.compile(r"\A(?:(?!\[)[^\n]*+\n)*?[\"']?okrcore[\"']?[ \t]*+="),
    "json": re.compile(r'"okrcore"\s*+:'),
}


def _parsed(source: SourceText, format: Format, limits: Limits) -> SourceText:
    source.columns = format != "toml"
    try:
        check(source.text, limits)
        source.root = READERS[format](source, limits)
    except Unreadable as stop:
        source.fault(stop.message, stop.at)
    return source


def _failed(path: Path, message: str) -> SourceText:
    source = SourceText(name=str(path))
    source.fault(message, -1)
    return source
