"""What was observed and answered: columns of observations, their chain of hashes, a ledger, a journal."""
