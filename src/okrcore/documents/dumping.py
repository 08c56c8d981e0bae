"""Write a portfolio as text or a file that loads as an equal portfolio."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from okrcore.definitions.portfolio import Portfolio
from okrcore.documents.loading import FORMATS, Format
from okrcore.documents.plain import to_document
from okrcore.documents.toml_writer import write_toml
from okrcore.documents.yaml_writer import escaped, write_yaml
from okrcore.errors import DocumentError


def dump(portfolio: Portfolio, path: str | os.PathLike[str]) -> None:
    """Write the portfolio to a .yaml, .yml, .toml or .json file.

    The file is replaced in one step, so that a reader or a crash meets the old or the new one, never a part.
    Raises DocumentError for another suffix, and where the file cannot be written.
    """
    kind = FORMATS.get(Path(path).suffix.lower())
    if kind is None:
        raise DocumentError(f"{path}: the suffix names no format; use one of {', '.join(FORMATS)}")
    replace_file(path, dumps(portfolio, kind).encode())


def replace_file(path: str | os.PathLike[str], data: bytes) -> None:
    """Put data in place of a file in one step; raises DocumentError where it cannot be written.

    The file keeps its mode; a link stays, and what it leads to is replaced. What is no regular file, such as
    /dev/stdout, is written to.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            target.write_bytes(data)
            return
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "the file is read-only")
        draft = target.with_name(f".{target.name[:50]}.{secrets.token_hex(6)}.tmp")
        try:
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, draft)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise DocumentError(f"{path}: cannot be written: {reason}; check the path") from error


def dumps(portfolio: Portfolio, format: Format = "yaml") -> str:
    """Return the document of a portfolio; `loads` of it, in the same format, is an equal portfolio.

    Raises DocumentError for text that UTF-8 cannot hold, and for an unknown format.

    >>> from okrcore.definitions.people import Team
    >>> print(dumps(Portfolio.of(Team(id="operations"))), end="")
    okrcore: 1
    teams:
      - {id: operations}
    """
    if format not in WRITERS:
        raise DocumentError(f"format {format!r} is unknown; give one of {', '.join(WRITERS)}")
    text = WRITERS[format](to_document(portfolio))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        near = text[max(0, error.start - 20) : error.start]
        raise DocumentError(f"the text after {near!r} holds half of a surrogate pair; correct it") from None
    return text


def _write_json(document: dict[str, Any]) -> str:
    return escaped(json.dumps(document, indent=2, ensure_ascii=False, default=_iso)) + "\n"


def _iso(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise DocumentError(f"a {type(value).__name__} has no form in a document")


WRITERS: Mapping[str, Callable[[dict[str, Any]], str]] = {
    "yaml": write_yaml,
    "toml": write_toml,
    "json": _write_json,
}
