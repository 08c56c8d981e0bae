"""Ledgers: observations, entries and declarations in one file that survives a crash."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(__name__, {"ledger.ledger": "Ledger verify_ledger"})
