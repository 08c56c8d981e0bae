"""Put the parts of a page into its frame, a template: whatever it prints is escaped where all else is."""

from __future__ import annotations

from importlib.resources import files

from okrcore.display.stylesheet import page_style
from okrcore.display.tags import escaped
from okrcore.errors import DefinitionError, MissingExtraError


def framed(frame: str | None, **parts: object) -> str:
    """Return a page of the `parts`, by a template of a host's own or the standard one.

    Raises MissingExtraError where Jinja is missing, DefinitionError for a `frame` that cannot be drawn.
    """
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError:
        raise MissingExtraError.of("jinja2", "report") from None
    standard = (files("okrcore") / "data" / "look" / "page.html.j2").read_text("utf-8")
    environment = Environment(autoescape=False, finalize=escaped, undefined=StrictUndefined)  # noqa: S701
    try:
        return environment.from_string(frame or standard).render(style=page_style(), **parts)
    except Exception as error:
        if frame is None:
            raise
        raise DefinitionError(
            f"frame cannot be drawn ({type(error).__name__}: {error}), but must be a Jinja template of"
            f" the names {', '.join(['style', *parts])}; correct it, or leave it out"
        ) from error
