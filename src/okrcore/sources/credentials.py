"""Texts that may hold a password into texts that do not, before they are stamped or raised."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, unquote, urlsplit, urlunsplit

from okrcore.display import one_line

_CREDENTIAL = re.compile(r"://[^/\s'\"@]*:[^/\s'\"]*@|\b(?:password|passwd|pwd|token|secret)\s*[=:]", re.I)
LONGEST = 300


def holds_credential(text: str) -> bool:
    """Say whether a text looks as if it held one.

    >>> holds_credential("postgresql://okr:hunter2@db/erp"), holds_credential("select 1")
    (True, False)
    """
    return _CREDENTIAL.search(text) is not None


def scrubbed(text: object, secrets: Iterable[str]) -> str:
    """Return a text on one line, at most 300 characters, without any of the secrets, however they are quoted.

    >>> scrubbed("no user okr with hunter2", ["hunter2"])
    'no user okr with ***'
    """
    words = one_line(str(text))
    forms = {
        form for one in secrets if one for form in (one, quote(one), quote(one, safe=""), quote_plus(one))
    }
    for form in sorted(forms, key=len, reverse=True):
        words = words.replace(form, "***")
    words = re.sub(r"://[^/\s@]*@", "://", words)
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 3]}..."


def bare_url(url: str) -> str:
    """Return a URL without user, password, query and fragment.

    >>> bare_url("https://okr:hunter2@metrics.example:9090/prometheus?token=x")
    'https://metrics.example:9090/prometheus'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "a URL that cannot be read"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def secrets_of_url(url: str) -> tuple[str, ...]:
    """Return what must not be shown of a URL: its user information, as written and as meant."""
    try:
        netloc = urlsplit(url).netloc
    except ValueError:
        return (url,)
    given, sign, _ = netloc.rpartition("@")
    if not sign:
        return ()
    password = given.partition(":")[2]
    return tuple(dict.fromkeys(one for one in (given, password, unquote(password)) if one))
