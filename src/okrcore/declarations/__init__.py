"""Declarations: what was declared, when and by whom, and what loosened a goal."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "declarations.amendment": "Amendment AmendmentKind",
        "declarations.comparison": "compare_portfolios",
        "declarations.judgements": "JUDGEMENTS",
        "declarations.versions": "Declarations Version",
    },
)
