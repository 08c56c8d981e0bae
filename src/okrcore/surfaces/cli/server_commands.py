"""Run the commands that serve other programs at standard input and output: editors, assistants."""

from __future__ import annotations

from argparse import Namespace

from okrcore.errors import MissingExtraError


def lsp(arguments: Namespace) -> None:
    """Serve an editor by the language server protocol, until it ends."""
    try:
        from okrcore.surfaces.lsp.language_server import serve
    except ImportError as error:
        raise MissingExtraError.of("pygls", "lsp") from error
    serve(arguments.as_of)
