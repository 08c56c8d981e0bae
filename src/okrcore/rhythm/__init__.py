"""Why a status is what it is, and later who owes what by when."""
