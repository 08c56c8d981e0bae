"""Use a dataframe as a history without moving it: the engine selects and reduces, few rows come back."""
