"""A URL into the bytes of its answer: http and https only, one host, in bounded time and size."""

from __future__ import annotations

import base64
import http.client
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
    """Return what a GET (with a `form`: a POST) of a URL gives, read within `timeout` seconds in all.

    User and password of the URL, or a bearer token, go into a header. Proxies that the environment names
    are not used. A redirect to another scheme, host or port is refused. Raises HistoryError,
    which shows no credential.
    """
    parts = urlsplit(url)
    secrets = (*secrets_of_url(url), token)
    head = {"Accept": "application/json", "User-Agent": "okrcore"}
    user, sign, host = parts.netloc.rpartition("@")
    if sign:
        pair = ":".join(unquote(one) for one in user.split(":", 1))
        head["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    elif token:
        head["Authorization"] = f"Bearer {token}"
    plain = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    deadline = time.monotonic() + timeout
    failed: str
    try:
        request = urllib.request.Request(plain, data=form, headers=head)  # noqa: S310 - the opener knows http only
        try:
            answer = _opener().open(request, timeout=timeout)
        except urllib.error.HTTPError as error:
            if 300 <= error.code < 400:
                error.close()
                raise
            answer = error
        with answer:
            return HttpAnswer(status=answer.status, body=_read(answer, deadline, most_bytes, bare_url(url)))
    except HistoryError:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        failed = f"{type(error).__name__}: {scrubbed(reason, secrets)}"
    raise HistoryError(f"{bare_url(url)} cannot be read ({failed}); look at the address and the server")


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
    if parts.query or parts.fragment:
        return "url has a query or fragment; give the address of the server only"
    return None


def _read(answer: Any, deadline: float, most: int, url: str) -> bytes:
    pieces, size = [], 0
    while piece := answer.read1(PIECE):
        size += len(piece)
        if size > most:
            raise HistoryError(
                f"{url} answers with more than {most} bytes; ask for less, or raise most_bytes"
            )
        if time.monotonic() > deadline:
            raise HistoryError(f"{url} takes too long to answer; ask for less, or raise timeout")
        pieces.append(piece)
    expected = answer.headers.get("Content-Length")
    if expected is not None and expected.isdigit() and int(expected) != size:
        raise HistoryError(f"{url} answers with {size} bytes of {expected}: the answer is cut; try again")
    return b"".join(pieces)


class _SameHost(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if (old.scheme, old.netloc) != (new.scheme, new.netloc):
            fp.close()
            raise HistoryError(
                f"{bare_url(req.full_url)} redirects to another host, {bare_url(newurl)};"
                " if that is right, give its address"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _SameHost(),
    ):
        opener.add_handler(handler)
    return opener
