"""Declarations: what was declared, when and by whom, and what loosened a goal."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "declarations.amendment": "Amendment AmendmentKind",
        "declarations.amendments": "compare_portfolios",
        "declarations.judgements": "JUDGEMENTS",
        "declarations.declared_versions": "Declarations",
        "declarations.version": "Version",
    },
)
