"""Show tables and short texts in notebooks and terminals: escaped once, here."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "display.drawing": "bar mark outline outline_html spark stroke",
        "display.table": "TableColumn Table",
        "display.text": """apart cell clipped counted figure grid indented no_command number one_line percent
            plain width wrapped""",
    },
)
