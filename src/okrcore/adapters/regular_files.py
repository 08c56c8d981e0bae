"""Refuse paths that are no file with an end (pipes, devices, folders), and read the others up to a limit."""

from __future__ import annotations

import stat
from pathlib import Path

from okrcore.documents.source_text import read_bytes
from okrcore.errors import DocumentError, OkrError, Problem


def size_of(path: Path, kind: type[OkrError] = DocumentError) -> int:
    """Return how many bytes a file has; raise an error of a `kind` where it cannot be looked at, or is none.

    A pipe would keep its reader waiting and a device has no end, so neither is opened.
    """
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path is no path"
        raise failed(path, f"cannot be opened: {reason}; check the path", kind=kind) from error
    if stat.S_ISDIR(found.st_mode):
        raise failed(path, "cannot be opened: it is a folder; check the path", kind=kind)
    if not stat.S_ISREG(found.st_mode):
        raise failed(path, "is no file but a pipe or a device; save what it gives, and name that", kind=kind)
    return found.st_size


def read_at_most(path: Path, most: int, remedy: str, kind: type[OkrError] = DocumentError) -> bytes:
    """Return at most so many bytes of a file, whatever its size is said to be; `remedy` ends the error."""
    size = size_of(path, kind)
    if size <= most:
        try:
            content = read_bytes(path, most)
        except OSError as error:
            reason = error.strerror or error
            raise failed(path, f"cannot be opened: {reason}; check the path", kind=kind) from error
        if len(content) <= most:
            return content
        size = len(content)
    raise failed(path, f"has {size} bytes, more than {most}; {remedy}", kind=kind)


def failed(
    path: Path, message: str, line: int | None = None, kind: type[OkrError] = DocumentError
) -> OkrError:
    """Return the error of a file that cannot be read at all."""
    return kind([Problem(message, file=str(path), line=line, kind=kind)])
