"""Keep credentials out of what is stamped, shown or raised: find texts that hold one, and take it out."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus, unquote, urlsplit, urlunsplit

from okrcore.display import one_line

_KEY = (
    r"(?:password|passwd|pwd|token|secret|api[_-]?key|access[_-]?key|key[_-]?id|authorization|credentials?)"
)
_USER_INFO = re.compile(r"://[^/\s'\"@]*:[^/\s'\"]*@")
_PAIR = re.compile(rf"\b(?:\w+[_-])?{_KEY}(?:[_-]\w+)?\s*[=:]", re.I)
_PARAMETER = re.compile(rf"://\S*[?&;](?:\w+[_-])?{_KEY}(?:[_-]\w+)?=[^&\s'\"]", re.I)
_LITERAL = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"|\$(\w*)\$(.*?)\$\3\$", re.DOTALL)
_SETTING = re.compile(rf"\b{_KEY}\s*=\s*[^\s;=]", re.I)
_PLACE = re.compile(
    r"\b(?:host|hostaddr|server|user|uid|user id|dbname|database|port|driver|data source)\s*=", re.I
)
_BEARER = re.compile(
    r"\bauthorization\b\W+(?:bearer|basic)?\s*\S|\b(?:bearer|basic)\s+[\w.~+/-]{8,}=*\s*$", re.I
)
_SECRET = re.compile(r"\bcreate\s+(?:or\s+replace\s+)?(?:temporary\s+|persistent\s+)?secret\b", re.I)
LONGEST = 300
FIRST = 10_000
"""So many characters of a foreign text are looked at."""
SHORTEST_PART = 8
"""So much of a secret that begins a cut one is taken out too."""


def holds_credential(text: str) -> bool:
    """Say whether the text of a connection looks as if it held one.

    >>> holds_credential("postgresql://okr:hunter2@db/erp"), holds_credential("host=db dbname=erp")
    (True, False)
    """
    return bool(_USER_INFO.search(text) or _PAIR.search(text))


def query_holds_credential(text: str) -> bool:
    """Say whether a query looks as if it held one: in a URL, a header, or the text of a connection.

    A column or label that is called password or token is none.

    >>> query_holds_credential("select * from users where password = 'reset'")
    False
    >>> query_holds_credential("select * from postgres_scan('host=db password=hunter2', 'facts')")
    True
    """
    if _USER_INFO.search(text) or _PARAMETER.search(text) or _SECRET.search(text):
        return True
    for found in _LITERAL.finditer(text):
        literal = next((part for part in (found[1], found[2], found[4]) if part), "")
        if _BEARER.search(literal) or (_SETTING.search(literal) and _PLACE.search(literal)):
            return True
    return False


def scrubbed(text: object, secrets: Iterable[str]) -> str:
    """Return a text on one line, at most 300 characters, without any of the secrets.

    They are found as they are, quoted as in a URL, as Python shows them, in base64, and cut off.

    >>> scrubbed("no user okr with hunter2", ["hunter2"]), scrubbed("b'Bearer hunter2\\\\n'", ["hunter2\\n"])
    ('no user okr with ***', "b'Bearer ***'")
    """
    words = one_line(str(text)[:FIRST])
    for form in sorted({form for one in secrets if one for form in _forms(one)}, key=len, reverse=True):
        words = _without(words.replace(form, "***"), form)
    words = re.sub(r"://[^/\s@]*@", "://", words)
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 3]}..."


def _forms(secret: str) -> Iterator[str]:
    """Yield the texts that a secret can stand in a message as."""
    for one in (secret, secret.strip()):
        if not one:
            continue
        data = one.encode("utf-8", "surrogatepass")
        yield from (one, quote(data), quote(data, safe=""), quote_plus(data), one_line(one))
        yield from (repr(one)[1:-1], repr(data)[2:-1], ascii(one)[1:-1])
        for coded in (base64.b64encode(data), base64.urlsafe_b64encode(data)):
            yield from (coded.decode(), coded.decode().rstrip("="))


def _without(words: str, form: str) -> str:
    """Return a text without the beginnings of a secret that was cut."""
    start = form[:SHORTEST_PART]
    if len(start) < SHORTEST_PART:
        return words
    at = words.find(start)
    while at >= 0:
        size = next(
            (n for n, (one, other) in enumerate(zip(words[at:], form, strict=False)) if one != other),
            min(len(form), len(words) - at),
        )
        words = f"{words[:at]}***{words[at + size :]}"
        at = words.find(start, at + 3)
    return words


def bare_url(url: str) -> str:
    """Return a URL without user, password, query and fragment.

    >>> bare_url("https://okr:hunter2@metrics.example:9090/prometheus?token=x")
    'https://metrics.example:9090/prometheus'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "a URL that cannot be read"
    if "@" in parts.path:  # a password with a slash in it would be taken for host and path
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
    return tuple(dict.fromkeys(one for one in (given, unquote(given), password, unquote(password)) if one))
