"""Record observations and answers: columns of observations, their hash chain, a ledger, a journal."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "history.observation": "Observation",
        "history.history": "History",
        "history.results": "Series Restatement Verification",
        "history.entry": "Entry Change",
        "history.journal": "Journal",
        "history.periods": "gridded PeriodValues",
        "history.derivation": "derive",
        "history.reconciliation": "reconcile Reconciliation ReconciledPeriod",
    },
)
