"""A dataframe that stays on its engine as a history: the engine selects and reduces, few rows come back."""
