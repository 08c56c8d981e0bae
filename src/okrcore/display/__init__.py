"""Show tables and short texts in notebooks and terminals: escaped once, here."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "display.drawing": "bar mark outline spark stroke tone",
        "display.notebook": "card fragment",
        "display.numbers": "apart between effect figure number percent points",
        "display.rows": "Rows TableRow",
        "display.table": "TableColumn Table",
        "display.tabular": "Tabular",
        "display.text": "brief cell clipped counted grid indented no_command one_line plain width wrapped",
        "display.time_texts": "deadline short_day time_left weekday",
        "display.value_words": "worded worded_change",
    },
)
