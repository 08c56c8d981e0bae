"""Which initiatives to fund: a mixed-integer program over a portfolio, solved exactly (S19)."""
