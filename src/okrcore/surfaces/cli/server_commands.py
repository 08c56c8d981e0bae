"""Run the commands that serve other programs at standard input and output: editors, assistants."""

from __future__ import annotations

from argparse import Namespace

from okrcore.errors import MissingExtraError
from okrcore.surfaces.cli.settings import named, settled
from okrcore.surfaces.mcp.assistant_answers import Answers


def lsp(arguments: Namespace) -> None:
    """Serve an editor by the language server protocol, until it ends."""
    try:
        from okrcore.surfaces.lsp.language_server import serve
    except ImportError as error:
        raise MissingExtraError.of("pygls", "lsp") from error
    serve(arguments.as_of)


def mcp(arguments: Namespace) -> None:
    """Serve an assistant by the Model Context Protocol, until it ends, from the files that are named."""
    config = settled(arguments, nearest=False)
    named(config)
    answers = Answers(config=config, as_of=arguments.as_of, known_at=arguments.known_at)
    answers.opened()  # what cannot be read is said at once
    try:
        from okrcore.surfaces.mcp.tool_server import serve
    except ImportError as error:
        raise MissingExtraError.of("mcp", "mcp") from error
    serve(answers)
