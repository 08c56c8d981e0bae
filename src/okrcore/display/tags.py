"""Make HTML, the one place that does: every text is escaped here, and every coordinate rounded."""

from __future__ import annotations

import html
from collections.abc import Iterable

from okrcore.display.text import one_line

_EMPTY = frozenset({"br", "circle", "line", "path", "rect"})


class Html(str):
    """Text that is HTML already, since `tag` made it; any other text is escaped."""

    __slots__ = ()


Child = str | None | Iterable["str | None"]
"""What stands in an element: a text, elements, or None for nothing."""


def escaped(text: object) -> Html:
    """Return a text as HTML that shows it; HTML stays. Control and bidi characters become blanks.

    >>> escaped("5 < 6"), escaped("ab\\u202ecd")
    ('5 &lt; 6', 'ab cd')
    """
    return text if isinstance(text, Html) else Html(html.escape(one_line(str(text))))


def tag(name: str, *children: Child, **attributes: object) -> Html:
    """Return an element with its children, each escaped where it is not HTML.

    An attribute loses a "_" at its end, others become "-"; None, False and "" leave it out, True gives its
    name alone. Floats are rounded to a tenth, as those in a list are, which is written without gaps.
    Raises ValueError for a link that leaves the page.

    >>> tag("p", "5 < 6 ", tag("b", "no"), class_="note")
    '<p class="note">5 &lt; 6 <b>no</b></p>'
    >>> tag("path", d=["M", 1 / 3, " ", 2.0])
    '<path d="M0.3 2"/>'
    """
    written = "".join(
        _attribute(key.removesuffix("_").replace("_", "-"), value)
        for key, value in attributes.items()
        if value is not None and value is not False and value != ""
    )
    if name in _EMPTY:
        return Html(f"<{name}{written}/>")
    return Html(f"<{name}{written}>{joined(*children)}</{name}>")


def joined(*children: Child, by: str = "") -> Html:
    """Return children one after another, `by` between them, each escaped where it is not HTML."""
    parts: list[str] = []
    for child in children:
        if isinstance(child, str):
            parts.append(escaped(child))
        elif child is not None:
            parts += [escaped(one) for one in child if one is not None]
    return Html(escaped(by).join(parts))


def _attribute(key: str, value: object) -> str:
    if value is True:
        return f" {key}"
    text = "".join(map(_written, value)) if isinstance(value, (list, tuple)) else _written(value)
    if key in ("href", "src", "action") and not text.startswith("#"):
        raise ValueError(f"{key} is {text!r}, but must be a place on the page; begin it with #")
    return f' {key}="{escaped(text)}"'


def _written(value: object) -> str:
    return f"{round(value, 1) + 0.0:g}" if isinstance(value, float) else str(value)
