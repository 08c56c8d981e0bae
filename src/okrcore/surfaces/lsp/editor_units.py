"""Turn places in documents into positions of the editor, in its units, and back."""

from __future__ import annotations

import attrs
from lsprotocol import types
from pygls.uris import to_fs_path
from pygls.workspace import PositionCodec

from okrcore.documents.source_text import SourceText
from okrcore.surfaces.lsp.document_outline import Outlined
from okrcore.surfaces.lsp.text_positions import Span, TextLines

_SYMBOLS = {
    "": types.SymbolKind.Namespace,
    "cycles": types.SymbolKind.Event,
    "teams": types.SymbolKind.Package,
    "owners": types.SymbolKind.Interface,
    "objectives": types.SymbolKind.Class,
    "key_results": types.SymbolKind.Property,
    "kpis": types.SymbolKind.Number,
    "initiatives": types.SymbolKind.Module,
    "milestones": types.SymbolKind.Constant,
    "links": types.SymbolKind.Operator,
    "tolerances": types.SymbolKind.Key,
}


@attrs.frozen
class EditorUnits:
    """Counts columns as the editor does: in UTF-8, UTF-16 or UTF-32."""

    codec: PositionCodec

    def offset(self, lines: TextLines, position: types.Position) -> int:
        """Return the offset of a position; the nearest there is where the text has none such."""
        within = types.Position(min(position.line, len(lines.all) - 1), position.character)
        found = self.codec.position_from_client_units(lines.all, within)
        return lines.offset(found.line, found.character)

    def range(self, lines: TextLines, span: Span) -> types.Range:
        """Return the range of a part of one line."""
        return types.Range(
            self.position(lines, span.line, span.begin), self.position(lines, span.line, span.end)
        )

    def position(self, lines: TextLines, row: int, column: int) -> types.Position:
        """Return the position of a line and column, counted from 0 in characters."""
        return types.Position(row, self.codec.client_num_units(lines.all[row][:column]))

    def named(self, lines: TextLines, source: SourceText, one: Outlined) -> types.Range:
        """Return the range of an id; in TOML of the line that holds it."""
        row, column = lines.at(one.id_at)
        return self.range(lines, lines.span(row + 1, column + 1 if source.columns else None))

    def symbol(self, lines: TextLines, source: SourceText, one: Outlined) -> types.DocumentSymbol:
        """Return a definition as the editor outlines it, with all that stands in it."""
        (first, begin), (last, end) = lines.at(one.begin), lines.at(one.end)
        whole = types.Range(self.position(lines, first, begin), self.position(lines, max(last, first), end))
        named = self.named(lines, source, one)
        return types.DocumentSymbol(
            name=one.name or one.section.removesuffix("s") or "?",
            detail=one.title or None,
            kind=_SYMBOLS.get(one.section, types.SymbolKind.Object),
            range=whole if _holds(whole, named) else named,
            selection_range=named,
            children=[self.symbol(lines, source, inner) for inner in one.inner],
        )


def file_of(uri: str) -> str | None:
    """Return the file of an address; None of a text that has no file."""
    try:
        file = to_fs_path(uri) if uri.startswith("file:") else None
    except ValueError:
        return None
    return file if file and "\0" not in file else None


def _holds(outer: types.Range, inner: types.Range) -> bool:
    def key(one: types.Position) -> tuple[int, int]:
        return one.line, one.character

    return key(outer.start) <= key(inner.start) and key(inner.end) <= key(outer.end)
