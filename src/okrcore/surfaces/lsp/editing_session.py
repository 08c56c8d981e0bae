"""Hold what an editor has open and is told, and judge it anew when something is typed."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import Any

import attrs

from okrcore.documents.source_text import SourceText
from okrcore.errors import OkrError
from okrcore.explanations.explaining import explain
from okrcore.scoring.snapshot import Snapshot
from okrcore.surfaces.configuration import Config, read_config
from okrcore.surfaces.lsp.document_outline import Outlined, outlined
from okrcore.surfaces.lsp.edited_documents import Edited, EditedFacts
from okrcore.surfaces.lsp.editor_marks import EditorMark, of_check, of_problems

_LISTS = ("files", "history", "journal", "rates", "select")


class EditingSession:
    """The open texts by real path, what the editor set, and what was made of them last.

    `version` counts what was typed or set; `trouble` says what keeps findings or scores away, "" for nothing.
    """

    def __init__(self, as_of: str | None = None) -> None:
        self.as_of = as_of
        self.root: str | None = None
        self.texts: dict[str, str] = {}
        self.version = 0
        self.trouble = ""
        self._lock = RLock()
        self._settings: Mapping[str, Any] = {}
        self._edited: tuple[int, Edited] | None = None
        self._sound: Edited | None = None
        self._outlines: dict[str, tuple[SourceText, tuple[Outlined, ...]]] = {}
        self._facts: tuple[object, EditedFacts] | None = None
        self._snapshot: tuple[Edited, Snapshot] | None = None

    def configure(self, given: object) -> None:
        """Take what the editor sets: files, history, journal, rates, select, policy, asOf; else unset."""
        self._settings = given if isinstance(given, Mapping) else {}
        self.changed()

    def type(self, file: str, text: str) -> None:
        """Take the text of an open document."""
        self.texts[os.path.realpath(file)] = text
        self.changed()

    def close(self, file: str) -> None:
        """Read a document from its file again."""
        self.texts.pop(os.path.realpath(file), None)
        self.changed()

    def changed(self) -> None:
        """Make all anew when it is next asked for."""
        self.version += 1

    def faults(self) -> dict[str, tuple[EditorMark, ...]]:
        """Return the marks of what cannot be read, by file, for every document there is."""
        edited = self._read()
        found: dict[str, list[EditorMark]] = (
            {one.name or "": [] for one in edited.documents} if edited else {}
        )
        for mark in of_problems(edited.problems if edited else ()):
            found.setdefault(mark.file, []).append(mark)
        return {file: tuple(marks) for file, marks in found.items()}

    def findings(self) -> dict[str, tuple[EditorMark, ...]]:
        """Return the marks of faults, or where there are none those of findings."""
        found = {file: list(marks) for file, marks in self.faults().items()}
        edited = self._read()
        if edited is None or edited.portfolio is None:
            return {file: tuple(marks) for file, marks in found.items()}
        names = {os.path.realpath(file): file for file in found}
        try:
            checked = edited.checked(self._read_facts(edited))
            for mark in of_check(checked) if checked else ():
                found.setdefault(names.get(mark.file, mark.file), []).append(mark)
            self.trouble = ""
        except OkrError as error:
            for mark in of_problems(one for one in error.problems if one.file in found):
                found[mark.file].append(mark)
            self.trouble = "; ".join(str(one) for one in error.problems if one.file not in found)
        except Exception as error:  # whatever a document and its facts make of the library, typing goes on
            self.trouble = f"the check failed: {type(error).__name__}: {error}"
        return {file: tuple(marks) for file, marks in found.items() if file}

    @property
    def declared(self) -> dict[str, tuple[SourceText, Outlined]]:
        """Where each id is declared, as documents could be read last."""
        self._read()
        found: dict[str, tuple[SourceText, Outlined]] = {}
        for source, sections in self._outlines.values():
            for section in sections:
                for one in section.every():
                    if one.section and one.name:
                        found.setdefault(one.name, (source, one))
        return found

    def document(self, file: str) -> SourceText | None:
        """Return a document as it is typed; None where the file is none."""
        edited, real = self._read(), os.path.realpath(file)
        found = edited.documents if edited else ()
        return next((one for one in found if os.path.realpath(one.name or "") == real), None)

    def outline(self, source: SourceText) -> tuple[Outlined, ...]:
        """Return what a document declares, as it could be read last."""
        return outlined(source) or self._outlines.get(source.name or "", (source, ()))[1]

    def told(self, name: str) -> str:
        """Return what is known of an id, as Markdown: title, score and why; "" where nothing bears it."""
        place = self.declared.get(name)
        if place is None:
            return ""
        one = place[1]
        lines = [f"{one.section.removesuffix('s').replace('_', ' ')} {name}"]
        lines += [one.title] if one.title else []
        snapshot = self._judged()
        if snapshot is not None:
            with suppress(OkrError):  # a team, an owner and a cycle have no score
                lines = explain(snapshot, name).text.splitlines()
        return _fenced(lines)

    def _judged(self) -> Snapshot | None:
        """Return the scores of the documents as they were sound last; None where they cannot be had."""
        edited = self._sound
        if edited is None:
            return None
        if self._snapshot is None or self._snapshot[0] is not edited:
            try:
                snapshot = edited.judged(self._read_facts(edited))
            except Exception as error:  # see findings
                self.trouble = f"nothing is scored: {error}"
                return None
            if snapshot is None:
                return None
            self._snapshot = edited, snapshot
        return self._snapshot[1]

    def _read(self) -> Edited | None:
        """Return the documents as they are typed, made once a version."""
        with self._lock:
            return self._read_anew()

    def _read_anew(self) -> Edited | None:
        if self._edited is not None and self._edited[0] == self.version:
            return self._edited[1]
        version = self.version
        try:
            edited = Edited.read(self._config(), dict(self.texts), self._moment())
        except Exception as error:  # see findings
            self.trouble = str(error)
            return None
        self._edited = version, edited
        if edited.portfolio is not None:
            self._sound = edited
        names = {one.name or "" for one in edited.documents}
        kept = {name: held for name, held in self._outlines.items() if name in names}
        fresh = {one.name or "": (one, outlined(one)) for one in edited.documents if one.root is not None}
        self._outlines = {**kept, **fresh}
        return edited

    def _config(self) -> Config:
        """Return the nearest [tool.okrcore], with what the editor set in its place."""
        folders = list(dict.fromkeys(str(Path(file).parent) for file in self.texts))
        root = Path(self.root or next(iter(folders), "."))
        config = read_config(None, root)
        lists = {
            name: tuple(str(root / one) if name != "select" else one for one in value)
            for name in _LISTS
            if isinstance(value := self._settings.get(name), list | tuple)
            and all(isinstance(one, str) for one in value)
        }
        policy = self._settings.get("policy")
        given: dict[str, Any] = {**lists, **({"policy": policy} if isinstance(policy, str) else {})}
        config = attrs.evolve(config, **given)
        return config if config.files else attrs.evolve(config, files=tuple(folders) or (str(root),))

    def _moment(self) -> dt.date | str:
        given = self._settings.get("asOf") or self.as_of
        return str(given) if given else dt.date.today()  # noqa: DTZ011 - a surface may ask what day it is

    def _read_facts(self, edited: Edited) -> EditedFacts:
        """Return numbers and answers, read anew where their files are other than they were."""
        config = edited.config
        key = tuple((file, _stamp(file)) for file in (*config.history, *config.journal, *config.rates))
        if self._facts is None or self._facts[0] != key:
            self._facts = key, EditedFacts.read(config)
        return self._facts[1]


def _stamp(file: str) -> tuple[int, int] | None:
    try:
        held = Path(file).stat()
    except (OSError, ValueError):
        return None
    return held.st_mtime_ns, held.st_size


def _fenced(lines: list[str]) -> str:
    """Return lines as Markdown that shows them as they are, whatever they hold."""
    text = "\n".join(lines)
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"
