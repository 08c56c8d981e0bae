"""Fetch the bytes that a URL answers with: http and https only, one host, in bounded time and size."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import threading
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import attrs

from okrcore.errors import HistoryError
from okrcore.sources.credentials import bare_url, scrubbed, secrets_of_url

PIECE = 1 << 16


@attrs.frozen(kw_only=True)
class HttpAnswer:
    """The status and body of an answer, whether it is a good one or not."""

    status: int
    body: bytes = attrs.field(repr=False)


def fetch(
    url: str,
    form: bytes | None = None,
    *,
    token: str = "",
    timeout: float = 30.0,
    most_bytes: int = 64_000_000,
) -> HttpAnswer:
    """Return what a GET (with a `form`: a POST) of a URL gives, within `timeout` seconds in all.

    The time covers connecting, redirects, headers and body. User and password of the URL, or a bearer token,
    go into a header. Proxies that the environment names are not used. A redirect to another scheme, host or
    port is refused. Raises HistoryError, which shows no credential.
    """
    parts = urlsplit(url)
    secrets = (*secrets_of_url(url), token)
    user, sign, host = parts.netloc.rpartition("@")
    plain = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    head = {"Accept": "application/json", "User-Agent": "okrcore", **_authorization(user, sign, token)}
    failed: str
    with _Clock(timeout) as clock:
        try:
            request = urllib.request.Request(plain, data=form, headers=head)  # noqa: S310 - the opener knows http only
            answer = _answer(_opener(clock, secrets).open(request, timeout=timeout), most_bytes, url)
            if not clock.over:
                return answer
            failed = ""
        except urllib.error.HTTPError as error:
            with error:
                failed = _reason(error, secrets)
        except HistoryError:
            if not clock.over:
                raise
            failed = ""
        except (OSError, http.client.HTTPException, ValueError) as error:
            failed = _reason(error, secrets)
    if clock.over:
        raise HistoryError(f"{bare_url(url)} takes too long to answer; ask for less, or raise timeout")
    raise HistoryError(f"{bare_url(url)} cannot be read ({failed}); look at the address and the server")


def _authorization(user: str, sign: str, token: str) -> dict[str, str]:
    if sign:
        pair = ":".join(unquote(one) for one in user.split(":", 1))
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    if not token.strip():
        return {}
    if not all("\x20" < letter < "\x7f" for letter in token.strip()):
        raise HistoryError("the token holds what no header takes (a blank or line end?); copy it again")
    return {"Authorization": f"Bearer {token.strip()}"}


def _reason(error: Exception, secrets: tuple[str, ...]) -> str:
    return f"{type(error).__name__}: {scrubbed(getattr(error, 'reason', None) or error, secrets)}"


def check_url(url: object) -> str | None:
    """Return why a URL is none to fetch from, without saying it; None where it is good."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        good = parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts and parts.port
    except ValueError:
        good = False
    if not good:
        return "url is none; give one that begins with http:// or https:// and names a host"
    assert parts is not None
    if "@" in parts.path:
        return "url has an @ behind its host; write a / in a password as %2F, and an @ in a path as %40"
    if parts.query or parts.fragment:
        return "url has a query or fragment; give the address of the server only"
    return None


def _answer(answer: Any, most: int, url: str) -> HttpAnswer:
    with answer:
        pieces, size = [], 0
        while piece := answer.read1(PIECE):
            size += len(piece)
            if size > most:
                raise HistoryError(
                    f"{bare_url(url)} answers with more than {most} bytes; ask for less, or raise most_bytes"
                )
            pieces.append(piece)
        expected = answer.headers.get("Content-Length")
        if expected is not None and expected.isdigit() and int(expected) != size:
            raise HistoryError(
                f"{bare_url(url)} answers with {size} bytes of {expected}: the answer is cut; try again"
            )
        return HttpAnswer(status=answer.status, body=b"".join(pieces))


@attrs.define(eq=False)
class _Clock:
    """Ends every connection of an exchange when its time is over, whatever it is waiting for."""

    seconds: float
    over: bool = False
    sockets: list[socket.socket] = attrs.Factory(list)
    _timer: threading.Timer = attrs.field(init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)
    _end: float = attrs.field(init=False)

    def __enter__(self) -> _Clock:
        self._end = time.monotonic() + self.seconds
        self._timer = threading.Timer(self.seconds, self._ring)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def left(self) -> float:
        return max(self._end - time.monotonic(), 0.001)

    def watch(self, opened: socket.socket) -> None:
        with self._lock:
            self.sockets.append(opened)
            if self.over:
                _shut(opened)

    def _ring(self) -> None:
        with self._lock:
            self.over = True
            for opened in self.sockets:
                _shut(opened)


def _shut(opened: socket.socket) -> None:
    """End a connection under whoever reads it; closing it would give its number away while it is read."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(opened, socket.SHUT_RDWR)


def _watched(kind: type[http.client.HTTPConnection], clock: _Clock) -> Any:
    class Watched(kind):  # type: ignore[misc,valid-type]
        def connect(self) -> None:
            self.timeout = clock.left()
            super().connect()
            clock.watch(self.sock)

    return Watched


class _Http(urllib.request.HTTPHandler):
    def __init__(self, clock: _Clock) -> None:
        super().__init__()
        self.clock = clock

    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_watched(http.client.HTTPConnection, self.clock), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, clock: _Clock) -> None:
        super().__init__()
        self.clock = clock

    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_watched(http.client.HTTPSConnection, self.clock), req)


class _SameHost(urllib.request.HTTPRedirectHandler):
    def __init__(self, secrets: tuple[str, ...]) -> None:
        self.secrets = secrets

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if (old.scheme, old.netloc) != (new.scheme, new.netloc):
            fp.close()
            raise HistoryError(
                f"{bare_url(req.full_url)} redirects to another host,"
                f" {scrubbed(bare_url(newurl), self.secrets)}; if that is right, give its address"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _AnyStatus(urllib.request.HTTPErrorProcessor):
    """Gives an answer of a bad status as it is; only redirects are looked at."""

    def http_response(self, request: Any, response: Any) -> Any:
        if 300 <= response.status < 400:
            return super().http_response(request, response)
        return response

    https_response = http_response


def _opener(clock: _Clock, secrets: tuple[str, ...]) -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()
    for handler in (
        _Http(clock),
        _Https(clock),
        urllib.request.HTTPDefaultErrorHandler(),
        _AnyStatus(),
        _SameHost(secrets),
    ):
        opener.add_handler(handler)
    return opener
