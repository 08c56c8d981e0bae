"""Serve an editor over the language server protocol: findings, scores, ids and where they are declared."""

from __future__ import annotations

import asyncio
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path

import okrcore
from okrcore.surfaces.lsp.editing_session import EditingSession
from okrcore.surfaces.lsp.editor_marks import EditorMark
from okrcore.surfaces.lsp.editor_units import EditorUnits, file_of
from okrcore.surfaces.lsp.reference_fields import wanted
from okrcore.surfaces.lsp.text_positions import Span, TextLines

PAUSE = 0.25
"""So many seconds nothing is typed before documents are judged."""

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}


def serve(as_of: str | None = None) -> None:
    """Serve the editor at standard input and output until it ends; `as_of` None: judge at today's date."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with asked, answers, redirect_stdout(sys.stderr):  # what a policy prints is no message
        language_server(as_of).start_io(asked, answers)


def language_server(as_of: str | None = None) -> LanguageServer:
    """Return a server that is not started; every request is answered, whatever a document holds."""
    server = LanguageServer(
        "okrcore", okrcore.__version__, text_document_sync_kind=types.TextDocumentSyncKind.Full
    )
    wire = _Wire(server, EditingSession(as_of))
    completion = types.CompletionOptions(trigger_characters=[" ", "[", ",", '"', "'"])
    for name, options, answer in (
        (types.INITIALIZE, None, wire.initialize),
        (types.TEXT_DOCUMENT_DID_OPEN, None, wire.opened),
        (types.TEXT_DOCUMENT_DID_CHANGE, None, wire.changed),
        (types.TEXT_DOCUMENT_DID_SAVE, None, wire.saved),
        (types.TEXT_DOCUMENT_DID_CLOSE, None, wire.closed),
        (types.WORKSPACE_DID_CHANGE_CONFIGURATION, None, wire.configured),
        (types.TEXT_DOCUMENT_HOVER, None, wire.hover),
        (types.TEXT_DOCUMENT_DEFINITION, None, wire.definition),
        (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, None, wire.symbols),
        (types.TEXT_DOCUMENT_COMPLETION, completion, wire.completion),
    ):
        server.feature(name, options)(_handler(answer))
    return server


def _handler(answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a method as a function of its own, which pygls marks."""
    if not inspect.iscoroutinefunction(answer):
        return lambda params: answer(params)

    async def handle(params: Any) -> Any:
        return await answer(params)

    return handle


class _Wire:
    """What the protocol asks, put to the session, and its answers in the editor's units."""

    def __init__(self, server: LanguageServer, session: EditingSession) -> None:
        self.server, self.session = server, session
        self.marked: set[str] = set()
        self.addresses: dict[str, str] = {}
        self.told = ""

    @property
    def _units(self) -> EditorUnits:
        return EditorUnits(self.server.workspace.position_codec)

    def initialize(self, params: types.InitializeParams) -> None:
        folders = [one.uri for one in params.workspace_folders or ()]
        root = next(iter(folders), params.root_uri)
        self.session.root = file_of(root) if root else None
        self.session.configure(params.initialization_options)

    async def opened(self, params: types.DidOpenTextDocumentParams) -> None:
        self._typed(params.text_document.uri, params.text_document.text)
        await self._judge(0)

    async def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        document = self.server.workspace.get_text_document(params.text_document.uri)
        self._typed(params.text_document.uri, document.source)
        await self._judge(PAUSE)

    async def saved(self, params: types.DidSaveTextDocumentParams) -> None:
        self.session.changed()
        await self._judge(0)

    async def closed(self, params: types.DidCloseTextDocumentParams) -> None:
        if file := file_of(params.text_document.uri):
            self.session.close(file)
        await self._judge(0)

    async def configured(self, params: types.DidChangeConfigurationParams) -> None:
        given = params.settings
        self.session.configure(given.get("okrcore", given) if isinstance(given, Mapping) else given)
        await self._judge(0)

    def _typed(self, uri: str, text: str) -> None:
        if file := file_of(uri):
            self.addresses[os.path.realpath(file)] = uri
            self.session.type(file, text)

    async def _judge(self, pause: float) -> None:
        """Show faults at once, then findings too; whoever types on in between starts anew."""
        version = self.session.version
        await asyncio.sleep(pause)
        for marks in (self.session.faults, self.session.findings):
            if version != self.session.version:
                return
            found = await asyncio.to_thread(marks)
            if version == self.session.version and (any(found.values()) or marks == self.session.findings):
                self._show(found)

    def _show(self, found: Mapping[str, tuple[EditorMark, ...]]) -> None:
        for file, marks in found.items():
            lines = self._lines(file)
            told = [self._diagnostic(one, lines) for one in marks]
            self.server.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri=self._address(file), diagnostics=told)
            )
        for file in self.marked - set(found):
            gone = types.PublishDiagnosticsParams(uri=self._address(file), diagnostics=[])
            self.server.text_document_publish_diagnostics(gone)
        self.marked = set(found)
        if self.session.trouble != self.told:
            self.told = self.session.trouble
            if self.told:
                shown = types.ShowMessageParams(
                    type=types.MessageType.Warning, message=f"okrcore: {self.told}"
                )
                self.server.window_show_message(shown)

    def _diagnostic(self, mark: EditorMark, lines: TextLines) -> types.Diagnostic:
        return types.Diagnostic(
            range=self._units.range(lines, mark.span(lines)),
            message=mark.message,
            severity=_SEVERITIES[mark.severity],
            code=mark.code or None,
            code_description=types.CodeDescription(href=mark.page) if mark.page else None,
            source="okrcore",
            tags=[types.DiagnosticTag.Unnecessary] if mark.unnecessary else None,
        )

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        found = self._word(params)
        if found is None:
            return None
        (name, span), lines = found
        text = self.session.told(name)
        if not text:
            return None
        content = types.MarkupContent(kind=types.MarkupKind.Markdown, value=text)
        return types.Hover(contents=content, range=self._units.range(lines, span))

    def definition(self, params: types.DefinitionParams) -> types.Location | None:
        found = self._word(params)
        if found is None:
            return None
        (name, _), _ = found
        place = self.session.declared.get(name)
        if place is None:
            return None
        source, one = place
        lines = TextLines(source.text)
        return types.Location(
            uri=self._address(source.name or ""), range=self._units.named(lines, source, one)
        )

    def completion(self, params: types.CompletionParams) -> list[types.CompletionItem] | None:
        text = self.session.texts.get(os.path.realpath(file_of(params.text_document.uri) or ""))
        if text is None:
            return None
        lines = TextLines(text)
        offset = self._units.offset(lines, params.position)
        asked = wanted(text, offset)
        if asked is None:
            return None
        toml = params.text_document.uri.endswith((".toml", ".json"))
        (row, begin), (_, end) = lines.at(asked.begin), lines.at(offset)
        found = []
        for name, (_, one) in sorted(self.session.declared.items()):
            if one.section in asked.parts:
                written = name if asked.quoted else _written(name, toml)
                edit = types.TextEdit(range=self._units.range(lines, Span(row, begin, end)), new_text=written)
                found.append(
                    types.CompletionItem(
                        label=name,
                        detail=one.title or None,
                        kind=types.CompletionItemKind.Reference,
                        filter_text=name,
                        text_edit=edit,
                    )
                )
        return found

    def symbols(self, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        file = file_of(params.text_document.uri)
        source = self.session.document(file) if file else None
        if source is None:
            return []
        lines = TextLines(source.text)
        return [self._units.symbol(lines, source, one) for one in self.session.outline(source)]

    def _word(
        self, params: types.HoverParams | types.DefinitionParams
    ) -> tuple[tuple[str, Span], TextLines] | None:
        """Return the id at a position: the word there."""
        file = file_of(params.text_document.uri)
        text = self.session.texts.get(os.path.realpath(file)) if file else None
        if text is None:
            return None
        lines = TextLines(text)
        word = lines.word(self._units.offset(lines, params.position))
        return None if word is None else (word, lines)

    def _lines(self, file: str) -> TextLines:
        source = self.session.document(file)
        return TextLines(source.text if source else "")

    def _address(self, file: str) -> str:
        return self.addresses.get(os.path.realpath(file)) or from_fs_path(os.path.realpath(file)) or ""


def _written(name: str, always: bool) -> str:
    """Return an id as it stands in a document: in quotes where it would be read as something else."""
    bare = name.replace("-", "").replace("_", "")
    if not always and bare.isascii() and bare.isalnum():
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
