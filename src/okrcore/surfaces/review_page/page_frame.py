"""Put the parts of a page into its frame, a template: whatever it prints is escaped where all else is."""

from __future__ import annotations

from importlib.resources import files

from okrcore.display.stylesheet import page_style
from okrcore.display.tags import escaped
from okrcore.errors import MissingExtraError


def framed(frame: str | None, **parts: object) -> str:
    """Return a page of the `parts`, by a template of a host's own or the standard one.

    Raises MissingExtraError where Jinja is missing.
    """
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError:
        raise MissingExtraError.of("jinja2", "report") from None
    standard = (files("okrcore") / "data" / "look" / "page.html.j2").read_text("utf-8")
    environment = Environment(autoescape=False, finalize=escaped, undefined=StrictUndefined)  # noqa: S701
    return environment.from_string(frame or standard).render(style=page_style(), **parts)
