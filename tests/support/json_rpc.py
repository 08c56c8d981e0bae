"""A client of the language server protocol, as small as can be: a process, and messages with a head each."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import LIBRARY

CALL = "import sys; from okrcore.surfaces.cli.main import main; sys.exit(main(sys.argv[1:]))"
WAIT = 45.0


class Client:
    """Speaks to `okrcore lsp` over its standard input and output."""

    def __init__(self, folder: Path, *arguments: str, options: Any = None, encodings: Any = None) -> None:
        pytest.importorskip("pygls", reason="pygls is not installed")
        environment = {**os.environ, "PYTHONPATH": str(LIBRARY)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", CALL, "lsp", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment,
        )
        self.count = 0
        self.messages: queue.Queue[Any] = queue.Queue()
        self.kept: list[Any] = []
        self.diagnostics: dict[str, list[Any]] = {}
        self.shown: list[str] = []
        self.versions: dict[str, int] = {}
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._drain, daemon=True).start()
        general = {} if encodings is None else {"general": {"positionEncodings": encodings}}
        self.server = self.ask(
            "initialize",
            processId=os.getpid(),
            rootUri=folder.as_uri(),
            capabilities=general,
            initializationOptions=options,
        )
        self.tell("initialized")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            try:
                self.ask("shutdown")
                self.tell("exit")
                self.process.wait(WAIT)
            finally:
                self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def send(self, body: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.process.stdin.flush()

    def tell(self, method: str, **params: Any) -> None:
        self.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    def ask(self, method: str, **params: Any) -> Any:
        """Return the result of a request; an error is an assertion."""
        self.count += 1
        number = self.count
        self.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode())
        while (message := self._next()).get("id") != number or "method" in message:
            self._take(message)
        assert "error" not in message, message
        return message["result"]

    def open(self, file: Path, text: str | None = None) -> str:
        """Open a document, with a text other than its file holds where one is given."""
        uri = file.as_uri()
        text = file.read_text("utf-8") if text is None else text
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=document)
        return uri

    def type(self, uri: str, text: str) -> None:
        self.versions[uri] = self.versions.get(uri, 1) + 1
        self.tell(
            "textDocument/didChange",
            textDocument={"uri": uri, "version": self.versions[uri]},
            contentChanges=[{"text": text}],
        )

    def at(self, method: str, uri: str, line: int, character: int) -> Any:
        """Return the answer to a question about a position."""
        place = {"line": line, "character": character}
        return self.ask(f"textDocument/{method}", textDocument={"uri": uri}, position=place)

    def until(self, uri: str, holds: Any) -> list[Any]:
        """Return the diagnostics of a document once they are as `holds` says."""
        while uri not in self.diagnostics or not holds(self.diagnostics[uri]):
            self._take(self._next())
        return self.diagnostics[uri]

    def told(self, words: str) -> str:
        """Return the next message to the user that holds some words."""
        while not any(words in one for one in self.shown):
            self._take(self._next())
        return next(one for one in self.shown if words in one)

    def _take(self, message: Any) -> None:
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "window/showMessage":
            self.shown.append(message["params"]["message"])

    def _next(self) -> Any:
        return self.messages.get(timeout=WAIT)

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while head := stream.readline():
            length = 0
            while head.strip():
                name, _, value = head.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                head = stream.readline()
            self.messages.put(json.loads(stream.read(length)))

    def _drain(self) -> None:
        stream = self.process.stderr
        assert stream is not None
        self.errors = b""
        while piece := stream.readline():
            self.errors += piece
