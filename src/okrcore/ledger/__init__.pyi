"""Ledgers: observations, entries and declarations in one file that survives a crash."""

from okrcore.ledger.ledger import Ledger as Ledger
from okrcore.ledger.ledger import verify_ledger as verify_ledger
